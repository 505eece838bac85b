//! Proving that two stores hold the same: labels exactly, scores within a tolerance.

use std::fmt;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use sha2::{Digest as _, Sha256};
use voc_core::{Annotation, Mention, RecordKey};

use crate::decode::{json, key};
use crate::rollup::RECOUNTS;
use crate::{Snapshot, StoreError};

const RECORDS: &str = "
    SELECT r.source, r.id, r.content, d.annotation
    FROM record AS r CROSS JOIN document AS d USING (row) ORDER BY r.source, r.id";

/// What a store holds, in short. Two stores made under one key from the same input are
/// equal in it, whatever happened between, whichever order they read it in.
///
/// Covers keys, content hashes, all labels (language, kinds, sentiment, urgency,
/// touchpoint; theme, sentiment, target, part and span of mentions), the number of facts
/// and every rollup count; every revision of labels, and the model's labels of corrected
/// records. Scores, vectors, bookmarks and the run log are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Records.
    pub records: u64,
    /// Record facts.
    pub record_facts: u64,
    /// Mention facts.
    pub mention_facts: u64,
    /// SHA-256 over everything covered.
    hash: [u8; 32],
}

impl fmt::Display for Digest {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hash
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Snapshot {
    /// The digest of the store.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn digest(&self) -> Result<Digest, StoreError> {
        self.read(|connection| {
            let count = |table: &str| {
                let sql = format!("SELECT count(*) FROM {table}");
                connection.query_row(&sql, [], |row| row.get::<_, u64>(0))
            };
            let (record_facts, mention_facts) = (count("record_fact")?, count("mention_fact")?);
            let mut hash = FieldHash::default();
            let records = hash_records(connection, &mut hash)?;
            hash.number(record_facts);
            hash.number(mention_facts);
            for (table, _) in RECOUNTS {
                hash_table(connection, table, &mut hash)?;
            }
            hash_corrections(connection, &mut hash)?;
            Ok(Digest {
                records,
                record_facts,
                mention_facts,
                hash: hash.0.finalize().into(),
            })
        })
    }

    /// The largest difference between a score in here and the same score in `other`: of the
    /// language, of a kind, of the record's sentiment, of a mention. Scores whose label or
    /// record only one of the two has are passed over; the digest tells those.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn max_score_difference(&self, other: &Self) -> Result<f32, StoreError> {
        let mut largest = 0.0_f32;
        let mut failed = None;
        self.read(|connection| {
            let mut statement = connection.prepare_cached(RECORDS)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                match other.record(&key(row, 0)?) {
                    Ok(Some(stored)) => {
                        largest = largest.max(score_difference(&json(row, 3)?, &stored.annotation));
                    }
                    Ok(None) => {}
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            }
            Ok(())
        })?;
        failed.map_or(Ok(largest), Err)
    }
}

/// A hash over fields of any length that cannot run into one another.
#[derive(Default)]
struct FieldHash(Sha256);

impl FieldHash {
    fn bytes(&mut self, field: &[u8]) {
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
    }

    fn text(&mut self, field: &str) {
        self.bytes(field.as_bytes());
    }

    fn number(&mut self, field: u64) {
        self.bytes(&field.to_le_bytes());
    }
}

fn hash_records(connection: &Connection, hash: &mut FieldHash) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached(RECORDS)?;
    let mut rows = statement.query([])?;
    let mut records = 0;
    while let Some(row) = rows.next()? {
        let RecordKey { source, id } = key(row, 0)?;
        hash.text(source.as_str());
        hash.text(id.as_str());
        hash.bytes(row.get_ref(2)?.as_blob()?);
        hash_labels(&json(row, 3)?, hash);
        records += 1;
    }
    Ok(records)
}

/// Kinds and mentions come in the order of their scores, which may differ a little: they
/// are hashed in an order of their own.
fn hash_labels(annotation: &Annotation, hash: &mut FieldHash) {
    hash.text(annotation.lang.code.as_str());
    hash.text(annotation.sentiment.label.as_str());
    hash.number(annotation.urgency.level().into());
    hash.text(
        annotation
            .touchpoint
            .map_or("", |touchpoint| touchpoint.as_str()),
    );
    let mut kinds: Vec<_> = annotation
        .kinds
        .iter()
        .map(|kind| kind.id.as_str())
        .collect();
    kinds.sort_unstable();
    hash.number(kinds.len() as u64);
    kinds.into_iter().for_each(|kind| hash.text(kind));
    let mut mentions: Vec<_> = annotation.mentions.iter().map(mention_label).collect();
    mentions.sort_unstable();
    hash.number(mentions.len() as u64);
    mentions.iter().for_each(|mention| hash.text(mention));
}

/// A mention without its score and quote.
fn mention_label(mention: &Mention) -> String {
    let Mention {
        theme,
        sentiment,
        part,
        span,
        target,
        ..
    } = mention;
    format!(
        "{part}:{}:{}:{sentiment}:{target:?}:{theme}",
        span.start(),
        span.end()
    )
}

fn hash_table(connection: &Connection, table: &str, hash: &mut FieldHash) -> rusqlite::Result<()> {
    // Without row ids, a table lies in the order of its primary key.
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    hash.text(table);
    while let Some(row) = rows.next()? {
        (0..columns).try_for_each(|column| hash_value(row, column, hash))?;
    }
    Ok(())
}

/// Revisions per record in their order, whatever was revised in between.
fn hash_corrections(connection: &Connection, hash: &mut FieldHash) -> rusqlite::Result<()> {
    let revisions = "SELECT r.source, r.id, c.at, c.reviewer, coalesce(c.note, ''),
            coalesce(c.labels, '')
        FROM correction AS c JOIN record AS r USING (row) ORDER BY r.source, r.id, c.id";
    let mut statement = connection.prepare(revisions)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        (0..6).try_for_each(|column| hash_value(row, column, hash))?;
    }
    let models = "SELECT r.source, r.id, m.annotation
        FROM model_annotation AS m JOIN record AS r USING (row) ORDER BY r.source, r.id";
    let mut statement = connection.prepare(models)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        (0..2).try_for_each(|column| hash_value(row, column, hash))?;
        hash_labels(&json(row, 2)?, hash);
    }
    Ok(())
}

fn hash_value(row: &Row<'_>, column: usize, hash: &mut FieldHash) -> rusqlite::Result<()> {
    match row.get_ref(column)? {
        ValueRef::Integer(number) => hash.bytes(&number.to_le_bytes()),
        other => hash.bytes(other.as_bytes()?),
    }
    Ok(())
}

fn score_difference(here: &Annotation, there: &Annotation) -> f32 {
    let language = (here.lang.code == there.lang.code)
        .then(|| here.lang.confidence.get() - there.lang.confidence.get());
    let sentiment = (here.sentiment.label == there.sentiment.label)
        .then(|| here.sentiment.score.get() - there.sentiment.score.get());
    let kinds = here.kinds.iter().filter_map(|kind| {
        let same = there.kinds.iter().find(|other| other.id == kind.id)?;
        Some(kind.score.get() - same.score.get())
    });
    let mentions = here.mentions.iter().filter_map(|mention| {
        let label = mention_label(mention);
        let same = there
            .mentions
            .iter()
            .find(|other| mention_label(other) == label)?;
        Some(mention.score.get() - same.score.get())
    });
    let differences = language
        .into_iter()
        .chain(sentiment)
        .chain(kinds)
        .chain(mentions);
    differences.fold(0.0, |largest, difference| largest.max(difference.abs()))
}
