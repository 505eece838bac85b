//! Labels, corrections and what changed, for people and as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write};

use jiff::Timestamp;
use serde::Serialize;
use voc_core::{
    Annotation, AuditLabels, Correction, Kind, OrNone, Record, RecordKey, Reviewer, Sentiment,
    ThemeId, Touchpoint, Urgency,
};
use voc_store::{LabelChange, Revised, Revision, Store, StoreError, Stored};

use crate::args::Format;
use crate::failure::{Failure, Outcome};
use crate::terminal::{self, table};

/// What is shown of an annotation: labels without scores and places.
#[derive(Serialize)]
struct Labels {
    kinds: BTreeSet<Kind>,
    sentiment: Sentiment,
    urgency: Urgency,
    touchpoint: Option<Touchpoint>,
    themes: BTreeMap<ThemeId, Sentiment>,
}

impl Labels {
    fn of(annotation: &Annotation) -> Self {
        let labels = AuditLabels::from(annotation);
        Self {
            kinds: labels.kinds,
            sentiment: labels.sentiment,
            urgency: annotation.urgency,
            touchpoint: annotation.touchpoint,
            themes: labels.themes,
        }
    }

    /// Every label by its name, none left out but themes.
    fn by_name(&self) -> Vec<(String, String)> {
        let fixed = [
            ("kinds", joined(&self.kinds)),
            ("sentiment", self.sentiment.to_string()),
            ("urgency", self.urgency.level().to_string()),
            ("touchpoint", OrNone(self.touchpoint).to_string()),
        ];
        let fixed = fixed.map(|(name, value)| (name.to_owned(), value));
        let themes = self
            .themes
            .iter()
            .map(|(theme, feeling)| (theme.to_string(), feeling.to_string()));
        fixed.into_iter().chain(themes).collect()
    }
}

/// Both sides of every label that one of them has.
fn side_by_side(before: &Labels, after: &Labels) -> Vec<[String; 3]> {
    let (before, after) = (before.by_name(), after.by_name());
    let find = |side: &[(String, String)], name: &str| {
        let found = side.iter().find(|(other, _)| other == name);
        found.map_or(NONE.to_owned(), |(_, value)| value.clone())
    };
    let mut names: Vec<&String> = before.iter().chain(&after).map(|(name, _)| name).collect();
    // Themes by name; what every record has comes first, as it is.
    names[..].sort_by_key(|name| (place(name), name.as_str()));
    names.dedup();
    let row = |name: &String| [name.clone(), find(&before, name), find(&after, name)];
    names.into_iter().map(row).collect()
}

const NONE: &str = "none";
const FIXED: [&str; 4] = ["kinds", "sentiment", "urgency", "touchpoint"];

fn place(name: &str) -> usize {
    let fixed = FIXED.iter().position(|fixed| *fixed == name);
    fixed.unwrap_or(FIXED.len())
}

fn joined<'l, L: Display + 'l>(labels: impl IntoIterator<Item = &'l L>) -> String {
    let labels: Vec<String> = labels.into_iter().map(L::to_string).collect();
    if labels.is_empty() {
        NONE.to_owned()
    } else {
        labels.join(", ")
    }
}

#[derive(Serialize)]
struct RevisedShown<'r> {
    #[serde(flatten)]
    key: &'r RecordKey,
    before: Labels,
    after: Labels,
}

/// Tells what changed, record by record.
///
/// # Errors
/// [`Failure::Failed`] if stdout cannot be written.
pub fn revised(revised: &[Revised], format: Format) -> Result<(), Failure> {
    let shown: Vec<RevisedShown<'_>> = revised
        .iter()
        .map(|revised| RevisedShown {
            key: &revised.key,
            before: Labels::of(&revised.before),
            after: Labels::of(&revised.after),
        })
        .collect();
    let text: String = shown.iter().map(change_text).collect();
    terminal::print(format, &shown, &text)
}

