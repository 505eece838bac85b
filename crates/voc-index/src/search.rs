//! Searching one commit of the index.

use std::path::Path;
use std::sync::Arc;

use roaring::RoaringTreemap;
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue};
use tantivy::collector::{Collector, FilterCollector, SegmentCollector, TopDocs};
use tantivy::columnar::Column;
use tantivy::query::Query as Clause;
use tantivy::{DocId, Order, Score, SegmentOrdinal, SegmentReader};

use crate::clauses::{Demand, excluded_clause, filter_clause, words_clause};
use crate::error::guarded;
use crate::schema::{DAY, Fields, ROW};
use crate::statistics::PooledStatistics;
use crate::{IndexError, Query};

/// A record that a search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The row in the store.
    pub row: u64,
    /// How well it fits; comparable only within one list of hits.
    pub score: f32,
}

/// A set of store rows.
#[derive(Clone, Debug, PartialEq)]
pub enum RowSet {
    /// Every row: the query has neither filters nor exclusions.
    All,
    /// These rows.
    Only(RoaringTreemap),
}

impl RowSet {
    /// Whether `row` is in the set.
    pub fn contains(&self, row: u64) -> bool {
        match self {
            Self::All => true,
            Self::Only(rows) => rows.contains(row),
        }
    }
}

/// A view of one commit.
pub struct Searcher {
    searcher: tantivy::Searcher,
    fields: Arc<Fields>,
    dir: Arc<Path>,
}

impl Searcher {
    pub(crate) fn new(searcher: tantivy::Searcher, fields: Arc<Fields>, dir: Arc<Path>) -> Self {
        Self {
            searcher,
            fields,
            dir,
        }
    }

    /// How many documents there are.
    pub fn documents(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// At most `limit` records, best first.
    ///
    /// First come records with all the words, then records with some; within each by BM25
    /// (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
    /// 2009; k₁ = 1.2, b = 0.75), a title counting twice, equal ones by row; frequencies and
    /// lengths are taken over all languages. Scores do not
    /// rise across that border, but may along the list. A query without words gives the
    /// newest first, with score 0.
    ///
    /// # Errors
    /// [`IndexError::Unusable`] if the index turns out damaged.
    pub fn lexical(&self, query: &Query, limit: usize) -> Result<Vec<Hit>, IndexError> {
        // tantivy makes room for twice the limit before it looks.
        let limit = limit.min(usize::try_from(self.documents()).unwrap_or(usize::MAX));
        if limit == 0 {
            return Ok(Vec::new());
        }
        let excluded = self.excluded_rows(query)?;
        let Some(all) = words_clause(query, &self.fields, Demand::All) else {
            return self.newest(query, &excluded, limit);
        };
        let statistics = PooledStatistics::new(&self.searcher, &self.fields);
        let mut hits = self.best(all.as_ref(), &excluded, &statistics, limit)?;
        if hits.len() < limit
            && let Some(any) = words_clause(query, &self.fields, Demand::Any)
        {
            let seen: RoaringTreemap = hits.iter().map(|hit| hit.row).collect();
            let more = self.best(any.as_ref(), &excluded, &statistics, limit)?;
            hits.extend(more.into_iter().filter(|hit| !seen.contains(hit.row)));
            hits.truncate(limit);
        }
        Ok(hits)
    }

    /// The rows that the query's filters and exclusions let through, whatever its words:
    /// what the scan of vectors may look at.
    ///
    /// # Errors
    /// [`IndexError::Unusable`] if the index turns out damaged.
    pub fn filtered_rows(&self, query: &Query) -> Result<RowSet, IndexError> {
        if !query.narrows() {
            return Ok(RowSet::All);
        }
        let rows = self.rows(filter_clause(query, &self.fields).as_ref())?;
        Ok(RowSet::Only(rows - self.excluded_rows(query)?))
    }

    fn excluded_rows(&self, query: &Query) -> Result<RoaringTreemap, IndexError> {
        match excluded_clause(query, &self.fields) {
            Some(clause) => self.rows(clause.as_ref()),
            None => Ok(RoaringTreemap::new()),
        }
    }

    fn rows(&self, clause: &dyn Clause) -> Result<RoaringTreemap, IndexError> {
        guarded(&self.dir, || self.searcher.search(clause, &RowCollector))
    }

    fn best(
        &self,
        clause: &dyn Clause,
        excluded: &RoaringTreemap,
        statistics: &PooledStatistics<'_>,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        let by_row = (SortByStaticFastValue::<u64>::for_field(ROW), Order::Asc);
        let top = TopDocs::with_limit(limit).order_by((SortBySimilarityScore, by_row));
        let top = without(excluded, top);
        let found = guarded(&self.dir, || {
            self.searcher
                .search_with_statistics_provider(clause, &top, statistics)
        })?;
        Ok(found
            .into_iter()
            .filter_map(|((score, row), _)| Some(Hit { row: row?, score }))
            .collect())
    }

    fn newest(
        &self,
        query: &Query,
        excluded: &RoaringTreemap,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        let by_day = (SortByStaticFastValue::<i64>::for_field(DAY), Order::Desc);
        let by_row = (SortByStaticFastValue::<u64>::for_field(ROW), Order::Asc);
        let top = without(
            excluded,
            TopDocs::with_limit(limit).order_by((by_day, by_row)),
        );
        let clause = filter_clause(query, &self.fields);
        let found = guarded(&self.dir, || self.searcher.search(clause.as_ref(), &top))?;
        Ok(found
            .into_iter()
            .filter_map(|((_, row), _)| {
                Some(Hit {
                    row: row?,
                    score: 0.0,
                })
            })
            .collect())
    }
}

/// `collector` without the rows `excluded`.
fn without<C: Collector>(
    excluded: &RoaringTreemap,
    collector: C,
) -> FilterCollector<C, impl Fn(u64) -> bool + Send + Sync + Clone + 'static, u64> {
    let excluded = Arc::new(excluded.clone());
    FilterCollector::new(
        ROW.to_owned(),
        move |row| !excluded.contains(row),
        collector,
    )
}

/// Collects the rows of all documents found.
struct RowCollector;

struct SegmentRows {
    row_of: Column<u64>,
    rows: RoaringTreemap,
}

impl Collector for RowCollector {
    type Fruit = RoaringTreemap;
    type Child = SegmentRows;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentRows> {
        Ok(SegmentRows {
            row_of: segment.fast_fields().u64(ROW)?,
            rows: RoaringTreemap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<RoaringTreemap>) -> tantivy::Result<RoaringTreemap> {
        Ok(segments
            .into_iter()
            .fold(RoaringTreemap::new(), |all, rows| all | rows))
    }
}

impl SegmentCollector for SegmentRows {
    type Fruit = RoaringTreemap;

    fn collect(&mut self, document: DocId, _: Score) {
        self.rows.extend(self.row_of.first(document));
    }

    fn harvest(self) -> RoaringTreemap {
        self.rows
    }
}

#[cfg(test)]
mod tests;
