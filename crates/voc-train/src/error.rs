use std::path::PathBuf;

use thiserror::Error;

/// What can go wrong in a training.
#[derive(Debug, Error)]
pub enum TrainError {
    /// There is nothing to learn from.
    #[error("there are no {0} texts with words of a customer")]
    NoTexts(&'static str),
    /// A checkpoint cannot be written, read or removed.
    #[error("the checkpoint {path} cannot be used: {why}. Remove it to start anew")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The loss is no number any more.
    #[error("the training diverged in pass {epoch}; try another --seed, or more --shared-layers")]
    Diverged {
        /// The pass over the texts, from 1.
        epoch: usize,
    },
    /// The threads could not be started.
    #[error("cannot start the training's threads: {0}")]
    Threads(String),
    /// The encoder or the heads failed.
    #[error(transparent)]
    Model(#[from] voc_model::ModelError),
    /// libtorch refused an operation.
    #[error("libtorch failed: {0}")]
    Torch(#[from] tch::TchError),
}
