use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use voc_core::{Language, Period, SourceId};

/// The longest baseline, in periods: two years of weeks.
pub const MAX_BASELINE: usize = 104;

/// What a report is asked for. Everything that depends on today is in here.
#[derive(Clone, Debug, PartialEq)]
pub struct PulseRequest {
    /// The period that is reported on.
    pub period: Period,
    /// How many periods before it form the baseline, 0 to [`MAX_BASELINE`]; 0 compares with
    /// nothing.
    pub baseline: usize,
    /// When the report is made, as far as it is concerned.
    pub as_of: Timestamp,
    /// The zone whose days the facts count on, e.g. `Europe/Rome`.
    pub timezone: String,
    /// The company's name, for the heading.
    pub company: String,
    /// The language of the report's own words: it, bg, zh, or else English.
    pub language: Language,
    /// How many verbatims each theme shows at most.
    pub verbatims_per_theme: usize,
    /// The last day that each source was read to the end of. A source that is missing here
    /// or does not cover the period is left out of the report.
    pub complete_through: BTreeMap<SourceId, Date>,
    /// Version of the store's snapshot that the facts come from.
    pub store_version: u64,
    /// Id of the model that labelled the period.
    pub model: String,
    /// Whether another model labelled part of the baseline: then no change is shown, since
    /// trends never compare two models.
    pub models_differ: bool,
}

impl PulseRequest {
    /// A report in English on days of UTC, with a baseline of 8 periods, 5 verbatims per
    /// theme, no source and no names.
    pub fn new(period: Period, as_of: Timestamp) -> Self {
        Self {
            period,
            baseline: 8,
            as_of,
            timezone: "UTC".to_owned(),
            company: String::new(),
            language: Language::EN,
            verbatims_per_theme: 5,
            complete_through: BTreeMap::new(),
            store_version: 0,
            model: String::new(),
            models_differ: false,
        }
    }
}
