//! Labels chunks and hands them to the store's writer. Runs on a thread that may block.

use std::collections::BTreeMap;

use tokio::sync::mpsc::Receiver;
use voc_core::{Body, Record, RecordKey, SourceId};
use voc_ingest::Item;
use voc_model::Analyzed;
use voc_store::{
    Chunk, ChunkCounts, ContentHash, DeadLetter, Entry, Pending, SentenceVector, Standing,
};

use super::reading::ReadChunk;
use super::{Job, SourceReport};
use crate::failure::Failure;

/// Counts per source of everything that was committed.
type Counts = BTreeMap<SourceId, SourceReport>;

/// Labels and stores every chunk that comes in. While one chunk is being written the next
/// is being labelled.
///
/// # Errors
/// [`Failure`] if the encoder or the store fails; chunks committed before stay.
pub fn label_and_store(job: &Job, mut chunks: Receiver<ReadChunk>) -> Result<Counts, Failure> {
    let mut counts = Counts::new();
    let mut in_flight: Option<InFlight> = None;
    while let Some(read) = chunks.blocking_recv() {
        // A key that the chunk still being written holds too is encoded in vain; which
        // version wins is decided by the writer.
        let chunk = label(job, read.items, read.bookmark)?;
        if let Some(previous) = in_flight.take() {
            previous.settle(job, &mut counts)?;
        }
        in_flight = Some(InFlight {
            source: chunk.source.clone(),
            counts: chunk.counts,
            bytes: read.bytes,
            pending: job.writer.submit(chunk)?,
        });
    }
    if let Some(last) = in_flight {
        last.settle(job, &mut counts)?;
    }
    Ok(counts)
}

/// A chunk on its way to the disk.
struct InFlight {
    source: SourceId,
    counts: ChunkCounts,
    bytes: u64,
    pending: Pending,
}

impl InFlight {
    fn settle(self, job: &Job, counts: &mut Counts) -> Result<(), Failure> {
        let receipt = self.pending.wait()?;
        let total = counts.entry(self.source).or_default();
        total.read += self.counts.read;
        total.added += receipt.added;
        total.replaced += receipt.replaced;
        total.unchanged += receipt.unchanged + self.counts.unchanged;
        total.stale += receipt.stale + self.counts.stale;
        total.without_consent += self.counts.without_consent;
        total.dead += receipt.dead;
        job.progress.inc(self.bytes);
        let read: u64 = counts.values().map(|source| source.read).sum();
        let seconds = job.progress.elapsed().as_secs_f64().max(0.001);
        job.progress
            .set_message(format!("{read} records, {:.0}/s", read as f64 / seconds));
        Ok(())
    }
}

fn label(job: &Job, items: Vec<Item>, bookmark: voc_store::Bookmark) -> Result<Chunk, Failure> {
    let mut chunk = Chunk {
        source: bookmark.source.clone(),
        entries: Vec::new(),
        dead: Vec::new(),
        counts: ChunkCounts {
            read: items.len() as u64,
            ..ChunkCounts::default()
        },
        bookmark,
        run: job.run,
    };
    let mut records: Vec<(Record, ContentHash)> = Vec::with_capacity(items.len());
    for item in items {
        match item.outcome {
            Ok(record) if record.consent == Some(false) => chunk.counts.without_consent += 1,
            Ok(record) => {
                let content = job.key.content_hash(&record)?;
                records.push((record, content));
            }
            Err(rejection) => chunk.dead.push(DeadLetter {
                source: chunk.source.clone(),
                file: chunk.bookmark.file.clone(),
                position: item.number,
                reason: format!("{}: {}", item.position, rejection.reason),
                hash: job.key.dead_hash(&rejection.raw),
            }),
        }
    }
    let (records, contents) = without_known(job, records, &mut chunk.counts)?;
    let customers: Vec<_> = records
        .iter()
        .map(|record| pseudonym(job, record))
        .collect();
    let analyzed = job.analyzer.analyze(records)?;
    chunk.entries = analyzed
        .into_iter()
        .zip(contents)
        .zip(customers)
        .map(|((analyzed, content), customer)| entry(analyzed, content, customer))
        .collect();
    Ok(chunk)
}

/// Drops what the store has already, before any of it is encoded.
fn without_known(
    job: &Job,
    records: Vec<(Record, ContentHash)>,
    counts: &mut ChunkCounts,
) -> Result<(Vec<Record>, Vec<ContentHash>), Failure> {
    let versions: Vec<(RecordKey, Option<jiff::Timestamp>, ContentHash)> = records
        .iter()
        .map(|(record, content)| (record.key(), record.updated_at, *content))
        .collect();
    let standings =
        job.store
            .snapshot()?
            .compare(&versions, job.analyzer.model(), job.analyzer.taxonomy())?;
    let mut kept = (Vec::new(), Vec::new());
    for ((record, content), standing) in records.into_iter().zip(standings) {
        match standing {
            Standing::Unchanged => counts.unchanged += 1,
            Standing::Stale => counts.stale += 1,
            Standing::New | Standing::Changed => {
                kept.0.push(record);
                kept.1.push(content);
            }
        }
    }
    Ok(kept)
}

/// The customer's id is the better handle; a review or post has an author at most.
fn pseudonym(job: &Job, record: &Record) -> Option<voc_core::Pseudonym> {
    let id = record
        .customer
        .as_ref()
        .and_then(|customer| customer.id.as_deref());
    let who = id.or(record.author.as_deref())?;
    job.key.pseudonym(&record.source, who)
}

/// What the store keeps of an analysed record.
pub fn entry(
    analyzed: Analyzed,
    content: ContentHash,
    customer: Option<voc_core::Pseudonym>,
) -> Entry {
    let sentences = analyzed
        .sentences
        .into_iter()
        .map(|sentence| SentenceVector {
            part: sentence.part,
            span: sentence.span,
            vector: sentence.vector,
        })
        .collect();
    Entry {
        record: without_names(analyzed.record),
        annotation: analyzed.annotation,
        content,
        customer,
        vector: analyzed.vector,
        sentences,
    }
}

/// What a store must not hold: the customer's id, authors' names, and fields that nobody
/// asked for, since nobody knows what is in them.
fn without_names(mut record: Record) -> Record {
    record.author = None;
    if let Some(customer) = &mut record.customer {
        customer.id = None;
    }
    if let Body::Messages(messages) = &mut record.body {
        for message in messages {
            message.author = None;
        }
    }
    record.meta.clear();
    record
}
