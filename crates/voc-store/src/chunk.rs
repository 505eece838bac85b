//! What the pipeline hands over, and what comes back.

use voc_core::{Annotation, Part, Pseudonym, QuantizedVector, Record, RecordKey, SourceId, Span};

use crate::{ContentHash, DeadHash, RunId};

/// Some items of one source and how far it has been read with them: committed together
/// or not at all. A few hundred entries are a good size.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// The source that everything in here comes from.
    pub source: SourceId,
    /// Records to add or replace, in reading order.
    pub entries: Vec<Entry>,
    /// Input that could not be used.
    pub dead: Vec<DeadLetter>,
    /// Items that were counted and left out before encoding.
    pub counts: ChunkCounts,
    /// Where reading goes on.
    pub bookmark: Bookmark,
    /// The run that read it.
    pub run: RunId,
}

/// One record with everything that is said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The record, redacted and without author, message authors and customer id.
    pub record: Record,
    /// What the pipeline says about it.
    pub annotation: Annotation,
    /// Hash of the record as the source gave it.
    pub content: ContentHash,
    /// Who wrote it.
    pub customer: Option<Pseudonym>,
    /// The vector of the whole.
    pub vector: QuantizedVector,
    /// The vectors of its sentences, in reading order.
    pub sentences: Vec<SentenceVector>,
}

/// The vector of one sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct SentenceVector {
    /// Which text.
    pub part: Part,
    /// Where in it, in Unicode scalar values of the stored text.
    pub span: Span,
    /// The vector.
    pub vector: QuantizedVector,
}

/// Input that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The source.
    pub source: SourceId,
    /// The file, as the source names it.
    pub file: String,
    /// Number of the item within the file, as the source counts.
    pub position: u64,
    /// Why, without quoting the input.
    pub reason: String,
    /// Hash of the input.
    pub hash: DeadHash,
}

/// Items of a chunk that never became entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChunkCounts {
    /// Items read in all, entries and dead letters included.
    pub read: u64,
    /// Left out because the store has them as they are.
    pub unchanged: u64,
    /// Left out because the store has a newer version.
    pub stale: u64,
    /// Left out because the customer did not consent.
    pub without_consent: u64,
}

/// How far a file of a source has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// The source.
    pub source: SourceId,
    /// The file, as the source names it; a tap's name for a tap.
    pub file: String,
    /// What tells that it is still the same file; a tap's state for a tap.
    pub fingerprint: String,
    /// Items read so far.
    pub items: u64,
    /// Whether the end was reached.
    pub done: bool,
}

/// What a committed chunk changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The store's version after it.
    pub version: u64,
    /// Records that are new.
    pub added: u64,
    /// Records that were replaced.
    pub replaced: u64,
    /// Entries that the store had as they are.
    pub unchanged: u64,
    /// Entries older than what the store has.
    pub stale: u64,
    /// Dead letters that are new.
    pub dead: u64,
}

/// What a deletion did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The store's version after it.
    pub version: u64,
    /// Records that were there and are gone.
    pub deleted: u64,
    /// Whether the write-ahead log was emptied too. `false` while a snapshot that can still
    /// see the records is held: try `Writer::clear_log` once it is dropped.
    pub log_cleared: bool,
}

/// A record as it lies in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Number of the row: stays with the record as it is replaced, never used again.
    pub row: u64,
    /// The record, redacted.
    pub record: Record,
    /// The labels that hold: the model's, with the corrections in force laid over.
    pub annotation: Annotation,
    /// Hash of the record as the source gave it.
    pub content: ContentHash,
    /// Who wrote it.
    pub customer: Option<Pseudonym>,
    /// Version of the store that last changed it.
    pub changed_at_version: u64,
}

/// One step from an older version of the store to this one.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The record is new or was replaced.
    Upsert(Box<Stored>),
    /// The record was deleted.
    Delete {
        /// The row it had.
        row: u64,
        /// Its key; a new record may have it by now, in another row.
        key: RecordKey,
    },
}
