//! The statistics of a report, as pure functions of counts. Each names its source; each is
//! tested against published or hand-computed numbers.

mod benjamini_hochberg;
mod cluster;
mod dispersion;
mod mean;
mod net_promoter;
mod stratified;
mod wilson;

use serde::Serialize;

pub use benjamini_hochberg::adjusted_p_values;
pub use cluster::ClusterSums;
pub use dispersion::{Dispersion, PearsonSums};
pub use mean::{Moments, median};
pub use net_promoter::NetPromoter;
pub use stratified::{Comparison, Stratum, compare};
pub use wilson::wilson;

/// The 97.5 % point of the standard normal distribution: two-sided 95 % intervals.
pub(crate) const Z_95: f64 = 1.959_963_984_540_054;

/// `hits` out of `base`; never more hits than base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proportion {
    hits: u64,
    base: u64,
}

impl Proportion {
    /// `hits` out of `base`; hits beyond the base are cut off.
    pub fn new(hits: u64, base: u64) -> Self {
        Self {
            hits: hits.min(base),
            base,
        }
    }

    /// How many have the property.
    pub const fn hits(self) -> u64 {
        self.hits
    }

    /// How many there are.
    pub const fn base(self) -> u64 {
        self.base
    }

    /// The share, from 0 to 1; `None` of nothing.
    pub fn share(self) -> Option<f64> {
        (self.base > 0).then(|| self.hits as f64 / self.base as f64)
    }

    /// Both together.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            base: self.base + other.base,
        }
    }
}

/// A two-sided 95 % interval, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}
