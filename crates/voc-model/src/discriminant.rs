//! A linear reading of feeling, fitted to examples in closed form.
//!
//! Nearest examples tell what a sentence is about better than how it feels: the nearest
//! sentences share its topic. Regularised least squares finds the directions that part the
//! labels across all topics. It has no random start and no iterations, so the same examples
//! give the same weights (Hoerl and Kennard, "Ridge Regression", 1970; as a classifier:
//! Rifkin, "Everything Old Is New Again", 2002).

use tch::{Kind, Tensor};

use crate::ModelError;

/// Weight of the penalty. Between 1 and 10 it makes little difference.
const PENALTY: f64 = 3.0;

/// One score per label: about 1 for texts like its examples, about 0 for others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Discriminant<L> {
    labels: Vec<L>,
    /// One row of weights per label.
    weights: Vec<Vec<f32>>,
    offsets: Vec<f32>,
}

impl<L: Copy + PartialEq> Discriminant<L> {
    /// Fits `labels` to examples of vectors with `dimensions` numbers each.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if libtorch cannot solve the equations.
    pub fn fit(
        labels: &[L],
        examples: &[(L, Vec<f32>)],
        dimensions: usize,
    ) -> Result<Self, ModelError> {
        let count = examples.len().max(1) as f64;
        let flat: Vec<f32> = examples
            .iter()
            .flat_map(|(_, vector)| vector.iter().copied())
            .collect();
        let x = Tensor::from_slice(&flat)
            .f_view([-1, dimensions as i64])?
            .f_to_kind(Kind::Double)?;
        let gram = x.tr().f_matmul(&x)?;
        let ridge = Tensor::f_eye(dimensions as i64, (Kind::Double, tch::Device::Cpu))? * PENALTY;
        let penalised = gram.f_add(&ridge)?;
        let mut fitted = Self {
            labels: labels.to_vec(),
            weights: Vec::new(),
            offsets: Vec::new(),
        };
        for label in labels {
            let hits = examples.iter().filter(|(other, _)| other == label).count() as f64;
            let mean = hits / count;
            let target: Vec<f64> = examples
                .iter()
                .map(|(other, _)| if other == label { 1.0 - mean } else { -mean })
                .collect();
            let target = Tensor::from_slice(&target).f_view([-1, 1])?;
            let solved = Tensor::f_linalg_solve(&penalised, &x.tr().f_matmul(&target)?, true)?;
            let mut weights = vec![0.0_f32; dimensions];
            solved
                .f_to_kind(Kind::Float)?
                .f_contiguous()?
                .f_view([-1])?
                .f_copy_data(&mut weights, dimensions)?;
            fitted.weights.push(weights);
            fitted.offsets.push(mean as f32);
        }
        Ok(fitted)
    }

    /// The score of every label.
    pub fn scores(&self, vector: &[f32]) -> Vec<(L, f32)> {
        let rows = self.weights.iter().zip(&self.offsets);
        self.labels
            .iter()
            .zip(rows)
            .map(|(label, (weights, offset))| {
                let sum: f32 = weights
                    .iter()
                    .zip(vector)
                    .map(|(weight, value)| weight * value)
                    .sum();
                (*label, sum + offset)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_parted_across_topics() {
        // x is the topic, y the feeling.
        let examples: Vec<(char, Vec<f32>)> = (0..20)
            .flat_map(|step| {
                let topic = step as f32 / 10.0 - 1.0;
                [('+', vec![topic, 0.3]), ('-', vec![topic, -0.3])]
            })
            .collect();
        let fitted = Discriminant::fit(&['+', '-'], &examples, 2).unwrap();
        for (vector, expect) in [([1.0, 0.2], '+'), ([-1.0, 0.2], '+'), ([1.0, -0.2], '-')] {
            let scores = fitted.scores(&vector);
            let best = scores.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap().0;
            assert_eq!(best, expect, "{scores:?}");
        }
    }
}
