use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use voc_core::{Annotation, Language, Sentiment, Touchpoint};

use crate::marks::marks;
use crate::mistake::{mistakes, worst};
use crate::resamples::interval;
use crate::tally::Tally;
use crate::{
    Calibration, Cell, Confusion, EvalError, GoldRecord, Interval, Measure, Mistake, Resamples,
    Slice,
};

/// Records listed as worst, at most.
const WORST: usize = 200;

/// Annotations measured against gold labels.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// Gold records.
    pub records: usize,
    /// How many of them are in each language.
    pub languages: BTreeMap<Language, usize>,
    /// The models that annotated, usually one.
    pub models: BTreeSet<String>,
    /// The taxonomies they used.
    pub taxonomies: BTreeSet<String>,
    /// Every figure, one per measure and slice.
    pub cells: Vec<Cell>,
    /// Means over labels or languages.
    pub means: Vec<Mean>,
    /// What was taken for what.
    pub confusions: Vec<Confusion>,
    /// Whether the scores of kinds mean what they say.
    pub calibration: Calibration,
    /// Kinds, sentiments and themes missed or wrongly assigned.
    pub mistakes: Vec<Mistake>,
    /// The records with the gravest mistakes, worst first: places among the gold records.
    #[serde(skip)]
    pub worst: Vec<usize>,
}

/// A mean of F1 figures that count alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// The group; the label is `macro` for a mean over the group's labels, else the label
    /// whose languages are averaged.
    #[serde(flatten)]
    pub measure: Measure,
    /// The languages it is about; empty for all records taken together.
    pub languages: Vec<Language>,
    /// The mean.
    pub value: f64,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// How far each language is from the mean, where languages are averaged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
}

/// A language's F1 minus the mean over languages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// The language.
    pub language: Language,
    /// Gold positives of the label in it.
    pub positives: u32,
    /// F1 minus mean.
    pub gap: f64,
    /// 95 % interval of the gap.
    pub interval: Option<Interval>,
}

/// Sets `found` beside `gold`, in the same order.
///
/// # Errors
/// [`EvalError::Unpaired`] if there is not one annotation per record.
pub fn evaluate(gold: &[GoldRecord], found: &[Annotation]) -> Result<Evaluation, EvalError> {
    if gold.len() != found.len() {
        return Err(EvalError::Unpaired {
            records: gold.len(),
            annotations: found.len(),
        });
    }
    let resamples = Resamples::new(gold.iter().map(|g| g.gold.dup_group.as_deref()));
    let mut tally = Tally::new(
        gold.iter()
            .map(|g| (g.gold.lang, g.record.channel))
            .collect(),
    );
    let mut all_mistakes = Vec::new();
    for (index, (gold, found)) in gold.iter().zip(found).enumerate() {
        for (measure, counts) in marks(&gold.gold, found) {
            tally.add(index, measure, counts);
        }
        all_mistakes.extend(mistakes(index, gold, found));
    }
    let cells = tally.cells(&resamples);
    let mut languages = BTreeMap::new();
    for gold in gold {
        *languages.entry(gold.gold.lang).or_insert(0) += 1;
    }
    Ok(Evaluation {
        records: gold.len(),
        models: found.iter().map(|f| f.model.clone()).collect(),
        taxonomies: found.iter().map(|f| f.taxonomy.clone()).collect(),
        means: means(&cells, &languages),
        confusions: confusions(gold, found),
        calibration: calibration(gold, found),
        worst: worst(gold, &all_mistakes, WORST),
        mistakes: all_mistakes,
        cells,
        languages,
    })
}

impl Evaluation {
    /// The figure of `label` in `group` on `slice`.
    pub fn cell(&self, group: &str, label: &str, slice: &Slice) -> Option<&Cell> {
        self.cells.iter().find(|cell| {
            cell.measure.group == group && cell.measure.label == label && cell.slice == *slice
        })
    }
}

/// The groups whose labels are averaged.
const MACRO_GROUPS: [&str; 3] = ["kind", "sentiment", "theme"];

fn means(cells: &[Cell], languages: &BTreeMap<Language, usize>) -> Vec<Mean> {
    let mut means = Vec::new();
    let alone = languages.keys().map(|language| Slice::language(*language));
    for slice in std::iter::once(Slice::ALL).chain(alone) {
        for group in MACRO_GROUPS {
            let labels = cells.iter().filter(|cell| {
                let measure = &cell.measure;
                measure.group == group && cell.slice == slice && !measure.is_summary()
            });
            let gold: Vec<&Cell> = labels.filter(|cell| cell.counts.gold > 0).collect();
            means.extend(mean(Measure::new(group, "macro"), &slice, &gold));
        }
    }
    let measures: BTreeSet<&Measure> = cells.iter().map(|cell| &cell.measure).collect();
    for measure in measures {
        means.extend(over_languages(measure, cells));
    }
    means
}

