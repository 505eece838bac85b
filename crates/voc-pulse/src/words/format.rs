//! Numbers, dates and periods in the words of a language.

use jiff::civil::Date;
use voc_core::{Period, PeriodUnit};

use super::{Counted, PerUnit, Words};

/// Puts `values` in the places of `template` that bear their names. What a value holds is
/// not read as a place again.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, place)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = place.split_once('}') else {
            text.push('{');
            rest = place;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            text.push_str(value);
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

impl Words {
    /// A whole number with its groups of three: `12,345`.
    pub(crate) fn integer(&self, n: u64) -> String {
        let digits = n.to_string();
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push_str(self.formats.group);
            }
            text.push(digit);
        }
        text
    }

    /// A number with `decimals` places and a true minus sign.
    pub(crate) fn number(&self, value: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", value.abs());
        let negative = value < 0.0 && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
        let text = text.replace('.', self.formats.decimal);
        if negative { format!("−{text}") } else { text }
    }

    /// A share of 0 to 1 as per cent: one decimal below 10 %, unless it is zero; none above.
    pub(crate) fn percent(&self, share: f64) -> String {
        let tenths = (share * 1000.0).round();
        let whole = tenths >= 100.0 || tenths % 10.0 == 0.0;
        format!("{}%", self.number(share * 100.0, usize::from(!whole)))
    }

    /// An interval of shares as per cent: `12–15%`.
    pub(crate) fn percents(&self, low: f64, high: f64) -> String {
        let decimals = usize::from(high < 0.0995);
        let end = |share: f64| self.number(share * 100.0, decimals);
        format!("{}–{}%", end(low), end(high))
    }

    /// A length of time in seconds, in the unit that reads best.
    pub(crate) fn duration(&self, seconds: f64) -> String {
        const MINUTE: f64 = 60.0;
        const HOUR: f64 = 3600.0;
        const DAY: f64 = 86_400.0;
        let formats = &self.formats;
        let (template, value) = match seconds {
            s if s < 1.5 * HOUR => (formats.minutes, s / MINUTE),
            s if s < 2.0 * DAY => (formats.hours, s / HOUR),
            s => (formats.days_long, s / DAY),
        };
        let decimals = usize::from(value < 10.0 && value > 0.0);
        fill(template, &[("n", &self.number(value, decimals))])
    }

    /// `3 August 2026`.
    pub(crate) fn date(&self, day: Date) -> String {
        let (d, y) = (day.day().to_string(), day.year().to_string());
        fill(
            self.formats.date,
            &[("d", &d), ("month", self.month(day)), ("y", &y)],
        )
    }

    /// `3 August`: the tick of a chart.
    pub(crate) fn tick(&self, day: Date) -> String {
        let d = day.day().to_string();
        fill(self.formats.tick, &[("d1", &d), ("month", self.month(day))])
    }

    /// The days of a period: `3–9 August 2026`.
    pub(crate) fn days(&self, period: Period) -> String {
        let (first, last) = (period.first_day(), period.last_day());
        if first == last {
            return self.date(first);
        }
        if (first.year(), first.month()) != (last.year(), last.month()) {
            let (first, last) = (self.date(first), self.date(last));
            return fill(self.formats.range, &[("first", &first), ("last", &last)]);
        }
        let (d1, d2, y) = (
            first.day().to_string(),
            last.day().to_string(),
            first.year().to_string(),
        );
        let values = [
            ("d1", &*d1),
            ("d2", &*d2),
            ("month", self.month(first)),
            ("y", &*y),
        ];
        fill(self.formats.days, &values)
    }

    /// The name of a period: `Week 32, 2026`.
    pub(crate) fn period(&self, period: Period) -> String {
        let first = period.first_day();
        let week = first.iso_week_date();
        let year = match period.unit() {
            PeriodUnit::Week => week.year(),
            _ => first.year(),
        };
        let quarter = (first.month() - 1) / 3 + 1;
        let values = [
            ("date", &*self.date(first)),
            ("week", &*week.week().to_string()),
            ("month", self.month(first)),
            ("quarter", &*quarter.to_string()),
            ("y", &*year.to_string()),
        ];
        capitalised(&fill(self.period.of(period.unit()), &values))
    }

    /// What a period is compared with: `8-week average`, or `the week before`.
    pub(crate) fn baseline(&self, unit: PeriodUnit, periods: usize) -> String {
        if periods == 1 {
            return self.before.of(unit).to_owned();
        }
        fill(self.average.of(unit), &[("n", &periods.to_string())])
    }

    /// `412 records`.
    pub(crate) fn count_records(&self, n: u64) -> String {
        self.counted(self.records, n)
    }

    /// `388 customers`.
    pub(crate) fn count_customers(&self, n: u64) -> String {
        self.counted(self.customers, n)
    }

    fn counted(&self, noun: Counted, n: u64) -> String {
        let template = if n == 1 { noun.one } else { noun.many };
        fill(template, &[("n", &self.integer(n))])
    }

    fn month(&self, day: Date) -> &'static str {
        let index = usize::from(day.month().unsigned_abs()).saturating_sub(1);
        self.formats.months.get(index).copied().unwrap_or_default()
    }
}

impl PerUnit {
    fn of(&self, unit: PeriodUnit) -> &'static str {
        match unit {
            PeriodUnit::Day => self.day,
            PeriodUnit::Week => self.week,
            PeriodUnit::Month => self.month,
            PeriodUnit::Quarter => self.quarter,
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
