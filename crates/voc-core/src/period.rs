use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::{Span as Duration, ToSpan};
use serde::{Deserialize, Serialize};

use crate::CoreError;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeriodUnit {
    /// One day.
    Day,
    /// An ISO week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months, from January, April, July or October.
    Quarter,
}

impl PeriodUnit {
    /// Every unit, shortest first.
    pub const ALL: &'static [Self] = &[Self::Day, Self::Week, Self::Month, Self::Quarter];

    /// The name used in commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
        }
    }

    fn length(self) -> Duration {
        match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Quarter => 3.months(),
        }
    }
}

impl FromStr for PeriodUnit {
    type Err = CoreError;
    fn from_str(text: &str) -> Result<Self, CoreError> {
        Self::ALL
            .iter()
            .copied()
            .find(|unit| unit.as_str() == text)
            .ok_or_else(|| CoreError::UnknownLabel {
                what: "period",
                value: text.to_owned(),
                expected: "day, week, month, quarter".to_owned(),
            })
    }
}

/// A day, ISO week, month or quarter. Written `2026-08-03`, `2026-W32`, `2026-08`, `2026-Q3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    unit: PeriodUnit,
    first: Date,
}

impl Period {
    /// The period of length `unit` that `day` lies in.
    pub fn containing(unit: PeriodUnit, day: Date) -> Self {
        let first = match unit {
            PeriodUnit::Day => day,
            PeriodUnit::Week => {
                day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
            }
            PeriodUnit::Month => day.first_of_month(),
            PeriodUnit::Quarter => {
                let month = (day.month() - 1) / 3 * 3 + 1;
                Date::new(day.year(), month, 1).unwrap_or(day)
            }
        };
        Self { unit, first }
    }

    /// How long it is.
    pub const fn unit(self) -> PeriodUnit {
        self.unit
    }

    /// Its first day.
    pub const fn first_day(self) -> Date {
        self.first
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        self.end().saturating_sub(1.day())
    }

    /// The day after its last.
    pub fn end(self) -> Date {
        self.first.saturating_add(self.unit.length())
    }

    /// The period just before.
    pub fn previous(self) -> Self {
        Self {
            unit: self.unit,
            first: self.first.saturating_sub(self.unit.length()),
        }
    }

    /// The period just after.
    pub fn next(self) -> Self {
        Self {
            unit: self.unit,
            first: self.end(),
        }
    }

    /// The `count` periods that end with this one, oldest first.
    pub fn trailing(self, count: usize) -> Vec<Self> {
        let mut periods: Vec<Self> =
            std::iter::successors(Some(self), |period| Some(period.previous()))
                .take(count)
                .collect();
        periods.reverse();
        periods
    }

    /// Whether `day` lies in it.
    pub fn contains(self, day: Date) -> bool {
        (self.first..self.end()).contains(&day)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.unit {
            PeriodUnit::Day => self.first.to_string(),
            PeriodUnit::Week => {
                let week = self.first.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            PeriodUnit::Month => format!("{:04}-{:02}", self.first.year(), self.first.month()),
            PeriodUnit::Quarter => {
                format!(
                    "{:04}-Q{}",
                    self.first.year(),
                    (self.first.month() - 1) / 3 + 1
                )
            }
        };
        f.pad(&text)
    }
}

impl FromStr for Period {
    type Err = CoreError;

    fn from_str(text: &str) -> Result<Self, CoreError> {
        parse(text).ok_or_else(|| CoreError::InvalidPeriod(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Period> {
    if let Ok(day) = text.parse::<Date>()
        && text.len() == 10
    {
        return Some(Period::containing(PeriodUnit::Day, day));
    }
    let (year, rest) = text.split_once('-')?;
    let year: i16 = year.parse().ok()?;
    if let Some(week) = rest.strip_prefix('W') {
        let monday = ISOWeekDate::new(year, week.parse().ok()?, Weekday::Monday)
            .ok()?
            .date();
        return Some(Period::containing(PeriodUnit::Week, monday));
    }
    if let Some(quarter) = rest.strip_prefix('Q') {
        let quarter: i8 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
        let first = Date::new(year, (quarter - 1) * 3 + 1, 1).ok()?;
        return Some(Period::containing(PeriodUnit::Quarter, first));
    }
    let first = Date::new(year, rest.parse().ok()?, 1).ok()?;
    Some(Period::containing(PeriodUnit::Month, first))
}

impl TryFrom<String> for Period {
    type Error = CoreError;
    fn try_from(text: String) -> Result<Self, CoreError> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, first: Date, last: Date) {
        let period: Period = text.parse().unwrap();
        assert_eq!(
            (period.first_day(), period.last_day()),
            (first, last),
            "{text}"
        );
        assert_eq!(period.to_string(), text);
    }

    #[test]
    fn periods_are_read_with_their_first_and_last_day() {
        check("2026-08-03", date(2026, 8, 3), date(2026, 8, 3));
        check("2026-W32", date(2026, 8, 3), date(2026, 8, 9));
        check("2026-W53", date(2026, 12, 28), date(2027, 1, 3));
        check("2024-02", date(2024, 2, 1), date(2024, 2, 29));
        check("2026-Q4", date(2026, 10, 1), date(2026, 12, 31));
    }

    #[test]
    fn what_is_not_a_period_is_refused() {
        for text in [
            "",
            "2026",
            "2026-W54",
            "2026-13",
            "2026-Q5",
            "2026-02-30",
            "last week",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn trailing_periods_end_with_this_one() {
        let period: Period = "2026-02".parse().unwrap();
        let names: Vec<String> = period.trailing(3).into_iter().map(String::from).collect();
        assert_eq!(names, ["2025-12", "2026-01", "2026-02"]);
    }

    proptest! {
        #[test]
        fn a_day_lies_in_its_period_and_neighbours_touch(offset in 0..20_000_i64, unit in 0..4_usize) {
            let day = date(1995, 1, 1).saturating_add(offset.days());
            let period = Period::containing(PeriodUnit::ALL[unit], day);
            prop_assert!(period.contains(day));
            prop_assert_eq!(period.next().previous(), period);
            prop_assert_eq!(period.previous().end(), period.first_day());
            prop_assert_eq!(period.to_string().parse::<Period>().unwrap(), period);
        }
    }
}
