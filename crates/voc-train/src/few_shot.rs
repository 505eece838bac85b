//! Heads for own themes from a few examples of each: softmax regression with a class for
//! "none of them", which the examples of the default themes stand for.

use tch::{Device, Kind, Reduction, Tensor, nn, nn::Module, nn::OptimizerConfig};
use voc_core::ThemeId;
use voc_model::{Centred, FewShotHeads};

use crate::TrainError;

const STEPS: usize = 300;
const RATE: f64 = 0.02;
const DECAY: f64 = 1e-4;
/// Vectors have length 1; this spreads them enough for the softmax to tell them apart.
const SCALE: f64 = 20.0;
/// Parts that are held out in turn to set the threshold.
const FOLDS: usize = 5;
/// The threshold where there is too little to set it on.
const HALF: f32 = 0.5;

/// A labelled vector: the index of its theme, or none for an example of something else.
pub type Shot = (Centred, Option<usize>);

/// Few-shot heads with what held-out examples say about them.
#[derive(Clone, Debug, PartialEq)]
pub struct FewShot {
    /// The heads, fitted to all examples.
    pub heads: FewShotHeads,
    /// Share of held-out theme examples whose likeliest theme is theirs, 0 to 1.
    pub accuracy: f64,
    /// F1 of "this theme" at the threshold over held-out examples, 0 to 1.
    pub f1: f64,
}

/// Fits heads for `themes` to `shots`, with vectors of the encoder `encoder`.
///
/// # Errors
/// [`TrainError::NoTexts`] if a theme has no example, [`TrainError::Torch`].
pub fn few_shot(
    encoder: &str,
    themes: &[ThemeId],
    shots: &[Shot],
    seed: u64,
) -> Result<FewShot, TrainError> {
    let has_examples = |theme: usize| shots.iter().any(|(_, label)| *label == Some(theme));
    if themes.is_empty() || !(0..themes.len()).all(has_examples) {
        return Err(TrainError::NoTexts("example"));
    }
    let held_out = cross_validate(encoder, themes, shots, seed)?;
    let (threshold, f1) = threshold(&held_out);
    let of_themes: Vec<_> = held_out
        .iter()
        .filter(|held| held.label.is_some())
        .collect();
    let right = of_themes
        .iter()
        .filter(|held| Some(held.best) == held.label)
        .count();
    let all: Vec<&Shot> = shots.iter().collect();
    Ok(FewShot {
        heads: FewShotHeads {
            threshold,
            ..fit(encoder, themes, &all, seed)?
        },
        accuracy: right as f64 / of_themes.len().max(1) as f64,
        f1,
    })
}

/// What heads that never saw an example say about it.
struct HeldOut {
    label: Option<usize>,
    /// The likeliest theme.
    best: usize,
    probability: f32,
}

fn cross_validate(
    encoder: &str,
    themes: &[ThemeId],
    shots: &[Shot],
    seed: u64,
) -> Result<Vec<HeldOut>, TrainError> {
    let folds = folds(shots, themes.len(), seed);
    let mut held_out = Vec::with_capacity(shots.len());
    for fold in 0..FOLDS {
        let pick = |held: bool| -> Vec<&Shot> {
            let all = shots.iter().zip(&folds);
            all.filter(|(_, own)| (**own == fold) == held)
                .map(|(shot, _)| shot)
                .collect()
        };
        let heads = fit(encoder, themes, &pick(false), seed)?;
        for (vector, label) in pick(true) {
            let probabilities = heads.probabilities(vector);
            let best = (0..probabilities.len())
                .max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]))
                .unwrap_or(0);
            held_out.push(HeldOut {
                label: *label,
                best,
                probability: probabilities[best],
            });
        }
    }
    Ok(held_out)
}

/// The fold of each example; those of one theme are spread over all folds.
fn folds(shots: &[Shot], themes: usize, seed: u64) -> Vec<usize> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut order: Vec<usize> = (0..shots.len()).collect();
    rng.shuffle(&mut order);
    let mut seen = vec![0; themes + 1];
    let mut folds = vec![0; shots.len()];
    for index in order {
        let class = shots[index].1.unwrap_or(themes);
        folds[index] = seen[class] % FOLDS;
        seen[class] += 1;
    }
    folds
}

