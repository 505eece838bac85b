//! What heads say about a record, before places and quotes are added.

use voc_core::{KindScore, Polarity, Probability, RecordSentiment, ThemeId, Touchpoint, Urgency};

/// The labels of one record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tags {
    /// In canonical order.
    pub kinds: Vec<KindScore>,
    /// Of the record as a whole.
    pub sentiment: RecordSentiment,
    /// How soon someone must react.
    pub urgency: Urgency,
    /// Where in the journey.
    pub touchpoint: Option<Touchpoint>,
    /// The themes of each sentence, best first, unit by unit.
    pub themes: Vec<Vec<ThemeTag>>,
}

/// A theme of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct ThemeTag {
    /// The theme.
    pub theme: ThemeId,
    /// How sure it is that the sentence speaks of it.
    pub score: Probability,
    /// How it speaks of it.
    pub sentiment: Polarity,
}
