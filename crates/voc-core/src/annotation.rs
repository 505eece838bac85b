//! What `voc analyze` adds to each line. Field names and meanings are a contract.

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use crate::{
    Kind, Language, Part, PiiType, Polarity, Probability, Sentiment, SignedScore, Span, ThemeId,
    Touchpoint, Urgency,
};

/// Everything the pipeline says about one record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// The language, or `und`.
    pub lang: LanguageGuess,
    /// What the customer is doing; empty is the only form of "none".
    pub kinds: Vec<KindScore>,
    /// The feeling of the whole record.
    pub sentiment: RecordSentiment,
    /// How soon someone must react.
    pub urgency: Urgency,
    /// Where in the journey, or `null`.
    pub touchpoint: Option<Touchpoint>,
    /// What it is about. Spans refer to the text as returned.
    pub mentions: Vec<Mention>,
    /// Personal data found. Spans refer to the text as given.
    pub pii: Vec<PersonalData>,
    /// What the company promised. Spans refer to the text as returned.
    pub promises: Vec<Promise>,
    /// Id of encoder, number type and heads.
    pub model: String,
    /// Id of the taxonomy.
    pub taxonomy: String,
}

impl Annotation {
    /// Whether `kind` was assigned.
    pub fn has(&self, kind: Kind) -> bool {
        self.kinds.iter().any(|scored| scored.id == kind)
    }
}

/// A language with how sure the detector is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LanguageGuess {
    /// The language.
    pub code: Language,
    /// From 0 to 1.
    pub confidence: Probability,
}

/// A kind with how sure the head is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct KindScore {
    /// The kind.
    pub id: Kind,
    /// From 0 to 1.
    pub score: Probability,
}

/// The feeling of a record.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordSentiment {
    /// The label.
    pub label: Sentiment,
    /// From -1 to 1.
    pub score: SignedScore,
}

impl RecordSentiment {
    /// What a person says, who is certain: -1, 0 or 1.
    pub fn certain(label: Sentiment) -> Self {
        let score = match label {
            Sentiment::Negative => -1.0,
            Sentiment::Neutral | Sentiment::Mixed => 0.0,
            Sentiment::Positive => 1.0,
        };
        Self {
            label,
            score: SignedScore::clamped(score),
        }
    }
}

impl Default for RecordSentiment {
    /// No feeling.
    fn default() -> Self {
        Self {
            label: Sentiment::Neutral,
            score: SignedScore::default(),
        }
    }
}

/// One place where a theme is spoken of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// The theme.
    pub theme: ThemeId,
    /// The feeling about it here.
    pub sentiment: Polarity,
    /// How sure the head is of the theme, from 0 to 1.
    pub score: Probability,
    /// Which text.
    pub part: Part,
    /// Where in it.
    #[serde(flatten)]
    pub span: Span,
    /// The words at `span`.
    pub quote: String,
    /// Whose product or service it is about.
    #[serde(default)]
    pub target: Target,
}

/// Whose product or service a mention is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The company's own.
    #[default]
    Own,
    /// A competitor's.
    Competitor,
}

/// Personal data at a place. It carries no quote: the point is not to repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalData {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: PiiType,
    /// Which text.
    pub part: Part,
    /// Where in the text as given.
    #[serde(flatten)]
    pub span: Span,
}

/// The company's own words that bind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The words at `span`.
    pub quote: String,
    /// Which text.
    pub part: Part,
    /// Where in it.
    #[serde(flatten)]
    pub span: Span,
    /// When it falls due, if it says so.
    pub due: Option<Due>,
    /// Who promised.
    pub by: PromiseBy,
}

/// A due date. A bare date means the end of that business day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Due {
    /// A point in time.
    At(Timestamp),
    /// A day.
    On(civil::Date),
}

/// Who made a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromiseBy {
    /// A member of staff.
    Agent,
    /// The company at large.
    Company,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_annotation_is_written_field_for_field() {
        let line = concat!(
            r#"{"lang":{"code":"it","confidence":0.98},"kinds":[{"id":"complaint","score":0.91}],"#,
            r#""sentiment":{"label":"negative","score":-0.8},"urgency":2,"touchpoint":null,"#,
            r#""mentions":[{"theme":"delivery.damage","sentiment":"negative","score":0.7,"part":"text","#,
            r#""start":0,"end":2,"quote":"ab","target":"own"}],"#,
            r#""pii":[{"type":"EMAIL","part":0,"start":3,"end":9}],"#,
            r#""promises":[{"quote":"by Friday","part":1,"start":0,"end":9,"due":"2026-08-07","by":"agent"},"#,
            r#"{"quote":"at 5","part":1,"start":10,"end":14,"due":"2026-08-07T17:00:00Z","by":"company"}],"#,
            r#""model":"m","taxonomy":"t"}"#
        );
        let annotation: Annotation = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&annotation).unwrap(), line);
    }

    #[test]
    fn scores_out_of_range_are_refused() {
        assert!(serde_json::from_str::<KindScore>(r#"{"id":"wish","score":1.2}"#).is_err());
        assert!(
            serde_json::from_str::<RecordSentiment>(r#"{"label":"mixed","score":-2}"#).is_err()
        );
    }

    proptest! {
        #[test]
        fn any_mention_survives_the_round_trip(
            start in 0..1000_usize, len in 0..50_usize, score in 0.0..=1.0_f32,
            polarity in 0..3_usize, index in prop::option::of(0..9_usize), quote in ".{0,20}",
        ) {
            let mention = Mention {
                theme: ThemeId::new("billing.charge").unwrap(),
                sentiment: Polarity::ALL[polarity],
                score: Probability::clamped(score),
                part: index.map_or(Part::Text, Part::Message),
                span: Span::new(start, start + len).unwrap(),
                quote,
                target: Target::Own,
            };
            let line = serde_json::to_string(&mention).unwrap();
            prop_assert_eq!(serde_json::from_str::<Mention>(&line).unwrap(), mention);
        }
    }
}
