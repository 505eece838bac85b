//! Records with the labels a person gave them.
//!
//! One JSON object per line: the fields of a canonical [`Record`] (`source` may be missing)
//! and `kinds: [id]`, `sentiment`, `urgency`, `touchpoint`,
//! `mentions: [{theme, sentiment, quote, target?}]`, `pii: [{type, quote}]`,
//! `promises: [{quote, due}]`, `sarcasm?`, `dup_group?`, `note?`. Labels name their place by
//! a verbatim quote; it stands for every place where the quote occurs.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use voc_core::{
    Annotation, Due, Kind, KindScore, Language, LanguageGuess, Mention, Part, PersonalData,
    PiiType, Polarity, Probability, Promise, PromiseBy, Record, RecordSentiment, Sentiment, Span,
    Target, ThemeId, Touchpoint, Urgency,
};

use crate::EvalError;

/// The source of gold records that name none.
const SOURCE: &str = "gold";

/// A record and its gold labels.
#[derive(Clone, Debug)]
pub struct GoldRecord {
    /// The record as the customer wrote it. It does not state its language, so that
    /// language identification is measured too.
    pub record: Record,
    /// What a person says about it.
    pub gold: Gold,
}

/// What a person says about a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Gold {
    /// The language.
    pub lang: Language,
    /// The kinds; empty is "none".
    pub kinds: BTreeSet<Kind>,
    /// The feeling of the record.
    pub sentiment: Sentiment,
    /// How soon someone must react.
    pub urgency: Urgency,
    /// Where in the journey.
    pub touchpoint: Option<Touchpoint>,
    /// What it is about.
    pub mentions: Vec<GoldMention>,
    /// Personal data.
    pub pii: Vec<GoldPersonalData>,
    /// What the company promised.
    pub promises: Vec<GoldPromise>,
    /// Whether it is sarcastic.
    pub sarcasm: bool,
    /// Near-duplicates share a group.
    pub dup_group: Option<String>,
    /// Why a label may surprise.
    pub note: String,
}

/// A gold mention of a theme.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldMention {
    /// The theme.
    pub theme: ThemeId,
    /// The feeling about it.
    pub sentiment: Polarity,
    /// Whose product or service it is about.
    pub target: Target,
    /// The words.
    pub quote: String,
    /// Where they are.
    pub places: Vec<Place>,
}

/// Gold personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldPersonalData {
    /// What it is.
    pub kind: PiiType,
    /// Every place where it occurs.
    pub places: Vec<Place>,
}

/// A gold promise.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldPromise {
    /// When it falls due, if that can be told.
    pub due: Option<Due>,
    /// The words.
    pub quote: String,
    /// Where they are.
    pub places: Vec<Place>,
}

/// A span of one of a record's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which text.
    pub part: Part,
    /// Where in it.
    pub span: Span,
}

impl Place {
    /// The place at `span` of `part`.
    pub(crate) fn new(part: Part, span: Span) -> Self {
        Self { part, span }
    }

    /// Whether `other` covers it and is longer.
    fn within(self, other: Self) -> bool {
        let covers = other.span.start() <= self.span.start() && self.span.end() <= other.span.end();
        self.part == other.part && covers && self.span != other.span
    }

    /// Whether both share at least one scalar value.
    pub fn overlaps(self, other: Self) -> bool {
        self.part == other.part && self.span.overlaps(other.span)
    }
}

#[derive(Deserialize)]
struct RawGold {
    lang: Language,
    kinds: BTreeSet<Kind>,
    sentiment: Sentiment,
    urgency: Urgency,
    touchpoint: Option<Touchpoint>,
    mentions: Vec<RawMention>,
    #[serde(default)]
    pii: Vec<RawPersonalData>,
    #[serde(default)]
    promises: Vec<RawPromise>,
    #[serde(default)]
    sarcasm: bool,
    dup_group: Option<String>,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
struct RawMention {
    theme: ThemeId,
    sentiment: Polarity,
    quote: String,
    #[serde(default)]
    target: Target,
}

#[derive(Deserialize)]
struct RawPersonalData {
    #[serde(rename = "type")]
    kind: PiiType,
    quote: String,
}

#[derive(Deserialize)]
struct RawPromise {
    quote: String,
    due: Option<Due>,
}

impl GoldRecord {
    /// Reads all lines of a gold file; empty ones are passed over.
    ///
    /// # Errors
    /// [`EvalError::Line`] for a line that cannot be read, [`EvalError::QuoteNotFound`] for
    /// a label whose quote does not occur, [`EvalError::TwiceTheSameId`].
    pub fn read_all(text: &str) -> Result<Vec<Self>, EvalError> {
        let mut records: Vec<Self> = Vec::new();
        let mut ids = BTreeSet::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let record = Self::read(line, index + 1)?;
            if !ids.insert(record.record.id.clone()) {
                return Err(EvalError::TwiceTheSameId(record.record.id.to_string()));
            }
            records.push(record);
        }
        Ok(records)
    }