fn change_text(shown: &RevisedShown<'_>) -> String {
    let rows = side_by_side(&shown.before, &shown.after);
    let changed = rows
        .into_iter()
        .filter(|[_, before, after]| before != after);
    let changed = changed
        .map(|[name, before, after]| vec![format!("  {name}"), format!("{before} → {after}")]);
    let changed: Vec<Vec<String>> = changed.collect();
    match changed.as_slice() {
        [] => format!(
            "{}\n  no label changed; that they are right is noted\n",
            shown.key
        ),
        changed => format!("{}\n{}", shown.key, table(changed)),
    }
}

/// A revision as JSON.
#[derive(Serialize)]
struct RevisionShown {
    #[serde(flatten)]
    key: RecordKey,
    at: Timestamp,
    by: Reviewer,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    withdrawn: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Correction>,
}

impl From<Revision> for RevisionShown {
    fn from(revision: Revision) -> Self {
        let labels = match revision.change {
            LabelChange::Correct(correction) => Some(correction),
            LabelChange::Withdraw => None,
        };
        Self {
            key: revision.key,
            at: revision.at,
            by: revision.by,
            note: revision.note,
            withdrawn: labels.is_none(),
            labels,
        }
    }
}

impl RevisionShown {
    fn text(&self) -> String {
        let at = self.at.strftime("%Y-%m-%d %H:%M");
        let said = self.labels.as_ref();
        let said = said.map_or("withdrew the corrections before".to_owned(), said_in);
        let note = self.note.as_ref();
        let note = note.map_or(String::new(), |note| format!(" ({})", note.trim()));
        format!("{at}  {}  {}: {said}{note}\n", self.key, self.by)
    }
}

/// A correction on one line.
fn said_in(correction: &Correction) -> String {
    let mut said: Vec<String> = Vec::new();
    if let Some(kinds) = &correction.kinds {
        said.push(format!("kinds {}", joined(kinds)));
    }
    if let Some(sentiment) = correction.sentiment {
        said.push(format!("sentiment {sentiment}"));
    }
    if let Some(urgency) = correction.urgency {
        said.push(format!("urgency {}", urgency.level()));
    }
    if let Some(touchpoint) = correction.touchpoint {
        said.push(format!("touchpoint {touchpoint}"));
    }
    for (theme, label) in &correction.themes {
        said.push(match &label.0 {
            None => format!("{theme} {NONE}"),
            Some(label) => {
                let quote = label.quote.as_ref();
                let quote = quote.map_or(String::new(), |quote| format!(" «{quote}»"));
                format!("{theme} {}{quote}", label.sentiment)
            }
        });
    }
    said.join("; ")
}

/// Prints every revision.
///
/// # Errors
/// [`Failure::Failed`] if the store cannot be read.
pub fn list(store: &Store, format: Format) -> Result<Outcome, Failure> {
    let revisions = revisions(store, None)?;
    let text = match revisions.as_slice() {
        [] => "No label has been corrected yet.\n".to_owned(),
        revisions => revisions.iter().map(RevisionShown::text).collect(),
    };
    terminal::print(format, &revisions, &text)?;
    Ok(Outcome::Done)
}

fn revisions(store: &Store, key: Option<&RecordKey>) -> Result<Vec<RevisionShown>, StoreError> {
    let mut revisions = Vec::new();
    let snapshot = store.snapshot()?;
    snapshot.corrections(key, &mut |revision| revisions.push(revision.into()))?;
    Ok(revisions)
}

#[derive(Serialize)]
struct RecordShown<'s> {
    record: &'s Record,
    labels: Labels,
    /// What the model says, where that does not hold.
    model: Option<Labels>,
    history: Vec<RevisionShown>,
}

