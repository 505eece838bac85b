//! Heads without training: labels go to texts that lie near their examples.
//!
//! All vectors are centred per language (the mean of that language's examples becomes the
//! origin), which takes off most of what a vector says about its language and leaves what
//! it says about its content. For kinds, themes, urgency and touchpoint a label's score is
//! the mean cosine of its nearest examples; for feeling see `discriminant.rs`. There is
//! nothing to train, and a new theme works as soon as it has examples: so they speak for the
//! themes that trained heads do not know, and for everything where none fit the encoder.
//!
//! The few constants below were set on the demo records, labelled by one reader before there
//! was a corpus; `models/CARD.md` shows what they reach elsewhere.

use std::collections::BTreeMap;
use std::path::Path;

use voc_core::{
    Kind, KindScore, Polarity, Probability, RecordSentiment, Sentiment, SignedScore, Taxonomy,
    ThemeId, Touchpoint, Urgency,
};

use crate::centring::{Centred, CentredRecord, Centres};
use crate::discriminant::Discriminant;
use crate::examples::{Shown, Shows, shown};
use crate::nearest::{ExampleSet, sigmoid};
use crate::tags::{Tags, ThemeTag};
use crate::{Encoder, ModelError};

/// Similarities differ by a few hundredths: this makes them probabilities.
const TEMPERATURE: f32 = 0.05;
/// A message gets every kind that comes this close to the best.
const KIND_SLACK: f32 = 0.02;
/// A sentence gets a kind only if it leads all others by this much.
const KIND_LEAD: f32 = 0.01;
/// Leaving is rare, and taken for granted it would be seen everywhere: it must lead by this
/// much, in a sentence or a message.
const CHURN_LEAD: f32 = 0.03;
/// A second theme of a sentence is assigned too if it comes this close to the best.
const THEME_SLACK: f32 = 0.02;
/// Themes of one sentence, at most.
const THEMES_PER_SENTENCE: usize = 2;
/// Share of a theme's examples that may lie below the threshold: how near an example is to
/// its own kind tells how near a sentence must be.
const THEME_QUANTILE: f32 = 0.18;
/// From this lead over the other feelings on, a sentence is clearly negative; complaints
/// are told in detail, and details sound negative.
const CLEARLY_NEGATIVE: f32 = 0.1;
/// As [`CLEARLY_NEGATIVE`], for positive.
const CLEARLY_POSITIVE: f32 = 0.0;

/// What the heads say about one unit or sentence.
#[derive(Clone, Debug, PartialEq)]
struct Reading<L> {
    label: L,
    score: Probability,
}

/// How a sentence feels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Feeling {
    /// The nearest label, for a mention in the sentence.
    polarity: Polarity,
    /// Whether it is clear enough to count for the whole record.
    clear: bool,
    /// From -1 to 1.
    score: f32,
}

/// The heads of one taxonomy and encoder.
pub struct ExampleHeads {
    centres: Centres,
    themes: Vec<ThemeId>,
    kind: ExampleSet<Option<Kind>>,
    feeling: Discriminant<Polarity>,
    urgency: ExampleSet<Urgency>,
    touchpoint: ExampleSet<Touchpoint>,
    theme: ExampleSet<Option<usize>>,
    theme_threshold: f32,
}

impl ExampleHeads {
    /// Encodes the examples of `taxonomy` (or reads them from `cache`, a folder).
    ///
    /// # Errors
    /// [`ModelError`] if the encoder refuses an example.
    pub fn new(
        encoder: &Encoder,
        taxonomy: &Taxonomy,
        cache: Option<&Path>,
    ) -> Result<Self, ModelError> {
        let shown = shown(encoder, taxonomy, cache)?;
        let themes = taxonomy
            .themes
            .iter()
            .map(|theme| theme.id.clone())
            .collect();
        Self::from_examples(&shown, themes, encoder.dimensions())
    }

