//! A record in, its annotation and vectors out.

mod promises;

use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;
use voc_core::{
    Annotation, Kind, KindScore, Language, LanguageGuess, Mention, Part, PersonalData, Polarity,
    QuantizedVector, Record, RecordSentiment, Sentiment, SignedScore, Span, Speaker, Target,
    Taxonomy, Urgency,
};
use voc_text::{Prepared, TextPipeline};

use crate::heads::{Centred, Feeling, Reading};
use crate::{Document, Encoder, Heads, ModelError, Pooled, Unit};

/// Text pipeline, encoder and heads together.
pub struct Analyzer {
    text: TextPipeline,
    encoder: Encoder,
    heads: Heads,
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
    texts: Vec<PreparedPart>,
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

#[derive(Clone, Debug)]
struct PreparedPart {
    part: Part,
    speaker: Speaker,
    prepared: Prepared,
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
        let heads = Heads::new(&encoder, taxonomy, cache)?;
        let model = format!("{}-nearest2", encoder.id());
        Ok(Self {
            text,
            encoder,
            heads,
            model,
            taxonomy: taxonomy.id(),
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
        Ok(self.heads.centred(text, language).values().to_vec())
    }

    /// Analyses one chunk, in the order given.
    ///
    /// # Errors
    /// [`ModelError`] if the encoder fails; a record by itself cannot.
    pub fn analyze(&self, records: Vec<Record>) -> Result<Vec<Analyzed>, ModelError> {
        let prepared: Vec<Vec<PreparedPart>> = self.encoder.install(|| {
            records
                .par_iter()
                .map(|record| self.prepare(record))
                .collect()
        });
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

    fn prepare(&self, record: &Record) -> Vec<PreparedPart> {
        record
            .parts()
            .into_iter()
            .map(|(part, speaker, given)| PreparedPart {
                part,
                speaker,
                prepared: self.text.prepare(given),
            })
            .collect()
    }

    /// Encodes in order of key, so that batches do not depend on how a source sorts.
    fn encode(
        &self,
        records: &[Record],
        prepared: &[Vec<PreparedPart>],
    ) -> Result<Vec<Pooled>, ModelError> {
        let mut order: Vec<usize> = (0..records.len()).collect();
        order.sort_by_key(|index| records[*index].key());
        let documents: Vec<Document> = order
            .iter()
            .map(|index| document(&prepared[*index]))
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
        texts: Vec<PreparedPart>,
        pooled: &Pooled,
    ) -> Result<Analyzed, ModelError> {
        let lang = self.language(&record, &texts);
        let sentences: Vec<Sentence<'_>> = sentences(&texts, pooled)
            .map(|(text, span, vector)| self.read_sentence(text, span, vector, lang.code))
            .collect();
        let units: Vec<Centred> = pooled
            .units
            .iter()
            .map(|unit| self.heads.centred(unit, lang.code))
            .collect();
        let kinds = self.kinds(&units, &sentences);
        let mentions = mentions(&sentences)?;
        let has_content = !kinds.is_empty() || !mentions.is_empty();
        let whole = self.heads.centred(&pooled.text, lang.code);
        let annotation = Annotation {
            lang,
            sentiment: sentiment(&sentences),
            urgency: self.urgency(&units, has_content),
            touchpoint: if has_content {
                self.heads.touchpoint(&whole)
            } else {
                None
            },
            kinds,
            mentions,
            pii: personal_data(&texts),
            promises: self.promises(&record, &texts, lang.code)?,
            model: self.model.clone(),
            taxonomy: self.taxonomy.clone(),
        };
        let sentences = sentences
            .iter()
            .map(|sentence| SentenceVector {
                part: sentence.text.part,
                span: sentence.span,
                vector: QuantizedVector::new(sentence.vector.values()),
            })
            .collect();
        self.redact(&mut record, &texts);
        Ok(Analyzed {
            record,
            annotation,
            vector: QuantizedVector::new(whole.values()),
            sentences,
            texts,
        })
    }

    fn language(&self, record: &Record, texts: &[PreparedPart]) -> LanguageGuess {
        let of = |wanted: fn(Speaker) -> bool| -> Vec<&str> {
            texts
                .iter()
                .filter(|text| wanted(text.speaker))
                .map(|text| text.prepared.text.as_str())
                .collect()
        };
        let customer = of(|speaker| speaker == Speaker::Customer);
        let words = if customer.is_empty() {
            of(|_| true)
        } else {
            customer
        };
        self.text.detect(&words.join("\n"), record.lang)
    }

    fn read_sentence<'a>(
        &self,
        text: &'a PreparedPart,
        span: Span,
        vector: &[f32],
        language: Language,
    ) -> Sentence<'a> {
        let centred = self.heads.centred(vector, language);
        Sentence {
            text,
            span,
            feeling: self.heads.feeling(&centred),
            kind: self.heads.kind_of_sentence(&centred),
            themes: self.heads.themes(&centred),
            vector: centred,
        }
    }

