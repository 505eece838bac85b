//! The geometry of the charts. The template draws them, so that their texts are escaped
//! like all others.

use crate::pulse::{Sentiments, TrendPoint};
use crate::stats::Interval;
use crate::words::Words;

/// Coordinates need no more than this.
fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// A piece of a stacked bar, in per cent of the longest bar.
#[derive(Debug, PartialEq)]
pub(super) struct Segment {
    pub class: &'static str,
    pub x: f64,
    pub width: f64,
}

/// Records by feeling as one bar.
#[derive(Debug, PartialEq)]
pub(super) struct StackedBar {
    /// What the bar shows, in words.
    pub title: String,
    pub segments: Vec<Segment>,
}

impl StackedBar {
    /// The bar of `sentiments`, where `longest` records fill the whole width.
    pub(super) fn new(words: &Words, sentiments: Sentiments, longest: u64) -> Self {
        let feelings = &words.feelings;
        let parts = [
            ("negative", feelings.negative, sentiments.negative),
            ("mixed", feelings.mixed, sentiments.mixed),
            ("neutral", feelings.neutral, sentiments.neutral),
            ("positive", feelings.positive, sentiments.positive),
        ];
        let scale = 100.0 / longest.max(1) as f64;
        let mut seen = 0;
        let mut bar = Self {
            title: String::new(),
            segments: Vec::new(),
        };
        let mut said = Vec::new();
        for (class, name, n) in parts.into_iter().filter(|(_, _, n)| *n > 0) {
            let x = tenth(seen as f64 * scale);
            seen += n;
            let width = tenth(tenth(seen as f64 * scale) - x);
            bar.segments.push(Segment { class, x, width });
            said.push(format!("{} {name}", words.integer(n)));
        }
        bar.title = said.join(" · ");
        bar
    }
}

/// A share with its interval on a scale from 0 to 100.
#[derive(Debug, PartialEq)]
pub(super) struct SharePlot {
    pub share: f64,
    /// Start and length of the interval.
    pub interval: Option<(f64, f64)>,
}

impl SharePlot {
    /// The plot where `widest` is the share that fills the width.
    pub(super) fn new(share: f64, interval: Option<Interval>, widest: f64) -> Self {
        let scale = if widest > 0.0 { 100.0 / widest } else { 0.0 };
        Self {
            share: tenth(share * scale),
            interval: interval.map(|ends| {
                (
                    tenth(ends.low * scale),
                    tenth((ends.high - ends.low) * scale),
                )
            }),
        }
    }
}

/// One bar of a column chart, 120 wide and 40 high.
#[derive(Debug, PartialEq)]
pub(super) struct Column {
    pub title: String,
    pub x: f64,
    pub y: f64,
    pub height: f64,
    pub current: bool,
}

/// Records per period.
#[derive(Debug)]
pub(super) struct Bars {
    pub columns: Vec<Column>,
    /// Height of the baseline's mean.
    pub baseline: Option<f64>,
    pub first: String,
    pub last: String,
}

impl Bars {
    pub(super) fn new(words: &Words, trend: &[TrendPoint], baseline: Option<f64>) -> Self {
        const HEIGHT: f64 = 40.0;
        let counts = trend.iter().map(|point| point.count as f64);
        let largest = counts.chain(baseline).fold(1.0, f64::max);
        let step = 120.0 / trend.len().max(1) as f64;
        let columns = trend.iter().enumerate().map(|(index, point)| {
            let height = tenth(point.count as f64 / largest * HEIGHT);
            let records = words.count_records(point.count);
            Column {
                title: format!("{}: {records}", words.period(point.period)),
                x: tenth(index as f64 * step + step * 0.1),
                y: tenth(HEIGHT - height),
                height,
                current: index + 1 == trend.len(),
            }
        });
        let tick = |point: Option<&TrendPoint>| {
            point.map_or_else(String::new, |point| words.tick(point.period.first_day()))
        };
        Self {
            columns: columns.collect(),
            baseline: baseline.map(|mean| tenth(HEIGHT - mean / largest * HEIGHT)),
            first: tick(trend.first()),
            last: tick(trend.last()),
        }
    }
}

/// A share over time, 160 wide and 48 high.
#[derive(Debug, PartialEq)]
pub(super) struct Sparkline {
    /// What the line shows, in words.
    pub title: String,
    /// Points of the line.
    pub line: String,
    /// The same closed at the bottom.
    pub area: String,
    /// The last point.
    pub end: (f64, f64),
    /// Height of the baseline.
    pub baseline: f64,
}

