use std::path::PathBuf;

use thiserror::Error;

/// What can go wrong while loading or running the model.
#[derive(Debug, Error)]
pub enum ModelError {
    /// A file of the model folder is missing or unreadable.
    #[error(
        "cannot read the model file {path}: {why}. Run scripts/setup, or name another folder under [model] in voc.toml"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A file of the model folder does not say what it should.
    #[error("the model file {path} cannot be used: {why}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A file of heads is missing or unreadable.
    #[error(
        "cannot read the heads {path}: {why}. Name under [model] in voc.toml what `voc train` wrote"
    )]
    HeadsUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A file of heads cannot be written.
    #[error("cannot write {path}: {why}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The number type has not been chosen on this machine.
    #[error(
        "no number type was chosen for this machine ({path} is missing). Run `voc doctor --choose-precision` once"
    )]
    PrecisionNotChosen {
        /// Where the choice is kept.
        path: PathBuf,
    },
    /// libtorch refused an operation.
    #[error("libtorch failed: {0}")]
    Torch(#[from] tch::TchError),
    /// The model refused a batch.
    #[error("the encoder failed on a batch: {0}")]
    Forward(String),
    /// Heads do not fit the encoder.
    #[error("the heads cannot be used: {0}")]
    Heads(String),
    /// The tokenizer refused a text.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(String),
    /// The thread pool of the encoder could not be started.
    #[error("cannot start the encoder's threads: {0}")]
    Threads(String),
    /// A label scheme or span that breaks the vocabulary's rules.
    #[error(transparent)]
    Core(#[from] voc_core::CoreError),
}
