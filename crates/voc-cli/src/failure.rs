//! The one place where errors become exit codes.

use std::fmt;
use std::process::ExitCode;

use voc_core::CoreError;
use voc_eval::EvalError;
use voc_index::IndexError;
use voc_ingest::IngestError;
use voc_model::ModelError;
use voc_store::StoreError;
use voc_train::TrainError;

/// How a command that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was done. Exit 0.
    Done,
    /// Something was left out and named; the rest is committed. Exit 1.
    Incomplete,
}

/// Why a command stopped.
#[derive(Debug)]
pub enum Failure {
    /// Wrong usage or configuration: the user can mend it. Exit 2.
    Usage(String),
    /// It went wrong. Exit 3.
    Failed(String),
}

impl Failure {
    /// A usage failure with `message`.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::Usage(message.to_string())
    }

    /// A plain failure with `message`.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self::Failed(message.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Failed(message) => f.write_str(message),
        }
    }
}

/// The exit code of a command's result.
pub fn exit_code(result: &Result<Outcome, Failure>) -> ExitCode {
    ExitCode::from(match result {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::Incomplete) => 1,
        Err(Failure::Usage(_)) => 2,
        Err(Failure::Failed(_)) => 3,
    })
}

impl From<CoreError> for Failure {
    fn from(error: CoreError) -> Self {
        Self::usage(error)
    }
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Self {
        Self::usage(error)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Unreadable { .. }
            | ModelError::Unusable { .. }
            | ModelError::HeadsUnreadable { .. }
            | ModelError::Unwritable { .. }
            | ModelError::PrecisionNotChosen { .. }
            | ModelError::Heads(_) => Self::usage(error),
            _ => Self::failed(error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::AnnotatorMismatch { .. }
            | StoreError::TimeZoneMismatch { .. }
            | StoreError::TimeZoneUnnamed { .. }
            | StoreError::KeyPermissions { .. }
            | StoreError::RunLocked { .. }
            | StoreError::BeingReplaced { .. }
            | StoreError::UnknownRecord { .. }
            | StoreError::Correction { .. }
            | StoreError::NothingToWithdraw { .. }
            | StoreError::NotDrawn { .. } => Self::usage(error),
            _ => Self::failed(error),
        }
    }
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::InvalidFilter { .. } => Self::usage(error),
            _ => Self::failed(error),
        }
    }
}

impl From<EvalError> for Failure {
    fn from(error: EvalError) -> Self {
        Self::usage(error)
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Model(error) => error.into(),
            TrainError::NoTexts(_) | TrainError::Checkpoint { .. } => Self::usage(error),
            TrainError::Diverged { .. } | TrainError::Threads(_) | TrainError::Torch(_) => {
                Self::failed(error)
            }
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::failed(error)
    }
}
