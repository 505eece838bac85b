use fastrand::Rng;

use super::*;
use crate::stats::{PearsonSums, adjusted_p_values};

/// (hits, base) now and before, one row per stratum.
type Table = [(u64, u64, u64, u64)];

/// R's `UCBAdmissions`: men and women admitted to six departments of Berkeley in 1973.
const BERKELEY: &Table = &[
    (512, 825, 89, 108),
    (353, 560, 17, 25),
    (120, 325, 202, 593),
    (138, 417, 131, 375),
    (53, 191, 94, 393),
    (22, 373, 24, 341),
];

/// R's `Rabbits`, from Agresti 1990: cured of how many, with and without delay, at five
/// levels of penicillin.
const RABBITS: &Table = &[
    (0, 6, 0, 5),
    (3, 6, 0, 6),
    (6, 6, 2, 6),
    (5, 6, 6, 6),
    (2, 2, 5, 5),
];

const BINOMIAL: Dispersion = Dispersion {
    factor: 1.0,
    degrees: 0.0,
};

fn strata(table: &Table) -> Vec<Stratum> {
    let stratum = |(x, n, y, m): &(u64, u64, u64, u64)| Stratum {
        now: Proportion::new(*x, *n),
        before: vec![Proportion::new(*y, *m)],
    };
    table.iter().map(stratum).collect()
}

#[track_caller]
fn check(table: &Table, dispersion: Dispersion, p_value: f64) {
    let found = compare(&strata(table), dispersion)
        .unwrap()
        .p_value
        .unwrap();
    assert!((found - p_value).abs() < 5e-5, "{found}");
}

#[test]
fn the_published_p_values_come_out() {
    // mantelhaen.test(UCBAdmissions, correct = FALSE): X² = 1.5246, p = 0.2169.
    check(BERKELEY, BINOMIAL, 0.2169);
    // mantelhaen.test(Rabbits, exact = TRUE): p = 0.03994, where the statistic alone,
    // X² = 5.6571, would claim 0.0174.
    check(RABBITS, BINOMIAL, 0.03994);
    // Fisher's tea-tasting lady: 3 of 4 against 1 of 4, p = 0.4857.
    check(&[(3, 4, 1, 4)], BINOMIAL, 0.4857);
}

#[test]
fn dispersion_and_its_uncertainty_raise_the_p_value() {
    // Z = √(1.5246 / 2) = 0.8731: normal 0.3826, t on 3 degrees 0.4469.
    check(
        BERKELEY,
        Dispersion {
            factor: 2.0,
            degrees: 0.0,
        },
        0.3826,
    );
    check(
        BERKELEY,
        Dispersion {
            factor: 2.0,
            degrees: 3.0,
        },
        0.4469,
    );
}

#[test]
fn the_baseline_is_weighted_by_the_present_mix() {
    // 10 % and 50 % before; three quarters of the records are now in the first stratum.
    let found = compare(&strata(&[(9, 90, 10, 100), (15, 30, 450, 900)]), BINOMIAL).unwrap();
    assert!((found.baseline - 0.2).abs() < 1e-12);
    assert!((found.share - 0.2).abs() < 1e-12);
    assert!((found.p_value.unwrap() - 1.0).abs() < 1e-9);
}

#[test]
fn strata_without_a_counterpart_are_left_out() {
    let found = compare(
        &strata(&[(1, 10, 2, 20), (9, 9, 0, 0), (0, 0, 5, 5)]),
        BINOMIAL,
    )
    .unwrap();
    assert_eq!(
        (found.now, found.before),
        (Proportion::new(1, 10), Proportion::new(2, 20))
    );
    assert_eq!(compare(&strata(&[(1, 1, 0, 0)]), BINOMIAL), None);
    assert_eq!(compare(&[], BINOMIAL), None);
}

