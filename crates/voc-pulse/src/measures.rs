use voc_core::Ratings;

use crate::pulse::{Rating, RatingScale};
use crate::stats::{Interval, Moments, NetPromoter, Proportion, wilson};
use crate::{MIN_RECORDS, pulse::rounded};

/// Sums of the ratings on one side of a comparison.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RatingTally {
    nps: NetPromoter,
    csat: Moments,
    satisfied: u64,
    ces: Moments,
    stars: Moments,
}

impl RatingTally {
    pub(crate) fn add(&mut self, ratings: Ratings) {
        /// "Satisfied" and "very satisfied".
        const SATISFIED: f32 = 4.0;
        ratings.nps.iter().for_each(|answer| self.nps.add(*answer));
        ratings.ces.iter().for_each(|answer| self.ces.add(*answer));
        ratings
            .stars
            .iter()
            .for_each(|answer| self.stars.add(*answer));
        if let Some(csat) = ratings.csat {
            self.csat.add(csat);
            self.satisfied += u64::from(csat >= SATISFIED);
        }
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            nps: self.nps.plus(other.nps),
            csat: self.csat.plus(other.csat),
            satisfied: self.satisfied + other.satisfied,
            ces: self.ces.plus(other.ces),
            stars: self.stars.plus(other.stars),
        }
    }

    /// Every scale that was answered now, each beside its value in the baseline.
    pub(crate) fn rows(self, before: Self) -> Vec<Rating> {
        let satisfied = |tally: Self| Proportion::new(tally.satisfied, tally.csat.count());
        let share_interval = || wilson(satisfied(self).share()?, self.csat.count() as f64);
        let mean = |scale, now: Moments, before: Moments| {
            row(
                scale,
                now.count(),
                now.mean(),
                now.interval(),
                before.mean(),
            )
        };
        [
            row(
                RatingScale::Nps,
                self.nps.count(),
                self.nps.score(),
                self.nps.interval(),
                before.nps.score(),
            ),
            mean(RatingScale::Csat, self.csat, before.csat),
            row(
                RatingScale::CsatSatisfied,
                self.csat.count(),
                satisfied(self).share(),
                share_interval(),
                satisfied(before).share(),
            ),
            mean(RatingScale::Ces, self.ces, before.ces),
            mean(RatingScale::Stars, self.stars, before.stars),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn row(
    scale: RatingScale,
    n: u64,
    value: Option<f64>,
    interval: Option<Interval>,
    baseline: Option<f64>,
) -> Option<Rating> {
    Some(Rating {
        scale,
        n,
        value: rounded(value?),
        interval: interval.map(Interval::rounded),
        baseline: baseline.map(rounded),
        small: n < MIN_RECORDS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answered_scales_are_shown_beside_their_baseline() {
        let mut now = RatingTally::default();
        now.add(Ratings {
            nps: Some(10.0),
            csat: Some(4.0),
            ..Ratings::default()
        });
        now.add(Ratings {
            nps: Some(3.0),
            csat: Some(2.0),
            ..Ratings::default()
        });
        now.add(Ratings {
            nps: Some(9.0),
            ..Ratings::default()
        });
        let mut before = RatingTally::default();
        before.add(Ratings {
            csat: Some(5.0),
            ces: Some(2.0),
            ..Ratings::default()
        });
        let rows: Vec<_> = now
            .rows(before)
            .into_iter()
            .map(|row| (row.scale, row.n, row.value, row.baseline))
            .collect();
        assert_eq!(
            rows,
            [
                (RatingScale::Nps, 3, 33.3333, None),
                (RatingScale::Csat, 2, 3.0, Some(5.0)),
                (RatingScale::CsatSatisfied, 2, 0.5, Some(1.0)),
            ]
        );
    }
}
