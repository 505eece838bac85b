//! How scores become labels, fitted to development texts.

use tch::{Kind as NumberType, Tensor};
use voc_core::{Kind, Sentiment, ThemeId};
use voc_model::{
    Decision, Decisions, Evidence, KindDecision, Polarities, Scores, TaskNetwork, answer_ranges,
    leaning, window_scores,
};

use crate::texts::Texts;
use crate::{Targets, TrainError};

/// Texts per pass.
const BATCH: usize = 32;
/// No theme's score is lower; that of one in a text without sentences.
const NEVER: f32 = -30.0;
/// Cuts whose F1 is this close to the best are as good: of them the one is taken above which
/// there are about as many texts as there should be. Reports count.
const AS_GOOD: f64 = 0.015;
/// A label with fewer positives keeps the plain threshold of one half.
const FEW: usize = 5;
/// One in this many is hardly any.
const HARDLY_ANY: usize = 100;
/// Newton steps of the fit; it converges in about ten.
const STEPS: usize = 50;
/// Keeps the fit's slope and intercept from running away where a cut is perfect.
const RIDGE: f64 = 1e-3;
/// How far weights of evidence are kept from running away: it is from 0 to 1, and there are
/// a few hundred texts.
const EVIDENCE_RIDGE: f64 = 1.0;

/// A score, and whether the label holds.
type Scored = Vec<(f32, bool)>;

/// A development text: what the network says, and what is right.
struct Answered<'t> {
    scores: Scores,
    targets: &'t Targets,
}

/// How a sentence feels about a theme that it speaks of.
struct Felt {
    /// What its record adds to it.
    leaning: Polarities,
    scores: Polarities,
    right: usize,
}

/// Fits decisions to what `network` says about `texts`.
///
/// # Errors
/// [`TrainError`] if libtorch refuses an operation.
pub(crate) fn decide(
    network: &TaskNetwork,
    texts: &Texts,
    themes: &[ThemeId],
) -> Result<Decisions, TrainError> {
    let answered = tch::no_grad(|| answer(network, texts))?;
    let range = answer_ranges().sentiment;
    let sentiment = answered.iter().map(|text| {
        let scores = text.scores.answers[range.clone()].to_vec();
        (scores, text.targets.sentiment as usize)
    });
    let sentiment: Vec<(Vec<f32>, usize)> = sentiment.collect();
    let temperature = temperature(&sentiment);
    let mut decisions = Decisions {
        sentiment_offsets: sentiment_offsets(&sentiment, temperature),
        sentiment_temperature: temperature,
        ..Decisions::default()
    };
    for (index, theme) in themes.iter().enumerate() {
        let decision = decision(&of_theme(&answered, index))?;
        decisions.themes.insert(theme.clone(), decision);
    }
    decisions.record_feeling = record_feeling(&felt(&answered, &decisions));
    let evidence = answered.iter();
    let evidence: Vec<Evidence> = evidence
        .map(|text| decisions.evidence(&text.scores, themes))
        .collect();
    for (index, kind) in Kind::ALL.iter().enumerate() {
        let decision = kind_decision(&of_kind(&answered, index), &evidence)?;
        decisions.kinds.insert(*kind, decision);
    }
    Ok(decisions)
}

fn answer<'t>(network: &TaskNetwork, texts: &'t Texts) -> Result<Vec<Answered<'t>>, TrainError> {
    let mut answered = Vec::with_capacity(texts.len());
    for indexes in texts.by_length(BATCH) {
        let batch = texts.batch(&indexes)?;
        let hidden = batch.hidden.shallow_clone();
        let outputs = network.forward(hidden, &batch.mask, &batch.layout, None)?;
        let said = window_scores(&batch.layout, &outputs)?;
        answered.extend(batch.texts.iter().zip(said).map(|(text, said)| {
            let mut scores = Scores::new(text.targets.sentences.len());
            scores.add(&text.window, said);
            Answered {
                scores,
                targets: &text.targets,
            }
        }));
    }
    Ok(answered)
}

