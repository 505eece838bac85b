//! What a person says about a record's labels. A correction is laid over what the model
//! said; it is data of its own, and the model's annotation is never edited.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{
    Annotation, CoreError, Kind, KindScore, Mention, Polarity, Probability, Record,
    RecordSentiment, Sentiment, Target, ThemeId, Touchpoint, Urgency,
};

/// What a person says about a record's labels. What is absent stays as the model said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// All kinds of the record; the empty set is "none".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<BTreeSet<Kind>>,
    /// The feeling of the whole record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<Sentiment>,
    /// How soon someone must react.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// Where in the journey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touchpoint: Option<OrNone<Touchpoint>>,
    /// Themes that the record speaks of, or does not; others stay as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub themes: BTreeMap<ThemeId, OrNone<ThemeLabel>>,
}

/// How a record speaks of a theme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeLabel {
    /// The feeling about it.
    pub sentiment: Polarity,
    /// The words that speak of it. Without them the theme stands where the model saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Where the model saw the theme when the person judged, see [`Correction::anchored`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
}

/// A label that may also be none, which is written `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrNone<L>(pub Option<L>);

impl Correction {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// This correction and a later one together: what the later one says wins. A theme that
    /// the later one sets without a quote keeps the earlier one's.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        let later = later.after(&self);
        let mut themes = self.themes;
        themes.extend(later.themes);
        Self {
            kinds: later.kinds.or(self.kinds),
            sentiment: later.sentiment.or(self.sentiment),
            urgency: later.urgency.or(self.urgency),
            touchpoint: later.touchpoint.or(self.touchpoint),
            themes,
        }
    }

    /// This correction, made after an earlier one: a theme that it sets without a quote keeps
    /// the place that the earlier one gave.
    #[must_use]
    pub fn after(mut self, earlier: &Self) -> Self {
        for (theme, label) in &mut self.themes {
            let earlier = earlier.themes.get(theme).and_then(|label| label.0.as_ref());
            if let (Some(label), Some(earlier)) = (&mut label.0, earlier) {
                label.quote = label.quote.take().or_else(|| earlier.quote.clone());
                label.seen = label.seen.take().or_else(|| earlier.seen.clone());
            }
        }
        self
    }

    /// Notes the words at which `model` sees each theme, so that the theme keeps its place
    /// when a later model does not see it any more.
    #[must_use]
    pub fn anchored(mut self, model: &Annotation) -> Self {
        let labels = self.themes.iter_mut();
        for (theme, label) in labels.filter_map(|(theme, label)| Some((theme, label.0.as_mut()?))) {
            let seen = model.mentions_of(theme);
            let surest = seen.max_by(|a, b| a.score.get().total_cmp(&b.score.get()));
            label.seen = surest.map(|mention| mention.quote.clone());
        }
        self
    }

    /// What holds of `record`, of which the model said `model`. The scores of a person's
    /// labels are 1, as they are certain. A theme with a quote stands at the first place of
    /// it; one without stands wherever the model saw it.
    ///
    /// # Errors
    /// [`CoreError::QuoteNotFound`] if a quote occurs in none of the record's texts,
    /// [`CoreError::QuoteMissing`] if a theme has none and the model did not see it.
    pub fn apply(&self, model: &Annotation, record: &Record) -> Result<Annotation, CoreError> {
        let mut corrected = self.over(model);
        for (theme, label) in &self.themes {
            corrected.set_theme(theme, mentions(theme, label, model, record)?);
        }
        Ok(corrected)
    }

    /// As [`Correction::apply`], but a theme that cannot be placed is as the model says: the
    /// customer may have edited the text since the person judged.
    pub fn apply_what_fits(&self, model: &Annotation, record: &Record) -> Annotation {
        let mut corrected = self.over(model);
        for (theme, label) in &self.themes {
            if let Ok(mentions) = mentions(theme, label, model, record) {
                corrected.set_theme(theme, mentions);
            }
        }
        corrected
    }

    /// Everything but the themes.
    fn over(&self, model: &Annotation) -> Annotation {
        let mut corrected = model.clone();
        if let Some(kinds) = &self.kinds {
            let sure = |id: &Kind| KindScore {
                id: *id,
                score: Probability::CERTAIN,
            };
            corrected.kinds = kinds.iter().map(sure).collect();
        }
        if let Some(sentiment) = self.sentiment {
            corrected.sentiment = RecordSentiment::certain(sentiment);
        }
        corrected.urgency = self.urgency.unwrap_or(corrected.urgency);
        if let Some(OrNone(touchpoint)) = self.touchpoint {
            corrected.touchpoint = touchpoint;
        }
        corrected
    }
}

