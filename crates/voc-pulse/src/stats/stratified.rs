//! Whether a share differs between now and a baseline, within strata.

mod exact;

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::{Dispersion, Proportion};

/// A label's counts in one stratum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stratum {
    /// The period that is reported on.
    pub now: Proportion,
    /// The baseline periods.
    pub before: Vec<Proportion>,
}

impl Stratum {
    fn baseline(&self) -> Proportion {
        self.before
            .iter()
            .fold(Proportion::default(), |sum, period| sum.plus(*period))
    }
}

/// A share now against a baseline, over the strata that have records on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Hits and records now.
    pub now: Proportion,
    /// Hits and records of the baseline periods together.
    pub before: Proportion,
    /// The share now, 0 to 1.
    pub share: f64,
    /// The share that the baseline would have had with the present mix of strata, 0 to 1:
    /// Σ n_s q_s / Σ n_s, with q_s the baseline share and n_s the records now of stratum s
    /// (direct standardisation).
    pub baseline: f64,
    /// The two-sided p-value; `None` where no record, or every record, has the label.
    pub p_value: Option<f64>,
}

/// Compares the label's share now with its baseline; `None` where no stratum has records on
/// both sides.
///
/// With x_s hits among n_s records now, y_s among m_s of the baseline, N = n + m and
/// X = x + y, the test statistic is
///
/// Z = Σ_s (x_s − n_s X_s / N_s) / √( φ Σ_s n_s m_s X_s (N_s − X_s) / (N_s² (N_s − 1)) ),
///
/// the Cochran–Mantel–Haenszel statistic (N. Mantel & W. Haenszel, JNCI 22 (1959),
/// 719–748) with the variance of the quasi-binomial model, φ its dispersion; it is the
/// score test of the period in a stratified logistic model. Z is read against Student's t
/// on the degrees of freedom of φ, or the normal distribution where φ was not estimated.
/// Few hits make Z bold: up to [`EXACT_UP_TO`] hits the exact conditional test is made as
/// well, and the larger p-value counts.
pub fn compare(strata: &[Stratum], dispersion: Dispersion) -> Option<Comparison> {
    let pairs: Vec<(Proportion, Proportion)> = strata
        .iter()
        .map(|stratum| (stratum.now, stratum.baseline()))
        .filter(|(now, before)| now.base() > 0 && before.base() > 0)
        .collect();
    let together = |sum: Proportion, next: Proportion| sum.plus(next);
    let now = pairs
        .iter()
        .map(|pair| pair.0)
        .fold(Proportion::default(), together);
    let before = pairs
        .iter()
        .map(|pair| pair.1)
        .fold(Proportion::default(), together);
    let expected: f64 = pairs
        .iter()
        .map(|(n, m)| m.share().unwrap_or_default() * n.base() as f64)
        .sum();
    Some(Comparison {
        now,
        before,
        share: now.share()?,
        baseline: expected / now.base() as f64,
        p_value: p_value(&pairs, dispersion),
    })
}

/// Up to this many hits on both sides together the exact test is made as well; beyond, the
/// normal approximation is close and the exact distribution long.
pub const EXACT_UP_TO: u64 = 400;

fn p_value(pairs: &[(Proportion, Proportion)], dispersion: Dispersion) -> Option<f64> {
    let (mut difference, mut variance, mut hits) = (0.0, 0.0, 0);
    for (now, before) in pairs {
        let (n, m) = (now.base() as f64, before.base() as f64);
        let (total, found) = (n + m, (now.hits() + before.hits()) as f64);
        difference += now.hits() as f64 - n * found / total;
        variance += n * m * found * (total - found) / (total * total * (total - 1.0));
        hits += now.hits() + before.hits();
    }
    if variance <= 0.0 {
        return None;
    }
    let z = difference.abs() / (dispersion.factor * variance).sqrt();
    let approximate = two_sided(z, dispersion.degrees)?;
    let exact = if hits <= EXACT_UP_TO {
        exact::p_value(pairs)
    } else {
        0.0
    };
    Some(approximate.max(exact))
}

/// The chance of a value at least `z` from zero. Student's t with many degrees of freedom
/// is the normal distribution, and cheaper to evaluate as such.
fn two_sided(z: f64, degrees: f64) -> Option<f64> {
    const NORMAL_FROM: f64 = 1e4;
    let upper = if degrees > 0.0 && degrees < NORMAL_FROM {
        StudentsT::new(0.0, 1.0, degrees).ok()?.sf(z)
    } else {
        Normal::standard().sf(z)
    };
    Some((2.0 * upper).min(1.0))
}

#[cfg(test)]
mod tests;
