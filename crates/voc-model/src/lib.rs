//! From a [`Record`](voc_core::Record) to its [`Annotation`](voc_core::Annotation) and
//! vectors.
//!
//! [`Encoder`] runs a BERT-family model on libtorch (through rust-bert) over token-budget
//! batches and pools vectors for every record, message and sentence from one pass.
//! [`Heads`] compare those vectors with the example sentences of a
//! [`Taxonomy`](voc_core::Taxonomy). [`Analyzer`] puts `voc-text`, encoder and heads
//! together: a pure function of a record, the model and the taxonomy.
//!
//! **Architecture Invariant:** nothing in here depends on what else is in a chunk, on the
//! clock or on a store. Batches do depend on the chunk (padding moves the last bits of a
//! number), so chunks are ordered by (length, key) before they are cut into batches, and a
//! resumed run builds the same ones.
//!
//! **Architecture Invariant:** the model reads redacted text only. Labels are the same
//! whether or not the caller asks for the text as given.
//!
//! Limits: sequences longer than the encoder's window are split at sentence ends and
//! pooled together; a single sentence longer than a window is cut into pieces. The heads
//! know nothing but the examples, and constants set on the demo records.

mod analyzer;
mod batch;
mod discriminant;
mod encoder;
mod error;
mod examples;
mod heads;
mod nearest;
mod precision;
mod weights;

pub use analyzer::{Analyzed, Analyzer, SentenceVector};
pub use batch::{Document, Pooled, Unit};
pub use encoder::Encoder;
pub use error::ModelError;
pub use heads::{Centred, Feeling, Heads, Reading};
pub use precision::{Precision, PrecisionChoice};
pub use weights::ModelFolder;