impl Annotation {
    fn mentions_of(&self, theme: &ThemeId) -> impl Iterator<Item = &Mention> {
        self.mentions.iter().filter(move |m| m.theme == *theme)
    }

    /// Replaces all mentions of `theme`.
    fn set_theme(&mut self, theme: &ThemeId, mentions: Vec<Mention>) {
        self.mentions.retain(|mention| mention.theme != *theme);
        self.mentions.splice(..0, mentions);
    }
}

/// Where `label` puts `theme`.
fn mentions(
    theme: &ThemeId,
    label: &OrNone<ThemeLabel>,
    model: &Annotation,
    record: &Record,
) -> Result<Vec<Mention>, CoreError> {
    let Some(label) = &label.0 else {
        return Ok(Vec::new());
    };
    if let Some(quote) = &label.quote {
        return Ok(vec![mention(theme, label.sentiment, quote, record)?]);
    }
    let kept = model.mentions_of(theme).map(|seen| Mention {
        sentiment: label.sentiment,
        score: Probability::CERTAIN,
        ..seen.clone()
    });
    let kept: Vec<Mention> = kept.collect();
    if !kept.is_empty() {
        return Ok(kept);
    }
    let seen = label.seen.as_ref();
    let seen = seen.ok_or_else(|| CoreError::QuoteMissing(theme.clone()))?;
    Ok(vec![mention(theme, label.sentiment, seen, record)?])
}

/// The mention at the first place of `quote`; the customer's words go before all others.
fn mention(
    theme: &ThemeId,
    sentiment: Polarity,
    quote: &str,
    record: &Record,
) -> Result<Mention, CoreError> {
    let places = record.places_of(quote);
    let best = places
        .into_iter()
        .min_by_key(|(_, speaker, _)| *speaker != crate::Speaker::Customer);
    let Some((part, _, span)) = best else {
        return Err(CoreError::QuoteNotFound {
            theme: theme.clone(),
            quote: quote.to_owned(),
        });
    };
    Ok(Mention {
        theme: theme.clone(),
        sentiment,
        score: Probability::CERTAIN,
        part,
        span,
        quote: quote.to_owned(),
        target: Target::Own,
    })
}

/// How the absence of a label is written.
const NONE: &str = "none";

impl<L: fmt::Display> fmt::Display for OrNone<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(label) => label.fmt(f),
            None => f.pad(NONE),
        }
    }
}

impl<L: FromStr> FromStr for OrNone<L> {
    type Err = L::Err;

    fn from_str(text: &str) -> Result<Self, L::Err> {
        if text == NONE {
            return Ok(Self(None));
        }
        text.parse().map(|label| Self(Some(label)))
    }
}

impl<L: Serialize> Serialize for OrNone<L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(label) => label.serialize(serializer),
            None => serializer.serialize_str(NONE),
        }
    }
}

impl<'de, L: DeserializeOwned> Deserialize<'de> for OrNone<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value == NONE {
            return Ok(Self(None));
        }
        let label = L::deserialize(value).map_err(D::Error::custom)?;
        Ok(Self(Some(label)))
    }
}

#[cfg(test)]
mod tests;
