//! How scores become labels, fitted to development texts.

use std::collections::BTreeMap;

use tch::Tensor;
use voc_core::{Kind, Polarity, Sentiment, ThemeId};
use voc_model::{Decision, Decisions, Polarities, TaskNetwork, answer_ranges, leaning};

use crate::TrainError;
use crate::loss::surest;
use crate::texts::Texts;

/// Texts per pass.
const BATCH: usize = 32;
/// Cuts whose F1 is this close to the best are as good: of them the one is taken above which
/// there are about as many texts as there should be. Reports count.
const AS_GOOD: f64 = 0.015;
/// A label with fewer positives keeps the plain threshold of one half.
const FEW: usize = 5;
/// Newton steps of the fit; it converges in about ten.
const STEPS: usize = 50;
/// Keeps the fit's slope and intercept from running away where a cut is perfect.
const RIDGE: f64 = 1e-3;

/// A score, and whether the label holds.
type Scored = Vec<(f32, bool)>;

/// What the network says about development texts, beside what is right.
struct Answered {
    kinds: Vec<Scored>,
    themes: Vec<Scored>,
    /// Scores of the sentiments and the right one.
    sentiment: Vec<(Vec<f32>, usize)>,
    feeling: Vec<Felt>,
}

/// How a sentence feels about a theme that it speaks of.
struct Felt {
    /// Place of its record in [`Answered::sentiment`].
    record: usize,
    scores: Vec<f32>,
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
    let answered = tch::no_grad(|| answer(network, texts, themes.len()))?;
    let temperature = temperature(&answered.sentiment);
    let offsets = sentiment_offsets(&answered.sentiment, temperature);
    Ok(Decisions {
        record_feeling: record_feeling(&answered, temperature, &offsets),
        sentiment_offsets: offsets,
        sentiment_temperature: temperature,
        kinds: decisions(Kind::ALL, &answered.kinds),
        themes: decisions(themes, &answered.themes),
    })
}

fn answer(network: &TaskNetwork, texts: &Texts, themes: usize) -> Result<Answered, TrainError> {
    let ranges = answer_ranges();
    let mut answered = Answered {
        kinds: vec![Vec::new(); Kind::ALL.len()],
        themes: vec![Vec::new(); themes],
        sentiment: Vec::new(),
        feeling: Vec::new(),
    };
    for indexes in texts.by_length(BATCH) {
        let batch = texts.batch(&indexes)?;
        let hidden = batch.hidden.shallow_clone();
        let outputs = network.forward(hidden, &batch.mask, &batch.layout, None)?;
        let answers = rows(&outputs.answers)?;
        let surest = rows(&surest(&outputs, &batch)?)?;
        let mut feelings = rows(&outputs.theme_feeling.f_flatten(1, 2)?)?.into_iter();
        for ((text, answers), surest) in batch.texts.iter().zip(answers).zip(surest) {
            let targets = &text.targets;
            for (kind, scored) in answered.kinds.iter_mut().enumerate() {
                scored.push((
                    answers[ranges.kinds.start + kind],
                    targets.kinds[kind] > 0.5,
                ));
            }
            for (theme, scored) in answered.themes.iter_mut().enumerate() {
                scored.push((surest[theme], targets.themes.contains(&theme)));
            }
            for (sentence, _) in &text.window.pieces {
                let scores = feelings.next().unwrap_or_default();
                for (theme, right) in &targets.sentences[*sentence] {
                    let of_theme = scores.chunks_exact(Polarity::ALL.len()).nth(*theme);
                    answered.feeling.push(Felt {
                        record: answered.sentiment.len(),
                        scores: of_theme.unwrap_or_default().to_vec(),
                        right: *right as usize,
                    });
                }
            }
            let sentiment = answers[ranges.sentiment.clone()].to_vec();
            answered
                .sentiment
                .push((sentiment, targets.sentiment as usize));
        }
    }
    Ok(answered)
}

