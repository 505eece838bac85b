use thiserror::Error;

use crate::ThemeId;

/// What can be wrong with a value of the vocabulary.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum CoreError {
    /// An id that must not be empty is empty or blank, or holds a control character.
    #[error("{what} `{value}` is not usable as an id: it is empty or holds a control character")]
    InvalidId {
        /// The type of id, e.g. `source id`.
        what: &'static str,
        /// The text as given.
        value: String,
    },
    /// A word that is not one of a closed set of labels.
    #[error("unknown {what} `{value}`; expected one of: {expected}")]
    UnknownLabel {
        /// The label set, e.g. `channel`.
        what: &'static str,
        /// The text as given.
        value: String,
        /// All members, joined by commas.
        expected: String,
    },
    /// A language code that is not two or three lower-case letters.
    #[error("`{0}` is not a language code (two or three lower-case letters, or `und`)")]
    InvalidLanguage(String),
    /// A score outside its range, or not a number.
    #[error("score {value} is outside {range}")]
    ScoreOutOfRange {
        /// The text of the number.
        value: String,
        /// The allowed range.
        range: &'static str,
    },
    /// A span that ends before it starts.
    #[error("span {start}..{end} ends before it starts")]
    InvalidSpan {
        /// First scalar value.
        start: usize,
        /// One past the last scalar value.
        end: usize,
    },
    /// A period that cannot be read, such as `2026-W60`.
    #[error("`{0}` is not a period; write 2026-08-03, 2026-W32, 2026-08 or 2026-Q3")]
    InvalidPeriod(String),
    /// A record that breaks a rule of the canonical form.
    #[error("{0}")]
    InvalidRecord(String),
    /// A theme was placed at words that are not the record's.
    #[error(
        "theme `{theme}`: the quote {quote:?} occurs in none of the record's texts, as they \
         are stored"
    )]
    QuoteNotFound {
        /// The theme.
        theme: ThemeId,
        /// The quote.
        quote: String,
    },
    /// A theme that the model does not see was set without the words that speak of it.
    #[error(
        "theme `{0}`: the model does not see it in this record; quote the words that speak of it"
    )]
    QuoteMissing(ThemeId),
    /// A taxonomy file that cannot be used.
    #[error("taxonomy: {0}")]
    InvalidTaxonomy(String),
}
