//! `voc eval`: labels against a person's, and search against judged queries.

mod retrieval;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use voc_core::{Annotation, Body, Record, RecordId};
use voc_eval::render::{self, Style};
use voc_eval::{
    Difference, Evaluation, GoldRecord, Mapping, RankingScore, SetEvaluation, compare, evaluate,
    evaluate_set,
};
use voc_model::{Analyzed, Analyzer};

use super::analyze::optional_config;
use crate::args::{Common, EvalArgs, EvalFormat};
use crate::failure::{Failure, Outcome};
use crate::gold_files::{cannot, files_of, read, read_gold};
use crate::nightly::CHUNK;
use crate::{engine, terminal};

/// Everything that was asked for.
#[derive(Default, Serialize)]
struct Evaluated {
    #[serde(skip_serializing_if = "Option::is_none")]
    gold: Option<Evaluation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Vec<Difference>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sets: Vec<SetEvaluation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    retrieval: Vec<Ranked>,
    /// Mappings whose file is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    absent: Vec<PathBuf>,
}

/// How well one folder's queries were answered in one mode.
#[derive(Serialize)]
struct Ranked {
    name: String,
    #[serde(flatten)]
    score: RankingScore,
}

/// Measures, and prints the figures.
///
/// # Errors
/// [`Failure::Usage`] for files that cannot be read as what they should be.
pub fn eval(common: &Common, args: &EvalArgs) -> Result<Outcome, Failure> {
    let mut model = Model {
        common,
        heads: args.heads.as_deref(),
        analyzer: None,
    };
    let mut evaluated = Evaluated::default();
    if !args.gold.is_empty() {
        evaluate_gold(args, &mut model, &mut evaluated)?;
    }
    if let Some(folder) = &args.sets {
        evaluate_sets(&args.mapping, folder, &mut model, &mut evaluated)?;
    }
    for folder in &args.retrieval {
        for (name, score) in retrieval::scores(folder, &mut model)? {
            evaluated.retrieval.push(Ranked { name, score });
        }
    }
    print(args.format, &evaluated)?;
    if evaluated.absent.is_empty() {
        return Ok(Outcome::Done);
    }
    for file in &evaluated.absent {
        tracing::warn!("{} is not there: its set was left out", file.display());
    }
    Ok(Outcome::Incomplete)
}

/// The analyzer, loaded when first needed.
struct Model<'a> {
    common: &'a Common,
    /// Heads to measure instead of the configured ones.
    heads: Option<&'a Path>,
    analyzer: Option<Analyzer>,
}

impl Model<'_> {
    fn analyzer(&mut self) -> Result<&Analyzer, Failure> {
        if self.analyzer.is_none() {
            let mut config = optional_config(self.common)?;
            if let Some(heads) = self.heads {
                config.model.heads = Some(std::path::absolute(heads)?);
            }
            self.analyzer = Some(engine::analyzer(&config)?);
        }
        self.analyzer
            .as_ref()
            .ok_or_else(|| Failure::failed("the model was not loaded"))
    }

    /// Analyses `records` chunk by chunk; `each` sees them in order.
    fn analyze(
        &mut self,
        records: Vec<Record>,
        what: &str,
        mut each: impl FnMut(Analyzed) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let template = "{bar:30} {pos}/{len} {msg}  {eta} left";
        let progress: ProgressBar = terminal::progress(self.common, records.len() as u64, template);
        progress.set_message(what.to_owned());
        let analyzer = self.analyzer()?;
        let mut records = records.into_iter();
        loop {
            let chunk: Vec<Record> = records.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            progress.inc(chunk.len() as u64);
            for analyzed in analyzer.analyze(chunk)? {
                each(analyzed)?;
            }
        }
        progress.finish_and_clear();
        Ok(())
    }

    /// Annotations of `records`, with places in their texts as given.
    fn annotate(&mut self, records: Vec<Record>, what: &str) -> Result<Vec<Annotation>, Failure> {
        let mut given = records.clone().into_iter();
        let mut annotations = Vec::with_capacity(records.len());
        self.analyze(records, what, |analyzed| {
            if let Some(given) = given.next() {
                annotations.push(analyzed.annotation_of_given(&given)?);
            }
            Ok(())
        })?;
        Ok(annotations)
    }
}

