use serde::Serialize;

/// Bins of equal width between 0 and 1.
const BINS: usize = 10;

/// Whether a score of 0.8 is right four times out of five.
///
/// Read over the labels that were assigned: a label that was not has no score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error: the mean distance between score and share right, weighted
    /// by bin (Naeini, Cooper and Hauskrecht 2015). `None` if nothing was assigned.
    pub expected_error: Option<f64>,
    /// The bins with at least one score, lowest first.
    pub bins: Vec<Bin>,
}

/// Scores that lie close together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lower end.
    pub from: f64,
    /// Upper end.
    pub to: f64,
    /// Number of scores.
    pub n: usize,
    /// Their mean.
    pub mean_score: f64,
    /// The share of labels that were right.
    pub share_right: f64,
}

impl Calibration {
    /// Sorts pairs of a score and whether its label was right into bins.
    pub fn new(scored: &[(f64, bool)]) -> Self {
        let mut bins = Vec::new();
        for index in 0..BINS {
            let of_bin = |(score, _): &&(f64, bool)| {
                // The last bin holds 1.0 too.
                ((score * BINS as f64) as usize).min(BINS - 1) == index
            };
            let members: Vec<_> = scored.iter().filter(of_bin).collect();
            if members.is_empty() {
                continue;
            }
            let n = members.len();
            let right = members.iter().filter(|(_, right)| *right).count();
            bins.push(Bin {
                from: index as f64 / BINS as f64,
                to: (index + 1) as f64 / BINS as f64,
                n,
                mean_score: members.iter().map(|(score, _)| score).sum::<f64>() / n as f64,
                share_right: right as f64 / n as f64,
            });
        }
        let gaps = bins
            .iter()
            .map(|bin| bin.n as f64 * (bin.mean_score - bin.share_right).abs());
        let expected_error = (!scored.is_empty()).then(|| gaps.sum::<f64>() / scored.len() as f64);
        Self {
            expected_error,
            bins,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_the_weighted_distance_of_score_and_share_right() {
        let scored = [
            (0.95, true),
            (0.95, false),
            (1.0, true),
            (1.0, true),
            (0.55, true),
        ];
        let calibration = Calibration::new(&scored);
        assert_eq!(calibration.bins.len(), 2);
        assert_eq!(calibration.bins[1].n, 4);
        let expected = (0.45 * 1.0 + (0.975 - 0.75) * 4.0) / 5.0;
        assert!((calibration.expected_error.unwrap() - expected).abs() < 1e-9);
    }

    #[test]
    fn no_scores_have_no_error() {
        assert_eq!(Calibration::new(&[]).expected_error, None);
    }
}