    fn from_examples(
        shown: &[Shown],
        themes: Vec<ThemeId>,
        dimensions: usize,
    ) -> Result<Self, ModelError> {
        let centres = Centres::new(shown, dimensions);
        let examples: Vec<(Shows, Vec<f32>)> = shown
            .iter()
            .map(|example| {
                let centred = centres.centred(&example.vector, example.language);
                (example.shows, centred.values().to_vec())
            })
            .collect();
        let kind = select(&examples, |shows| match shows {
            Shows::Kind(kind) => Some(Some(kind)),
            Shows::Nothing => Some(None),
            _ => None,
        });
        let theme = select(&examples, |shows| match shows {
            Shows::Theme(index, _) => Some(Some(index)),
            Shows::Nothing => Some(None),
            _ => None,
        });
        let theme = ExampleSet::new(theme);
        Ok(Self {
            themes,
            kind: ExampleSet::new(kind),
            feeling: Discriminant::fit(
                Polarity::ALL,
                &select(&examples, polarity_shown),
                dimensions,
            )?,
            urgency: ExampleSet::new(select(&examples, |shows| match shows {
                Shows::Urgency(urgency) => Some(urgency),
                _ => None,
            })),
            touchpoint: ExampleSet::new(select(&examples, |shows| match shows {
                Shows::Touchpoint(touchpoint) => Some(touchpoint),
                _ => None,
            })),
            theme_threshold: theme.own_label_quantile(THEME_QUANTILE),
            theme,
            centres,
        })
    }

    /// Moves vectors into the heads' space.
    pub fn centres(&self) -> &Centres {
        &self.centres
    }

    /// The labels of a record.
    pub fn tags(&self, record: &CentredRecord) -> Tags {
        let feelings: Vec<Feeling> = record.sentences.iter().map(|s| self.feeling(s)).collect();
        let kinds = self.kinds_of_record(record);
        let themes: Vec<Vec<ThemeTag>> =
            record.sentences.iter().map(|s| self.themes_of(s)).collect();
        let has_content = !kinds.is_empty() || themes.iter().any(|themes| !themes.is_empty());
        let urgencies = record.units.iter().map(|unit| self.urgency(unit));
        Tags {
            sentiment: sentiment(&feelings),
            urgency: urgencies.max().filter(|_| has_content).unwrap_or_default(),
            touchpoint: self.touchpoint(&record.whole).filter(|_| has_content),
            kinds,
            themes,
        }
    }

    /// How a record feels on the whole: the mean over its sentences, from -1 to 1.
    pub fn mean_feeling(&self, record: &CentredRecord) -> f32 {
        let scores = record.sentences.iter().map(|s| self.feeling(s).score);
        scores.sum::<f32>() / record.sentences.len().max(1) as f32
    }

    /// The themes of a sentence, with its feeling, best first.
    pub fn themes_of(&self, sentence: &Centred) -> Vec<ThemeTag> {
        let sentiment = self.polarity(sentence);
        let tag = |reading: Reading<ThemeId>| ThemeTag {
            theme: reading.label,
            score: reading.score,
            sentiment,
        };
        self.themes(sentence).into_iter().map(tag).collect()
    }

    /// How a sentence feels.
    pub fn polarity(&self, sentence: &Centred) -> Polarity {
        self.feeling(sentence).polarity
    }

    /// The union over all messages and the clearest kind of each sentence, each kind with
    /// its best score, in canonical order.
    fn kinds_of_record(&self, record: &CentredRecord) -> Vec<KindScore> {
        let units = record.units.iter().flat_map(|unit| self.kinds(unit));
        let sentences = record.sentences.iter();
        let readings = units.chain(sentences.filter_map(|s| self.kind_of_sentence(s)));
        let mut best: BTreeMap<Kind, Probability> = BTreeMap::new();
        for Reading { label, score } in readings {
            let known = best.entry(label).or_insert(score);
            if score > *known {
                *known = score;
            }
        }
        let kinds = Kind::ALL.iter().filter_map(|id| {
            let score = *best.get(id)?;
            Some(KindScore { id: *id, score })
        });
        kinds.collect()
    }

    /// The kinds of a whole message, best first.
    fn kinds(&self, vector: &Centred) -> Vec<Reading<Kind>> {
        leading(&self.kind.scores(vector.values()), |kind| {
            lead_of(kind, -KIND_SLACK)
        })
    }

    /// The kind of a single sentence, if it stands out.
    fn kind_of_sentence(&self, vector: &Centred) -> Option<Reading<Kind>> {
        leading(&self.kind.scores(vector.values()), |kind| {
            lead_of(kind, KIND_LEAD)
        })
        .into_iter()
        .next()
    }

