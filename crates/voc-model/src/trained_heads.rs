//! The heads that `voc train` makes: a folder with `heads.toml`, which says what they fit
//! and how scores become labels, and `heads.safetensors`, the weights in bf16.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tch::{Kind as NumberType, Tensor};
use voc_core::{
    Kind, KindScore, Polarity, RecordSentiment, Sentiment, SignedScore, ThemeId, Touchpoint,
    Urgency,
};

use crate::decisions::{Decisions, of_sentiment, sum};
use crate::few_shot::softmax;
use crate::network::{Polarities, TaskNetwork, answer_ranges};
use crate::scores::{Scores, SentenceScores};
use crate::tags::{Tags, ThemeTag};
use crate::{ModelError, ModelFolder};

const DESCRIPTION: &str = "heads.toml";
const WEIGHTS: &str = "heads.safetensors";

/// The heads in `models/heads`, part of the program.
const SHIPPED_DESCRIPTION: &str = include_str!("../../../models/heads/heads.toml");
const SHIPPED_WEIGHTS: &[u8] = include_bytes!("../../../models/heads/heads.safetensors");

/// What heads fit, how they decide and where they come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadsDescription {
    /// Short hash of weights and decisions: part of every model id.
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
    /// SHA-256 over the training texts and their labels.
    pub sha256: String,
    /// SHA-256 over the development texts and their labels.
    pub development_sha256: String,
    /// Passes over the training texts.
    pub epochs: usize,
    /// Seed of all draws.
    pub seed: u64,
}

/// Trained heads: a description and weights that fit it.
pub struct TrainedHeads {
    description: HeadsDescription,
    weights: Vec<(String, Tensor)>,
}

impl TrainedHeads {
    /// Puts the pieces together; `weights` as [`TaskNetwork::variables`] has them. They are
    /// narrowed to bf16, as they will be stored.
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
        let decisions = toml::to_string(&description.decisions);
        hasher.update(decisions.map_err(|error| ModelError::Heads(error.to_string()))?);
        let digest = hasher.finalize();
        let digits: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
        description.id = format!("heads-{digits}");
        Ok(Self {
            description,
            weights: narrow,
        })
    }

    /// The heads that come with the program.
    ///
    /// # Errors
    /// None in a released binary: a test reads them.
    pub fn shipped() -> Result<Self, ModelError> {
        let unusable = |why: String| ModelError::Unusable {
            path: "(shipped heads)".into(),
            why,
        };
        let description = toml::from_str(SHIPPED_DESCRIPTION);
        Ok(Self {
            description: description.map_err(|error| unusable(error.to_string()))?,
            weights: weights(SHIPPED_WEIGHTS).map_err(unusable)?,
        })
    }

    /// Reads the heads in `folder`.
    ///
    /// # Errors
    /// [`ModelError::HeadsUnreadable`] or [`ModelError::Unusable`], naming the file. A description
    /// whose id is not that of weights and decisions is unusable too: a save that was cut off
    /// leaves one, and so does an edit.
    pub fn load(folder: &Path) -> Result<Self, ModelError> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(|error| ModelError::HeadsUnreadable {
                path,
                why: error.to_string(),
            })
        };
        let description = String::from_utf8_lossy(&read(DESCRIPTION)?).into_owned();
        let unusable = |name: &str, why: String| ModelError::Unusable {
            path: folder.join(name),
            why,
        };
        let description: HeadsDescription =
            toml::from_str(&description).map_err(|e| unusable(DESCRIPTION, e.to_string()))?;
        let weights = weights(&read(WEIGHTS)?).map_err(|why| unusable(WEIGHTS, why))?;
        let id = description.id.clone();
        let heads = Self::new(description, weights)?;
        if heads.description.id != id {
            let why = format!(
                "its id is {id}, weights and decisions are {}",
                heads.description.id
            );
            return Err(unusable(DESCRIPTION, why));
        }
        Ok(heads)
    }

    /// Writes them to `folder`, each file whole or not at all, weights first: a description
    /// without weights is never seen.
    ///
    /// # Errors
    /// [`ModelError::Unwritable`] naming the file.
    pub fn save(&self, folder: &Path) -> Result<(), ModelError> {
        let failed = |name: &str, why: String| ModelError::Unwritable {
            path: folder.join(name),
            why,
        };
        fs::create_dir_all(folder).map_err(|error| failed("", error.to_string()))?;
        let draft = |name: &str| folder.join(format!("{name}.draft"));
        let put = |name: &str| {
            fs::rename(draft(name), folder.join(name)).map_err(|e| failed(name, e.to_string()))
        };
        Tensor::write_safetensors(&self.weights, draft(WEIGHTS))
            .map_err(|error| failed(WEIGHTS, error.to_string()))?;
        put(WEIGHTS)?;
        let text = toml::to_string(&self.description)
            .map_err(|error| failed(DESCRIPTION, error.to_string()))?;
        let text = format!("# Written by `voc train`: do not edit it.\n{text}");
        fs::write(draft(DESCRIPTION), text).map_err(|e| failed(DESCRIPTION, e.to_string()))?;
        put(DESCRIPTION)
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
        if scores.answers.is_empty() {
            return Tags {
                themes: vec![Vec::new(); scores.sentences.len()],
                ..Tags::default()
            };
        }
        let ranges = answer_ranges();
        let sentiment = &scores.answers[ranges.sentiment];
        let leaning = self.decisions.leaning(sentiment);
        let sentences = scores.sentences.iter();
        let mut themes: Vec<Vec<ThemeTag>> =
            sentences.map(|s| self.themes_of(s, &leaning)).collect();
        keep_the_surest(&mut themes);
        Tags {
            kinds: self.kinds(scores),
            sentiment: self.sentiment(sentiment),
            urgency: Urgency::ALL[best(&scores.answers[ranges.urgency])],
            touchpoint: Touchpoint::ALL
                .get(best(&scores.answers[ranges.touchpoint]))
                .copied(),
            themes,
        }
    }

    fn kinds(&self, scores: &Scores) -> Vec<KindScore> {
        let evidence = self.decisions.evidence(scores, &self.themes);
        let own = Kind::ALL.iter().zip(&scores.answers[answer_ranges().kinds]);
        let decided = own.filter_map(|(kind, score)| {
            let decision = self.decisions.of_kind(*kind);
            let score = decision.holds(*score, &evidence)?;
            Some(KindScore { id: *kind, score })
        });
        decided.collect()
    }

    /// The label with the best score; the number is the probability of positive minus that
    /// of negative, whatever the label.
    fn sentiment(&self, scores: &[f32]) -> RecordSentiment {
        let probabilities = softmax(&self.decisions.spread(scores));
        let [negative, positive] = [Sentiment::Negative, Sentiment::Positive]
            .map(|label| of_sentiment(&probabilities, label));
        RecordSentiment {
            label: Sentiment::ALL[best(&self.decisions.shifted(scores))],
            score: SignedScore::clamped(positive - negative),
        }
    }

    fn themes_of(&self, sentence: &SentenceScores, leaning: &Polarities) -> Vec<ThemeTag> {
        let scored = self.themes.iter().zip(&sentence.themes);
        let mut tags: Vec<ThemeTag> = scored
            .zip(&sentence.theme_feeling)
            .filter_map(|((theme, score), feeling)| {
                let decision = self.decisions.of_theme(theme);
                Some(ThemeTag {
                    theme: theme.clone(),
                    score: decision.holds(*score)?,
                    sentiment: polarity(&sum(feeling, leaning)),
                })
            })
            .collect();
        tags.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
        tags
    }
}

