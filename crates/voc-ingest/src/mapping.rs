//! A source's row to a canonical record.

use std::collections::HashSet;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use voc_core::{Body, Record, SourceId};

use crate::field::{Conventions, FIELDS, Field, ValueType};
use crate::path::{Path, rest, scalar};
use crate::rule::{self, Columns, KeyError, Rule};

/// Whose records these are.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Every record's, whatever the row says.
    Fixed(SourceId),
    /// The one of rows that name none.
    Default(SourceId),
}

/// How the rows of one source become records.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    source: Source,
    rules: Vec<(Field, Rule)>,
    /// Rows are canonical records already; what is unknown stays where it is.
    canonical: bool,
    id_from: Vec<Path>,
    conventions: Conventions,
    used: HashSet<String>,
}

impl Mapping {
    /// The mapping of canonical lines, except for `constants`.
    pub(crate) fn canonical(
        source: Source,
        constants: Vec<(Field, Rule)>,
        id_from: &[String],
        conventions: Conventions,
    ) -> Self {
        let own = |name: &str| !constants.iter().any(|(field, _)| field.name == name);
        let mut rules: Vec<_> = FIELDS
            .iter()
            .filter(|(name, _)| own(name))
            .map(|(name, value_type)| {
                let rule = match value_type {
                    ValueType::Messages => {
                        rule::canonical_thread(rule::columns(&[(*name).to_owned()]))
                    }
                    _ => rule::column(name),
                };
                (
                    Field {
                        name: (*name).to_owned(),
                        value_type: *value_type,
                    },
                    rule,
                )
            })
            .collect();
        rules.extend(constants);
        Self::new(source, rules, true, id_from, conventions)
    }

    /// The mapping of `rules` and `constants`.
    ///
    /// # Errors
    /// The key and the reason if a field is given twice or a necessary one not at all.
    pub(crate) fn mapped(
        source: SourceId,
        mut rules: Vec<(Field, Rule)>,
        constants: Vec<(Field, Rule)>,
        id_from: &[String],
        conventions: Conventions,
    ) -> Result<Self, KeyError> {
        rules.extend(constants);
        let mut seen = HashSet::new();
        for (field, _) in &rules {
            if !seen.insert(field.name.as_str()) {
                return Err((
                    format!("fields.{}", field.name),
                    "the field is given twice".into(),
                ));
            }
        }
        if !seen.contains("id") && id_from.is_empty() {
            return Err((
                "id_from".to_owned(),
                "the file is refused: say which columns identify a record (`fields.id`, or \
                 `id_from` with columns to hash)"
                    .to_owned(),
            ));
        }
        for needed in ["channel", "created_at"] {
            if !seen.contains(needed) {
                return Err((
                    format!("fields.{needed}"),
                    "every record needs it: name its column, or a value under `constants`".into(),
                ));
            }
        }
        if !seen.contains("text") && !seen.contains("messages") {
            return Err((
                "fields.text".to_owned(),
                "name the column of the text".to_owned(),
            ));
        }
        Ok(Self::new(
            Source::Fixed(source),
            rules,
            false,
            id_from,
            conventions,
        ))
    }

    fn new(
        source: Source,
        rules: Vec<(Field, Rule)>,
        canonical: bool,
        id_from: &[String],
        conventions: Conventions,
    ) -> Self {
        let id_from = id_from.iter().map(|column| Path::new(column)).collect();
        let paths = rules.iter().flat_map(|(_, rule)| rule.columns());
        let mut used: HashSet<_> = paths.flat_map(Path::columns).map(str::to_owned).collect();
        if canonical {
            used.extend(FIELDS.iter().map(|(name, _)| (*name).to_owned()));
        }
        Self {
            source,
            rules,
            canonical,
            id_from,
            conventions,
            used,
        }
    }

    /// The first necessary field of which `header` has no column, and the column.
    pub(crate) fn missing_column(&self, header: &[String]) -> Option<(&str, &str)> {
        let absent = |path: &Path| !path.columns().any(|name| header.iter().any(|h| h == name));
        let necessary = |(field, rule): &&(Field, Rule)| {
            let by_name = match field.name.as_str() {
                "id" => self.id_from.is_empty(),
                "channel" | "created_at" | "text" => true,
                _ => false,
            };
            by_name
                && !matches!(
                    rule,
                    Rule::Columns(Columns {
                        default: Some(_),
                        ..
                    })
                )
        };
        let of_rules = self
            .rules
            .iter()
            .filter(necessary)
            .find_map(|(field, rule)| {
                let first = rule.columns().first()?;
                rule.columns()
                    .iter()
                    .all(absent)
                    .then_some((field.name.as_str(), first.text()))
            });
        let of_id = || self.id_from.iter().find(|path| absent(path));
        of_rules.or_else(|| of_id().map(|path| ("id_from", path.text())))
    }

