//! How one canonical field is filled: the values of the tables `fields` and `constants`.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::field::{Conventions, Field, GROUPS, MESSAGE_FIELDS, ValueType};
use crate::path::{Path, is_blank, scalar};

/// What is wrong with a key: the key within the source's table, and why.
pub(crate) type KeyError = (String, String);

/// How a field gets its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// The same for every record.
    Constant(Value),
    /// From columns.
    Columns(Columns),
    /// A thread, from a list.
    Thread {
        from: Columns,
        each: Vec<(Field, Rule)>,
    },
}

/// A value read from columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Columns {
    pub(crate) from: Vec<Path>,
    join: Option<String>,
    formats: Vec<String>,
    map: Map<String, Value>,
    pub(crate) default: Option<Value>,
}

/// The table form of a rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    from: Option<OneOrMore>,
    value: Option<Value>,
    format: Option<OneOrMore>,
    #[serde(default)]
    map: Map<String, Value>,
    default: Option<Value>,
    join: Option<String>,
    each: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for Vec<String> {
    fn from(given: OneOrMore) -> Self {
        match given {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(texts) => texts,
        }
    }
}

/// The table `fields`, read: every canonical field with its rule.
pub(crate) fn rules(
    table: &Map<String, Value>,
    conventions: &Conventions,
) -> Result<Vec<(Field, Rule)>, KeyError> {
    flattened("fields", table)?
        .into_iter()
        .map(|(key, field, value)| Ok((field.clone(), rule(&key, &field, &value, conventions)?)))
        .collect()
}

/// The table `constants`, read.
pub(crate) fn constants(
    table: &Map<String, Value>,
    conventions: &Conventions,
) -> Result<Vec<(Field, Rule)>, KeyError> {
    flattened("constants", table)?
        .into_iter()
        .map(|(key, field, value)| {
            Ok((field.clone(), constant(&key, &field, &value, conventions)?))
        })
        .collect()
}

/// The parts of a message under their canonical names, each from the member of that name.
pub(crate) fn canonical_thread(from: Columns) -> Rule {
    let each = MESSAGE_FIELDS.map(|(name, value_type)| {
        (
            Field {
                name: name.to_owned(),
                value_type,
            },
            column(name),
        )
    });
    Rule::Thread {
        from,
        each: each.into(),
    }
}

/// A value taken from the column called `name`.
pub(crate) fn column(name: &str) -> Rule {
    Rule::Columns(columns(&[name.to_owned()]))
}

/// Values taken from the first of `names` that is there.
pub(crate) fn columns(names: &[String]) -> Columns {
    Columns {
        from: names.iter().map(|name| Path::new(name)).collect(),
        ..Columns::default()
    }
}

/// Keys with the canonical fields they name. `"customer.id" = …` and a table
/// `customer = { id = … }` are the same.
fn flattened(
    table_name: &str,
    table: &Map<String, Value>,
) -> Result<Vec<(String, Field, Value)>, KeyError> {
    let mut found = Vec::new();
    for (name, value) in table {
        match value {
            Value::Object(members) if GROUPS.contains(&name.as_str()) => {
                for (member, value) in members {
                    found.push((format!("{name}.{member}"), value));
                }
            }
            _ => found.push((name.clone(), value)),
        }
    }
    let known = |(name, value): (String, &Value)| {
        let key = format!("{table_name}.{name}");
        match Field::named(&name) {
            Some(field) => Ok((key, field, value.clone())),
            None => Err((key, unknown_field(&name))),
        }
    };
    found.into_iter().map(known).collect()
}

fn unknown_field(name: &str) -> String {
    if name == "source" {
        return "the source is the `id` of the table; it is not mapped".to_owned();
    }
    let all: Vec<_> = crate::field::FIELDS.iter().map(|(name, _)| *name).collect();
    format!(
        "unknown field `{name}`; the fields are: {}, meta.…",
        all.join(", ")
    )
}

fn rule(
    key: &str,
    field: &Field,
    value: &Value,
    conventions: &Conventions,
) -> Result<Rule, KeyError> {
    let wrong = |reason: String| (key.to_owned(), reason);
    let table = match value {
        Value::String(name) if field.value_type == ValueType::Messages => {
            return Ok(canonical_thread(columns(std::slice::from_ref(name))));
        }
        Value::String(name) => return Ok(column(name)),
        Value::Object(_) => Table::deserialize(value).map_err(|error| wrong(error.to_string()))?,
        _ => {
            return Err(wrong(
                "write a column, or a table with `from` or `value`".to_owned(),
            ));
        }
    };
    if let Some(value) = &table.value {
        if table.from.is_some() {
            return Err(wrong("`from` and `value` exclude each other".to_owned()));
        }
        return constant(key, field, value, conventions);
    }
    let names: Vec<String> = table.from.map(Vec::from).unwrap_or_default();
    if names.is_empty() {
        return Err(wrong(
            "name the column with `from`, or give a `value`".to_owned(),
        ));
    }
    let formats: Vec<String> = table.format.map(Vec::from).unwrap_or_default();
    check_formats(field, &formats).map_err(wrong)?;
    if table.join.is_some() && (names.len() < 2 || field.value_type != ValueType::Text) {
        return Err(wrong(
            "`join` needs a text field and several columns in `from`".to_owned(),
        ));
    }
    let from = Columns {
        join: table.join,
        formats,
        map: table.map,
        default: table.default,
        ..columns(&names)
    };
    for (given, value) in &from.map {
        check_value(field, value, conventions)
            .map_err(|why| wrong(format!("map.{given}: {why}")))?;
    }
    if let Some(value) = &from.default {
        check_value(field, value, conventions).map_err(|why| wrong(format!("default: {why}")))?;
    }
    match (field.value_type, table.each) {
        (ValueType::Messages, None) => Ok(canonical_thread(from)),
        (ValueType::Messages, Some(each)) => thread(key, from, &each, conventions),
        (_, Some(_)) => Err(wrong("`each` belongs to `messages` only".to_owned())),
        (_, None) => Ok(Rule::Columns(from)),
    }
}

