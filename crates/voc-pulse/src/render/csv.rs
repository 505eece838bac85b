use serde::Serialize;

use crate::pulse::{Change, RatingScale, Sentiments};
use crate::stats::Interval;
use crate::{Pulse, PulseError};

/// One number or text of the report.
#[derive(Debug, Default, Serialize)]
struct Row {
    section: &'static str,
    label: String,
    name: String,
    metric: String,
    value: String,
    low: Option<f64>,
    high: Option<f64>,
    n: Option<u64>,
}

/// The report as one tidy table in UTF-8: `section,label,name,metric,value,low,high,n`, a
/// row per number; `low` and `high` are 95 % intervals, `n` is what a share or mean is of.
/// Shares run from 0 to 1, differences are percentage points.
///
/// A text that a spreadsheet would take for a formula, as it begins with `=`, `+`, `-`, `@`
/// (full-width ones too), a tab or a line break, even after blanks, gets an apostrophe in
/// front (OWASP, "CSV injection"). Numbers are written by the report itself and stay as
/// they are.
///
/// # Errors
/// [`PulseError::Csv`]; none is known to happen.
pub fn csv(pulse: &Pulse) -> Result<String, PulseError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows(pulse) {
        writer.serialize(Row {
            label: harmless(row.label),
            name: harmless(row.name),
            metric: harmless(row.metric),
            value: if row.value.parse::<f64>().is_ok() {
                row.value
            } else {
                harmless(row.value)
            },
            ..row
        })?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn harmless(cell: String) -> String {
    const OPENERS: [char; 11] = [
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ];
    let risky = cell.starts_with(OPENERS) || cell.trim_start().starts_with(OPENERS);
    if risky { format!("'{cell}") } else { cell }
}

fn rows(pulse: &Pulse) -> Vec<Row> {
    let mut rows = header(pulse);
    rows.extend(volumes(pulse));
    rows.extend(ratings(pulse));
    for kind in &pulse.kinds {
        let of = ("kind", kind.id.as_str(), &*kind.name);
        rows.extend(share(
            of,
            kind.records,
            kind.share,
            kind.interval,
            pulse.volumes.records,
        ));
        rows.extend(change(of, kind.change));
    }
    for touchpoint in &pulse.touchpoints {
        let of = ("touchpoint", touchpoint.id.as_str(), &*touchpoint.name);
        let records = pulse.volumes.records;
        rows.extend(share(
            of,
            touchpoint.records,
            touchpoint.share,
            touchpoint.interval,
            records,
        ));
        rows.extend(sentiments(of, touchpoint.sentiments));
    }
    for theme in &pulse.themes {
        let of = ("theme", theme.id.as_str(), &*theme.name);
        rows.push(number(of, "records", theme.records as f64));
        rows.push(Row {
            low: low(theme.interval),
            high: high(theme.interval),
            ..number(of, "share", theme.share)
        });
        rows.extend(sentiments(of, theme.sentiments));
        rows.extend(
            theme
                .net_sentiment
                .map(|net| number(of, "net_sentiment", net)),
        );
        rows.push(number(of, "competitor_records", theme.competitor as f64));
        rows.extend(change(of, theme.change));
    }
    rows.extend(unassigned(pulse));
    rows.extend(verbatims(pulse));
    rows
}

/// Section, id and name of what a row is about.
type Of<'a> = (&'static str, &'a str, &'a str);

fn text((section, label, name): Of<'_>, metric: &str, value: &str) -> Row {
    Row {
        section,
        label: label.to_owned(),
        name: name.to_owned(),
        metric: metric.to_owned(),
        value: value.to_owned(),
        ..Row::default()
    }
}

fn number(of: Of<'_>, metric: &str, value: f64) -> Row {
    text(of, metric, &value.to_string())
}

fn low(interval: Option<Interval>) -> Option<f64> {
    interval.map(|interval| interval.low)
}

fn high(interval: Option<Interval>) -> Option<f64> {
    interval.map(|interval| interval.high)
}

fn header(pulse: &Pulse) -> Vec<Row> {
    let header = &pulse.header;
    let of = ("header", "", "");
    let mut rows = vec![
        text(of, "company", &header.company),
        text(of, "period", &header.period.to_string()),
        text(of, "first_day", &header.first_day.to_string()),
        text(of, "last_day", &header.last_day.to_string()),
        text(of, "as_of", &header.as_of.to_string()),
        text(of, "timezone", &header.timezone),
        number(of, "store_version", header.store_version as f64),
        text(of, "model", &header.model),
        text(of, "taxonomy", &header.taxonomy),
    ];
    for source in &header.sources {
        let of = ("source", source.source.as_str(), "");
        rows.push(text(of, "state", &source.reason));
        rows.push(number(of, "records", source.records as f64));
    }
    rows
}

