use super::{Interval, Z_95};

/// Answers to "how likely are you to recommend us", 0 to 10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetPromoter {
    promoters: u64,
    detractors: u64,
    count: u64,
}

impl NetPromoter {
    /// Adds one answer: 9 and 10 promote, 0 to 6 detract.
    pub fn add(&mut self, answer: f32) {
        self.count += 1;
        self.promoters += u64::from(answer >= 9.0);
        self.detractors += u64::from(answer <= 6.0);
    }

    /// Both together.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            promoters: self.promoters + other.promoters,
            detractors: self.detractors + other.detractors,
            count: self.count + other.count,
        }
    }

    /// How many answers.
    pub const fn count(self) -> u64 {
        self.count
    }

    /// Per cent of promoters less per cent of detractors, -100 to 100; `None` of nothing.
    pub fn score(self) -> Option<f64> {
        let net = self.promoters as f64 - self.detractors as f64;
        (self.count > 0).then(|| 100.0 * net / self.count as f64)
    }

    /// The score's 95 % interval: adjusted Wald with three pseudo-answers, ¾ promoters and
    /// ¾ detractors among them, cut to -100..=100. Source: B. Rocks, "Interval estimation
    /// for the Net Promoter Score", The American Statistician 70 (2016), 365–372.
    pub fn interval(self) -> Option<Interval> {
        if self.count == 0 {
            return None;
        }
        let n = self.count as f64 + 3.0;
        let promoters = (self.promoters as f64 + 0.75) / n;
        let detractors = (self.detractors as f64 + 0.75) / n;
        let net = promoters - detractors;
        let half = Z_95 * ((promoters + detractors - net * net) / n).sqrt();
        let percent = |share: f64| (100.0 * share).clamp(-100.0, 100.0);
        Some(Interval {
            low: percent(net - half),
            high: percent(net + half),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(answers: &[f32]) -> NetPromoter {
        let mut net = NetPromoter::default();
        answers.iter().for_each(|answer| net.add(*answer));
        net
    }

    #[test]
    fn nines_and_tens_promote_and_up_to_six_detract() {
        assert_eq!(
            answers(&[10.0, 9.0, 8.0, 7.0, 6.0, 0.0, 10.0, 9.0]).score(),
            Some(25.0)
        );
        assert_eq!(answers(&[]).score(), None);
        assert_eq!(answers(&[]).interval(), None);
    }

    #[test]
    fn the_interval_follows_the_formula() {
        // 5 promoters, 2 detractors, 10 answers: p = 5.75/13, d = 2.75/13, net = 3/13;
        // half = 1.95996 · √((8.5/13 − 9/169) / 13) = 0.4213.
        let ten = [10.0, 9.0, 9.0, 10.0, 9.0, 7.0, 8.0, 7.0, 3.0, 6.0];
        let interval = answers(&ten).interval().unwrap();
        assert!((interval.low + 19.05).abs() < 0.01, "{interval:?}");
        assert!((interval.high - 65.20).abs() < 0.01, "{interval:?}");
    }

    #[test]
    fn unanimous_answers_still_have_a_width() {
        let interval = answers(&[10.0; 4]).interval().unwrap();
        assert!(
            interval.low < 60.0 && interval.high == 100.0,
            "{interval:?}"
        );
    }
}
