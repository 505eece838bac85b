//! Heads for a company's own themes, fitted to a few labelled examples of each: one JSON
//! file with a line of weights per theme and one for "none of them", over the vectors that
//! search has anyway. The encoder is not touched, so fitting takes seconds.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use voc_core::{Polarity, Probability, ThemeId};

use crate::ModelError;
use crate::centring::Centred;
use crate::tags::ThemeTag;

/// Softmax regression over centred vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FewShotHeads {
    /// Id of the encoder they fit.
    pub encoder: String,
    /// The themes, in the order of the lines.
    pub themes: Vec<ThemeId>,
    /// One line per theme, then one for none; a number per dimension.
    pub weights: Vec<Vec<f32>>,
    /// One per line.
    pub offsets: Vec<f32>,
    /// A theme holds from this probability on.
    pub threshold: f32,
}

impl FewShotHeads {
    /// Reads the heads in `file`.
    ///
    /// # Errors
    /// [`ModelError::HeadsUnreadable`], or [`ModelError::Unusable`] if the lines do not fit the
    /// themes.
    pub fn load(file: &Path) -> Result<Self, ModelError> {
        let unusable = |why: String| ModelError::Unusable {
            path: file.to_owned(),
            why,
        };
        let text = fs::read(file).map_err(|error| ModelError::HeadsUnreadable {
            path: file.to_owned(),
            why: error.to_string(),
        })?;
        let heads: Self =
            serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))?;
        let lines = heads.themes.len() + 1;
        let width = heads.weights.first().map_or(0, Vec::len);
        let even = heads.weights.iter().all(|line| line.len() == width);
        if heads.weights.len() != lines || heads.offsets.len() != lines || !even {
            return Err(unusable(format!(
                "it needs {lines} lines of weights of one length"
            )));
        }
        Ok(heads)
    }

    /// Writes them to `file`, replacing it whole.
    ///
    /// # Errors
    /// [`ModelError::Unwritable`] if that fails.
    pub fn save(&self, file: &Path) -> Result<(), ModelError> {
        let failed = |why: String| ModelError::Unwritable {
            path: file.to_owned(),
            why,
        };
        let text = serde_json::to_vec(self).map_err(|error| failed(error.to_string()))?;
        let draft = file.with_extension("draft");
        fs::write(&draft, text)
            .and_then(|()| fs::rename(&draft, file))
            .map_err(|error| failed(error.to_string()))
    }

    /// Short hash: part of the model ids of what uses them.
    ///
    /// # Errors
    /// [`ModelError::Heads`] if the numbers cannot be written down.
    pub fn id(&self) -> Result<String, ModelError> {
        let text = serde_json::to_vec(self).map_err(|e| ModelError::Heads(e.to_string()))?;
        let digest = Sha256::digest(text);
        let digits: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
        Ok(format!("few-{digits}"))
    }

    /// The probability of each theme, in their order.
    pub fn probabilities(&self, vector: &Centred) -> Vec<f32> {
        let scores = self
            .weights
            .iter()
            .zip(&self.offsets)
            .map(|(line, offset)| {
                let products = line.iter().zip(vector.values()).map(|(w, v)| w * v);
                products.sum::<f32>() + offset
            });
        let mut probabilities = softmax(&scores.collect::<Vec<f32>>());
        probabilities.truncate(self.themes.len());
        probabilities
    }

    /// The themes of a sentence that feels like `sentiment`, best first.
    pub(crate) fn themes_of(&self, vector: &Centred, sentiment: Polarity) -> Vec<ThemeTag> {
        let scored = self.themes.iter().zip(self.probabilities(vector));
        let mut tags: Vec<ThemeTag> = scored
            .filter(|(_, probability)| *probability >= self.threshold)
            .map(|(theme, probability)| ThemeTag {
                theme: theme.clone(),
                score: Probability::clamped(probability),
                sentiment,
            })
            .collect();
        tags.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
        tags
    }
}

/// Scores as shares of one.
pub(crate) fn softmax(scores: &[f32]) -> Vec<f32> {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| (score - highest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads() -> FewShotHeads {
        FewShotHeads {
            encoder: "e".to_owned(),
            themes: vec![ThemeId::new("own.parking").unwrap()],
            weights: vec![vec![0.5, -1.0], vec![0.0, 0.25]],
            offsets: vec![0.1, -0.1],
            threshold: 0.4,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("few.json");
        heads().save(&file).unwrap();
        assert_eq!(FewShotHeads::load(&file).unwrap(), heads());
    }

    #[track_caller]
    fn check_refused(heads: &FewShotHeads, reason: &str) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("few.json");
        heads.save(&file).unwrap();
        let error = FewShotHeads::load(&file).unwrap_err().to_string();
        assert!(
            error.contains(reason) && error.contains("few.json"),
            "{error}"
        );
    }

    #[test]
    fn lines_that_do_not_fit_the_themes_are_refused() {
        let mut lacking = heads();
        lacking.weights.pop();
        check_refused(&lacking, "it needs 2 lines of weights of one length");
        let mut uneven = heads();
        uneven.weights[1].pop();
        check_refused(&uneven, "it needs 2 lines of weights of one length");
    }

    #[test]
    fn a_missing_file_is_named_with_what_writes_it() {
        let error = FewShotHeads::load(Path::new("none.json"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("none.json") && error.contains("voc train"),
            "{error}"
        );
    }
}