fn thread(
    key: &str,
    from: Columns,
    each: &Map<String, Value>,
    conventions: &Conventions,
) -> Result<Rule, KeyError> {
    let mut parts = Vec::new();
    for (name, value) in each {
        let key = format!("{key}.each.{name}");
        let Some((_, value_type)) = MESSAGE_FIELDS.iter().find(|(known, _)| known == name) else {
            return Err((
                key,
                "unknown field; those of a message are: at, by, author, text".into(),
            ));
        };
        let field = Field {
            name: name.clone(),
            value_type: *value_type,
        };
        let rule = rule(&key, &field, value, conventions)?;
        parts.push((field, rule));
    }
    for needed in ["by", "text"] {
        if !each.contains_key(needed) {
            return Err((
                format!("{key}.each"),
                format!("say where `{needed}` comes from"),
            ));
        }
    }
    Ok(Rule::Thread { from, each: parts })
}

fn constant(
    key: &str,
    field: &Field,
    value: &Value,
    conventions: &Conventions,
) -> Result<Rule, KeyError> {
    match conventions.convert(field.value_type, value, &[]) {
        Ok(Some(value)) => Ok(Rule::Constant(value)),
        Ok(None) => Err((key.to_owned(), "the value is empty".to_owned())),
        Err(why) => Err((key.to_owned(), why)),
    }
}

/// An empty value in a `map` says that the field is then absent.
fn check_value(field: &Field, value: &Value, conventions: &Conventions) -> Result<(), String> {
    conventions
        .convert(field.value_type, value, &[])
        .map(|_| ())
}

fn check_formats(field: &Field, formats: &[String]) -> Result<(), String> {
    if !formats.is_empty() && field.value_type != ValueType::Time {
        return Err("`format` belongs to times only".to_owned());
    }
    for format in formats {
        let any = jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC);
        if let Err(error) = jiff::fmt::strtime::format(format, &any) {
            return Err(format!("format `{format}`: {error}"));
        }
    }
    Ok(())
}

impl Rule {
    /// The columns of a row that the rule reads.
    pub(crate) fn columns(&self) -> &[Path] {
        match self {
            Self::Constant(_) => &[],
            Self::Columns(columns) | Self::Thread { from: columns, .. } => &columns.from,
        }
    }

    /// The canonical value for `row`; `None` where the source has none.
    ///
    /// # Errors
    /// Why it does not fit, naming the message of a thread, without repeating the value.
    pub(crate) fn value(
        &self,
        field: &Field,
        row: &Value,
        conventions: &Conventions,
    ) -> Result<Option<Value>, String> {
        match self {
            Self::Constant(value) => Ok(Some(value.clone())),
            Self::Columns(columns) => columns.value(field, row, conventions),
            Self::Thread { from, each } => match from.first(row) {
                Some(Value::Array(items)) => items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| message(index, item, each, conventions))
                    .collect::<Result<_, _>>()
                    .map(|messages| Some(Value::Array(messages))),
                Some(_) => Err("wrong type: expected a list of messages".to_owned()),
                None => Ok(None),
            },
        }
    }
}

/// One message. A text that is missing is empty: an attachment came without words.
fn message(
    index: usize,
    item: &Value,
    each: &[(Field, Rule)],
    conventions: &Conventions,
) -> Result<Value, String> {
    let mut message = Map::new();
    message.insert("text".to_owned(), Value::String(String::new()));
    for (field, rule) in each {
        let value = rule
            .value(field, item, conventions)
            .map_err(|why| format!("[{index}].{}: {why}", field.name))?;
        if let Some(value) = value {
            field.put(&mut message, value);
        }
    }
    if !message.contains_key("by") {
        return Err(format!("[{index}].by: missing; give a `default`"));
    }
    Ok(Value::Object(message))
}

impl Columns {
    fn first<'a>(&self, row: &'a Value) -> Option<&'a Value> {
        self.from.iter().find_map(|path| path.get(row))
    }

    fn value(
        &self,
        field: &Field,
        row: &Value,
        conventions: &Conventions,
    ) -> Result<Option<Value>, String> {
        if let Some(join) = &self.join {
            return Ok(self.joined(join, row).or_else(|| self.default.clone()));
        }
        let Some(given) = self.first(row) else {
            return self.fixed(field, self.default.as_ref(), conventions);
        };
        if self.map.is_empty() {
            return conventions.convert(field.value_type, given, &self.formats);
        }
        let mapped = scalar(given).and_then(|text| self.map.get(text.trim()));
        match mapped.or(self.default.as_ref()) {
            Some(value) => self.fixed(field, Some(value), conventions),
            None => conventions.convert(field.value_type, given, &self.formats),
        }
    }

    /// A value that the configuration gives.
    fn fixed(
        &self,
        field: &Field,
        value: Option<&Value>,
        conventions: &Conventions,
    ) -> Result<Option<Value>, String> {
        match value {
            Some(value) => conventions.convert(field.value_type, value, &[]),
            None => Ok(None),
        }
    }

    fn joined(&self, join: &str, row: &Value) -> Option<Value> {
        let texts: Vec<_> = self
            .from
            .iter()
            .filter_map(|path| path.get(row).and_then(scalar))
            .collect();
        let joined = Value::String(texts.join(join));
        (!is_blank(&joined)).then_some(joined)
    }
}
