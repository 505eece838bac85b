use std::collections::BTreeSet;

use serde::Serialize;
use voc_core::{Annotation, PiiType, Polarity, Sentiment, ThemeId};

use crate::evaluation::mean;
use crate::mapping::SetGold;
use crate::marks::places_of_personal_data;
use crate::tally::Tally;
use crate::{
    Cell, Confusion, Counts, EvalError, Mapping, Mean, Measure, Place, Resamples, SetMeasure,
    SetRecord, Slice,
};

/// Annotations measured on a set that other people labelled.
#[derive(Clone, Debug, Serialize)]
pub struct SetEvaluation {
    /// What the set is.
    pub title: String,
    /// Its licence.
    pub licence: String,
    /// What was measured.
    pub measure: SetMeasure,
    /// Texts measured.
    pub records: usize,
    /// Texts left out, because their label is none of ours.
    pub left_out: usize,
    /// Accuracy and each class, per language.
    pub cells: Vec<Cell>,
    /// Mean F1 over classes, for all and per language.
    pub means: Vec<Mean>,
    /// What was taken for what.
    pub confusion: Confusion,
}

/// The answer where the model says nothing that is a class.
const NONE: &str = "none";

/// Measures `found` on the records of a set, in the same order.
///
/// # Errors
/// [`EvalError::Unpaired`] if there is not one annotation per record.
pub fn evaluate_set(
    mapping: &Mapping,
    records: &[SetRecord],
    left_out: usize,
    found: &[Annotation],
) -> Result<SetEvaluation, EvalError> {
    if records.len() != found.len() {
        return Err(EvalError::Unpaired {
            records: records.len(),
            annotations: found.len(),
        });
    }
    let resamples = Resamples::new(records.iter().map(|_| None));
    let mut tally = Tally::new(records.iter().map(|r| (r.lang, r.record.channel)).collect());
    let mut pairs = Vec::new();
    for (index, (record, found)) in records.iter().zip(found).enumerate() {
        if let SetGold::PersonalData(wanted) = &record.gold {
            personal_data(index, wanted, found, &mut tally);
        }
        for (gold, answer) in answers(mapping, &record.gold, found) {
            let right = Counts::answer(gold == answer);
            tally.add(index, Measure::new("class", "accuracy"), right);
            for class in BTreeSet::from([&gold, &answer]) {
                let counts = Counts::decision(*class == gold, *class == answer);
                tally.add(index, Measure::new("class", class), counts);
            }
            pairs.push((gold, answer));
        }
    }
    let cells = tally.cells(&resamples);
    let languages: BTreeSet<_> = records.iter().map(|r| Slice::language(r.lang)).collect();
    let mut means = Vec::new();
    for slice in std::iter::once(Slice::ALL).chain(languages) {
        let classes: Vec<&Cell> = cells
            .iter()
            .filter(|cell| cell.slice == slice && cell.measure.label != "accuracy")
            .filter(|cell| cell.counts.gold > 0)
            .collect();
        means.extend(mean(Measure::new("class", "macro"), &slice, &classes));
    }
    Ok(SetEvaluation {
        title: mapping.title.clone(),
        licence: mapping.licence.clone(),
        measure: mapping.measure,
        records: records.len(),
        left_out,
        cells,
        means,
        confusion: Confusion::new("class", &[], &pairs),
    })
}

/// Pairs of the gold class and what the annotation answers.
fn answers(mapping: &Mapping, gold: &SetGold, found: &Annotation) -> Vec<(String, String)> {
    match gold {
        SetGold::Class(class) => vec![(class.clone(), answer(mapping, found))],
        SetGold::Aspects(aspects) => aspects
            .iter()
            .map(|(themes, class)| (class.clone(), about(themes, found)))
            .collect(),
        SetGold::PersonalData(_) => Vec::new(),
    }
}

fn answer(mapping: &Mapping, found: &Annotation) -> String {
    match mapping.measure {
        SetMeasure::Polarity => sign(found.sentiment.score.get()),
        SetMeasure::Sentiment => {
            let known = |label: Sentiment| mapping.classes.values().any(|c| c == label.as_str());
            match found.sentiment.label {
                Sentiment::Mixed if !known(Sentiment::Mixed) => Sentiment::Neutral.to_string(),
                label => label.to_string(),
            }
        }
        SetMeasure::Kind => {
            let assigned = mapping.kind.is_some_and(|kind| found.has(kind));
            if assigned { "yes" } else { "no" }.to_owned()
        }
        SetMeasure::Language => found.lang.code.to_string(),
        SetMeasure::Aspect | SetMeasure::PersonalData => NONE.to_owned(),
    }
}

fn sign(score: f32) -> String {
    match score {
        score if score > 0.0 => Polarity::Positive.to_string(),
        score if score < 0.0 => Polarity::Negative.to_string(),
        _ => NONE.to_owned(),
    }
}

/// The feeling about an aspect: of the mentions of its themes where there are any, else of
/// the text as a whole.
fn about(themes: &[ThemeId], found: &Annotation) -> String {
    let mentions = found.mentions.iter().filter(|m| themes.contains(&m.theme));
    let balance: f32 = mentions
        .map(|mention| match mention.sentiment {
            Polarity::Negative => -mention.score.get(),
            Polarity::Neutral => 0.0,
            Polarity::Positive => mention.score.get(),
        })
        .sum();
    if balance == 0.0 {
        sign(found.sentiment.score.get())
    } else {
        sign(balance)
    }
}

fn personal_data(
    index: usize,
    wanted: &BTreeSet<(PiiType, Place)>,
    found: &Annotation,
    tally: &mut Tally,
) {
    let found = places_of_personal_data(found);
    let kinds: BTreeSet<PiiType> = wanted.iter().map(|(kind, _)| *kind).collect();
    for (kind, place) in wanted.union(&found) {
        let entry = (*kind, *place);
        let counts = Counts::decision(wanted.contains(&entry), found.contains(&entry));
        tally.add(index, Measure::new("class", kind), counts);
    }
    for kind in kinds {
        let covered = |place: &Place| {
            (place.span.start()..place.span.end()).all(|at| {
                found.iter().any(|(_, other)| {
                    let span = other.span;
                    other.part == place.part && span.start() <= at && at < span.end()
                })
            })
        };
        let mut of_kind = wanted.iter().filter(|(other, _)| *other == kind);
        let leaked = of_kind.any(|(_, place)| !covered(place));
        tally.add(
            index,
            Measure::new("class", "accuracy"),
            Counts::answer(!leaked),
        );
    }
}

#[cfg(test)]
mod tests;
