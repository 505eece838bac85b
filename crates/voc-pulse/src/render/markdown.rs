use std::fmt::Write as _;

use super::{change_words, from_to, rating_interval, scale_name, scale_value, symbol};
use crate::Pulse;
use crate::pulse::{Change, Duration, ThemeRow, VerbatimRow};
use crate::stats::Interval;
use crate::words::{Words, fill};

/// The report as Markdown (CommonMark with tables). Words of customers are quoted with all
/// markup escaped.
pub fn markdown(pulse: &Pulse) -> String {
    let mut page = Page {
        text: String::new(),
        words: Words::of(pulse.header.language),
        pulse,
    };
    page.opening();
    page.volumes();
    page.ratings();
    page.kinds();
    page.themes();
    page.touchpoints();
    page.verbatims();
    page.sources();
    page.notes();
    page.text
}

struct Page<'a> {
    text: String,
    words: &'static Words,
    pulse: &'a Pulse,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.line(&format!("\n## {heading}\n"));
    }

    /// A table; the first column reads left, the others right.
    fn table(&mut self, heads: &[&str], rows: &[Vec<String>]) {
        self.line(&format!("| {} |", heads.join(" | ")));
        let rules = (0..heads.len()).map(|column| if column == 0 { "---" } else { "---:" });
        self.line(&format!("| {} |", rules.collect::<Vec<_>>().join(" | ")));
        for row in rows {
            self.line(&format!("| {} |", row.join(" | ")));
        }
    }

    fn opening(&mut self) {
        let (words, header) = (self.words, &self.pulse.header);
        let company = [&*header.company]
            .into_iter()
            .filter(|name| !name.is_empty());
        let titles = company.chain([words.headings.report, &header.period_name]);
        let title = titles.map(escaped).collect::<Vec<_>>().join(" · ");
        self.line(&format!("# {title}\n"));
        let values = [("at", &*header.as_of_local), ("zone", &*header.timezone)];
        let as_of = fill(words.notes.as_of, &values);
        self.line(&format!(
            "{} · {}\n",
            words.days(header.period),
            escaped(&as_of)
        ));
        let mut summary = self.pulse.summary.iter();
        if let Some(lead) = summary.next() {
            self.line(&format!("**{}**", escaped(lead)));
        }
        if !self.pulse.movers.is_empty() {
            self.heading(words.headings.movers);
        } else {
            self.line("");
        }
        for mover in &self.pulse.movers {
            let feeling = mover.feeling.as_deref().unwrap_or_default();
            let sentence = crate::story::join(words, &mover.sentence, feeling);
            let symbol = symbol(mover.change.arrow);
            self.line(&format!("- {symbol} {}", escaped(sentence.trim_end())));
        }
        summary.for_each(|sentence| self.line(&format!("- {}", escaped(sentence))));
    }

    fn volumes(&mut self) {
        let (words, volumes) = (self.words, &self.pulse.volumes);
        let columns = &words.columns;
        self.heading(words.headings.volumes);
        let row = |name: &str, n: u64, share: f64| {
            vec![escaped(name), words.integer(n), words.percent(share)]
        };
        let channels: Vec<_> = volumes
            .channels
            .iter()
            .map(|c| row(&c.name, c.records, c.share))
            .collect();
        self.table(
            &[columns.channel, columns.records, columns.share],
            &channels,
        );
        self.line("");
        let languages: Vec<_> = volumes
            .languages
            .iter()
            .map(|l| row(&l.name, l.records, l.share))
            .collect();
        self.table(
            &[columns.language, columns.records, columns.share],
            &languages,
        );
        self.line("");
        let trend: Vec<_> = volumes
            .trend
            .iter()
            .map(|point| vec![words.period(point.period), words.integer(point.count)])
            .collect();
        self.table(&[columns.period, columns.records], &trend);
        if volumes.prospects > 0 {
            let records = words.count_records(volumes.prospects);
            let line = fill(words.sentences.prospects, &[("records", &records)]);
            self.line(&format!("\n{line}"));
        }
    }

    fn ratings(&mut self) {
        let (words, pulse) = (self.words, self.pulse);
        let columns = &words.columns;
        let mut rows: Vec<Vec<String>> = pulse
            .ratings
            .iter()
            .map(|rating| {
                let value = |value| scale_value(words, rating.scale, value);
                vec![
                    scale_name(words, rating.scale).to_owned(),
                    marked(value(rating.value), rating.small),
                    rating_interval(words, rating),
                    rating.baseline.map_or_else(String::new, value),
                    words.integer(rating.n),
                ]
            })
            .collect();
        let times = &pulse.response_times;
        rows.extend(duration(
            words,
            words.measures.first_response,
            times.first_response,
        ));
        rows.extend(duration(words, words.measures.resolution, times.resolution));
        if rows.is_empty() {
            return;
        }
        self.heading(words.headings.ratings);
        let heads = [
            columns.measure,
            columns.value,
            columns.interval,
            columns.baseline,
            columns.answers,
        ];
        self.table(&heads, &rows);
    }

    fn kinds(&mut self) {
        let (words, columns) = (self.words, &self.words.columns);
        self.heading(words.headings.kinds);
        let rows: Vec<_> = self
            .pulse
            .kinds
            .iter()
            .map(|row| {
                vec![
                    escaped(&row.name),
                    words.integer(row.records),
                    words.percent(row.share),
                    interval(words, row.interval),
                    change(words, row.change),
                ]
            })
            .collect();
        let heads = [
            columns.kind,
            columns.records,
            columns.share,
            columns.interval,
            columns.change,
        ];
        self.table(&heads, &rows);
    }

    fn themes(&mut self) {
        let (words, columns, feelings) = (self.words, &self.words.columns, &self.words.feelings);
        self.heading(words.headings.themes);
        let spoken = |row: &&ThemeRow| row.records + row.competitor > 0;
        let rows: Vec<_> = self
            .pulse
            .themes
            .iter()
            .filter(spoken)
            .map(|row| theme(words, row))
            .collect();
        let heads = [
            columns.theme,
            columns.records,
            columns.share,
            columns.interval,
            feelings.negative,
            feelings.mixed,
            feelings.neutral,
            feelings.positive,
            columns.net,
            columns.change,
        ];
        self.table(&heads, &rows);
        let silent = self.pulse.themes.iter().filter(|row| !spoken(row));
        let names: Vec<_> = silent.map(|row| escaped(&row.name)).collect();
        if !names.is_empty() {
            let names = names.join(words.formats.comma);
            self.line(&format!(
                "\n{}",
                fill(words.sentences.not_mentioned, &[("names", &names)])
            ));
        }
        if let Some(share) = self.pulse.unassigned.share {
            let values = [
                ("share", &*words.percent(share)),
                ("records", &*words.count_records(self.pulse.unassigned.base)),
            ];
            self.line(&format!("\n{}", fill(words.sentences.unassigned, &values)));
        }
    }

    fn touchpoints(&mut self) {
        if self.pulse.touchpoints.is_empty() {
            return;
        }
        let (words, columns) = (self.words, &self.words.columns);
        self.heading(words.headings.touchpoints);
        let rows: Vec<_> = self
            .pulse
            .touchpoints
            .iter()
            .map(|row| {
                vec![
                    escaped(&row.name),
                    words.integer(row.records),
                    words.percent(row.share),
                    interval(words, row.interval),
                    net(words, row.net_sentiment, row.small),
                ]
            })
            .collect();
        let heads = [
            columns.touchpoint,
            columns.records,
            columns.share,
            columns.interval,
            columns.net,
        ];
        self.table(&heads, &rows);
    }

    fn verbatims(&mut self) {
        let quoted = |row: &&ThemeRow| !row.verbatims.is_empty();
        let pulse = self.pulse;
        if !pulse.themes.iter().any(|row| quoted(&row)) {
            return;
        }
        self.heading(self.words.headings.verbatims);
        for theme in pulse.themes.iter().filter(quoted) {
            self.line(&format!("### {}\n", escaped(&theme.name)));
            theme.verbatims.iter().for_each(|row| self.verbatim(row));
        }
    }

    fn verbatim(&mut self, row: &VerbatimRow) {
        let verbatim = &row.verbatim;
        for line in verbatim.text.lines() {
            self.line(&format!("> {}", escaped(line)));
        }
        let day = self.words.date(verbatim.day);
        let key = row.record.to_string();
        let parts = [&row.language_name, &row.channel_name, &day, &key].map(|part| escaped(part));
        self.line(&format!("> — {}\n", parts.join(", ")));
    }

    fn sources(&mut self) {
        let (words, columns) = (self.words, &self.words.columns);
        let sources = &self.pulse.header.sources;
        if sources.is_empty() {
            return;
        }
        self.heading(words.headings.sources);
        let rows: Vec<_> = sources
            .iter()
            .map(|row| {
                let source = escaped(row.source.as_str());
                vec![source, words.integer(row.records), escaped(&row.reason)]
            })
            .collect();
        self.table(&[columns.source, columns.records, columns.state], &rows);
    }

    fn notes(&mut self) {
        let (words, header) = (self.words, &self.pulse.header);
        self.heading(words.headings.notes);
        for note in &self.pulse.notes {
            self.line(&format!("- {}", escaped(note)));
        }
        self.line(&format!("- {}", escaped(words.notes.small_mark)));
        let values = [
            ("store", &*header.store_version.to_string()),
            ("model", &*header.model),
            ("taxonomy", &*header.taxonomy),
        ];
        self.line(&format!(
            "- {}",
            escaped(&fill(words.notes.versions, &values))
        ));
    }
}

