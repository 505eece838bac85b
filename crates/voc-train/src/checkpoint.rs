//! Where a training stands after a pass, so that it can go on.
//!
//! One safetensors file beside the heads to be: the network's variables, the optimiser's
//! moments, and a small tensor whose name says which training they belong to. It is written
//! beside and renamed, so a reader sees a whole one or none; it is removed when the training
//! is done.

use std::fs;
use std::path::{Path, PathBuf};

use tch::Tensor;

use crate::TrainError;

const FILE: &str = "training.safetensors";
/// Prefix of the tensor whose name holds the training's fingerprint and whose two numbers
/// are the passes and steps done.
const PLACE: &str = "place.";
const VARIABLE: &str = "variable.";

/// A file that a training of one fingerprint goes on from.
pub(crate) struct Checkpoint {
    path: PathBuf,
    fingerprint: String,
}

/// What a checkpoint holds.
pub(crate) struct State {
    /// Passes done.
    pub epochs: usize,
    /// Steps done.
    pub steps: i64,
    /// The network's variables.
    pub variables: Vec<(String, Tensor)>,
    /// The optimiser's moments.
    pub moments: Vec<(String, Tensor)>,
}

impl Checkpoint {
    /// The checkpoint in `folder` of the training that `fingerprint` stands for.
    pub fn new(folder: &Path, fingerprint: String) -> Self {
        Self {
            path: folder.join(FILE),
            fingerprint,
        }
    }

    /// Where the training stands; none if there is no checkpoint, or one of another training.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] for a file that is none.
    pub fn read(&self) -> Result<Option<State>, TrainError> {
        if !self.path.exists() {
            return Ok(None);
        }
        let tensors = Tensor::read_safetensors(&self.path).map_err(|error| self.unusable(error))?;
        let place = format!("{PLACE}{}", self.fingerprint);
        let Some((_, place)) = tensors.iter().find(|(name, _)| *name == place) else {
            return Ok(None);
        };
        let epochs = place
            .f_int64_value(&[0])
            .map_err(|error| self.unusable(error))?;
        let steps = place
            .f_int64_value(&[1])
            .map_err(|error| self.unusable(error))?;
        let (variables, moments): (Vec<_>, Vec<_>) = tensors
            .into_iter()
            .filter(|(name, _)| !name.starts_with(PLACE))
            .partition(|(name, _)| name.starts_with(VARIABLE));
        let bare = |(name, tensor): (String, Tensor)| (name[VARIABLE.len()..].to_owned(), tensor);
        Ok(Some(State {
            epochs: usize::try_from(epochs).unwrap_or(0),
            steps,
            variables: variables.into_iter().map(bare).collect(),
            moments,
        }))
    }

    /// Replaces the checkpoint.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] if it cannot be written.
    pub fn write(&self, state: &State) -> Result<(), TrainError> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(|error| self.unusable(error))?;
        }
        let place = Tensor::from_slice(&[state.epochs as i64, state.steps]);
        let mut tensors = vec![(format!("{PLACE}{}", self.fingerprint), place)];
        let copy = |tensor: &Tensor| tensor.detach().contiguous();
        for (name, tensor) in &state.variables {
            tensors.push((format!("{VARIABLE}{name}"), copy(tensor)));
        }
        for (name, tensor) in &state.moments {
            tensors.push((name.clone(), copy(tensor)));
        }
        let draft = self.path.with_extension("draft");
        Tensor::write_safetensors(&tensors, &draft).map_err(|error| self.unusable(error))?;
        fs::rename(&draft, &self.path).map_err(|error| self.unusable(error))
    }

    /// The training is done.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] if it cannot be removed.
    pub fn remove(&self) -> Result<(), TrainError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(self.unusable(error)),
            _ => Ok(()),
        }
    }

    /// The error for a checkpoint that lacks something.
    pub fn incomplete(&self) -> TrainError {
        self.unusable("it is not complete")
    }

    fn unusable(&self, why: impl std::fmt::Display) -> TrainError {
        TrainError::Checkpoint {
            path: self.path.clone(),
            why: why.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        let tensor = |value: f32| Tensor::from_slice(&[value, value]);
        State {
            epochs: 2,
            steps: 17,
            variables: vec![("head.bias".to_owned(), tensor(0.5))],
            moments: vec![("first.head.bias".to_owned(), tensor(0.25))],
        }
    }

    #[test]
    fn a_training_goes_on_where_it_stood() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::new(folder.path(), "a".to_owned());
        assert!(checkpoint.read().unwrap().is_none());
        checkpoint.write(&state()).unwrap();
        let read = checkpoint.read().unwrap().unwrap();
        assert_eq!((read.epochs, read.steps), (2, 17));
        assert_eq!(read.variables, state().variables);
        assert_eq!(read.moments, state().moments);
        checkpoint.remove().unwrap();
        assert!(checkpoint.read().unwrap().is_none());
        checkpoint.remove().unwrap();
    }

    #[test]
    fn another_training_starts_anew_and_a_torn_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::new(folder.path(), "a".to_owned());
        checkpoint.write(&state()).unwrap();
        let other = Checkpoint::new(folder.path(), "b".to_owned());
        assert!(other.read().unwrap().is_none());
        fs::write(folder.path().join(FILE), "torn").unwrap();
        let error = checkpoint.read().map(|_| ()).unwrap_err().to_string();
        assert!(
            error.contains(FILE) && error.contains("Remove it"),
            "{error}"
        );
    }
}
