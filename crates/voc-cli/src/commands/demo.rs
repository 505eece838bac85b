//! `voc demo`: an invented company's exports, run and reported, in a folder of their own.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use voc_core::PeriodUnit;
use voc_pulse::render;

use crate::args::{Common, DemoArgs, Format, Output, PulseArgs, ReportFormat, RunArgs};
use crate::commands::{pulse, run};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::terminal;

/// The morning after the last week of the demo's story: its "today".
const AS_OF: &str = "2026-10-26T06:00:00Z";

/// The week shown: the second after new packaging was introduced.
const WEEK: &str = "2026-W41";

/// The shipped files, inside the binary.
const FILES: [(&str, &str); 7] = [
    ("voc.toml", include_str!("../../../../data/demo/voc.toml")),
    (
        "exports/helpdesk.json",
        include_str!("../../../../data/demo/exports/helpdesk.json"),
    ),
    (
        "exports/chat.jsonl",
        include_str!("../../../../data/demo/exports/chat.jsonl"),
    ),
    (
        "exports/reviews.csv",
        include_str!("../../../../data/demo/exports/reviews.csv"),
    ),
    (
        "exports/survey.csv",
        include_str!("../../../../data/demo/exports/survey.csv"),
    ),
    (
        "exports/social.jsonl",
        include_str!("../../../../data/demo/exports/social.jsonl"),
    ),
    (
        "exports/sales.jsonl",
        include_str!("../../../../data/demo/exports/sales.jsonl"),
    ),
];

/// Searches to try, in one language each, that find texts in all of them.
const SEARCHES: [&str; 4] = [
    "piatti arrivati rotti",
    "счупени чинии kind:complaint",
    "checkout charged me twice",
    "预约安装 sentiment:positive",
];

/// What the command prints as JSON.
#[derive(Serialize)]
struct Demo<'a> {
    folder: &'a Path,
    reports: &'a [PathBuf],
    searches: &'a [&'a str],
}

/// Sets the demo up, runs the nightly job on it, writes the report and shows it.
///
/// # Errors
/// [`Failure::Usage`] if the folder holds something else; whatever `voc run` may fail with.
pub fn demo(common: &Common, args: &DemoArgs) -> Result<Outcome, Failure> {
    let as_of: Timestamp = AS_OF.parse().map_err(Failure::failed)?;
    unpack(&args.folder)?;
    let config_file = args.folder.join("voc.toml");
    let config = Config::load(&config_file)?;
    let output = Output {
        format: args.output.format,
    };
    let run_args = RunArgs {
        folder: None,
        source: Vec::new(),
        as_of: Some(as_of),
        output,
    };
    let report = run::execute(common, &config, &run_args)?;
    let formats = vec![
        ReportFormat::Html,
        ReportFormat::Md,
        ReportFormat::Json,
        ReportFormat::Csv,
    ];
    let pulse_args = PulseArgs {
        period: PeriodUnit::Week,
        of: Some(WEEK.parse()?),
        format: formats.clone(),
        output_dir: None,
        language: None,
        as_of: Some(as_of),
    };
    let pulse = pulse::report(&config, &pulse_args)?;
    let reports = pulse::write(&pulse, &formats, &config.data().join("reports"))?;
    let text = match args.output.format {
        Format::Json => String::new(),
        Format::Text => farewell(&render::markdown(&pulse), &reports, &config_file),
    };
    let result = Demo {
        folder: &args.folder,
        reports: &reports,
        searches: &SEARCHES,
    };
    terminal::print(args.output.format, &result, &text)?;
    Ok(match report.incomplete(config.limits.dead_letters) {
        true => Outcome::Incomplete,
        false => Outcome::Done,
    })
}

/// Writes the files. A folder that is not empty must hold this demo.
fn unpack(folder: &Path) -> Result<(), Failure> {
    let (marker, ours) = (folder.join("voc.toml"), FILES[0].1);
    let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && fs::read_to_string(&marker).ok().as_deref() != Some(ours) {
        return Err(Failure::usage(format!(
            "{} holds something else; name another folder for the demo",
            folder.display()
        )));
    }
    for (name, content) in FILES {
        let path = folder.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&path, content))
            .map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))?;
    }
    Ok(())
}

fn farewell(report: &str, reports: &[PathBuf], config: &Path) -> String {
    let config = config.display();
    let files: String = reports
        .iter()
        .map(|path| format!("  {}\n", path.display()))
        .collect();
    let searches: String = SEARCHES
        .iter()
        .map(|query| format!("  voc --config {config} search '{query}'\n"))
        .collect();
    format!("{report}\nThe report is in\n{files}\nSearches to try:\n{searches}")
}