fn theme(words: &Words, row: &ThemeRow) -> Vec<String> {
    let n = |n: u64| words.integer(n);
    let sentiments = &row.sentiments;
    vec![
        escaped(&row.name),
        n(row.records),
        words.percent(row.share),
        interval(words, row.interval),
        n(sentiments.negative),
        n(sentiments.mixed),
        n(sentiments.neutral),
        n(sentiments.positive),
        net(words, row.net_sentiment, row.small),
        change(words, row.change),
    ]
}

fn duration(words: &Words, name: &str, time: Duration) -> Option<Vec<String>> {
    let median = words.duration(time.median_seconds?);
    Some(vec![
        name.to_owned(),
        median,
        String::new(),
        String::new(),
        words.integer(time.n),
    ])
}

fn interval(words: &Words, interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |ends| words.percents(ends.low, ends.high))
}

fn net(words: &Words, net: Option<f64>, small: bool) -> String {
    net.map_or_else(String::new, |net| marked(words.number(net, 0), small))
}

fn marked(value: String, small: bool) -> String {
    if small { format!("{value}°") } else { value }
}

fn change(words: &Words, change: Option<Change>) -> String {
    let said = change_words(words, change);
    let Some(change) = change else { return said };
    let said = format!("{} {said}", symbol(change.arrow));
    format!("{} ({})", said.trim_start(), from_to(words, change))
}

/// The text with everything that Markdown or HTML could read as markup escaped, on one
/// line.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            // At the start of a line: lists and underlined headings.
            '-' | '+' | '=' if at == 0 => _ = write!(safe, "\\{c}"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => _ = write!(safe, "\\{c}"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_is_escaped() {
        let check = |text, expect: &str| assert_eq!(escaped(text), expect);
        check(
            "<script>alert(1)</script>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        );
        check("![x](javascript:1)", r"!\[x\](javascript:1)");
        check("a | b\n# c", r"a \| b \# c");
        check("- a-b", r"\- a-b");
        check("non è male", "non è male");
    }
}
