//! The canonical JSON line. Field names and meanings are a contract; unknown fields are
//! collected in `meta`.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{Channel, CoreError, Language, Part, RecordId, RecordKey, SourceId, Span};

/// One piece of customer voice: a review, a post, a survey answer, or a whole thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawRecord")]
pub struct Record {
    /// Id within the source.
    pub id: RecordId,
    /// The source's immutable id.
    pub source: SourceId,
    /// Where it was written.
    pub channel: Channel,
    /// When it was written; the day a record counts on.
    pub created_at: Timestamp,
    /// Version stamp; the newer one wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// Subject or headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The text, or the messages of a thread.
    #[serde(flatten)]
    pub body: Body,
    /// The language as the source states it: a hint, checked against the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<Language>,
    /// Display name or handle of who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Who it is from, as the source knows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    /// The product or service it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Ratings given along with the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratings: Option<Ratings>,
    /// Help-desk fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// What the customer did afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// `false`: the record is counted, never stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<bool>,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Everything else the source said.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub meta: Map<String, Value>,
}

/// The words of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// One text.
    Text(String),
    /// The messages of a thread, oldest first; not empty.
    Messages(Vec<Message>),
}

/// One message of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// When it was written.
    pub at: Timestamp,
    /// Whose words these are.
    pub by: Speaker,
    /// Display name of who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The words.
    pub text: String,
}

/// Whose words a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The customer: labelled in full.
    Customer,
    /// Staff: promises and personal data only.
    Agent,
    /// An automatic message: promises and personal data only.
    System,
}

/// Who a record is from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The source's id of the customer. Never stored: a store keeps a pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Customer, or not yet one.
    #[serde(default)]
    pub role: Role,
    /// Service tier, e.g. `gold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Market segment or generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// Locale as the source gives it, e.g. `it-IT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// Whether somebody has bought yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Has bought.
    #[default]
    Customer,
    /// May buy.
    Prospect,
}

/// Ratings given along with a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ratings {
    /// Net promoter answer, 0 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nps: Option<f32>,
    /// Customer satisfaction, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csat: Option<f32>,
    /// Customer effort, 1 to 7.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ces: Option<f32>,
    /// Stars, 0 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stars: Option<f32>,
}

impl Ratings {
    fn check(self) -> Result<(), CoreError> {
        let scales = [
            ("nps", self.nps, 0.0, 10.0),
            ("csat", self.csat, 1.0, 5.0),
            ("ces", self.ces, 1.0, 7.0),
            ("stars", self.stars, 0.0, 5.0),
        ];
        for (name, value, low, high) in scales {
            if let Some(value) = value
                && !(low..=high).contains(&value)
            {
                return Err(CoreError::InvalidRecord(format!(
                    "ratings.{name} is {value}; the scale runs from {low} to {high}"
                )));
            }
        }
        Ok(())
    }
}

/// Help-desk fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Status in the help desk's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// When staff first answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response_at: Option<Timestamp>,
    /// When it was resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// Priority in the help desk's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Queue, group or department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// What a customer did afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: OutcomeType,
    /// When.
    pub at: Timestamp,
}

/// Kinds of outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeType {
    /// A prospect bought.
    Converted,
    /// Goods came back.
    Returned,
    /// Bought again.
    Repurchased,
    /// Left.
    Left,
}

impl Record {
    /// The key in a store.
    pub fn key(&self) -> RecordKey {
        RecordKey {
            source: self.source.clone(),
            id: self.id.clone(),
        }
    }

    /// Every text of the record with its place and speaker, in reading order: the title,
    /// then the text or each message. A title is the customer's, except on channel `agent`.
    pub fn parts(&self) -> Vec<(Part, Speaker, &str)> {
        let own = match self.channel {
            Channel::Agent => Speaker::Agent,
            _ => Speaker::Customer,
        };
        let title = self
            .title
            .iter()
            .map(|title| (Part::Title, own, title.as_str()));
        match &self.body {
            Body::Text(text) => title.chain([(Part::Text, own, text.as_str())]).collect(),
            Body::Messages(messages) => title
                .chain(messages.iter().enumerate().map(|(index, message)| {
                    (Part::Message(index), message.by, message.text.as_str())
                }))
                .collect(),
        }
    }

    /// The text at `part`, if the record has it.
    pub fn part(&self, part: Part) -> Option<&str> {
        match (part, &self.body) {
            (Part::Title, _) => self.title.as_deref(),
            (Part::Text, Body::Text(text)) => Some(text),
            (Part::Message(index), Body::Messages(messages)) => {
                messages.get(index).map(|message| message.text.as_str())
            }
            _ => None,
        }
    }

    /// Every place where `quote` occurs word for word, in reading order. Nothing occurs
    /// nowhere.
    pub fn places_of(&self, quote: &str) -> Vec<(Part, Speaker, Span)> {
        if quote.is_empty() {
            return Vec::new();
        }
        let length = quote.chars().count();
        let in_part = |(part, speaker, text): (Part, Speaker, &str)| {
            let starts = text.match_indices(quote);
            let starts: Vec<usize> = starts.map(|(at, _)| text[..at].chars().count()).collect();
            let spans = starts
                .into_iter()
                .filter_map(move |start| Span::new(start, start + length).ok());
            spans.map(move |span| (part, speaker, span))
        };
        self.parts().into_iter().flat_map(in_part).collect()
    }

