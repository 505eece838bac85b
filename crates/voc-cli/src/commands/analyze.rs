//! `voc analyze`: a filter from canonical lines to labelled lines. It stores nothing, and
//! what it says of a line depends on that line, the model and the taxonomy only.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write, stdin, stdout};
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::{Map, Value};
use voc_core::{Annotation, Record, SourceId};
use voc_ingest::{Item, read_canonical};
use voc_model::Analyzer;

use crate::args::{AnalyzeArgs, Common};
use crate::config::Config;
use crate::engine;
use crate::failure::{Failure, Outcome};
use crate::nightly::CHUNK;

/// Labels every line of the input, in order.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be opened, [`Failure::Failed`] if the encoder
/// fails or the output cannot be written.
pub fn analyze(common: &Common, args: &AnalyzeArgs) -> Result<Outcome, Failure> {
    let config = optional_config(common)?;
    let source = SourceId::new(&args.source)?;
    let input = open_input(&args.input)?;
    let output = open_output(&args.output)?;
    let analyzer = engine::analyzer(&config)?;
    let mut filter = Filter {
        analyzer: &analyzer,
        redact: !args.no_redact,
        output,
        waiting: Vec::with_capacity(CHUNK),
        failure: None,
        refused: 0,
    };
    read_canonical(input, &source, &mut |item| filter.take(item))?;
    filter.finish()
}

/// Labelling needs no configuration file, but uses one that is there.
pub fn optional_config(common: &Common) -> Result<Config, Failure> {
    if common.config == Path::new("voc.toml") && !common.config.exists() {
        return Config::built_in();
    }
    Config::load(&common.config)
}

fn open_input(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(stdin())));
    }
    let file = File::open(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

fn open_output(path: &Path) -> Result<Box<dyn Write>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufWriter::new(stdout())));
    }
    let file = File::create(path)
        .map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))?;
    Ok(Box::new(BufWriter::new(file)))
}

struct Filter<'a> {
    analyzer: &'a Analyzer,
    redact: bool,
    output: Box<dyn Write>,
    waiting: Vec<Record>,
    failure: Option<Failure>,
    refused: u64,
}

impl Filter<'_> {
    fn take(&mut self, item: Item) -> ControlFlow<()> {
        match item.outcome {
            Ok(record) => self.waiting.push(record),
            Err(rejection) => {
                self.refused += 1;
                tracing::warn!("{}: {}", item.position, rejection.reason);
            }
        }
        if self.waiting.len() == CHUNK
            && let Err(failure) = self.flush()
        {
            self.failure = Some(failure);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let given = std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK));
        let as_given = if self.redact {
            Vec::new()
        } else {
            given.clone()
        };
        let analyzed = self.analyzer.analyze(given)?;
        let mut as_given = as_given.into_iter();
        for analyzed in analyzed {
            let line = match as_given.next() {
                Some(given) => labelled(&given, &analyzed.annotation_of_given(&given)?)?,
                None => labelled(&analyzed.record, &analyzed.annotation)?,
            };
            serde_json::to_writer(&mut self.output, &line)?;
            self.output.write_all(b"\n")?;
        }
        self.output.flush()?;
        Ok(())
    }

    fn finish(mut self) -> Result<Outcome, Failure> {
        match self.failure.take() {
            Some(failure) => return Err(failure),
            None => self.flush()?,
        }
        if self.refused > 0 {
            tracing::warn!(
                "{} lines could not be used; the others were labelled",
                self.refused
            );
            return Ok(Outcome::Incomplete);
        }
        Ok(Outcome::Done)
    }
}

/// The record's fields, then the annotation's; `lang` becomes the annotation's.
fn labelled(record: &Record, annotation: &Annotation) -> Result<Map<String, Value>, Failure> {
    let mut line = Map::new();
    for part in [
        serde_json::to_value(record)?,
        serde_json::to_value(annotation)?,
    ] {
        if let Value::Object(fields) = part {
            line.extend(fields);
        }
    }
    Ok(line)
}
