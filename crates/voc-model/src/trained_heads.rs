//! The heads that `voc train` makes: a folder with `heads.toml`, which says what they fit
//! and how scores become labels, and `heads.safetensors`, the weights in bf16.
//!
//! Scores are made probabilities by a line fitted to the development texts (Platt,
//! "Probabilistic Outputs for Support Vector Machines", 1999); a label holds from its own
//! threshold on, the one with the best F1 there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tch::{Kind as NumberType, Tensor};
use voc_core::{
    Kind, KindScore, Polarity, Probability, RecordSentiment, Sentiment, SignedScore, ThemeId,
    Touchpoint, Urgency,
};

use crate::few_shot::softmax;
use crate::network::{Polarities, TaskNetwork, answer_ranges};
use crate::scores::{Scores, SentenceScores};
use crate::tags::{Tags, ThemeTag};
use crate::{ModelError, ModelFolder};

const DESCRIPTION: &str = "heads.toml";
const WEIGHTS: &str = "heads.safetensors";

/// What heads fit, how they decide and where they come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadsDescription {
    /// Short hash of the weights: part of every model id.
    pub id: String,
    /// Id of the encoder they fit.
    pub encoder: String,
    /// Layers of the encoder that they share.
    pub shared_layers: usize,
    /// The themes they know, in the order of their scores.
    pub themes: Vec<ThemeId>,
    /// What they were trained on.
    pub origin: Origin,
    /// How scores become labels.
    pub decisions: Decisions,
}

/// What heads were trained on, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Number of training texts.
    pub texts: usize,
    /// Number of development texts, which set the decisions.
    pub development_texts: usize,
    /// SHA-256 over all of these texts and their labels.
    pub sha256: String,
    /// Passes over the training texts.
    pub epochs: usize,
    /// Seed of all draws.
    pub seed: u64,
}

/// How scores become labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    /// Added to the scores of the sentiments, in the order of [`Sentiment::ALL`].
    pub sentiment_offsets: Vec<f32>,
    /// Scores of sentiments are divided by it.
    pub sentiment_temperature: f32,
    /// Per kind.
    pub kinds: BTreeMap<Kind, Decision>,
    /// Per theme.
    pub themes: BTreeMap<ThemeId, Decision>,
}

/// How one label's scores become a yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The probability is the sigmoid of slope × score + intercept.
    pub slope: f32,
    /// See `slope`.
    pub intercept: f32,
    /// The label holds from this probability on.
    pub threshold: f32,
}

impl Default for Decision {
    fn default() -> Self {
        Self {
            slope: 1.0,
            intercept: 0.0,
            threshold: 0.5,
        }
    }
}

impl Decision {
    /// From 0 to 1.
    pub fn probability(&self, score: f32) -> f32 {
        1.0 / (1.0 + (-(self.slope * score + self.intercept)).exp())
    }

    /// The probability, if the label holds.
    fn holds(&self, score: f32) -> Option<Probability> {
        let probability = self.probability(score);
        (probability >= self.threshold).then(|| Probability::clamped(probability))
    }
}

/// Trained heads: a description and weights that fit it.
pub struct TrainedHeads {
    description: HeadsDescription,
    weights: Vec<(String, Tensor)>,
}

impl TrainedHeads {
    /// Puts the pieces together; `weights` as [`TaskNetwork::variables`] has them. They are
    /// narrowed to bf16, as they will be stored, and the id is theirs.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if memory runs out.
    pub fn new(
        mut description: HeadsDescription,
        weights: Vec<(String, Tensor)>,
    ) -> Result<Self, ModelError> {
        let mut hasher = Sha256::new();
        let mut narrow = Vec::with_capacity(weights.len());
        for (name, weight) in weights {
            let weight = weight.f_to_kind(NumberType::BFloat16)?.f_contiguous()?;
            hasher.update(&name);
            hasher.update(bytes(&weight)?);
            narrow.push((name, weight));
        }
        let digest = hasher.finalize();
        let digits: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
        description.id = format!("heads-{digits}");
        Ok(Self {
            description,
            weights: narrow,
        })
    }

