//! The fields of a canonical record, and how a source's value becomes one.

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use voc_core::{Channel, Language, OutcomeType, RecordId, Role, Speaker};

use crate::path::{is_blank, scalar};
use crate::time::Calendar;

/// What a canonical field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    Id,
    Text,
    Time,
    Number,
    Flag,
    Language,
    Channel,
    Speaker,
    Role,
    OutcomeType,
    Tags,
    /// A thread: its parts are mapped one by one.
    Messages,
    /// Under `meta`: anything, as it is.
    Any,
}

/// A field of a canonical record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// The path, e.g. `customer.id`.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) value_type: ValueType,
}

/// Every field but `source`, which the configuration sets, and `meta`.
pub(crate) const FIELDS: [(&str, ValueType); 30] = [
    ("id", ValueType::Id),
    ("channel", ValueType::Channel),
    ("created_at", ValueType::Time),
    ("updated_at", ValueType::Time),
    ("title", ValueType::Text),
    ("text", ValueType::Text),
    ("messages", ValueType::Messages),
    ("lang", ValueType::Language),
    ("author", ValueType::Text),
    ("customer.id", ValueType::Text),
    ("customer.role", ValueType::Role),
    ("customer.tier", ValueType::Text),
    ("customer.segment", ValueType::Text),
    ("customer.locale", ValueType::Text),
    ("product", ValueType::Text),
    ("ratings.nps", ValueType::Number),
    ("ratings.csat", ValueType::Number),
    ("ratings.ces", ValueType::Number),
    ("ratings.stars", ValueType::Number),
    ("ticket.status", ValueType::Text),
    ("ticket.opened_at", ValueType::Time),
    ("ticket.first_response_at", ValueType::Time),
    ("ticket.resolved_at", ValueType::Time),
    ("ticket.priority", ValueType::Text),
    ("ticket.queue", ValueType::Text),
    ("ticket.tags", ValueType::Tags),
    ("outcome.type", ValueType::OutcomeType),
    ("outcome.at", ValueType::Time),
    ("consent", ValueType::Flag),
    ("url", ValueType::Text),
];

/// The fields of one message of a thread.
pub(crate) const MESSAGE_FIELDS: [(&str, ValueType); 4] = [
    ("at", ValueType::Time),
    ("by", ValueType::Speaker),
    ("author", ValueType::Text),
    ("text", ValueType::Text),
];

/// The names under which canonical fields are grouped; under them tables nest.
pub(crate) const GROUPS: [&str; 5] = ["customer", "ratings", "ticket", "outcome", "meta"];

/// How a source writes its values.
#[derive(Clone, Debug)]
pub(crate) struct Conventions {
    pub(crate) calendar: Calendar,
    pub(crate) decimal_comma: bool,
}

impl Field {
    /// The canonical field called `name`; anything under `meta.` is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let of_meta = name.strip_prefix("meta.").filter(|key| !key.is_empty());
        let value_type = match of_meta {
            Some(_) => ValueType::Any,
            None => FIELDS.iter().find(|(known, _)| *known == name)?.1,
        };
        Some(Self {
            name: name.to_owned(),
            value_type,
        })
    }

    /// Sets the field in a record that is being put together.
    pub(crate) fn put(&self, record: &mut Map<String, Value>, value: Value) {
        let Some((group, key)) = self.name.split_once('.') else {
            record.insert(self.name.clone(), value);
            return;
        };
        let members = record
            .entry(group)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(members) = members {
            members.insert(key.to_owned(), value);
        }
    }
}

impl Conventions {
    /// Turns a source's value into a canonical one; `None` where it is blank.
    ///
    /// # Errors
    /// Why it does not fit, without repeating it.
    pub(crate) fn convert(
        &self,
        value_type: ValueType,
        value: &Value,
        formats: &[String],
    ) -> Result<Option<Value>, String> {
        if is_blank(value) {
            return Ok(None);
        }
        match value_type {
            ValueType::Any => Ok(value.clone()),
            ValueType::Text => plain(value),
            ValueType::Id => id(value),
            ValueType::Time => self.time(value, formats),
            ValueType::Number => self.number(value),
            ValueType::Flag => flag(value),
            ValueType::Tags => tags(value),
            ValueType::Language => language(value),
            ValueType::Channel => label::<Channel>(
                value,
                "channel",
                "ticket, chat, email, social, review, survey, sales_note, agent, other",
            ),
            ValueType::Speaker => label::<Speaker>(value, "speaker", "customer, agent, system"),
            ValueType::Role => label::<Role>(value, "role", "customer, prospect"),
            ValueType::OutcomeType => {
                label::<OutcomeType>(value, "outcome", "converted, returned, repurchased, left")
            }
            ValueType::Messages => Err(wrong("a list of messages", value)),
        }
        .map(Some)
    }

