//! Search over the store: words by tantivy, meaning by a scan of vectors, and the two
//! joined.
//!
//! - [`Index`] keeps the words. [`Index::writer`] is fed [`Document`]s by whoever reads the
//!   store; [`Index::searcher`] answers a [`Query`] with store rows ([`Hit`]).
//! - [`VectorScan`] compares a query's vector with every record's, [`rerank()`] with the best
//!   sentences of the nearest, [`fuse()`] joins both lists.
//! - [`highlight()`] and [`snippet()`] show why a text was found.
//!
//! # How text is read
//!
//! Each language group has its own two fields, title and text. English, Italian, German,
//! Spanish, French, Dutch, Polish, Portuguese, Russian and Turkish are stemmed by Snowball
//! (`frostem`), Bulgarian by a light stemmer of our own (`bulgarian.rs` states its rules),
//! Chinese is cut by jieba after Traditional characters were made Simplified, all other
//! languages are searched as written. Accents of Latin and Greek letters do not matter.
//! A query does not say its language, so every group reads it in its own way, and the best
//! reading of each word counts; word frequencies are those of the whole index
//! (`statistics.rs`). A record in a wrongly guessed language is found by the exact
//! word only if the stems happen to agree.
//!
//! # Format
//!
//! A folder of tantivy 0.27 files. The payload of a commit is the version of the store in
//! decimal. No text is stored, but the words are: redact before indexing, and
//! [`IndexWriter::expunge`] after erasing. Limits: 2³² documents, words up to 64 characters.
//! BM25 counts replaced documents until tantivy merges their files, so scores may differ in
//! the last places between an index grown over nights and one built anew.
//!
//! **Architecture Invariant:** the index is disposable. Everything in it comes from the
//! store, so anything wrong with it is [`IndexError::Unusable`], and the answer is to build
//! it anew; nothing here repairs.
//!
//! **Architecture Invariant:** index, query and highlight read text through the same
//! function (`Group::lexemes`), so what is found is what is marked.
//!
//! **Architecture Invariant:** this crate opens no database and runs no model: documents and
//! vectors are handed to it.

mod bulgarian;
mod chinese;
mod clauses;
mod document;
mod error;
mod group;
mod highlight;
mod index;
mod query;
mod scan;
mod schema;
mod search;
mod snippet;
mod statistics;
mod words;
mod writer;

pub use document::Document;
pub use error::IndexError;
pub use highlight::highlight;
pub use index::Index;
pub use query::Query;
pub use scan::{Similarity, VectorScan, fuse, rerank};
pub use search::{Hit, RowSet, Searcher};
pub use snippet::{Snippet, snippet};
pub use writer::IndexWriter;
