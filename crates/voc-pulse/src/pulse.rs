//! The report as data. Field names are stable: the JSON form is read by others.
//!
//! Shares run from 0 to 1, differences are percentage points, p-values and shares carry
//! four decimals, so that the noise of floating-point numbers stays out of the bytes.

mod rows;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use voc_core::{Channel, Language, Period, PeriodUnit, SourceId};

pub use self::rows::{
    Arrow, Change, KindRow, Mover, MoverSection, Sentiments, ThemeRow, TouchpointRow, Verbatim,
    VerbatimRow,
};
use crate::stats::{Dispersion, Interval};

/// A report on one period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pulse {
    /// What the report is about and was made from.
    pub header: Header,
    /// The period in a few plain sentences, in the language of the report.
    pub summary: Vec<String>,
    /// What changed most against the baseline, largest difference first.
    pub movers: Vec<Mover>,
    /// How much was said.
    pub volumes: Volumes,
    /// Ratings that were given; scales without an answer are left out.
    pub ratings: Vec<Rating>,
    /// How long customers waited.
    pub response_times: ResponseTimes,
    /// What customers were doing, most frequent first.
    pub kinds: Vec<KindRow>,
    /// What it was about, most frequent first; themes without a mention come last.
    pub themes: Vec<ThemeRow>,
    /// Where in the journey, in its order; only touchpoints that occurred.
    pub touchpoints: Vec<TouchpointRow>,
    /// What no theme covers.
    pub unassigned: Unassigned,
    /// How changes were tested.
    pub method: Method,
    /// How to read the report, and what it leaves out, in its language.
    pub notes: Vec<String>,
}

/// What a report is about and was made from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Header {
    /// The company.
    pub company: String,
    /// The period, e.g. `2026-W32`.
    pub period: Period,
    /// Its length.
    pub unit: PeriodUnit,
    /// Its name in the language of the report.
    pub period_name: String,
    /// Its first day.
    pub first_day: Date,
    /// Its last day.
    pub last_day: Date,
    /// When the report was made, as far as it is concerned.
    pub as_of: Timestamp,
    /// The same in the time zone of the report, `2026-08-10 06:00`.
    pub as_of_local: String,
    /// The zone whose days the records count on.
    pub timezone: String,
    /// The language of the report's own words.
    pub language: Language,
    /// Version of the store's snapshot.
    pub store_version: u64,
    /// Id of the model.
    pub model: String,
    /// Id of the taxonomy.
    pub taxonomy: String,
    /// The periods compared with, oldest first.
    pub baseline: Vec<Period>,
    /// What the baseline is called, e.g. `8-week average`.
    pub baseline_name: String,
    /// Every source, used or not.
    pub sources: Vec<SourceRow>,
}

/// A source and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceRow {
    /// The source.
    pub source: SourceId,
    /// What became of it.
    pub state: SourceState,
    /// The same in the language of the report.
    pub reason: String,
    /// Records of the period, whether used or left out.
    pub records: u64,
    /// The last day it was read to the end of.
    pub complete_through: Option<Date>,
}

/// What became of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Counted and compared.
    Used,
    /// Counted; left out of comparisons on both sides, since it has no record as far back
    /// as the baseline begins.
    New,
    /// Left out altogether: it does not cover the period.
    Incomplete,
}

/// How much was said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Volumes {
    /// Records written by customers and prospects in the period.
    pub records: u64,
    /// Distinct customers who wrote them, as far as they are known.
    pub customers: u64,
    /// Records whose customer is not known.
    pub records_without_customer: u64,
    /// Records of people who are not customers yet.
    pub prospects: u64,
    /// Texts of the company itself, which are not counted.
    pub company_texts: u64,
    /// Mean number of records per baseline period, of the sources that are compared.
    pub baseline_mean: Option<f64>,
    /// Records of the period from the sources that are compared.
    pub compared_records: u64,
    /// By channel, most frequent first.
    pub channels: Vec<ChannelRow>,
    /// By language, most frequent first.
    pub languages: Vec<LanguageRow>,
    /// Records per period over the trailing 12 periods, oldest first.
    pub trend: Vec<TrendPoint>,
}

/// One period of a trend.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrendPoint {
    /// The period.
    pub period: Period,
    /// How many.
    pub count: u64,
    /// Of how many.
    pub base: u64,
    /// The share; `null` of nothing.
    pub share: Option<f64>,
}

/// Records of one channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelRow {
    /// The channel.
    pub id: Channel,
    /// Its name in the language of the report.
    pub name: String,
    /// Records.
    pub records: u64,
    /// Share of all records.
    pub share: f64,
}

/// Records of one language.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LanguageRow {
    /// The language.
    pub id: Language,
    /// Its name in the language of the report.
    pub name: String,
    /// Records.
    pub records: u64,
    /// Share of all records.
    pub share: f64,
}

/// A rating scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RatingScale {
    /// Net promoter score, -100 to 100.
    Nps,
    /// Customer satisfaction, mean of 1 to 5.
    Csat,
    /// Share of customer satisfaction answers of 4 or 5, 0 to 1.
    CsatSatisfied,
    /// Customer effort, mean of 1 to 7.
    Ces,
    /// Stars, mean of 0 to 5.
    Stars,
}

/// What was answered on one scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rating {
    /// The scale.
    pub scale: RatingScale,
    /// Answers.
    pub n: u64,
    /// The score, mean or share.
    pub value: f64,
    /// Its 95 % interval; `null` for the mean of one answer.
    pub interval: Option<Interval>,
    /// The value over the baseline periods together.
    pub baseline: Option<f64>,
    /// Fewer than 20 answers.
    pub small: bool,
}

/// How long customers waited.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ResponseTimes {
    /// From opening to the first response.
    pub first_response: Duration,
    /// From opening to the resolution.
    pub resolution: Duration,
}

/// A median time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Duration {
    /// Records that tell it.
    pub n: u64,
    /// The median in seconds; `null` of none.
    pub median_seconds: Option<f64>,
}

/// Records that say something which no theme covers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Unassigned {
    /// Complaints, wishes and praise without any mention.
    pub records: u64,
    /// All complaints, wishes and praise.
    pub base: u64,
    /// The share; `null` of nothing.
    pub share: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
}

/// How changes were tested.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Method {
    /// Tests in the report that arrows were adjusted for.
    pub tests: u64,
    /// Pooled over all labels.
    pub dispersion: Dispersion,
    /// Records of the period that have no baseline within their source and language.
    pub uncompared_records: u64,
}

impl Interval {
    pub(crate) fn rounded(self) -> Self {
        Self {
            low: rounded(self.low),
            high: rounded(self.high),
        }
    }
}

/// Four decimals, and no negative zero.
pub(crate) fn rounded(value: f64) -> f64 {
    const DECIMALS: f64 = 10_000.0;
    (value * DECIMALS).round() / DECIMALS + 0.0
}