/// A theme that several sentences speak of is mentioned where that is surest: a sentence
/// much less sure mostly goes on about it, or feels otherwise about something else. On the
/// development texts this takes away two in five mentions and hardly any theme.
fn keep_the_surest(themes: &mut [Vec<ThemeTag>]) {
    const NEARLY: f32 = 0.9;
    let mut surest: BTreeMap<ThemeId, f32> = BTreeMap::new();
    for tag in themes.iter().flatten() {
        let score = surest.entry(tag.theme.clone()).or_default();
        *score = score.max(tag.score.get());
    }
    for tags in themes {
        tags.retain(|tag| tag.score.get() >= NEARLY * surest[&tag.theme]);
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
    let mut views = file.tensors();
    // In the order that they are hashed in.
    views.sort_by(|a, b| a.0.cmp(&b.0));
    views
        .into_iter()
        .map(|(name, view)| {
            let tensor = Tensor::try_from(view).map_err(|error| error.to_string())?;
            Ok((name, tensor))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::decisions::{Decision, KindDecision};

    use super::*;

    fn description() -> HeadsDescription {
        let themes = ["delivery.speed", "service.agent"];
        let own = Decision {
            threshold: 0.2,
            ..Decision::default()
        };
        let rare = KindDecision {
            own,
            ..KindDecision::default()
        };
        HeadsDescription {
            id: "heads-0".to_owned(),
            encoder: "e".to_owned(),
            shared_layers: 8,
            themes: themes.map(|id| ThemeId::new(id).unwrap()).to_vec(),
            origin: Origin::default(),
            decisions: Decisions {
                sentiment_offsets: vec![0.0, 0.0, 0.0, 1.0],
                sentiment_temperature: 1.0,
                record_feeling: 1.0,
                kinds: BTreeMap::from([(Kind::Churn, rare)]),
                themes: BTreeMap::new(),
            },
        }
    }

    fn scores(of_kinds: [f32; 5], sentiment: [f32; 4], urgency: [f32; 4]) -> Scores {
        let touchpoint = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        let sentence = SentenceScores::of_piece(
            vec![1.0, 3.0],
            [0.0, 0.0, 1.0],
            vec![[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
        );
        let mut scores = Scores::new(1);
        scores.add_window(
            [&of_kinds[..], &sentiment, &urgency, &touchpoint].concat(),
            9,
        );
        scores.sentences[0].add_piece(sentence, 9);
        scores
    }

    #[test]
    fn each_label_holds_from_its_own_threshold_on() {
        let quiet = [-3.0; 5];
        let tags = |kinds| description().tags(&scores(kinds, [0.0; 4], [0.0; 4]));
        assert_eq!(tags(quiet).kinds, []);
        let found = tags([0.1, -3.0, -3.0, -3.0, -1.2]).kinds;
        let ids: Vec<Kind> = found.iter().map(|kind| kind.id).collect();
        assert_eq!(ids, [Kind::Complaint, Kind::Churn]);
        assert!(found[0].score.get() > 0.5 && found[1].score.get() < 0.5);
    }

    #[test]
    fn what_a_record_feels_counts_for_its_kinds() {
        let mut description = description();
        let mut praise = KindDecision::default();
        praise.evidence[Sentiment::ALL
            .iter()
            .position(|s| *s == Sentiment::Positive)
            .unwrap()] = 5.0;
        description.decisions.kinds.insert(Kind::Praise, praise);
        let kinds = |sentiment| {
            let tags = description.tags(&scores([-3.0; 5], sentiment, [0.0; 4]));
            tags.kinds.iter().map(|kind| kind.id).collect::<Vec<_>>()
        };
        assert_eq!(kinds([0.0, 0.0, 6.0, 0.0]), [Kind::Praise]);
        assert_eq!(kinds([6.0, 0.0, 0.0, 0.0]), []);
    }

    #[test]
    fn evidence_is_the_sentiments_then_the_surest_mention_of_each_feeling() {
        let description = description();
        let scores = scores([0.0; 5], [0.0, 9.0, 0.0, 0.0], [0.0; 4]);
        let evidence = description.decisions.evidence(&scores, &description.themes);
        assert!(evidence[1] > 0.99 && evidence[0] < 0.01, "{evidence:?}");
        // Both themes lean to the record's neutral feeling.
        let neutral = Polarity::ALL
            .iter()
            .position(|p| *p == Polarity::Neutral)
            .unwrap();
        let of_mentions = &evidence[Sentiment::ALL.len()..];
        assert!(of_mentions[neutral] > 0.8, "{evidence:?}");
        assert_eq!(
            description
                .decisions
                .evidence(&Scores::new(1), &description.themes),
            [0.0; 7]
        );
    }

    #[test]
    fn sentiment_is_the_best_after_its_offset_and_keeps_a_sign_of_its_own() {
        let of = |sentiment| {
            description()
                .tags(&scores([0.0; 5], sentiment, [0.0; 4]))
                .sentiment
        };
        assert_eq!(of([2.0, 0.0, 1.0, 0.5]).label, Sentiment::Negative);
        let mixed = of([2.0, 0.0, 1.0, 1.5]);
        assert_eq!(mixed.label, Sentiment::Mixed);
        assert!(mixed.score.get() < 0.0, "{mixed:?}");
    }

    #[test]
    fn themes_come_best_first_each_with_its_own_feeling() {
        let tags = description().tags(&scores([0.0; 5], [0.0; 4], [0.0, 0.0, 2.0, 0.0]));
        let themes: Vec<(&str, Polarity)> = tags.themes[0]
            .iter()
            .map(|tag| (tag.theme.as_str(), tag.sentiment))
            .collect();
        let expect = [
            ("service.agent", Polarity::Positive),
            ("delivery.speed", Polarity::Negative),
        ];
        assert_eq!(themes, expect);
        assert_eq!((tags.urgency.level(), tags.touchpoint), (2, None));
    }

    #[test]
    fn a_record_without_words_has_no_labels() {
        assert_eq!(description().tags(&Scores::new(0)), Tags::default());
    }

    #[test]
    fn the_shipped_heads_can_be_read_and_know_the_default_themes() {
        let heads = TrainedHeads::shipped().unwrap();
        let taxonomy = voc_core::Taxonomy::default_scheme().unwrap();
        let known = |theme: &voc_core::Theme| heads.description().knows(&theme.id);
        assert!(taxonomy.themes.iter().all(known));
        assert!(
            heads
                .weights
                .iter()
                .any(|(name, _)| name == "head.themes.weight")
        );
    }
}
