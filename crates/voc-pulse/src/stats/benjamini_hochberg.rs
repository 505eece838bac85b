/// The p-values adjusted for their number, in the order given: those at or below 0.05 form
/// the set of findings whose expected share of false ones is at most 5 %.
///
/// The i-th smallest of m becomes min over j ≥ i of p_(j) · m / j, at most 1. Source:
/// Y. Benjamini & Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995),
/// 289–300.
pub fn adjusted_p_values(p_values: &[f64]) -> Vec<f64> {
    let count = p_values.len() as f64;
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*b].total_cmp(&p_values[*a]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (from_largest, index) in order.into_iter().enumerate() {
        let rank = count - from_largest as f64;
        smallest = smallest.min(p_values[index] * count / rank);
        adjusted[index] = smallest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_published_example_finds_four() {
        // Section 3.2 of the paper: 15 comparisons of a thrombolysis trial; at 5 % the
        // procedure rejects the four smallest.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let adjusted = adjusted_p_values(&p);
        assert_eq!(adjusted.iter().filter(|q| **q <= 0.05).count(), 4);
        assert!((adjusted[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12);
        // 0.0278 · 15/6 = 0.0695 exceeds what the next one, 0.0298 · 15/7, gives: the minimum is taken.
        assert!((adjusted[5] - 0.0298 * 15.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn no_tests_no_values() {
        assert!(adjusted_p_values(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn adjusting_raises_and_keeps_the_order(p in prop::collection::vec(0.0..=1.0_f64, 1..40)) {
            let adjusted = adjusted_p_values(&p);
            for (i, (q, p_i)) in adjusted.iter().zip(&p).enumerate() {
                prop_assert!(q + 1e-12 >= *p_i && *q <= 1.0);
                for (q_j, p_j) in adjusted.iter().zip(&p).skip(i) {
                    prop_assert!(p_i >= p_j || q <= q_j);
                }
            }
        }
    }
}
