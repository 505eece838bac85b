//! How connections are set up. Every setting that is not SQLite's own default is here.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Result};

/// How long to wait for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Distinct SQL texts per connection; each is parsed once.
const STATEMENTS: usize = 64;
/// Pages of log (4 KiB each) after which it is copied back: about eight chunks, so that
/// the file is not synced at every commit.
const CHECKPOINT_PAGES: u32 = 4096;
/// Bytes the log keeps once it was copied back.
const LOG_LIMIT: u32 = 64 << 20;
/// Page cache of the writer, in KiB (negative by SQLite's convention).
const WRITER_CACHE: i32 = -16_384;

/// A connection that may write. The file must exist; it is not changed by this.
pub(crate) fn writable(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    // Statement journals would leave pieces of text in files of the temporary folder.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", WRITER_CACHE)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", LOG_LIMIT)?;
    Ok(connection)
}

/// A connection that only reads.
pub(crate) fn readable(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}
