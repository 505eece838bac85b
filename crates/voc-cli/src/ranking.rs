//! Ranks records for a query: by words, by meaning, or both.

use std::collections::{BTreeMap, BTreeSet};

use voc_core::{Part, QuantizedVector, Span};
use voc_index::{Hit, Query, Searcher, Similarity, VectorScan, fuse, rerank};
use voc_store::Snapshot;

use crate::args::Mode;
use crate::failure::Failure;

/// Nearest records that are looked at sentence by sentence.
const RERANKED: usize = 200;

/// Where the vectors of records come from.
pub trait Vectors {
    /// Calls `each` with every row and its record's vector.
    ///
    /// # Errors
    /// [`Failure`] if they cannot be read.
    fn each_record(&self, each: &mut dyn FnMut(u64, &[u8])) -> Result<(), Failure>;

    /// The sentences of a row with their vectors.
    ///
    /// # Errors
    /// [`Failure`] if they cannot be read.
    fn sentences(&self, row: u64) -> Result<Vec<(Part, Span, QuantizedVector)>, Failure>;
}

impl Vectors for Snapshot {
    fn each_record(&self, each: &mut dyn FnMut(u64, &[u8])) -> Result<(), Failure> {
        Ok(self.scan_vectors(each)?)
    }

    fn sentences(&self, row: u64) -> Result<Vec<(Part, Span, QuantizedVector)>, Failure> {
        let sentences = self.sentence_vectors(row)?.into_iter();
        Ok(sentences.map(|s| (s.part, s.span, s.vector)).collect())
    }
}

/// Ranks what `searcher` and `vectors` hold; both know a record by the same row.
pub struct Ranking<'a, V> {
    /// The words.
    pub searcher: &'a Searcher,
    /// The meanings.
    pub vectors: &'a V,
}

/// Hits, and where each matched.
#[derive(Default)]
pub struct Ranked {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Rows that hold the query's words.
    pub by_words: BTreeSet<u64>,
    /// Per row the sentence that says most of what was meant.
    pub best_sentence: BTreeMap<u64, (Part, Span)>,
}

impl<V: Vectors> Ranking<'_, V> {
    /// The best `limit` records. `meaning` is the query's vector; lexical search needs none.
    ///
    /// # Errors
    /// [`Failure`] if index or vectors cannot be read.
    pub fn rank(
        &self,
        query: &Query,
        mode: Mode,
        meaning: &[f32],
        limit: usize,
    ) -> Result<Ranked, Failure> {
        if mode == Mode::Lexical {
            return Ok(by_words(self.searcher.lexical(query, limit)?));
        }
        let mut ranked = match mode {
            Mode::Semantic => Ranked::default(),
            Mode::Lexical | Mode::Hybrid => by_words(self.searcher.lexical(query, RERANKED)?),
        };
        let semantic = self.by_meaning(query, meaning)?;
        ranked.hits = fuse(&ranked.hits, &semantic.hits, limit);
        ranked.best_sentence = semantic.best_sentence;
        Ok(ranked)
    }

    /// Scans every record's vector, then looks at the sentences of the nearest.
    fn by_meaning(&self, query: &Query, meaning: &[f32]) -> Result<Ranked, Failure> {
        let allowed = self.searcher.filtered_rows(query)?;
        let mut scan = VectorScan::new(meaning, RERANKED);
        let mut failed = None;
        self.vectors.each_record(&mut |row, vector| {
            if allowed.contains(row)
                && let Err(error) = scan.offer(row, vector)
            {
                failed = Some(error);
            }
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        self.by_sentence(&scan.best(), meaning)
    }

    fn by_sentence(&self, hits: &[Hit], meaning: &[f32]) -> Result<Ranked, Failure> {
        let similarity = Similarity::new(meaning);
        let mut scores = BTreeMap::new();
        let mut best_sentence = BTreeMap::new();
        for hit in hits {
            let sentences = self.vectors.sentences(hit.row)?;
            let bytes: Vec<Vec<u8>> = sentences.iter().map(|(_, _, v)| v.to_bytes()).collect();
            let best = similarity.best_sentence(hit.row, bytes.iter().map(Vec::as_slice))?;
            if let Some((index, score)) = best {
                scores.insert(hit.row, score);
                best_sentence.insert(hit.row, (sentences[index].0, sentences[index].1));
            }
        }
        Ok(Ranked {
            hits: rerank(hits, &scores),
            best_sentence,
            ..Ranked::default()
        })
    }
}

fn by_words(hits: Vec<Hit>) -> Ranked {
    let by_words = hits.iter().map(|hit| hit.row).collect();
    Ranked {
        hits,
        by_words,
        best_sentence: BTreeMap::new(),
    }
}
