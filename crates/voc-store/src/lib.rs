//! One SQLite file holds everything an instance knows: redacted records and their
//! annotations, vectors, facts and rollups for statistics, bookmarks, dead letters and the
//! run log. Beside it lie the [`Key`] under which pseudonyms and content hashes are made
//! and the [`RunLock`] that keeps two runs apart.
//!
//! Writing goes through a [`Writer`]: one thread, one connection, one short transaction per
//! [`Chunk`]. Reading goes through a [`Snapshot`]: one read transaction, which sees one
//! version of the store however much is written meanwhile. The schema with the meaning of
//! every column is in `src/schema/`.
//!
//! **Corrections.** What a person says about labels ([`Revision`]) is a row of its own, only
//! ever added. The annotation that everybody reads is the model's with the corrections in
//! force laid over; whoever writes a corrected record again lays them over anew, in the same
//! transaction. What the model itself says is kept beside, and holds again after a
//! withdrawal. Deleting a record deletes its corrections, since they may quote it.
//!
//! **Audits** ([`AuditDraw`], [`AuditAnswer`]) are kept apart: neither the version nor the
//! digest knows them, since nothing that is shown of records follows from them.
//!
//! **Durability.** The log is written ahead (WAL) and synced at every commit
//! (`synchronous = FULL`): once [`Pending::wait`] returns a [`Receipt`], neither `kill -9`
//! nor a power loss takes the chunk back, as far as the disk keeps what it was told to
//! sync. Under `NORMAL` a power loss could take back the last commits. Since records and
//! bookmark commit together that would be repaired by reading again, but an erasure
//! could come undone. The price, in three paired runs of `examples/throughput.rs` on a
//! virtual disk, is at most 3 % of the rate of adding records; on a disk that needs 10 ms
//! to sync it is 10 ms per chunk, whose encoding takes seconds.
//!
//! **Speed and memory** (same program, 200,000 records with three sentences each, two
//! shared cores; ratios to adding records): replacing or deleting 0.4, reading record facts
//! 15, mention facts 22, comparing versions 47, scanning vectors 335. 3.7 kB of file per
//! record; 58 MB of memory at the peak (the example itself holds a key and hash per record).
//!
//! **Limits.** Unix only (file modes). Version stamps less than a microsecond apart count as
//! equal. The write-ahead log cannot shrink below what the oldest open snapshot sees, so a
//! snapshot is held for one report, not for the life of a server. Calls block: keep them
//! off an async runtime. Deleting leaves the record's key and row number in `deletion` so
//! that an index can follow; its content leaves the file's free pages (`secure_delete`)
//! and the log, but not what the disk itself may keep.
//!
//! **Architecture Invariant:** a process has at most one write connection per [`Store`], and
//! it is owned by the writer's thread. Nothing else in the workspace opens the file.
//!
//! **Architecture Invariant:** what is derived from a record (vectors, facts, rollups) and
//! the bookmark that says it was read change in the transaction that changes the record.
//!
//! **Architecture Invariant:** no clock is read here, no text is interpreted, and no author
//! or customer id is accepted: an [`Entry`] that holds one is refused.

mod apply;
mod audits;
mod changes;
mod chunk;
mod connection;
mod corrections;
mod decode;
mod digest;
mod error;
mod facts;
mod hash;
mod key;
mod lock;
mod prepare;
mod revision;
mod rollup;
mod run;
mod schema;
mod snapshot;
mod standing;
mod store;
mod swap;
mod verify;
mod writer;

pub use audits::{AnswersTaken, AuditAnswer, AuditDraw, AuditId, AuditedRecord, DrawnRecord};
pub use chunk::{
    Bookmark, Change, Chunk, ChunkCounts, DeadLetter, Entry, Erasure, Receipt, SentenceVector,
    Stored,
};
pub use digest::Digest;
pub use error::StoreError;
pub use hash::{ContentHash, DeadHash};
pub use key::{Key, Lot};
pub use lock::{RunLock, StoreLock};
pub use revision::{Corrected, LabelChange, Revised, Revision};
pub use rollup::{DayChannelLanguage, DayKind, DayThemeSentiment, SourceLanguage};
pub use run::{Run, RunCounts, RunEnd, RunId, RunOutcome, RunStart};
pub use snapshot::Snapshot;
pub use standing::Standing;
pub use store::Store;
pub use writer::{Pending, Writer};

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod sample;