    fn time(&self, value: &Value, formats: &[String]) -> Result<Value, String> {
        let time = match (value, scalar(value)) {
            (Value::Number(number), _) if number.is_f64() && formats.is_empty() => {
                Calendar::epoch(number.as_f64().unwrap_or_default())
            }
            (Value::String(_) | Value::Number(_), Some(text)) => self.calendar.time(&text, formats),
            _ => return Err(wrong("a date", value)),
        };
        Ok(Value::String(time?.to_string()))
    }

    fn number(&self, value: &Value) -> Result<Value, String> {
        let text = match value {
            Value::Number(_) => return Ok(value.clone()),
            Value::String(text) if self.decimal_comma => text.trim().replace(',', "."),
            Value::String(text) => text.trim().to_owned(),
            _ => return Err(wrong("a number", value)),
        };
        let number = text.parse().ok().and_then(Number::from_f64);
        number.map(Value::Number).ok_or_else(|| {
            let hint = if text.contains(',') {
                "; set `decimal_comma`"
            } else {
                ""
            };
            format!("not a number{hint}")
        })
    }
}

/// Text; numbers and truth values are written out.
fn plain(value: &Value) -> Result<Value, String> {
    scalar(value)
        .map(Value::String)
        .ok_or_else(|| wrong("text", value))
}

fn id(value: &Value) -> Result<Value, String> {
    let text = match value {
        Value::String(_) => scalar(value),
        Value::Number(number) if !number.is_f64() => scalar(value),
        _ => None,
    };
    let text = text.ok_or_else(|| wrong("text or a whole number", value))?;
    match RecordId::new(&text) {
        Ok(id) => Ok(Value::String(id.as_str().to_owned())),
        Err(_) => Err("holds a control character".to_owned()),
    }
}

fn flag(value: &Value) -> Result<Value, String> {
    let text = scalar(value).ok_or_else(|| wrong("true or false", value))?;
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Ok(Value::Bool(true)),
        "false" | "no" | "n" | "0" => Ok(Value::Bool(false)),
        _ => Err("neither true nor false; use `map`".to_owned()),
    }
}

/// A list of texts, or one text split at commas and semicolons.
fn tags(value: &Value) -> Result<Value, String> {
    match value {
        Value::Array(items) => items
            .iter()
            .map(plain)
            .collect::<Result<_, _>>()
            .map(Value::Array),
        Value::String(text) => Ok(text
            .split([',', ';'])
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .collect::<Vec<_>>()
            .into()),
        _ => Err(wrong("a list of texts", value)),
    }
}

/// A code, also as the object that an annotation puts in its place.
fn language(value: &Value) -> Result<Value, String> {
    let code = value.get("code").unwrap_or(value);
    let text = scalar(code).ok_or_else(|| wrong("a language code", code))?;
    match text.parse::<Language>() {
        Ok(language) => Ok(Value::String(language.to_string())),
        Err(_) => Err("not a language code such as `it`; use `map`".to_owned()),
    }
}

fn label<T: DeserializeOwned>(value: &Value, what: &str, all: &str) -> Result<Value, String> {
    let text = scalar(value)
        .ok_or_else(|| wrong("text", value))?
        .trim()
        .to_lowercase();
    let label = Value::String(text);
    match T::deserialize(&label) {
        Ok(_) => Ok(label),
        Err(_) => Err(format!("unknown {what}; expected one of: {all}; use `map`")),
    }
}

fn wrong(expected: &str, value: &Value) -> String {
    let found = match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    format!("wrong type: expected {expected}, found {found}")
}
