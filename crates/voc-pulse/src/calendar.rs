use std::ops::Range;

use jiff::civil::Date;
use voc_core::Period;

/// How many periods the trend of a report shows.
pub(crate) const TREND: usize = 12;

/// The periods a report looks at, oldest first; the last is the one it is about.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    periods: Vec<Period>,
    baseline: usize,
}

impl Calendar {
    pub(crate) fn new(period: Period, baseline: usize) -> Self {
        Self {
            periods: period.trailing(TREND.max(baseline + 1)),
            baseline,
        }
    }

    /// How many periods there are, the current one included.
    pub(crate) const fn len(&self) -> usize {
        self.periods.len()
    }

    /// The index of the period that is reported on.
    pub(crate) const fn current(&self) -> usize {
        self.periods.len().saturating_sub(1)
    }

    /// The indexes of the baseline.
    pub(crate) const fn baseline(&self) -> Range<usize> {
        self.current() - self.baseline..self.current()
    }

    /// The indexes of the trend.
    pub(crate) const fn trend(&self) -> Range<usize> {
        self.len() - TREND..self.len()
    }

    /// The index of the period that holds `day`, if a report looks at it.
    pub(crate) fn index(&self, day: Date) -> Option<usize> {
        let after = self
            .periods
            .partition_point(|period| period.first_day() <= day);
        let index = after.checked_sub(1)?;
        self.periods.get(index)?.contains(day).then_some(index)
    }

    pub(crate) fn get(&self, index: usize) -> Option<Period> {
        self.periods.get(index).copied()
    }

    /// From the first day to the day after the last.
    pub(crate) fn days(&self) -> Option<Range<Date>> {
        Some(self.periods.first()?.first_day()..self.periods.last()?.end())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_fall_into_their_period_or_none() {
        let calendar = Calendar::new("2026-W32".parse().unwrap(), 8);
        let check = |day, expect| assert_eq!(calendar.index(day), expect, "{day}");
        check(date(2026, 8, 9), Some(11));
        check(date(2026, 8, 2), Some(10));
        check(date(2026, 5, 18), Some(0));
        check(date(2026, 5, 17), None);
        check(date(2026, 8, 10), None);
        assert_eq!((calendar.baseline(), calendar.trend()), (3..11, 0..12));
    }

    #[test]
    fn a_long_baseline_widens_the_window() {
        let calendar = Calendar::new("2026-08".parse().unwrap(), 24);
        assert_eq!(
            (calendar.len(), calendar.baseline(), calendar.trend()),
            (25, 0..24, 13..25)
        );
        assert_eq!(calendar.days(), Some(date(2024, 8, 1)..date(2026, 9, 1)));
    }
}