    fn read(line: &str, number: usize) -> Result<Self, EvalError> {
        let invalid = |error: serde_json::Error| EvalError::Line {
            line: number,
            reason: error.to_string(),
        };
        let value: Value = serde_json::from_str(line).map_err(invalid)?;
        let gold = RawGold::deserialize(&value).map_err(invalid)?;
        let record = record(value).map_err(invalid)?;
        let gold = placed(&record, gold)?;
        Ok(Self { record, gold })
    }
}

impl Gold {
    /// The labels of `annotation` as a person's: the inverse of [`Gold::as_annotation`]. Each
    /// label stands at the one place that the annotation gives. Neither sarcasm nor
    /// duplicates are known.
    pub fn from_annotation(annotation: &Annotation) -> Self {
        let place = |part, span| vec![Place::new(part, span)];
        Self {
            lang: annotation.lang.code,
            kinds: annotation.kinds.iter().map(|kind| kind.id).collect(),
            sentiment: annotation.sentiment.label,
            urgency: annotation.urgency,
            touchpoint: annotation.touchpoint,
            mentions: annotation
                .mentions
                .iter()
                .map(|mention| GoldMention {
                    theme: mention.theme.clone(),
                    sentiment: mention.sentiment,
                    target: mention.target,
                    quote: mention.quote.clone(),
                    places: place(mention.part, mention.span),
                })
                .collect(),
            pii: annotation
                .pii
                .iter()
                .map(|pii| GoldPersonalData {
                    kind: pii.kind,
                    places: place(pii.part, pii.span),
                })
                .collect(),
            promises: annotation
                .promises
                .iter()
                .map(|promise| GoldPromise {
                    due: promise.due,
                    quote: promise.quote.clone(),
                    places: place(promise.part, promise.span),
                })
                .collect(),
            sarcasm: false,
            dup_group: None,
            note: String::new(),
        }
    }

    /// What a person says, in the form a model says it: so that two people can be compared
    /// like two models. A mention stands at the first place of its quote; scores are certain.
    pub fn as_annotation(&self, by: &str) -> Annotation {
        let sure = Probability::CERTAIN;
        Annotation {
            lang: LanguageGuess {
                code: self.lang,
                confidence: sure,
            },
            kinds: self
                .kinds
                .iter()
                .map(|id| KindScore {
                    id: *id,
                    score: sure,
                })
                .collect(),
            sentiment: RecordSentiment::certain(self.sentiment),
            urgency: self.urgency,
            touchpoint: self.touchpoint,
            mentions: self
                .mentions
                .iter()
                .filter_map(GoldMention::found)
                .collect(),
            pii: self
                .pii
                .iter()
                .flat_map(|pii| {
                    pii.places.iter().map(|place| PersonalData {
                        kind: pii.kind,
                        part: place.part,
                        span: place.span,
                    })
                })
                .collect(),
            promises: self
                .promises
                .iter()
                .filter_map(GoldPromise::found)
                .collect(),
            model: by.to_owned(),
            taxonomy: String::new(),
        }
    }
}

impl GoldMention {
    fn found(&self) -> Option<Mention> {
        let place = self.places.first()?;
        Some(Mention {
            theme: self.theme.clone(),
            sentiment: self.sentiment,
            score: Probability::CERTAIN,
            part: place.part,
            span: place.span,
            quote: self.quote.clone(),
            target: self.target,
        })
    }
}

impl GoldPromise {
    fn found(&self) -> Option<Promise> {
        let place = self.places.first()?;
        Some(Promise {
            quote: self.quote.clone(),
            part: place.part,
            span: place.span,
            due: self.due,
            by: PromiseBy::Company,
        })
    }
}

/// The record without its labels.
fn record(mut value: Value) -> Result<Record, serde_json::Error> {
    if let Some(fields) = value.as_object_mut() {
        for label in ["lang", "sarcasm", "dup_group", "note"] {
            fields.remove(label);
        }
        fields
            .entry("source")
            .or_insert_with(|| Value::String(SOURCE.to_owned()));
    }
    serde_json::from_value(value)
}

