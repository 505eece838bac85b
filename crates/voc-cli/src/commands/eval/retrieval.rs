//! Search measured on judged queries, with the very code that `voc search` runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::json;
use voc_core::{Language, Part, QuantizedVector, Record, Span};
use voc_eval::{Judgements, RankingScore};
use voc_index::{Document, Index, Query};

use super::{Model, read};
use crate::args::Mode;
use crate::failure::Failure;
use crate::indexing::MEMORY;
use crate::ranking::{Ranking, Vectors};

/// Results asked for per query: enough for MRR and the first ten.
const ASKED: usize = 100;

/// A line of `corpus.jsonl` or `queries.jsonl`.
#[derive(Deserialize)]
struct Text {
    id: String,
    text: String,
    lang: Language,
    /// For queries: documents in this language only. What is no language code, such as
    /// `*pivot`, leaves all in.
    target_lang: Option<String>,
}

impl Text {
    fn target(&self) -> Option<Language> {
        self.target_lang.as_ref()?.parse().ok()
    }
}

/// Scores per mode: first over all queries, then per pair of languages.
pub fn scores(
    folder: &Path,
    model: &mut Model<'_>,
) -> Result<Vec<(String, RankingScore)>, Failure> {
    let corpus = texts(&folder.join("corpus.jsonl"))?;
    let queries = texts(&folder.join("queries.jsonl"))?;
    let judgements = Judgements::read(&read(&folder.join("qrels.tsv"))?)?;
    let scratch = tempfile::tempdir()?;
    let index = Index::create_anew(scratch.path())?;
    let collection = Collection::new(&corpus, &index, model)?;
    let ranking = Ranking {
        searcher: &index.searcher()?,
        vectors: &collection,
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut rankings: BTreeMap<Mode, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for query in &queries {
        let meaning = model.analyzer()?.encode_query(&query.text)?;
        let filter = query.target().map(|language| format!("lang:{language}"));
        let asked = Query::parse(&filter.unwrap_or_default())?.and_words(&query.text);
        for mode in [Mode::Lexical, Mode::Semantic, Mode::Hybrid] {
            let ranked = ranking.rank(&asked, mode, &meaning, ASKED)?;
            let ids = ranked.hits.iter().filter_map(|hit| {
                let row = usize::try_from(hit.row).ok()?;
                Some(corpus.get(row)?.id.clone())
            });
            let of_mode = rankings.entry(mode).or_default();
            of_mode.insert(query.id.clone(), ids.collect());
        }
    }
    let mut scores = Vec::new();
    for (mode, rankings) in &rankings {
        for (pair, asked) in pairs(&queries) {
            let score = judgements.score(rankings, asked);
            if score.queries > 0 {
                scores.push((format!("{name} {} {pair}", mode_name(*mode)), score));
            }
        }
    }
    Ok(scores)
}

fn texts(file: &Path) -> Result<Vec<Text>, Failure> {
    let unreadable = |index: usize, error: serde_json::Error| {
        Failure::usage(format!("{}, line {}: {error}", file.display(), index + 1))
    };
    read(file)?
        .lines()
        .enumerate()
        .map(|(index, line)| serde_json::from_str(line).map_err(|e| unreadable(index, e)))
        .collect()
}

/// The ids of all queries, and of those with each pair of languages.
fn pairs(queries: &[Text]) -> BTreeMap<String, BTreeSet<&str>> {
    let mut pairs: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for query in queries {
        let target = query
            .target()
            .map_or_else(|| "any".to_owned(), |l| l.to_string());
        for pair in ["all".to_owned(), format!("{} → {target}", query.lang)] {
            pairs.entry(pair).or_default().insert(&query.id);
        }
    }
    pairs
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Lexical => "lexical",
        Mode::Semantic => "semantic",
        Mode::Hybrid => "hybrid",
    }
}

/// The vectors of a corpus; rows are positions in it.
struct Collection(Vec<Entry>);

struct Entry {
    vector: Vec<u8>,
    sentences: Vec<(Part, Span, QuantizedVector)>,
}

impl Collection {
    /// Encodes and indexes `corpus`, as a nightly run would.
    fn new(corpus: &[Text], index: &Index, model: &mut Model<'_>) -> Result<Self, Failure> {
        let records = corpus.iter().map(record).collect::<Result<Vec<_>, _>>()?;
        let mut writer = index.writer(MEMORY)?;
        let mut entries = Vec::with_capacity(corpus.len());
        model.analyze(records, "documents", |analyzed| {
            let record = &analyzed.record;
            let texts = record.parts().into_iter().map(|(_, _, text)| text);
            writer.upsert(&Document {
                row: entries.len() as u64,
                source: &record.source,
                id: &record.id,
                language: corpus[entries.len()].lang,
                channel: record.channel,
                day: record.created_at.to_zoned(jiff::tz::TimeZone::UTC).date(),
                kinds: &[],
                themes: &[],
                sentiment: analyzed.annotation.sentiment.label,
                urgency: analyzed.annotation.urgency,
                touchpoint: None,
                title: None,
                texts: texts.collect(),
            })?;
            let sentences = analyzed.sentences.into_iter();
            entries.push(Entry {
                vector: analyzed.vector.to_bytes(),
                sentences: sentences.map(|s| (s.part, s.span, s.vector)).collect(),
            });
            Ok(())
        })?;
        writer.commit(1)?;
        Ok(Self(entries))
    }
}

fn record(text: &Text) -> Result<Record, Failure> {
    Ok(serde_json::from_value(json!({
        "id": text.id, "source": "corpus", "channel": "other", "lang": text.lang,
        "created_at": "2026-01-01T00:00:00Z", "text": text.text,
    }))?)
}

impl Vectors for Collection {
    fn each_record(&self, each: &mut dyn FnMut(u64, &[u8])) -> Result<(), Failure> {
        for (row, entry) in self.0.iter().enumerate() {
            each(row as u64, &entry.vector);
        }
        Ok(())
    }

    fn sentences(&self, row: u64) -> Result<Vec<(Part, Span, QuantizedVector)>, Failure> {
        let entry = usize::try_from(row).ok().and_then(|row| self.0.get(row));
        Ok(entry
            .map(|entry| entry.sentences.clone())
            .unwrap_or_default())
    }
}
