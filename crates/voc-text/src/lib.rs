//! Pure functions on text: from one part as given to what is stored, indexed and tagged.
//!
//! [`TextPipeline::prepare`] cleans a text (one form per character, HTML out), replaces
//! personal data that has a form by placeholders such as `[EMAIL]`, marks what is not its
//! author's own words (quoted history, signatures) and finds the sentences of the rest.
//! [`TextPipeline::promises`] finds what the company binds itself to, and by when.
//! [`TextPipeline::detect`] tells the language. All offsets count Unicode scalar values;
//! [`Prepared::given_span`] leads back to the text as given.
//!
//! Limits: personal data without a form (names, addresses) is not found here; a model finds
//! it behind the trait [`Recogniser`]. Telephone numbers are known in the national forms of
//! Italy, Bulgaria, China, the United Kingdom, the United States, Germany, Spain and France,
//! in the international form, and beside a cue. Redaction lowers risk; it is not
//! anonymisation.
//!
//! **Architecture Invariant:** this crate performs no I/O, reads no clock and keeps no state
//! between calls: the same text and options give the same result.
//!
//! **Architecture Invariant:** preparing never fails and never loses words. What is set
//! aside stays in the text; only mark-up, invisible characters and personal data go.
//!
//! **Architecture Invariant:** preparing a prepared text changes nothing.

mod alignment;
mod clean;
mod error;
mod language;
mod options;
mod pipeline;
mod promise;
mod quote;
mod redact;
mod sentence;

pub use alignment::{Alignment, Edit, Layer};
pub use clean::Cleaner;
pub use error::TextError;
pub use language::LanguageDetector;
pub use options::TextOptions;
pub use pipeline::{FoundData, Prepared, TextPipeline};
pub use promise::{FoundPromise, PromiseFinder, Voice};
pub use quote::{QuoteFinder, Reason, SetAside};
pub use redact::{Evidence, Found, Recogniser, Redacted, Redactor};
pub use sentence::{MAX_HAN, MAX_WORDS, SentenceSplitter};