    /// The union over all messages and the clearest kind of each sentence, each kind with
    /// its best score, in canonical order.
    fn kinds(&self, units: &[Centred], sentences: &[Sentence<'_>]) -> Vec<KindScore> {
        let mut found: Vec<KindScore> = Vec::new();
        let of_units = units.iter().flat_map(|unit| self.heads.kinds(unit));
        for reading in of_units.chain(sentences.iter().filter_map(|s| s.kind.clone())) {
            match found.iter_mut().find(|kind| kind.id == reading.label) {
                Some(kind) if kind.score >= reading.score => {}
                Some(kind) => kind.score = reading.score,
                None => found.push(KindScore {
                    id: reading.label,
                    score: reading.score,
                }),
            }
        }
        found.sort_by_key(|kind| Kind::ALL.iter().position(|id| *id == kind.id));
        found
    }

    fn urgency(&self, units: &[Centred], has_content: bool) -> Urgency {
        if !has_content {
            return Urgency::default();
        }
        units
            .iter()
            .map(|unit| self.heads.urgency(unit))
            .max()
            .unwrap_or_default()
    }

    /// Replaces texts, drops authors' names and redacts the short fields.
    fn redact(&self, record: &mut Record, texts: &[PreparedPart]) {
        for text in texts {
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
            (mention.span, mention.quote) = self.given_quote(given, mention.part, mention.span)?;
        }
        for promise in &mut annotation.promises {
            (promise.span, promise.quote) = self.given_quote(given, promise.part, promise.span)?;
        }
        Ok(annotation)
    }

    /// Where the words at `span` of the redacted `part` are in `given`, and what they are.
    fn given_quote(
        &self,
        given: &Record,
        part: Part,
        span: Span,
    ) -> Result<(Span, String), ModelError> {
        let text = self.texts.iter().find(|text| text.part == part);
        let span = text.map_or(span, |text| text.prepared.given_span(span));
        Ok((span, quote(given.part(part).unwrap_or_default(), span)?))
    }
}

/// A sentence with what the heads say about it.
struct Sentence<'a> {
    text: &'a PreparedPart,
    span: Span,
    vector: Centred,
    feeling: Feeling,
    kind: Option<Reading<Kind>>,
    themes: Vec<Reading<voc_core::ThemeId>>,
}

/// The customer's own words, unit by unit, as `sentences` walks them.
fn document(texts: &[PreparedPart]) -> Document {
    let units = customer_texts(texts)
        .map(|text| Unit {
            sentences: text
                .prepared
                .sentences
                .iter()
                .filter_map(|span| span.slice(&text.prepared.text))
                .map(str::to_owned)
                .collect(),
        })
        .collect();
    Document { units }
}

fn customer_texts(texts: &[PreparedPart]) -> impl Iterator<Item = &PreparedPart> {
    texts
        .iter()
        .filter(|text| text.speaker == Speaker::Customer)
}

fn sentences<'a>(
    texts: &'a [PreparedPart],
    pooled: &'a Pooled,
) -> impl Iterator<Item = (&'a PreparedPart, Span, &'a [f32])> {
    customer_texts(texts)
        .zip(&pooled.sentences)
        .flat_map(|(text, vectors)| {
            text.prepared
                .sentences
                .iter()
                .zip(vectors)
                .map(move |(span, vector)| (text, *span, vector.as_slice()))
        })
}

/// Mixed if both signs are clear in some sentence, else the clear sign; the score is the
/// mean over sentences.
fn sentiment(sentences: &[Sentence<'_>]) -> RecordSentiment {
    let clear = |polarity| {
        sentences
            .iter()
            .any(|sentence| sentence.feeling.clear && sentence.feeling.polarity == polarity)
    };
    let label = match (clear(Polarity::Negative), clear(Polarity::Positive)) {
        (true, true) => Sentiment::Mixed,
        (true, false) => Sentiment::Negative,
        (false, true) => Sentiment::Positive,
        (false, false) => Sentiment::Neutral,
    };
    let sum: f32 = sentences
        .iter()
        .map(|sentence| sentence.feeling.score)
        .sum();
    let mean = if label == Sentiment::Neutral {
        0.0
    } else {
        sum / sentences.len() as f32
    };
    RecordSentiment {
        label,
        score: SignedScore::clamped(mean),
    }
}

fn mentions(sentences: &[Sentence<'_>]) -> Result<Vec<Mention>, ModelError> {
    let mut mentions = Vec::new();
    for sentence in sentences {
        for theme in &sentence.themes {
            mentions.push(Mention {
                theme: theme.label.clone(),
                sentiment: sentence.feeling.polarity,
                score: theme.score,
                part: sentence.text.part,
                span: sentence.span,
                quote: quote(&sentence.text.prepared.text, sentence.span)?,
                target: Target::Own,
            });
        }
    }
    Ok(mentions)
}

fn quote(text: &str, span: Span) -> Result<String, ModelError> {
    let covered = span.slice(text).map(str::to_owned);
    covered.ok_or_else(|| {
        let (start, end) = (span.start(), span.end());
        voc_core::CoreError::InvalidSpan { start, end }.into()
    })
}

fn personal_data(texts: &[PreparedPart]) -> Vec<PersonalData> {
    texts
        .iter()
        .flat_map(|text| {
            let found = text.prepared.pii.iter();
            found.map(|pii| PersonalData {
                kind: pii.kind,
                part: text.part,
                span: pii.given,
            })
        })
        .collect()
}
