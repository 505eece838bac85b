//! A record in, its annotation and vectors out.

mod promises;

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;
use voc_core::{
    Annotation, LanguageGuess, Part, QuantizedVector, Record, Span, Speaker, Taxonomy, ThemeId,
};
use voc_text::TextPipeline;

use crate::centring::CentredRecord;
use crate::prepared::PreparedRecord;
use crate::tags::{Tags, ThemeTag};
use crate::trained_heads::polarity;
use crate::{Document, Encoder, ExampleHeads, ModelError, Pooled, Scores};

/// Stands in model ids for the example heads and the rules beside them.
const NEAREST: &str = "nearest2";

/// Text pipeline, encoder and heads together.
pub struct Analyzer {
    text: TextPipeline,
    encoder: Encoder,
    examples: ExampleHeads,
    /// Themes of the taxonomy that trained heads do not know.
    own_themes: BTreeSet<ThemeId>,
    model: String,
    taxonomy: String,
}

/// A record after analysis.
#[derive(Clone, Debug)]
pub struct Analyzed {
    /// The record with cleaned, redacted texts and without names of authors.
    pub record: Record,
    /// What the pipeline says about it.
    pub annotation: Annotation,
    /// The vector of the customer's words as a whole, centred for its language: vectors of
    /// texts in different languages compare.
    pub vector: QuantizedVector,
    /// The vectors of its sentences, centred likewise.
    pub sentences: Vec<SentenceVector>,
    texts: PreparedRecord,
}

/// Where a sentence is, and its vector.
#[derive(Clone, Debug, PartialEq)]
pub struct SentenceVector {
    /// Which text.
    pub part: Part,
    /// Where in it.
    pub span: Span,
    /// The vector.
    pub vector: QuantizedVector,
}

impl Analyzer {
    /// Puts the pieces together. `cache` is a folder for the vectors of examples.
    ///
    /// # Errors
    /// [`ModelError`] if the encoder refuses an example of `taxonomy`.
    pub fn new(
        text: TextPipeline,
        encoder: Encoder,
        taxonomy: &Taxonomy,
        cache: Option<&Path>,
    ) -> Result<Self, ModelError> {
        let examples = ExampleHeads::new(&encoder, taxonomy, cache)?;
        let (heads, own_themes) = match encoder.heads() {
            Some(heads) => {
                let themes = taxonomy.themes.iter().map(|theme| theme.id.clone());
                let own = themes.filter(|theme| !heads.knows(theme)).collect();
                (heads.id.clone(), own)
            }
            None => (NEAREST.to_owned(), BTreeSet::new()),
        };
        Ok(Self {
            model: format!("{}-{heads}", encoder.id()),
            taxonomy: taxonomy.id(),
            text,
            encoder,
            examples,
            own_themes,
        })
    }

    /// Id of encoder, number type and heads, as annotations carry it.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Id of the taxonomy, as annotations carry it.
    pub fn taxonomy(&self) -> &str {
        &self.taxonomy
    }

    /// The encoder.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// The text pipeline.
    pub fn text(&self) -> &TextPipeline {
        &self.text
    }

    /// The vector to search with: of what `text` means, in whatever language, length 1.
    ///
    /// # Errors
    /// [`ModelError`] if the encoder refuses it.
    pub fn encode_query(&self, text: &str) -> Result<Vec<f32>, ModelError> {
        let language = self.text.detect(text, None).code;
        let pooled = self.encoder.encode_sentences(&[text])?;
        let text = pooled.first().map_or(&[] as &[f32], |pooled| &pooled.text);
        Ok(self
            .examples
            .centres()
            .centred(text, language)
            .values()
            .to_vec())
    }

    /// Analyses one chunk, in the order given.
    ///
    /// # Errors
    /// [`ModelError`] if the encoder fails; a record by itself cannot.
    pub fn analyze(&self, records: Vec<Record>) -> Result<Vec<Analyzed>, ModelError> {
        let prepared = self
            .encoder
            .install(|| PreparedRecord::all(&self.text, &records));
        let pooled = self.encode(&records, &prepared)?;
        self.encoder.install(|| {
            records
                .into_par_iter()
                .zip(prepared)
                .zip(pooled)
                .map(|((record, texts), pooled)| self.annotate(record, texts, &pooled))
                .collect()
        })
    }

    /// Encodes in order of key, so that batches do not depend on how a source sorts.
    fn encode(
        &self,
        records: &[Record],
        prepared: &[PreparedRecord],
    ) -> Result<Vec<Pooled>, ModelError> {
        let mut order: Vec<usize> = (0..records.len()).collect();
        order.sort_by_key(|index| records[*index].key());
        let documents: Vec<Document> = order
            .iter()
            .map(|index| prepared[*index].document())
            .collect();
        let mut pooled: Vec<(usize, Pooled)> = order
            .into_iter()
            .zip(self.encoder.encode(&documents)?)
            .collect();
        pooled.sort_by_key(|(index, _)| *index);
        Ok(pooled.into_iter().map(|(_, pooled)| pooled).collect())
    }

