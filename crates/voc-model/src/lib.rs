//! From a [`Record`](voc_core::Record) to its [`Annotation`](voc_core::Annotation) and
//! vectors.
//!
//! [`Encoder`] runs a BERT-family model on libtorch over token-budget batches
//! and pools vectors for every record, message and sentence from one pass.
//! [`TrainedHeads`] take over from its middle layers and label records and sentences;
//! [`ExampleHeads`] compare vectors with the example sentences of a
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
//! pooled together; a single sentence longer than a window is cut into pieces.

mod analyzer;
mod batch;
mod bert;
mod centring;
mod decisions;
mod discriminant;
mod encoder;
mod error;
mod example_heads;
mod examples;
mod few_shot;
mod layer;
mod layout;
mod nearest;
mod network;
mod precision;
mod prepared;
mod scores;
mod tags;
mod trained_heads;
mod weights;

pub use analyzer::{Analyzed, Analyzer, SentenceVector};
pub use batch::{Document, Pooled, Unit, Window};
pub use centring::{Centred, CentredRecord, Centres};
pub use decisions::{Decision, Decisions, Evidence, KindDecision, leaning};
pub use encoder::Encoder;
pub use error::ModelError;
pub use example_heads::ExampleHeads;
pub use few_shot::FewShotHeads;
pub use layout::Layout;
pub use network::{AnswerRanges, Outputs, Polarities, TaskNetwork, answer_ranges};
pub use precision::{Precision, PrecisionChoice};
pub use prepared::{PreparedPart, PreparedRecord};
pub use scores::{Scores, SentenceScores, WindowScores, window_scores};
pub use tags::{Tags, ThemeTag};
pub use trained_heads::{HeadsDescription, Origin, TrainedHeads};
pub use weights::ModelFolder;
