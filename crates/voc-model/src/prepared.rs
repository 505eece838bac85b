//! A record whose texts are ready to be read by the model.

use rayon::prelude::*;
use voc_core::{Mention, Part, PersonalData, Record, Span, Speaker, Target};
use voc_text::{Prepared, TextPipeline};

use crate::tags::ThemeTag;
use crate::{Document, ModelError, Unit};

/// The texts of a record, clean and redacted.
#[derive(Clone, Debug)]
pub struct PreparedRecord {
    /// In the order of [`Record::parts`].
    pub texts: Vec<PreparedPart>,
}

/// One text of a record.
#[derive(Clone, Debug)]
pub struct PreparedPart {
    /// Which text.
    pub part: Part,
    /// Who wrote it.
    pub speaker: Speaker,
    /// The text with its sentences.
    pub prepared: Prepared,
}

impl PreparedRecord {
    /// Prepares the texts of `record`.
    pub fn new(text: &TextPipeline, record: &Record) -> Self {
        let part = |(part, speaker, given)| PreparedPart {
            part,
            speaker,
            prepared: text.prepare(given),
        };
        Self {
            texts: record.parts().into_iter().map(part).collect(),
        }
    }

    /// Prepares many records at once, on the threads of the pool it is called in.
    pub fn all(text: &TextPipeline, records: &[Record]) -> Vec<Self> {
        records
            .par_iter()
            .map(|record| Self::new(text, record))
            .collect()
    }

    /// The customer's own words, unit by unit, as [`PreparedRecord::sentences`] walks them.
    pub fn document(&self) -> Document {
        let unit = |text: &PreparedPart| {
            let sentences = text.prepared.sentences.iter();
            let words = sentences.filter_map(|span| span.slice(&text.prepared.text));
            Unit {
                sentences: words.map(str::to_owned).collect(),
            }
        };
        Document {
            units: self.customer().map(unit).collect(),
        }
    }

    /// The sentences of the customer's own words, in the prepared texts.
    pub fn sentences(&self) -> impl Iterator<Item = (&PreparedPart, Span)> {
        self.customer().flat_map(|text| {
            let sentences = text.prepared.sentences.iter();
            sentences.map(move |span| (text, *span))
        })
    }

    fn customer(&self) -> impl Iterator<Item = &PreparedPart> {
        let texts = self.texts.iter();
        texts.filter(|text| text.speaker == Speaker::Customer)
    }

    /// A mention for every theme of every sentence.
    pub(crate) fn mentions(&self, themes: &[Vec<ThemeTag>]) -> Result<Vec<Mention>, ModelError> {
        let sentences = self.sentences().zip(themes);
        let tagged = sentences.flat_map(|(place, tags)| tags.iter().map(move |tag| (place, tag)));
        let mention = |((text, span), tag): ((&PreparedPart, Span), &ThemeTag)| {
            Ok(Mention {
                theme: tag.theme.clone(),
                sentiment: tag.sentiment,
                score: tag.score,
                part: text.part,
                span,
                quote: quote(&text.prepared.text, span)?,
                target: Target::Own,
            })
        };
        tagged.map(mention).collect()
    }

    /// Everything personal, in the texts as given.
    pub(crate) fn personal_data(&self) -> Vec<PersonalData> {
        let of_text = |text: &PreparedPart| {
            let part = text.part;
            let found = text.prepared.pii.clone().into_iter();
            found.map(move |pii| PersonalData {
                kind: pii.kind,
                part,
                span: pii.given,
            })
        };
        self.texts.iter().flat_map(of_text).collect()
    }

    /// Where the words at `span` of the redacted `part` are in `given`, and what they are.
    pub(crate) fn given_quote(
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

/// The words at `span`.
pub(crate) fn quote(text: &str, span: Span) -> Result<String, ModelError> {
    let covered = span.slice(text).map(str::to_owned);
    covered.ok_or_else(|| {
        let (start, end) = (span.start(), span.end());
        voc_core::CoreError::InvalidSpan { start, end }.into()
    })
}
