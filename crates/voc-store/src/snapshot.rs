use std::fmt;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row};
use voc_core::{MentionFact, RecordFact, RecordKey, SourceId};

use crate::decode::{id, id_if_any, json, parsed_if_any, span, vector};
use crate::standing::{Version, version_stamp};
use crate::{
    Bookmark, ContentHash, DayChannelLanguage, DayKind, DayThemeSentiment, DeadHash, DeadLetter,
    Run, SentenceVector, SourceLanguage, Standing, Store, StoreError, Stored, apply, facts, rollup,
    run,
};

/// The store at one version: a read transaction. Hold it for one report or answer, not
/// longer: the write-ahead log grows while it is held.
///
/// Unless said otherwise its methods fail only if the file cannot be read
/// ([`StoreError::Database`]) or is damaged ([`StoreError::Corrupt`]).
pub struct Snapshot {
    store: Store,
    /// Always exactly one; a `Vec` so that dropping can hand it back to the pool.
    reader: Vec<Connection>,
    version: u64,
}

impl Snapshot {
    pub(crate) fn begin(store: Store) -> Result<Self, StoreError> {
        let begin = || {
            let connection = store.reader()?;
            connection.execute_batch("BEGIN")?;
            // The first read fixes what the transaction sees.
            let version = connection
                .prepare_cached("SELECT version FROM store")?
                .query_row([], |row| row.get(0))?;
            Ok((connection, version))
        };
        let (connection, version) =
            begin().map_err(|error| StoreError::sqlite(store.path(), error))?;
        Ok(Self {
            store,
            reader: vec![connection],
            version,
        })
    }

    /// The version of the store that is seen: how many chunks, deletions
    /// and lists of revisions were committed.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How each version of a record, given by key, `updated_at` and content, stands to what
    /// the store has, if `model` and `taxonomy` were to annotate it now. What is
    /// `Unchanged` or `Stale` needs no encoding. The writer decides again when it commits.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn compare(
        &self,
        versions: &[(RecordKey, Option<Timestamp>, ContentHash)],
        model: &str,
        taxonomy: &str,
    ) -> Result<Vec<Standing>, StoreError> {
        let standing = |connection: &Connection, (key, updated_at, content): &(_, _, _)| {
            let updated_at = version_stamp(*updated_at);
            let next = Version {
                updated_at,
                content: *content,
                model,
                taxonomy,
            };
            apply::standing_of(connection, key, next)
        };
        self.read(|connection| {
            versions
                .iter()
                .map(|next| standing(connection, next))
                .collect()
        })
    }

    /// Which model and taxonomy make the store's vectors and labels; `None` before the first write.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn annotator(&self) -> Result<Option<String>, StoreError> {
        self.read(|connection| {
            connection.query_row("SELECT annotator FROM store", [], |row| row.get(0))
        })
    }

    /// The record under `key`.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn record(&self, key: &RecordKey) -> Result<Option<Stored>, StoreError> {
        self.read(|connection| stored_by_key(connection, key))
    }

    /// The records in `rows`, in that order; rows that are not there are left out.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn records_by_row(&self, rows: &[u64]) -> Result<Vec<Stored>, StoreError> {
        self.read(|connection| {
            rows.iter()
                .filter_map(|row| stored_row(connection, *row).transpose())
                .collect()
        })
    }

    /// Calls `each` with the row and vector ([`voc_core::QuantizedVector::to_bytes`]) of
    /// every record, ordered by row.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn scan_vectors(&self, each: &mut dyn FnMut(u64, &[u8])) -> Result<(), StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT row, bytes FROM vector ORDER BY row")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                each(row.get(0)?, row.get_ref(1)?.as_blob()?);
            }
            Ok(())
        })
    }

    /// The vectors of a record's sentences, in reading order.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn sentence_vectors(&self, row: u64) -> Result<Vec<SentenceVector>, StoreError> {
        let sql = "SELECT part, span_start, span_end, bytes FROM sentence_vector
            WHERE row = ?1 ORDER BY number";
        self.read(|connection| {
            connection
                .prepare_cached(sql)?
                .query_map([row], sentence_vector)?
                .collect()
        })
    }

    /// Calls `each` with the record facts of `days`, ordered by day and key.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn record_facts(
        &self,
        days: RangeInclusive<Date>,
        each: &mut dyn FnMut(RecordFact),
    ) -> Result<(), StoreError> {
        self.read(|connection| facts::each_record_fact(connection, &days, each))
    }

    /// Calls `each` with the mention facts of `days`, ordered by day, key, theme and target.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn mention_facts(
        &self,
        days: RangeInclusive<Date>,
        each: &mut dyn FnMut(MentionFact),
    ) -> Result<(), StoreError> {
        self.read(|connection| facts::each_mention_fact(connection, &days, each))
    }

    /// Records per day, channel and language, in this order.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn day_channel_language(
        &self,
        days: RangeInclusive<Date>,
    ) -> Result<Vec<DayChannelLanguage>, StoreError> {
        self.read(|connection| rollup::day_channel_language(connection, &days))
    }

    /// Mentions per day, theme, sentiment and target, in this order.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn day_theme_sentiment(
        &self,
        days: RangeInclusive<Date>,
    ) -> Result<Vec<DayThemeSentiment>, StoreError> {
        self.read(|connection| rollup::day_theme_sentiment(connection, &days))
    }

    /// Records per day and kind, in this order.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn day_kind(&self, days: RangeInclusive<Date>) -> Result<Vec<DayKind>, StoreError> {
        self.read(|connection| rollup::day_kind(connection, &days))
    }

    /// Records per source and language, in this order.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn sources(&self) -> Result<Vec<SourceLanguage>, StoreError> {
        self.read(rollup::source_language)
    }

    /// The days of the earliest and the latest record; `None` if there is none.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn first_and_last_day(&self) -> Result<Option<(Date, Date)>, StoreError> {
        let sql = "SELECT min(day), (SELECT max(day) FROM record_fact) FROM record_fact";
        self.read(|connection| {
            connection.query_row(sql, [], |row| {
                let first = parsed_if_any(row, 0)?;
                Ok(first.zip(parsed_if_any(row, 1)?))
            })
        })
    }

    /// How far `file` of `source` was read.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn bookmark(&self, source: &SourceId, file: &str) -> Result<Option<Bookmark>, StoreError> {
        let sql = format!("{BOOKMARKS} WHERE source = ?1 AND file = ?2");
        self.read(|connection| {
            connection
                .prepare_cached(&sql)?
                .query_row([source.as_str(), file], bookmark)
                .optional()
        })
    }

    /// Every bookmark, ordered by source and file.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn bookmarks(&self) -> Result<Vec<Bookmark>, StoreError> {
        let sql = format!("{BOOKMARKS} ORDER BY source, file");
        self.read(|connection| {
            connection
                .prepare_cached(&sql)?
                .query_map([], bookmark)?
                .collect()
        })
    }

    /// Calls `each` with the dead letters of `source`, or of every source, ordered by
    /// source, file and position.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn dead_letters(
        &self,
        source: Option<&SourceId>,
        each: &mut dyn FnMut(DeadLetter),
    ) -> Result<(), StoreError> {
        let sql = "SELECT source, file, position, reason, hash FROM dead_letter
            WHERE ?1 IS NULL OR source = ?1 ORDER BY source, file, position, hash";
        let source = source.map(SourceId::as_str);
        self.read(|connection| facts::each_row(connection, sql, [source], dead_letter, each))
    }

    /// The latest `limit` runs, latest first.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn runs(&self, limit: usize) -> Result<Vec<Run>, StoreError> {
        self.read(|connection| run::latest(connection, limit))
    }

    /// Runs a query, and names the file if it fails.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        query(&self.reader[0]).map_err(|error| StoreError::sqlite(self.store.path(), error))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // A connection that cannot end its transaction is closed instead of kept.
        self.reader
            .retain(|connection| connection.execute_batch("ROLLBACK").is_ok());
        self.store.give_back(&mut self.reader);
    }
}

