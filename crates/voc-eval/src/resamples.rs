use std::collections::BTreeMap;

use serde::Serialize;

use crate::Counts;

/// Resamples drawn. The ends of a 95 % interval are then the 26th smallest and largest.
const DRAWS: usize = 1000;
/// The same seed for every evaluation: differences between two are differences of labels.
const SEED: u64 = 20_260_101;

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Bootstrap resamples of a set of records, drawn once and shared by all measures.
///
/// Poisson bootstrap: in each resample every record counts as often as an independent
/// Poisson(1) draw says (Chamandy, Muralidharan, Najmi and Naidu 2012, "Estimating
/// uncertainty for massive data streams"). Records of one cluster, such as near-duplicates,
/// share their draw.
pub struct Resamples {
    /// For each record, its cluster.
    clusters: Vec<usize>,
    /// For each cluster, how often it counts in each resample.
    weights: Vec<Vec<u8>>,
}

impl Resamples {
    /// Draws for records with these clusters; records without one stand alone.
    pub fn new<'a>(clusters: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut rng = fastrand::Rng::with_seed(SEED);
        let mut named: BTreeMap<&str, usize> = BTreeMap::new();
        let mut weights: Vec<Vec<u8>> = Vec::new();
        let mut of_record = Vec::new();
        for cluster in clusters {
            let known = cluster.and_then(|name| named.get(name).copied());
            let index = known.unwrap_or_else(|| {
                weights.push((0..DRAWS).map(|_| poisson(&mut rng)).collect());
                weights.len() - 1
            });
            if let Some(name) = cluster {
                named.insert(name, index);
            }
            of_record.push(index);
        }
        Self {
            clusters: of_record,
            weights,
        }
    }

    /// The counts of `rows` (record and counts) in each resample.
    pub(crate) fn counts(&self, rows: &[(usize, Counts)]) -> Vec<Counts> {
        let mut sums = vec![Counts::default(); DRAWS];
        for (record, counts) in rows {
            let weights = &self.weights[self.clusters[*record]];
            for (sum, weight) in sums.iter_mut().zip(weights) {
                let weight = u32::from(*weight);
                sum.hit += weight * counts.hit;
                sum.found += weight * counts.found;
                sum.gold += weight * counts.gold;
            }
        }
        sums
    }
}

/// One Poisson(1) draw by inversion of the cumulative distribution.
fn poisson(rng: &mut fastrand::Rng) -> u8 {
    let target = rng.f64();
    let mut probability = (-1.0_f64).exp();
    let mut cumulative = probability;
    let mut drawn = 0_u8;
    while cumulative < target && drawn < 20 {
        drawn += 1;
        probability /= f64::from(drawn);
        cumulative += probability;
    }
    drawn
}

/// The middle 95 % of a statistic over resamples; `None` where fewer than half of the
/// resamples define it.
pub(crate) fn interval(draws: &[f64]) -> Option<Interval> {
    let mut defined: Vec<f64> = draws.iter().copied().filter(|v| v.is_finite()).collect();
    if defined.len() * 2 < draws.len().max(1) {
        return None;
    }
    defined.sort_by(f64::total_cmp);
    let cut = defined.len() * 25 / 1000;
    Some(Interval {
        low: defined[cut],
        high: defined[defined.len() - 1 - cut],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_mean_and_spread_of_poisson_one() {
        let resamples = Resamples::new((0..200).map(|_| None));
        let all: Vec<f64> = resamples
            .weights
            .iter()
            .flatten()
            .map(|w| f64::from(*w))
            .collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let variance = all.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / all.len() as f64;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!((variance - 1.0).abs() < 0.02, "{variance}");
    }

    #[test]
    fn an_interval_of_a_share_is_as_wide_as_theory_says() {
        let resamples = Resamples::new((0..400).map(|_| None));
        let rows: Vec<_> = (0..400)
            .map(|record| (record, Counts::answer(record % 4 == 0)))
            .collect();
        let draws: Vec<f64> = resamples
            .counts(&rows)
            .iter()
            .map(|counts| counts.recall().unwrap())
            .collect();
        let interval = interval(&draws).unwrap();
        let theory = 1.96 * (0.25_f64 * 0.75 / 400.0).sqrt();
        assert!(
            (interval.low - (0.25 - theory)).abs() < 0.01,
            "{interval:?}"
        );
        assert!(
            (interval.high - (0.25 + theory)).abs() < 0.01,
            "{interval:?}"
        );
    }

    #[test]
    fn near_duplicates_are_drawn_together() {
        let resamples = Resamples::new([Some("a"), None, Some("a")]);
        let first = resamples.counts(&[(0, Counts::answer(true))]);
        assert_eq!(first, resamples.counts(&[(2, Counts::answer(true))]));
        assert_ne!(first, resamples.counts(&[(1, Counts::answer(true))]));
    }
}
