//! Corrections: the tables, and how they are laid over what the model says.

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use voc_core::{Annotation, Correction, Record, RecordKey};

use crate::decode::{id, json, key, parsed};
use crate::prepare::{Labels, PreparedEntry};
use crate::rollup::RollupChange;
use crate::snapshot::{stored_by_key, stored_row};
use crate::writer::Failure;
use crate::{Corrected, LabelChange, Revised, Revision, Snapshot, StoreError, apply, facts};

/// The rows with corrections in force.
pub(crate) const CORRECTED: &str = "
    SELECT DISTINCT row FROM correction AS c WHERE id > coalesce(
        (SELECT max(id) FROM correction WHERE row = c.row AND labels IS NULL), 0)";

const REVISIONS: &str = "
    SELECT r.source, r.id, c.at, c.reviewer, c.note, c.labels
    FROM correction AS c JOIN record AS r USING (row)";

impl Snapshot {
    /// Calls `each` with every revision of the record under `key`, or of every record, in
    /// the order in which they were made.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn corrections(
        &self,
        key: Option<&RecordKey>,
        each: &mut dyn FnMut(Revision),
    ) -> Result<(), StoreError> {
        let of_record = "(?1 IS NULL OR (r.source = ?1 AND r.id = ?2))";
        let sql = format!("{REVISIONS} WHERE {of_record} ORDER BY c.id");
        let key = [
            key.map(|key| key.source.as_str()),
            key.map(|key| key.id.as_str()),
        ];
        self.read(|connection| facts::each_row(connection, &sql, key, revision, each))
    }

    /// Calls `each` with every record that has corrections in force, ordered by key.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn corrected(&self, each: &mut dyn FnMut(Corrected)) -> Result<(), StoreError> {
        let sql =
            "SELECT m.row, m.annotation FROM model_annotation AS m JOIN record AS r USING (row)
            ORDER BY r.source, r.id";
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if let Some(stored) = stored_row(connection, row.get(0)?)? {
                    let model = json(row, 1)?;
                    each(Corrected { stored, model });
                }
            }
            Ok(())
        })
    }

    /// What the model itself says about the record under `key`, if corrections of it are in
    /// force.
    ///
    /// # Errors
    /// See [`Snapshot`].
    pub fn model_annotation(&self, key: &RecordKey) -> Result<Option<Annotation>, StoreError> {
        self.read(|connection| match stored_by_key(connection, key)? {
            Some(stored) => model_annotation(connection, stored.row),
            None => Ok(None),
        })
    }

    /// The key of a record whose labels are not what its corrections make of the model's.
    pub(crate) fn wrongly_corrected(&self) -> Result<Option<RecordKey>, StoreError> {
        let mut wrong = None;
        let mut failed = None;
        self.corrected(&mut |Corrected { stored, model }| match self
            .read(|connection| in_force(connection, stored.row))
        {
            Ok(correction) => {
                let correction = correction.unwrap_or_default();
                if correction.apply_what_fits(&model, &stored.record) != stored.annotation {
                    wrong = Some(stored.record.key());
                }
            }
            Err(error) => failed = Some(error),
        })?;
        failed.map_or(Ok(wrong), Err)
    }
}

fn revision(row: &Row<'_>) -> Result<Revision> {
    let labels: Option<String> = row.get(5)?;
    Ok(Revision {
        key: key(row, 0)?,
        at: parsed(row, 2)?,
        by: id(row, 3)?,
        note: row.get(4)?,
        change: match labels {
            Some(_) => LabelChange::Correct(json(row, 5)?),
            None => LabelChange::Withdraw,
        },
    })
}

/// Makes every revision, one after the other. The caller commits.
pub(crate) fn revise(
    connection: &Connection,
    revisions: &[Revision],
    zone: &TimeZone,
) -> Result<Vec<Revised>, Failure> {
    let version = apply::next_version(connection)?;
    let mut rollups = RollupChange::default();
    let mut all = Vec::with_capacity(revisions.len());
    for (position, revision) in revisions.iter().enumerate() {
        let unknown = || StoreError::UnknownRecord {
            position,
            key: revision.key.clone(),
        };
        let stored = stored_by_key(connection, &revision.key)?.ok_or_else(unknown)?;
        let revisable = Revisable {
            row: stored.row,
            record: &stored.record,
            model: model_annotation(connection, stored.row)?.unwrap_or(stored.annotation.clone()),
            in_force: in_force(connection, stored.row)?,
        };
        let after = revisable.revise(connection, position, revision)?;
        let labels = Labels::new(&stored.record, &after, stored.customer, zone);
        let labels = labels.map_err(facts::unwritable)?;
        apply::relabel(connection, stored.row, &labels, version, &mut rollups)?;
        all.push(Revised {
            key: revision.key.clone(),
            before: stored.annotation,
            after,
        });
    }
    rollups.apply(connection)?;
    Ok(all)
}

