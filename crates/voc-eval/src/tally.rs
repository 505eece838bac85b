use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use voc_core::{Channel, Language};

use crate::resamples::interval;
use crate::{Counts, Interval, Resamples};

/// Gold positives below which a figure is not read by itself.
pub const FEW: u32 = 25;

/// What is measured: a label, within the group of labels that are shown together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Measure {
    /// E.g. `kind`, `theme`, `sentiment`.
    pub group: &'static str,
    /// E.g. `complaint`; `micro` sums the labels of a group.
    pub label: String,
}

impl Measure {
    /// The measure of `label` in `group`.
    pub fn new(group: &'static str, label: impl ToString) -> Self {
        Self {
            group,
            label: label.to_string(),
        }
    }

    /// Whether it sums up a group's labels and is none itself.
    pub(crate) fn is_summary(&self) -> bool {
        ["micro", "accuracy"].contains(&self.label.as_str())
    }
}

/// Which records a figure is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Slice {
    /// Their languages; empty for all. Several: languages pooled because each has few
    /// positives.
    pub languages: Vec<Language>,
    /// Their channel; `None` for all.
    pub channel: Option<Channel>,
}

impl Slice {
    /// All records.
    pub const ALL: Self = Self {
        languages: Vec::new(),
        channel: None,
    };

    /// The records in one language.
    pub fn language(language: Language) -> Self {
        Self {
            languages: vec![language],
            channel: None,
        }
    }

    /// Whether it joins languages that have few positives each.
    pub fn is_pooled(&self) -> bool {
        self.languages.len() > 1
    }
}

/// One figure: a measure on a slice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// What is measured.
    #[serde(flatten)]
    pub measure: Measure,
    /// On which records.
    #[serde(flatten)]
    pub slice: Slice,
    /// Hits, found and gold.
    #[serde(flatten)]
    pub counts: Counts,
    /// The share of what was found that is right.
    pub precision: Option<f64>,
    /// The share of what is gold that was found.
    pub recall: Option<f64>,
    /// Their harmonic mean; the accuracy where each record has one answer.
    pub f1: Option<f64>,
    /// 95 % interval of `f1`.
    pub interval: Option<Interval>,
    /// Fewer than [`FEW`] gold positives: read it with others.
    pub few: bool,
    /// `f1` in each resample; not a number where it is undefined.
    #[serde(skip)]
    pub(crate) draws: Vec<f64>,
}

/// Collects what each record says about each measure.
pub(crate) struct Tally {
    /// Language and channel of each record.
    records: Vec<(Language, Channel)>,
    rows: BTreeMap<Measure, Vec<(usize, Counts)>>,
}