fn rows(matrix: &Tensor) -> Result<Vec<Vec<f32>>, TrainError> {
    Ok(Vec::try_from(matrix.f_contiguous()?)?)
}

fn decisions<L: Clone + Ord>(labels: &[L], scored: &[Scored]) -> BTreeMap<L, Decision> {
    let labels = labels.iter().cloned();
    labels
        .zip(scored)
        .map(|(label, scored)| (label, decision(scored)))
        .collect()
}

fn decision(scored: &[(f32, bool)]) -> Decision {
    let (slope, intercept) = platt(scored);
    let mut decision = Decision {
        slope,
        intercept,
        ..Decision::default()
    };
    let probable: Scored = scored
        .iter()
        .map(|(score, holds)| (decision.probability(*score), *holds))
        .collect();
    if let Some(threshold) = threshold(&probable) {
        decision.threshold = threshold;
    }
    decision
}

/// Slope and intercept of the sigmoid that makes what is right most likely (Platt, 1999, with
/// the targets that he proposes for small samples).
fn platt(scored: &[(f32, bool)]) -> (f32, f32) {
    let positives = scored.iter().filter(|(_, holds)| *holds).count() as f64;
    let negatives = scored.len() as f64 - positives;
    let (high, low) = (
        (positives + 1.0) / (positives + 2.0),
        1.0 / (negatives + 2.0),
    );
    let (mut slope, mut intercept) = (1.0_f64, 0.0_f64);
    for _ in 0..STEPS {
        let (mut g1, mut g0) = (RIDGE * (slope - 1.0), RIDGE * intercept);
        let (mut h11, mut h10, mut h00) = (RIDGE, 0.0, RIDGE);
        for (score, holds) in scored {
            let score = f64::from(*score);
            let p = 1.0 / (1.0 + (-(slope * score + intercept)).exp());
            let error = p - if *holds { high } else { low };
            let weight = (p * (1.0 - p)).max(1e-9);
            g1 += error * score;
            g0 += error;
            h11 += weight * score * score;
            h10 += weight * score;
            h00 += weight;
        }
        let determinant = h11 * h00 - h10 * h10;
        if determinant <= 0.0 {
            break;
        }
        // At most one unit at a time: far from the solution a Newton step may overshoot.
        slope -= ((h00 * g1 - h10 * g0) / determinant).clamp(-1.0, 1.0);
        intercept -= ((h11 * g0 - h10 * g1) / determinant).clamp(-1.0, 1.0);
    }
    (slope as f32, intercept as f32)
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

/// How much the record's sentiment should say in how its sentences feel, so that most of
/// them are right.
fn record_feeling(answered: &Answered, temperature: f32, offsets: &[f32]) -> f32 {
    let leanings: Vec<Polarities> = answered
        .sentiment
        .iter()
        .map(|(scores, _)| {
            let scores = scores.iter().zip(offsets);
            let scores: Vec<f32> = scores.map(|(s, offset)| s / temperature + offset).collect();
            leaning(&scores)
        })
        .collect();
    let right = |weight: f32| {
        let hits = answered.feeling.iter().filter(|felt| {
            let leaning = &leanings[felt.record];
            let score = |index: &usize| felt.scores[*index] + weight * leaning[*index];
            let best = (0..felt.scores.len()).max_by(|a, b| score(a).total_cmp(&score(b)));
            best == Some(felt.right)
        });
        hits.count()
    };
    let weights = (0..=20).map(|step| step as f32 / 10.0);
    let tried = weights.map(|weight| (right(weight), weight));
    tried
        .fold(
            (0, 0.0),
            |best, next| if next.0 > best.0 { next } else { best },
        )
        .1
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
        let fitted = decision(&scored);
        assert!((fitted.probability(4.0) - 0.875).abs() < 0.01, "{fitted:?}");
        assert!(
            (fitted.probability(-4.0) - 0.125).abs() < 0.01,
            "{fitted:?}"
        );
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
}
