//! Sets that other people labelled with labels of their own.
//!
//! A mapping is a TOML file beside nothing but its meaning: which field of a JSON line holds
//! the label, and what each of their labels is in ours. Labels that it does not name are
//! left out and counted.
//!
//! ```toml
//! title = "Restaurant reviews"
//! file = "reviews.jsonl"
//! licence = "CC BY 4.0"
//! measure = "polarity"
//! label = "/label"
//! [classes]
//! good = "positive"
//! bad = "negative"
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use voc_core::{Channel, Kind, Language, Part, PiiType, Record, Span, ThemeId};

use crate::{EvalError, Place};

/// When a set does not say.
const WRITTEN: &str = "2026-01-01T00:00:00Z";

/// How to read a set, and what it measures.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What the set is.
    pub title: String,
    /// Its file: JSON lines with `id`, `text`, `lang` and labels.
    pub file: String,
    /// Its licence, or that none is stated.
    pub licence: String,
    /// What is measured.
    pub measure: SetMeasure,
    /// JSON pointer to the label or labels within a line.
    #[serde(default = "label_pointer")]
    pub label: String,
    /// The channel its texts are read as.
    #[serde(default = "social")]
    pub channel: Channel,
    /// Only texts in these languages; empty for all.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// Their label to our class.
    #[serde(default)]
    pub classes: BTreeMap<String, String>,
    /// For aspects: their aspect to our themes.
    #[serde(default)]
    pub aspects: BTreeMap<String, Vec<ThemeId>>,
    /// For kinds: the kind that class `yes` stands for.
    pub kind: Option<Kind>,
}

fn label_pointer() -> String {
    "/label".to_owned()
}

fn social() -> Channel {
    Channel::Social
}

/// What a set measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetMeasure {
    /// Two classes, `negative` and `positive`: the sign of the sentiment's score.
    Polarity,
    /// Classes of sentiment; where `mixed` is none of them, it counts as `neutral`.
    Sentiment,
    /// Classes `yes` and `no`: whether `kind` was assigned.
    Kind,
    /// Labels such as `staff:positive`: the feeling about an aspect that gold names.
    Aspect,
    /// The language; labels are codes.
    Language,
    /// Labels such as `[12, 20, "EMAIL_ADDRESS"]`: offsets in Unicode scalar values.
    PersonalData,
}

/// A text of a set with what it is labelled.
#[derive(Clone, Debug)]
pub struct SetRecord {
    /// The text as a record.
    pub record: Record,
    /// The language that the set states.
    pub lang: Language,
    pub(crate) gold: SetGold,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SetGold {
    Class(String),
    /// Themes that stand for an aspect, and the class of the feeling about it.
    Aspects(Vec<(Vec<ThemeId>, String)>),
    PersonalData(BTreeSet<(PiiType, Place)>),
}

impl SetRecord {
    /// The class that the set puts the text in, of sets that have classes.
    pub fn class(&self) -> Option<&str> {
        match &self.gold {
            SetGold::Class(class) => Some(class),
            SetGold::Aspects(_) | SetGold::PersonalData(_) => None,
        }
    }
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`EvalError::Mapping`] if it is no such TOML, [`EvalError::UnusableMapping`] if it
    /// names no class where it must.
    pub fn parse(text: &str) -> Result<Self, EvalError> {
        let mapping: Self = toml::from_str(text)?;
        let unusable = |why: &str| Err(EvalError::UnusableMapping(why.to_owned()));
        match mapping.measure {
            SetMeasure::Language => Ok(mapping),
            _ if mapping.classes.is_empty() => unusable("[classes] names no label"),
            SetMeasure::Kind if mapping.kind.is_none() => unusable("`kind` is missing"),
            SetMeasure::Aspect if mapping.aspects.is_empty() => {
                unusable("[aspects] names no aspect")
            }
            _ => Ok(mapping),
        }
    }

