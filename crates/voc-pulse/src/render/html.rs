//! The report as one self-contained page.

mod chart;
mod excerpt;
mod view;

use askama::Template;

use self::chart::{Bars, SharePlot, Sparkline, StackedBar};
use self::excerpt::Excerpt;
use crate::words::Words;
use crate::{Pulse, PulseError};

/// The report as one HTML file: style and charts are inside, there is no script, and the
/// content security policy allows none. It reads on a phone, in the dark and on paper.
///
/// # Errors
/// [`PulseError::Html`]; none is known to happen.
pub fn html(pulse: &Pulse) -> Result<String, PulseError> {
    Ok(Page::new(pulse).render()?)
}

/// What the template fills in. Every text in it is escaped by the template.
#[derive(Debug, Template)]
#[template(path = "pulse.html")]
struct Page<'a> {
    words: &'static Words,
    pulse: &'a Pulse,
    days: String,
    as_of: String,
    versions: String,
    lead: Option<&'a str>,
    facts: Vec<&'a str>,
    movers: Vec<MoverView<'a>>,
    figures: Vec<Figure>,
    volume: Bars,
    channels: Vec<ShareLine<'a>>,
    languages: Vec<ShareLine<'a>>,
    ratings: Vec<RatingView>,
    kinds: Vec<KindView<'a>>,
    themes: Vec<ThemeView<'a>>,
    silent_themes: Option<String>,
    unassigned: Option<String>,
    prospects: Option<String>,
    touchpoints: Vec<TouchpointView<'a>>,
    quoted: Vec<QuotedTheme<'a>>,
    any_small: bool,
}

/// A mover with its line.
#[derive(Debug)]
struct MoverView<'a> {
    tone: &'static str,
    symbol: &'static str,
    said: String,
    /// The sentence before, at and after the label's name.
    before: &'a str,
    name: &'a str,
    after: &'a str,
    feeling: Option<&'a str>,
    line: Sparkline,
}

/// A large number with its caption.
#[derive(Debug)]
struct Figure {
    value: String,
    caption: String,
}

/// A name with a share.
#[derive(Debug)]
struct ShareLine<'a> {
    name: &'a str,
    records: String,
    share: String,
    /// Per cent, for the bar.
    width: f64,
}

#[derive(Debug)]
struct RatingView {
    name: &'static str,
    value: String,
    small: bool,
    interval: String,
    baseline: Option<String>,
    n: String,
}

/// A change as shown in a table.
#[derive(Debug)]
struct ChangeView {
    class: &'static str,
    symbol: &'static str,
    said: String,
    from_to: Option<String>,
}

#[derive(Debug)]
struct KindView<'a> {
    name: &'a str,
    records: String,
    share: String,
    interval: String,
    plot: SharePlot,
    change: ChangeView,
}

#[derive(Debug)]
struct ThemeView<'a> {
    name: &'a str,
    records: String,
    share: String,
    interval: String,
    bar: StackedBar,
    competitor: Option<String>,
    net: String,
    small: bool,
    change: ChangeView,
}

#[derive(Debug)]
struct TouchpointView<'a> {
    name: &'a str,
    records: String,
    share: String,
    interval: String,
    bar: StackedBar,
    net: String,
    small: bool,
}

/// A theme with what customers wrote.
#[derive(Debug)]
struct QuotedTheme<'a> {
    name: &'a str,
    records: String,
    quotes: Vec<Quote<'a>>,
}

#[derive(Debug)]
struct Quote<'a> {
    language: &'a str,
    excerpt: Excerpt<'a>,
    source: String,
    key: String,
    url: Option<&'a str>,
}
