//! Audits: what was drawn, and what people say of it.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use voc_core::{AuditLabels, AuditStratum, Language, RecordKey, Reviewer};

use crate::decode::{json, key, parsed};
use crate::facts::{as_json, each_row};
use crate::snapshot::stored_by_key;
use crate::writer::Failure;
use crate::{Snapshot, StoreError};

/// Number of an audit within its store, rising.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditId(u64);

impl AuditId {
    /// The audit with this number, if there is one.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for AuditId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How an audit was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditDraw {
    /// When.
    pub at: Timestamp,
    /// The seed; at most `i64::MAX`.
    pub seed: u64,
    /// Records wanted for each label.
    pub per_label: u64,
    /// First day drawn from.
    pub first_day: Date,
    /// Last day drawn from.
    pub last_day: Date,
    /// Languages drawn from; empty for all.
    pub languages: Vec<Language>,
    /// Version of the store that was drawn from.
    pub version: u64,
    /// Model and taxonomy of the labels then.
    pub annotator: String,
    /// Records that could have been drawn.
    pub population: u64,
    /// Every stratum.
    pub strata: Vec<AuditStratum>,
}

/// A record that was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnRecord {
    /// The record.
    pub key: RecordKey,
    /// How likely it was to be drawn, above 0 and up to 1.
    pub chance: f64,
    /// What the model said of it then.
    pub predicted: AuditLabels,
}

/// A drawn record with what a person says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditedRecord {
    /// What was drawn.
    pub drawn: DrawnRecord,
    /// What a person said last; `None`: it is still open.
    pub labels: Option<AuditLabels>,
}

/// What a person says of a drawn record.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditAnswer {
    /// The audit.
    pub audit: AuditId,
    /// The record.
    pub key: RecordKey,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Reviewer,
    /// The labels.
    pub labels: AuditLabels,
}

/// What became of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswersTaken {
    /// Of records that were open.
    pub first: u64,
    /// That differ from what was said before; they count from now on.
    pub changed: u64,
    /// That were given just so before; they are not kept twice.
    pub repeated: u64,
}

impl Snapshot {
    /// Every audit, in the order in which they were drawn.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn audits(&self) -> Result<Vec<(AuditId, AuditDraw)>, StoreError> {
        let sql = "SELECT id, at, seed, per_label, first_day, last_day, languages, version,
            annotator, population FROM audit ORDER BY id";
        self.read(|connection| {
            let mut audits = Vec::new();
            each_row(connection, sql, [], draw, &mut |audit| audits.push(audit))?;
            for (id, draw) in &mut audits {
                let strata = &mut draw.strata;
                let sql =
                    "SELECT label, language, size, chance FROM audit_stratum WHERE audit = ?1";
                each_row(connection, sql, [id.0], stratum, &mut |each| {
                    strata.push(each)
                })?;
            }
            Ok(audits)
        })
    }

    /// The records drawn for `audit` that are still in the store, ordered by key.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn audited(&self, audit: AuditId) -> Result<Vec<AuditedRecord>, StoreError> {
        let sql = "SELECT r.source, r.id, a.chance, a.predicted,
                (SELECT labels FROM audit_label WHERE audit = a.audit AND row = a.row
                 ORDER BY id DESC LIMIT 1)
            FROM audit_record AS a JOIN record AS r USING (row)
            WHERE a.audit = ?1 ORDER BY r.source, r.id";
        self.read(|connection| {
            let mut records = Vec::new();
            each_row(connection, sql, [audit.0], audited, &mut |each| {
                records.push(each)
            })?;
            Ok(records)
        })
    }
}

fn draw(row: &Row<'_>) -> Result<(AuditId, AuditDraw)> {
    let draw = AuditDraw {
        at: parsed(row, 1)?,
        seed: row.get(2)?,
        per_label: row.get(3)?,
        first_day: parsed(row, 4)?,
        last_day: parsed(row, 5)?,
        languages: json(row, 6)?,
        version: row.get(7)?,
        annotator: row.get(8)?,
        population: row.get(9)?,
        strata: Vec::new(),
    };
    Ok((AuditId(row.get(0)?), draw))
}

