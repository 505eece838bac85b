use std::ops::Range;

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use regex::{Captures, Regex};

use super::Table;
use crate::TextError;

/// Finds days to come and resolves them.
///
/// A language lists patterns; what a pattern means is told by the names of its groups:
///
/// - `n` and one of `minutes`, `hours`, `days`, `work` (business days), `weeks`: from the day
///   of writing; hours count as whole days, minutes as none.
/// - `wd`: the next such weekday; with `d` and `mo` that date instead. `this`: of this week;
///   `coming`: of the next week.
/// - `d` with `mo` (a name) or `m` (a number), and `y`: that date, of the year that makes it
///   nearest. `d` alone: of this month, or the next.
/// - `today`, `tomorrow`, `after` (the day after tomorrow), `week_end`, `month_end` (with `mo`
///   or `m`: of that month).
///
/// In a pattern, `{wd}`, `{mo}` stand for the language's names of weekdays and months.
#[derive(Debug)]
pub(super) struct DueFinder {
    weekdays: Vec<Regex>,
    months: Vec<Regex>,
    days: Vec<Regex>,
}

/// A day, and the words that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundDue {
    pub range: Range<usize>,
    pub day: Date,
}

impl DueFinder {
    pub fn new(table: &Table) -> Result<Self, TextError> {
        let whole = |name: &&str| Regex::new(&format!("(?i)^(?:{name})$"));
        let weekday = format!("(?P<wd>{})", table.weekdays.join("|"));
        let month = format!("(?P<mo>{})", table.months.join("|"));
        let day = |pattern: &&str| {
            let pattern = pattern.replace("{wd}", &weekday).replace("{mo}", &month);
            Regex::new(&format!("(?i){pattern}"))
        };
        Ok(Self {
            weekdays: table.weekdays.iter().map(whole).collect::<Result<_, _>>()?,
            months: table.months.iter().map(whole).collect::<Result<_, _>>()?,
            days: table.days.iter().map(day).collect::<Result<_, _>>()?,
        })
    }

    /// The days that `sentence` names, in order. Where two patterns overlap, the one that
    /// starts first and is longest counts.
    pub fn find(&self, sentence: &str, written: Date) -> Vec<FoundDue> {
        let mut found: Vec<FoundDue> = Vec::new();
        for pattern in &self.days {
            for captures in pattern.captures_iter(sentence) {
                // Characters around the named groups only tell the place apart.
                let groups = || pattern.capture_names().flatten();
                let named = || groups().filter_map(|name| captures.name(name));
                let start = named().map(|group| group.start()).min();
                let end = named().map(|group| group.end()).max();
                let (Some(start), Some(end), Some(day)) =
                    (start, end, self.resolve(&captures, written))
                else {
                    continue;
                };
                let range = start..end;
                found.push(FoundDue { range, day });
            }
        }
        found.sort_by_key(|due| (due.range.start, std::cmp::Reverse(due.range.end)));
        let mut until = 0;
        found.retain(|due| {
            let apart = due.range.start >= until;
            if apart {
                until = due.range.end;
            }
            apart
        });
        found
    }

    fn resolve(&self, captures: &Captures<'_>, written: Date) -> Option<Date> {
        let has = |name: &str| captures.name(name).is_some();
        if has("n") {
            return counted(captures, written);
        }
        if has("today") {
            return Some(written);
        }
        if has("tomorrow") {
            return written.checked_add(1.day()).ok();
        }
        if has("after") {
            return written.checked_add(2.days()).ok();
        }
        if has("week_end") {
            let left = 6 - written.weekday().to_monday_zero_offset();
            return written.checked_add(i64::from(left).days()).ok();
        }
        let month = self.month(captures);
        if has("month_end") {
            return month_end(written, month);
        }
        match (number(captures, "d"), month) {
            (Some(day), Some(month)) => date(written, day, month, number(captures, "y")),
            (Some(day), None) if !has("wd") && !has("m") => day_of_month(written, day),
            _ => self.weekday(captures, written),
        }
    }

    fn month(&self, captures: &Captures<'_>) -> Option<i8> {
        if let Some(name) = captures.name("mo") {
            let position = self.months.iter().position(|m| m.is_match(name.as_str()))?;
            return i8::try_from(position + 1).ok();
        }
        let month = number(captures, "m")?;
        (1..=12)
            .contains(&month)
            .then_some(i8::try_from(month).ok()?)
    }

