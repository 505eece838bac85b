//! Search by meaning: a scan over every vector, and the ranking of what it finds.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

use simsimd::SpatialSimilarity;
use voc_core::QuantizedVector;

use crate::{Hit, IndexError};

/// The vector of a query, ready to be compared with stored ones.
#[derive(Clone, Debug)]
pub struct Similarity {
    query: QuantizedVector,
}

impl Similarity {
    /// Prepares `query`, a unit vector.
    pub fn new(query: &[f32]) -> Self {
        Self {
            query: QuantizedVector::new(query),
        }
    }

    /// The cosine of the query and a stored unit vector, given as
    /// [`QuantizedVector::to_bytes`] wrote it: from -1 to 1, within some 0.01 of the exact
    /// value, which is the step of eight bits.
    ///
    /// # Errors
    /// [`IndexError::VectorLength`] if the dimensions differ; `row` is named in it.
    pub fn of(&self, row: u64, vector: &[u8]) -> Result<f32, IndexError> {
        let expected = self.query.levels().len();
        match vector.split_first_chunk::<4>() {
            Some((scale, levels)) if levels.len() == expected => {
                let dot = dot(self.query.levels(), levels);
                Ok(dot * self.query.scale() * f32::from_le_bytes(*scale))
            }
            _ => {
                let found = vector.len().saturating_sub(4);
                Err(IndexError::VectorLength {
                    row,
                    expected,
                    found,
                })
            }
        }
    }

    /// The best of a record's sentence vectors: its index and cosine, the first of equals.
    /// `None` without sentences.
    ///
    /// # Errors
    /// As [`Similarity::of`].
    pub fn best_sentence<'a>(
        &self,
        row: u64,
        sentences: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Option<(usize, f32)>, IndexError> {
        let mut best: Option<(usize, f32)> = None;
        for (index, sentence) in sentences.into_iter().enumerate() {
            let score = self.of(row, sentence)?;
            if best.is_none_or(|(_, highest)| score > highest) {
                best = Some((index, score));
            }
        }
        Ok(best)
    }
}

/// The sum of products; `levels` are i8 seen as bytes. simsimd picks the instructions of the
/// processor it runs on, which a plain loop in a portable build cannot (`examples/scan.rs`
/// compares them).
fn dot(query: &[i8], levels: &[u8]) -> f32 {
    // `None` only for different lengths, which the caller excludes; sums of products of
    // levels are integers below 2²⁴ for up to 1040 dimensions, so f32 holds them exactly.
    i8::dot(query, bytemuck::cast_slice(levels)).unwrap_or_default() as f32
}

/// Keeps the best of the vectors it is offered, one per record.
///
/// A scan of everything is exact, needs no second index to keep in step, and takes filters
/// for free; `examples/scan.rs` measures it.
#[derive(Clone, Debug)]
pub struct VectorScan {
    similarity: Similarity,
    keep: usize,
    /// The worst kept on top.
    kept: BinaryHeap<Reverse<Ranked>>,
}

impl VectorScan {
    /// A scan for the `keep` vectors nearest to `query`, a unit vector.
    pub fn new(query: &[f32], keep: usize) -> Self {
        Self {
            similarity: Similarity::new(query),
            keep,
            kept: BinaryHeap::new(),
        }
    }

    /// Looks at the vector of `row`, as [`QuantizedVector::to_bytes`] wrote it.
    ///
    /// # Errors
    /// As [`Similarity::of`].
    pub fn offer(&mut self, row: u64, vector: &[u8]) -> Result<(), IndexError> {
        let ranked = Ranked(Hit {
            row,
            score: self.similarity.of(row, vector)?,
        });
        if self.kept.len() < self.keep {
            self.kept.push(Reverse(ranked));
        } else if let Some(mut worst) = self.kept.peek_mut()
            && ranked > worst.0
        {
            *worst = Reverse(ranked);
        }
        Ok(())
    }

    /// What was kept, best first, equal ones by row; the order of the offers does not
    /// matter.
    pub fn best(self) -> Vec<Hit> {
        self.kept
            .into_sorted_vec()
            .into_iter()
            .map(|Reverse(Ranked(hit))| hit)
            .collect()
    }
}

/// A hit ordered from worst to best: by score, and the lower row is the better.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ranked(Hit);

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .score
            .total_cmp(&other.0.score)
            .then(other.0.row.cmp(&self.0.row))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Best first, equal ones by row.
fn rank(hits: &mut [Hit]) {
    hits.sort_unstable_by_key(|hit| Reverse(Ranked(*hit)));
}

/// Orders `hits` anew by the mean of the record's cosine and that of its best sentence.
///
/// The record's vector says what a text is about as a whole, the sentence's whether it says
/// the very thing: a long letter with one line on the matter is lifted, and a record does
/// not win by one line alone. A row without an entry in `best_sentence` keeps its score, as
/// if its one sentence were the record.
pub fn rerank(hits: &[Hit], best_sentence: &BTreeMap<u64, f32>) -> Vec<Hit> {
    let combined = |hit: &Hit| {
        let sentence = best_sentence.get(&hit.row).copied().unwrap_or(hit.score);
        Hit {
            row: hit.row,
            score: f32::midpoint(hit.score, sentence),
        }
    };
    let mut hits: Vec<Hit> = hits.iter().map(combined).collect();
    rank(&mut hits);
    hits
}

/// The constant of reciprocal rank fusion in the paper.
const RANK_OFFSET: f32 = 60.0;

/// Joins two ranked lists into at most `limit` hits by reciprocal rank fusion: a row scores
/// the sum of 1 / (60 + rank) over the lists it is in, ranks from 1 (Cormack, Clarke and
/// Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
/// Methods", SIGIR 2009). The lists' own scores do not matter, so BM25 and cosines need no
/// common scale. Equal ones by row.
pub fn fuse(lexical: &[Hit], semantic: &[Hit], limit: usize) -> Vec<Hit> {
    let mut scores: BTreeMap<u64, f32> = BTreeMap::new();
    for list in [lexical, semantic] {
        for (index, hit) in list.iter().enumerate() {
            *scores.entry(hit.row).or_default() += 1.0 / (RANK_OFFSET + (index + 1) as f32);
        }
    }
    let mut hits: Vec<Hit> = scores
        .into_iter()
        .map(|(row, score)| Hit { row, score })
        .collect();
    rank(&mut hits);
    hits.truncate(limit);
    hits
}

#[cfg(test)]
mod tests;