    /// Reads the heads in `folder`.
    ///
    /// # Errors
    /// [`ModelError::Unreadable`] or [`ModelError::Unusable`], naming the file.
    pub fn load(folder: &Path) -> Result<Self, ModelError> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(|error| ModelError::Unreadable {
                path,
                why: error.to_string(),
            })
        };
        let description = String::from_utf8_lossy(&read(DESCRIPTION)?).into_owned();
        let unusable = |name: &str, why: String| ModelError::Unusable {
            path: folder.join(name),
            why,
        };
        let description =
            toml::from_str(&description).map_err(|e| unusable(DESCRIPTION, e.to_string()))?;
        let weights = weights(&read(WEIGHTS)?).map_err(|why| unusable(WEIGHTS, why))?;
        Ok(Self {
            description,
            weights,
        })
    }

    /// Writes them to `folder`, weights first: a description without weights is never seen.
    ///
    /// # Errors
    /// [`ModelError::Unwritable`] naming the file.
    pub fn save(&self, folder: &Path) -> Result<(), ModelError> {
        let failed = |name: &str, why: String| ModelError::Unwritable {
            path: folder.join(name),
            why,
        };
        fs::create_dir_all(folder).map_err(|error| failed("", error.to_string()))?;
        let draft = folder.join(format!("{WEIGHTS}.draft"));
        Tensor::write_safetensors(&self.weights, &draft)?;
        fs::rename(&draft, folder.join(WEIGHTS)).map_err(|e| failed(WEIGHTS, e.to_string()))?;
        let text = toml::to_string(&self.description)
            .map_err(|error| failed(DESCRIPTION, error.to_string()))?;
        let text = format!("# Written by `voc train`: do not edit it.\n{text}");
        fs::write(folder.join(DESCRIPTION), text).map_err(|e| failed(DESCRIPTION, e.to_string()))
    }

    /// What they fit and how they decide.
    pub fn description(&self) -> &HeadsDescription {
        &self.description
    }

    /// The network with these weights, for the encoder in `folder`.
    ///
    /// # Errors
    /// [`ModelError::Heads`] if they were made for another encoder.
    pub fn network(&self, folder: &ModelFolder) -> Result<TaskNetwork, ModelError> {
        let HeadsDescription {
            encoder,
            shared_layers,
            themes,
            ..
        } = &self.description;
        if *encoder != folder.id() {
            return Err(ModelError::Heads(format!(
                "they fit the encoder {encoder}, this one is {}",
                folder.id()
            )));
        }
        let mut network = TaskNetwork::new(folder, *shared_layers, themes.len())?;
        network.set(&self.weights)?;
        Ok(network)
    }
}

impl HeadsDescription {
    /// Whether the heads know `theme`.
    pub fn knows(&self, theme: &ThemeId) -> bool {
        self.themes.contains(theme)
    }

    /// The labels of a record with these scores.
    pub fn tags(&self, scores: &Scores) -> Tags {
        let themes = scores.sentences.iter().map(|s| self.themes_of(s)).collect();
        if scores.answers.is_empty() {
            return Tags {
                themes,
                ..Tags::default()
            };
        }
        let ranges = answer_ranges();
        Tags {
            kinds: self.kinds(&scores.answers[ranges.kinds]),
            sentiment: self.sentiment(&scores.answers[ranges.sentiment]),
            urgency: Urgency::ALL[best(&scores.answers[ranges.urgency])],
            touchpoint: Touchpoint::ALL
                .get(best(&scores.answers[ranges.touchpoint]))
                .copied(),
            themes,
        }
    }

    fn kinds(&self, scores: &[f32]) -> Vec<KindScore> {
        let decided = Kind::ALL.iter().zip(scores).filter_map(|(kind, score)| {
            let decision = self.decisions.kinds.get(kind).copied().unwrap_or_default();
            let score = decision.holds(*score)?;
            Some(KindScore { id: *kind, score })
        });
        decided.collect()
    }

    /// The label with the best score; the number is the probability of positive minus that
    /// of negative, whatever the label.
    fn sentiment(&self, scores: &[f32]) -> RecordSentiment {
        let offsets = self.decisions.sentiment_offsets.iter().copied();
        let offsets = offsets.chain(std::iter::repeat(0.0));
        let temperature = self.decisions.sentiment_temperature.max(0.05);
        let scores: Vec<f32> = scores
            .iter()
            .zip(offsets)
            .map(|(score, offset)| score / temperature + offset)
            .collect();
        let label = Sentiment::ALL[best(&scores)];
        let probabilities = softmax(&scores);
        let of = |wanted| {
            let mut all = Sentiment::ALL.iter().zip(&probabilities);
            all.find(|(label, _)| **label == wanted)
                .map_or(0.0, |(_, p)| *p)
        };
        RecordSentiment {
            label,
            score: SignedScore::clamped(of(Sentiment::Positive) - of(Sentiment::Negative)),
        }
    }

    fn themes_of(&self, sentence: &SentenceScores) -> Vec<ThemeTag> {
        let scored = self.themes.iter().zip(&sentence.themes);
        let mut tags: Vec<ThemeTag> = scored
            .zip(&sentence.theme_feeling)
            .filter_map(|((theme, score), feeling)| {
                let decision = self
                    .decisions
                    .themes
                    .get(theme)
                    .copied()
                    .unwrap_or_default();
                Some(ThemeTag {
                    theme: theme.clone(),
                    score: decision.holds(*score)?,
                    sentiment: polarity(feeling),
                })
            })
            .collect();
        tags.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
        tags
    }
}

/// The likeliest feeling.
pub(crate) fn polarity(scores: &Polarities) -> Polarity {
    Polarity::ALL[best(scores)]
}

/// Index of the highest score, the first of equal ones.
fn best(scores: &[f32]) -> usize {
    let better = |best: usize, index: usize| {
        if scores[index] > scores[best] {
            index
        } else {
            best
        }
    };
    (0..scores.len()).fold(0, better)
}

/// The numbers of a bf16 tensor as they are stored.
fn bytes(tensor: &Tensor) -> Result<Vec<u8>, ModelError> {
    let mut bytes = vec![0_u8; tensor.numel() * 2];
    tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
    Ok(bytes)
}

fn weights(bytes: &[u8]) -> Result<Vec<(String, Tensor)>, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    file.tensors()
        .into_iter()
        .map(|(name, view)| {
            let tensor = Tensor::try_from(view).map_err(|error| error.to_string())?;
            Ok((name, tensor))
        })
        .collect()
}
