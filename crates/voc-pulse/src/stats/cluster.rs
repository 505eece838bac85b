use super::{Interval, Proportion, wilson};

/// What a share's interval needs to know about customers who wrote more than once.
///
/// Records of one customer are alike, so they count for less than as many customers. The
/// interval is Wilson's on the effective sample size n / deff, where deff is the
/// linearised variance of a ratio with customers as clusters over the binomial variance:
///
/// deff = Σ_c (y_c − p n_c)² / (n p (1 − p)), floored at 1,
///
/// y_c hits among n_c records of customer c. This variance is the limit of a bootstrap
/// that draws customers, without its random numbers. Source: E. L. Korn & B. I. Graubard,
/// "Confidence intervals for proportions with small expected number of positive counts",
/// Survey Methodology 24 (1998), 193–201.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterSums {
    hits: u64,
    base: u64,
    hits_squared: u64,
    cross: u64,
    base_squared: u64,
}

impl ClusterSums {
    /// Adds one customer: `hits` among `base` records. Someone unknown is a customer of
    /// their own.
    pub fn add(&mut self, customer: Proportion) {
        let (hits, base) = (customer.hits(), customer.base());
        self.hits += hits;
        self.base += base;
        self.hits_squared += hits * hits;
        self.cross += hits * base;
        self.base_squared += base * base;
    }

    /// How many times larger the variance is than with one record per customer; at least 1.
    pub fn design_effect(self) -> f64 {
        if self.hits == 0 || self.hits == self.base {
            return 1.0;
        }
        let (n, p) = (self.base as f64, self.hits as f64 / self.base as f64);
        let squares = self.hits_squared as f64 - 2.0 * p * self.cross as f64
            + p * p * self.base_squared as f64;
        (squares / (n * p * (1.0 - p))).max(1.0)
    }

    /// The share's 95 % interval on the effective sample size; `None` of nothing.
    pub fn interval(self) -> Option<Interval> {
        let share = Proportion::new(self.hits, self.base).share()?;
        wilson(share, self.base as f64 / self.design_effect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(customers: &[(u64, u64)]) -> ClusterSums {
        let mut sums = ClusterSums::default();
        for (hits, base) in customers {
            sums.add(Proportion::new(*hits, *base));
        }
        sums
    }

    #[track_caller]
    fn check(customers: &[(u64, u64)], design_effect: f64) {
        let found = sums(customers).design_effect();
        assert!((found - design_effect).abs() < 1e-12, "{found}");
    }

    #[test]
    fn the_design_effect_follows_the_formula() {
        // One record each: the plain interval.
        check(&[(1, 1), (0, 1), (0, 1), (1, 1)], 1.0);
        // p = 1/2, n = 8: two customers who always and two who never, two records each:
        // 4 × (1)² / (8 × 1/4) = 2, as many records as customers count.
        check(&[(2, 2), (2, 2), (0, 2), (0, 2)], 2.0);
        // Hits spread evenly within customers would shrink the variance: floored.
        check(&[(1, 2), (1, 2), (1, 2), (1, 2)], 1.0);
        // No variance to compare with.
        check(&[(0, 3), (0, 1)], 1.0);
        check(&[(3, 3)], 1.0);
    }

    #[test]
    fn loud_customers_widen_the_interval() {
        let width = |sums: ClusterSums| sums.interval().map(|i| i.high - i.low).unwrap();
        let loud = sums(&[(10, 10), (0, 10), (0, 10), (0, 10)]);
        let quiet = sums(&[&[(1, 1); 10][..], &[(0, 1); 30][..]].concat());
        assert_eq!(quiet.interval(), wilson(0.25, 40.0));
        assert!(width(loud) > 2.0 * width(quiet));
        assert_eq!(ClusterSums::default().interval(), None);
    }
}
