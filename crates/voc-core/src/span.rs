use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::CoreError;

/// Which text of a record something is in. In JSON: `"title"`, `"text"` or a message index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The title.
    Title,
    /// The text of a record without messages.
    Text,
    /// The message with this index, from 0.
    Message(usize),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Title => f.write_str("title"),
            Self::Text => f.write_str("text"),
            Self::Message(index) => write!(f, "{index}"),
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Title => serializer.serialize_str("title"),
            Self::Text => serializer.serialize_str("text"),
            Self::Message(index) => serializer.serialize_u64(*index as u64),
        }
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Name(String),
            Index(usize),
        }
        match Raw::deserialize(deserializer)? {
            Raw::Name(name) if name == "title" => Ok(Self::Title),
            Raw::Name(name) if name == "text" => Ok(Self::Text),
            Raw::Name(name) => Err(de::Error::custom(format!(
                "part `{name}` is neither `title`, `text` nor a message index"
            ))),
            Raw::Index(index) => Ok(Self::Message(index)),
        }
    }
}

/// A range of Unicode scalar values within one part, end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawSpan")]
pub struct Span {
    start: usize,
    end: usize,
}

#[derive(Deserialize)]
struct RawSpan {
    start: usize,
    end: usize,
}

impl TryFrom<RawSpan> for Span {
    type Error = CoreError;
    fn try_from(raw: RawSpan) -> Result<Self, CoreError> {
        Self::new(raw.start, raw.end)
    }
}

impl Span {
    /// The span from `start` to `end`, counted in Unicode scalar values.
    ///
    /// # Errors
    /// [`CoreError::InvalidSpan`] if `end < start`.
    pub fn new(start: usize, end: usize) -> Result<Self, CoreError> {
        if end < start {
            return Err(CoreError::InvalidSpan { start, end });
        }
        Ok(Self { start, end })
    }

    /// First scalar value.
    pub const fn start(self) -> usize {
        self.start
    }

    /// One past the last scalar value.
    pub const fn end(self) -> usize {
        self.end
    }

    /// Number of scalar values.
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether nothing is covered.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the two share at least one scalar value.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The covered piece of `text`, or `None` where `text` is too short.
    pub fn slice(self, text: &str) -> Option<&str> {
        let mut bounds = text
            .char_indices()
            .map(|(byte, _)| byte)
            .chain([text.len()]);
        let start = bounds.nth(self.start)?;
        if self.is_empty() {
            return Some(&text[start..start]);
        }
        let end = bounds.nth(self.len() - 1)?;
        Some(&text[start..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_count_scalar_values_not_bytes() {
        let text = "не е лошо 👍";
        let check = |start, end, expect: Option<&str>| {
            assert_eq!(
                Span::new(start, end).unwrap().slice(text),
                expect,
                "{start}..{end}"
            );
        };
        check(0, 2, Some("не"));
        check(5, 9, Some("лошо"));
        check(10, 11, Some("👍"));
        check(11, 11, Some(""));
        check(10, 12, None);
    }

    #[test]
    fn a_span_does_not_end_before_it_starts() {
        assert!(Span::new(3, 2).is_err());
        assert!(serde_json::from_str::<Span>(r#"{"start":3,"end":2}"#).is_err());
    }

    #[test]
    fn parts_are_names_or_message_indexes() {
        for (part, json) in [
            (Part::Title, "\"title\""),
            (Part::Text, "\"text\""),
            (Part::Message(3), "3"),
        ] {
            assert_eq!(serde_json::to_string(&part).unwrap(), json);
            assert_eq!(serde_json::from_str::<Part>(json).unwrap(), part);
        }
        assert!(serde_json::from_str::<Part>("\"subject\"").is_err());
    }
}
