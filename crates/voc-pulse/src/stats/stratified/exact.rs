use super::Proportion;

/// The exact two-sided p-value of a common odds ratio of 1, given the margins of every
/// stratum: the hits now are a sum of independent hypergeometric variables, whose
/// distribution is built by convolution; the p-value is the chance of all sums that are no
/// likelier than the one seen. Source: A. Agresti, "Categorical Data Analysis" (1990),
/// §7.2; R's `mantelhaen.test(exact = TRUE)` computes the same.
pub(super) fn p_value(pairs: &[(Proportion, Proportion)]) -> f64 {
    /// As in R: ties are ties in spite of rounding.
    const TIE: f64 = 1.0 + 1e-7;
    let mut distribution = vec![1.0];
    let mut seen = 0;
    for (now, before) in pairs {
        let (lowest, chances) = hypergeometric(*now, *before);
        distribution = convolved(&distribution, &chances);
        seen += (now.hits() - lowest) as usize;
    }
    let limit = distribution.get(seen).copied().unwrap_or_default() * TIE;
    let total: f64 = distribution.iter().sum();
    distribution
        .iter()
        .filter(|chance| **chance <= limit)
        .sum::<f64>()
        / total
}

/// The fewest hits now that the margins allow, and the chances of that many and upwards.
fn hypergeometric(now: Proportion, before: Proportion) -> (u64, Vec<f64>) {
    let (n, m, found) = (now.base(), before.base(), now.hits() + before.hits());
    let lowest = found.saturating_sub(m);
    let highest = found.min(n);
    let mode = ((found + 1) * (n + 1) / (n + m + 2)).clamp(lowest, highest);
    // From the likeliest value outwards each factor is below 1: nothing overflows.
    let up = |k: u64| (found - k) as f64 * (n - k) as f64 / ((k + 1) * (m + k + 1 - found)) as f64;
    let mut chances = vec![1.0; (highest - lowest + 1) as usize];
    for k in mode..highest {
        let at = (k - lowest) as usize;
        chances[at + 1] = chances[at] * up(k);
    }
    for k in (lowest..mode).rev() {
        let at = (k - lowest) as usize;
        chances[at] = chances[at + 1] / up(k);
    }
    let total: f64 = chances.iter().sum();
    chances.iter_mut().for_each(|chance| *chance /= total);
    (lowest, chances)
}

fn convolved(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            sum[i + j] += x * y;
        }
    }
    sum
}
