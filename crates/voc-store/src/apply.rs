//! The write transaction: everything a chunk or a deletion changes, in the order in which
//! it must happen.

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Result, params};
use voc_core::{Part, RecordKey};

use crate::prepare::{Labels, PreparedChunk, PreparedEntry};
use crate::rollup::RollupChange;
use crate::standing::{Version, standing};
use crate::{Bookmark, ContentHash, DeadLetter, Receipt, RunId, SentenceVector, Standing};
use crate::{corrections, facts, run};

/// What the store has under a key.
struct Known {
    row: u64,
    updated_at: Option<i64>,
    content: ContentHash,
    model: String,
    taxonomy: String,
}

impl Known {
    fn version(&self) -> Version<'_> {
        let Self {
            updated_at,
            content,
            model,
            taxonomy,
            ..
        } = self;
        Version {
            updated_at: *updated_at,
            content: *content,
            model,
            taxonomy,
        }
    }
}

/// Writes a chunk. The caller commits.
pub(crate) fn chunk(connection: &Connection, chunk: &PreparedChunk) -> Result<Receipt> {
    let mut receipt = Receipt {
        version: next_version(connection)?,
        ..Receipt::default()
    };
    let mut rollups = RollupChange::default();
    for entry in &chunk.entries {
        let standing = put_entry(
            connection,
            entry,
            &chunk.zone,
            receipt.version,
            &mut rollups,
        )?;
        let counted = match standing {
            Standing::New => &mut receipt.added,
            Standing::Changed => &mut receipt.replaced,
            Standing::Unchanged => &mut receipt.unchanged,
            Standing::Stale => &mut receipt.stale,
        };
        *counted += 1;
    }
    rollups.apply(connection)?;
    let rest = &chunk.rest;
    for letter in &rest.dead {
        receipt.dead += put_dead_letter(connection, letter, rest.run)?;
    }
    put_bookmark(connection, &rest.bookmark)?;
    run::count(connection, rest.run, &rest.source, rest.counts, receipt)?;
    Ok(receipt)
}

/// Deletes what lies under `keys`, and returns the new version and how many there were.
/// The caller commits.
pub(crate) fn deletion(connection: &Connection, keys: &[RecordKey]) -> Result<(u64, u64)> {
    let version = next_version(connection)?;
    let mut rollups = RollupChange::default();
    let mut deleted = 0;
    for key in keys {
        let Some(known) = known(connection, key)? else {
            continue;
        };
        subtract_facts(connection, known.row, &mut rollups)?;
        // Everything derived from the record goes with it (ON DELETE CASCADE).
        connection
            .prepare_cached("DELETE FROM record WHERE row = ?1")?
            .execute([known.row])?;
        connection
            .prepare_cached("INSERT INTO deletion VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                known.row,
                key.source.as_str(),
                key.id.as_str(),
                version
            ])?;
        deleted += 1;
    }
    rollups.apply(connection)?;
    Ok((version, deleted))
}

/// How the version `next` of `key` stands to what is stored.
pub(crate) fn standing_of(
    connection: &Connection,
    key: &RecordKey,
    next: Version<'_>,
) -> Result<Standing> {
    Ok(standing(
        known(connection, key)?.as_ref().map(Known::version),
        next,
    ))
}

/// Counts the store's version up and returns it.
pub(crate) fn next_version(connection: &Connection) -> Result<u64> {
    let sql = "UPDATE store SET version = version + 1 RETURNING version";
    connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))
}

fn known(connection: &Connection, key: &RecordKey) -> Result<Option<Known>> {
    let sql = "SELECT row, updated_at, content, model, taxonomy FROM record
        WHERE source = ?1 AND id = ?2";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Known {
            row: row.get(0)?,
            updated_at: row.get(1)?,
            content: ContentHash::from_bytes(row.get(2)?),
            model: row.get(3)?,
            taxonomy: row.get(4)?,
        })
    };
    let values = [key.source.as_str(), key.id.as_str()];
    connection
        .prepare_cached(sql)?
        .query_row(values, read)
        .optional()
}

fn put_entry(
    connection: &Connection,
    entry: &PreparedEntry,
    zone: &TimeZone,
    version: u64,
    rollups: &mut RollupChange,
) -> Result<Standing> {
    let known = known(connection, &entry.key)?;
    let standing = standing(known.as_ref().map(Known::version), entry.version());
    if matches!(standing, Standing::Unchanged | Standing::Stale) {
        return Ok(standing);
    }
    let (row, corrected) = match &known {
        None => (add_identity(connection, entry, version)?, None),
        Some(known) => {
            subtract_facts(connection, known.row, rollups)?;
            change_identity(connection, known.row, entry, version)?;
            (
                known.row,
                corrections::lay_over(connection, known.row, entry, zone)?,
            )
        }
    };
    let labels = corrected.as_ref().unwrap_or(&entry.labels);
    put_document(connection, row, &entry.record, &labels.annotation)?;
    put_vectors(connection, row, entry)?;
    put_facts(connection, row, labels, rollups)?;
    Ok(standing)
}

