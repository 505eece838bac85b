//! The number type the encoder computes in. It is measured once per machine, recorded, and
//! from then on part of the model id: a run never chooses again.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tch::Kind;

use crate::{ModelError, ModelFolder};

/// A number type for weights and activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// bfloat16: faster where the processor has instructions for it, slower elsewhere.
    Bf16,
}

impl Precision {
    /// The name in model ids.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::F32 => Kind::Float,
            Self::Bf16 => Kind::BFloat16,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A recorded choice with the measurement behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionChoice {
    /// What was chosen.
    pub precision: Precision,
    /// The encoder it was measured on.
    pub encoder: String,
    /// Documents per second in f32.
    pub f32_documents_per_second: f64,
    /// Documents per second in bf16.
    pub bf16_documents_per_second: f64,
}

impl PrecisionChoice {
    /// bf16 must win by this factor: below it, the more exact type is kept.
    const WORTHWHILE: f64 = 1.1;

    /// Chooses from two measured speeds.
    pub fn from_speeds(encoder: &str, f32_speed: f64, bf16_speed: f64) -> Self {
        let bf16_wins = bf16_speed >= f32_speed * Self::WORTHWHILE;
        Self {
            precision: if bf16_wins {
                Precision::Bf16
            } else {
                Precision::F32
            },
            encoder: encoder.to_owned(),
            f32_documents_per_second: f32_speed,
            bf16_documents_per_second: bf16_speed,
        }
    }

    /// Reads the choice that set-up recorded beside the encoder's folder.
    ///
    /// # Errors
    /// As [`PrecisionChoice::load`].
    pub fn beside(folder: &ModelFolder) -> Result<Self, ModelError> {
        Self::load(&folder.beside(&format!("{}.precision.toml", folder.id())))
    }

    /// Reads the choice recorded at `path`.
    ///
    /// # Errors
    /// [`ModelError::PrecisionNotChosen`] without a file, [`ModelError::Unusable`] for one
    /// that cannot be read.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let text = std::fs::read_to_string(path).map_err(|_| ModelError::PrecisionNotChosen {
            path: path.to_owned(),
        })?;
        toml::from_str(&text).map_err(|error| ModelError::Unusable {
            path: path.to_owned(),
            why: error.to_string(),
        })
    }

    /// Records the choice at `path`, replacing it whole.
    ///
    /// # Errors
    /// [`ModelError::Unwritable`] if that fails.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let failed = |why: String| ModelError::Unwritable {
            path: path.to_owned(),
            why,
        };
        let text = toml::to_string(self).map_err(|error| failed(error.to_string()))?;
        let draft = path.with_extension("draft");
        std::fs::write(&draft, text)
            .and_then(|()| std::fs::rename(&draft, path))
            .map_err(|error| failed(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bf16_is_taken_only_where_it_pays() {
        let check = |f32_speed, bf16_speed, expect| {
            let choice = PrecisionChoice::from_speeds("e", f32_speed, bf16_speed);
            assert_eq!(choice.precision, expect, "{f32_speed} against {bf16_speed}");
        };
        check(20.0, 97.0, Precision::Bf16);
        check(40.0, 42.0, Precision::F32);
        check(40.0, 9.0, Precision::F32);
    }

    #[test]
    fn a_choice_is_read_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("precision.toml");
        assert!(matches!(
            PrecisionChoice::load(&path),
            Err(ModelError::PrecisionNotChosen { .. })
        ));
        let choice = PrecisionChoice::from_speeds("e", 40.25, 97.5);
        choice.save(&path).unwrap();
        assert_eq!(PrecisionChoice::load(&path).unwrap(), choice);
        std::fs::write(&path, "precision = 3").unwrap();
        assert!(matches!(
            PrecisionChoice::load(&path),
            Err(ModelError::Unusable { .. })
        ));
    }
}
