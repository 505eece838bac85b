//! Dates and times as exports write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::{Offset, TimeZone};

const UNREADABLE: &str = "not a date that can be read; describe it with `format`";
const OTHER_FORMAT: &str = "does not fit `format`";
const NO_SUCH: &str = "no such date or time; check `day_first`";
const EITHER_WAY: &str = "day and month can be read either way; set `day_first`";
const IMPLAUSIBLE: &str = "impossible date: it lies outside 1990 to 2099";

/// Stands for the time of day of a date alone.
const NOON: Time = Time::constant(12, 0, 0, 0);

/// How a source writes dates.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    /// Of times that do not say their own.
    pub(crate) zone: TimeZone,
    /// Of dates such as 12/09/2026. Unset: dots are day-first, slashes and dashes refused.
    pub(crate) day_first: Option<bool>,
}

impl Calendar {
    /// Reads a time in one of `formats` (strptime), or where there are none in a common
    /// form. A date alone is its noon, so that it stays the same day in the zones that
    /// reports are made for. A time that the clocks skip in spring is taken one hour
    /// later, one that they repeat in autumn the first time.
    ///
    /// # Errors
    /// Why the text is no time, without repeating it.
    pub(crate) fn time(&self, text: &str, formats: &[String]) -> Result<Timestamp, &'static str> {
        let text = text.trim();
        let time = if formats.is_empty() {
            self.common(text)?
        } else {
            formats
                .iter()
                .find_map(|format| self.by(format, text))
                .ok_or(OTHER_FORMAT)?
        };
        plausible(time)
    }

    /// Reads seconds or milliseconds since 1970 with a fraction.
    ///
    /// # Errors
    /// As [`Calendar::time`].
    pub(crate) fn epoch(seconds: f64) -> Result<Timestamp, &'static str> {
        // `as` saturates, and what is out of range is refused.
        let milliseconds = if seconds.abs() < 1e11 {
            seconds * 1000.0
        } else {
            seconds
        };
        plausible(Timestamp::from_millisecond(milliseconds.round() as i64).map_err(|_| NO_SUCH)?)
    }

    fn by(&self, format: &str, text: &str) -> Option<Timestamp> {
        let parsed = strtime::parse(format, text).ok()?;
        let naive = || {
            let date = parsed.to_date().ok()?;
            let time = if parsed.hour().is_some() {
                parsed.to_time().ok()?
            } else {
                NOON
            };
            self.zone
                .to_timestamp(DateTime::from_parts(date, time))
                .ok()
        };
        parsed.to_timestamp().ok().or_else(naive)
    }

    fn common(&self, text: &str) -> Result<Timestamp, &'static str> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.digits(text);
        }
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(time);
        }
        if let Ok(time) = rfc2822::DateTimeParser::new().parse_timestamp(text) {
            return Ok(time);
        }
        let (date, clock) = split(text);
        let date = self.date(date)?;
        let (time, offset) = clock_time(clock)?;
        let naive = DateTime::from_parts(date, time);
        match offset {
            Some(offset) => offset.to_timestamp(naive),
            None => self.zone.to_timestamp(naive),
        }
        .map_err(|_| NO_SUCH)
    }

    /// `20260827`, `20260827050545`, or a count since 1970 whose length tells the unit.
    fn digits(&self, text: &str) -> Result<Timestamp, &'static str> {
        let count = || text.parse::<i64>().map_err(|_| UNREADABLE);
        match text.len() {
            8 => self.by("%Y%m%d", text).ok_or(NO_SUCH),
            14 => self.by("%Y%m%d%H%M%S", text).ok_or(NO_SUCH),
            9..=10 => Timestamp::from_second(count()?).map_err(|_| UNREADABLE),
            12..=13 => Timestamp::from_millisecond(count()?).map_err(|_| UNREADABLE),
            15..=16 => Timestamp::from_microsecond(count()?).map_err(|_| UNREADABLE),
            _ => Err(UNREADABLE),
        }
    }

    fn date(&self, text: &str) -> Result<Date, &'static str> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let separator = text[digits..].chars().next().ok_or(UNREADABLE)?;
        let format = match separator {
            '年' => "%Y年%m月%d日".to_owned(),
            '-' | '/' | '.' if digits == 4 => format!("%Y{separator}%m{separator}%d"),
            '-' | '/' | '.' => match self.day_first.or((separator == '.').then_some(true)) {
                Some(true) => format!("%d{separator}%m{separator}%Y"),
                Some(false) => format!("%m{separator}%d{separator}%Y"),
                None => return Err(EITHER_WAY),
            },
            _ => return Err(UNREADABLE),
        };
        let numbers = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty());
        let error = if numbers.count() == 3 {
            NO_SUCH
        } else {
            UNREADABLE
        };
        strtime::parse(format, text)
            .and_then(|parsed| parsed.to_date())
            .map_err(|_| error)
    }
}

/// Refuses times at which no customer wrote: a parser slipped.
fn plausible(time: Timestamp) -> Result<Timestamp, &'static str> {
    const YEAR_1990: i64 = 631_152_000;
    const YEAR_2100: i64 = 4_102_444_800;
    let fits = (YEAR_1990..YEAR_2100).contains(&time.as_second());
    if fits { Ok(time) } else { Err(IMPLAUSIBLE) }
}

/// The date and the time of day. Bulgarian writes `г.` after a year and `ч.` after a time.
fn split(text: &str) -> (&str, &str) {
    let end = match text.find('日') {
        Some(day) => day + '日'.len_utf8(),
        None => text.find([' ', 'T', ',', '\u{a0}']).unwrap_or(text.len()),
    };
    let (date, clock) = text.split_at(end);
    let gap = |c: char| c.is_whitespace() || matches!(c, 'T' | ',');
    let clock = clock.trim_start_matches(gap);
    let clock = clock
        .strip_prefix("г.")
        .unwrap_or(clock)
        .trim_start_matches(gap);
    (
        date.trim_end_matches("г."),
        clock.trim_end_matches("ч.").trim(),
    )
}

/// A time of day, and the offset if it says one; noon where there is none.
fn clock_time(text: &str) -> Result<(Time, Option<Offset>), &'static str> {
    const FORMATS: [&str; 6] = [
        "%H:%M:%S%.f",
        "%H:%M",
        "%I:%M:%S %p",
        "%I:%M %p",
        "%H时%M分%S秒",
        "%H时%M分",
    ];
    if text.is_empty() {
        return Ok((NOON, None));
    }
    let (clock, zone) = match text.rsplit_once(' ') {
        Some((clock, "UTC" | "GMT" | "Z")) => (clock, Some("+0000")),
        Some((clock, zone)) if zone.starts_with(['+', '-']) => (clock, Some(zone)),
        _ => (text, None),
    };
    let offset = match zone {
        Some(zone) => Some(offset(zone).ok_or(UNREADABLE)?),
        None => None,
    };
    FORMATS
        .iter()
        .find_map(|format| strtime::parse(format, clock).ok()?.to_time().ok())
        .map(|time| (time, offset))
        .ok_or(UNREADABLE)
}

fn offset(text: &str) -> Option<Offset> {
    let format = if text.contains(':') { "%:z" } else { "%z" };
    strtime::parse(format, text).ok()?.offset()
}

#[cfg(test)]
mod tests;
