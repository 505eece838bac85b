//! `voc audit show`: how often the model is right, and shares set right for its error.

use serde::Serialize;
use voc_pulse::audit::{Adjusted, Audited, Design, LabelAudit, evaluate};
use voc_store::{AuditDraw, AuditId, AuditedRecord, Snapshot, Store};

use crate::args::ShowArgs;
use crate::failure::{Failure, Outcome};
use crate::terminal::{self, table};

/// An audit as it is shown.
#[derive(Serialize)]
struct Shown {
    audit: u64,
    drawn_at: jiff::Timestamp,
    seed: u64,
    first_day: jiff::civil::Date,
    last_day: jiff::civil::Date,
    languages: Vec<voc_core::Language>,
    /// Model and taxonomy that were audited.
    annotator: String,
    /// Whether the store's labels are still theirs.
    current: bool,
    population: u64,
    drawn: usize,
    labelled: usize,
    labels: Vec<LabelAudit>,
}

/// Prints what an audit says.
///
/// # Errors
/// [`Failure::Usage`] if there is no such audit.
pub fn show(store: &Store, args: &ShowArgs) -> Result<Outcome, Failure> {
    let snapshot = store.snapshot()?;
    let (id, draw) = chosen(&snapshot, args)?;
    let shown = evaluated(&snapshot, id, draw)?;
    terminal::print(args.output.format, &shown, &text(&shown))?;
    Ok(Outcome::Done)
}

fn chosen(snapshot: &Snapshot, args: &ShowArgs) -> Result<(AuditId, AuditDraw), Failure> {
    let mut audits = snapshot.audits()?.into_iter();
    match args.audit {
        None => audits
            .next_back()
            .ok_or_else(|| Failure::usage("nothing was drawn yet; `voc audit draw` comes first")),
        Some(number) => audits
            .find(|(id, _)| id.get() == number)
            .ok_or_else(|| Failure::usage(format!("there is no audit {number}"))),
    }
}

fn evaluated(snapshot: &Snapshot, id: AuditId, draw: AuditDraw) -> Result<Shown, Failure> {
    let records = snapshot.audited(id)?;
    let drawn = records.len();
    let labelled = |AuditedRecord { drawn, labels }: AuditedRecord| {
        Some(Audited {
            chance: drawn.chance,
            predicted: drawn.predicted,
            truth: labels?,
        })
    };
    let audited: Vec<Audited> = records.into_iter().filter_map(labelled).collect();
    let design = Design::from_strata(draw.population, draw.strata);
    Ok(Shown {
        audit: id.get(),
        drawn_at: draw.at,
        seed: draw.seed,
        first_day: draw.first_day,
        last_day: draw.last_day,
        languages: draw.languages,
        current: snapshot.annotator()?.as_ref() == Some(&draw.annotator),
        annotator: draw.annotator,
        population: draw.population,
        drawn,
        labelled: audited.len(),
        labels: evaluate(&design, &audited),
    })
}

fn text(shown: &Shown) -> String {
    let Shown {
        audit,
        seed,
        first_day,
        last_day,
        annotator,
        population,
        drawn,
        labelled,
        ..
    } = shown;
    let day = shown.drawn_at.strftime("%Y-%m-%d");
    let mut text = format!(
        "Audit {audit}, drawn {day} with seed {seed}: {labelled} of {drawn} records labelled, \
         of {population} from {first_day} to {last_day}\nThe labels audited are those of {annotator}"
    );
    text.push_str(match shown.current {
        true => ".\n\n",
        false => "; the store's are another's by now.\n\n",
    });
    let heading = [
        "label",
        "yes",
        "no",
        "precision",
        "recall",
        "observed",
        "adjusted",
    ];
    let heading = heading.map(str::to_owned).to_vec();
    let rows = shown.labels.iter().map(row);
    text + &table(&[heading].into_iter().chain(rows).collect::<Vec<_>>())
}

fn row(audit: &LabelAudit) -> Vec<String> {
    let share = |share: Option<f64>| share.map_or("–".to_owned(), |share| format!("{share:.2}"));
    vec![
        audit.label.to_string(),
        audit.positives.to_string(),
        audit.negatives.to_string(),
        share(audit.precision),
        share(audit.recall),
        percent(audit.observed),
        audit.adjusted.map_or("not audited".to_owned(), adjusted),
    ]
}

fn adjusted(Adjusted { rate, interval }: Adjusted) -> String {
    let (low, high) = (percent(interval.low), percent(interval.high));
    format!("{} ({low} to {high})", percent(rate))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
