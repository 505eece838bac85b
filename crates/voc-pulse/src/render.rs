//! A report as JSON, CSV, Markdown or HTML.

mod csv;
mod html;
mod markdown;

pub use self::csv::csv;
pub use self::html::html;
pub use self::markdown::markdown;

use crate::pulse::{Arrow, Change, Rating, RatingScale};
use crate::words::{Words, fill};
use crate::{Pulse, PulseError};

/// The report as indented JSON. Field names are stable; see [`Pulse`].
///
/// # Errors
/// [`PulseError::Json`]; none is known to happen.
pub fn json(pulse: &Pulse) -> Result<String, PulseError> {
    let mut text = serde_json::to_string_pretty(pulse)?;
    text.push('\n');
    Ok(text)
}

/// A change in words: `up 18.0 points`.
fn change_words(words: &Words, change: Option<Change>) -> String {
    let changes = &words.changes;
    let Some(change) = change else {
        return changes.no_baseline.to_owned();
    };
    let points = words.number(change.difference.abs(), 1);
    match change.arrow {
        Arrow::Up => fill(changes.up, &[("points", &points)]),
        Arrow::Down => fill(changes.down, &[("points", &points)]),
        Arrow::Steady => changes.steady.to_owned(),
        Arrow::Withheld => changes.withheld.to_owned(),
    }
}

/// The two shares of a change: `3% → 21%`.
fn from_to(words: &Words, change: Change) -> String {
    let (before, now) = (words.percent(change.baseline), words.percent(change.share));
    fill(words.changes.from_to, &[("before", &before), ("now", &now)])
}

/// The symbol of an arrow; it always stands beside words.
const fn symbol(arrow: Arrow) -> &'static str {
    match arrow {
        Arrow::Up => "▲",
        Arrow::Down => "▼",
        Arrow::Steady | Arrow::Withheld => "",
    }
}

/// The name of a scale.
const fn scale_name(words: &Words, scale: RatingScale) -> &'static str {
    let names = &words.measures;
    match scale {
        RatingScale::Nps => names.nps,
        RatingScale::Csat => names.csat,
        RatingScale::CsatSatisfied => names.csat_satisfied,
        RatingScale::Ces => names.ces,
        RatingScale::Stars => names.stars,
    }
}

/// A value of a scale, as its scale is written.
fn scale_value(words: &Words, scale: RatingScale, value: f64) -> String {
    match scale {
        RatingScale::Nps => words.number(value, 0),
        RatingScale::CsatSatisfied => words.percent(value),
        RatingScale::Csat | RatingScale::Ces | RatingScale::Stars => words.number(value, 2),
    }
}

/// The interval of a rating; empty where it has none.
fn rating_interval(words: &Words, rating: &Rating) -> String {
    let end = |value| scale_value(words, rating.scale, value);
    rating.interval.map_or_else(String::new, |ends| {
        format!("{} – {}", end(ends.low), end(ends.high))
    })
}