impl Sparkline {
    pub(super) fn new(words: &Words, trend: &[TrendPoint], baseline: f64) -> Self {
        const WIDTH: f64 = 160.0;
        const BOTTOM: f64 = 44.0;
        const TOP: f64 = 6.0;
        let shares = trend.iter().filter_map(|point| point.share);
        let largest = shares.clone().chain([baseline, 0.0001]).fold(0.0, f64::max);
        let height = |share: f64| tenth(BOTTOM - share / largest * (BOTTOM - TOP));
        let step = (WIDTH - 8.0) / trend.len().saturating_sub(1).max(1) as f64;
        let points: Vec<(f64, f64)> = trend
            .iter()
            .enumerate()
            .filter_map(|(index, point)| {
                Some((tenth(4.0 + index as f64 * step), height(point.share?)))
            })
            .collect();
        let line: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let line = line.join(" ");
        let (first, last) = (points.first().copied(), points.last().copied());
        let area = match (first, last) {
            (Some(first), Some(last)) => {
                format!("{},{BOTTOM} {line} {},{BOTTOM}", first.0, last.0)
            }
            _ => String::new(),
        };
        let said: Vec<String> = shares.map(|share| words.percent(share)).collect();
        Self {
            title: said.join(", "),
            line,
            area,
            end: last.unwrap_or((4.0, BOTTOM)),
            baseline: height(baseline),
        }
    }
}

#[cfg(test)]
mod tests {
    use voc_core::{Language, Period};

    use super::*;

    fn words() -> &'static Words {
        Words::of(Language::EN)
    }

    fn trend(shares: &[Option<f64>]) -> Vec<TrendPoint> {
        let period: Period = "2026-W32".parse().unwrap();
        let point = |(period, share): (Period, &Option<f64>)| {
            let base = if share.is_some() { 100 } else { 0 };
            let count = share.map_or(0, |share| (share * 100.0) as u64);
            TrendPoint {
                period,
                count,
                base,
                share: *share,
            }
        };
        period
            .trailing(shares.len())
            .into_iter()
            .zip(shares)
            .map(point)
            .collect()
    }

    #[test]
    fn a_stacked_bar_is_as_long_as_its_records() {
        let sentiments = Sentiments {
            negative: 3,
            neutral: 0,
            positive: 1,
            mixed: 1,
        };
        let bar = StackedBar::new(words(), sentiments, 10);
        assert_eq!(bar.title, "3 negative · 1 mixed · 1 positive");
        let drawn: Vec<_> = bar
            .segments
            .iter()
            .map(|s| (s.class, s.x, s.width))
            .collect();
        assert_eq!(
            drawn,
            [
                ("negative", 0.0, 30.0),
                ("mixed", 30.0, 10.0),
                ("positive", 40.0, 10.0)
            ]
        );
        assert!(
            StackedBar::new(words(), Sentiments::default(), 0)
                .segments
                .is_empty()
        );
    }

    #[test]
    fn columns_scale_to_the_largest() {
        let bars = Bars::new(words(), &trend(&[Some(0.1), Some(0.4)]), Some(20.0));
        let drawn: Vec<_> = bars
            .columns
            .iter()
            .map(|c| (c.y, c.height, c.current))
            .collect();
        assert_eq!(drawn, [(30.0, 10.0, false), (0.0, 40.0, true)]);
        assert_eq!((bars.baseline, &*bars.last), (Some(20.0), "3 August"));
        assert!(Bars::new(words(), &[], None).columns.is_empty());
    }

    #[test]
    fn a_line_skips_periods_without_records() {
        let line = Sparkline::new(words(), &trend(&[Some(0.1), None, Some(0.2)]), 0.1);
        assert_eq!(
            (&*line.line, line.end, line.baseline),
            ("4,25 156,6", (156.0, 6.0), 25.0)
        );
        assert_eq!(line.area, "4,44 4,25 156,6 156,44");
        let empty = Sparkline::new(words(), &trend(&[None, None]), 0.0);
        assert_eq!((&*empty.line, &*empty.area, empty.baseline), ("", "", 44.0));
    }

    #[test]
    fn an_interval_is_drawn_on_the_scale_of_its_share() {
        let interval = Some(Interval {
            low: 0.1,
            high: 0.3,
        });
        assert_eq!(
            SharePlot::new(0.2, interval, 0.4),
            SharePlot {
                share: 50.0,
                interval: Some((25.0, 50.0))
            }
        );
        assert_eq!(SharePlot::new(0.0, None, 0.0).share, 0.0);
    }
}
