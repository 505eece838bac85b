//! AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019).
//!
//! tch has it too, but cannot save its moments: a training that goes on after a stop would
//! end elsewhere than one that was left alone.

use tch::Tensor;

use crate::TrainError;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;
const DECAY: f64 = 0.01;
/// Gradients longer than this, all together, are shortened to it.
const LONGEST_GRADIENT: f64 = 1.0;

/// The variables that are trained, with their moments.
pub(crate) struct AdamW {
    variables: Vec<Trained>,
    step: i64,
}

/// A variable with its moments.
struct Trained {
    name: String,
    variable: Tensor,
    rate: f64,
    first: Tensor,
    second: Tensor,
}

impl AdamW {
    /// Trains every one of `variables` that takes gradients, each at its `rate`.
    pub fn new(variables: Vec<(String, Tensor)>, rate: impl Fn(&str) -> f64) -> Self {
        let variables = variables.into_iter().filter(|(_, v)| v.requires_grad());
        let variables = variables.map(|(name, variable)| Trained {
            rate: rate(&name),
            first: variable.zeros_like(),
            second: variable.zeros_like(),
            variable,
            name,
        });
        Self {
            variables: variables.collect(),
            step: 0,
        }
    }

    /// What is trained, in the order that gradients are given in.
    pub fn variables(&self) -> Vec<Tensor> {
        let variables = self.variables.iter();
        variables
            .map(|trained| trained.variable.shallow_clone())
            .collect()
    }

    /// One step down `gradients`, at `factor` times each variable's rate.
    pub fn step(&mut self, gradients: &[Tensor], factor: f64) -> Result<(), TrainError> {
        self.step += 1;
        let step = self.step as f64;
        let (early1, early2) = (1.0 - BETA1.powf(step), 1.0 - BETA2.powf(step));
        tch::no_grad(|| {
            let shorten = shorten(gradients)?;
            for (trained, gradient) in self.variables.iter_mut().zip(gradients) {
                let gradient = gradient * shorten;
                trained.first = &trained.first * BETA1 + &gradient * (1.0 - BETA1);
                trained.second = &trained.second * BETA2 + gradient.f_square()? * (1.0 - BETA2);
                let rate = trained.rate * factor;
                // Offsets and scales are not drawn to zero.
                if trained.variable.dim() > 1 {
                    let _ = trained.variable.f_mul_scalar_(1.0 - rate * DECAY)?;
                }
                let spread = (&trained.second / early2).f_sqrt()? + EPSILON;
                let change = &trained.first / early1 / spread * rate;
                let _ = trained.variable.f_sub_(&change)?;
            }
            Ok(())
        })
    }

    /// Steps taken, and everything that the next one depends on.
    pub fn state(&self) -> (i64, Vec<(String, Tensor)>) {
        let moments = self.variables.iter().flat_map(|trained| {
            let first = (
                format!("first.{}", trained.name),
                trained.first.shallow_clone(),
            );
            let second = (
                format!("second.{}", trained.name),
                trained.second.shallow_clone(),
            );
            [first, second]
        });
        (self.step, moments.collect())
    }

    /// Takes up the state of an earlier one; returns whether `tensors` has all of it.
    pub fn resume(&mut self, step: i64, tensors: &[(String, Tensor)]) -> bool {
        let find = |name: String, like: &Tensor| {
            let found = tensors.iter().find(|(other, _)| *other == name);
            let found = found.filter(|(_, tensor)| tensor.size() == like.size());
            found.map(|(_, tensor)| tensor.shallow_clone())
        };
        for trained in &mut self.variables {
            let first = find(format!("first.{}", trained.name), &trained.first);
            let second = find(format!("second.{}", trained.name), &trained.second);
            let (Some(first), Some(second)) = (first, second) else {
                return false;
            };
            (trained.first, trained.second) = (first, second);
        }
        self.step = step;
        true
    }
}

/// What gradients are multiplied with so that all together they are not too long.
fn shorten(gradients: &[Tensor]) -> Result<f64, TrainError> {
    let mut squares = 0.0;
    for gradient in gradients {
        squares += gradient
            .f_square()?
            .f_sum(tch::Kind::Float)?
            .f_double_value(&[])?;
    }
    let length: f64 = f64::sqrt(squares);
    Ok((LONGEST_GRADIENT / (length + 1e-6)).min(1.0))
}
