//! `voc search`: by words, by meaning, or both.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{IsTerminal, stdout};

use serde::Serialize;
use voc_core::{
    Annotation, Channel, Kind, Language, Part, RecordKey, Sentiment, Span, Speaker, ThemeId,
};
use voc_index::{Hit, Index, Query, highlight, snippet};
use voc_store::{Snapshot, Store, Stored};

use crate::args::{Common, Format, Mode, SearchArgs};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::ranking::{Ranked, Ranking};
use crate::{engine, terminal};

/// Length of the excerpt shown, in Unicode scalar values.
const EXCERPT: usize = 200;

/// One result.
#[derive(Serialize)]
struct Found {
    key: RecordKey,
    score: f32,
    created_at: jiff::Timestamp,
    channel: Channel,
    lang: Language,
    kinds: Vec<Kind>,
    sentiment: Sentiment,
    themes: Vec<ThemeId>,
    /// Which text the excerpt is from.
    part: Part,
    excerpt: String,
    /// Where the query's words, or the best sentence, are in `excerpt`.
    highlights: Vec<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// Prints the best matches.
///
/// # Errors
/// [`Failure::Usage`] for a query or filter that cannot be read, or when nothing has been
/// run yet.
pub fn search(common: &Common, args: &SearchArgs) -> Result<Outcome, Failure> {
    let config = Config::load(&common.config)?;
    if !config.store_file().exists() {
        return Err(Failure::usage(
            "there is nothing to search yet; `voc run` comes first",
        ));
    }
    let query = Query::parse(&args.query.join(" "))?;
    let store = Store::open(&config.store_file())?;
    let index = Index::open(&config.index_folder())?;
    let snapshot = store.snapshot()?;
    let only_filters = query.text().trim().is_empty();
    let mode = if only_filters {
        Mode::Lexical
    } else {
        args.mode
    };
    let meaning = match mode {
        Mode::Lexical => Vec::new(),
        Mode::Semantic | Mode::Hybrid => engine::analyzer(&config)?.encode_query(&query.text())?,
    };
    let ranking = Ranking {
        searcher: &index.searcher()?,
        vectors: &snapshot,
    };
    let ranked = ranking.rank(&query, mode, &meaning, args.limit)?;
    let search = Search {
        snapshot: &snapshot,
        query: &query,
    };
    let found = search.describe(&ranked)?;
    let text = match args.output.format {
        Format::Text => text(&found, stdout().is_terminal()),
        Format::Json => String::new(),
    };
    terminal::print(args.output.format, &found, &text)?;
    Ok(Outcome::Done)
}

struct Search<'a> {
    snapshot: &'a Snapshot,
    query: &'a Query,
}

