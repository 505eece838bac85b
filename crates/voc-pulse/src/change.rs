//! Which labels changed: all tests of one report.

use std::collections::BTreeMap;

use crate::MIN_RECORDS;
use crate::pulse::{Arrow, Change, Method, rounded};
use crate::stats::{Comparison, Dispersion, PearsonSums, Stratum, adjusted_p_values, compare};
use crate::tally::{Label, Tally};

/// The share of false arrows that is put up with.
const FALSE_DISCOVERY_RATE: f64 = 0.05;

/// The change of every label that can be compared.
#[derive(Debug)]
pub(crate) struct Changes {
    by_label: BTreeMap<Label, Change>,
    tests: u64,
    dispersion: Dispersion,
}

impl Changes {
    /// Tests every label of `labels`, whose order fixes that of floating-point sums.
    pub(crate) fn new(tally: &Tally, labels: &[Label]) -> Self {
        let strata: Vec<Vec<Stratum>> = labels.iter().map(|label| tally.strata(*label)).collect();
        let dispersion = strata
            .iter()
            .map(|strata| PearsonSums::of(strata))
            .fold(PearsonSums::default(), PearsonSums::plus)
            .dispersion();
        let comparisons: Vec<(Label, Comparison)> = labels
            .iter()
            .zip(&strata)
            .filter_map(|(label, strata)| Some((*label, compare(strata, dispersion)?)))
            .collect();
        let tested: Vec<f64> = comparisons
            .iter()
            .filter_map(|(_, found)| testable(found))
            .collect();
        let mut adjusted = adjusted_p_values(&tested).into_iter();
        let by_label = comparisons
            .iter()
            .map(|(label, found)| {
                let q = testable(found).and_then(|_| adjusted.next());
                (*label, change(found, q))
            })
            .collect();
        Self {
            by_label,
            tests: tested.len() as u64,
            dispersion,
        }
    }

    /// No comparison at all.
    pub(crate) const fn none() -> Self {
        let dispersion = Dispersion {
            factor: 1.0,
            degrees: 0.0,
        };
        Self {
            by_label: BTreeMap::new(),
            tests: 0,
            dispersion,
        }
    }

    pub(crate) fn get(&self, label: Label) -> Option<Change> {
        self.by_label.get(&label).copied()
    }

    /// Whether any label was compared with anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_label.is_empty()
    }

    /// Whether any label had records enough to be tested.
    pub(crate) const fn any_tested(&self) -> bool {
        self.tests > 0
    }

    pub(crate) fn method(&self, uncompared_records: u64) -> Method {
        let dispersion = Dispersion {
            factor: rounded(self.dispersion.factor),
            degrees: rounded(self.dispersion.degrees),
        };
        Method {
            tests: self.tests,
            dispersion,
            uncompared_records,
        }
    }
}

/// The p-value, where both sides hold records enough for an arrow.
fn testable(found: &Comparison) -> Option<f64> {
    found.p_value.filter(|_| enough(found))
}

fn enough(found: &Comparison) -> bool {
    found.now.base() >= MIN_RECORDS && found.before.base() >= MIN_RECORDS
}

fn change(found: &Comparison, adjusted: Option<f64>) -> Change {
    let difference = found.share - found.baseline;
    let arrow = match adjusted {
        _ if !enough(found) => Arrow::Withheld,
        Some(q) if q <= FALSE_DISCOVERY_RATE && difference > 0.0 => Arrow::Up,
        Some(q) if q <= FALSE_DISCOVERY_RATE && difference < 0.0 => Arrow::Down,
        _ => Arrow::Steady,
    };
    Change {
        share: rounded(found.share),
        baseline: rounded(found.baseline),
        difference: rounded(100.0 * difference),
        ratio: (found.baseline > 0.0).then(|| rounded(found.share / found.baseline)),
        p_value: found.p_value.map(rounded),
        adjusted_p_value: adjusted.map(rounded),
        arrow,
        records: found.now.base(),
        baseline_records: found.before.base(),
    }
}
