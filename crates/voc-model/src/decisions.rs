//! How the scores of trained heads become labels: fitted to development texts, kept beside
//! the weights.
//!
//! Scores are made probabilities by a line fitted to the development texts (Platt,
//! "Probabilistic Outputs for Support Vector Machines", 1999); a label holds from its own
//! threshold on, one of those with the best F1 there.
//!
//! A kind is decided by more than its own score: whether a record praises shows in how it
//! feels as a whole, and in what its sentences say about single themes. How much each of
//! these counts is fitted with the line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use voc_core::{Kind, Polarity, Probability, Sentiment, ThemeId};

use crate::few_shot::softmax;
use crate::nearest::sigmoid;
use crate::network::{Polarities, answer_ranges};
use crate::scores::Scores;

const SENTIMENTS: usize = Sentiment::ALL.len();
/// What a kind's decision looks at beside its own score, each from 0 to 1: the probability of
/// each sentiment in the order of [`Sentiment::ALL`], then of the surest mention of a theme
/// with each feeling in the order of [`Polarity::ALL`].
pub type Evidence = [f32; SENTIMENTS + Polarity::ALL.len()];

/// How scores become labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    /// Added to the scores of the sentiments, in the order of [`Sentiment::ALL`].
    pub sentiment_offsets: Vec<f32>,
    /// Scores of sentiments are divided by it.
    pub sentiment_temperature: f32,
    /// How much the record's sentiment has to say in how a sentence feels about a theme: what
    /// the logarithms of its probabilities are multiplied with.
    pub record_feeling: f32,
    /// Per kind.
    pub kinds: BTreeMap<Kind, KindDecision>,
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

/// How a kind's score becomes a yes or no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindDecision {
    /// What each piece of evidence is multiplied with before it is added to the line.
    pub evidence: Evidence,
    /// The line of the own score, and the threshold.
    pub own: Decision,
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

impl Decisions {
    /// The scores of the sentiments as probabilities take them.
    pub(crate) fn spread(&self, scores: &[f32]) -> Vec<f32> {
        let temperature = self.sentiment_temperature.max(0.05);
        scores.iter().map(|score| score / temperature).collect()
    }

    /// The scores of the sentiments that the label is chosen by: what is rare is helped.
    pub fn shifted(&self, scores: &[f32]) -> Vec<f32> {
        let offsets = self.sentiment_offsets.iter().copied();
        let offsets = offsets.chain(std::iter::repeat(0.0));
        let spread = self.spread(scores).into_iter();
        spread
            .zip(offsets)
            .map(|(score, offset)| score + offset)
            .collect()
    }

    /// What a record with these scores says beside a kind's own score; `themes` are those of
    /// the heads. No evidence of a record without words.
    pub fn evidence(&self, scores: &Scores, themes: &[ThemeId]) -> Evidence {
        let mut evidence = Evidence::default();
        let Some(sentiment) = scores.answers.get(answer_ranges().sentiment) else {
            return evidence;
        };
        evidence[..SENTIMENTS].copy_from_slice(&softmax(&self.spread(sentiment)));
        let leaning = self.leaning(sentiment);
        for sentence in &scores.sentences {
            let about = themes.iter().zip(&sentence.themes);
            for ((theme, score), feeling) in about.zip(&sentence.theme_feeling) {
                let spoken = self.of_theme(theme).probability(*score);
                let feeling = softmax(&sum(feeling, &leaning));
                for (surest, feels) in evidence[SENTIMENTS..].iter_mut().zip(feeling) {
                    *surest = surest.max(spoken * feels);
                }
            }
        }
        evidence
    }

    /// The decision about a kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> KindDecision {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }

    /// The decision about a theme.
    pub(crate) fn of_theme(&self, theme: &ThemeId) -> Decision {
        self.themes.get(theme).copied().unwrap_or_default()
    }

    /// What a record with these scores of sentiments adds to how its sentences feel about a
    /// theme.
    pub(crate) fn leaning(&self, sentiment: &[f32]) -> Polarities {
        leaning(&self.shifted(sentiment)).map(|log| log * self.record_feeling)
    }
}

/// The logarithm of how likely a record with these scores of sentiments speaks of something
/// in each feeling: a mixed one does so in both.
pub fn leaning(sentiment: &[f32]) -> Polarities {
    let probabilities = softmax(sentiment);
    let mixed = of_sentiment(&probabilities, Sentiment::Mixed);
    let mut logs = Polarities::default();
    for (log, polarity) in logs.iter_mut().zip(Polarity::ALL) {
        let own = of_sentiment(&probabilities, Sentiment::from(*polarity));
        let share = if *polarity == Polarity::Neutral {
            0.0
        } else {
            mixed / 2.0
        };
        *log = (own + share).max(0.01).ln();
    }
    logs
}

/// Adds up scores, one by one.
pub(crate) fn sum(a: &Polarities, b: &Polarities) -> Polarities {
    std::array::from_fn(|index| a[index] + b[index])
}

/// The number that stands for `label` among those of all sentiments.
pub(crate) fn of_sentiment(numbers: &[f32], label: Sentiment) -> f32 {
    let mut all = Sentiment::ALL.iter().zip(numbers);
    all.find(|(other, _)| **other == label)
        .map_or(0.0, |(_, n)| *n)
}

impl KindDecision {
    /// From 0 to 1.
    pub fn probability(&self, score: f32, evidence: &Evidence) -> f32 {
        let weighed = self.evidence.iter().zip(evidence);
        let weighed = weighed.map(|(weight, each)| weight * each).sum::<f32>();
        sigmoid(self.own.line(score) + weighed)
    }

    /// The probability, if the kind holds.
    pub(crate) fn holds(&self, score: f32, evidence: &Evidence) -> Option<Probability> {
        let probability = self.probability(score, evidence);
        (probability >= self.own.threshold).then(|| Probability::clamped(probability))
    }
}

impl Decision {
    /// From 0 to 1.
    pub fn probability(&self, score: f32) -> f32 {
        sigmoid(self.line(score))
    }

    fn line(&self, score: f32) -> f32 {
        self.slope * score + self.intercept
    }

    /// The probability, if the label holds.
    pub(crate) fn holds(&self, score: f32) -> Option<Probability> {
        let probability = self.probability(score);
        (probability >= self.threshold).then(|| Probability::clamped(probability))
    }
}
