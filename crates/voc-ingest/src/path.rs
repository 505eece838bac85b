//! Where a value lies in a line or row: `author.handle`, `comments[0].body`,
//! `custom_fields[id=31].value`.

use serde_json::{Map, Value};

/// The way to a value. A column that is called exactly like the path comes first, so that
/// headers with dots and brackets can be named as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The member of an object with this name.
    Member(String),
    /// The element of a list, from 0.
    Index(usize),
    /// The first element of a list whose member has this value; of an object, the object
    /// itself if its member has it.
    Where(String, String),
}

impl Path {
    /// Reads a path. What does not follow the grammar can still be the name of a column.
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            steps: steps(text).unwrap_or_default(),
        }
    }

    /// The path as written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The top-level columns that the path may read.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        let first = self.steps.iter().find_map(|step| match step {
            Step::Member(name) => Some(name.as_str()),
            Step::Index(_) | Step::Where(..) => None,
        });
        [self.text.as_str()].into_iter().chain(first)
    }

    /// The value in `row`; `None` where there is none, it is null or a blank text.
    pub(crate) fn get<'a>(&self, row: &'a Value) -> Option<&'a Value> {
        let value = match row.get(&self.text) {
            Some(value) => value,
            None if self.steps.is_empty() => return None,
            None => self
                .steps
                .iter()
                .try_fold(row, |value, step| step.take(value))?,
        };
        (!is_blank(value)).then_some(value)
    }
}

impl Step {
    fn take<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Member(name) => value.get(name),
            Self::Index(index) => value.get(index),
            Self::Where(name, wanted) => match value {
                Value::Array(items) => items.iter().find(|item| has(item, name, wanted)),
                _ => Some(value).filter(|value| has(value, name, wanted)),
            },
        }
    }
}

fn has(value: &Value, name: &str, wanted: &str) -> bool {
    value
        .get(name)
        .and_then(scalar)
        .is_some_and(|text| text == wanted)
}

/// The text of a text, number or truth value.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Null, a blank text, an empty list or object: absent.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Removes from `row` what is absent or listed by `used`.
pub(crate) fn rest(row: Value, used: impl Fn(&str) -> bool) -> Map<String, Value> {
    match row {
        Value::Object(row) => row
            .into_iter()
            .filter(|(name, value)| !used(name) && !is_blank(value))
            .collect(),
        _ => Map::new(),
    }
}

fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut left = text;
    while !left.is_empty() {
        left = match left.strip_prefix('[') {
            Some(inner) => {
                let (inside, after) = inner.split_once(']')?;
                steps.push(bracket(inside)?);
                after.strip_prefix('.').unwrap_or(after)
            }
            None => {
                let end = left.find(['.', '[']).unwrap_or(left.len());
                let (name, after) = left.split_at(end);
                if name.is_empty() {
                    return None;
                }
                steps.push(Step::Member(name.to_owned()));
                after.strip_prefix('.').unwrap_or(after)
            }
        };
    }
    Some(steps)
}

fn bracket(inside: &str) -> Option<Step> {
    match inside.split_once('=') {
        Some((name, wanted)) => Some(Step::Where(
            name.trim().to_owned(),
            wanted.trim().to_owned(),
        )),
        None => inside.trim().parse().ok().map(Step::Index),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(path: &str, expect: Option<Value>) {
        let row = json!({
            "id": 7, "author.name": "column with a dot", "Stars [1-5]": 4, "blank": " ",
            "author": {"handle": "@ada", "name": "nested"}, "empty": [], "none": null,
            "comments": [{"by": "customer", "body": "first"}, {"by": "agent", "body": "second"}],
            "custom": [{"id": 31, "value": "blue"}, {"id": 32, "value": "red"}],
            "status": "solved", "closed": "2026-08-01",
        });
        assert_eq!(Path::new(path).get(&row).cloned(), expect, "{path}");
    }

    #[test]
    fn a_path_leads_to_columns_members_elements_and_matches() {
        check("id", Some(json!(7)));
        check("author.handle", Some(json!("@ada")));
        check("author.name", Some(json!("column with a dot")));
        check("Stars [1-5]", Some(json!(4)));
        check("comments[1].body", Some(json!("second")));
        check("comments[by=agent].body", Some(json!("second")));
        check("custom[id=32].value", Some(json!("red")));
        check("[status=solved].closed", Some(json!("2026-08-01")));
    }

    #[test]
    fn what_is_not_there_or_blank_is_absent() {
        for path in [
            "",
            "nobody",
            "blank",
            "none",
            "empty",
            "author.age",
            "comments[9].body",
        ] {
            check(path, None);
        }
        for path in [
            "[status=open].closed",
            "comments[by=system].body",
            "..",
            "id[",
            "id[x]",
        ] {
            check(path, None);
        }
    }

    #[test]
    fn a_path_uses_its_own_name_and_its_first_member() {
        let columns = |path| {
            Path::new(path)
                .columns()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(columns("author.name"), ["author.name", "author"]);
        assert_eq!(
            columns("[status=solved].closed"),
            ["[status=solved].closed", "closed"]
        );
    }
}
