//! `voc status`: what the store holds, and how the last runs went.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::{Span, SpanCompare, Timestamp, ToSpan};
use serde::Serialize;
use voc_store::{Run, Snapshot, Store};

use crate::args::{Common, StatusArgs};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::terminal::{self, table};

/// Runs and dead letters shown, at most.
const SHOWN: usize = 10;

#[derive(Serialize)]
struct Status {
    records: u64,
    version: u64,
    annotator: Option<String>,
    first_day: Option<jiff::civil::Date>,
    last_day: Option<jiff::civil::Date>,
    /// Source, then language, then records.
    sources: BTreeMap<String, BTreeMap<String, u64>>,
    runs: Vec<RunShown>,
    dead_letters: u64,
    latest_dead_letters: Vec<DeadShown>,
    /// Seconds since the last finished run.
    age_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

#[derive(Serialize)]
struct RunShown {
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    outcome: String,
    read: u64,
    added: u64,
    replaced: u64,
    dead: u64,
}

#[derive(Serialize)]
struct DeadShown {
    source: String,
    file: String,
    reason: String,
}

/// Shows the state of the instance.
///
/// # Errors
/// [`Failure::Usage`] before the first run; [`Failure::Failed`] if `--verify` finds the
/// store at odds with itself.
pub fn status(common: &Common, args: &StatusArgs) -> Result<Outcome, Failure> {
    let config = Config::load(&common.config)?;
    if !config.store_file().exists() {
        return Err(Failure::usage("nothing has run yet; `voc run` comes first"));
    }
    let snapshot = Store::open(&config.store_file())?.snapshot()?;
    let now = args.as_of.unwrap_or_else(Timestamp::now);
    let mut status = gather(&snapshot, now)?;
    if args.verify {
        snapshot.verify()?;
        status.digest = Some(snapshot.digest()?.to_string());
    }
    terminal::print(args.output.format, &status, &text(&status))?;
    match args.max_age {
        Some(limit) if too_old(status.age_seconds, limit)? => Ok(Outcome::Incomplete),
        _ => Ok(Outcome::Done),
    }
}

fn gather(snapshot: &Snapshot, now: Timestamp) -> Result<Status, Failure> {
    let mut sources: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for counted in snapshot.sources()? {
        let languages = sources.entry(counted.source.to_string()).or_default();
        languages.insert(counted.language.to_string(), counted.records);
    }
    let mut latest_dead_letters = Vec::new();
    let mut dead_letters = 0;
    snapshot.dead_letters(None, &mut |dead| {
        dead_letters += 1;
        if latest_dead_letters.len() < SHOWN {
            let source = dead.source.to_string();
            latest_dead_letters.push(DeadShown {
                source,
                file: dead.file,
                reason: dead.reason,
            });
        }
    })?;
    let runs = snapshot.runs(SHOWN)?;
    let finished = runs
        .iter()
        .filter_map(|run| run.end)
        .map(|end| end.finished_at)
        .max();
    let days = snapshot.first_and_last_day()?;
    Ok(Status {
        records: sources.values().flat_map(BTreeMap::values).sum(),
        version: snapshot.version(),
        annotator: snapshot.annotator()?,
        first_day: days.map(|(first, _)| first),
        last_day: days.map(|(_, last)| last),
        sources,
        runs: runs.iter().map(shown).collect(),
        dead_letters,
        latest_dead_letters,
        age_seconds: finished.map(|at| now.as_second() - at.as_second()),
        digest: None,
    })
}

fn shown(run: &Run) -> RunShown {
    let sum =
        |count: fn(&voc_store::RunCounts) -> u64| run.counts.iter().map(|(_, c)| count(c)).sum();
    RunShown {
        started_at: run.start.started_at,
        finished_at: run.end.map(|end| end.finished_at),
        outcome: run
            .end
            .map_or("interrupted", |end| end.outcome.as_str())
            .to_owned(),
        read: sum(|counts| counts.read),
        added: sum(|counts| counts.added),
        replaced: sum(|counts| counts.replaced),
        dead: sum(|counts| counts.dead),
    }
}

/// No finished run at all is too old for any limit.
fn too_old(age_seconds: Option<i64>, limit: Span) -> Result<bool, Failure> {
    let Some(age) = age_seconds else {
        return Ok(true);
    };
    let order = age
        .seconds()
        .compare(SpanCompare::from(limit).days_are_24_hours());
    Ok(order.map_err(Failure::usage)?.is_gt())
}

fn text(status: &Status) -> String {
    let mut text = String::new();
    let days = match (status.first_day, status.last_day) {
        (Some(first), Some(last)) => format!(", {first} to {last}"),
        _ => String::new(),
    };
    let _ = writeln!(
        text,
        "{} records{days}, store version {}",
        status.records, status.version
    );
    if let Some(annotator) = &status.annotator {
        let _ = writeln!(text, "labelled by {annotator}");
    }
    if let Some(digest) = &status.digest {
        let _ = writeln!(text, "verified; digest {digest}");
    }
    text.push('\n');
    text.push_str(&sources(status));
    text.push('\n');
    text.push_str(&runs(status));
    if status.dead_letters > 0 {
        let _ = writeln!(text, "\n{} dead letters, among them:", status.dead_letters);
        for dead in &status.latest_dead_letters {
            let _ = writeln!(text, "  {}, {}, {}", dead.source, dead.file, dead.reason);
        }
    }
    text
}

/// Languages shown as columns; the rest is summed up.
const COLUMNS: usize = 10;

fn sources(status: &Status) -> String {
    let mut languages: BTreeMap<&str, u64> = BTreeMap::new();
    for (language, records) in status.sources.values().flatten() {
        *languages.entry(language).or_default() += records;
    }
    let mut columns: Vec<(&str, u64)> = languages.into_iter().collect();
    columns.sort_by_key(|(language, records)| (std::cmp::Reverse(*records), *language));
    columns.truncate(COLUMNS);
    let mut heading = vec!["source".to_owned(), "records".to_owned()];
    heading.extend(columns.iter().map(|(language, _)| (*language).to_owned()));
    heading.push("other".to_owned());
    let mut rows = vec![heading];
    for (source, by_language) in &status.sources {
        let all: u64 = by_language.values().sum();
        let shown: Vec<u64> = columns
            .iter()
            .map(|(language, _)| by_language.get(*language).copied().unwrap_or(0))
            .collect();
        let other = all - shown.iter().sum::<u64>();
        let counts = std::iter::once(all).chain(shown).chain([other]);
        rows.push(
            std::iter::once(source.clone())
                .chain(counts.map(|n| n.to_string()))
                .collect(),
        );
    }
    table(&rows)
}

fn runs(status: &Status) -> String {
    let heading = ["run", "outcome", "read", "new", "replaced", "dead letters"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for run in &status.runs {
        let counts = [run.read, run.added, run.replaced, run.dead].map(|count| count.to_string());
        let mut row = vec![
            run.started_at.strftime("%Y-%m-%d %H:%M").to_string(),
            run.outcome.clone(),
        ];
        row.extend(counts);
        rows.push(row);
    }
    table(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_too_old_past_the_limit_or_if_there_is_none() {
        let check = |age, limit: &str, expect| {
            assert_eq!(
                too_old(age, limit.parse().unwrap()).unwrap(),
                expect,
                "{age:?} {limit}"
            );
        };
        check(Some(25 * 3600), "26h", false);
        check(Some(27 * 3600), "26h", true);
        check(Some(27 * 3600), "2d", false);
        check(None, "26h", true);
    }
}