/// Replaces the labels of the record in `row`, and what follows from them.
pub(crate) fn relabel(
    connection: &Connection,
    row: u64,
    labels: &Labels,
    version: u64,
    rollups: &mut RollupChange,
) -> Result<()> {
    subtract_facts(connection, row, rollups)?;
    connection
        .prepare_cached("UPDATE record SET changed_at = ?2 WHERE row = ?1")?
        .execute([row, version])?;
    connection
        .prepare_cached("UPDATE document SET annotation = ?2 WHERE row = ?1")?
        .execute(params![row, labels.annotation])?;
    put_facts(connection, row, labels, rollups)
}

fn put_facts(
    connection: &Connection,
    row: u64,
    labels: &Labels,
    rollups: &mut RollupChange,
) -> Result<()> {
    facts::put_facts(connection, row, &labels.fact, &labels.mentions)?;
    rollups.add(&labels.fact, &labels.mentions);
    Ok(())
}

fn subtract_facts(connection: &Connection, row: u64, rollups: &mut RollupChange) -> Result<()> {
    if let (Some(fact), mentions) = facts::facts_of(connection, row)? {
        rollups.subtract(&fact, &mentions);
    }
    Ok(())
}

fn add_identity(connection: &Connection, entry: &PreparedEntry, version: u64) -> Result<u64> {
    let sql = "
        INSERT INTO record (source, id, content, updated_at, model, taxonomy, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING row";
    let PreparedEntry { key, .. } = entry;
    let Version {
        updated_at,
        content,
        model,
        taxonomy,
    } = entry.version();
    let (source, id) = (key.source.as_str(), key.id.as_str());
    let values = params![
        source,
        id,
        content.as_bytes(),
        updated_at,
        model,
        taxonomy,
        version
    ];
    connection
        .prepare_cached(sql)?
        .query_row(values, |row| row.get(0))
}

fn change_identity(
    connection: &Connection,
    row: u64,
    entry: &PreparedEntry,
    version: u64,
) -> Result<()> {
    let sql = "
        UPDATE record
        SET content = ?2, updated_at = ?3, model = ?4, taxonomy = ?5, changed_at = ?6
        WHERE row = ?1";
    let Version {
        updated_at,
        content,
        model,
        taxonomy,
    } = entry.version();
    let values = params![
        row,
        content.as_bytes(),
        updated_at,
        model,
        taxonomy,
        version
    ];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

fn put_document(connection: &Connection, row: u64, record: &str, annotation: &str) -> Result<()> {
    let sql = "INSERT INTO document VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET
        record = excluded.record, annotation = excluded.annotation";
    connection
        .prepare_cached(sql)?
        .execute(params![row, record, annotation])?;
    Ok(())
}

fn put_vectors(connection: &Connection, row: u64, entry: &PreparedEntry) -> Result<()> {
    let sql = "INSERT INTO vector VALUES (?1, ?2) ON CONFLICT DO UPDATE SET bytes = excluded.bytes";
    connection
        .prepare_cached(sql)?
        .execute(params![row, entry.vector])?;
    connection
        .prepare_cached("DELETE FROM sentence_vector WHERE row = ?1")?
        .execute([row])?;
    let mut insert =
        connection.prepare_cached("INSERT INTO sentence_vector VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (number, SentenceVector { part, span, vector }) in entry.sentences.iter().enumerate() {
        let (start, end) = (span.start(), span.end());
        insert.execute(params![
            row,
            number,
            part_code(*part),
            start,
            end,
            vector.to_bytes()
        ])?;
    }
    Ok(())
}

/// The column `part`: -2 title, -1 text, else the message's index. An index beyond what
/// the column can hold does not fit into memory either.
fn part_code(part: Part) -> i64 {
    match part {
        Part::Title => -2,
        Part::Text => -1,
        Part::Message(index) => i64::try_from(index).unwrap_or(i64::MAX),
    }
}

/// What [`part_code`] wrote.
pub(crate) fn part_of(code: i64) -> Part {
    match usize::try_from(code) {
        Ok(index) => Part::Message(index),
        Err(_) if code == -2 => Part::Title,
        Err(_) => Part::Text,
    }
}

fn put_dead_letter(connection: &Connection, letter: &DeadLetter, run: RunId) -> Result<u64> {
    let sql = "INSERT INTO dead_letter (source, file, position, reason, hash, run)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (source, file, position, hash) DO NOTHING";
    let DeadLetter {
        source,
        file,
        position,
        reason,
        hash,
    } = letter;
    let values = params![
        source.as_str(),
        file,
        position,
        reason,
        hash.as_bytes(),
        run
    ];
    Ok(connection.prepare_cached(sql)?.execute(values)? as u64)
}

fn put_bookmark(connection: &Connection, bookmark: &Bookmark) -> Result<()> {
    let sql = "INSERT INTO bookmark VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET
        fingerprint = excluded.fingerprint, items = excluded.items, done = excluded.done";
    let Bookmark {
        source,
        file,
        fingerprint,
        items,
        done,
    } = bookmark;
    let values = params![source.as_str(), file, fingerprint, items, done];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}
