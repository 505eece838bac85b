use super::{Interval, Z_95};

/// The 95 % score interval of a share seen among `n` independent observations. `n` may be
/// an effective sample size, hence a float. `None` unless `n > 0` and `share` is in 0..=1.
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
/// inference", JASA 22 (1927), 209–212; in the notation of R. G. Newcombe, "Two-sided
/// confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
/// method 3.
pub fn wilson(share: f64, n: f64) -> Option<Interval> {
    if n.is_nan() || n <= 0.0 || !(0.0..=1.0).contains(&share) {
        return None;
    }
    let z2 = Z_95 * Z_95;
    let scale = 1.0 + z2 / n;
    let centre = (share + z2 / (2.0 * n)) / scale;
    let half = Z_95 * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt() / scale;
    Some(Interval {
        low: (centre - half).max(0.0),
        high: (centre + half).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(hits: u32, n: u32, low: f64, high: f64) {
        let interval = wilson(f64::from(hits) / f64::from(n), f64::from(n)).unwrap();
        assert!((interval.low - low).abs() < 5e-5, "{interval:?}");
        assert!((interval.high - high).abs() < 5e-5, "{interval:?}");
    }

    #[test]
    fn the_published_examples_of_newcombe_1998_come_out() {
        check(81, 263, 0.2553, 0.3662);
        check(15, 148, 0.0624, 0.1605);
        check(0, 20, 0.0, 0.1611);
        check(1, 29, 0.0061, 0.1718);
    }

    #[test]
    fn nothing_has_no_interval() {
        for (share, n) in [
            (0.0, 0.0),
            (0.5, -1.0),
            (1.2, 5.0),
            (f64::NAN, 5.0),
            (0.5, f64::NAN),
        ] {
            assert_eq!(wilson(share, n), None, "{share} of {n}");
        }
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share_and_narrows_with_n(hits in 0..200_u32, more in 0..200_u32) {
            let n = f64::from(hits + more + 1);
            let share = f64::from(hits) / n;
            let few = wilson(share, n).unwrap();
            let many = wilson(share, n * 4.0).unwrap();
            prop_assert!(few.low <= share + 1e-12 && share <= few.high + 1e-12);
            prop_assert!(many.high - many.low < few.high - few.low);
        }
    }
}