    /// Reads the set's lines. Those without a label that counts are left out; the second
    /// value is their number.
    ///
    /// # Errors
    /// [`EvalError::Line`] for a line without text, language or label field.
    pub fn read(&self, text: &str) -> Result<(Vec<SetRecord>, usize), EvalError> {
        let mut records = Vec::new();
        let mut left_out = 0;
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let read = self.read_line(line).map_err(|reason| EvalError::Line {
                line: index + 1,
                reason,
            })?;
            match read {
                Some(record) => records.push(record),
                None => left_out += 1,
            }
        }
        Ok((records, left_out))
    }

    fn read_line(&self, line: &str) -> Result<Option<SetRecord>, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let text = value["text"].as_str().ok_or("there is no `text`")?;
        let lang = value["lang"].as_str().ok_or("there is no `lang`")?;
        let lang: Language = lang.parse().map_err(|error| format!("lang: {error}"))?;
        let wanted = self.languages.is_empty() || self.languages.contains(&lang);
        let label = value
            .pointer(&self.label)
            .ok_or_else(|| format!("there is no label at `{}`", self.label))?;
        let gold = self.gold(label);
        let (true, Some(gold), false) = (wanted, gold, text.trim().is_empty()) else {
            return Ok(None);
        };
        let record = json!({
            "id": value["id"], "source": "set", "channel": self.channel,
            "created_at": WRITTEN, "text": text,
        });
        let record = serde_json::from_value(record).map_err(|error| error.to_string())?;
        Ok(Some(SetRecord { record, lang, gold }))
    }

    fn gold(&self, label: &Value) -> Option<SetGold> {
        match self.measure {
            SetMeasure::Language => Some(SetGold::Class(plain(label))),
            SetMeasure::Polarity | SetMeasure::Sentiment | SetMeasure::Kind => {
                self.classes.get(&plain(label)).cloned().map(SetGold::Class)
            }
            SetMeasure::Aspect => {
                let aspects: Vec<_> = label
                    .as_array()?
                    .iter()
                    .filter_map(|l| self.aspect(l))
                    .collect();
                (!aspects.is_empty()).then_some(SetGold::Aspects(aspects))
            }
            SetMeasure::PersonalData => {
                let spans = label
                    .as_array()?
                    .iter()
                    .filter_map(|l| self.personal_data(l));
                Some(SetGold::PersonalData(spans.collect()))
            }
        }
    }

    fn aspect(&self, label: &Value) -> Option<(Vec<ThemeId>, String)> {
        let (aspect, feeling) = label.as_str()?.rsplit_once(':')?;
        let themes = self.aspects.get(aspect)?.clone();
        Some((themes, self.classes.get(feeling)?.clone()))
    }

    fn personal_data(&self, label: &Value) -> Option<(PiiType, Place)> {
        let at = |index: usize| usize::try_from(label.get(index)?.as_u64()?).ok();
        let kind = self.classes.get(label.get(2)?.as_str()?)?.parse().ok()?;
        let span = Span::new(at(0)?, at(1)?).ok()?;
        Some((kind, Place::new(Part::Text, span)))
    }
}

/// A label as text: `1` and `"1"` are the same.
fn plain(label: &Value) -> String {
    label
        .as_str()
        .map_or_else(|| label.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLARITY: &str = "title = 't'\nfile = 'f'\nlicence = 'l'\nmeasure = 'polarity'\n\
        label = '/labels/stars'\n[classes]\n1 = 'negative'\n5 = 'positive'\n";

    #[test]
    fn labels_are_translated_and_others_left_out() {
        let mapping = Mapping::parse(POLARITY).unwrap();
        let lines = r#"{"id":"a","text":"bello","lang":"it","labels":{"stars":5}}
{"id":"b","text":"così","lang":"it","labels":{"stars":3}}"#;
        let (records, left_out) = mapping.read(lines).unwrap();
        assert_eq!((records.len(), left_out), (1, 1));
        assert_eq!(records[0].gold, SetGold::Class("positive".to_owned()));
        assert_eq!(records[0].lang, Language::IT);
    }

    #[test]
    fn aspects_name_themes_and_a_feeling() {
        let mapping = Mapping::parse(
            "title = 't'\nfile = 'f'\nlicence = 'l'\nmeasure = 'aspect'\nlabel = '/labels'\n\
            [classes]\npositive = 'positive'\n[aspects]\nstaff = ['service.agent']\n",
        )
        .unwrap();
        let line =
            r#"{"id":"a","text":"x","lang":"it","labels":["staff:positive","view:positive"]}"#;
        let (records, _) = mapping.read(line).unwrap();
        let staff = ThemeId::new("service.agent").unwrap();
        let expect = SetGold::Aspects(vec![(vec![staff], "positive".to_owned())]);
        assert_eq!(records[0].gold, expect);
    }

    #[track_caller]
    fn check_refused(mapping: &str, line: &str, reason: &str) {
        let error = Mapping::parse(mapping)
            .and_then(|mapping| mapping.read(line))
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        check_refused("title = 't'", "", "missing field `file`");
        check_refused(
            &POLARITY.replace("polarity", "kind"),
            "",
            "`kind` is missing",
        );
        check_refused(
            POLARITY,
            r#"{"id":"a","text":"x","lang":"it"}"#,
            "line 1: there is no label",
        );
        check_refused(POLARITY, "{", "line 1: ");
    }
}
