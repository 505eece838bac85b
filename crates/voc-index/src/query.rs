//! What a person types into the search box.

use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::Date;
use voc_core::{Channel, Kind, Language, Sentiment, SourceId, ThemeId, Touchpoint, Urgency};

use crate::IndexError;

/// A query: what to look for, what must not occur, and filters.
///
/// ```text
/// late parcel "no answer" -refund kind:complaint,churn lang:bg,zh since:2026-07-01
/// ```
///
/// - *words* are wanted all, in any of their forms and any order; records with fewer of
///   them come after;
/// - a *"phrase"* is wanted with its words next to each other;
/// - *-word* and *-"phrase"* must not occur;
/// - *filters* are `lang:`, `kind:`, `theme:`, `channel:`, `sentiment:`, `touchpoint:`,
///   `source:`, `urgency:`, `since:` and `until:`. Values joined by commas are
///   alternatives; repeated filters must all hold; `-kind:praise` excludes. A theme stands
///   for all below it: `theme:delivery` finds `delivery.damage`. `until:` includes its day.
///
/// Another `word:word` (a time, a URL) is plain text. A quote that is not closed reaches to
/// the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub(crate) wanted: Vec<Wording>,
    pub(crate) excluded: Vec<Wording>,
    pub(crate) conditions: Vec<Condition>,
}

/// Words to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    /// What stood between blanks; it may still be several words (`e-mail`, 快递破损).
    Word(String),
    /// What stood in quotes.
    Phrase(String),
}

impl Wording {
    pub fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Phrase(text) => text,
        }
    }
}

/// A filter, and whether it must hold or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub holds: bool,
    pub test: Test,
}

/// What a filter asks of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// One of the values; they are the terms of the index.
    AnyOf(Label, Vec<String>),
    /// On this day or later.
    Since(Date),
    /// On this day or earlier.
    Until(Date),
}

/// A field that filters read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Language,
    Kind,
    Theme,
    Channel,
    Sentiment,
    Touchpoint,
    Source,
    Urgency,
}

impl Query {
    /// Reads a query as typed.
    ///
    /// # Errors
    /// [`IndexError::InvalidFilter`] for a filter with an unknown or missing value.
    pub fn parse(text: &str) -> Result<Self, IndexError> {
        let mut query = Self::default();
        for token in tokens(text) {
            match condition(&token)? {
                Some(condition) => query.conditions.push(condition),
                None if token.excluded => query.excluded.push(token.wording()),
                None => query.wanted.push(token.wording()),
            }
        }
        Ok(query)
    }

    /// Looks for the words of `text` too. Nothing in it is read as a filter, a phrase or an
    /// exclusion.
    pub fn and_words(mut self, text: &str) -> Self {
        let words = text.split_whitespace().map(str::to_owned);
        self.wanted.extend(words.map(Wording::Word));
        self
    }

    /// The words and phrases looked for, without filters and exclusions: the text whose
    /// meaning the semantic search compares. Empty if there are none.
    pub fn text(&self) -> String {
        self.wanted
            .iter()
            .map(Wording::text)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Whether filters or exclusions leave records out.
    pub fn narrows(&self) -> bool {
        !self.conditions.is_empty() || !self.excluded.is_empty()
    }
}

/// A piece of the query between blanks outside quotes.
struct Token<'a> {
    excluded: bool,
    quoted: bool,
    text: &'a str,
}

impl Token<'_> {
    fn wording(&self) -> Wording {
        let text = self.text.to_owned();
        if self.quoted {
            Wording::Phrase(text)
        } else {
            Wording::Word(text)
        }
    }
}

fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』'
    )
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let bare = rest.strip_prefix('-');
        let (token, after) = token(bare.unwrap_or(rest), bare.is_some());
        rest = after.trim_start();
        if !token.text.is_empty() {
            tokens.push(token);
        }
    }
    tokens
}