pub(crate) fn mean(measure: Measure, slice: &Slice, cells: &[&Cell]) -> Option<Mean> {
    if cells.is_empty() {
        return None;
    }
    let values = cells.iter().filter_map(|cell| cell.f1);
    let n = cells.len() as f64;
    Some(Mean {
        measure,
        languages: slice.languages.clone(),
        value: values.sum::<f64>() / n,
        interval: interval(&mean_draws(cells)),
        gaps: Vec::new(),
    })
}

/// The mean over the first-class languages that have gold positives, and each one's gap.
fn over_languages(measure: &Measure, cells: &[Cell]) -> Option<Mean> {
    let of_language = |language: &Language| {
        let slice = Slice::language(*language);
        let mut cells = cells.iter();
        cells.find(|cell| cell.measure == *measure && cell.slice == slice && cell.counts.gold > 0)
    };
    let found: Vec<&Cell> = Language::FIRST_CLASS
        .iter()
        .filter_map(of_language)
        .collect();
    if found.len() < 2 {
        return None;
    }
    let languages: Vec<Language> = found.iter().map(|cell| cell.slice.languages[0]).collect();
    let slice = Slice {
        languages,
        channel: None,
    };
    let mut over = mean(measure.clone(), &slice, &found)?;
    let mean_draws = mean_draws(&found);
    over.gaps = found
        .iter()
        .map(|cell| {
            let gaps: Vec<f64> = cell
                .draws
                .iter()
                .zip(&mean_draws)
                .map(|(a, b)| a - b)
                .collect();
            Gap {
                language: cell.slice.languages[0],
                positives: cell.counts.gold,
                gap: cell.f1.unwrap_or(0.0) - over.value,
                interval: interval(&gaps),
            }
        })
        .collect();
    Some(over)
}

/// The mean of the cells' F1 in each resample.
fn mean_draws(cells: &[&Cell]) -> Vec<f64> {
    let known: Vec<(f64, &[f64])> = cells
        .iter()
        .filter_map(|cell| Some((cell.f1?, cell.draws.as_slice())))
        .collect();
    let length = known.first().map_or(0, |(_, draws)| draws.len());
    (0..length)
        .map(|draw| {
            // A figure that a resample leaves undefined stays what it is, so that every
            // resample averages the same figures.
            let values = known.iter().map(|(f1, draws)| {
                let value = draws[draw];
                if value.is_finite() { value } else { *f1 }
            });
            values.sum::<f64>() / known.len() as f64
        })
        .collect()
}

fn confusions(gold: &[GoldRecord], found: &[Annotation]) -> Vec<Confusion> {
    let pairs = |label: &dyn Fn(&GoldRecord, &Annotation) -> (String, String)| {
        let pairs = gold.iter().zip(found).map(|(g, f)| label(g, f));
        pairs.collect::<Vec<_>>()
    };
    let or_none = |touchpoint: Option<Touchpoint>| {
        touchpoint.map_or_else(|| "none".to_owned(), |t| t.to_string())
    };
    let sentiments: Vec<&str> = Sentiment::ALL.iter().map(|s| s.as_str()).collect();
    let touchpoints: Vec<&str> = Touchpoint::ALL.iter().map(|t| t.as_str()).collect();
    let languages: Vec<&str> = Language::FIRST_CLASS.iter().map(Language::as_str).collect();
    vec![
        Confusion::new(
            "sentiment",
            &sentiments,
            &pairs(&|g, f| (g.gold.sentiment.to_string(), f.sentiment.label.to_string())),
        ),
        Confusion::new(
            "urgency",
            &["0", "1", "2", "3"],
            &pairs(&|g, f| {
                let (gold, found) = (g.gold.urgency.level(), f.urgency.level());
                (gold.to_string(), found.to_string())
            }),
        ),
        Confusion::new(
            "touchpoint",
            &touchpoints,
            &pairs(&|g, f| (or_none(g.gold.touchpoint), or_none(f.touchpoint))),
        ),
        Confusion::new(
            "language",
            &languages,
            &pairs(&|g, f| (g.gold.lang.to_string(), f.lang.code.to_string())),
        ),
    ]
}

fn calibration(gold: &[GoldRecord], found: &[Annotation]) -> Calibration {
    let scored: Vec<(f64, bool)> = gold
        .iter()
        .zip(found)
        .flat_map(|(gold, found)| {
            let kinds = found.kinds.iter();
            kinds.map(|kind| {
                let right = gold.gold.kinds.contains(&kind.id);
                (f64::from(kind.score.get()), right)
            })
        })
        .collect();
    Calibration::new(&scored)
}
