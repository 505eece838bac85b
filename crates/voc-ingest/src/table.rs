//! Delimited tables (CSV, TSV) whose first row names the columns.

use std::io::{self, BufRead};
use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::item::{Emitter, over_limit};
use crate::rows::{Fields, Row, Rows};

/// How a table is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) quote: Option<u8>,
    pub(crate) rest_in_last_column: bool,
}

/// Why a table cannot be read.
pub(crate) enum TableError {
    Io(io::Error),
    Header(String),
}

impl From<io::Error> for TableError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads every row under the header.
pub(crate) fn read(
    input: impl BufRead,
    dialect: &Dialect,
    limit: usize,
    emitter: &mut Emitter<'_>,
) -> Result<(), TableError> {
    let mut rows = Rows::new(input, dialect.delimiter, dialect.quote, limit);
    let header = header(&mut rows, dialect, emitter)?;
    while let Some(row) = rows.next_row()? {
        if emitter.skips_next() {
            emitter.pass();
            continue;
        }
        let position = format!("row {}", emitter.next_number() + 2);
        let flow = match row {
            Row::Fields(fields) => match columns(&header, &fields, dialect) {
                Ok(columns) => emitter.item(position, fields.raw, |_| Ok(columns)),
                Err(reason) => emitter.reject(position, reason, fields.raw),
            },
            Row::OpenQuote(line) => emitter.reject(position, open_quote(), line),
            Row::TooLong(start) => emitter.reject(position, over_limit(limit), start),
        };
        if flow == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

/// The names of the columns, made distinct: a blank one is `column 3`, a repeated one
/// `name (2)`.
fn header<R: BufRead>(
    rows: &mut Rows<R>,
    dialect: &Dialect,
    emitter: &Emitter<'_>,
) -> Result<Vec<String>, TableError> {
    let Some(Row::Fields(fields)) = rows.next_row()? else {
        return Err(TableError::Header(
            "there is no header row; the first row must name the columns".to_owned(),
        ));
    };
    let mut names: Vec<String> = Vec::with_capacity(fields.len());
    for (index, field) in fields.iter().enumerate() {
        let name = match field.trim() {
            "" => format!("column {}", index + 1),
            name => name.to_owned(),
        };
        let same = names.iter().filter(|known| **known == name).count();
        names.push(if same == 0 {
            name
        } else {
            format!("{name} ({})", same + 1)
        });
    }
    match emitter.mapping().missing_column(&names) {
        None => Ok(names),
        Some((field, column)) => Err(TableError::Header(format!(
            "the header has no column `{column}`, from which `{field}` is read; {} columns were \
             found with the delimiter {:?}: check `delimiter`, `encoding` and `fields`",
            names.len(),
            char::from(dialect.delimiter),
        ))),
    }
}

fn columns(
    header: &[String],
    fields: &Fields<'_>,
    dialect: &Dialect,
) -> Result<Map<String, Value>, String> {
    let surplus = fields.len() > header.len() && dialect.rest_in_last_column;
    if fields.len() != header.len() && !surplus {
        return Err(format!(
            "the row has {} columns, the header {}",
            fields.len(),
            header.len()
        ));
    }
    let mut values: Vec<String> = fields.iter().map(std::borrow::Cow::into_owned).collect();
    if surplus {
        let last = values.split_off(header.len() - 1);
        values.push(last.join(&char::from(dialect.delimiter).to_string()));
    }
    Ok(header
        .iter()
        .cloned()
        .zip(values.into_iter().map(Value::String))
        .collect())
}

fn open_quote() -> String {
    "a quote is opened and not closed; the next line was read as a new row".to_owned()
}