fn stratum(row: &Row<'_>) -> Result<AuditStratum> {
    Ok(AuditStratum {
        label: json(row, 0)?,
        language: parsed(row, 1)?,
        size: row.get(2)?,
        chance: row.get(3)?,
    })
}

fn audited(row: &Row<'_>) -> Result<AuditedRecord> {
    let labels: Option<String> = row.get(4)?;
    Ok(AuditedRecord {
        drawn: DrawnRecord {
            key: key(row, 0)?,
            chance: row.get(2)?,
            predicted: json(row, 3)?,
        },
        labels: labels.map(|_| json(row, 4)).transpose()?,
    })
}

/// Notes a draw with its records. The caller commits.
pub(crate) fn note_draw(
    connection: &Connection,
    draw: &AuditDraw,
    records: &[DrawnRecord],
) -> Result<AuditId, Failure> {
    let sql = "INSERT INTO audit (at, seed, per_label, first_day, last_day, languages, version,
            annotator, population) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id";
    let values = params![
        draw.at.to_string(),
        draw.seed,
        draw.per_label,
        draw.first_day.to_string(),
        draw.last_day.to_string(),
        as_json(&draw.languages)?,
        draw.version,
        draw.annotator,
        draw.population
    ];
    let id = connection.query_row(sql, values, |row| row.get(0))?;
    let mut insert = connection.prepare("INSERT INTO audit_stratum VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for stratum in &draw.strata {
        let (label, language) = (as_json(&stratum.label)?, stratum.language.as_str());
        insert.execute(params![id, label, language, stratum.size, stratum.chance])?;
    }
    let mut insert = connection.prepare("INSERT INTO audit_record VALUES (?1, ?2, ?3, ?4)")?;
    for (
        position,
        DrawnRecord {
            key,
            chance,
            predicted,
        },
    ) in records.iter().enumerate()
    {
        let unknown = || StoreError::UnknownRecord {
            position,
            key: key.clone(),
        };
        let row = stored_by_key(connection, key)?.ok_or_else(unknown)?.row;
        insert.execute(params![id, row, chance, as_json(predicted)?])?;
    }
    Ok(AuditId(id))
}

/// Adds answers. The caller commits.
pub(crate) fn take(
    connection: &Connection,
    answers: &[AuditAnswer],
) -> Result<AnswersTaken, Failure> {
    let mut taken = AnswersTaken::default();
    for (position, answer) in answers.iter().enumerate() {
        let not_drawn = || StoreError::NotDrawn {
            position,
            audit: answer.audit,
            key: answer.key.clone(),
        };
        let row = drawn_row(connection, answer)?.ok_or_else(not_drawn)?;
        match last_answer(connection, answer.audit, row)? {
            Some(last) if last == answer.labels => {
                taken.repeated += 1;
                continue;
            }
            Some(_) => taken.changed += 1,
            None => taken.first += 1,
        }
        add(connection, row, answer)?;
    }
    Ok(taken)
}

fn drawn_row(connection: &Connection, answer: &AuditAnswer) -> Result<Option<u64>> {
    let sql = "SELECT row FROM audit_record JOIN record USING (row)
        WHERE audit = ?1 AND source = ?2 AND id = ?3";
    let (source, id) = (answer.key.source.as_str(), answer.key.id.as_str());
    connection
        .prepare_cached(sql)?
        .query_row(params![answer.audit.0, source, id], |row| row.get(0))
        .optional()
}

fn last_answer(connection: &Connection, audit: AuditId, row: u64) -> Result<Option<AuditLabels>> {
    let sql =
        "SELECT labels FROM audit_label WHERE audit = ?1 AND row = ?2 ORDER BY id DESC LIMIT 1";
    connection
        .prepare_cached(sql)?
        .query_row([audit.0, row], |row| json(row, 0))
        .optional()
}

fn add(connection: &Connection, row: u64, answer: &AuditAnswer) -> Result<()> {
    let sql =
        "INSERT INTO audit_label (audit, row, at, reviewer, labels) VALUES (?1, ?2, ?3, ?4, ?5)";
    let (at, by) = (answer.at.to_string(), answer.by.as_str());
    let labels = as_json(&answer.labels)?;
    connection
        .prepare_cached(sql)?
        .execute(params![answer.audit.0, row, at, by, labels])?;
    Ok(())
}

#[cfg(test)]
mod tests;