    /// How a sentence feels.
    fn feeling(&self, vector: &Centred) -> Feeling {
        let scores = self.feeling.scores(vector.values());
        let of = |wanted| {
            scores
                .iter()
                .find(|(label, _)| *label == wanted)
                .map_or(0.0, |(_, s)| *s)
        };
        let (negative, neutral, positive) = (
            of(Polarity::Negative),
            of(Polarity::Neutral),
            of(Polarity::Positive),
        );
        let polarity = best(&scores).unwrap_or(Polarity::Neutral);
        let clear = match polarity {
            Polarity::Negative => negative - neutral.max(positive) > CLEARLY_NEGATIVE,
            Polarity::Positive => positive - neutral.max(negative) > CLEARLY_POSITIVE,
            Polarity::Neutral => false,
        };
        Feeling {
            polarity,
            clear,
            score: (positive - negative).clamp(-1.0, 1.0),
        }
    }

    /// The urgency of a text.
    fn urgency(&self, vector: &Centred) -> Urgency {
        best(&self.urgency.scores(vector.values())).unwrap_or_default()
    }

    /// The touchpoint of a text that has one.
    fn touchpoint(&self, vector: &Centred) -> Option<Touchpoint> {
        best(&self.touchpoint.scores(vector.values()))
    }

    /// The themes of a sentence, best first.
    fn themes(&self, vector: &Centred) -> Vec<Reading<ThemeId>> {
        let scores = self.theme.scores(vector.values());
        let best = scores
            .iter()
            .map(|(_, score)| *score)
            .fold(f32::NEG_INFINITY, f32::max);
        let none = scores
            .iter()
            .find(|(label, _)| label.is_none())
            .map_or(-1.0, |(_, s)| *s);
        let bar = self.theme_threshold.max(none).max(best - THEME_SLACK);
        let above = scores
            .into_iter()
            .filter_map(|(label, score)| Some((self.themes[label?].clone(), score - bar)))
            .filter(|(_, margin)| *margin >= 0.0);
        let mut readings = ranked(above.collect());
        readings.truncate(THEMES_PER_SENTENCE);
        readings
    }
}

/// Mixed if both signs are clear in some sentence, else the clear sign; the score is the
/// mean over sentences.
fn sentiment(feelings: &[Feeling]) -> RecordSentiment {
    let clear = |polarity| feelings.iter().any(|f| f.clear && f.polarity == polarity);
    let label = match (clear(Polarity::Negative), clear(Polarity::Positive)) {
        (true, true) => Sentiment::Mixed,
        (true, false) => Sentiment::Negative,
        (false, true) => Sentiment::Positive,
        (false, false) => return RecordSentiment::default(),
    };
    let sum: f32 = feelings.iter().map(|feeling| feeling.score).sum();
    RecordSentiment {
        label,
        score: SignedScore::clamped(sum / feelings.len() as f32),
    }
}

/// How far `kind` must lead all others, if `usual` is what most must.
fn lead_of(kind: Kind, usual: f32) -> f32 {
    if kind == Kind::Churn {
        CHURN_LEAD
    } else {
        usual
    }
}

/// Every label whose score leads that of all others, "no label" among them, by at least its
/// `lead`; a negative lead lets close ones in. Best first; at the bar a score is one half.
fn leading<L: Copy + PartialEq>(
    scores: &[(Option<L>, f32)],
    lead: impl Fn(L) -> f32,
) -> Vec<Reading<L>> {
    let best_other = |label: L| {
        let others = scores.iter().filter(|(other, _)| *other != Some(label));
        others
            .map(|(_, score)| *score)
            .fold(f32::NEG_INFINITY, f32::max)
    };
    let margins = scores.iter().filter_map(|(label, score)| {
        let label = (*label)?;
        Some((label, score - best_other(label) - lead(label)))
    });
    ranked(margins.filter(|(_, margin)| *margin >= 0.0).collect())
}

/// Readings of labels by how far they are above their bar, best first.
fn ranked<L>(mut above: Vec<(L, f32)>) -> Vec<Reading<L>> {
    above.sort_by(|a, b| b.1.total_cmp(&a.1));
    let reading = |(label, margin)| Reading {
        label,
        score: Probability::clamped(sigmoid(margin / TEMPERATURE)),
    };
    above.into_iter().map(reading).collect()
}

