//! In which order texts are seen, and how big steps are.

/// Batches are cut from stretches of this many batches' texts, sorted by length: little
/// padding, and still a new mixture in every pass.
const STRETCH: usize = 16;
/// Share of all steps in which the rate rises; then it falls in a line to nothing.
const WARM_UP: f64 = 0.1;

/// The batches of pass `epoch`: every text once, as `seed` has it.
pub(crate) fn batches(lengths: &[usize], size: usize, seed: u64, epoch: usize) -> Vec<Vec<usize>> {
    let mut rng = fastrand::Rng::with_seed(seed.wrapping_add(epoch as u64));
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    rng.shuffle(&mut order);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for stretch in order.chunks_mut(size * STRETCH) {
        stretch.sort_by_key(|index| lengths[*index]);
        batches.extend(stretch.chunks(size).map(<[usize]>::to_vec));
    }
    rng.shuffle(&mut batches);
    batches
}

/// What a learning rate is multiplied with at `step` of `steps`, from 0 to 1.
pub(crate) fn rate(step: usize, steps: usize) -> f64 {
    let done = (step + 1) as f64 / steps.max(1) as f64;
    (done / WARM_UP)
        .min((1.0 - done) / (1.0 - WARM_UP))
        .max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pass_sees_every_text_once_and_in_another_order() {
        let lengths: Vec<usize> = (0..100).map(|index| index * 7 % 31).collect();
        let first = batches(&lengths, 8, 1, 0);
        let mut seen: Vec<usize> = first.concat();
        seen.sort_unstable();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
        assert_eq!(first, batches(&lengths, 8, 1, 0));
        assert_ne!(first, batches(&lengths, 8, 1, 1));
        assert_ne!(first, batches(&lengths, 8, 2, 0));
    }

    #[test]
    fn the_rate_rises_then_falls_to_nothing() {
        let rates: Vec<f64> = (0..100).map(|step| rate(step, 100)).collect();
        assert!((rates[4] - 0.5).abs() < 1e-9 && (rates[9] - 1.0).abs() < 1e-9);
        assert!((rates[54] - 0.5).abs() < 1e-9 && rates[99] == 0.0);
    }
}
