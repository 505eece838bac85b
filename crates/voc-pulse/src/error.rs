use thiserror::Error;

/// Why a report could not be made or written.
#[derive(Debug, Error)]
pub enum PulseError {
    /// The time zone of the report is not in the time zone database.
    #[error("`{0}` is not a time zone; write one such as Europe/Rome or UTC")]
    UnknownTimezone(String),
    /// More baseline periods than a report looks back on.
    #[error("a baseline of {0} periods is too long; give at most {max}", max = crate::MAX_BASELINE)]
    BaselineTooLong(usize),
    /// The report could not be written as JSON.
    #[error("the report could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The report could not be written as CSV.
    #[error("the report could not be written as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The report could not be written as HTML.
    #[error("the report could not be written as HTML: {0}")]
    Html(#[from] askama::Error),
}
