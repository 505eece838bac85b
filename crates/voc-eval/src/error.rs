use thiserror::Error;

/// Why something could not be evaluated.
#[derive(Debug, Error)]
pub enum EvalError {
    /// A gold line cannot be read.
    #[error("line {line}: {reason}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A quote of a gold label does not occur in the record's texts.
    #[error("record {id}: the quote {quote:?} occurs in none of its texts")]
    QuoteNotFound {
        /// The record.
        id: String,
        /// The quote.
        quote: String,
    },
    /// Two gold records have the same id.
    #[error("record {0} occurs twice")]
    TwiceTheSameId(String),
    /// There are not as many annotations as records.
    #[error("{records} records, but {annotations} annotations")]
    Unpaired {
        /// Gold records.
        records: usize,
        /// Annotations.
        annotations: usize,
    },
    /// A mapping file cannot be read.
    #[error("the mapping cannot be read: {0}")]
    Mapping(#[from] toml::de::Error),
    /// A mapping file contradicts itself.
    #[error("the mapping is not usable: {0}")]
    UnusableMapping(String),
    /// The page could not be written.
    #[error("the page could not be written: {0}")]
    Html(#[from] askama::Error),
}
