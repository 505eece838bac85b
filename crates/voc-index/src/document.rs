use jiff::civil::Date;
use voc_core::{
    Channel, Kind, Language, RecordId, Sentiment, SourceId, ThemeId, Touchpoint, Urgency,
};

/// What the index is told about one record. It keeps none of it: search answers with rows
/// of the store, and the store has the texts.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// The row id in the store, and the key here: a second document with it replaces the
    /// first.
    pub row: u64,
    /// The source, for `source:`.
    pub source: &'a SourceId,
    /// The id within the source; a query word equal to it finds the record.
    pub id: &'a RecordId,
    /// Decides how titles and texts are read, and serves `lang:`.
    pub language: Language,
    /// For `channel:`.
    pub channel: Channel,
    /// The day the record counts on, for `since:`, `until:` and "newest first".
    pub day: Date,
    /// For `kind:`.
    pub kinds: &'a [Kind],
    /// The themes mentioned, for `theme:`; repeated ones do no harm.
    pub themes: &'a [ThemeId],
    /// For `sentiment:`.
    pub sentiment: Sentiment,
    /// For `urgency:`.
    pub urgency: Urgency,
    /// For `touchpoint:`.
    pub touchpoint: Option<Touchpoint>,
    /// The redacted title.
    pub title: Option<&'a str>,
    /// The redacted text, or the messages of customer and agents.
    pub texts: Vec<&'a str>,
}
