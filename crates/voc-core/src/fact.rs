//! Flat rows for statistics. They are derived from a record and its annotation, replaced
//! together with them, and hold no text and no personal data.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{
    Annotation, Body, Channel, Kind, Language, Outcome, Probability, Pseudonym, Ratings, Record,
    RecordKey, Role, Sentiment, Speaker, Target, ThemeId, Touchpoint, Urgency,
};

/// One record, as statistics see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordFact {
    /// Key of the record.
    pub key: RecordKey,
    /// The day it counts on: `created_at` in the instance's time zone.
    pub day: Date,
    /// Where it was written.
    pub channel: Channel,
    /// Its language.
    pub language: Language,
    /// Who wrote it, as a keyed hash; `None` where the source does not say.
    pub customer: Option<Pseudonym>,
    /// Customer or prospect.
    pub role: Role,
    /// Service tier.
    pub tier: Option<String>,
    /// Product.
    pub product: Option<String>,
    /// What the customer is doing.
    pub kinds: Vec<Kind>,
    /// The feeling of the whole.
    pub sentiment: Sentiment,
    /// How soon someone must react.
    pub urgency: Urgency,
    /// Where in the journey.
    pub touchpoint: Option<Touchpoint>,
    /// Ratings.
    pub ratings: Ratings,
    /// Seconds from opening to the first response.
    pub first_response_seconds: Option<i64>,
    /// Seconds from opening to the resolution.
    pub resolution_seconds: Option<i64>,
    /// What the customer did afterwards.
    pub outcome: Option<Outcome>,
}

impl RecordFact {
    /// The fact of `record`, whose customer is known as `customer`, counted on days of
    /// `zone`.
    pub fn new(
        record: &Record,
        annotation: &Annotation,
        customer: Option<Pseudonym>,
        zone: &TimeZone,
    ) -> Self {
        let ticket = record.ticket.as_ref();
        let opened = ticket
            .and_then(|t| t.opened_at)
            .unwrap_or(record.created_at);
        let since_opened = |at: jiff::Timestamp| (at.as_second() - opened.as_second()).max(0);
        Self {
            key: record.key(),
            day: record.created_at.to_zoned(zone.clone()).date(),
            channel: record.channel,
            language: annotation.lang.code,
            customer,
            role: record.customer.as_ref().map(|c| c.role).unwrap_or_default(),
            tier: record.customer.as_ref().and_then(|c| c.tier.clone()),
            product: record.product.clone(),
            kinds: annotation.kinds.iter().map(|kind| kind.id).collect(),
            sentiment: annotation.sentiment.label,
            urgency: annotation.urgency,
            touchpoint: annotation.touchpoint,
            ratings: record.ratings.unwrap_or_default(),
            first_response_seconds: ticket
                .and_then(|t| t.first_response_at)
                .or_else(|| first_answer(record))
                .map(since_opened),
            resolution_seconds: ticket.and_then(|t| t.resolved_at).map(since_opened),
            outcome: record.outcome,
        }
    }

    /// Whether the record says something that a theme should cover: the base of the
    /// unassigned share.
    pub fn calls_for_theme(&self) -> bool {
        self.kinds
            .iter()
            .any(|kind| matches!(kind, Kind::Complaint | Kind::Wish | Kind::Praise))
    }
}

/// One theme of one record on one day. A record counts once per theme, as mixed if both
/// signs occur.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MentionFact {
    /// Key of the record.
    pub key: RecordKey,
    /// The day of the message that holds the mention.
    pub day: Date,
    /// The theme.
    pub theme: ThemeId,
    /// The feeling about it.
    pub sentiment: Sentiment,
    /// The record's touchpoint.
    pub touchpoint: Option<Touchpoint>,
    /// Whose product or service it is about.
    pub target: Target,
    /// The best score of the mentions folded here.
    pub score: Probability,
}

impl MentionFact {
    /// The facts of all mentions of `annotation`, ordered by (day, theme, target).
    pub fn of(record: &Record, annotation: &Annotation, zone: &TimeZone) -> Vec<Self> {
        let mut folded: BTreeMap<(Date, ThemeId, bool), Self> = BTreeMap::new();
        for mention in &annotation.mentions {
            let day = record
                .written_at(mention.part)
                .to_zoned(zone.clone())
                .date();
            let competitor = mention.target == Target::Competitor;
            folded
                .entry((day, mention.theme.clone(), competitor))
                .and_modify(|fact| {
                    fact.sentiment = fact.sentiment.joined_with(mention.sentiment);
                    if mention.score > fact.score {
                        fact.score = mention.score;
                    }
                })
                .or_insert_with(|| Self {
                    key: record.key(),
                    day,
                    theme: mention.theme.clone(),
                    sentiment: mention.sentiment.into(),
                    touchpoint: annotation.touchpoint,
                    target: mention.target,
                    score: mention.score,
                });
        }
        folded.into_values().collect()
    }
}

