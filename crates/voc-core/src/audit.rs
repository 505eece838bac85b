//! Audits: a person labels a sample of records without seeing what the model says, so that
//! the model's error is known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Annotation, Kind, Language, Polarity, Sentiment, ThemeId};

/// The labels of a record that are audited, without scores and places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLabels {
    /// The kinds; empty is "none".
    pub kinds: BTreeSet<Kind>,
    /// The feeling of the whole.
    pub sentiment: Sentiment,
    /// The themes, each once with the feeling about it.
    pub themes: BTreeMap<ThemeId, Sentiment>,
}

/// A label that a record carries or does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditLabel {
    /// A kind.
    Kind(Kind),
    /// None of the kinds.
    NoKind,
    /// A feeling of the whole.
    Sentiment(Sentiment),
    /// A theme, whatever the feeling about it.
    Theme(ThemeId),
}

/// The records of one language that carry a label as the model says. A record lies in one
/// stratum for each of its labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditStratum {
    /// The label.
    pub label: AuditLabel,
    /// The language.
    pub language: Language,
    /// Records in it, at least 1.
    pub size: u64,
    /// How likely each of them is drawn for this stratum's sake, above 0 and up to 1.
    pub chance: f64,
}

impl AuditLabels {
    /// The labels of a record with these mentions: each theme counts once, as mixed if it is
    /// spoken of with both signs.
    pub fn new(
        kinds: BTreeSet<Kind>,
        sentiment: Sentiment,
        mentions: impl IntoIterator<Item = (ThemeId, Polarity)>,
    ) -> Self {
        let mut themes: BTreeMap<ThemeId, Sentiment> = BTreeMap::new();
        for (theme, feeling) in mentions {
            themes
                .entry(theme)
                .and_modify(|so_far| *so_far = so_far.joined_with(feeling))
                .or_insert(feeling.into());
        }
        Self {
            kinds,
            sentiment,
            themes,
        }
    }

    /// Every label that the record carries.
    pub fn all(&self) -> BTreeSet<AuditLabel> {
        let kinds = self.kinds.iter().copied().map(AuditLabel::Kind);
        let none = self.kinds.is_empty().then_some(AuditLabel::NoKind);
        let themes = self.themes.keys().cloned().map(AuditLabel::Theme);
        let sentiment = AuditLabel::Sentiment(self.sentiment);
        kinds.chain(none).chain([sentiment]).chain(themes).collect()
    }
}

impl From<&Annotation> for AuditLabels {
    fn from(annotation: &Annotation) -> Self {
        let kinds = annotation.kinds.iter().map(|kind| kind.id);
        let mentions = annotation.mentions.iter();
        let mentions = mentions.map(|mention| (mention.theme.clone(), mention.sentiment));
        Self::new(kinds.collect(), annotation.sentiment.label, mentions)
    }
}

impl fmt::Display for AuditLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "kind {kind}"),
            Self::NoKind => f.write_str("no kind"),
            Self::Sentiment(sentiment) => write!(f, "sentiment {sentiment}"),
            Self::Theme(theme) => write!(f, "theme {theme}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_carries_its_kinds_or_none_its_feeling_and_its_themes() {
        let carried = |line: &str| {
            let labels: AuditLabels = serde_json::from_str(line).unwrap();
            let all: Vec<String> = labels.all().iter().map(AuditLabel::to_string).collect();
            all.join(", ")
        };
        let all = carried(
            r#"{"kinds":["wish","complaint"],"sentiment":"mixed","themes":{"a":"negative"}}"#,
        );
        assert_eq!(all, "kind complaint, kind wish, sentiment mixed, theme a");
        let none = carried(r#"{"kinds":[],"sentiment":"neutral","themes":{}}"#);
        assert_eq!(none, "no kind, sentiment neutral");
    }

    #[test]
    fn a_theme_counts_once_as_mixed_if_both_signs_occur() {
        let theme = ThemeId::new("a").unwrap();
        let check = |feelings: &[Polarity], expect| {
            let mentions = feelings.iter().map(|feeling| (theme.clone(), *feeling));
            let labels = AuditLabels::new(BTreeSet::new(), Sentiment::Neutral, mentions);
            assert_eq!(labels.themes, BTreeMap::from([(theme.clone(), expect)]));
        };
        check(
            &[Polarity::Negative, Polarity::Neutral],
            Sentiment::Negative,
        );
        check(&[Polarity::Negative, Polarity::Positive], Sentiment::Mixed);
    }

    #[test]
    fn labels_are_read_as_they_were_written() {
        for (label, json) in [
            (AuditLabel::Kind(Kind::Wish), r#"{"kind":"wish"}"#),
            (AuditLabel::NoKind, r#""no_kind""#),
            (
                AuditLabel::Theme(ThemeId::new("a").unwrap()),
                r#"{"theme":"a"}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&label).unwrap(), json);
            assert_eq!(serde_json::from_str::<AuditLabel>(json).unwrap(), label);
        }
    }
}