    fn weekday(&self, captures: &Captures<'_>, written: Date) -> Option<Date> {
        let name = captures.name("wd")?.as_str();
        let position = self.weekdays.iter().position(|w| w.is_match(name))?;
        let wanted = Weekday::from_monday_zero_offset(i8::try_from(position).ok()?).ok()?;
        let from_monday = i64::from(written.weekday().to_monday_zero_offset());
        let in_week = position as i64 - from_monday;
        if captures.name("coming").is_some() {
            return written.checked_add((7 + in_week).days()).ok();
        }
        if captures.name("this").is_some() {
            return written.checked_add(in_week.days()).ok();
        }
        written.nth_weekday(1, wanted).ok()
    }
}

/// So many hours, days or weeks after `written`.
fn counted(captures: &Captures<'_>, written: Date) -> Option<Date> {
    let n = amount(captures.name("n")?.as_str())?;
    let has = |name: &str| captures.name(name).is_some();
    let ahead: Span = if has("work") {
        return business_days(written, n);
    } else if has("minutes") {
        0.days()
    } else if has("hours") {
        (n / 24).days()
    } else if has("weeks") {
        n.weeks()
    } else {
        n.days()
    };
    written.checked_add(ahead).ok()
}

/// Monday to Friday, from the day after `written`.
fn business_days(written: Date, n: i64) -> Option<Date> {
    let mut day = written;
    let mut left = n;
    while left > 0 {
        day = day.tomorrow().ok()?;
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    Some(day)
}

fn number(captures: &Captures<'_>, name: &str) -> Option<i16> {
    captures.name(name)?.as_str().parse().ok()
}

/// A number in digits, in words, or in Chinese numerals below one hundred.
fn amount(text: &str) -> Option<i64> {
    const WORDS: [(&str, i64); 20] = [
        ("a", 1),
        ("an", 1),
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("five", 5),
        ("ten", 10),
        ("un", 1),
        ("una", 1),
        ("due", 2),
        ("tre", 3),
        ("cinque", 5),
        ("dieci", 10),
        ("един", 1),
        ("една", 1),
        ("два", 2),
        ("две", 2),
        ("три", 3),
        ("пет", 5),
        ("десет", 10),
    ];
    let lower = text.to_lowercase();
    let word = || {
        WORDS
            .iter()
            .find(|(word, _)| *word == lower)
            .map(|(_, n)| *n)
    };
    let digits = text.parse().ok().filter(|n| *n < 1000);
    digits.or_else(word).or_else(|| chinese(text))
}

fn chinese(text: &str) -> Option<i64> {
    let digit = |numeral: char| match numeral {
        '半' => Some(0),
        '两' | '兩' => Some(2),
        _ => "一二三四五六七八九"
            .chars()
            .position(|c| c == numeral)
            .and_then(|position| i64::try_from(position + 1).ok()),
    };
    let numerals: Vec<char> = text.chars().collect();
    match numerals.as_slice() {
        ['十'] => Some(10),
        ['十', ones] => Some(10 + digit(*ones)?),
        [tens, '十'] => Some(10 * digit(*tens)?),
        [tens, '十', ones] => Some(10 * digit(*tens)? + digit(*ones)?),
        [ones] => digit(*ones),
        _ => None,
    }
}

/// That day of the year that makes it nearest to `written`.
fn date(written: Date, day: i16, month: i8, year: Option<i16>) -> Option<Date> {
    let day = i8::try_from(day).ok()?;
    if let Some(year) = year {
        let year = if year < 100 { year + 2000 } else { year };
        return Date::new(year, month, day).ok();
    }
    let years = [-1, 0, 1].map(|step| written.year() + step);
    let dates = years
        .into_iter()
        .filter_map(|year| Date::new(year, month, day).ok());
    dates.min_by_key(|date| {
        written
            .until(*date)
            .map_or(i32::MAX, |span| span.get_days().abs())
    })
}

/// The next day with this number, today included.
fn day_of_month(written: Date, day: i16) -> Option<Date> {
    let day = i8::try_from(day).ok()?;
    let months = [written, written.checked_add(1.month()).ok()?];
    let days = months
        .into_iter()
        .filter_map(|month| Date::new(month.year(), month.month(), day).ok());
    days.into_iter().find(|date| *date >= written)
}

fn month_end(written: Date, month: Option<i8>) -> Option<Date> {
    let month = month.unwrap_or(written.month());
    let year = written.year() + i16::from(month < written.month());
    Some(Date::new(year, month, 1).ok()?.last_of_month())
}
