//! Corrections from a file, as a page or a spreadsheet writes them.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use voc_core::{Correction, RecordId, RecordKey, Reviewer, SourceId, Taxonomy};
use voc_store::{LabelChange, Revision};

use super::check;
use crate::args::CorrectArgs;
use crate::failure::Failure;
use crate::gold_files::{self, in_line};

/// A line: the fields of a [`Correction`] with what it is about.
#[derive(Deserialize)]
struct Line {
    source: SourceId,
    #[serde(deserialize_with = "text_or_number")]
    id: RecordId,
    by: Option<Reviewer>,
    note: Option<String>,
    /// Read apart, so that a misspelt field is told.
    #[serde(flatten)]
    labels: Map<String, Value>,
}

/// Tables write ids as text or as numbers.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RecordId, D::Error> {
    let id = match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        other => other.to_string(),
    };
    RecordId::new(&id).map_err(serde::de::Error::custom)
}

/// Reads the corrections of `file` with their line numbers; empty lines are passed over.
///
/// # Errors
/// [`Failure::Usage`] naming the first line that cannot be used.
pub fn read(
    file: &Path,
    args: &CorrectArgs,
    as_of: Timestamp,
    taxonomy: &Taxonomy,
) -> Result<Vec<(usize, Revision)>, Failure> {
    let text = gold_files::read(file)?;
    let lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(number, line)| {
        let revision = revision(line, args, as_of, taxonomy);
        let revision = revision.map_err(|failure| in_line(file, number, &failure))?;
        Ok((number, revision))
    });
    let revisions: Vec<_> = read.collect::<Result<_, Failure>>()?;
    if revisions.is_empty() {
        let file = file.display();
        return Err(Failure::usage(format!("{file} holds no corrections")));
    }
    Ok(revisions)
}

fn revision(
    line: &str,
    args: &CorrectArgs,
    as_of: Timestamp,
    taxonomy: &Taxonomy,
) -> Result<Revision, Failure> {
    let Line {
        source,
        id,
        by,
        note,
        labels,
    } = serde_json::from_str(line).map_err(Failure::usage)?;
    let by = by.or_else(|| args.by.clone());
    let by =
        by.ok_or_else(|| Failure::usage("`by` is missing: who says so? --by names one for all"))?;
    let correction = serde_json::from_value(Value::Object(labels));
    let correction: Correction = correction.map_err(Failure::usage)?;
    check(&correction, taxonomy)?;
    Ok(Revision {
        key: RecordKey { source, id },
        at: as_of,
        by,
        note,
        change: LabelChange::Correct(correction),
    })
}