    /// Replaces the text at `part`; does nothing where the record has no such part.
    pub fn set_part(&mut self, part: Part, new: String) {
        match (part, &mut self.body) {
            (Part::Title, _) if self.title.is_some() => self.title = Some(new),
            (Part::Text, Body::Text(text)) => *text = new,
            (Part::Message(index), Body::Messages(messages)) => {
                if let Some(message) = messages.get_mut(index) {
                    message.text = new;
                }
            }
            _ => {}
        }
    }

    /// When the words at `part` were written.
    pub fn written_at(&self, part: Part) -> Timestamp {
        match (part, &self.body) {
            (Part::Message(index), Body::Messages(messages)) => messages
                .get(index)
                .map_or(self.created_at, |message| message.at),
            _ => self.created_at,
        }
    }
}

/// Fields that `voc analyze` writes. On reading a record they are dropped, so that a line
/// that was analysed before is analysed anew.
const ANNOTATION_FIELDS: [&str; 9] = [
    "kinds",
    "sentiment",
    "urgency",
    "touchpoint",
    "mentions",
    "pii",
    "promises",
    "model",
    "taxonomy",
];

#[derive(Deserialize)]
struct RawRecord {
    id: RawId,
    source: SourceId,
    channel: Channel,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    title: Option<String>,
    text: Option<String>,
    messages: Option<Vec<Message>>,
    #[serde(default, deserialize_with = "stated_language")]
    lang: Option<Language>,
    author: Option<String>,
    customer: Option<Customer>,
    product: Option<String>,
    ratings: Option<Ratings>,
    ticket: Option<Ticket>,
    outcome: Option<Outcome>,
    consent: Option<bool>,
    url: Option<String>,
    #[serde(default)]
    meta: Map<String, Value>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// Exports write ids as text or as numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawId {
    Text(String),
    Number(i64),
}

/// Reads `"it"`, and the object that an annotation puts in its place.
fn stated_language<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Language>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Raw {
        Code(String),
        Guess { code: String },
    }
    let code = Option::<Raw>::deserialize(deserializer)?.map(|raw| match raw {
        Raw::Code(code) | Raw::Guess { code } => code,
    });
    let named = |error: CoreError| serde::de::Error::custom(format!("lang: {error}"));
    code.map(|code| code.parse().map_err(named)).transpose()
}

impl TryFrom<RawRecord> for Record {
    type Error = CoreError;

    fn try_from(raw: RawRecord) -> Result<Self, CoreError> {
        let id = match raw.id {
            RawId::Text(text) => RecordId::new(&text)?,
            RawId::Number(number) => RecordId::new(&number.to_string())?,
        };
        if let Some(ratings) = raw.ratings {
            ratings.check()?;
        }
        let mut meta = raw.meta;
        meta.extend(
            raw.unknown
                .into_iter()
                .filter(|(name, _)| !ANNOTATION_FIELDS.contains(&name.as_str())),
        );
        Ok(Self {
            id,
            source: raw.source,
            channel: raw.channel,
            created_at: plausible(raw.created_at, "created_at")?,
            updated_at: raw
                .updated_at
                .map(|at| plausible(at, "updated_at"))
                .transpose()?,
            title: raw.title.filter(|title| !title.trim().is_empty()),
            body: body(raw.text, raw.messages)?,
            lang: raw.lang,
            author: raw.author,
            customer: raw.customer,
            product: raw.product,
            ratings: raw.ratings,
            ticket: raw.ticket,
            outcome: raw.outcome,
            consent: raw.consent,
            url: raw.url,
            meta,
        })
    }
}

fn body(text: Option<String>, messages: Option<Vec<Message>>) -> Result<Body, CoreError> {
    let invalid = |why: &str| Err(CoreError::InvalidRecord(why.to_owned()));
    match (text, messages) {
        (Some(_), Some(_)) => invalid("the record has both `text` and `messages`; give one"),
        (Some(text), None) if text.trim().is_empty() => invalid("the text is empty"),
        (Some(text), None) => Ok(Body::Text(text)),
        (None, Some(messages)) if messages.iter().all(|m| m.text.trim().is_empty()) => {
            invalid("no message has any text")
        }
        (None, Some(messages)) => Ok(Body::Messages(messages)),
        (None, None) => invalid("the record has neither `text` nor `messages`"),
    }
}

/// Refuses times before 1990 or after 2100: no customer wrote then, a parser slipped.
fn plausible(at: Timestamp, field: &str) -> Result<Timestamp, CoreError> {
    const YEAR_1990: i64 = 631_152_000;
    const YEAR_2100: i64 = 4_102_444_800;
    if (YEAR_1990..YEAR_2100).contains(&at.as_second()) {
        Ok(at)
    } else {
        Err(CoreError::InvalidRecord(format!(
            "{field} {at} lies outside 1990 to 2099"
        )))
    }
}

#[cfg(test)]
mod tests;