fn placed(record: &Record, raw: RawGold) -> Result<Gold, EvalError> {
    let find = |quote: &str| places(record, quote);
    Ok(Gold {
        mentions: raw
            .mentions
            .into_iter()
            .map(|mention| {
                Ok(GoldMention {
                    places: find(&mention.quote)?,
                    theme: mention.theme,
                    sentiment: mention.sentiment,
                    target: mention.target,
                    quote: mention.quote,
                })
            })
            .collect::<Result<_, EvalError>>()?,
        pii: outermost(
            raw.pii
                .into_iter()
                .map(|pii| {
                    Ok(GoldPersonalData {
                        places: find(&pii.quote)?,
                        kind: pii.kind,
                    })
                })
                .collect::<Result<_, EvalError>>()?,
        ),
        promises: raw
            .promises
            .into_iter()
            .map(|promise| {
                Ok(GoldPromise {
                    places: find(&promise.quote)?,
                    due: promise.due,
                    quote: promise.quote,
                })
            })
            .collect::<Result<_, EvalError>>()?,
        lang: raw.lang,
        kinds: raw.kinds,
        sentiment: raw.sentiment,
        urgency: raw.urgency,
        touchpoint: raw.touchpoint,
        sarcasm: raw.sarcasm,
        dup_group: raw.dup_group,
        note: raw.note,
    })
}

/// Drops places that lie inside a longer one of the same type: a surname quoted by itself
/// also occurs within the full name.
fn outermost(mut all: Vec<GoldPersonalData>) -> Vec<GoldPersonalData> {
    let known: Vec<(PiiType, Place)> = all
        .iter()
        .flat_map(|pii| pii.places.iter().map(|place| (pii.kind, *place)))
        .collect();
    for pii in &mut all {
        pii.places.retain(|place| {
            let inside =
                |(kind, other): &(PiiType, Place)| *kind == pii.kind && place.within(*other);
            !known.iter().any(inside)
        });
    }
    all
}

/// Every place where `quote` occurs.
fn places(record: &Record, quote: &str) -> Result<Vec<Place>, EvalError> {
    let places = record.places_of(quote).into_iter();
    let places: Vec<Place> = places
        .map(|(part, _, span)| Place::new(part, span))
        .collect();
    if places.is_empty() {
        return Err(EvalError::QuoteNotFound {
            id: record.id.to_string(),
            quote: quote.to_owned(),
        });
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id":"a","lang":"bg","channel":"chat","created_at":"2026-03-01T08:00:00Z","messages":[{"at":"2026-03-01T08:00:00Z","by":"customer","text":"Аз съм Ана. Чакам 3 дни."},{"at":"2026-03-01T08:05:00Z","by":"agent","text":"Ана, ще Ви звънна до петък."}],"kinds":["complaint"],"sentiment":"negative","urgency":1,"touchpoint":"delivery","mentions":[{"theme":"delivery.speed","sentiment":"negative","quote":"Чакам 3 дни"}],"pii":[{"type":"PERSON","quote":"Ана"}],"promises":[{"quote":"ще Ви звънна до петък","due":"2026-03-06"}],"sarcasm":false,"dup_group":null,"note":""}"#;

    #[test]
    fn quotes_become_places_in_every_message() {
        let read = GoldRecord::read_all(LINE).unwrap();
        let gold = &read[0].gold;
        let place = |part, start, end| Place {
            part: Part::Message(part),
            span: Span::new(start, end).unwrap(),
        };
        assert_eq!(gold.mentions[0].places, [place(0, 12, 23)]);
        assert_eq!(gold.pii[0].places, [place(0, 7, 10), place(1, 0, 3)]);
        assert_eq!(gold.promises[0].places, [place(1, 5, 26)]);
        assert_eq!(read[0].record.lang, None);
        assert_eq!(read[0].record.source.as_str(), "gold");
    }

    #[test]
    fn a_person_agrees_with_themselves() {
        let gold = GoldRecord::read_all(LINE).unwrap();
        let found = gold[0].gold.as_annotation("the same person");
        let evaluation = crate::evaluate(&gold, &[found]).unwrap();
        let figures = evaluation.cells.iter().filter_map(|cell| cell.f1);
        assert!(figures.clone().all(|f1| f1 == 1.0));
        assert!(figures.count() > 20);
    }

    #[test]
    fn labels_that_became_an_annotation_are_the_same_labels_again() {
        let gold = GoldRecord::read_all(LINE).unwrap().remove(0).gold;
        let annotation = gold.as_annotation("Ana");
        let again = Gold::from_annotation(&annotation);
        assert_eq!(again.as_annotation("Ana"), annotation);
        assert_eq!(
            (&again.mentions, &again.promises),
            (&gold.mentions, &gold.promises)
        );
        assert_eq!((again.kinds, again.lang), (gold.kinds, gold.lang));
    }

    #[track_caller]
    fn check_refused(line: &str, reason: &str) {
        let error = GoldRecord::read_all(line).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn a_line_that_is_wrong_is_named() {
        check_refused(
            &LINE.replace("Чакам 3 дни\"", "Чакам 4 дни\""),
            "Чакам 4 дни",
        );
        check_refused(&LINE.replace("\"complaint\"", "\"grumble\""), "line 1: ");
        check_refused(&format!("{LINE}\n{LINE}"), "record a occurs twice");
        check_refused(&format!("{LINE}\n{{"), "line 2: ");
    }
}
