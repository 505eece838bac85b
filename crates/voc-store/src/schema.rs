//! Creating the schema and bringing older ones up to date.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};
use tempfile::NamedTempFile;

use crate::key::folder_of;
use crate::{StoreError, connection};

/// One SQL text per schema version, in order. A released one is never edited.
const MIGRATIONS: [&str; 3] = [
    include_str!("schema/0001_initial.sql"),
    include_str!("schema/0002_corrections.sql"),
    include_str!("schema/0003_audits.sql"),
];

/// The newest schema this program knows: the number of migrations.
const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Marks a file as ours in the SQLite header: `VoCP`.
const APPLICATION_ID: u32 = 0x566F_4350;

/// Creates a store at `path` that only its owner can read, unless the name is taken. It is
/// made under another name and moved into place, so that whoever opens `path` meanwhile, or
/// after a power loss, finds a whole store or none. SQLite gives log and shared-memory
/// files the same mode.
pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::file("create the store", path)(error);
    if path.try_exists().map_err(failed)? {
        return Ok(());
    }
    let folder = folder_of(path);
    let draft = NamedTempFile::new_in(folder).map_err(failed)?;
    fill(draft.path()).map_err(|error| StoreError::sqlite(path, error))?;
    match draft.persist_noclobber(path) {
        Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(other) => Err(failed(other.error)),
        Ok(_) => File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed),
    }
}

/// Makes an empty file a store.
fn fill(path: &Path) -> rusqlite::Result<()> {
    let mut connection = connection::writable(path)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    apply_missing(&mut connection)?;
    // Last, so that no log is left beside the draft.
    connection.pragma_update(None, "journal_mode", "WAL")
}

/// Brings the store to the newest schema. A file that is not a store is left untouched.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let sqlite = |error| StoreError::sqlite(path, error);
    let application_id: u32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(sqlite)?;
    if application_id != APPLICATION_ID {
        return Err(StoreError::NotAStore {
            path: path.to_owned(),
        });
    }
    let found = user_version(connection).map_err(sqlite)?;
    if found > KNOWN {
        return Err(StoreError::NewerSchema {
            path: path.to_owned(),
            found,
            known: KNOWN,
        });
    }
    // A copy made by SQLite's VACUUM INTO is not in this mode.
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .map_err(sqlite)?;
    if found < KNOWN {
        apply_missing(connection).map_err(sqlite)?;
    }
    Ok(())
}

fn user_version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn apply_missing(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again under the write lock: another process may have migrated meanwhile.
    let from = user_version(&transaction)?;
    for (sql, version) in MIGRATIONS.iter().zip(1..=KNOWN).skip(from as usize) {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version)?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    /// A store as the first release made it, with a record in it.
    const RECORD: &str = r#"
        UPDATE store SET version = 1;
        INSERT INTO record VALUES (1, 'shop', '1', zeroblob(32), NULL, 'm1', 't1', 1);
        INSERT INTO vector VALUES (1, x'0000803f01');
        INSERT INTO document VALUES (1,
            '{"id":"1","source":"shop","channel":"review","created_at":"2026-08-03T12:00:00Z","text":"rotta"}',
            '{"lang":{"code":"it","confidence":1.0},"kinds":[],"sentiment":{"label":"neutral","score":0.0},"urgency":0,"touchpoint":null,"mentions":[],"pii":[],"promises":[],"model":"m1","taxonomy":"t1"}');
        INSERT INTO record_fact (row, day, channel, language, prospect, kinds, sentiment, urgency)
            VALUES (1, '2026-08-03', 'review', 'it', 0, '[]', 'neutral', 0);
        INSERT INTO day_channel_language VALUES ('2026-08-03', 'review', 'it', 1);
        INSERT INTO source_language VALUES ('shop', 'it', 1);"#;

    #[test]
    fn a_store_of_the_first_schema_is_brought_up_to_date_with_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("voc.db");
        let old = Connection::open(&path).unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        old.execute_batch(MIGRATIONS[0]).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        old.execute_batch(RECORD).unwrap();
        drop(old);

        let now = Store::open(&path).unwrap().snapshot().unwrap();
        now.verify().unwrap();
        let stored = now.record(&crate::sample::key("1")).unwrap().unwrap();
        assert_eq!(stored.annotation.sentiment.label.as_str(), "neutral");
        now.corrected(&mut |_| panic!("nothing was corrected"))
            .unwrap();
        let version = user_version(&Connection::open(&path).unwrap()).unwrap();
        assert_eq!(version, KNOWN);
    }
}