/// When staff first wrote after the customer had, in a thread.
fn first_answer(record: &Record) -> Option<jiff::Timestamp> {
    let Body::Messages(messages) = &record.body else {
        return None;
    };
    let asked = messages
        .iter()
        .position(|message| message.by == Speaker::Customer)?;
    messages[asked..]
        .iter()
        .find(|message| message.by == Speaker::Agent)
        .map(|answer| answer.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Polarity;

    #[track_caller]
    fn check(polarities: &[Polarity], expect: Sentiment) {
        let (first, rest) = polarities.split_first().unwrap();
        assert_eq!(
            rest.iter()
                .fold((*first).into(), |so_far: Sentiment, next| so_far
                    .joined_with(*next)),
            expect
        );
    }

    #[test]
    fn opposite_signs_are_mixed_and_neutral_yields() {
        use Polarity::{Negative, Neutral, Positive};
        check(&[Neutral, Neutral], Sentiment::Neutral);
        check(&[Neutral, Positive], Sentiment::Positive);
        check(&[Negative, Neutral, Negative], Sentiment::Negative);
        check(&[Negative, Positive], Sentiment::Mixed);
        check(&[Negative, Positive, Negative], Sentiment::Mixed);
    }

    #[test]
    fn the_first_response_is_the_first_answer_where_the_source_does_not_say() {
        let thread = |by: &str, stated: &str| {
            let line = format!(
                r#"{{"id":"1","source":"s","channel":"chat","created_at":"2026-08-03T08:00:00Z"{stated},"messages":[
                {{"at":"2026-08-03T08:00:00Z","by":"agent","text":"Hi"}},
                {{"at":"2026-08-03T08:01:00Z","by":"customer","text":"a"}},
                {{"at":"2026-08-03T08:03:00Z","by":"{by}","text":"b"}}]}}"#
            );
            let annotation: Annotation = serde_json::from_str(
                r#"{"lang":{"code":"it","confidence":1},"kinds":[],"sentiment":{"label":"neutral","score":0},
                "urgency":0,"touchpoint":null,"pii":[],"promises":[],"mentions":[],"model":"m","taxonomy":"t"}"#,
            )
            .unwrap();
            let record: Record = serde_json::from_str(&line).unwrap();
            RecordFact::new(&record, &annotation, None, &TimeZone::UTC).first_response_seconds
        };
        let stated = r#","ticket":{"first_response_at":"2026-08-03T09:00:00Z"}"#;
        assert_eq!(thread("agent", ""), Some(180));
        assert_eq!(thread("customer", ""), None);
        assert_eq!(thread("agent", stated), Some(3600));
    }

    #[test]
    fn a_mention_counts_on_the_day_of_its_message_and_once_per_theme() {
        let record: Record = serde_json::from_str(
            r#"{"id":"1","source":"s","channel":"chat","created_at":"2026-08-03T22:30:00Z","messages":[
            {"at":"2026-08-03T22:30:00Z","by":"customer","text":"a"},
            {"at":"2026-08-05T08:00:00Z","by":"customer","text":"b"}]}"#,
        )
        .unwrap();
        let annotation: Annotation = serde_json::from_str(
            r#"{"lang":{"code":"it","confidence":1},"kinds":[],"sentiment":{"label":"mixed","score":0},
            "urgency":0,"touchpoint":null,"pii":[],"promises":[],"model":"m","taxonomy":"t","mentions":[
            {"theme":"x","sentiment":"negative","score":0.5,"part":0,"start":0,"end":1,"quote":"a"},
            {"theme":"x","sentiment":"positive","score":0.7,"part":0,"start":0,"end":1,"quote":"a"},
            {"theme":"x","sentiment":"positive","score":0.6,"part":1,"start":0,"end":1,"quote":"b"}]}"#,
        )
        .unwrap();
        let rome = TimeZone::get("Europe/Rome").unwrap();
        let facts: Vec<_> = MentionFact::of(&record, &annotation, &rome)
            .into_iter()
            .map(|fact| (fact.day.to_string(), fact.sentiment, fact.score.get()))
            .collect();
        assert_eq!(
            facts,
            [
                ("2026-08-04".to_owned(), Sentiment::Mixed, 0.7),
                ("2026-08-05".to_owned(), Sentiment::Positive, 0.6)
            ]
        );
    }
}
