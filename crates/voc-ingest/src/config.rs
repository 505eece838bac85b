//! One `[[sources]]` table of `voc.toml`.

use encoding_rs::Encoding;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value};
use voc_core::SourceId;

use crate::IngestError;
use crate::field::Conventions;
use crate::mapping::{Mapping, Source};
use crate::rule::{self, KeyError};
use crate::table::Dialect;
use crate::time::Calendar;

/// The default of [`SourceConfig::max_record_bytes`]: 1 MiB.
pub(crate) const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// How the files of one source are found and read. The crate's page describes `fields`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// The source's immutable id; every record gets it, whatever its line says.
    pub id: SourceId,
    /// Name for people.
    pub name: Option<String>,
    /// A file, or a pattern such as `exports/*.csv`, relative to a base folder.
    pub path: String,
    /// The form; absent: told from the extension of each file.
    pub format: Option<Format>,
    /// Label of the encoding, e.g. `windows-1251`, `gb18030`; absent: detected. A byte
    /// order mark wins over both.
    pub encoding: Option<String>,
    /// Between the columns of a table, an ASCII character. Absent: a comma in CSV, a tab
    /// in TSV.
    pub delimiter: Option<char>,
    /// Around fields that hold delimiters or line ends, an ASCII character or `""` for
    /// none. Absent: `"`.
    pub quote: Option<String>,
    /// The last column is free text that is not always quoted: what a row has more than
    /// the header belongs to it. Otherwise such a row is rejected.
    #[serde(default)]
    pub rest_in_last_column: bool,
    /// IANA name of the time zone of times that do not say theirs. Absent: UTC.
    pub timezone: Option<String>,
    /// Whether 12/09/2026 is in September. Absent: dates with dots are read day first,
    /// those with slashes or dashes rejected rather than guessed.
    pub day_first: Option<bool>,
    /// Whether numbers are written 3,5.
    #[serde(default)]
    pub decimal_comma: bool,
    /// Path of the list of records in a JSON document, e.g. `data.items`. Absent: the
    /// document is the list, or one record.
    pub records: Option<String>,
    /// Columns that together identify a record where it has no id: the first 16 hex digits
    /// of their SHA-256 become the id.
    #[serde(default)]
    pub id_from: Vec<String>,
    /// Canonical field → how it is filled. Absent: the lines are canonical records.
    pub fields: Option<Map<String, Value>>,
    /// Canonical field → the same value for every record.
    #[serde(default)]
    pub constants: Map<String, Value>,
    /// Size over which a line, row or element is rejected, in bytes of UTF-8. Default
    /// 1 MiB. Memory use grows with it.
    #[serde(default = "max_record_bytes")]
    pub max_record_bytes: usize,
}

fn max_record_bytes() -> usize {
    MAX_RECORD_BYTES
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// One JSON document.
    Json,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
}

/// A configuration that was checked and is ready to read with.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) encoding: Option<&'static Encoding>,
    pub(crate) dialect: Dialect,
    pub(crate) records: Vec<String>,
    pub(crate) mapping: Mapping,
    pub(crate) max_record_bytes: usize,
}

impl SourceConfig {
    /// Checks everything that can be checked without looking at a file.
    ///
    /// # Errors
    /// [`IngestError::Config`] naming the key and what to write.
    pub fn validate(&self) -> Result<(), IngestError> {
        self.format_of(self.path.as_ref())?;
        self.plan(Format::Csv).map(|_| ())
    }

    /// The form of the file at `path`.
    pub(crate) fn format_of(&self, path: &std::path::Path) -> Result<Format, IngestError> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let extension = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or("");
        match extension.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Ok(Format::Jsonl),
            "json" => Ok(Format::Json),
            "csv" => Ok(Format::Csv),
            "tsv" | "tab" => Ok(Format::Tsv),
            _ => Err(self.refuse((
                "format".to_owned(),
                format!(
                    "`{}` does not tell it; write jsonl, json, csv or tsv",
                    self.path
                ),
            ))),
        }
    }

    /// What reading a file in `format` takes.
    pub(crate) fn plan(&self, format: Format) -> Result<Plan, IngestError> {
        let dialect = self.dialect(format);
        let plan = dialect.and_then(|dialect| {
            Ok(Plan {
                encoding: self.known_encoding()?,
                dialect,
                records: self.record_path()?,
                mapping: self.mapping()?,
                max_record_bytes: self.max_record_bytes,
            })
        });
        plan.map_err(|error| self.refuse(error))
    }

    pub(crate) fn refuse(&self, (key, reason): KeyError) -> IngestError {
        IngestError::Config {
            source_id: self.id.clone(),
            key,
            reason,
        }
    }

    fn dialect(&self, format: Format) -> Result<Dialect, KeyError> {
        let ascii = |key: &str, given: char| {
            u8::try_from(given)
                .ok()
                .filter(u8::is_ascii)
                .ok_or_else(|| {
                    (
                        key.to_owned(),
                        format!("`{given}` is not a single ASCII character"),
                    )
                })
        };
        let usual = if format == Format::Tsv { '\t' } else { ',' };
        let quote = match self.quote.as_deref() {
            None => Some(b'"'),
            Some("") => None,
            Some(text) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(quote), None) => Some(ascii("quote", quote)?),
                    _ => return Err(("quote".into(), "write one character, or none".into())),
                }
            }
        };
        Ok(Dialect {
            delimiter: ascii("delimiter", self.delimiter.unwrap_or(usual))?,
            quote,
            rest_in_last_column: self.rest_in_last_column,
        })
    }

    fn known_encoding(&self) -> Result<Option<&'static Encoding>, KeyError> {
        let known =
            |label: &String| {
                Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
                let advice = "write utf-8, utf-16le, windows-1251, gb18030, iso-8859-1 or another \
                              label of the WHATWG Encoding Standard";
                ("encoding".to_owned(), format!("unknown encoding `{label}`; {advice}"))
            })
            };
        self.encoding.as_ref().map(known).transpose()
    }

    fn record_path(&self) -> Result<Vec<String>, KeyError> {
        let members: Vec<String> = self
            .records
            .iter()
            .flat_map(|path| path.split('.'))
            .map(str::to_owned)
            .collect();
        if members.iter().any(String::is_empty) {
            let reason = "write names of members with dots between them, e.g. `data.items`";
            return Err(("records".to_owned(), reason.to_owned()));
        }
        Ok(members)
    }

    fn mapping(&self) -> Result<Mapping, KeyError> {
        let conventions = Conventions {
            calendar: self.calendar()?,
            decimal_comma: self.decimal_comma,
        };
        let constants = rule::constants(&self.constants, &conventions)?;
        let source = self.id.clone();
        match &self.fields {
            None => Ok(Mapping::canonical(
                Source::Fixed(source),
                constants,
                &self.id_from,
                conventions,
            )),
            Some(fields) => {
                let rules = rule::rules(fields, &conventions)?;
                Mapping::mapped(source, rules, constants, &self.id_from, conventions)
            }
        }
    }

    fn calendar(&self) -> Result<Calendar, KeyError> {
        let zone = match &self.timezone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| {
                let advice = "write an IANA name such as Europe/Rome";
                (
                    "timezone".to_owned(),
                    format!("unknown time zone `{name}`; {advice}"),
                )
            })?,
        };
        Ok(Calendar {
            zone,
            day_first: self.day_first,
        })
    }
}