#[test]
fn nobody_and_everybody_cannot_be_tested() {
    for table in [[(0, 10, 0, 90)], [(10, 10, 90, 90)]] {
        assert_eq!(compare(&strata(&table), BINOMIAL).unwrap().p_value, None);
    }
}

/// Draws of one label: four strata, a current period and eight of baseline. The share
/// swings from period to period by the factor 1 ± `swing`, in all strata alike.
fn drawn(rng: &mut Rng, share: f64, factor_now: f64, swing: f64) -> Vec<Stratum> {
    let mut period = |share: f64| {
        let share = share * (1.0 + swing * (2.0 * rng.f64() - 1.0));
        [(120, 1.0), (60, 0.5), (25, 1.5), (8, 1.0)].map(|(base, factor)| {
            let hits = (0..base).filter(|_| rng.f64() < share * factor).count() as u64;
            Proportion::new(hits, base)
        })
    };
    let now = period(share * factor_now);
    let before: Vec<_> = (0..8).map(|_| period(share)).collect();
    (0..4)
        .map(|s| Stratum {
            now: now[s],
            before: before.iter().map(|period| period[s]).collect(),
        })
        .collect()
}

/// The arrows of one report whose labels were drawn.
fn arrows(labels: &[Vec<Stratum>]) -> Vec<bool> {
    let pooled = labels
        .iter()
        .map(|label| PearsonSums::of(label))
        .fold(PearsonSums::default(), PearsonSums::plus)
        .dispersion();
    let p_values: Vec<f64> = labels
        .iter()
        .filter_map(|label| compare(label, pooled)?.p_value)
        .collect();
    adjusted_p_values(&p_values)
        .into_iter()
        .map(|q| q <= 0.05)
        .collect()
}

const SHARES: [f64; 12] = [
    0.3, 0.2, 0.15, 0.1, 0.08, 0.05, 0.05, 0.04, 0.03, 0.02, 0.02, 0.01,
];

#[test]
fn without_change_hardly_a_report_shows_an_arrow() {
    const REPORTS: usize = 300;
    // A report without swings holds 5 %. Where shares swing, large ones swing by more than
    // the pooled dispersion says: 10 % is the price, see `PearsonSums::dispersion`.
    for (seed, swing, limit) in [(1, 0.0, 0.05), (2, 0.2, 0.10), (3, 0.5, 0.10)] {
        let mut rng = Rng::with_seed(seed);
        let mut with_arrow = 0;
        for _ in 0..REPORTS {
            let labels: Vec<_> = SHARES
                .iter()
                .map(|share| drawn(&mut rng, *share, 1.0, swing))
                .collect();
            with_arrow += usize::from(arrows(&labels).contains(&true));
        }
        // Two standard deviations of noise on top, at most 10 reports.
        let most = (limit * REPORTS as f64) as usize + 10;
        assert!(
            with_arrow <= most,
            "swing {swing}: {with_arrow} of {REPORTS}"
        );
    }
}

#[test]
fn a_tripled_share_is_found_and_little_else() {
    const REPORTS: usize = 100;
    let mut rng = Rng::with_seed(3);
    let (mut found, mut false_share) = (0, 0.0);
    for _ in 0..REPORTS {
        let mut labels: Vec<_> = SHARES
            .iter()
            .map(|share| drawn(&mut rng, *share, 1.0, 0.2))
            .collect();
        labels[4] = drawn(&mut rng, SHARES[4], 3.0, 0.2);
        let arrows = arrows(&labels);
        found += usize::from(arrows[4]);
        let shown = arrows.iter().filter(|arrow| **arrow).count();
        let wrong = shown - usize::from(arrows[4]);
        false_share += wrong as f64 / shown.max(1) as f64;
    }
    assert!(found >= 95, "found {found} of {REPORTS}");
    // The false discovery rate is 5 % at most; its noise over 100 reports is below 3 %.
    assert!(false_share / REPORTS as f64 <= 0.08, "{false_share}");
}
