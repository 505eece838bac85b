use std::ops::AddAssign;

use serde::Serialize;

/// How often a label was found, was right to find, and should have been found.
///
/// A measure that is plain accuracy counts one gold and one found per record: precision,
/// recall and F1 are then all the accuracy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Found and gold.
    pub hit: u32,
    /// Found.
    pub found: u32,
    /// Gold.
    pub gold: u32,
}

impl Counts {
    /// One decision about one label.
    pub fn decision(gold: bool, found: bool) -> Self {
        Self {
            hit: u32::from(gold && found),
            found: u32::from(found),
            gold: u32::from(gold),
        }
    }

    /// One answer that is right or wrong.
    pub fn answer(right: bool) -> Self {
        Self {
            hit: u32::from(right),
            found: 1,
            gold: 1,
        }
    }

    /// The share of what was found that is right; `None` if nothing was found.
    pub fn precision(self) -> Option<f64> {
        share(self.hit, self.found)
    }

    /// The share of what is gold that was found; `None` if nothing is gold.
    pub fn recall(self) -> Option<f64> {
        share(self.hit, self.gold)
    }

    /// The harmonic mean of precision and recall; `None` if there was nothing to find and
    /// nothing was found.
    pub fn f1(self) -> Option<f64> {
        share(2 * self.hit, self.found + self.gold)
    }

    /// Whether the record says nothing about the measure.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.hit += other.hit;
        self.found += other.found;
        self.gold += other.gold;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_is_the_harmonic_mean_of_precision_and_recall() {
        let counts = Counts {
            hit: 6,
            found: 8,
            gold: 12,
        };
        assert_eq!(counts.precision(), Some(0.75));
        assert_eq!(counts.recall(), Some(0.5));
        assert_eq!(counts.f1(), Some(0.6));
    }

    #[test]
    fn nothing_to_find_has_no_score_and_finding_it_anyway_scores_zero() {
        assert_eq!(Counts::default().f1(), None);
        assert_eq!(Counts::decision(false, true).f1(), Some(0.0));
        assert_eq!(Counts::decision(false, true).recall(), None);
    }
}
