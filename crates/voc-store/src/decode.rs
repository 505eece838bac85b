//! Reading columns into the vocabulary.

use std::error::Error;
use std::str::FromStr;

use rusqlite::types::Type;
use rusqlite::{Result, Row};
use serde::de::DeserializeOwned;
use voc_core::{QuantizedVector, RecordKey, Span, Urgency};

/// What a column that does not hold what the schema says becomes.
fn invalid(column: usize, error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

/// A label, language, date or time.
pub(crate) fn parsed<T>(row: &Row<'_>, column: usize) -> Result<T>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    row.get_ref(column)?
        .as_str()?
        .parse()
        .map_err(|error| invalid(column, error))
}

/// As [`parsed`], or `None` for NULL.
pub(crate) fn parsed_if_any<T>(row: &Row<'_>, column: usize) -> Result<Option<T>>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(|text| text.parse().map_err(|error| invalid(column, error)))
        .transpose()
}

/// An id.
pub(crate) fn id<T>(row: &Row<'_>, column: usize) -> Result<T>
where
    T: TryFrom<String, Error: Error + Send + Sync + 'static>,
{
    T::try_from(row.get(column)?).map_err(|error| invalid(column, error))
}

/// As [`id`], or `None` for NULL.
pub(crate) fn id_if_any<T>(row: &Row<'_>, column: usize) -> Result<Option<T>>
where
    T: TryFrom<String, Error: Error + Send + Sync + 'static>,
{
    let text: Option<String> = row.get(column)?;
    text.map(|text| T::try_from(text).map_err(|error| invalid(column, error)))
        .transpose()
}

/// A value kept as JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| invalid(column, error))
}

/// A key from two neighbouring columns, `source` and `id`.
pub(crate) fn key(row: &Row<'_>, source: usize) -> Result<RecordKey> {
    Ok(RecordKey {
        source: id(row, source)?,
        id: id(row, source + 1)?,
    })
}

/// A vector.
pub(crate) fn vector(row: &Row<'_>, column: usize) -> Result<QuantizedVector> {
    let bytes = row.get_ref(column)?.as_blob()?;
    QuantizedVector::from_bytes(bytes).map_err(|error| invalid(column, error))
}

/// A level of urgency.
pub(crate) fn urgency(row: &Row<'_>, column: usize) -> Result<Urgency> {
    Urgency::try_from(row.get::<_, u8>(column)?).map_err(|error| invalid(column, error))
}

/// A span from two neighbouring columns, start and end.
pub(crate) fn span(row: &Row<'_>, start: usize) -> Result<Span> {
    Span::new(row.get(start)?, row.get(start + 1)?).map_err(|error| invalid(start, error))
}