    fn annotate(
        &self,
        mut record: Record,
        texts: PreparedRecord,
        pooled: &Pooled,
    ) -> Result<Analyzed, ModelError> {
        let lang = self.language(&record, &texts);
        let centred = self.examples.centres().centred_record(pooled, lang.code);
        let tags = self.tags(pooled, &centred);
        let annotation = Annotation {
            lang,
            kinds: tags.kinds,
            sentiment: tags.sentiment,
            urgency: tags.urgency,
            touchpoint: tags.touchpoint,
            mentions: texts.mentions(&tags.themes)?,
            pii: texts.personal_data(),
            promises: self.promises(&record, &texts, lang.code)?,
            model: self.model.clone(),
            taxonomy: self.taxonomy.clone(),
        };
        let sentences = texts.sentences().zip(&centred.sentences);
        let sentences = sentences.map(|((text, span), vector)| SentenceVector {
            part: text.part,
            span,
            vector: QuantizedVector::new(vector.values()),
        });
        let sentences = sentences.collect();
        self.redact(&mut record, &texts);
        Ok(Analyzed {
            record,
            annotation,
            vector: QuantizedVector::new(centred.whole.values()),
            sentences,
            texts,
        })
    }

    /// What trained heads say, and the example heads about themes of one's own; without
    /// trained heads, the example heads about everything.
    fn tags(&self, pooled: &Pooled, centred: &CentredRecord) -> Tags {
        let (Some(heads), Some(scores)) = (self.encoder.heads(), &pooled.scores) else {
            return self.examples.tags(centred);
        };
        let mut tags = heads.tags(scores);
        if !self.own_themes.is_empty() {
            for (known, own) in tags.themes.iter_mut().zip(self.own_tags(scores, centred)) {
                known.extend(own);
            }
        }
        tags
    }

    /// Themes of one's own in each sentence. How it feels is told by the trained heads.
    fn own_tags(&self, scores: &Scores, centred: &CentredRecord) -> Vec<Vec<ThemeTag>> {
        let found = self.examples.themes_of_sentences(centred).into_iter();
        let found = found.zip(&scores.sentences).map(|(mut tags, scores)| {
            tags.retain(|tag| self.own_themes.contains(&tag.theme));
            for tag in &mut tags {
                tag.sentiment = polarity(&scores.feeling);
            }
            tags
        });
        found.collect()
    }

    fn language(&self, record: &Record, texts: &PreparedRecord) -> LanguageGuess {
        let of = |wanted: fn(Speaker) -> bool| -> Vec<&str> {
            let texts = texts.texts.iter().filter(|text| wanted(text.speaker));
            texts.map(|text| text.prepared.text.as_str()).collect()
        };
        let customer = of(|speaker| speaker == Speaker::Customer);
        let words = if customer.is_empty() {
            of(|_| true)
        } else {
            customer
        };
        self.text.detect(&words.join("\n"), record.lang)
    }

    /// Replaces texts, drops authors' names and redacts the short fields.
    fn redact(&self, record: &mut Record, texts: &PreparedRecord) {
        for text in &texts.texts {
            record.set_part(text.part, text.prepared.text.clone());
        }
        record.author = None;
        if let voc_core::Body::Messages(messages) = &mut record.body {
            for message in messages {
                message.author = None;
            }
        }
        let redacted = |field: &mut String| *field = self.text.redact_field(field);
        record
            .url
            .iter_mut()
            .chain(&mut record.product)
            .for_each(redacted);
        if let Some(ticket) = &mut record.ticket {
            ticket
                .tags
                .iter_mut()
                .chain(&mut ticket.queue)
                .for_each(redacted);
        }
        for value in record.meta.values_mut() {
            self.redact_value(value);
        }
    }

    fn redact_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text.redact_field(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.redact_value(value)),
            Value::Object(fields) => {
                fields
                    .values_mut()
                    .for_each(|value| self.redact_value(value));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

impl Analyzed {
    /// The annotation of `given`, the record as it came in, with all spans mapped to its
    /// texts. Labels and scores stay as they are.
    ///
    /// # Errors
    /// [`ModelError::Core`] if a span cannot be mapped; it never can be for the record that
    /// this came from.
    pub fn annotation_of_given(&self, given: &Record) -> Result<Annotation, ModelError> {
        let mut annotation = self.annotation.clone();
        for mention in &mut annotation.mentions {
            (mention.span, mention.quote) =
                self.texts.given_quote(given, mention.part, mention.span)?;
        }
        for promise in &mut annotation.promises {
            (promise.span, promise.quote) =
                self.texts.given_quote(given, promise.part, promise.span)?;
        }
        Ok(annotation)
    }
}
