//! From the report to what the page shows.

use super::chart::{Bars, SharePlot, Sparkline, StackedBar};
use super::excerpt::Excerpt;
use super::{
    ChangeView, Figure, KindView, MoverView, Page, Quote, QuotedTheme, RatingView, ShareLine,
    ThemeView, TouchpointView,
};
use crate::Pulse;
use crate::pulse::{
    Arrow, Change, Duration, KindRow, Mover, Rating, ThemeRow, TouchpointRow, VerbatimRow,
};
use crate::render::{change_words, from_to, rating_interval, scale_name, scale_value, symbol};
use crate::stats::Interval;
use crate::words::{Words, fill};

impl<'a> Page<'a> {
    pub(super) fn new(pulse: &'a Pulse) -> Self {
        let words = Words::of(pulse.header.language);
        let header = &pulse.header;
        let volumes = &pulse.volumes;
        let mut summary = pulse.summary.iter().map(String::as_str);
        let line = |name: &'a str, n: u64, share: f64| ShareLine {
            name,
            records: words.integer(n),
            share: words.percent(share),
            width: (share * 1000.0).round() / 10.0,
        };
        Self {
            days: words.days(header.period),
            as_of: fill(
                words.notes.as_of,
                &[("at", &header.as_of_local), ("zone", &header.timezone)],
            ),
            versions: versions(words, pulse),
            lead: summary.next(),
            facts: summary.collect(),
            movers: pulse
                .movers
                .iter()
                .map(|mover| mover_view(words, mover))
                .collect(),
            figures: figures(words, pulse),
            volume: Bars::new(words, &volumes.trend, volumes.baseline_mean),
            channels: volumes
                .channels
                .iter()
                .map(|c| line(&c.name, c.records, c.share))
                .collect(),
            languages: volumes
                .languages
                .iter()
                .map(|l| line(&l.name, l.records, l.share))
                .collect(),
            ratings: ratings(words, pulse),
            kinds: kinds(words, &pulse.kinds),
            themes: themes(words, &pulse.themes),
            silent_themes: silent_themes(words, &pulse.themes),
            unassigned: unassigned(words, pulse),
            prospects: (volumes.prospects > 0).then(|| {
                let records = words.count_records(volumes.prospects);
                fill(words.sentences.prospects, &[("records", &records)])
            }),
            touchpoints: touchpoints(words, &pulse.touchpoints),
            quoted: quoted(words, &pulse.themes),
            any_small: pulse.themes.iter().any(|row| row.small)
                || pulse.touchpoints.iter().any(|row| row.small)
                || pulse.ratings.iter().any(|row| row.small),
            words,
            pulse,
        }
    }
}

fn versions(words: &Words, pulse: &Pulse) -> String {
    let header = &pulse.header;
    let values = [
        ("store", &*header.store_version.to_string()),
        ("model", &*header.model),
        ("taxonomy", &*header.taxonomy),
    ];
    fill(words.notes.versions, &values)
}

fn mover_view<'a>(words: &Words, mover: &'a Mover) -> MoverView<'a> {
    let (before, after) = mover
        .sentence
        .split_once(&*mover.name)
        .unwrap_or(("", &mover.sentence));
    MoverView {
        tone: match mover.welcome {
            Some(true) => "welcome",
            Some(false) => "unwelcome",
            None => "open",
        },
        symbol: symbol(mover.change.arrow),
        said: change_words(words, Some(mover.change)),
        before,
        name: &mover.name,
        after,
        feeling: mover.feeling.as_deref(),
        line: Sparkline::new(words, &mover.trend, mover.change.baseline),
    }
}

/// The large numbers under the headline.
fn figures(words: &Words, pulse: &Pulse) -> Vec<Figure> {
    let columns = &words.columns;
    let volumes = &pulse.volumes;
    let mut figures = vec![
        Figure {
            value: words.integer(volumes.records),
            caption: columns.records.to_owned(),
        },
        Figure {
            value: words.integer(volumes.customers),
            caption: columns.customers.to_owned(),
        },
    ];
    if let Some(mean) = volumes.baseline_mean {
        figures.push(Figure {
            value: words.number(mean, 0),
            caption: pulse.header.baseline_name.clone(),
        });
    }
    figures
}

fn ratings(words: &'static Words, pulse: &Pulse) -> Vec<RatingView> {
    let rating = |rating: &Rating| RatingView {
        name: scale_name(words, rating.scale),
        value: scale_value(words, rating.scale, rating.value),
        small: rating.small,
        interval: rating_interval(words, rating),
        baseline: rating
            .baseline
            .map(|value| scale_value(words, rating.scale, value)),
        n: words.integer(rating.n),
    };
    let duration = |name, time: Duration| {
        Some(RatingView {
            name,
            value: words.duration(time.median_seconds?),
            small: time.n < crate::MIN_RECORDS,
            interval: String::new(),
            baseline: None,
            n: words.integer(time.n),
        })
    };
    let times = &pulse.response_times;
    pulse
        .ratings
        .iter()
        .map(rating)
        .chain(duration(
            words.measures.first_response,
            times.first_response,
        ))
        .chain(duration(words.measures.resolution, times.resolution))
        .collect()
}

