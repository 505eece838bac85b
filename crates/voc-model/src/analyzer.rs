//! A record in, its annotation and vectors out.

mod promises;

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;
use voc_core::{
    Annotation, LanguageGuess, Part, Polarity, QuantizedVector, Record, RecordSentiment, Sentiment,
    SignedScore, Span, Speaker, Taxonomy, ThemeId,
};
use voc_text::TextPipeline;

use crate::centring::{Centred, CentredRecord};
use crate::prepared::PreparedRecord;
use crate::tags::{Tags, ThemeTag};
use crate::trained_heads::polarity;
use crate::{Document, Encoder, ExampleHeads, FewShotHeads, ModelError, Pooled};

/// Stands in model ids for the example heads and the rules beside them.
const NEAREST: &str = "nearest2";

/// Text pipeline, encoder and heads together.
pub struct Analyzer {
    text: TextPipeline,
    encoder: Encoder,
    examples: ExampleHeads,
    few_shot: Option<FewShotHeads>,
    /// Themes that few-shot or example heads speak for, beside the trained ones.
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
        let heads = encoder.heads();
        let own = |theme: &&ThemeId| heads.is_some_and(|heads| !heads.knows(theme));
        let themes = taxonomy.themes.iter().map(|theme| &theme.id);
        let own_themes = themes.filter(own).cloned().collect();
        let heads = heads.map_or(NEAREST, |heads| &heads.id);
        Ok(Self {
            model: format!("{}-{heads}", encoder.id()),
            taxonomy: taxonomy.id(),
            text,
            encoder,
            examples,
            few_shot: None,
            own_themes,
        })
    }

    /// Lets `heads` speak for the themes that they were fitted to.
    ///
    /// # Errors
    /// [`ModelError::Heads`] if they fit another encoder, or a theme that the taxonomy lacks.
    pub fn with_few_shot(
        mut self,
        heads: FewShotHeads,
        taxonomy: &Taxonomy,
    ) -> Result<Self, ModelError> {
        let refused = |why: String| Err(ModelError::Heads(why));
        let encoder = self.encoder.weights_id();
        if heads.encoder != encoder {
            let fitted = &heads.encoder;
            return refused(format!(
                "they fit the encoder {fitted}, this one is {encoder}"
            ));
        }
        if let Some(unknown) = heads.themes.iter().find(|id| taxonomy.theme(id).is_none()) {
            return refused(format!("the taxonomy has no theme {unknown}"));
        }
        self.own_themes.extend(heads.themes.iter().cloned());
        self.model = format!("{}-{}", self.model, heads.id()?);
        self.few_shot = Some(heads);
        Ok(self)
    }

    /// Vectors of single sentences as the heads see them.
    ///
    /// # Errors
    /// [`ModelError`] if the encoder refuses one.
    pub fn centred_sentences(&self, sentences: &[&str]) -> Result<Vec<Centred>, ModelError> {
        let pooled = self.encoder.encode_sentences(sentences)?.into_iter();
        let centred = pooled.zip(sentences).map(|(pooled, sentence)| {
            let language = self.text.detect(sentence, None).code;
            self.examples.centres().centred(&pooled.text, language)
        });
        Ok(centred.collect())
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
        let centred = self.centred_sentences(&[text])?;
        Ok(centred
            .into_iter()
            .next()
            .map_or(Vec::new(), Centred::into_values))
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

    /// What trained heads say, else the example heads; and about themes of one's own the
    /// few-shot heads, else the example heads.
    fn tags(&self, pooled: &Pooled, centred: &CentredRecord) -> Tags {
        let mut tags = match (self.encoder.heads(), &pooled.scores) {
            (Some(heads), Some(scores)) => {
                let mut tags = heads.tags(scores);
                let examples = self.examples.mean_feeling(centred);
                tags.sentiment.score = blended(&tags.sentiment, examples);
                tags
            }
            _ => self.examples.tags(centred),
        };
        if self.own_themes.is_empty() {
            return tags;
        }
        let sentences = tags.themes.iter_mut().zip(&centred.sentences).enumerate();
        for (index, (tags, vector)) in sentences {
            let scores = pooled
                .scores
                .as_ref()
                .map(|scores| &scores.sentences[index]);
            let sentiment = match scores {
                Some(scores) => polarity(&scores.feeling),
                None => self.examples.polarity(vector),
            };
            tags.retain(|tag| !self.own_themes.contains(&tag.theme));
            tags.extend(self.own_tags(vector, sentiment));
        }
        tags
    }

    /// Themes of one's own in a sentence that feels like `sentiment`.
    fn own_tags(&self, vector: &Centred, sentiment: Polarity) -> Vec<ThemeTag> {
        let mut tags = self.examples.themes_of(vector);
        tags.retain(|tag| self.own_themes.contains(&tag.theme));
        if let Some(few_shot) = &self.few_shot {
            tags.retain(|tag| !few_shot.themes.contains(&tag.theme));
            tags.extend(few_shot.themes_of(vector, sentiment));
        }
        for tag in &mut tags {
            tag.sentiment = sentiment;
        }
        tags
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

/// Two readings of how a record feels in one number: the trained heads know the shape of a
/// complaint, the example heads the plain words, and in a style that the trained ones never
/// saw they are often the steadier (see the sets in `models/CARD.md`). It never has the sign
/// opposite to a label that has one.
fn blended(trained: &RecordSentiment, examples: f32) -> SignedScore {
    let mean = (trained.score.get() + examples) / 2.0;
    SignedScore::clamped(match trained.label {
        Sentiment::Negative => mean.min(0.0),
        Sentiment::Positive => mean.max(0.0),
        Sentiment::Neutral | Sentiment::Mixed => mean,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_label_keeps_its_sign_and_a_mixed_one_takes_the_means() {
        let check = |label, trained: f32, examples: f32, expect: f32| {
            let score = SignedScore::clamped(trained);
            let found = blended(&RecordSentiment { label, score }, examples).get();
            assert!((found - expect).abs() < 1e-4, "{found}, not {expect}");
        };
        check(Sentiment::Mixed, 0.1, -0.5, -0.2);
        check(Sentiment::Neutral, 0.1, 0.3, 0.2);
        check(Sentiment::Positive, 0.1, -0.5, 0.0);
        check(Sentiment::Negative, -0.4, 0.2, -0.1);
    }
}
