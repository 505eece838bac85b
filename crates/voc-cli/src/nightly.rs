//! The nightly job: files → records → annotations → store → index.
//!
//! Three stages run side by side, joined by bounded channels, so that memory does not grow
//! with the input:
//!
//! ```text
//! readers (one task per source)  →  labelling (encoder's threads)  →  writer (one thread)
//!                        chunks of 512                      transactions
//! ```
//!
//! The bookmark of a file is committed in the same transaction as the records read up to
//! it. Whatever moment the process dies, the next run goes on at the last bookmark, cuts
//! the same chunks and so comes to the same store. The index carries the store's version
//! it was made from; it catches up when a run ends, or when the next one starts.

mod labelling;
mod plan;
mod reading;

use std::collections::BTreeMap;
use std::sync::Arc;

use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use voc_core::SourceId;
use voc_model::Analyzer;
use voc_store::{Key, RunEnd, RunId, RunOutcome, Store, Writer};

use crate::failure::Failure;

pub use labelling::entry;
pub use plan::Plan;

/// Items per transaction.
pub const CHUNK: usize = 512;
/// Chunks read ahead of the encoder: enough that it never waits, few enough to forget.
const READ_AHEAD: usize = 2;

/// What a run did, per source and in all.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Per source id.
    pub sources: BTreeMap<String, SourceReport>,
}

/// What a run did with one source.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SourceReport {
    /// Files read to their end or in part.
    pub files_read: u64,
    /// Files passed over because nothing changed since they were read.
    pub files_unchanged: u64,
    /// Items read.
    pub read: u64,
    /// Records that are new.
    pub added: u64,
    /// Records that were replaced.
    pub replaced: u64,
    /// Records the store had as they are.
    pub unchanged: u64,
    /// Records older than what the store has.
    pub stale: u64,
    /// Records counted but not stored: no consent.
    pub without_consent: u64,
    /// Items that could not be used.
    pub dead: u64,
    /// Why the source could not be read to its end.
    pub failed: Option<String>,
}

impl Report {
    /// The entry of `source`.
    pub fn source(&mut self, source: &SourceId) -> &mut SourceReport {
        self.sources.entry(source.to_string()).or_default()
    }

    /// Sums over all sources.
    pub fn total(&self) -> SourceReport {
        let mut total = SourceReport::default();
        for source in self.sources.values() {
            total.add(source);
        }
        total
    }

    /// Whether a source failed, or more than `limit` (a share) of a source's items could
    /// not be used.
    pub fn incomplete(&self, limit: f64) -> bool {
        self.sources.values().any(|source| {
            source.failed.is_some() || source.dead as f64 > limit * source.read as f64
        })
    }
}

/// What the stages share.
pub struct Job {
    /// The store's only writer.
    pub writer: Writer,
    /// Readers of the store.
    pub store: Store,
    /// Pseudonyms and hashes.
    pub key: Key,
    /// Labels text.
    pub analyzer: Analyzer,
    /// The run that chunks belong to.
    pub run: RunId,
    /// Shown while it runs.
    pub progress: ProgressBar,
}

/// Reads, labels and stores everything in `plan`.
///
/// # Errors
/// [`Failure`] if the encoder or the store fails; what was committed stays. A source that
/// fails is noted in the report, the others go on.
pub fn run(
    job: Job,
    plan: Plan,
    now: impl Fn() -> Timestamp,
    report: &mut Report,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("voc")
        .build()?;
    let job = Arc::new(job);
    let result = runtime.block_on(drive(&job, plan, report));
    let end = RunEnd {
        finished_at: now(),
        outcome: outcome(&result, report),
    };
    job.writer.finish_run(job.run, end)?;
    job.progress.finish_and_clear();
    result
}

async fn drive(job: &Arc<Job>, plan: Plan, report: &mut Report) -> Result<(), Failure> {
    let (chunks, received) = mpsc::channel(READ_AHEAD);
    let mut readers = JoinSet::new();
    for (source, files) in plan.by_source() {
        let chunks = chunks.clone();
        readers.spawn_blocking(move || (source, reading::read_files(files, &chunks)));
    }
    drop(chunks);
    let labelling = tokio::task::spawn_blocking({
        let job = Arc::clone(job);
        move || labelling::label_and_store(&job, received)
    });
    let stored = labelling.await.map_err(Failure::failed)?;
    while let Some(reader) = readers.join_next().await {
        let (source, outcome) = reader.map_err(Failure::failed)?;
        if let Err(error) = outcome {
            tracing::warn!("source {source}: {error}");
            report.source(&source).failed = Some(error.to_string());
        }
    }
    for (source, counts) in stored? {
        report.source(&source).add(&counts);
    }
    Ok(())
}

impl SourceReport {
    fn add(&mut self, other: &Self) {
        self.files_read += other.files_read;
        self.files_unchanged += other.files_unchanged;
        self.read += other.read;
        self.added += other.added;
        self.replaced += other.replaced;
        self.unchanged += other.unchanged;
        self.stale += other.stale;
        self.without_consent += other.without_consent;
        self.dead += other.dead;
    }
}

fn outcome(result: &Result<(), Failure>, report: &Report) -> RunOutcome {
    match result {
        Err(_) => RunOutcome::Failed,
        Ok(()) if report.sources.values().any(|s| s.failed.is_some()) => RunOutcome::Incomplete,
        Ok(()) => RunOutcome::Done,
    }
}