/// The token at the start of `text`, and what follows it.
fn token(text: &str, excluded: bool) -> (Token<'_>, &str) {
    let inner = text.strip_prefix(is_quote);
    let (text, after) = match inner {
        Some(inner) => inner.split_once(is_quote).unwrap_or((inner, "")),
        None => text.split_at(unquoted_blank(text).unwrap_or(text.len())),
    };
    let quoted = inner.is_some();
    (
        Token {
            excluded,
            quoted,
            text: text.trim(),
        },
        after,
    )
}

/// Where the first blank outside quotes is: `source:"my shop" late`.
fn unquoted_blank(text: &str) -> Option<usize> {
    let mut open = false;
    text.find(|c: char| {
        open ^= is_quote(c);
        c.is_whitespace() && !open
    })
}

/// The filter that `token` is, if its name is one.
fn condition(token: &Token<'_>) -> Result<Option<Condition>, IndexError> {
    let Some((name, value)) = token.text.split_once(':').filter(|_| !token.quoted) else {
        return Ok(None);
    };
    let test = match name {
        "lang" => any_of::<Language>("lang", Label::Language, value, LANGUAGES),
        "kind" => any_of::<Kind>("kind", Label::Kind, value, &one_of(Kind::ALL)),
        "theme" => any_of_ids("theme", Label::Theme, value, THEMES, |id| {
            ThemeId::new(id).ok().map(|id| id.to_string())
        }),
        "channel" => any_of::<Channel>("channel", Label::Channel, value, &one_of(Channel::ALL)),
        "sentiment" => any_of::<Sentiment>(
            "sentiment",
            Label::Sentiment,
            value,
            &one_of(Sentiment::ALL),
        ),
        "touchpoint" => any_of::<Touchpoint>(
            "touchpoint",
            Label::Touchpoint,
            value,
            &one_of(Touchpoint::ALL),
        ),
        "source" => any_of_ids("source", Label::Source, value, SOURCES, |id| {
            SourceId::new(id).ok().map(|id| id.to_string())
        }),
        "urgency" => any_of_ids("urgency", Label::Urgency, value, URGENCIES, |level| {
            let level = Urgency::try_from(level.parse::<u8>().ok()?).ok()?;
            Some(level.level().to_string())
        }),
        "since" => day("since", value).map(Test::Since),
        "until" => day("until", value).map(Test::Until),
        _ => return Ok(None),
    };
    test.map(|test| {
        Some(Condition {
            holds: !token.excluded,
            test,
        })
    })
}

const LANGUAGES: &str = "language codes such as it, bg, zh, en";
const THEMES: &str = "theme ids such as delivery or delivery.damage";
const SOURCES: &str = "the ids of sources in voc.toml";
const URGENCIES: &str = "0, 1, 2, 3";

fn one_of<T: Display>(labels: &[T]) -> String {
    labels
        .iter()
        .map(T::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn any_of<T: FromStr + Display>(
    filter: &'static str,
    label: Label,
    value: &str,
    expected: &str,
) -> Result<Test, IndexError> {
    any_of_ids(filter, label, value, expected, |word| {
        word.parse::<T>().ok().map(|member| member.to_string())
    })
}

/// The values between commas, each as `read` writes it.
fn any_of_ids(
    filter: &'static str,
    label: Label,
    value: &str,
    expected: &str,
    read: impl Fn(&str) -> Option<String>,
) -> Result<Test, IndexError> {
    let value = value.trim_matches(is_quote);
    let values: Option<Vec<String>> = value.split(',').map(|word| read(word.trim())).collect();
    match values {
        Some(values) => Ok(Test::AnyOf(label, values)),
        None => Err(invalid(filter, value, expected)),
    }
}

fn day(filter: &'static str, value: &str) -> Result<Date, IndexError> {
    Date::strptime("%Y-%m-%d", value).map_err(|_| invalid(filter, value, "a day as YYYY-MM-DD"))
}

fn invalid(filter: &'static str, value: &str, expected: &str) -> IndexError {
    IndexError::InvalidFilter {
        filter,
        value: value.to_owned(),
        expected: expected.to_owned(),
    }
}

#[cfg(test)]
mod tests;
