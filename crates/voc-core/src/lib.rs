//! The vocabulary of VoC Pulse: what a customer's text is ([`Record`]), what the pipeline
//! says about it ([`Annotation`]) and a person after it ([`Correction`]), the labels it uses ([`Taxonomy`], [`Kind`], [`Theme`]),
//! the spans of time it reports on ([`Period`]) and the flat rows that statistics read
//! ([`RecordFact`], [`MentionFact`]).
//!
//! Two of these types are contracts with the outside: [`Record`] is the canonical JSON line
//! that every source is mapped to, [`Annotation`] is what `voc analyze` adds to it.
//!
//! **Architecture Invariant:** this crate performs no I/O, reads no clock and imports no
//! other crate of the workspace. Every other crate may import it.
//!
//! **Architecture Invariant:** a value of a type in here is valid. Ids are not empty,
//! scores are finite and in range, spans do not end before they start; deserialisation
//! refuses what breaks this.

mod annotation;
mod audit;
mod correction;
mod error;
mod fact;
mod ids;
mod labels;
mod language;
mod period;
mod record;
mod score;
mod span;
mod taxonomy;
mod vector;

pub use annotation::{
    Annotation, Due, KindScore, LanguageGuess, Mention, PersonalData, Promise, PromiseBy,
    RecordSentiment, Target,
};
pub use audit::{AuditLabel, AuditLabels, AuditStratum};
pub use correction::{Correction, OrNone, ThemeLabel};
pub use error::CoreError;
pub use fact::{MentionFact, RecordFact};
pub use ids::{Pseudonym, RecordId, RecordKey, Reviewer, SourceId, ThemeId};
pub use labels::{Channel, Kind, PiiType, Polarity, Sentiment, Touchpoint, Urgency};
pub use language::Language;
pub use period::{Period, PeriodUnit};
pub use record::{
    Body, Customer, Message, Outcome, OutcomeType, Ratings, Record, Role, Speaker, Ticket,
};
pub use score::{Probability, SignedScore};
pub use span::{Part, Span};
pub use taxonomy::{Example, LabelText, Labelled, Taxonomy, Theme, ThemeExample, Unlabelled};
pub use vector::QuantizedVector;