const STORED: &str = "
    SELECT r.row, d.record, d.annotation, r.content, f.customer, r.changed_at
    FROM record AS r JOIN document AS d USING (row) JOIN record_fact AS f USING (row)";

const BOOKMARKS: &str = "SELECT source, file, fingerprint, items, done FROM bookmark";

/// The record under `key`, if there is one.
pub(crate) fn stored_by_key(
    connection: &Connection,
    key: &RecordKey,
) -> rusqlite::Result<Option<Stored>> {
    let sql = format!("{STORED} WHERE r.source = ?1 AND r.id = ?2");
    connection
        .prepare_cached(&sql)?
        .query_row([key.source.as_str(), key.id.as_str()], stored)
        .optional()
}

/// The record in `row`, if there is one.
pub(crate) fn stored_row(connection: &Connection, row: u64) -> rusqlite::Result<Option<Stored>> {
    let sql = format!("{STORED} WHERE r.row = ?1");
    connection
        .prepare_cached(&sql)?
        .query_row([row], stored)
        .optional()
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        row: row.get(0)?,
        record: json(row, 1)?,
        annotation: json(row, 2)?,
        content: ContentHash::from_bytes(row.get(3)?),
        customer: id_if_any(row, 4)?,
        changed_at_version: row.get(5)?,
    })
}

fn sentence_vector(row: &Row<'_>) -> rusqlite::Result<SentenceVector> {
    let part = apply::part_of(row.get(0)?);
    Ok(SentenceVector {
        part,
        span: span(row, 1)?,
        vector: vector(row, 3)?,
    })
}

fn bookmark(row: &Row<'_>) -> rusqlite::Result<Bookmark> {
    Ok(Bookmark {
        source: id(row, 0)?,
        file: row.get(1)?,
        fingerprint: row.get(2)?,
        items: row.get(3)?,
        done: row.get(4)?,
    })
}

fn dead_letter(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        source: id(row, 0)?,
        file: row.get(1)?,
        position: row.get(2)?,
        reason: row.get(3)?,
        hash: DeadHash::from_bytes(row.get(4)?),
    })
}

#[cfg(test)]
mod tests;