fn volumes(pulse: &Pulse) -> Vec<Row> {
    let volumes = &pulse.volumes;
    let of = ("volume", "", "");
    let mut rows = vec![
        number(of, "records", volumes.records as f64),
        number(of, "customers", volumes.customers as f64),
        number(
            of,
            "records_without_customer",
            volumes.records_without_customer as f64,
        ),
        number(of, "prospects", volumes.prospects as f64),
        number(of, "company_texts", volumes.company_texts as f64),
    ];
    rows.extend(
        volumes
            .baseline_mean
            .map(|mean| number(of, "baseline_mean", mean)),
    );
    for row in &volumes.channels {
        let of = ("channel", row.id.as_str(), &*row.name);
        rows.extend(share(of, row.records, row.share, None, volumes.records));
    }
    for row in &volumes.languages {
        let of = ("language", row.id.as_str(), &*row.name);
        rows.extend(share(of, row.records, row.share, None, volumes.records));
    }
    for point in &volumes.trend {
        let period = point.period.to_string();
        rows.push(number(
            ("trend", &period, ""),
            "records",
            point.count as f64,
        ));
    }
    rows
}

fn ratings(pulse: &Pulse) -> Vec<Row> {
    let mut rows = Vec::new();
    for rating in &pulse.ratings {
        let label = match rating.scale {
            RatingScale::Nps => "nps",
            RatingScale::Csat => "csat",
            RatingScale::CsatSatisfied => "csat_satisfied",
            RatingScale::Ces => "ces",
            RatingScale::Stars => "stars",
        };
        let of = ("rating", label, "");
        rows.push(Row {
            low: low(rating.interval),
            high: high(rating.interval),
            n: Some(rating.n),
            ..number(of, "value", rating.value)
        });
        rows.extend(
            rating
                .baseline
                .map(|baseline| number(of, "baseline", baseline)),
        );
    }
    let times = &pulse.response_times;
    for (label, time) in [
        ("first_response", times.first_response),
        ("resolution", times.resolution),
    ] {
        let of = ("response_time", label, "");
        let row = time
            .median_seconds
            .map(|median| number(of, "median_seconds", median));
        rows.extend(row.map(|row| Row {
            n: Some(time.n),
            ..row
        }));
    }
    rows
}

fn share(of: Of<'_>, records: u64, share: f64, interval: Option<Interval>, n: u64) -> [Row; 2] {
    let share = number(of, "share", share);
    [
        number(of, "records", records as f64),
        Row {
            low: low(interval),
            high: high(interval),
            n: Some(n),
            ..share
        },
    ]
}

fn sentiments(of: Of<'_>, sentiments: Sentiments) -> [Row; 4] {
    [
        ("negative", sentiments.negative),
        ("neutral", sentiments.neutral),
        ("positive", sentiments.positive),
        ("mixed", sentiments.mixed),
    ]
    .map(|(metric, n)| number(of, metric, n as f64))
}

fn change(of: Of<'_>, change: Option<Change>) -> Vec<Row> {
    let Some(change) = change else {
        return Vec::new();
    };
    let arrow = match change.arrow {
        crate::Arrow::Up => "up",
        crate::Arrow::Down => "down",
        crate::Arrow::Steady => "steady",
        crate::Arrow::Withheld => "withheld",
    };
    let mut rows = vec![
        Row {
            n: Some(change.baseline_records),
            ..number(of, "baseline_share", change.baseline)
        },
        number(of, "difference", change.difference),
    ];
    rows.extend(change.ratio.map(|ratio| number(of, "ratio", ratio)));
    rows.extend(change.p_value.map(|p| number(of, "p_value", p)));
    rows.extend(
        change
            .adjusted_p_value
            .map(|p| number(of, "adjusted_p_value", p)),
    );
    rows.push(text(of, "arrow", arrow));
    rows
}

fn unassigned(pulse: &Pulse) -> Vec<Row> {
    let unassigned = &pulse.unassigned;
    let of = ("unassigned", "", "");
    let share = unassigned.share.map(|share| number(of, "share", share));
    let share = share.map(|row| Row {
        low: low(unassigned.interval),
        high: high(unassigned.interval),
        n: Some(unassigned.base),
        ..row
    });
    [number(of, "records", unassigned.records as f64)]
        .into_iter()
        .chain(share)
        .collect()
}

fn verbatims(pulse: &Pulse) -> Vec<Row> {
    let mut rows = Vec::new();
    for theme in &pulse.themes {
        for row in &theme.verbatims {
            let of = ("verbatim", theme.id.as_str(), &*theme.name);
            let key = format!("{} ({})", row.record, row.verbatim.language);
            rows.push(text(of, &key, &row.verbatim.text));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_look_like_formulas_are_neutralised() {
        for cell in [
            "=1+1", "+49", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＠x",
        ] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["", "a=1", "5 − 3", "…", "–", "не е лошо", "很好"] {
            assert_eq!(harmless(cell.to_owned()), cell);
        }
    }
}
