use std::io;

use thiserror::Error;
use voc_core::SourceId;

/// Why a source or a file of it cannot be read. What is wrong with a single record is a
/// [`Rejection`](crate::Rejection) instead.
#[derive(Debug, Error)]
pub enum IngestError {
    /// A key of a `[[sources]]` table has a value that cannot be used.
    #[error("source `{source_id}`: key `{key}`: {reason}")]
    Config {
        /// The source.
        source_id: SourceId,
        /// The key within the table, e.g. `fields.created_at`.
        key: String,
        /// What is wrong and what to write.
        reason: String,
    },
    /// The key `path` leads to no file.
    #[error(
        "source `{source_id}`: there is no file at {path}; put the export there or correct the key `path`"
    )]
    NoFile {
        /// The source.
        source_id: SourceId,
        /// The path or pattern that was looked for.
        path: String,
    },
    /// The operating system refused to open or read a file.
    #[error("{file}: cannot be read: {error}")]
    Io {
        /// Path of the file.
        file: String,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// A table whose header does not fit the configuration.
    #[error("{file}: {reason}")]
    Header {
        /// Name of the file.
        file: String,
        /// What is missing and which keys to check.
        reason: String,
    },
    /// A JSON document without the list of records.
    #[error("{file}: {reason}; name the place of the records with the key `records`")]
    NoRecords {
        /// Name of the file.
        file: String,
        /// What was found.
        reason: String,
    },
    /// A JSON document that breaks off or loses its structure. The records before the
    /// place were delivered.
    #[error(
        "{file}: the document breaks at line {line}, byte {byte} of its text: {reason}; export it again"
    )]
    BrokenDocument {
        /// Name of the file.
        file: String,
        /// Line, counted from 1.
        line: u64,
        /// Byte of the text in UTF-8, counted from 0.
        byte: u64,
        /// What was found.
        reason: String,
    },
}
