use rusqlite::Connection;

use crate::decode::key;
use crate::snapshot::stored_row;
use crate::{Change, Snapshot, StoreError};

/// Both halves come in order from an index, so that merging them needs no memory.
pub(crate) const STEPS: &str = "
    SELECT changed_at, row, NULL, NULL FROM record WHERE changed_at > ?1
    UNION ALL
    SELECT version, row, source, id FROM deletion WHERE version > ?1
    ORDER BY 1, 2";

impl Snapshot {
    /// Calls `each` with what changed after `version` of the store, in the order of versions
    /// and rows within them: each record once, as it is now, and each row that was deleted.
    /// `since` 0 gives everything. An error of `each` ends the stream and is returned.
    ///
    /// # Errors
    /// Those of `each`, and those of [`Snapshot`].
    pub fn changes_since<E: From<StoreError>>(
        &self,
        since: u64,
        each: &mut dyn FnMut(Change) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut stopped = None;
        let read = self.read(|connection| {
            stream(connection, since, &mut |change| match each(change) {
                Ok(()) => true,
                Err(error) => {
                    stopped = Some(error);
                    false
                }
            })
        });
        read?;
        stopped.map_or(Ok(()), Err)
    }
}

/// Calls `go_on` with each change until it answers `false`.
fn stream(
    connection: &Connection,
    since: u64,
    go_on: &mut dyn FnMut(Change) -> bool,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(STEPS)?;
    let mut steps = statement.query([since])?;
    while let Some(step) = steps.next()? {
        let row = step.get(1)?;
        let change = match step.get_ref(2)?.as_str_or_null()? {
            Some(_) => Some(Change::Delete {
                row,
                key: key(step, 2)?,
            }),
            None => stored_row(connection, row)?.map(|stored| Change::Upsert(Box::new(stored))),
        };
        if let Some(change) = change
            && !go_on(change)
        {
            break;
        }
    }
    Ok(())
}
