//! How good the labels and the search are.
//!
//! - [`GoldRecord`] is a record with the labels a person gave it; [`evaluate`] sets
//!   annotations beside them: precision, recall and F1 per label × language × channel,
//!   means over languages, confusions, calibration, spans, personal data, promises and the
//!   mistakes to look at. [`compare`] tests two versions on the same records.
//! - [`Mapping`] reads sets that other people labelled with labels of their own, and says
//!   which label of ours each is measured against; [`evaluate_set`] does it.
//! - [`Judgements`] are the relevant documents of queries; [`Judgements::score`] gives
//!   nDCG@10, hit@1 and MRR of rankings.
//! - [`render`] writes all of it as text, Markdown or a page to browse.
//!
//! # How sure a figure is
//!
//! Every figure has a 95 % interval from 1,000 Poisson bootstrap resamples ([`Resamples`]).
//! Near-duplicates are drawn together. The resamples are the same for every measure and for
//! every version, so means, gaps between languages and differences between versions have
//! intervals too. A label with fewer than [`FEW`] gold positives in a language has no figure
//! of its own there: such languages are pooled and marked.
//!
//! **Architecture Invariant:** no I/O and no model: annotations come from whoever calls. So
//! two versions of the software can be compared by what they wrote to files.

mod calibration;
mod comparison;
mod confusion;
mod counts;
mod error;
mod evaluation;
mod gold;
mod mapping;
mod marks;
mod mistake;
pub mod render;
mod resamples;
mod retrieval;
mod set;
mod tally;

pub use calibration::{Bin, Calibration};
pub use comparison::{Difference, compare};
pub use confusion::Confusion;
pub use counts::Counts;
pub use error::EvalError;
pub use evaluation::{Evaluation, Gap, Mean, evaluate};
pub use gold::{Gold, GoldMention, GoldPersonalData, GoldPromise, GoldRecord, Place};
pub use mapping::{Mapping, SetMeasure, SetRecord};
pub use mistake::{Mistake, MistakeKind};
pub use resamples::{Interval, Resamples};
pub use retrieval::{Judgements, RankingScore};
pub use set::{SetEvaluation, evaluate_set};
pub use tally::{Cell, FEW, Measure, Slice};
