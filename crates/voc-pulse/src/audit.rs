//! How wrong the model is, from a sample that a person labels.
//!
//! The draw is stratified by predicted label and language. Since a record carries several
//! labels it lies in several strata, so each record is drawn on its own (Poisson sampling:
//! C.-E. Särndal, B. Swensson & J. Wretman, "Model Assisted Survey Sampling", 1992, §3.5):
//! it has one lottery number from 0 to 1, and is drawn if that lies below the largest chance
//! of its strata. So its chance is known exactly, and its weight is the inverse.
//!
//! The true share of a label is estimated by poststratifying on what the model says: with N
//! records, N₊ of them predicted to have the label,
//!
//! θ = (N₊/N) p₊ + (1 − N₊/N) p₋
//!
//! where p₊ and p₋ are the weighted shares of those who have it indeed among the audited of
//! either side (W. G. Cochran, "Sampling Techniques", 3rd ed. 1977, §5.3 and §5A.9; as
//! A. Tenenbein, JASA 65 (1970), 1350–1361, does for a fallible classifier that a subsample
//! is checked of). Unlike the correction of W. J. Rogan & B. Gladen, American Journal of
//! Epidemiology 107 (1978), 71–76, it does not borrow sensitivity and specificity from
//! another population, and stays within 0 and 1.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use voc_core::{AuditLabel, AuditLabels, AuditStratum, Language};

use crate::stats::{Interval, wilson};

/// With fewer audited records than this that have a label, or fewer that do not, its share is
/// not adjusted.
pub const MIN_AUDITED: u64 = 50;

/// How a sample is drawn, or was.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    population: u64,
    strata: Vec<AuditStratum>,
}

impl Design {
    /// A design that draws about `per_label` of the records with each label. They are shared
    /// equally between the languages; of one that has fewer all are drawn, and the others
    /// give more.
    pub fn new<'l>(
        records: impl IntoIterator<Item = (Language, &'l AuditLabels)>,
        per_label: u64,
    ) -> Self {
        let mut population = 0;
        let mut sizes: BTreeMap<AuditLabel, BTreeMap<Language, u64>> = BTreeMap::new();
        for (language, labels) in records {
            population += 1;
            for label in labels.all() {
                *sizes.entry(label).or_default().entry(language).or_default() += 1;
            }
        }
        let strata = sizes.into_iter().flat_map(|(label, sizes)| {
            let shares = shares(&sizes, per_label).into_iter();
            shares.map(move |(language, size, wanted)| AuditStratum {
                label: label.clone(),
                language,
                size,
                chance: wanted / size as f64,
            })
        });
        Self {
            population,
            strata: strata.filter(|stratum| stratum.chance > 0.0).collect(),
        }
    }

    /// The design of an earlier draw from `population` records.
    pub fn from_strata(population: u64, strata: Vec<AuditStratum>) -> Self {
        Self { population, strata }
    }

    /// Records that can be drawn.
    pub fn population(&self) -> u64 {
        self.population
    }

    /// Every stratum, ordered by label and language.
    pub fn strata(&self) -> &[AuditStratum] {
        &self.strata
    }

    /// How likely a record with these predicted labels is drawn, from 0 to 1.
    pub fn chance(&self, language: Language, predicted: &AuditLabels) -> f64 {
        let labels = predicted.all();
        let own = self.strata.iter();
        let own = own.filter(|s| s.language == language && labels.contains(&s.label));
        own.map(|stratum| stratum.chance).fold(0.0, f64::max)
    }

    /// Records that were predicted to have `label`.
    fn predicted(&self, label: &AuditLabel) -> u64 {
        let strata = self.strata.iter().filter(|s| s.label == *label);
        strata.map(|stratum| stratum.size).sum()
    }
}

/// For each language its records and how many of them are wanted, `wanted` together.
fn shares(sizes: &BTreeMap<Language, u64>, wanted: u64) -> Vec<(Language, u64, f64)> {
    let mut smallest_first: Vec<(Language, u64)> = sizes.iter().map(|(l, n)| (*l, *n)).collect();
    smallest_first.sort_by_key(|(language, size)| (*size, *language));
    let mut left = wanted as f64;
    let languages = smallest_first.len();
    let share = |(index, (language, size)): (usize, (Language, u64))| {
        let share = (left / (languages - index) as f64).min(size as f64);
        left -= share;
        (language, size, share)
    };
    let mut shares: Vec<_> = smallest_first.into_iter().enumerate().map(share).collect();
    shares.sort_by_key(|(language, ..)| *language);
    shares
}

/// A drawn record that a person has labelled.
#[derive(Clone, Debug, PartialEq)]
pub struct Audited {
    /// How likely it was drawn, above 0 and up to 1.
    pub chance: f64,
    /// What the model said.
    pub predicted: AuditLabels,
    /// What the person says.
    pub truth: AuditLabels,
}