fn of_kind(answered: &[Answered<'_>], kind: usize) -> Scored {
    let place = answer_ranges().kinds.start + kind;
    let texts = answered.iter();
    texts
        .map(|text| (text.scores.answers[place], text.targets.kinds[kind] > 0.5))
        .collect()
}

/// The score of the sentence that is most sure of it.
fn of_theme(answered: &[Answered<'_>], theme: usize) -> Scored {
    let texts = answered.iter().map(|text| {
        let sentences = text.scores.sentences.iter();
        let scores = sentences.filter_map(|sentence| sentence.themes.get(theme).copied());
        let surest = scores.fold(NEVER, f32::max);
        (surest, text.targets.themes.contains(&theme))
    });
    texts.collect()
}

/// How sentences feel about the themes that they really speak of.
fn felt(answered: &[Answered<'_>], decisions: &Decisions) -> Vec<Felt> {
    let range = answer_ranges().sentiment;
    let of_text = |text: &Answered<'_>| {
        let leaning = leaning(&decisions.shifted(&text.scores.answers[range.clone()]));
        let sentences = text.scores.sentences.iter().zip(&text.targets.sentences);
        let felt = sentences.flat_map(|(sentence, spoken)| {
            spoken.iter().filter_map(|(theme, right)| {
                Some(Felt {
                    leaning,
                    scores: *sentence.theme_feeling.get(*theme)?,
                    right: right.feeling as usize,
                })
            })
        });
        felt.collect::<Vec<_>>()
    };
    answered.iter().flat_map(of_text).collect()
}

fn kind_decision(
    scored: &[(f32, bool)],
    evidence: &[Evidence],
) -> Result<KindDecision, TrainError> {
    let features = scored.iter().zip(evidence);
    let features: Vec<Vec<f32>> = features
        .map(|((score, _), evidence)| [&[*score, 1.0], &evidence[..]].concat())
        .collect();
    let weights = fit(&features, scored)?;
    let mut decision = KindDecision {
        own: Decision {
            slope: weights[0],
            intercept: weights[1],
            ..Decision::default()
        },
        ..KindDecision::default()
    };
    decision.evidence.copy_from_slice(&weights[2..]);
    let probable = scored.iter().zip(evidence);
    let probable: Scored = probable
        .map(|((score, holds), evidence)| (decision.probability(*score, evidence), *holds))
        .collect();
    decision.own.threshold = threshold(&probable).unwrap_or(decision.own.threshold);
    Ok(decision)
}

fn decision(scored: &[(f32, bool)]) -> Result<Decision, TrainError> {
    let features: Vec<Vec<f32>> = scored.iter().map(|(score, _)| vec![*score, 1.0]).collect();
    let weights = fit(&features, scored)?;
    let mut decision = Decision {
        slope: weights[0],
        intercept: weights[1],
        ..Decision::default()
    };
    let probable = scored.iter();
    let probable: Scored = probable
        .map(|(score, holds)| (decision.probability(*score), *holds))
        .collect();
    decision.threshold = threshold(&probable).unwrap_or(decision.threshold);
    Ok(decision)
}

/// The weights of `features` (the score first, then 1, then evidence) with which the sigmoid
/// makes what is right most likely (Platt, 1999, with the targets that he proposes for small
/// samples). Without data the first weight is 1 and the others are 0.
fn fit(features: &[Vec<f32>], scored: &[(f32, bool)]) -> Result<Vec<f32>, TrainError> {
    let width = features.first().map_or(2, Vec::len);
    let positives = scored.iter().filter(|(_, holds)| *holds).count() as f64;
    let negatives = scored.len() as f64 - positives;
    let (high, low) = (
        (positives + 1.0) / (positives + 2.0),
        1.0 / (negatives + 2.0),
    );
    let wanted: Vec<f64> = scored
        .iter()
        .map(|(_, holds)| if *holds { high } else { low })
        .collect();
    let wanted = Tensor::from_slice(&wanted).f_view([-1, 1])?;
    let features = Tensor::from_slice(&features.concat()).f_view([-1, width as i64])?;
    let features = features.f_to_kind(NumberType::Double)?;
    let ridge: Vec<f64> = (0..width)
        .map(|index| if index < 2 { RIDGE } else { EVIDENCE_RIDGE })
        .collect();
    let ridge = Tensor::from_slice(&ridge);
    let start: Vec<f64> = (0..width)
        .map(|index| f64::from(u8::from(index == 0)))
        .collect();
    let start = Tensor::from_slice(&start).f_view([-1, 1])?;
    let mut weights = start.copy();
    for _ in 0..STEPS {
        let probable = features.f_mm(&weights)?.f_sigmoid()?;
        let pull = (&weights - &start) * ridge.f_view([-1, 1])?;
        let gradient = features.f_tr()?.f_mm(&(&probable - &wanted))? + pull;
        let spread = (&probable - probable.f_square()?).f_clamp_min(1e-9)?;
        let curvature = features.f_tr()?.f_mm(&(&features * spread))? + ridge.f_diag(0)?;
        // At most one unit at a time: far from the solution a Newton step may overshoot.
        let step = Tensor::f_linalg_solve(&curvature, &gradient, true)?.f_clamp(-1.0, 1.0)?;
        weights -= step;
    }
    Ok(Vec::try_from(
        weights.f_view([-1])?.f_to_kind(NumberType::Float)?,
    )?)
}

/// The cut with the best F1, or one as good: above it a label holds.
fn threshold(scored: &[(f32, bool)]) -> Option<f32> {
    let positives = scored.iter().filter(|(_, holds)| *holds).count();
    if positives < FEW {
        return None;
    }
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut hits = 0;
    let mut cuts: Vec<Cut> = Vec::new();
    for (index, (score, holds)) in sorted.iter().enumerate() {
        hits += usize::from(*holds);
        let next = sorted.get(index + 1).map_or(0.0, |(next, _)| *next);
        if next < *score {
            let found = index + 1;
            cuts.push(Cut {
                at: (score + next) / 2.0,
                f1: 2.0 * hits as f64 / (found + positives) as f64,
                miscounted: found.abs_diff(positives),
            });
        }
    }
    let best = cuts.iter().map(|cut| cut.f1).fold(0.0, f64::max);
    let good = cuts.iter().filter(|cut| cut.f1 >= best - AS_GOOD);
    good.min_by_key(|cut| cut.miscounted).map(|cut| cut.at)
}

/// A place to cut probabilities at.
struct Cut {
    at: f32,
    f1: f64,
    /// How far the number of texts above it is from the right one.
    miscounted: usize,
}

/// What scores are divided by so that the right sentiments are most likely.
fn temperature(sentiment: &[(Vec<f32>, usize)]) -> f32 {
    let surprise = |temperature: f32| -> f64 {
        let each = sentiment.iter().map(|(scores, right)| {
            let powers: Vec<f64> = scores.iter().map(|s| f64::from(s / temperature)).collect();
            let sum: f64 = powers.iter().map(|power| power.exp()).sum();
            sum.ln() - powers[*right]
        });
        each.sum()
    };
    let candidates = (5..=40).map(|step| step as f32 / 10.0);
    candidates
        .min_by(|a, b| surprise(*a).total_cmp(&surprise(*b)))
        .unwrap_or(1.0)
}

/// What is added to the scores so that the mean F1 over sentiments is best: one sentiment
/// after the other, twice round.
fn sentiment_offsets(sentiment: &[(Vec<f32>, usize)], temperature: f32) -> Vec<f32> {
    let mut offsets = vec![0.0_f32; Sentiment::ALL.len()];
    for _ in 0..2 {
        for index in 0..offsets.len() {
            let at = |step: i32| {
                let mut tried = offsets.clone();
                tried[index] = step as f32 / 10.0;
                (macro_f1(sentiment, temperature, &tried), tried[index])
            };
            // From nothing outwards: of equal offsets the smallest is kept.
            let steps = (0..=10).flat_map(|step| [step, -step]);
            let start = (macro_f1(sentiment, temperature, &offsets), offsets[index]);
            let best =
                steps.map(at).fold(
                    start,
                    |best, tried| {
                        if tried.0 > best.0 + 1e-9 { tried } else { best }
                    },
                );
            offsets[index] = best.1;
        }
    }
    offsets
}

/// How much the record's sentiment should say in how its sentences feel: as much as costs
/// hardly any that are right. Development texts hardly tell one weight from another, and a
/// mention that contradicts its record for nothing is not trusted.
fn record_feeling(felt: &[Felt]) -> f32 {
    let right = |weight: f32| {
        let hits = felt.iter().filter(|felt| {
            let score = |index: &usize| felt.scores[*index] + weight * felt.leaning[*index];
            let best = (0..felt.scores.len()).max_by(|a, b| score(a).total_cmp(&score(b)));
            best == Some(felt.right)
        });
        hits.count()
    };
    let weights = (0..=20).map(|step| step as f32 / 10.0);
    let tried: Vec<(f32, usize)> = weights.map(|weight| (weight, right(weight))).collect();
    let best = tried.iter().map(|(_, hits)| *hits).max().unwrap_or(0);
    let enough = best - best / HARDLY_ANY;
    let greatest = tried.iter().rev().find(|(_, hits)| *hits >= enough);
    greatest.map_or(0.0, |(weight, _)| *weight)
}

fn macro_f1(sentiment: &[(Vec<f32>, usize)], temperature: f32, offsets: &[f32]) -> f64 {
    let count = offsets.len();
    let (mut hits, mut found, mut gold) = (
        vec![0.0_f64; count],
        vec![0.0_f64; count],
        vec![0.0_f64; count],
    );
    for (scores, right) in sentiment {
        let shifted = |index: &usize| scores[*index] / temperature + offsets[*index];
        let best = (0..count)
            .max_by(|a, b| shifted(a).total_cmp(&shifted(b)))
            .unwrap_or(0);
        found[best] += 1.0;
        gold[*right] += 1.0;
        hits[*right] += if best == *right { 1.0 } else { 0.0 };
    }
    let f1 = (0..count).map(|label| 2.0 * hits[label] / (found[label] + gold[label]).max(1.0));
    f1.sum::<f64>() / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_mean_what_they_say() {
        // Scores that are twice too sure: of those at 2 and -2, one in eight is wrong.
        let scored: Scored = (0..800)
            .map(|index| {
                let high = index % 2 == 0;
                let wrong = (index / 2) % 8 == 0;
                (if high { 4.0 } else { -4.0 }, high != wrong)
            })
            .collect();
        let fitted = decision(&scored).unwrap();
        assert!((fitted.probability(4.0) - 0.875).abs() < 0.01, "{fitted:?}");
        assert!(
            (fitted.probability(-4.0) - 0.125).abs() < 0.01,
            "{fitted:?}"
        );
    }

    #[test]
    fn evidence_that_tells_counts() {
        // The own score says nothing, the third piece of evidence all.
        let scored: Scored = (0..200).map(|index| (0.0, index % 2 == 0)).collect();
        let evidence = scored.iter().map(|(_, holds)| {
            let mut evidence = Evidence::default();
            evidence[2] = f32::from(u8::from(*holds));
            evidence
        });
        let evidence: Vec<Evidence> = evidence.collect();
        let fitted = kind_decision(&scored, &evidence).unwrap();
        for ((_, holds), evidence) in scored.iter().zip(&evidence) {
            let probability = fitted.probability(0.0, evidence);
            assert_eq!(probability > fitted.own.threshold, *holds, "{fitted:?}");
        }
    }

    #[test]
    fn a_label_holds_from_where_its_f1_is_best() {
        let scored: Scored = (0..100)
            .map(|index| (index as f32 / 100.0, index >= 70))
            .collect();
        let cut = threshold(&scored).unwrap();
        assert!((0.68..0.71).contains(&cut), "{cut}");
        assert_eq!(threshold(&scored[..72]), None, "two positives say nothing");
    }

    #[test]
    fn offsets_mend_a_sentiment_that_is_never_chosen() {
        let sentiment: Vec<(Vec<f32>, usize)> = (0..40)
            .map(|index| match index % 4 {
                3 => (vec![1.0, 0.0, 0.0, 0.8], 3),
                right => {
                    let mut scores = vec![0.0; 4];
                    scores[right] = 2.0;
                    (scores, right)
                }
            })
            .collect();
        let offsets = sentiment_offsets(&sentiment, 1.0);
        assert!(offsets[3] > offsets[0], "{offsets:?}");
        assert_eq!(macro_f1(&sentiment, 1.0, &offsets), 1.0);
    }

    #[test]
    fn the_record_says_as_much_about_its_sentences_as_costs_nothing() {
        // A sentence that says nothing, and one that is surer by `margin` than its record,
        // which feels the opposite.
        let felt = |margin: f32| {
            let silent = Felt {
                leaning: [0.0, 0.0, 2.0],
                scores: [0.0; 3],
                right: 2,
            };
            let sure = Felt {
                leaning: [0.0, 0.0, 2.0],
                scores: [margin, 0.0, 0.0],
                right: 0,
            };
            record_feeling(&[silent, sure])
        };
        assert_eq!(felt(5.0), 2.0);
        assert_eq!(felt(1.0), 0.4);
    }
}
