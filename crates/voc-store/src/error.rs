use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;
use voc_core::{CoreError, RecordKey, SourceId};

use crate::{AuditId, RunId};

/// What can go wrong with a store, its key or its lock.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file could not be read, written or created.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried, e.g. `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A key file that does not hold 32 bytes.
    #[error(
        "the key {} holds {found} bytes instead of 32; restore it from a backup (a new key \
         would make every customer look new)",
        path.display()
    )]
    KeySize {
        /// The key file.
        path: PathBuf,
        /// Its size in bytes.
        found: usize,
    },
    /// A key file that other users of the machine may read or write.
    #[error(
        "the key {} is open to other users (mode {mode:03o}); run: chmod 600 '{}'",
        path.display(), path.display()
    )]
    KeyPermissions {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another process holds the run lock.
    #[error(
        "another `voc run` is going on (process {pid}, lock {}); wait for it to end",
        path.display()
    )]
    RunLocked {
        /// The lock file.
        path: PathBuf,
        /// The process id it wrote there, or `unknown`.
        pid: String,
    },
    /// The file is not a store of VoC Pulse.
    #[error("{} is not a VoC Pulse store; name another file as `store`", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// The store was written by a newer version of the program.
    #[error(
        "the store {} has schema {found}, this program knows up to {known}; install the \
         newer `voc` that wrote it",
        path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Schema of the file.
        found: u32,
        /// Newest schema this program knows.
        known: u32,
    },
    /// The file is damaged.
    #[error(
        "the store {} is damaged ({detail}); put a backup of the file in its place",
        path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// No space is left; the transaction was undone.
    #[error(
        "no space left for the store {}; nothing of this step was written. Free some space \
         and run again",
        path.display()
    )]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// Another process wrote for longer than the time we wait; the transaction was undone.
    #[error(
        "the store {} is being written by another process; nothing of this step was \
         written. Let the other one end and run again",
        path.display()
    )]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened for writing.
    #[error(
        "cannot write the store {}; check that it is a file, and that this user may write \
         it and its folder",
        path.display()
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
    },
    /// Anything else that SQLite says.
    #[error("the store {} failed: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// SQLite's answer.
        source: rusqlite::Error,
    },
    /// This store already has a writer in this process.
    #[error("the store {} already has a writer in this process; share that one", path.display())]
    WriterInUse {
        /// The file.
        path: PathBuf,
    },
    /// The writer's thread has ended.
    #[error("the writer of {} has stopped; see the log for its last error", path.display())]
    WriterStopped {
        /// The file.
        path: PathBuf,
    },
    /// An entry that still says who wrote it.
    #[error("record {key} still holds `{field}`; replace it by a pseudonym before storing")]
    PersonalData {
        /// The record.
        key: RecordKey,
        /// The field, e.g. `author`.
        field: &'static str,
    },
    /// An entry whose customer did not consent.
    #[error("record {key} has `consent: false`; count it and leave it out")]
    WithoutConsent {
        /// The record.
        key: RecordKey,
    },
    /// Part of a chunk belongs to another source than the chunk.
    #[error("a chunk of source `{expected}` holds something of `{found}`; send one chunk each")]
    ForeignSource {
        /// The chunk's source.
        expected: SourceId,
        /// The other source.
        found: SourceId,
    },
    /// A record or annotation that cannot be written as JSON.
    #[error("record {key} cannot be written as JSON: {source}")]
    Json {
        /// The record.
        key: RecordKey,
        /// Why.
        source: serde_json::Error,
    },
    /// The store's vectors and labels come from another model or taxonomy.
    #[error(
        "the store was labelled by `{stored}`, this run uses `{given}`; run \
         `voc rebuild --reencode`, or configure the first one again"
    )]
    AnnotatorMismatch {
        /// The store's annotator.
        stored: String,
        /// The annotator given.
        given: String,
    },
    /// The store counts days in another time zone.
    #[error(
        "the store counts days in `{stored}`, this run in `{given}`; set `timezone` back, or \
         start a new store and run again"
    )]
    TimeZoneMismatch {
        /// The store's time zone.
        stored: String,
        /// The time zone given.
        given: String,
    },
    /// A time zone without a name, which cannot be noted in the store.
    #[error("the time zone has no name to note in the store ({source}); set `timezone`")]
    TimeZoneUnnamed {
        /// Why.
        source: jiff::Error,
    },
    /// A run that was never begun in this store, or has ended.
    #[error("run {0} was not begun in this store, or has ended; begin a run first")]
    UnknownRun(RunId),
    /// A revision of a record that is not there.
    #[error("record {key} is not in the store; `voc search` shows the keys of those that are")]
    UnknownRecord {
        /// Which of the revisions, counted from 0.
        position: usize,
        /// The record.
        key: RecordKey,
    },
    /// A correction that does not fit its record.
    #[error("record {key}: {source}")]
    Correction {
        /// Which of the revisions, counted from 0.
        position: usize,
        /// The record.
        key: RecordKey,
        /// Why.
        source: CoreError,
    },
    /// An answer about a record that was not drawn for the audit.
    #[error("record {key} was not drawn for audit {audit}, or has been deleted since")]
    NotDrawn {
        /// Which of the answers, counted from 0.
        position: usize,
        /// The audit.
        audit: AuditId,
        /// The record.
        key: RecordKey,
    },
    /// A withdrawal where no correction is in force.
    #[error("record {key} has no correction in force that could be withdrawn")]
    NothingToWithdraw {
        /// Which of the revisions, counted from 0.
        position: usize,
        /// The record.
        key: RecordKey,
    },
    /// Somebody wants to write while the store is being replaced by a new one.
    #[error(
        "`voc rebuild --reencode` is labelling everything again (process {pid}, lock {}); what \
         is written now would be lost with the old store. Try again when it has ended",
        path.display()
    )]
    BeingReplaced {
        /// The lock file.
        path: PathBuf,
        /// The process id it wrote there, or `unknown`.
        pid: String,
    },
    /// Counts that do not agree with what they count.
    #[error(
        "the store {} contradicts itself: {detail}; put a backup of the file in its place",
        path.display()
    )]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// What does not agree.
        detail: String,
    },
}

impl StoreError {
    /// Which of several revisions or answers was refused, counted from 0.
    pub const fn position(&self) -> Option<usize> {
        match self {
            Self::UnknownRecord { position, .. }
            | Self::Correction { position, .. }
            | Self::NotDrawn { position, .. }
            | Self::NothingToWithdraw { position, .. } => Some(*position),
            _ => None,
        }
    }

    /// What SQLite's answer means for the store at `path`.
    pub(crate) fn sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Self::NotWritable { path }
            }
            Some(ErrorCode::NotADatabase) => Self::NotAStore { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt {
                path,
                detail: source.to_string(),
            },
            _ if matches!(source, rusqlite::Error::FromSqlConversionFailure(..)) => Self::Corrupt {
                path,
                detail: source.to_string(),
            },
            _ => Self::Database { path, source },
        }
    }

    /// Turns an I/O error on `path` into a [`StoreError::File`].
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
