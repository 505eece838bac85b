use serde::Serialize;

use crate::resamples::interval;
use crate::{Evaluation, Interval, Measure, Slice};

/// The F1 of one version minus that of another, on the same records.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// What is measured.
    #[serde(flatten)]
    pub measure: Measure,
    /// On which records.
    #[serde(flatten)]
    pub slice: Slice,
    /// F1 of the other version.
    pub before: f64,
    /// F1 of this one.
    pub after: f64,
    /// `after - before`.
    pub difference: f64,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// Two-sided p value of "no difference", not corrected for how many are looked at.
    pub p: f64,
    /// Fewer than [`FEW`](crate::FEW) gold positives: chance has a large part.
    pub few: bool,
}

/// Compares two evaluations of the same gold records, wherever both have a figure.
///
/// Paired bootstrap: both versions are scored on the same resamples, and the p value is twice
/// the share of resamples on the other side of zero (Koehn 2004, "Statistical significance
/// tests for machine translation evaluation").
pub fn compare(before: &Evaluation, after: &Evaluation) -> Vec<Difference> {
    let figures = after.cells.iter().filter(|c| c.slice.channel.is_none());
    figures
        .filter_map(|cell| {
            let measure = &cell.measure;
            let other = before.cell(measure.group, &measure.label, &cell.slice)?;
            let (old, new) = (other.f1?, cell.f1?);
            let pairs = other.draws.iter().zip(&cell.draws);
            let draws: Vec<f64> = pairs.map(|(old, new)| new - old).collect();
            Some(Difference {
                measure: measure.clone(),
                slice: cell.slice.clone(),
                before: old,
                after: new,
                difference: new - old,
                interval: interval(&draws),
                p: two_sided(&draws),
                few: cell.few,
            })
        })
        .collect()
}

fn two_sided(draws: &[f64]) -> f64 {
    let defined = || draws.iter().filter(|draw| draw.is_finite());
    let not_above = defined().filter(|draw| **draw <= 0.0).count() as f64;
    let not_below = defined().filter(|draw| **draw >= 0.0).count() as f64;
    // One more on either side, so that it is never zero: another resample might cross over.
    let share = (not_above.min(not_below) + 1.0) / (defined().count() as f64 + 1.0);
    (2.0 * share).min(1.0)
}

#[cfg(test)]
mod tests;