/// A record as a revision finds it.
struct Revisable<'s> {
    row: u64,
    record: &'s Record,
    model: Annotation,
    in_force: Option<Correction>,
}

impl Revisable<'_> {
    /// Adds `revision` and returns the annotation that then holds.
    fn revise(
        self,
        connection: &Connection,
        position: usize,
        revision: &Revision,
    ) -> Result<Annotation, Failure> {
        let key = || revision.key.clone();
        let LabelChange::Correct(correction) = &revision.change else {
            if self.in_force.is_none() {
                let key = key();
                return Err(StoreError::NothingToWithdraw { position, key }.into());
            }
            add(connection, self.row, revision, None)?;
            forget_model_annotation(connection, self.row)?;
            return Ok(self.model);
        };
        let earlier = self.in_force.unwrap_or_default();
        let correction = correction.clone().anchored(&self.model).after(&earlier);
        // Only what is said now must fit: the customer may have edited away the words of
        // something said earlier.
        let fits = correction.apply(&self.model, self.record);
        fits.map_err(|source| StoreError::Correction {
            position,
            key: key(),
            source,
        })?;
        add(connection, self.row, revision, Some(&correction))?;
        let model = serde_json::to_string(&self.model).map_err(facts::unwritable)?;
        keep_model_annotation(connection, self.row, &model)?;
        Ok(earlier
            .then(correction)
            .apply_what_fits(&self.model, self.record))
    }
}

/// The labels of `entry` with the corrections of `row` laid over; `None` where there are
/// none. What the model says is kept.
pub(crate) fn lay_over(
    connection: &Connection,
    row: u64,
    entry: &PreparedEntry,
    zone: &TimeZone,
) -> Result<Option<Labels>> {
    let Some(correction) = in_force(connection, row)? else {
        return Ok(None);
    };
    keep_model_annotation(connection, row, &entry.labels.annotation)?;
    let laid_over = || {
        let record: Record = serde_json::from_str(&entry.record)?;
        let model: Annotation = serde_json::from_str(&entry.labels.annotation)?;
        let effective = correction.apply_what_fits(&model, &record);
        Labels::new(
            &record,
            &effective,
            entry.labels.fact.customer.clone(),
            zone,
        )
    };
    laid_over().map(Some).map_err(facts::unwritable)
}

/// Everything said since the last withdrawal, as one correction.
fn in_force(connection: &Connection, row: u64) -> Result<Option<Correction>> {
    let sql = "SELECT labels FROM correction WHERE row = ?1 AND id > coalesce(
            (SELECT max(id) FROM correction WHERE row = ?1 AND labels IS NULL), 0)
        ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([row])?;
    let mut all: Option<Correction> = None;
    while let Some(row) = rows.next()? {
        all = Some(all.unwrap_or_default().then(json(row, 0)?));
    }
    Ok(all)
}

fn add(
    connection: &Connection,
    row: u64,
    revision: &Revision,
    labels: Option<&Correction>,
) -> Result<()> {
    let sql =
        "INSERT INTO correction (row, at, reviewer, note, labels) VALUES (?1, ?2, ?3, ?4, ?5)";
    let labels = labels.map(serde_json::to_string).transpose();
    let labels = labels.map_err(facts::unwritable)?;
    let (at, by) = (revision.at.to_string(), revision.by.as_str());
    connection
        .prepare_cached(sql)?
        .execute(params![row, at, by, revision.note, labels])?;
    Ok(())
}

fn model_annotation(connection: &Connection, row: u64) -> Result<Option<Annotation>> {
    let sql = "SELECT annotation FROM model_annotation WHERE row = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([row], |row| json(row, 0))
        .optional()
}

fn keep_model_annotation(connection: &Connection, row: u64, annotation: &str) -> Result<()> {
    let sql = "INSERT INTO model_annotation VALUES (?1, ?2) ON CONFLICT DO UPDATE SET
        annotation = excluded.annotation";
    connection
        .prepare_cached(sql)?
        .execute(params![row, annotation])?;
    Ok(())
}

fn forget_model_annotation(connection: &Connection, row: u64) -> Result<()> {
    let sql = "DELETE FROM model_annotation WHERE row = ?1";
    connection.prepare_cached(sql)?.execute([row])?;
    Ok(())
}

#[cfg(test)]
mod tests;
