use serde::Serialize;
use voc_core::{Annotation, Kind, RecordId, ThemeId};

use crate::{GoldRecord, Measure};

/// A label that was missed or wrongly assigned.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistake {
    /// The record.
    pub record: RecordId,
    /// Its place among the gold records.
    #[serde(skip)]
    pub index: usize,
    /// The label.
    #[serde(flatten)]
    pub measure: Measure,
    /// What went wrong.
    #[serde(rename = "mistake")]
    pub kind: MistakeKind,
    /// How sure the model was of a label it should not have assigned.
    pub score: Option<f32>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MistakeKind {
    /// Assigned, but not gold.
    False,
    /// Gold, but not assigned.
    Missed,
}

/// The mistakes of kinds, sentiment and themes in one record.
pub(crate) fn mistakes(index: usize, record: &GoldRecord, found: &Annotation) -> Vec<Mistake> {
    let gold = &record.gold;
    let mut mistakes = Vec::new();
    let mut note = |measure: Measure, is_gold: bool, score: Option<f32>| {
        let kind = match (is_gold, score) {
            (true, None) => MistakeKind::Missed,
            (false, Some(_)) => MistakeKind::False,
            _ => return,
        };
        mistakes.push(Mistake {
            record: record.record.id.clone(),
            index,
            measure,
            kind,
            score,
        });
    };
    for kind in Kind::ALL {
        let assigned = found.kinds.iter().find(|scored| scored.id == *kind);
        let score = assigned.map(|scored| scored.score.get());
        note(Measure::new("kind", kind), gold.kinds.contains(kind), score);
    }
    let label = found.sentiment.label;
    if gold.sentiment != label {
        let score = found.sentiment.score.get().abs();
        note(Measure::new("sentiment", label), false, Some(score));
        note(Measure::new("sentiment", gold.sentiment), true, None);
    }
    let mut themes: Vec<&ThemeId> = gold.mentions.iter().map(|m| &m.theme).collect();
    themes.extend(found.mentions.iter().map(|m| &m.theme));
    themes.sort();
    themes.dedup();
    for theme in themes {
        let is_gold = gold.mentions.iter().any(|m| m.theme == *theme);
        let scores = found.mentions.iter().filter(|m| m.theme == *theme);
        let score = scores.map(|m| m.score.get()).max_by(f32::total_cmp);
        note(Measure::new("theme", theme), is_gold, score);
    }
    mistakes
}

/// The records with the most mistakes, worst first, with their mistakes.
pub(crate) fn worst(records: &[GoldRecord], mistakes: &[Mistake], at_most: usize) -> Vec<usize> {
    let mut weights = vec![0.0_f32; records.len()];
    for mistake in mistakes {
        // A label assigned for sure misleads more than one that is missing.
        weights[mistake.index] += mistake.score.unwrap_or(0.5);
    }
    let mut order: Vec<usize> = (0..records.len()).filter(|i| weights[*i] > 0.0).collect();
    order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]).then(a.cmp(b)));
    order.truncate(at_most);
    order
}
