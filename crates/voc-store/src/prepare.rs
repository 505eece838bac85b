//! Checks a chunk and derives everything the transaction will write, on the submitter's
//! thread: the transaction itself only writes.

use jiff::tz::TimeZone;
use voc_core::{Annotation, Body, MentionFact, Pseudonym, Record, RecordFact, RecordKey, SourceId};

use crate::standing::{Version, version_stamp};
use crate::{Chunk, Entry, SentenceVector, StoreError};

/// A chunk that keeps the store's rules.
pub(crate) struct PreparedChunk {
    pub(crate) entries: Vec<PreparedEntry>,
    /// The zone that days are counted in.
    pub(crate) zone: TimeZone,
    /// The chunk without its entries.
    pub(crate) rest: Chunk,
}

/// An entry as it will be written.
pub(crate) struct PreparedEntry {
    pub(crate) key: RecordKey,
    pub(crate) record: String,
    pub(crate) labels: Labels,
    pub(crate) vector: Vec<u8>,
    pub(crate) sentences: Vec<SentenceVector>,
    updated_at: Option<i64>,
    content: crate::ContentHash,
    model: String,
    taxonomy: String,
}

/// An annotation as it will be written, with the facts that follow from it.
pub(crate) struct Labels {
    pub(crate) annotation: String,
    pub(crate) fact: RecordFact,
    pub(crate) mentions: Vec<MentionFact>,
}

impl Labels {
    pub(crate) fn new(
        record: &Record,
        annotation: &Annotation,
        customer: Option<Pseudonym>,
        zone: &TimeZone,
    ) -> serde_json::Result<Self> {
        Ok(Self {
            annotation: serde_json::to_string(annotation)?,
            mentions: MentionFact::of(record, annotation, zone),
            fact: RecordFact::new(record, annotation, customer, zone),
        })
    }
}

impl PreparedChunk {
    /// Refuses what must not be stored; nothing of such a chunk is written.
    pub(crate) fn new(mut chunk: Chunk, zone: &TimeZone) -> Result<Self, StoreError> {
        let entries = std::mem::take(&mut chunk.entries);
        one_source(&chunk, &entries)?;
        let entries = entries
            .into_iter()
            .map(|entry| PreparedEntry::new(entry, zone));
        Ok(Self {
            entries: entries.collect::<Result<_, _>>()?,
            zone: zone.clone(),
            rest: chunk,
        })
    }
}

impl PreparedEntry {
    fn new(entry: Entry, zone: &TimeZone) -> Result<Self, StoreError> {
        let Entry {
            record,
            annotation,
            content,
            customer,
            vector,
            sentences,
        } = entry;
        let key = record.key();
        refuse_personal_data(&record)?;
        let json = |source| StoreError::Json {
            key: key.clone(),
            source,
        };
        Ok(Self {
            record: serde_json::to_string(&record).map_err(json)?,
            labels: Labels::new(&record, &annotation, customer, zone).map_err(json)?,
            vector: vector.to_bytes(),
            sentences,
            updated_at: version_stamp(record.updated_at),
            content,
            model: annotation.model,
            taxonomy: annotation.taxonomy,
            key,
        })
    }

    pub(crate) fn version(&self) -> Version<'_> {
        Version {
            updated_at: self.updated_at,
            content: self.content,
            model: &self.model,
            taxonomy: &self.taxonomy,
        }
    }
}

fn one_source(chunk: &Chunk, entries: &[Entry]) -> Result<(), StoreError> {
    let of_entries = entries.iter().map(|entry| &entry.record.source);
    let of_dead = chunk.dead.iter().map(|letter| &letter.source);
    let is_foreign = |source: &&SourceId| **source != chunk.source;
    match of_entries
        .chain(of_dead)
        .chain([&chunk.bookmark.source])
        .find(is_foreign)
    {
        None => Ok(()),
        Some(found) => Err(StoreError::ForeignSource {
            expected: chunk.source.clone(),
            found: found.clone(),
        }),
    }
}

fn refuse_personal_data(record: &Record) -> Result<(), StoreError> {
    let held = |field| {
        Err(StoreError::PersonalData {
            key: record.key(),
            field,
        })
    };
    if record.consent == Some(false) {
        return Err(StoreError::WithoutConsent { key: record.key() });
    }
    if record.author.is_some() {
        return held("author");
    }
    if record
        .customer
        .as_ref()
        .is_some_and(|customer| customer.id.is_some())
    {
        return held("customer.id");
    }
    match &record.body {
        Body::Messages(messages) if messages.iter().any(|message| message.author.is_some()) => {
            held("messages.author")
        }
        _ => Ok(()),
    }
}