impl Tally {
    pub fn new(records: Vec<(Language, Channel)>) -> Self {
        Self {
            records,
            rows: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, record: usize, measure: Measure, counts: Counts) {
        let rows = self.rows.entry(measure).or_default();
        if !counts.is_empty() {
            rows.push((record, counts));
        }
    }

    pub fn cells(&self, resamples: &Resamples) -> Vec<Cell> {
        let of_measure = |(measure, rows): (&Measure, &Vec<(usize, Counts)>)| {
            let slices = self.slices(rows).into_iter();
            slices
                .map(|(slice, rows)| figure(measure, slice, &rows, resamples))
                .collect::<Vec<_>>()
        };
        self.rows.iter().flat_map(of_measure).collect()
    }

    /// All records; each language, those with few positives once more together; each
    /// channel; and each pair of both that has enough.
    fn slices(&self, rows: &[(usize, Counts)]) -> Vec<(Slice, Vec<(usize, Counts)>)> {
        let mut slices = vec![(Slice::ALL, rows.to_vec())];
        let languages = self.split(rows, |(language, _)| Slice::language(language));
        // By gold alone, so that two models are pooled alike.
        let is_few = |language: &Language| {
            let slice = Slice::language(*language);
            let of_language = languages.iter().find(|(other, _)| *other == slice);
            of_language.is_none_or(|(_, rows)| gold(rows) < FEW)
        };
        let few: BTreeSet<Language> = self.records.iter().map(|(language, _)| *language).collect();
        let few: Vec<Language> = few.into_iter().filter(is_few).collect();
        if few.len() > 1 {
            let of_few = |(record, _): &&(usize, Counts)| few.contains(&self.records[*record].0);
            let rows = rows.iter().filter(of_few).copied().collect();
            let pooled = Slice {
                languages: few,
                channel: None,
            };
            slices.push((pooled, rows));
        }
        slices.extend(languages);
        slices.extend(self.split(rows, |(_, channel)| Slice {
            languages: Vec::new(),
            channel: Some(channel),
        }));
        let mut pairs = self.split(rows, |(language, channel)| Slice {
            languages: vec![language],
            channel: Some(channel),
        });
        pairs.retain(|(_, rows)| gold(rows) >= FEW);
        slices.extend(pairs);
        slices
    }

    fn split(
        &self,
        rows: &[(usize, Counts)],
        slice: impl Fn((Language, Channel)) -> Slice,
    ) -> Vec<(Slice, Vec<(usize, Counts)>)> {
        let mut split: BTreeMap<Slice, Vec<(usize, Counts)>> = BTreeMap::new();
        for row in rows {
            split
                .entry(slice(self.records[row.0]))
                .or_default()
                .push(*row);
        }
        split.into_iter().collect()
    }
}

fn gold(rows: &[(usize, Counts)]) -> u32 {
    rows.iter().map(|(_, counts)| counts.gold).sum()
}

fn figure(
    measure: &Measure,
    slice: Slice,
    rows: &[(usize, Counts)],
    resamples: &Resamples,
) -> Cell {
    let mut counts = Counts::default();
    for (_, row) in rows {
        counts += *row;
    }
    let draws: Vec<f64> = resamples
        .counts(rows)
        .into_iter()
        .map(|counts| counts.f1().unwrap_or(f64::NAN))
        .collect();
    Cell {
        measure: measure.clone(),
        slice,
        counts,
        precision: counts.precision(),
        recall: counts.recall(),
        f1: counts.f1(),
        interval: interval(&draws),
        few: counts.gold < FEW,
        draws,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell<'a>(cells: &'a [Cell], slice: &Slice) -> Option<&'a Cell> {
        cells.iter().find(|cell| cell.slice == *slice)
    }

    #[test]
    fn languages_with_few_positives_are_pooled_and_marked() {
        let mut records = vec![(Language::IT, Channel::Review); 30];
        records.extend(vec![(Language::BG, Channel::Review); 10]);
        records.extend(vec![(Language::ZH, Channel::Chat); 5]);
        let resamples = Resamples::new(records.iter().map(|_| None));
        let mut tally = Tally::new(records);
        let complaint = Measure::new("kind", "complaint");
        for record in 0..45 {
            tally.add(
                record,
                complaint.clone(),
                Counts::decision(true, record % 5 != 0),
            );
        }
        let cells = tally.cells(&resamples);
        assert!(!cell(&cells, &Slice::language(Language::IT)).unwrap().few);
        let pooled = Slice {
            languages: vec![Language::BG, Language::ZH],
            channel: None,
        };
        let pooled = cell(&cells, &pooled).unwrap();
        assert_eq!(pooled.counts.gold, 15);
        assert!(pooled.few);
        assert_eq!(cell(&cells, &Slice::ALL).unwrap().counts.hit, 36);
        let pair = |language, channel| Slice {
            languages: vec![language],
            channel: Some(channel),
        };
        assert!(cell(&cells, &pair(Language::IT, Channel::Review)).is_some());
        assert!(cell(&cells, &pair(Language::ZH, Channel::Chat)).is_none());
    }
}
