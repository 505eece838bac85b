//! The fields of the index.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions,
};
use tantivy::tokenizer::TokenizerManager;

use crate::group::Group;

/// Raised whenever text is read in another way: it is part of the tokenizers' names, so an
/// index of another version has another schema, and is not used.
const READING: u32 = 1;

/// The fields of titles and texts of one group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextFields {
    pub group: Group,
    pub text: Field,
    pub title: Field,
}

/// The fields, by their use.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub schema: Schema,
    pub row: Field,
    pub day: Field,
    pub id: Field,
    pub source: Field,
    pub language: Field,
    pub channel: Field,
    pub kind: Field,
    pub theme: Field,
    pub sentiment: Field,
    pub urgency: Field,
    pub touchpoint: Field,
    pub texts: [TextFields; Self::GROUPS],
}

/// The name of the fast field of store rows.
pub(crate) const ROW: &str = "row";
/// The name of the fast field of days since 1970-01-01.
pub(crate) const DAY: &str = "day";

impl Fields {
    /// How many groups there are.
    pub const GROUPS: usize = Group::ALL.len();

    /// The schema of every index of this version.
    pub fn new() -> Self {
        let mut builder = Schema::builder();
        let row = builder.add_u64_field(ROW, INDEXED | FAST);
        let day = builder.add_i64_field(DAY, FAST);
        let mut label = |name: &str| builder.add_text_field(name, STRING);
        let [id, source, language, channel] = ["id", "source", "lang", "channel"].map(&mut label);
        let [kind, theme, sentiment] = ["kind", "theme", "sentiment"].map(&mut label);
        let [urgency, touchpoint] = ["urgency", "touchpoint"].map(&mut label);
        let texts = Group::ALL.map(|group| text_fields(&mut builder, group));
        Self {
            schema: builder.build(),
            row,
            day,
            id,
            source,
            language,
            channel,
            kind,
            theme,
            sentiment,
            urgency,
            touchpoint,
            texts,
        }
    }

    /// The fields that texts of `group` are in.
    pub fn of(&self, group: Group) -> TextFields {
        let [.., other] = self.texts;
        self.texts
            .into_iter()
            .find(|fields| fields.group == group)
            .unwrap_or(other)
    }

    /// The tokenizers that the schema names.
    pub fn tokenizers() -> TokenizerManager {
        let manager = TokenizerManager::default();
        for group in Group::ALL {
            manager.register(&tokenizer_name(group), group);
        }
        manager
    }
}

fn text_fields(builder: &mut SchemaBuilder, group: Group) -> TextFields {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(&tokenizer_name(group))
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let options = TextOptions::default().set_indexing_options(indexing);
    let text = builder.add_text_field(&format!("text_{}", group.name()), options.clone());
    let title = builder.add_text_field(&format!("title_{}", group.name()), options);
    TextFields { group, text, title }
}

fn tokenizer_name(group: Group) -> String {
    format!("{}_{READING}", group.name())
}
