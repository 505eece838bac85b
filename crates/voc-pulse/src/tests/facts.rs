//! Invented facts, written as briefly as they can be read.

use crate::{Pulse, PulseBuilder, PulseRequest, Verbatim};
use jiff::civil::Date;
use voc_core::{
    Channel, Kind, MentionFact, Probability, Pseudonym, Ratings, RecordFact, RecordId, RecordKey,
    Role, Sentiment, SourceId, Target, Taxonomy, ThemeId, Urgency,
};

/// The week that the reports are about; its Monday is 2026-08-03.
pub const WEEK: &str = "2026-W32";
pub const MONDAY: &str = "2026-08-03";

pub fn source(id: &str) -> SourceId {
    SourceId::new(id).unwrap()
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// The Monday `weeks` before the week of the report.
pub fn weeks_ago(weeks: i64) -> Date {
    day(MONDAY).saturating_sub(jiff::ToSpan::weeks(weeks))
}

/// A report on the week, from sources `s` and `t`.
pub fn request() -> PulseRequest {
    let mut request = PulseRequest::new(
        WEEK.parse().unwrap(),
        "2026-08-10T04:00:00Z".parse().unwrap(),
    );
    request.company = "Casa Lumi".to_owned();
    request.timezone = "Europe/Rome".to_owned();
    request.store_version = 7;
    request.model = "m1".to_owned();
    for id in ["s", "t"] {
        request
            .complete_through
            .insert(source(id), day("2026-08-09"));
    }
    request
}

/// A complaint of an Italian customer by ticket, in source `s`.
pub fn record(id: &str, day: Date) -> RecordFact {
    RecordFact {
        key: RecordKey {
            source: source("s"),
            id: RecordId::new(id).unwrap(),
        },
        day,
        channel: Channel::Ticket,
        language: "it".parse().unwrap(),
        customer: None,
        role: Role::Customer,
        tier: None,
        product: None,
        kinds: vec![Kind::Complaint],
        sentiment: Sentiment::Negative,
        urgency: Urgency::default(),
        touchpoint: None,
        ratings: Ratings::default(),
        first_response_seconds: None,
        resolution_seconds: None,
        outcome: None,
    }
}

pub fn by(customer: &str, fact: RecordFact) -> RecordFact {
    RecordFact {
        customer: Some(Pseudonym::new(customer).unwrap()),
        ..fact
    }
}

/// A negative mention of `theme` in `fact`, on its day.
pub fn mention(fact: &RecordFact, theme: &str) -> MentionFact {
    MentionFact {
        key: fact.key.clone(),
        day: fact.day,
        theme: ThemeId::new(theme).unwrap(),
        sentiment: Sentiment::Negative,
        touchpoint: None,
        target: Target::Own,
        score: Probability::new(0.5).unwrap(),
    }
}

#[derive(Clone, Default)]
pub struct Facts {
    pub records: Vec<RecordFact>,
    pub mentions: Vec<MentionFact>,
}

impl Facts {
    /// `n` records of one day, the first `with` of which speak of `theme`.
    pub fn add(&mut self, prefix: &str, day: Date, n: usize, theme: &str, with: usize) {
        for index in 0..n {
            let fact = record(&format!("{prefix}{index}"), day);
            if index < with {
                self.mentions.push(mention(&fact, theme));
            }
            self.records.push(fact);
        }
    }

    /// Twelve weeks of 50 records; delivery damage in 2 of each, and in `now` of the last.
    pub fn with_rise(now: usize) -> Self {
        let mut facts = Self::default();
        for week in 0..12 {
            let with = if week == 0 { now } else { 2 };
            facts.add(
                &format!("w{week}-"),
                weeks_ago(week),
                50,
                "delivery.damage",
                with,
            );
        }
        facts
    }
}

pub fn report(request: PulseRequest, facts: &Facts) -> Pulse {
    let taxonomy = Taxonomy::default_scheme().unwrap();
    let mut builder = PulseBuilder::new(request, &taxonomy).unwrap();
    facts
        .records
        .iter()
        .for_each(|fact| builder.add_record(fact));
    facts
        .mentions
        .iter()
        .for_each(|fact| builder.add_mention(fact));
    builder.finish(text_of)
}

/// A text for every record.
pub fn text_of(key: &RecordKey, _theme: &ThemeId) -> Option<Verbatim> {
    Some(Verbatim {
        text: format!("Il pacco {} era rotto. Che peccato!", key.id),
        quote: "era rotto".to_owned(),
        language: "it".parse().unwrap(),
        channel: Channel::Ticket,
        day: day(MONDAY),
        url: Some(format!("https://desk.example/{}", key.id)),
    })
}
