use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use rusqlite::Connection;

use crate::{Snapshot, StoreError, Writer, connection, schema};

/// Read connections kept for the next snapshot; more are opened and closed as needed.
const IDLE_READERS: usize = 4;

/// A store that was opened. Clones share its readers.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    has_writer: AtomicBool,
}

impl Store {
    /// Opens the store at `path`, creating it (mode 0600) or bringing an older schema up to
    /// date. Checks that the file is a store and not cut short; [`Snapshot::verify`] checks
    /// every page.
    ///
    /// # Errors
    /// [`StoreError::NotAStore`], [`StoreError::NewerSchema`], [`StoreError::Corrupt`],
    /// [`StoreError::NotWritable`], [`StoreError::Busy`] or [`StoreError::File`] where the
    /// folder is missing.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        schema::create(path)?;
        let sqlite = |error| StoreError::sqlite(path, error);
        let mut connection = connection::writable(path).map_err(sqlite)?;
        schema::migrate(&mut connection, path)?;
        let state = connection.query_row("SELECT version FROM store", [], |_| Ok(()));
        state.map_err(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => {
                let detail = "its version is missing".to_owned();
                StoreError::Corrupt {
                    path: path.to_owned(),
                    detail,
                }
            }
            other => sqlite(other),
        })?;
        Ok(Self {
            shared: Arc::new(Shared {
                path: path.to_owned(),
                idle: Mutex::new(Vec::new()),
                has_writer: AtomicBool::new(false),
            }),
        })
    }

    /// Where the store is.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// The writer, which counts facts on days of `zone`. There is one per store and process
    /// at a time; share it.
    ///
    /// # Errors
    /// [`StoreError::WriterInUse`] while another one lives, [`StoreError::TimeZoneMismatch`]
    /// if the store counts days in another zone, [`StoreError::TimeZoneUnnamed`], or that
    /// the file cannot be opened.
    pub fn writer(&self, zone: TimeZone) -> Result<Writer, StoreError> {
        if self.shared.has_writer.swap(true, Ordering::AcqRel) {
            return Err(StoreError::WriterInUse {
                path: self.path().to_owned(),
            });
        }
        Writer::start(WriterSlot(self.clone()), zone)
    }

    /// The store as it is now, unchanged by whatever is written later.
    ///
    /// # Errors
    /// That the file cannot be read.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Snapshot::begin(self.clone())
    }

    /// A read connection of the pool, or a new one.
    pub(crate) fn reader(&self) -> rusqlite::Result<Connection> {
        match self.idle().pop() {
            Some(connection) => Ok(connection),
            None => connection::readable(self.path()),
        }
    }

    /// Takes read connections back into the pool.
    pub(crate) fn give_back(&self, readers: &mut Vec<Connection>) {
        let mut idle = self.idle();
        idle.append(readers);
        idle.truncate(IDLE_READERS);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // Nothing that holds the lock can leave the list half changed.
        self.shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.shared.path)
            .finish_non_exhaustive()
    }
}

/// The right to be the store's one writer in this process; given back on drop.
#[derive(Debug)]
pub(crate) struct WriterSlot(Store);

impl WriterSlot {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for WriterSlot {
    fn drop(&mut self) {
        self.0.shared.has_writer.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
