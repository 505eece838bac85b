use jiff::civil::Date;
use voc_core::{Language, LanguageGuess, PiiType, Span};

use crate::alignment::{Alignment, ScalarCursor, span_of};
use crate::clean::Cleaner;
use crate::language::LanguageDetector;
use crate::promise::{FoundPromise, PromiseFinder, Voice};
use crate::quote::{QuoteFinder, Reason, SetAside};
use crate::redact::{Recogniser, Redactor};
use crate::sentence::SentenceSplitter;
use crate::{TextError, TextOptions};

/// Turns texts as given into texts to store, index and tag.
///
/// It is built once (patterns are compiled, language models are loaded when first needed)
/// and shared between threads.
#[derive(Debug)]
pub struct TextPipeline {
    cleaner: Cleaner,
    redactor: Redactor,
    quotes: QuoteFinder,
    sentences: SentenceSplitter,
    languages: LanguageDetector,
    promises: PromiseFinder,
}

/// A text that is ready to be stored, indexed and tagged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The clean text, with placeholders for personal data.
    pub text: String,
    /// The sentences of the author's own words, in order, without overlaps, in `text`.
    pub sentences: Vec<Span>,
    /// What is not the author's own words, in order, in `text`.
    pub set_aside: Vec<SetAside>,
    /// The personal data found, in order.
    pub pii: Vec<FoundData>,
    alignment: Alignment,
}

/// Personal data at a place, before and after redaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundData {
    /// What it is.
    pub kind: PiiType,
    /// Where in the text as given.
    pub given: Span,
    /// Its placeholder in the prepared text; for references that are kept, the reference.
    pub redacted: Span,
}

impl Prepared {
    /// Where a span of `text` was in the text as given. Any part of a placeholder maps to
    /// the whole of what it replaced.
    pub fn given_span(&self, span: Span) -> Span {
        self.alignment.given(span)
    }
}

impl TextPipeline {
    /// A pipeline with every recogniser of this crate.
    ///
    /// # Errors
    /// [`TextError`] for a language that cannot be told and an own handle that is none.
    pub fn new(options: &TextOptions) -> Result<Self, TextError> {
        Ok(Self {
            cleaner: Cleaner::new()?,
            redactor: Redactor::new(options.hide_order_ids, &options.own_handles)?,
            quotes: QuoteFinder::new()?,
            sentences: SentenceSplitter::new(),
            languages: LanguageDetector::new(&options.languages)?,
            promises: PromiseFinder::new()?,
        })
    }

    /// Adds a recogniser of personal data, e.g. of names.
    #[must_use]
    pub fn with_recogniser(mut self, recogniser: Box<dyn Recogniser>) -> Self {
        self.redactor.push(recogniser);
        self
    }

    /// Cleans and redacts a text, and finds its sentences. Preparing a prepared text changes
    /// nothing.
    pub fn prepare(&self, given: &str) -> Prepared {
        let (clean, mut alignment) = self.cleaner.clean(given);
        let redacted = self.redactor.redact(&clean);
        let (mut in_clean, mut in_text) =
            (ScalarCursor::new(&clean), ScalarCursor::new(&redacted.text));
        let place = |(found, stands): &(crate::Found, std::ops::Range<usize>)| FoundData {
            kind: found.kind,
            given: alignment.given(span_of(in_clean.range(found.range.clone()))),
            redacted: span_of(in_text.range(stands.clone())),
        };
        let pii = redacted.found.iter().map(place).collect();
        alignment.push(redacted.layer.in_scalars(&clean, &redacted.text));
        let set_aside = self.quotes.find(&redacted.text);
        let sentences = self.own_sentences(&redacted.text, &set_aside);
        Prepared {
            text: redacted.text,
            sentences,
            set_aside,
            pii,
            alignment,
        }
    }

    /// The sentences of the pieces of `text` that are not set aside.
    fn own_sentences(&self, text: &str, set_aside: &[SetAside]) -> Vec<Span> {
        let mut sentences = Vec::new();
        let mut rest = text;
        let mut done = 0;
        for (until, next) in set_aside
            .iter()
            .map(|aside| (aside.span.start(), aside.span.end()))
        {
            let (own, behind) = split_at_scalar(rest, until - done);
            self.split_into(own, done, &mut sentences);
            (_, rest) = split_at_scalar(behind, next - until);
            done = next;
        }
        self.split_into(rest, done, &mut sentences);
        sentences
    }

    /// Adds the sentences of `piece`, which starts at scalar value `offset`.
    fn split_into(&self, piece: &str, offset: usize, sentences: &mut Vec<Span>) {
        let mut cursor = ScalarCursor::new(piece);
        let shifted = |range: std::ops::Range<usize>| {
            let range = cursor.range(range);
            span_of(range.start + offset..range.end + offset)
        };
        sentences.extend(self.sentences.split(piece).into_iter().map(shifted));
    }

    /// What the company promises in its own `prepared` words, written on `written`; spans are
    /// of the prepared text.
    pub fn promises(
        &self,
        prepared: &Prepared,
        written: Date,
        language: Language,
        voice: Voice,
    ) -> Vec<FoundPromise> {
        let (text, sentences) = (&prepared.text, &prepared.sentences);
        self.promises
            .find(text, sentences, written, language, voice)
    }

    /// What the company promises in the history that a customer's message quotes. Its day is
    /// the one its head names, else `written`.
    pub fn quoted_promises(
        &self,
        prepared: &Prepared,
        written: Date,
        language: Language,
    ) -> Vec<FoundPromise> {
        let quoted = prepared.set_aside.iter();
        let quoted = quoted.filter(|aside| aside.reason == Reason::Quoted);
        let mut promises = Vec::new();
        for aside in quoted {
            let Some(piece) = aside.span.slice(&prepared.text) else {
                continue;
            };
            let day = self.promises.quoted_day(piece, written, language);
            let mut sentences = Vec::new();
            self.split_into(piece, aside.span.start(), &mut sentences);
            promises.extend(self.promises.find(
                &prepared.text,
                &sentences,
                day.unwrap_or(written),
                language,
                Voice::Company,
            ));
        }
        promises
    }

    /// The language of `text`; `und` without letters or with too little evidence. `hint` is
    /// what the source says: it decides where the text alone hardly does.
    pub fn detect(&self, text: &str, hint: Option<Language>) -> LanguageGuess {
        self.languages.detect(text, hint)
    }

    /// A short field (a link, a tag, a value of `meta`) without its personal data.
    pub fn redact_field(&self, field: &str) -> String {
        self.redactor.redact(field).text
    }
}

/// Splits behind the first `scalars` scalar values.
fn split_at_scalar(text: &str, scalars: usize) -> (&str, &str) {
    let at = text
        .char_indices()
        .nth(scalars)
        .map_or(text.len(), |(at, _)| at);
    text.split_at(at)
}

#[cfg(test)]
mod tests;