/// The probability from which on a theme holds, with the best F1, and that F1.
fn threshold(held_out: &[HeldOut]) -> (f32, f64) {
    let wanted = held_out.iter().filter(|held| held.label.is_some()).count() as f64;
    let f1 = |threshold: f32| {
        let found = held_out.iter().filter(|held| held.probability >= threshold);
        let (mut count, mut hits) = (0.0, 0.0);
        for held in found {
            count += 1.0;
            hits += f64::from(u8::from(held.label == Some(held.best)));
        }
        2.0 * hits / (count + wanted)
    };
    let candidates = (1..20).map(|step| step as f32 / 20.0);
    candidates
        .map(|threshold| (threshold, f1(threshold)))
        .fold(
            (HALF, f1(HALF)),
            |best, next| {
                if next.1 > best.1 { next } else { best }
            },
        )
}

fn fit(
    encoder: &str,
    themes: &[ThemeId],
    shots: &[&Shot],
    seed: u64,
) -> Result<FewShotHeads, TrainError> {
    tch::manual_seed(seed as i64);
    let dimensions = shots.first().map_or(0, |(vector, _)| vector.values().len());
    let flat: Vec<f32> = shots
        .iter()
        .flat_map(|(v, _)| v.values().iter().copied())
        .collect();
    let inputs = Tensor::from_slice(&flat).f_view([-1, dimensions as i64])? * SCALE;
    let classes: Vec<usize> = shots
        .iter()
        .map(|(_, label)| label.unwrap_or(themes.len()))
        .collect();
    let targets: Vec<i64> = classes.iter().map(|class| *class as i64).collect();
    let targets = Tensor::from_slice(&targets);
    let weights = Tensor::from_slice(&class_weights(&classes, themes.len()));
    let store = nn::VarStore::new(Device::Cpu);
    let lines = themes.len() as i64 + 1;
    let config = nn::LinearConfig::default();
    let head = nn::linear(store.root(), dimensions as i64, lines, config);
    let mut optimiser = nn::AdamW {
        wd: DECAY,
        ..nn::AdamW::default()
    }
    .build(&store, RATE)?;
    for _ in 0..STEPS {
        let scores = head.forward(&inputs).f_log_softmax(-1, Kind::Float)?;
        let loss = scores.f_nll_loss(&targets, Some(&weights), Reduction::Mean, -100)?;
        optimiser.backward_step(&loss);
    }
    let offsets = match &head.bs {
        Some(offsets) => Vec::try_from(offsets.detach())?,
        None => vec![0.0; themes.len() + 1],
    };
    Ok(FewShotHeads {
        encoder: encoder.to_owned(),
        themes: themes.to_vec(),
        weights: Vec::try_from((head.ws.detach() * SCALE).f_contiguous()?)?,
        offsets,
        threshold: HALF,
    })
}

/// All examples of nothing together weigh as much as those of all themes: there may be many
/// more of them, and what is rare would never be found.
fn class_weights(classes: &[usize], themes: usize) -> Vec<f32> {
    let none = classes.iter().filter(|class| **class == themes).count();
    let some = classes.len() - none;
    let mut weights = vec![1.0_f32; themes + 1];
    weights[themes] = some as f32 / none.max(1) as f32;
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points around three corners: two themes and something else.
    fn shots(each: usize) -> Vec<Shot> {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut shots = Vec::new();
        for label in [Some(0), Some(1), None] {
            for _ in 0..each {
                let mut vector = vec![0.0_f32; 3];
                vector[label.unwrap_or(2)] = 1.0;
                for value in &mut vector {
                    *value += (rng.f32() - 0.5) * 0.4;
                }
                shots.push((Centred::new(vector), label));
            }
        }
        shots
    }

    fn themes() -> Vec<ThemeId> {
        ["own.a", "own.b"]
            .map(|id| ThemeId::new(id).unwrap())
            .to_vec()
    }

    #[test]
    fn a_few_examples_tell_themes_apart_from_each_other_and_from_the_rest() {
        let fitted = few_shot("e", &themes(), &shots(12), 1).unwrap();
        assert!(fitted.accuracy > 0.95 && fitted.f1 > 0.95, "{fitted:?}");
        let of = |x, y, z| fitted.heads.probabilities(&Centred::new(vec![x, y, z]));
        assert!(of(1.0, 0.0, 0.0)[0] > fitted.heads.threshold);
        assert!(of(0.0, 1.0, 0.0)[1] > fitted.heads.threshold);
        assert!(
            of(0.0, 0.0, 1.0)
                .iter()
                .all(|p| *p < fitted.heads.threshold)
        );
        assert_eq!(few_shot("e", &themes(), &shots(12), 1).unwrap(), fitted);
    }

    #[test]
    fn a_theme_without_examples_is_refused() {
        let mut shots = shots(5);
        shots.retain(|(_, label)| *label != Some(1));
        let error = few_shot("e", &themes(), &shots, 1).unwrap_err();
        assert!(error.to_string().contains("example"), "{error}");
    }
}
