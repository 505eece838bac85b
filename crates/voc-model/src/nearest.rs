//! Nearness to labelled examples, by which heads without training label.

use crate::batch::unit_length;

/// How many nearest examples of a label speak for it: one would let a single odd example
/// decide, all would blur a label that means several things.
const NEIGHBOURS: usize = 8;

/// Labelled vectors of length 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExampleSet<L> {
    examples: Vec<(L, Vec<f32>)>,
    labels: Vec<L>,
}

impl<L: Copy + PartialEq> ExampleSet<L> {
    pub fn new(examples: Vec<(L, Vec<f32>)>) -> Self {
        let mut labels = Vec::new();
        for (label, _) in &examples {
            if !labels.contains(label) {
                labels.push(*label);
            }
        }
        Self { examples, labels }
    }

    /// Per label, in order of first appearance, the mean cosine of its nearest examples to
    /// `vector` (length 1).
    pub fn scores(&self, vector: &[f32]) -> Vec<(L, f32)> {
        self.scores_without(vector, None)
    }

    /// As [`ExampleSet::scores`], as if the example at `left_out` did not exist.
    pub fn scores_without(&self, vector: &[f32], left_out: Option<usize>) -> Vec<(L, f32)> {
        let mut nearest: Vec<(L, Nearest)> = self
            .labels
            .iter()
            .map(|label| (*label, Nearest::default()))
            .collect();
        for (index, (label, example)) in self.examples.iter().enumerate() {
            if Some(index) == left_out {
                continue;
            }
            if let Some((_, nearest)) = nearest.iter_mut().find(|(other, _)| other == label) {
                nearest.offer(cosine(vector, example));
            }
        }
        nearest
            .into_iter()
            .map(|(label, nearest)| (label, nearest.mean()))
            .collect()
    }

    /// The `share` quantile of how near an example is to the others of its own label: below
    /// it, a text is further away than examples that people agree on.
    pub fn own_label_quantile(&self, share: f32) -> f32 {
        let mut own: Vec<f32> = self
            .examples
            .iter()
            .enumerate()
            .filter_map(|(index, (label, vector))| {
                let scores = self.scores_without(vector, Some(index));
                scores
                    .into_iter()
                    .find(|(other, _)| other == label)
                    .map(|(_, score)| score)
            })
            .collect();
        own.sort_by(f32::total_cmp);
        let rank = (share.clamp(0.0, 1.0) * own.len().saturating_sub(1) as f32).round() as usize;
        own.get(rank).copied().unwrap_or(0.0)
    }
}

/// The best few similarities seen.
#[derive(Clone, Copy, Debug)]
struct Nearest([f32; NEIGHBOURS]);

impl Default for Nearest {
    fn default() -> Self {
        Self([f32::NEG_INFINITY; NEIGHBOURS])
    }
}

impl Nearest {
    fn offer(&mut self, mut similarity: f32) {
        for kept in &mut self.0 {
            if similarity > *kept {
                std::mem::swap(kept, &mut similarity);
            }
        }
    }

    fn mean(self) -> f32 {
        let kept = self
            .0
            .into_iter()
            .filter(|similarity| similarity.is_finite());
        let (count, sum) = kept.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
        if count > 0.0 { sum / count } else { -1.0 }
    }
}

/// Dot product of two vectors of length 1.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums side by side: one long sum could not be vectorised without changing it.
    let mut lanes = [0.0_f32; 8];
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// The logistic function.
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// `vector` moved so that `centre` is the origin, at length 1.
///
/// Vectors of sentence encoders crowd into a narrow cone; taking off what they all share
/// spreads them out (Mu and Viswanath, "All-but-the-Top", 2018).
pub(crate) fn centred(vector: &[f32], centre: &[f32]) -> Vec<f32> {
    unit_length(
        vector
            .iter()
            .zip(centre)
            .map(|(value, mean)| value - mean)
            .collect(),
    )
}

/// The mean of `vectors`, or zeros of length `dimensions`.
pub(crate) fn mean<'v>(vectors: impl Iterator<Item = &'v [f32]>, dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f32; dimensions];
    let mut count = 0.0_f32;
    for vector in vectors {
        count += 1.0;
        for (total, value) in sum.iter_mut().zip(vector) {
            *total += value;
        }
    }
    sum.into_iter()
        .map(|total| if count > 0.0 { total / count } else { 0.0 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> ExampleSet<char> {
        let at = |degrees: f32| vec![degrees.to_radians().cos(), degrees.to_radians().sin()];
        ExampleSet::new(vec![
            ('a', at(0.0)),
            ('a', at(10.0)),
            ('b', at(90.0)),
            ('a', at(180.0)),
            ('a', at(-10.0)),
        ])
    }

    #[test]
    fn the_nearest_examples_speak_for_a_label() {
        let at = |degrees: f32| vec![degrees.to_radians().cos(), degrees.to_radians().sin()];
        let far = (0..4).map(|_| ('a', at(180.0)));
        let near = (0..8).map(|step| ('a', at(10.0 * (step - 4) as f32)));
        let set = ExampleSet::new(far.chain(near).chain([('b', at(90.0))]).collect());
        let scores = set.scores(&[1.0, 0.0]);
        let expect: f32 = (0..8)
            .map(|step| (10.0 * (step - 4) as f32).to_radians().cos())
            .sum::<f32>()
            / 8.0;
        assert!((scores[0].1 - expect).abs() < 1e-6, "{scores:?}");
        assert!(scores[1].1.abs() < 1e-6);
    }

    #[test]
    fn a_left_out_example_does_not_speak() {
        let scores = set().scores_without(&[0.0, 1.0], Some(2));
        assert_eq!(scores[1], ('b', -1.0));
    }

    #[test]
    fn centring_takes_off_what_all_share() {
        let vectors = [[0.8_f32, 0.6], [0.8, -0.6]];
        let centre = mean(vectors.iter().map(<[f32; 2]>::as_slice), 2);
        assert_eq!(centred(&vectors[0], &centre), [0.0, 1.0]);
        assert_eq!(centred(&vectors[1], &centre), [0.0, -1.0]);
    }
}
