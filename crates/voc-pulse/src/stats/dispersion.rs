use serde::Serialize;

use super::{Proportion, Stratum};

/// How much shares swing from period to period, over what chance alone gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Dispersion {
    /// The factor on the binomial variance; at least 1.
    pub factor: f64,
    /// Degrees of freedom it was estimated with; 0 where nothing could be estimated.
    pub degrees: f64,
}

/// Pearson's statistic of the baseline periods of one label, or of several together.
///
/// With x_ts hits among n_ts records of period t and stratum s, and p_s = Σ_t x / Σ_t n,
/// the residual of a period is r_t = Σ_s (x_ts − n_ts p_s), and
///
/// X² = Σ_t r_t² / v_t, v_t = Σ_s n_ts p_s (1 − p_s).
///
/// Residuals are summed over strata before they are squared, as the test statistic sums
/// them: a swing that all strata share must count in full. The degrees of freedom are the
/// expectation of X² under the binomial model, Σ_t (1 − Σ_s n_ts² p_s (1 − p_s) / N_s / v_t),
/// which is T − 1 for periods of equal size. Only baseline periods enter, so that a change
/// does not hide itself. Source: the moment estimator of the quasi-binomial model,
/// P. McCullagh & J. A. Nelder, "Generalized Linear Models", 2nd ed. (1989), §4.5.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PearsonSums {
    statistic: f64,
    degrees: f64,
}

/// Sums over the strata of one period.
#[derive(Clone, Copy, Default)]
struct PeriodSums {
    residual: f64,
    variance: f64,
    /// The part of the variance that estimating p_s takes away.
    fitted: f64,
}

impl PearsonSums {
    /// The sums of one label.
    pub fn of(strata: &[Stratum]) -> Self {
        let periods = strata
            .iter()
            .map(|stratum| stratum.before.len())
            .max()
            .unwrap_or_default();
        let mut by_period = vec![PeriodSums::default(); periods];
        for stratum in strata {
            add_stratum(&mut by_period, &stratum.before);
        }
        let mut sums = Self::default();
        for period in by_period.into_iter().filter(|period| period.variance > 0.0) {
            sums.statistic += period.residual * period.residual / period.variance;
            sums.degrees += 1.0 - period.fitted / period.variance;
        }
        sums
    }

    /// Both together.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            statistic: self.statistic + other.statistic,
            degrees: self.degrees + other.degrees,
        }
    }

    /// X² over its degrees of freedom, floored at 1; pooled over the labels of a report it
    /// is what they are all tested with. A label's own would be a poor estimate from eight
    /// periods, and would hide a problem that grows over several of them. The price,
    /// measured on simulated reports of 12 labels whose shares swing by up to ±20 % or ±50 %
    /// from period to period: 7 to 10 % of the reports show a false arrow instead of 5 %.
    /// Without such swings fewer do. 1 with no degrees where there are not
    /// two periods to compare.
    pub fn dispersion(self) -> Dispersion {
        // Less than half a degree is a rounding error or next to no information.
        if self.degrees < 0.5 {
            return Dispersion {
                factor: 1.0,
                degrees: 0.0,
            };
        }
        Dispersion {
            factor: (self.statistic / self.degrees).max(1.0),
            degrees: self.degrees,
        }
    }
}

fn add_stratum(by_period: &mut [PeriodSums], before: &[Proportion]) {
    let all = before
        .iter()
        .fold(Proportion::default(), |sum, period| sum.plus(*period));
    let Some(p) = all.share() else { return };
    for (sums, period) in by_period.iter_mut().zip(before) {
        let n = period.base() as f64;
        let variance = n * p * (1.0 - p);
        sums.residual += period.hits() as f64 - n * p;
        sums.variance += variance;
        sums.fitted += variance * n / all.base() as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(strata: &[&[(u64, u64)]], factor: f64, degrees: f64) {
        let strata: Vec<Stratum> = strata
            .iter()
            .map(|periods| Stratum {
                now: Proportion::default(),
                before: periods
                    .iter()
                    .map(|(hits, base)| Proportion::new(*hits, *base))
                    .collect(),
            })
            .collect();
        let found = PearsonSums::of(&strata).dispersion();
        assert!((found.factor - factor).abs() < 1e-9, "{found:?}");
        assert!((found.degrees - degrees).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn the_factor_is_pearsons_statistic_over_its_degrees_of_freedom() {
        // p = 0.3: (10² + 0 + 10²) / (100 · 0.3 · 0.7) = 9.5238 on 2 degrees.
        check(
            &[&[(20, 100), (30, 100), (40, 100)]],
            200.0 / 21.0 / 2.0,
            2.0,
        );
        // Steadier than chance: floored.
        check(&[&[(30, 100), (30, 100), (30, 100)]], 1.0, 2.0);
        // Periods without records count for nothing.
        check(&[&[(20, 100), (0, 0), (40, 100)]], 200.0 / 21.0, 1.0);
    }

    #[test]
    fn a_swing_that_strata_share_counts_in_full() {
        let rises: &[(u64, u64)] = &[(20, 100), (40, 100)];
        let falls: &[(u64, u64)] = &[(40, 100), (20, 100)];
        // (±20)² / 42 twice, on 1 degree; opposite swings cancel.
        check(&[rises, rises], 800.0 / 42.0, 1.0);
        check(&[rises, falls], 1.0, 1.0);
    }

    #[test]
    fn without_two_periods_nothing_is_estimated() {
        check(&[&[(20, 100)]], 1.0, 0.0);
        check(&[&[(0, 100), (0, 50)]], 1.0, 0.0);
        check(&[], 1.0, 0.0);
    }
}