/// Prints a record with its labels and its history.
///
/// # Errors
/// [`Failure::Usage`] if it is not in the store.
pub fn record(store: &Store, key: &RecordKey, format: Format) -> Result<Outcome, Failure> {
    let snapshot = store.snapshot()?;
    let unknown = || StoreError::UnknownRecord {
        position: 0,
        key: key.clone(),
    };
    let stored = snapshot.record(key)?.ok_or_else(unknown)?;
    let shown = RecordShown {
        record: &stored.record,
        labels: Labels::of(&stored.annotation),
        model: snapshot.model_annotation(key)?.as_ref().map(Labels::of),
        history: revisions(store, Some(key))?,
    };
    terminal::print(format, &shown, &record_text(&stored, &shown))?;
    Ok(Outcome::Done)
}

fn record_text(stored: &Stored, shown: &RecordShown<'_>) -> String {
    let (record, annotation) = (&stored.record, &stored.annotation);
    let day = record.created_at.strftime("%Y-%m-%d");
    let (key, language) = (record.key(), annotation.lang.code);
    let mut text = format!("{key}  {day}  {language}  {}\n", record.channel);
    for (_, speaker, part) in record.parts() {
        let by = match speaker {
            voc_core::Speaker::Customer => "",
            voc_core::Speaker::Agent => "agent: ",
            voc_core::Speaker::System => "system: ",
        };
        let _ = writeln!(text, "    {by}{}", part.trim().replace('\n', "\n    "));
    }
    text.push('\n');
    text.push_str(&labels_text(shown));
    if !shown.history.is_empty() {
        text.push('\n');
        text.extend(shown.history.iter().map(RevisionShown::text));
    }
    text
}

fn labels_text(shown: &RecordShown<'_>) -> String {
    let heading = ["label", "holds", "the model says"].map(str::to_owned);
    let Some(model) = &shown.model else {
        let labels = shown.labels.by_name().into_iter();
        let rows: Vec<Vec<String>> = labels.map(|(name, value)| vec![name, value]).collect();
        return table(&rows);
    };
    let rows = side_by_side(&shown.labels, model).into_iter();
    let rows: Vec<Vec<String>> = [heading].into_iter().chain(rows).map(Vec::from).collect();
    table(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(kinds: &[Kind], themes: &[(&str, Sentiment)]) -> Labels {
        let theme = |(id, feeling): &(&str, Sentiment)| (ThemeId::new(id).unwrap(), *feeling);
        Labels {
            kinds: kinds.iter().copied().collect(),
            sentiment: Sentiment::Neutral,
            urgency: Urgency::default(),
            touchpoint: None,
            themes: themes.iter().map(theme).collect(),
        }
    }

    #[test]
    fn what_changed_is_told_from_before_to_after() {
        let key = RecordKey {
            source: voc_core::SourceId::new("chat").unwrap(),
            id: voc_core::RecordId::new("7").unwrap(),
        };
        let before = labels(&[Kind::Wish], &[("store.experience", Sentiment::Mixed)]);
        let after = labels(&[], &[("billing.price", Sentiment::Negative)]);
        let shown = RevisedShown {
            key: &key,
            before,
            after,
        };
        let expect = "chat/7\n  kinds             wish → none\n  billing.price     none → negative\n  \
            store.experience  mixed → none\n";
        assert_eq!(change_text(&shown), expect);
        let same = RevisedShown {
            key: &key,
            before: labels(&[], &[]),
            after: labels(&[], &[]),
        };
        assert_eq!(
            change_text(&same),
            "chat/7\n  no label changed; that they are right is noted\n"
        );
    }

    #[test]
    fn a_correction_fits_on_a_line() {
        let line = r#"{"kinds":[],"urgency":2,"touchpoint":"none","themes":{"a":"none",
            "b":{"sentiment":"negative","quote":"скъпо"}}}"#;
        let correction = serde_json::from_str(line).unwrap();
        let expect = "kinds none; urgency 2; touchpoint none; a none; b negative «скъпо»";
        assert_eq!(said_in(&correction), expect);
    }
}