fn best<L: Copy>(scores: &[(L, f32)]) -> Option<L> {
    scores
        .iter()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(label, _)| *label)
}

/// Examples of sentiment and of themes both show how a sentence feels.
fn polarity_shown(shows: Shows) -> Option<Polarity> {
    match shows {
        Shows::Theme(_, polarity) => polarity,
        Shows::Sentiment(Sentiment::Negative) => Some(Polarity::Negative),
        Shows::Sentiment(Sentiment::Neutral) => Some(Polarity::Neutral),
        Shows::Sentiment(Sentiment::Positive) => Some(Polarity::Positive),
        _ => None,
    }
}

fn select<L>(
    examples: &[(Shows, Vec<f32>)],
    label: impl Fn(Shows) -> Option<L>,
) -> Vec<(L, Vec<f32>)> {
    examples
        .iter()
        .filter_map(|(shows, vector)| label(*shows).map(|label| (label, vector.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use voc_core::Language;

    use super::*;

    /// A toy space: x is "complaint, delivery, negative", y is "praise, staff, positive",
    /// z is everything else.
    fn heads() -> ExampleHeads {
        let at = |x: f32, y: f32, z: f32| crate::batch::unit_length(vec![x, y, z]);
        let mut shown = Vec::new();
        for nudge in [0.0, 0.05, 0.1, 0.15] {
            let corners = [
                at(1.0, nudge, 0.0),
                at(nudge, 1.0, 0.0),
                at(0.0, nudge, 1.0),
            ];
            let shows = [
                [
                    Shows::Kind(Kind::Complaint),
                    Shows::Theme(0, Some(Polarity::Negative)),
                    Shows::Sentiment(Sentiment::Negative),
                    Shows::Touchpoint(Touchpoint::Delivery),
                ],
                [
                    Shows::Kind(Kind::Praise),
                    Shows::Theme(1, Some(Polarity::Positive)),
                    Shows::Sentiment(Sentiment::Positive),
                    Shows::Touchpoint(Touchpoint::Support),
                ],
                [
                    Shows::Nothing,
                    Shows::Nothing,
                    Shows::Sentiment(Sentiment::Neutral),
                    Shows::Nothing,
                ],
            ];
            for (vector, shows) in corners.iter().zip(shows) {
                shown.extend(shows.map(|shows| Shown {
                    shows,
                    language: Language::EN,
                    vector: vector.clone(),
                }));
            }
        }
        let themes = ["delivery.speed", "service.agent"];
        let themes = themes.map(|id| ThemeId::new(id).unwrap()).to_vec();
        ExampleHeads::from_examples(&shown, themes, 3).unwrap()
    }

    #[track_caller]
    fn check(vector: [f32; 3], kinds: &[Kind], themes: &[&str], polarity: Polarity) {
        let heads = heads();
        let vector = heads
            .centres()
            .centred(&crate::batch::unit_length(vector.to_vec()), Language::EN);
        let found: Vec<Kind> = heads.kinds(&vector).into_iter().map(|r| r.label).collect();
        assert_eq!(found, kinds);
        let found: Vec<String> = heads
            .themes(&vector)
            .into_iter()
            .map(|r| r.label.to_string())
            .collect();
        assert_eq!(found, themes);
        assert_eq!(heads.feeling(&vector).polarity, polarity);
    }

    #[test]
    fn a_text_gets_the_labels_of_the_examples_it_lies_near() {
        check(
            [1.0, 0.07, 0.0],
            &[Kind::Complaint],
            &["delivery.speed"],
            Polarity::Negative,
        );
        check(
            [0.07, 1.0, 0.0],
            &[Kind::Praise],
            &["service.agent"],
            Polarity::Positive,
        );
    }

    #[test]
    fn a_text_near_no_label_gets_none() {
        check([0.0, 0.07, 1.0], &[], &[], Polarity::Neutral);
    }

    #[test]
    fn scores_are_at_least_one_half_and_signs_agree_with_labels() {
        let heads = heads();
        let vector = heads.centres().centred(&[0.997, 0.07, 0.0], Language::EN);
        assert!(heads.kinds(&vector)[0].score.get() >= 0.5);
        assert!(heads.feeling(&vector).score < 0.0);
        assert_eq!(heads.touchpoint(&vector), Some(Touchpoint::Delivery));
    }
}