fn kinds<'a>(words: &Words, rows: &'a [KindRow]) -> Vec<KindView<'a>> {
    let ends = rows
        .iter()
        .filter_map(|row| row.interval)
        .map(|interval| interval.high);
    let widest = ends.fold(0.0, f64::max);
    rows.iter()
        .map(|row| KindView {
            name: &row.name,
            records: words.integer(row.records),
            share: words.percent(row.share),
            interval: interval(words, row.interval),
            plot: SharePlot::new(row.share, row.interval, widest),
            change: change(words, row.change),
        })
        .collect()
}

fn themes<'a>(words: &Words, rows: &'a [ThemeRow]) -> Vec<ThemeView<'a>> {
    let longest = rows.iter().map(|row| row.records).max().unwrap_or_default();
    rows.iter()
        .filter(|row| row.records + row.competitor > 0)
        .map(|row| ThemeView {
            name: &row.name,
            records: words.integer(row.records),
            share: words.percent(row.share),
            interval: interval(words, row.interval),
            bar: StackedBar::new(words, row.sentiments, longest),
            competitor: (row.competitor > 0).then(|| {
                let records = words.count_records(row.competitor);
                fill(words.sentences.competitor, &[("records", &records)])
            }),
            net: net(words, row.net_sentiment),
            small: row.small,
            change: change(words, row.change),
        })
        .collect()
}

fn silent_themes(words: &Words, rows: &[ThemeRow]) -> Option<String> {
    let names: Vec<&str> = rows
        .iter()
        .filter(|row| row.records + row.competitor == 0)
        .map(|row| &*row.name)
        .collect();
    let names = names.join(words.formats.comma);
    (!names.is_empty()).then(|| fill(words.sentences.not_mentioned, &[("names", &names)]))
}

fn unassigned(words: &Words, pulse: &Pulse) -> Option<String> {
    let share = words.percent(pulse.unassigned.share?);
    let records = words.count_records(pulse.unassigned.base);
    Some(fill(
        words.sentences.unassigned,
        &[("share", &share), ("records", &records)],
    ))
}

fn touchpoints<'a>(words: &Words, rows: &'a [TouchpointRow]) -> Vec<TouchpointView<'a>> {
    let longest = rows.iter().map(|row| row.records).max().unwrap_or_default();
    rows.iter()
        .map(|row| TouchpointView {
            name: &row.name,
            records: words.integer(row.records),
            share: words.percent(row.share),
            interval: interval(words, row.interval),
            bar: StackedBar::new(words, row.sentiments, longest),
            net: net(words, row.net_sentiment),
            small: row.small,
        })
        .collect()
}

fn quoted<'a>(words: &Words, rows: &'a [ThemeRow]) -> Vec<QuotedTheme<'a>> {
    rows.iter()
        .filter(|row| !row.verbatims.is_empty())
        .map(|row| QuotedTheme {
            name: &row.name,
            records: words.count_records(row.records),
            quotes: row
                .verbatims
                .iter()
                .map(|verbatim| quote(words, verbatim))
                .collect(),
        })
        .collect()
}

fn quote<'a>(words: &Words, row: &'a VerbatimRow) -> Quote<'a> {
    let verbatim = &row.verbatim;
    let day = words.date(verbatim.day);
    Quote {
        language: verbatim.language.as_str(),
        excerpt: Excerpt::new(&verbatim.text, &verbatim.quote),
        source: [&*row.language_name, &row.channel_name, &day].join(" · "),
        key: row.record.to_string(),
        url: verbatim.url.as_deref().filter(|url| is_web_address(url)),
    }
}

/// Only such addresses become links: `javascript:` and the like do not.
fn is_web_address(url: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

fn interval(words: &Words, interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |ends| words.percents(ends.low, ends.high))
}

fn net(words: &Words, net: Option<f64>) -> String {
    net.map_or_else(String::new, |net| words.number(net, 0))
}

fn change(words: &Words, change: Option<Change>) -> ChangeView {
    ChangeView {
        class: match change.map(|change| change.arrow) {
            Some(Arrow::Up | Arrow::Down) => "moved",
            _ => "still",
        },
        symbol: change.map_or("", |change| symbol(change.arrow)),
        said: change_words(words, change),
        from_to: change.map(|change| from_to(words, change)),
    }
}
