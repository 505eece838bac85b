use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Interval;

/// Ratings are kept to four decimals, so that sums are whole numbers and do not depend on
/// the order of the facts.
const UNITS: f64 = 10_000.0;

/// Count, sum and sum of squares of ratings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    count: u64,
    sum: i128,
    squares: i128,
}

impl Moments {
    /// Adds one rating, rounded to four decimals.
    pub fn add(&mut self, rating: f32) {
        let units = (f64::from(rating) * UNITS).round() as i128;
        self.count += 1;
        self.sum += units;
        self.squares += units * units;
    }

    /// Both together.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }

    /// How many ratings.
    pub const fn count(self) -> u64 {
        self.count
    }

    /// Their mean; `None` of nothing.
    pub fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / UNITS / self.count as f64)
    }

    /// The mean's 95 % interval, mean ± t · s / √n with Student's t on n − 1 degrees of
    /// freedom ("Student", Biometrika 6 (1908)); `None` below two ratings.
    pub fn interval(self) -> Option<Interval> {
        let mean = self.mean()?;
        if self.count < 2 {
            return None;
        }
        let (n, degrees) = (self.count as f64, self.count as f64 - 1.0);
        let squares = self.squares as f64 / (UNITS * UNITS);
        let variance = ((squares - n * mean * mean) / degrees).max(0.0);
        let t = StudentsT::new(0.0, 1.0, degrees).ok()?.inverse_cdf(0.975);
        let half = t * (variance / n).sqrt();
        Some(Interval {
            low: mean - half,
            high: mean + half,
        })
    }
}

/// The middle value of `values`, which are sorted in passing; the mean of the two middle
/// ones where their number is even; `None` of nothing.
pub fn median(values: &mut [i64]) -> Option<f64> {
    values.sort_unstable();
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper as f64);
    }
    let lower = *values.get(middle - 1)?;
    Some((lower as f64 + upper as f64) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(ratings: &[f32]) -> Moments {
        let mut moments = Moments::default();
        ratings.iter().for_each(|rating| moments.add(*rating));
        moments
    }

    #[test]
    fn students_own_sleep_data_come_out() {
        // Student 1908, table "Additional hours sleep gained", second drug: mean 2.33,
        // s = 2.002, t(9, 0.975) = 2.262, so 2.33 ± 1.432.
        let found = moments(&[1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);
        let interval = found.interval().unwrap();
        assert!((found.mean().unwrap() - 2.33).abs() < 1e-9);
        assert!((interval.low - 0.8977).abs() < 1e-3, "{interval:?}");
        assert!((interval.high - 3.7623).abs() < 1e-3, "{interval:?}");
    }

    #[test]
    fn one_rating_has_a_mean_and_no_interval() {
        assert_eq!(moments(&[4.0]).mean(), Some(4.0));
        assert_eq!(moments(&[4.0]).interval(), None);
        assert_eq!(moments(&[]).mean(), None);
        let same = moments(&[4.3, 4.3, 4.3]).interval().unwrap();
        assert!((same.high - same.low).abs() < 1e-6);
    }

    #[test]
    fn the_median_is_the_middle() {
        let check = |values: &[i64], expect| assert_eq!(median(&mut values.to_vec()), expect);
        check(&[], None);
        check(&[5], Some(5.0));
        check(&[9, 1, 5], Some(5.0));
        check(&[9, 1, 5, 6], Some(5.5));
    }
}
