//! `voc audit take`: what a person says of the records that were drawn.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use voc_core::{
    AuditLabels, Kind, Polarity, RecordId, RecordKey, Sentiment, SourceId, Taxonomy, ThemeId,
};
use voc_store::{AnswersTaken, AuditAnswer, AuditId, Store, StoreError, StoreLock};

use crate::args::TakeArgs;
use crate::commands::correct::known_themes;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::gold_files::{at_line, in_line, read};
use crate::terminal;

/// A line of the file; what is not about labels is left unread.
#[derive(Deserialize)]
struct Line {
    audit: Option<u64>,
    source: Option<SourceId>,
    id: RecordId,
    kinds: Option<BTreeSet<Kind>>,
    sentiment: Option<Sentiment>,
    mentions: Option<Vec<Mention>>,
}

/// A mention as gold labels have it; its quote is not needed.
#[derive(Deserialize)]
struct Mention {
    theme: ThemeId,
    sentiment: Polarity,
}

#[derive(Serialize)]
struct Taken {
    first: u64,
    changed: u64,
    repeated: u64,
    /// Drawn records of these audits that nobody has labelled yet.
    open: usize,
}

/// Takes the lines that are filled in: all of them, or none.
///
/// # Errors
/// [`Failure::Usage`] naming the first line that cannot be used, or is half filled in.
pub fn take(config: &Config, store: &Store, args: &TakeArgs) -> Result<Outcome, Failure> {
    let (lines, answers) = answers(config, args)?;
    let audits: BTreeSet<AuditId> = answers.iter().map(|answer| answer.audit).collect();
    let taken = write(config, store, answers);
    let taken = taken.map_err(|error| at_line(&args.file, &lines, error))?;
    let mut open = 0;
    let snapshot = store.snapshot()?;
    for audit in audits {
        let audited = snapshot.audited(audit)?;
        open += audited.iter().filter(|each| each.labels.is_none()).count();
    }
    tell(args, taken, open)?;
    Ok(Outcome::Done)
}

fn write(
    config: &Config,
    store: &Store,
    answers: Vec<AuditAnswer>,
) -> Result<AnswersTaken, StoreError> {
    let _lock = StoreLock::to_write(&config.data())?;
    store.writer(config.zone().clone())?.take_audit(answers)
}

/// The answers of the lines that are filled in, with their line numbers.
fn answers(config: &Config, args: &TakeArgs) -> Result<(Vec<usize>, Vec<AuditAnswer>), Failure> {
    let text = read(&args.file)?;
    let taxonomy = config.taxonomy()?;
    let at = args.as_of.unwrap_or_else(Timestamp::now);
    let (mut numbers, mut answers) = (Vec::new(), Vec::new());
    let lines = (1..).zip(text.lines());
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let answer = answer(line, args, at, &taxonomy);
        let answer = answer.map_err(|failure| in_line(&args.file, number, &failure))?;
        if let Some(answer) = answer {
            numbers.push(number);
            answers.push(answer);
        }
    }
    if answers.is_empty() {
        let file = args.file.display();
        return Err(Failure::usage(format!(
            "no line of {file} is filled in yet"
        )));
    }
    Ok((numbers, answers))
}

/// The answer of a line; `None` if it is still open.
fn answer(
    line: &str,
    args: &TakeArgs,
    at: Timestamp,
    taxonomy: &Taxonomy,
) -> Result<Option<AuditAnswer>, Failure> {
    let line: Line = serde_json::from_str(line).map_err(Failure::usage)?;
    let (Some(audit), Some(source)) = (line.audit, line.source) else {
        return Err(Failure::usage(
            "it comes from no draw: `audit` and `source` are what `voc audit draw` wrote there",
        ));
    };
    let (kinds, sentiment, mentions) = match (line.kinds, line.sentiment, line.mentions) {
        (None, None, None) => return Ok(None),
        (Some(kinds), Some(sentiment), Some(mentions)) => (kinds, sentiment, mentions),
        (kinds, sentiment, mentions) => {
            let given = [kinds.is_some(), sentiment.is_some(), mentions.is_some()];
            return Err(half_filled(given));
        }
    };
    known_themes(mentions.iter().map(|mention| &mention.theme), taxonomy)?;
    let mentions = mentions.into_iter().map(|m| (m.theme, m.sentiment));
    Ok(Some(AuditAnswer {
        audit: AuditId::new(audit),
        key: RecordKey {
            source,
            id: line.id,
        },
        at,
        by: args.by.clone(),
        labels: AuditLabels::new(kinds, sentiment, mentions),
    }))
}

fn half_filled(given: [bool; 3]) -> Failure {
    let names = ["kinds", "sentiment", "mentions"].into_iter().zip(given);
    let missing: Vec<&str> = names
        .filter(|(_, given)| !given)
        .map(|(name, _)| name)
        .collect();
    Failure::usage(format!(
        "it is half filled in: {} is missing",
        missing.join(" and ")
    ))
}

fn tell(args: &TakeArgs, taken: AnswersTaken, open: usize) -> Result<(), Failure> {
    let AnswersTaken {
        first,
        changed,
        repeated,
    } = taken;
    let text = format!(
        "Took the labels of {first} records; {changed} were labelled anew, {repeated} were known \
         already. {open} are still open.\n"
    );
    let taken = Taken {
        first,
        changed,
        repeated,
        open,
    };
    terminal::print(args.output.format, &taken, &text)
}