impl Search<'_> {
    fn describe(&self, ranked: &Ranked) -> Result<Vec<Found>, Failure> {
        let rows: Vec<u64> = ranked.hits.iter().map(|hit| hit.row).collect();
        let stored = self.snapshot.records_by_row(&rows)?;
        let by_row: BTreeMap<u64, &Stored> =
            stored.iter().map(|stored| (stored.row, stored)).collect();
        let hits = ranked
            .hits
            .iter()
            .filter_map(|hit| Some((hit, *by_row.get(&hit.row)?)));
        Ok(hits
            .map(|(hit, stored)| self.found(*hit, stored, ranked))
            .collect())
    }

    fn found(&self, hit: Hit, stored: &Stored, ranked: &Ranked) -> Found {
        let (record, annotation) = (&stored.record, &stored.annotation);
        let marked_words = ranked
            .by_words
            .contains(&hit.row)
            .then(|| self.words(stored));
        let sentence = ranked
            .best_sentence
            .get(&hit.row)
            .map(|(part, span)| Place {
                part: *part,
                text: record.part(*part).unwrap_or_default(),
                marks: vec![*span],
            });
        let place = marked_words
            .flatten()
            .or(sentence)
            .unwrap_or_else(|| beginning(stored));
        let excerpt = snippet(place.text, &place.marks, EXCERPT);
        Found {
            key: record.key(),
            score: hit.score,
            created_at: record.created_at,
            channel: record.channel,
            lang: annotation.lang.code,
            kinds: annotation.kinds.iter().map(|kind| kind.id).collect(),
            sentiment: annotation.sentiment.label,
            themes: themes(annotation),
            part: place.part,
            excerpt: excerpt.text,
            highlights: excerpt.spans,
            url: record.url.clone(),
        }
    }

    /// The text with the most of the query's words, a customer's before an agent's.
    fn words<'s>(&self, stored: &'s Stored) -> Option<Place<'s>> {
        let language = stored.annotation.lang.code;
        let marked = stored
            .record
            .parts()
            .into_iter()
            .map(|(part, speaker, text)| {
                (
                    speaker == Speaker::Customer,
                    Place {
                        part,
                        text,
                        marks: highlight(text, language, self.query),
                    },
                )
            });
        let best = marked.max_by_key(|(own, place)| {
            (
                !place.marks.is_empty(),
                *own,
                place.marks.len(),
                place.part != Part::Title,
            )
        });
        best.map(|(_, place)| place)
            .filter(|place| !place.marks.is_empty())
    }
}

/// A text of a record, and what to mark in it.
struct Place<'s> {
    part: Part,
    text: &'s str,
    marks: Vec<Span>,
}

fn beginning(stored: &Stored) -> Place<'_> {
    let texts = stored.record.parts();
    let body = texts
        .iter()
        .find(|(part, _, _)| *part != Part::Title)
        .or(texts.first());
    let (part, text) = body.map_or((Part::Text, ""), |(part, _, text)| (*part, *text));
    Place {
        part,
        text,
        marks: Vec::new(),
    }
}

/// Each theme once, in order of mention.
fn themes(annotation: &Annotation) -> Vec<ThemeId> {
    let mut themes = Vec::new();
    for mention in &annotation.mentions {
        if !themes.contains(&mention.theme) {
            themes.push(mention.theme.clone());
        }
    }
    themes
}

fn text(found: &[Found], colour: bool) -> String {
    if found.is_empty() {
        return "Nothing found.\n".to_owned();
    }
    let mut text = String::new();
    for found in found {
        let kinds: Vec<&str> = found.kinds.iter().map(|kind| kind.as_str()).collect();
        let themes: Vec<&str> = found.themes.iter().map(ThemeId::as_str).collect();
        let day = found.created_at.strftime("%Y-%m-%d");
        let _ = writeln!(
            text,
            "{}  {day}  {}  {}  {}  {}",
            found.key,
            found.lang,
            found.channel,
            found.sentiment,
            [kinds.join(","), themes.join(",")].join("  ").trim()
        );
        let _ = writeln!(
            text,
            "    {}\n",
            marked(&found.excerpt, &found.highlights, colour)
        );
    }
    text
}

/// On one line, with highlights in bold on a terminal and in «» elsewhere.
fn marked(excerpt: &str, highlights: &[Span], colour: bool) -> String {
    let (on, off) = if colour {
        ("\u{1b}[1;33m", "\u{1b}[0m")
    } else {
        ("«", "»")
    };
    let mut line = String::new();
    for (position, character) in excerpt.chars().chain([' ']).enumerate() {
        if highlights.iter().any(|span| span.end() == position) {
            line.push_str(off);
        }
        if highlights.iter().any(|span| span.start() == position) {
            line.push_str(on);
        }
        line.push(if character == '\n' { ' ' } else { character });
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highlights_are_marked_without_colour_too() {
        let span = Span::new(3, 8).unwrap();
        assert_eq!(marked("ho\npiatti", &[span], false), "ho «piatt»i");
        let end = Span::new(0, 2).unwrap();
        assert_eq!(marked("碎了", &[end], false), "«碎了»");
    }
}
