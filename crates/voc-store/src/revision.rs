//! What a person does about a record's labels, and what comes of it.

use jiff::Timestamp;
use voc_core::{Annotation, Correction, RecordKey, Reviewer};

use crate::Stored;

/// A person's word on a record's labels: kept for good, and in force until it is withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The record.
    pub key: RecordKey,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Reviewer,
    /// Why, if they say so.
    pub note: Option<String>,
    /// What about the labels.
    pub change: LabelChange,
}

/// What a revision does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelChange {
    /// These labels hold from now on, whatever the model says.
    Correct(Correction),
    /// The model's labels hold again.
    Withdraw,
}

/// The labels of a record before and after a revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Revised {
    /// The record.
    pub key: RecordKey,
    /// What held before.
    pub before: Annotation,
    /// What holds now.
    pub after: Annotation,
}

/// A record with corrections in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Corrected {
    /// The record with the labels that hold.
    pub stored: Stored,
    /// What the model itself says.
    pub model: Annotation,
}
