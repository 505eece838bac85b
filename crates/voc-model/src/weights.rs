//! A model folder: `config.json`, `tokenizer.json`, `model.safetensors` (BERT names) and
//! `model.toml`, which says what it is and how its vectors are made.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::ModelError;

/// What a model folder says about itself.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Description {
    name: String,
    dimensions: usize,
    max_tokens: usize,
    /// Put before every text; e5 was trained with `query: `.
    query_prefix: String,
    sha256: Digests,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Digests {
    #[serde(rename = "model.safetensors")]
    weights: String,
}

/// A folder with an encoder.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFolder {
    path: PathBuf,
    description: Description,
}

impl ModelFolder {
    /// Reads the description in `path` and checks that the other files are there.
    ///
    /// # Errors
    /// [`ModelError::Unreadable`] naming the missing file; [`ModelError::Unusable`] for a
    /// description that cannot be read.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let read = |name: &str| {
            let file = path.join(name);
            std::fs::metadata(&file)
                .map(|_| file.clone())
                .map_err(|error| ModelError::Unreadable {
                    path: file,
                    why: error.to_string(),
                })
        };
        read("config.json")?;
        read("tokenizer.json")?;
        read("model.safetensors")?;
        let file = read("model.toml")?;
        let text = std::fs::read_to_string(&file).map_err(|error| ModelError::Unreadable {
            path: file.clone(),
            why: error.to_string(),
        })?;
        let description: Description =
            toml::from_str(&text).map_err(|error| ModelError::Unusable {
                path: file.clone(),
                why: error.to_string(),
            })?;
        let why = if description.sha256.weights.len() < 8 {
            Some("sha256 of model.safetensors is missing")
        } else if description.max_tokens < 16 {
            Some("max_tokens is below 16")
        } else {
            None
        };
        match why {
            Some(why) => Err(ModelError::Unusable {
                path: file,
                why: why.to_owned(),
            }),
            None => Ok(Self {
                path: path.to_owned(),
                description,
            }),
        }
    }

    /// The path of one of its files.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A file that lies where the folder lies.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.path.with_file_name(name)
    }

    /// Name and the first eight hex digits of the weights' hash.
    pub fn id(&self) -> String {
        let digits: String = self.description.sha256.weights.chars().take(8).collect();
        format!("{}-{digits}", self.description.name)
    }

    /// Length of a vector.
    pub(crate) fn dimensions(&self) -> usize {
        self.description.dimensions
    }

    /// Longest sequence, special tokens included.
    pub(crate) fn max_tokens(&self) -> usize {
        self.description.max_tokens
    }

    /// Text put before every input.
    pub(crate) fn prefix(&self) -> &str {
        &self.description.query_prefix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "config.json",
            "tokenizer.json",
            "model.safetensors",
            "model.toml",
        ] {
            let message = ModelFolder::open(folder.path()).unwrap_err().to_string();
            assert!(
                message.contains(name) && message.contains("scripts/setup"),
                "{message}"
            );
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let message = ModelFolder::open(folder.path()).unwrap_err().to_string();
        assert!(message.contains("missing field"), "{message}");
    }
}
