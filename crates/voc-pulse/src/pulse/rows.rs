//! The rows of a report: kinds, themes, touchpoints, what changed, and verbatims.

use jiff::civil::Date;
use serde::Serialize;
use voc_core::{Channel, Kind, Language, RecordKey, Sentiment, ThemeId, Touchpoint};

use super::{TrendPoint, rounded};
use crate::stats::Interval;

/// A kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindRow {
    /// The kind.
    pub id: Kind,
    /// Its name in the language of the report.
    pub name: String,
    /// Records that carry it.
    pub records: u64,
    /// Share of all records.
    pub share: f64,
    /// 95 % interval of the share; `null` without records.
    pub interval: Option<Interval>,
    /// Against the baseline; `null` where there is none.
    pub change: Option<Change>,
}

/// A theme.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThemeRow {
    /// The theme.
    pub id: ThemeId,
    /// Its name in the language of the report.
    pub name: String,
    /// Records that speak of it in the period.
    pub records: u64,
    /// Share of all records that are written in, or have a message in, the period.
    pub share: f64,
    /// 95 % interval of the share; `null` without records.
    pub interval: Option<Interval>,
    /// The records by feeling.
    pub sentiments: Sentiments,
    /// Share of positive less share of negative, in percentage points, -100 to 100.
    pub net_sentiment: Option<f64>,
    /// Between 1 and 19 records.
    pub small: bool,
    /// Records that speak of a competitor in this respect.
    pub competitor: u64,
    /// Against the baseline; `null` where there is none.
    pub change: Option<Change>,
    /// What customers wrote.
    pub verbatims: Vec<VerbatimRow>,
}

/// Records by feeling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sentiments {
    /// Negative ones.
    pub negative: u64,
    /// Neutral ones.
    pub neutral: u64,
    /// Positive ones.
    pub positive: u64,
    /// Both positive and negative ones.
    pub mixed: u64,
}

impl Sentiments {
    pub(crate) fn add(&mut self, sentiment: Sentiment) {
        match sentiment {
            Sentiment::Negative => self.negative += 1,
            Sentiment::Neutral => self.neutral += 1,
            Sentiment::Positive => self.positive += 1,
            Sentiment::Mixed => self.mixed += 1,
        }
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            negative: self.negative + other.negative,
            neutral: self.neutral + other.neutral,
            positive: self.positive + other.positive,
            mixed: self.mixed + other.mixed,
        }
    }

    /// All of them.
    pub const fn total(self) -> u64 {
        self.negative + self.neutral + self.positive + self.mixed
    }

    /// The number of one feeling.
    pub const fn of(self, sentiment: Sentiment) -> u64 {
        match sentiment {
            Sentiment::Negative => self.negative,
            Sentiment::Neutral => self.neutral,
            Sentiment::Positive => self.positive,
            Sentiment::Mixed => self.mixed,
        }
    }

    /// Share of positive less share of negative, in percentage points.
    pub(crate) fn net(self) -> Option<f64> {
        let net = self.positive as f64 - self.negative as f64;
        (self.total() > 0).then(|| rounded(100.0 * net / self.total() as f64))
    }
}

/// A touchpoint of the journey.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TouchpointRow {
    /// The touchpoint.
    pub id: Touchpoint,
    /// Its name in the language of the report.
    pub name: String,
    /// Records there.
    pub records: u64,
    /// Share of all records.
    pub share: f64,
    /// 95 % interval of the share.
    pub interval: Option<Interval>,
    /// The records by feeling.
    pub sentiments: Sentiments,
    /// Share of positive less share of negative, in percentage points.
    pub net_sentiment: Option<f64>,
    /// Fewer than 20 records.
    pub small: bool,
}

/// A share against its baseline, within source and language.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The share now, among the records that can be compared.
    pub share: f64,
    /// The share in the baseline at the present mix of sources and languages.
    pub baseline: f64,
    /// Share less baseline, in percentage points.
    pub difference: f64,
    /// Share over baseline; `null` where the baseline is zero.
    pub ratio: Option<f64>,
    /// Two-sided p-value; `null` where there was nothing to test.
    pub p_value: Option<f64>,
    /// The p-value adjusted for all tests of the report (Benjamini–Hochberg).
    pub adjusted_p_value: Option<f64>,
    /// What may be said about it.
    pub arrow: Arrow,
    /// Records now that were compared.
    pub records: u64,
    /// Records of the baseline that were compared.
    pub baseline_records: u64,
}

/// What may be said about a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrow {
    /// It rose.
    Up,
    /// It fell.
    Down,
    /// No change beyond chance and the usual swings.
    Steady,
    /// Fewer than 20 records on one of the two sides.
    Withheld,
}

/// A label that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mover {
    /// `kind` or `theme`.
    pub section: MoverSection,
    /// Id of the label.
    pub id: String,
    /// Its name in the language of the report.
    pub name: String,
    /// The change as a sentence.
    pub sentence: String,
    /// What the feeling is, as a sentence, where one sign prevails.
    pub feeling: Option<String>,
    /// Whether it is news to be glad of: praise or a mostly positive theme that rose, or
    /// the opposite that fell. `null` where neither sign prevails.
    pub welcome: Option<bool>,
    /// The numbers.
    pub change: Change,
    /// The share over the trailing 12 periods, oldest first.
    pub trend: Vec<TrendPoint>,
}

/// Where a mover comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MoverSection {
    /// What customers do.
    Kind,
    /// What they speak of.
    Theme,
}

/// The stored text of a record, as the caller gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verbatim {
    /// The text without personal data.
    pub text: String,
    /// The words in it that speak of the theme.
    pub quote: String,
    /// Its language.
    pub language: Language,
    /// Where it was written.
    pub channel: Channel,
    /// The day it counts on.
    pub day: Date,
    /// Where it can be read.
    pub url: Option<String>,
}

/// A verbatim of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerbatimRow {
    /// The record.
    pub record: RecordKey,
    /// What it says.
    #[serde(flatten)]
    pub verbatim: Verbatim,
    /// Name of its language in the language of the report.
    pub language_name: String,
    /// Name of its channel in the language of the report.
    pub channel_name: String,
}
