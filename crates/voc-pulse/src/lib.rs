//! Statistics of customer feedback, and the pulse reports made from them.
//!
//! [`PulseBuilder`] folds facts ([`voc_core::RecordFact`], [`voc_core::MentionFact`]), in any
//! order, into a [`Pulse`]: what customers did and spoke of in a period, how sure that is,
//! what changed against the periods before, and their own words. [`render`] writes it as
//! JSON, CSV, Markdown, or one self-contained page of HTML, in English, Italian, Bulgarian
//! or Chinese. [`stats`] holds the formulas with their sources. [`audit`] draws records for a
//! person to label, and tells from the labels how far the model's shares are off.
//!
//! Two bases: kinds, touchpoints and ratings are shares of the records that were *written*
//! in the period. A theme counts on the day of the message that speaks of it, so themes are
//! shares of the records that were written, or have a mention, in the period. Texts of
//! channel `agent` are the company's own words: they are counted apart.
//!
//! Sources that were not read past the end of the period are left out altogether; those
//! without a record as far back as the baseline begins are counted and left out of
//! comparisons, on both sides. The report names both.
//!
//! Limits: facts of the window are joined in memory, about 300 bytes per record with its
//! mentions. Near-duplicates are the business of whoever gives the facts. A baseline has at
//! most [`MAX_BASELINE`] periods.
//!
//! **Architecture Invariant:** no database, no file, no clock. Everything that depends on
//! today is in the [`PulseRequest`].
//!
//! **Architecture Invariant:** the same facts and request give the same bytes, whatever the
//! order of the facts: sums are of whole numbers, and every list has a fixed order.
//!
//! **Architecture Invariant:** texts of customers reach a page only through the escaping of
//! askama, a table only through the cell rule of [`render::csv`]. Pages hold no script.

mod assemble;
pub mod audit;
mod builder;
mod calendar;
mod change;
mod error;
mod labels;
mod measures;
mod mentions;
mod notes;
mod pulse;
mod records;
pub mod render;
mod request;
pub mod stats;
mod story;
mod tally;
#[cfg(test)]
mod tests;
mod verbatim;
mod voices;
mod words;

pub use builder::PulseBuilder;
pub use error::PulseError;
pub use pulse::{
    Arrow, Change, ChannelRow, Duration, Header, KindRow, LanguageRow, Method, Mover, MoverSection,
    Pulse, Rating, RatingScale, ResponseTimes, Sentiments, SourceRow, SourceState, ThemeRow,
    TouchpointRow, TrendPoint, Unassigned, Verbatim, VerbatimRow, Volumes,
};
pub use request::{MAX_BASELINE, PulseRequest};

/// Fewer records than this on either side, and no arrow is shown; below it a sample is
/// marked as small.
pub const MIN_RECORDS: u64 = 20;