/// What an audit says of a label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelAudit {
    /// The label.
    pub label: AuditLabel,
    /// Audited records that have it, as the person says.
    pub positives: u64,
    /// Audited records that do not.
    pub negatives: u64,
    /// Of the records with the label as the model says, the share that has it indeed, 0 to
    /// 1; `None` if none was audited.
    pub precision: Option<f64>,
    /// Of the records that have the label indeed, the share that the model finds, 0 to 1;
    /// `None` if there seem to be none, or too little was audited to tell.
    pub recall: Option<f64>,
    /// The share of records with the label as the model says, 0 to 1.
    pub observed: f64,
    /// The share that has it indeed; `None`: not audited, see [`MIN_AUDITED`].
    pub adjusted: Option<Adjusted>,
}

/// A share that was set right for the model's error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Adjusted {
    /// The share, 0 to 1.
    pub rate: f64,
    /// Its 95 % interval, with the audit's error in it.
    pub interval: Interval,
}

/// What the audited records of `design` say of every label, ordered by label. Records that
/// are still open are taken to be like the others.
pub fn evaluate(design: &Design, audited: &[Audited]) -> Vec<LabelAudit> {
    let predicted = design.strata.iter().map(|stratum| stratum.label.clone());
    let found = audited.iter().flat_map(|audited| audited.truth.all());
    let labels: BTreeSet<AuditLabel> = predicted.chain(found).collect();
    let of_label = |label| evaluate_label(design, audited, label);
    labels.into_iter().map(of_label).collect()
}

fn evaluate_label(design: &Design, audited: &[Audited], label: AuditLabel) -> LabelAudit {
    let (mut with, mut without) = (Side::default(), Side::default());
    let mut positives = 0;
    for record in audited {
        let truth = record.truth.all().contains(&label);
        let side = match record.predicted.all().contains(&label) {
            true => &mut with,
            false => &mut without,
        };
        side.add(1.0 / record.chance, truth);
        positives += u64::from(truth);
    }
    let negatives = audited.len() as u64 - positives;
    let observed = design.predicted(&label) as f64 / design.population.max(1) as f64;
    let estimate = estimate([(observed, with), (1.0 - observed, without)]);
    let found = with.share().unwrap_or_default() * observed;
    LabelAudit {
        positives,
        negatives,
        precision: with.share(),
        recall: estimate
            .filter(|estimate| estimate.rate > 0.0)
            .map(|estimate| found / estimate.rate),
        observed,
        adjusted: estimate.filter(|_| positives.min(negatives) >= MIN_AUDITED),
        label,
    }
}

/// The audited records on one side of the model's judgement, by their weights.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    weights: f64,
    squares: f64,
    /// Weights of those that have the label indeed.
    hits: f64,
}

impl Side {
    fn add(&mut self, weight: f64, hit: bool) {
        self.weights += weight;
        self.squares += weight * weight;
        self.hits += if hit { weight } else { 0.0 };
    }

    /// The weighted share of hits (J. Hájek's ratio estimator).
    fn share(&self) -> Option<f64> {
        (self.weights > 0.0).then(|| (self.hits / self.weights).min(1.0))
    }

    /// The share with its Wilson interval at the effective sample size (Σw)² / Σw²
    /// (L. Kish, "Survey Sampling", 1965).
    fn interval(&self) -> Option<(f64, Interval)> {
        let share = self.share()?;
        let effective = self.weights * self.weights / self.squares;
        Some((share, wilson(share, effective)?))
    }
}

/// The sum of the sides' shares, weighted, with the interval that follows from theirs: each
/// end lies as far away as the root of the sum of their squared distances (MOVER: G. Y. Zou &
/// A. Donner, Statistics in Medicine 27 (2008), 1693–1702). `None` if a side has records but
/// none of them was audited. That the sides are finite is passed over, which makes the
/// interval too wide rather than too narrow.
fn estimate(sides: [(f64, Side); 2]) -> Option<Adjusted> {
    let (mut rate, mut below, mut above) = (0.0, 0.0, 0.0);
    for (weight, side) in sides.into_iter().filter(|(weight, _)| *weight > 0.0) {
        let (share, interval) = side.interval()?;
        rate += weight * share;
        below += (weight * (share - interval.low)).powi(2);
        above += (weight * (interval.high - share)).powi(2);
    }
    Some(Adjusted {
        rate,
        interval: Interval {
            low: (rate - below.sqrt()).max(0.0),
            high: (rate + above.sqrt()).min(1.0),
        },
    })
}

#[cfg(test)]
mod tests;