    /// The record of a row.
    ///
    /// # Errors
    /// Which field is wrong and why, without repeating what the row says.
    pub(crate) fn record(&self, row: Map<String, Value>) -> Result<Record, String> {
        let row = Value::Object(row);
        let mut fields = Map::new();
        for (field, rule) in &self.rules {
            let value = rule
                .value(field, &row, &self.conventions)
                .map_err(|why| named(&field.name, &why))?;
            if let Some(value) = value {
                field.put(&mut fields, value);
            }
        }
        self.identify(&row, &mut fields)?;
        complete(&mut fields)?;
        self.keep_the_rest(row, &mut fields)?;
        // Every value was checked above, so what is refused here is a rule between fields
        // or of a scale, and its reason repeats no text.
        let mut record: Record =
            serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
        if let Body::Messages(messages) = &mut record.body
            && !self.canonical
        {
            messages.sort_by_key(|message| message.at);
        }
        Ok(record)
    }

    fn identify(&self, row: &Value, fields: &mut Map<String, Value>) -> Result<(), String> {
        if !fields.contains_key("id") && !self.id_from.is_empty() {
            let id =
                hashed(&self.id_from, row).ok_or("no id: the columns of `id_from` are empty")?;
            fields.insert("id".to_owned(), Value::String(id));
        }
        let source = match (&self.source, row.get("source")) {
            (Source::Fixed(source), _) | (Source::Default(source), None | Some(Value::Null)) => {
                source.as_str()
            }
            (Source::Default(_), Some(Value::String(text))) if SourceId::new(text).is_ok() => text,
            _ => return Err("source: not usable as an id".to_owned()),
        };
        fields.insert("source".to_owned(), source.into());
        Ok(())
    }

    /// What no rule reads goes to `meta`. On canonical lines `voc-core` sees to it, because
    /// it knows which names belong to an annotation.
    fn keep_the_rest(&self, row: Value, fields: &mut Map<String, Value>) -> Result<(), String> {
        let canonical = self.canonical;
        let mut rest = rest(row, |name| {
            self.used.contains(name) || (canonical && name == "source")
        });
        if canonical {
            let meta = rest.remove("meta").unwrap_or_default();
            fields.append(&mut rest);
            rest = match meta {
                Value::Object(meta) => meta,
                Value::Null => return Ok(()),
                _ => return Err("meta: wrong type: expected an object".to_owned()),
            };
        }
        if rest.is_empty() {
            return Ok(());
        }
        let meta = fields
            .entry("meta")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(meta) = meta {
            for (name, value) in rest {
                meta.entry(name).or_insert(value);
            }
        }
        Ok(())
    }
}

/// Checks that the necessary fields are there, and gives messages without a time that of
/// the record.
fn complete(fields: &mut Map<String, Value>) -> Result<(), String> {
    for needed in ["id", "channel", "created_at"] {
        if !fields.contains_key(needed) {
            return Err(format!("no {needed}"));
        }
    }
    if !fields.contains_key("text") && !fields.contains_key("messages") {
        return Err("no text".to_owned());
    }
    if let Some(Value::Object(outcome)) = fields.get("outcome")
        && outcome.len() < 2
    {
        return Err("outcome: needs both `type` and `at`".to_owned());
    }
    let created_at = fields.get("created_at").cloned().unwrap_or_default();
    if let Some(Value::Array(messages)) = fields.get_mut("messages") {
        for message in messages.iter_mut().filter_map(Value::as_object_mut) {
            message.entry("at").or_insert_with(|| created_at.clone());
        }
    }
    Ok(())
}

/// `messages` and `[2].by: missing` make `messages[2].by: missing`.
fn named(field: &str, why: &str) -> String {
    if why.starts_with('[') {
        format!("{field}{why}")
    } else {
        format!("{field}: {why}")
    }
}

/// The first 16 hexadecimal digits of the SHA-256 of the columns, each with its length
/// before it so that shifting text from one to the next makes another id. `None` if all
/// are empty.
fn hashed(columns: &[Path], row: &Value) -> Option<String> {
    let values: Vec<_> = columns
        .iter()
        .map(|path| {
            path.get(row)
                .map(|value| scalar(value).unwrap_or_else(|| value.to_string()))
        })
        .collect();
    values.iter().any(Option::is_some).then(|| {
        let mut hash = Sha256::new();
        for value in values {
            let value = value.unwrap_or_default();
            hash.update((value.len() as u64).to_le_bytes());
            hash.update(value);
        }
        hash.finalize()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    })
}
