//! Word statistics over all language groups.

use std::cell::RefCell;
use std::collections::HashMap;

use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use crate::schema::Fields;

/// What BM25 needs to know, with the fields of all groups taken as one.
///
/// By itself each field has its own word frequencies: a stray English "the" in German
/// texts would be a rare word there, and weigh more than the English texts that answer an
/// English query. And the mean length of a field counts all records, so that a language
/// with few records would seem to have nothing but long ones. A record is in one group only,
/// so sums over the groups are frequencies and lengths of the whole index again.
pub(crate) struct PooledStatistics<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    /// Frequencies looked up so far, by the word in the first field of its pool: the groups
    /// read most words alike, and a query is run twice.
    frequencies: RefCell<HashMap<Term, u64>>,
    /// Token counts looked up so far, by the first field of the pool.
    tokens: RefCell<HashMap<Field, u64>>,
}

impl<'a> PooledStatistics<'a> {
    /// The statistics of `searcher`, for one query.
    pub fn new(searcher: &'a Searcher, fields: &'a Fields) -> Self {
        Self {
            searcher,
            fields,
            frequencies: RefCell::default(),
            tokens: RefCell::default(),
        }
    }

    /// The same kind of field (texts or titles) in every group; none if `field` is of
    /// neither kind.
    fn pool(&self, field: Field) -> Option<[Field; Fields::GROUPS]> {
        let texts = self.fields.texts.map(|fields| fields.text);
        let titles = self.fields.texts.map(|fields| fields.title);
        [texts, titles]
            .into_iter()
            .find(|pool| pool.contains(&field))
    }
}

impl Bm25StatisticsProvider for PooledStatistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let Some(pool) = self.pool(field) else {
            return self.searcher.total_num_tokens(field);
        };
        if let Some(known) = self.tokens.borrow().get(&pool[0]) {
            return Ok(*known);
        }
        let count = pool
            .into_iter()
            .map(|f| self.searcher.total_num_tokens(f))
            .sum::<Result<_, _>>()?;
        self.tokens.borrow_mut().insert(pool[0], count);
        Ok(count)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        self.searcher.total_num_docs()
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let value = term.value();
        let (Some(pool), Some(word)) = (self.pool(term.field()), value.as_str()) else {
            return self.searcher.doc_freq(term);
        };
        let in_field = |field| Term::from_field_text(field, word);
        let key = in_field(pool[0]);
        if let Some(known) = self.frequencies.borrow().get(&key) {
            return Ok(*known);
        }
        let frequency = pool
            .into_iter()
            .map(|f| self.searcher.doc_freq(&in_field(f)))
            .sum::<Result<_, _>>()?;
        self.frequencies.borrow_mut().insert(key, frequency);
        Ok(frequency)
    }
}
