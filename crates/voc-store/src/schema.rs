//! Creating the schema and bringing older ones up to date.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};
use tempfile::NamedTempFile;

use crate::key::folder_of;
use crate::{StoreError, connection};

/// One SQL text per schema version, in order. A released one is never edited.
const MIGRATIONS: [&str; 1] = [include_str!("schema/0001_initial.sql")];

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
