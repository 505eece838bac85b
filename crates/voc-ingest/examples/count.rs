//! Reads every source of a configuration and prints, per file, what became of its items.
//!
//! ```text
//! cargo run --release -p voc-ingest --example count -- voc.toml FOLDER [N]
//! ```
//!
//! `FOLDER` is what the paths of the sources are relative to. With `N`, the first `N`
//! records of each file are printed as canonical JSON lines, to check a field map by eye.
//! Exit code 1: a source or file could not be read to its end.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use serde::Deserialize;
use voc_ingest::{SourceConfig, SourceFile};

/// The part of a `voc.toml` that matters here.
#[derive(Deserialize)]
struct Config {
    sources: Vec<SourceConfig>,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (config, folder, show) = match arguments.as_slice() {
        [config, folder] => (config, folder, 0),
        [config, folder, show] => (config, folder, show.parse()?),
        _ => return Err("usage: count voc.toml FOLDER [N]".into()),
    };
    let config: Config = toml::from_str(&std::fs::read_to_string(config)?)?;
    let mut total = Tally::default();
    let mut complete = true;
    println!(
        "{:<44} {:>8} {:>8} {:>10} {:>7}",
        "source and file", "records", "rejected", "records/s", "MB/s"
    );
    for source in &config.sources {
        match source.files(Path::new(folder)) {
            Ok(files) => {
                for file in &files {
                    complete &= count(source, file, show, &mut total);
                }
            }
            Err(error) => {
                complete = false;
                println!("{error}");
            }
        }
    }
    println!(
        "{:<44} {:>8} {:>8}",
        "total",
        total.records,
        total.rejected()
    );
    Ok(if complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What became of the items of a file.
#[derive(Default)]
struct Tally {
    records: u64,
    reasons: BTreeMap<String, u64>,
}

impl Tally {
    fn rejected(&self) -> u64 {
        self.reasons.values().sum()
    }
}

/// Reads one file and prints its row; `false` if it could not be read to its end.
fn count(source: &SourceConfig, file: &SourceFile, show: u64, total: &mut Tally) -> bool {
    let start = Instant::now();
    let mut tally = Tally::default();
    let mut shown = Vec::new();
    let end = file.read(0, &mut |item| {
        match item.outcome {
            Ok(record) => {
                if tally.records < show {
                    shown.extend(serde_json::to_string(&record));
                }
                tally.records += 1;
            }
            Err(rejection) => *tally.reasons.entry(rejection.reason).or_default() += 1,
        }
        ControlFlow::Continue(())
    });
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:<44} {:>8} {:>8} {:>10.0} {:>7.1}",
        format!("{} {}", source.id, file.name()),
        tally.records,
        tally.rejected(),
        (tally.records + tally.rejected()) as f64 / seconds,
        file.len_bytes() as f64 / 1e6 / seconds,
    );
    for (reason, number) in &tally.reasons {
        println!("{number:>12} × {reason}");
    }
    for line in shown {
        println!("{line}");
    }
    total.records += tally.records;
    for (reason, number) in tally.reasons {
        *total.reasons.entry(reason).or_default() += number;
    }
    if let Err(error) = &end {
        println!("{error}");
    }
    end.is_ok()
}
