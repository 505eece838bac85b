//! `voc run`: the nightly job.

use std::fmt::Write;

use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::Serialize;
use voc_store::{Key, RunLock, RunStart, Store};

use crate::args::{Common, RunArgs};
use crate::commands::rebuild;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::nightly::{self, Job, Plan, Report};
use crate::terminal::{self, table};
use crate::{engine, indexing};

/// Bytes stand for work: they are known beforehand, the number of records is not.
const PROGRESS: &str = "{bar:30} {percent:>3}%  {msg}  {eta} left";

/// What the command prints as JSON.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    report: &'a Report,
    total: nightly::SourceReport,
    nothing_new: bool,
    seconds: f64,
}

/// Reads what is new, labels, stores and indexes it.
///
/// # Errors
/// [`Failure`] for a configuration, model or store that cannot be used.
pub fn run(common: &Common, args: &RunArgs) -> Result<Outcome, Failure> {
    let started = std::time::Instant::now();
    let config = Config::load(&common.config)?;
    let report = execute(common, &config, args)?;
    let total = report.total();
    let nothing_new = total.files_read == 0;
    let text = summary(&config, &report, nothing_new);
    let seconds = started.elapsed().as_secs_f64();
    let result = Printed {
        report: &report,
        total,
        nothing_new,
        seconds,
    };
    terminal::print(args.output.format, &result, &text)?;
    Ok(match report.incomplete(config.limits.dead_letters) {
        true => Outcome::Incomplete,
        false => Outcome::Done,
    })
}

/// The job without its output.
///
/// # Errors
/// As [`run`].
pub fn execute(common: &Common, config: &Config, args: &RunArgs) -> Result<Report, Failure> {
    let sources = config.selected(&args.source)?;
    if sources.is_empty() {
        return Err(Failure::usage(
            "no sources are configured; describe one under [[sources]]",
        ));
    }
    std::fs::create_dir_all(config.data()).map_err(|error| {
        Failure::usage(format!(
            "cannot make the data folder {}: {error}",
            config.data().display()
        ))
    })?;
    let _lock = RunLock::acquire(&config.data())?;
    let key = Key::load_or_create(&config.key_file())?;
    let store = Store::open(&config.store_file())?;
    let mut report = Report::default();
    let folder = args
        .folder
        .clone()
        .unwrap_or_else(|| config.ingest_folder());
    let plan = Plan::new(&sources, &folder, &store.snapshot()?, &mut report)?;
    if !plan.is_empty() {
        let analyzer = engine::analyzer(config)?;
        let writer = store.writer(config.zone().clone())?;
        writer.set_annotator(&rebuild::annotator(&analyzer))?;
        let as_of = args.as_of.unwrap_or_else(Timestamp::now);
        let run = writer.begin_run(RunStart {
            started_at: as_of,
            model: analyzer.model().to_owned(),
            taxonomy: analyzer.taxonomy().to_owned(),
            as_of,
        })?;
        let progress: ProgressBar = terminal::progress(common, plan.bytes(), PROGRESS);
        let job = Job {
            writer,
            store: store.clone(),
            key,
            analyzer,
            run,
            progress,
        };
        nightly::run(
            job,
            plan,
            || args.as_of.unwrap_or_else(Timestamp::now),
            &mut report,
        )?;
    }
    indexing::catch_up(config, &store)?;
    Ok(report)
}

fn summary(config: &Config, report: &Report, nothing_new: bool) -> String {
    let mut text = String::new();
    let total = report.total();
    if nothing_new
        && report
            .sources
            .values()
            .all(|source| source.failed.is_none())
    {
        let files = total.files_unchanged;
        return format!("Nothing new: {files} files are as they were when last read.\n");
    }
    let heading = [
        "source",
        "read",
        "new",
        "replaced",
        "unchanged",
        "stale",
        "no consent",
        "dead letters",
    ];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    let row = |name: &str, s: &nightly::SourceReport| {
        let counts = [
            s.read,
            s.added,
            s.replaced,
            s.unchanged,
            s.stale,
            s.without_consent,
            s.dead,
        ];
        std::iter::once(name.to_owned())
            .chain(counts.map(|count| count.to_string()))
            .collect()
    };
    for (id, source) in &report.sources {
        rows.push(row(id, source));
    }
    rows.push(row("total", &total));
    text.push_str(&table(&rows));
    for (id, source) in &report.sources {
        if let Some(reason) = &source.failed {
            let _ = writeln!(text, "source {id} was not read to its end: {reason}");
        }
    }
    if total.dead > 0 {
        let share = 100.0 * config.limits.dead_letters;
        let _ = writeln!(
            text,
            "Dead letters are listed by `voc status`; over {share} % of a source makes a run incomplete."
        );
    }
    text
}
