//! The run log.

use std::fmt;

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Result, Row, ToSql, params};
use voc_core::SourceId;

use crate::decode::{id, parsed, parsed_if_any};
use crate::{ChunkCounts, Receipt};

/// Number of a run within its store, rising.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(u64);

impl RunId {
    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ToSql for RunId {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for RunId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        u64::column_result(value).map(Self)
    }
}

/// How a run begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunStart {
    /// When.
    pub started_at: Timestamp,
    /// The model that annotates.
    pub model: String,
    /// The taxonomy it uses.
    pub taxonomy: String,
    /// The moment that "today" means.
    pub as_of: Timestamp,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// When.
    pub finished_at: Timestamp,
    /// How it went.
    pub outcome: RunOutcome,
}

/// How a run went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunOutcome {
    /// Everything was read.
    Done,
    /// A source failed or too much input was unusable; the rest was committed.
    Incomplete,
    /// It gave up.
    Failed,
}

impl RunOutcome {
    const ALL: [Self; 3] = [Self::Done, Self::Incomplete, Self::Failed];

    /// The stable id.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for RunOutcome {
    type Err = voc_core::CoreError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or_else(|| voc_core::CoreError::UnknownLabel {
                what: "run outcome",
                value: text.to_owned(),
                expected: Self::ALL.map(Self::as_str).join(", "),
            })
    }
}

/// What a run did with the items of a source, added up over its committed chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Items read.
    pub read: u64,
    /// Records that were new.
    pub added: u64,
    /// Records that were replaced.
    pub replaced: u64,
    /// Records the store had as they were.
    pub unchanged: u64,
    /// Records older than what the store had.
    pub stale: u64,
    /// Dead letters that were new.
    pub dead: u64,
    /// Records left out for want of consent.
    pub without_consent: u64,
}

/// A run of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// How it began.
    pub start: RunStart,
    /// How it ended; `None`: it was interrupted, or is still going.
    pub end: Option<RunEnd>,
    /// What it did, per source, ordered by source.
    pub counts: Vec<(SourceId, RunCounts)>,
}

/// Logs the beginning of a run.
pub(crate) fn begin(connection: &Connection, start: &RunStart) -> Result<RunId> {
    let sql = "INSERT INTO run (started_at, model, taxonomy, as_of) VALUES (?1, ?2, ?3, ?4)
        RETURNING id";
    let (started_at, as_of) = (start.started_at.to_string(), start.as_of.to_string());
    connection.query_row(
        sql,
        [&started_at, &start.model, &start.taxonomy, &as_of],
        |row| row.get(0),
    )
}

/// Logs the end of a run; `false` if it is not going.
pub(crate) fn finish(connection: &Connection, run: RunId, end: RunEnd) -> Result<bool> {
    let sql = "UPDATE run SET finished_at = ?2, outcome = ?3 WHERE id = ?1 AND outcome IS NULL";
    let values = params![run, end.finished_at.to_string(), end.outcome.as_str()];
    Ok(connection.execute(sql, values)? > 0)
}

/// Whether a run was begun and not finished.
pub(crate) fn is_going(connection: &Connection, run: RunId) -> Result<bool> {
    let sql = "SELECT 1 FROM run WHERE id = ?1 AND outcome IS NULL";
    connection.prepare_cached(sql)?.exists([run])
}

/// Adds a chunk to the counts of its run and source.
pub(crate) fn count(
    connection: &Connection,
    run: RunId,
    source: &SourceId,
    counts: ChunkCounts,
    receipt: Receipt,
) -> Result<()> {
    let sql = "INSERT INTO run_source VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT DO UPDATE SET
            read = read + excluded.read,
            added = added + excluded.added,
            replaced = replaced + excluded.replaced,
            unchanged = unchanged + excluded.unchanged,
            stale = stale + excluded.stale,
            dead = dead + excluded.dead,
            without_consent = without_consent + excluded.without_consent";
    connection.prepare_cached(sql)?.execute(params![
        run,
        source.as_str(),
        counts.read,
        receipt.added,
        receipt.replaced,
        counts.unchanged + receipt.unchanged,
        counts.stale + receipt.stale,
        receipt.dead,
        counts.without_consent,
    ])?;
    Ok(())
}

/// The latest `limit` runs, latest first.
pub(crate) fn latest(connection: &Connection, limit: usize) -> Result<Vec<Run>> {
    let sql = "SELECT id, started_at, model, taxonomy, as_of, finished_at, outcome FROM run
        ORDER BY id DESC LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut runs = statement
        .query_map([limit], run)?
        .collect::<Result<Vec<_>>>()?;
    for run in &mut runs {
        run.counts = counts_of(connection, run.id)?;
    }
    Ok(runs)
}

fn run(row: &Row<'_>) -> Result<Run> {
    let end = match parsed_if_any(row, 5)? {
        Some(finished_at) => Some(RunEnd {
            finished_at,
            outcome: parsed(row, 6)?,
        }),
        None => None,
    };
    let start = RunStart {
        started_at: parsed(row, 1)?,
        model: row.get(2)?,
        taxonomy: row.get(3)?,
        as_of: parsed(row, 4)?,
    };
    Ok(Run {
        id: row.get(0)?,
        start,
        end,
        counts: Vec::new(),
    })
}

fn counts_of(connection: &Connection, run: RunId) -> Result<Vec<(SourceId, RunCounts)>> {
    let sql = "SELECT source, read, added, replaced, unchanged, stale, dead, without_consent
        FROM run_source WHERE run = ?1 ORDER BY source";
    let read = |row: &Row<'_>| {
        let counts = RunCounts {
            read: row.get(1)?,
            added: row.get(2)?,
            replaced: row.get(3)?,
            unchanged: row.get(4)?,
            stale: row.get(5)?,
            dead: row.get(6)?,
            without_consent: row.get(7)?,
        };
        Ok((id(row, 0)?, counts))
    };
    connection
        .prepare_cached(sql)?
        .query_map([run], read)?
        .collect()
}
