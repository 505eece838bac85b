//! `voc train --few-shot`: themes of one's own from a few examples of each.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use voc_core::{Taxonomy, ThemeId};
use voc_model::{Analyzer, Centred, FewShotHeads};
use voc_train::{FewShot, Shot};

use crate::args::{Common, TrainArgs};
use crate::commands::analyze::optional_config;
use crate::failure::{Failure, Outcome};
use crate::gold_files::read;
use crate::{engine, terminal};

/// A line of the examples file.
#[derive(Deserialize)]
struct Example {
    text: String,
    #[serde(alias = "theme")]
    label: ThemeId,
}

/// What was fitted, and how good it is.
#[derive(Serialize)]
struct Fitted {
    themes: usize,
    examples: usize,
    /// Among examples held out in turn.
    held_out_accuracy: f64,
    held_out_f1: f64,
    /// On the examples that `--examples` left over.
    #[serde(skip_serializing_if = "Option::is_none")]
    tested: Option<Tested>,
}

#[derive(Serialize)]
struct Tested {
    texts: usize,
    accuracy: f64,
}

/// Fits heads to `file` and writes them.
///
/// # Errors
/// [`Failure::Usage`] for a line that cannot be read, or an output that cannot be written.
pub fn few_shot(common: &Common, args: &TrainArgs, file: &Path) -> Result<Outcome, Failure> {
    let mut examples = examples(file)?;
    if examples.is_empty() {
        return Err(Failure::usage(format!(
            "{} has no examples",
            file.display()
        )));
    }
    if args.examples == Some(0) {
        return Err(Failure::usage("--examples is at least 1"));
    }
    let config = optional_config(common)?;
    let taxonomy = config.taxonomy()?;
    let analyzer = engine::analyzer(&config)?;
    let themes = themes(&examples);
    let rest = match args.examples {
        Some(each) => draw(&mut examples, each, args.seed),
        None => Vec::new(),
    };
    let mut shots = shots(&analyzer, &examples, &themes)?;
    shots.extend(others(&analyzer, &taxonomy, &themes)?);
    let encoder = analyzer.encoder().weights_id();
    let fitted = voc_train::few_shot(encoder, &themes, &shots, args.seed)?;
    fitted.heads.save(&args.to)?;
    let tested = test(&analyzer, &fitted, &rest, &themes)?;
    print(args, &fitted, examples.len(), tested)?;
    Ok(Outcome::Done)
}

fn examples(file: &Path) -> Result<Vec<Example>, Failure> {
    let text = read(file)?;
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| {
                let (file, line) = (file.display(), index + 1);
                Failure::usage(format!("{file}, line {line}: {error}"))
            })
        })
        .collect()
}

/// Every theme, in order of its id.
fn themes(examples: &[Example]) -> Vec<ThemeId> {
    let mut themes: Vec<ThemeId> = examples.iter().map(|e| e.label.clone()).collect();
    themes.sort();
    themes.dedup();
    themes
}

/// Keeps `each` examples of every theme and returns the others.
fn draw(examples: &mut Vec<Example>, each: usize, seed: u64) -> Vec<Example> {
    fastrand::Rng::with_seed(seed).shuffle(examples);
    let mut taken: BTreeMap<ThemeId, usize> = BTreeMap::new();
    let (kept, rest) = std::mem::take(examples).into_iter().partition(|example| {
        let count = taken.entry(example.label.clone()).or_default();
        *count += 1;
        *count <= each
    });
    *examples = kept;
    rest
}

fn shots(
    analyzer: &Analyzer,
    examples: &[Example],
    themes: &[ThemeId],
) -> Result<Vec<Shot>, Failure> {
    let texts: Vec<&str> = examples
        .iter()
        .map(|example| example.text.as_str())
        .collect();
    let vectors = analyzer.centred_sentences(&texts)?;
    let shots = vectors.into_iter().zip(examples).map(|(vector, example)| {
        let theme = themes.iter().position(|theme| *theme == example.label);
        (vector, theme)
    });
    Ok(shots.collect())
}

/// What is about something else: the taxonomy's examples of other themes and of nothing.
fn others(
    analyzer: &Analyzer,
    taxonomy: &Taxonomy,
    themes: &[ThemeId],
) -> Result<Vec<Shot>, Failure> {
    let other = taxonomy
        .themes
        .iter()
        .filter(|theme| !themes.contains(&theme.id));
    let of_themes = other.flat_map(|theme| theme.examples.iter().map(|e| e.text.as_str()));
    let of_nothing = taxonomy.none.examples.iter().map(|e| e.text.as_str());
    let texts: Vec<&str> = of_themes.chain(of_nothing).collect();
    let vectors = analyzer.centred_sentences(&texts)?;
    Ok(vectors.into_iter().map(|vector| (vector, None)).collect())
}

/// How often the likeliest theme is the right one.
fn test(
    analyzer: &Analyzer,
    fitted: &FewShot,
    rest: &[Example],
    themes: &[ThemeId],
) -> Result<Option<Tested>, Failure> {
    if rest.is_empty() {
        return Ok(None);
    }
    let right = |(vector, theme): &Shot| likeliest(&fitted.heads, vector) == *theme;
    let shots = shots(analyzer, rest, themes)?;
    let right = shots.iter().filter(|shot| right(shot)).count();
    Ok(Some(Tested {
        texts: rest.len(),
        accuracy: right as f64 / rest.len() as f64,
    }))
}

fn likeliest(heads: &FewShotHeads, vector: &Centred) -> Option<usize> {
    let probabilities = heads.probabilities(vector);
    (0..probabilities.len()).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]))
}

fn print(
    args: &TrainArgs,
    fitted: &FewShot,
    examples: usize,
    tested: Option<Tested>,
) -> Result<(), Failure> {
    let themes = fitted.heads.themes.len();
    let mut text = format!(
        "Fitted {themes} themes to {examples} examples. Held out in turn, {:.3} of them get \
         their theme; F1 at the threshold {:.3}.\n",
        fitted.accuracy, fitted.f1,
    );
    if let Some(Tested { texts, accuracy }) = &tested {
        text += &format!("Of {texts} other texts, {accuracy:.3} get their theme.\n");
    }
    let file = args.to.display();
    text += &format!(
        "They are in {file}: name it as `few_shot` under [model] in voc.toml, beside the file \
         that names the themes.\n"
    );
    let fitted = Fitted {
        themes,
        examples,
        held_out_accuracy: fitted.accuracy,
        held_out_f1: fitted.f1,
        tested,
    };
    terminal::print(args.output.format, &fitted, &text)
}