fn evaluate_gold(
    args: &EvalArgs,
    model: &mut Model<'_>,
    evaluated: &mut Evaluated,
) -> Result<(), Failure> {
    let gold = read_gold(&args.gold)?;
    let found = match &args.labelled {
        Some(file) => read_labelled(file, &gold)?,
        None => {
            let records = gold.iter().map(|gold| gold.record.clone()).collect();
            model.annotate(records, "gold records")?
        }
    };
    let evaluation = evaluate(&gold, &found)?;
    if let Some(file) = &args.against {
        let before = evaluate(&gold, &read_labelled(file, &gold)?)?;
        evaluated.comparison = Some(compare(&before, &evaluation));
    }
    if let Some(file) = &args.html {
        let page = render::html(&evaluation, &gold, &found)?;
        fs::write(file, page).map_err(|error| cannot("write", file, &error))?;
        tracing::info!("the page is in {}", file.display());
    }
    evaluated.gold = Some(evaluation);
    Ok(())
}

/// The annotations of labelled lines, in the order of the gold records: what `voc analyze`
/// wrote, or what a second person labelled in the gold format.
fn read_labelled(path: &Path, gold: &[GoldRecord]) -> Result<Vec<Annotation>, Failure> {
    let refused = |why: String| Failure::usage(format!("{}: {why}", path.display()));
    let mut lines = labelled_lines(path)?;
    gold.iter()
        .map(|gold| {
            let id = &gold.record.id;
            let (body, annotation) = lines
                .remove(id)
                .ok_or_else(|| refused(format!("there is no line with id {id}")))?;
            if body != gold.record.body {
                return Err(refused(format!(
                    "the text of {id} is not that of the gold record; label with --no-redact"
                )));
            }
            Ok(annotation)
        })
        .collect()
}

fn labelled_lines(path: &Path) -> Result<BTreeMap<RecordId, (Body, Annotation)>, Failure> {
    let mut lines = BTreeMap::new();
    for file in files_of(path)? {
        let text = read(&file)?;
        if is_gold(&text) {
            let labelled = GoldRecord::read_all(&text)
                .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
            lines.extend(labelled.into_iter().map(|person| {
                let annotation = person.gold.as_annotation("a person");
                (person.record.id, (person.record.body, annotation))
            }));
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            let labelled: Labelled = serde_json::from_str(line).map_err(|error| {
                Failure::usage(format!("{}, line {}: {error}", file.display(), index + 1))
            })?;
            lines.insert(labelled.id, (labelled.body, labelled.annotation));
        }
    }
    Ok(lines)
}

/// Whether a person labelled these lines: they write the language as a plain code.
fn is_gold(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let line = first.and_then(|line| serde_json::from_str::<Value>(line).ok());
    line.is_some_and(|line| line["lang"].is_string())
}

/// What is needed of a line that `voc analyze` wrote.
#[derive(Deserialize)]
struct Labelled {
    id: RecordId,
    #[serde(flatten)]
    body: Body,
    #[serde(flatten)]
    annotation: Annotation,
}

fn evaluate_sets(
    mappings: &[PathBuf],
    folder: &Path,
    model: &mut Model<'_>,
    evaluated: &mut Evaluated,
) -> Result<(), Failure> {
    for file in mappings {
        let in_file = |error| Failure::usage(format!("{}: {error}", file.display()));
        let mapping = Mapping::parse(&read(file)?).map_err(in_file)?;
        let set = folder.join(&mapping.file);
        if !set.exists() {
            evaluated.absent.push(set);
            continue;
        }
        let in_set = |error| Failure::usage(format!("{}: {error}", set.display()));
        let (records, left_out) = mapping.read(&read(&set)?).map_err(in_set)?;
        let given = records.iter().map(|set| set.record.clone()).collect();
        let found = model.annotate(given, &mapping.title)?;
        let set = evaluate_set(&mapping, &records, left_out, &found)?;
        evaluated.sets.push(set);
    }
    Ok(())
}

fn print(format: EvalFormat, evaluated: &Evaluated) -> Result<(), Failure> {
    let style = match format {
        EvalFormat::Json => {
            let json = serde_json::to_string_pretty(evaluated)?;
            return terminal::print_text(&format!("{json}\n"));
        }
        EvalFormat::Text => Style::Text,
        EvalFormat::Md => Style::Markdown,
    };
    let mut parts = Vec::new();
    if let Some(gold) = &evaluated.gold {
        parts.push(render::evaluation(gold, style));
    }
    if let Some(comparison) = &evaluated.comparison {
        parts.push(render::comparison(comparison, style));
    }
    if !evaluated.sets.is_empty() {
        parts.push(render::sets(&evaluated.sets, style));
    }
    if !evaluated.retrieval.is_empty() {
        let scores = evaluated
            .retrieval
            .iter()
            .map(|r| (r.name.clone(), r.score));
        parts.push(render::rankings(&scores.collect::<Vec<_>>(), style));
    }
    terminal::print_text(&parts.join("\n"))
}
