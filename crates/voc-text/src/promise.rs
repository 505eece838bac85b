//! What the company binds itself to: "we'll refund you by Friday", "ще Ви звънна утре",
//! "三个工作日内到账".
//!
//! Rules, not a model: a promise is a sentence of the company's own with a day to come, or one
//! that says in so many words that something will be done. Days are resolved against the day
//! the words were written (`due.rs`). What each language says is a table (`en.rs`, `it.rs`,
//! `bg.rs`, `zh.rs`); other languages have none yet, and no promise is found in them.
//!
//! Limits: business days are Monday to Friday, without holidays. A day that hangs on an event
//! ("two days after we receive it") is read as counted from the message. A promise without a
//! day is found only where its wording is unmistakable.

mod bg;
mod due;
mod en;
mod it;
mod zh;

use jiff::civil::Date;
use regex::Regex;
use voc_core::{Language, Span};

use self::due::DueFinder;
use crate::TextError;

/// Words of the company that bind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundPromise {
    /// Where they are, in Unicode scalar values.
    pub span: Span,
    /// The day it falls due, if it says one.
    pub due: Option<Date>,
}

/// Who speaks, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// The company to a customer or the public.
    Company,
    /// Staff to staff: the customer's plans stand beside the company's.
    Note,
}

/// Finds promises in the languages it has a table for.
#[derive(Debug)]
pub struct PromiseFinder(Vec<(Language, Tongue)>);

/// What one language says.
#[derive(Debug)]
struct Tongue {
    due: DueFinder,
    /// Something will be done.
    ahead: Regex,
    /// Something will be done for you: a promise even without a day.
    binding: Regex,
    /// The customer may or should do something.
    not_ours: Regex,
    /// Where a clause may end.
    cut: Regex,
}

/// The patterns of one language, as its file lists them.
struct Table {
    weekdays: [&'static str; 7],
    months: [&'static str; 12],
    /// Ways to name a day; see [`DueFinder`] for the names of groups.
    days: &'static [&'static str],
    ahead: &'static str,
    binding: &'static str,
    not_ours: &'static str,
    cut: &'static str,
}

/// Characters in which the head of a quoted message names its day.
const HEAD: usize = 160;
/// Days further ahead are no due days but contract terms.
const HORIZON: i32 = 200;

impl PromiseFinder {
    /// The tables of this crate.
    ///
    /// # Errors
    /// [`TextError`] if a pattern is wrong, which a test excludes.
    pub fn new() -> Result<Self, TextError> {
        let tables = [
            (Language::EN, en::TABLE),
            (Language::IT, it::TABLE),
            (Language::BG, bg::TABLE),
            (Language::ZH, zh::TABLE),
        ];
        let tongues = tables
            .into_iter()
            .map(|(language, table)| Ok((language, Tongue::new(&table)?)))
            .collect::<Result<_, TextError>>()?;
        Ok(Self(tongues))
    }

    fn tongue(&self, language: Language) -> Option<&Tongue> {
        let mut tongues = self.0.iter();
        let (_, tongue) = tongues.find(|(other, _)| *other == language)?;
        Some(tongue)
    }

    /// The day that the head of a quoted message names ("On 3 June 2026 … wrote:"), if it is
    /// not after `before`, the day of the message that quotes it.
    pub fn quoted_day(&self, quoted: &str, before: Date, language: Language) -> Option<Date> {
        let tongue = self.tongue(language)?;
        let head: String = quoted.chars().take(HEAD).collect();
        let days = tongue.due.find(&head, before).into_iter();
        days.map(|found| found.day).find(|day| *day <= before)
    }

    /// The promises in the sentences at `sentences` of `text`, written on `written` in
    /// `language`, in order.
    pub fn find(
        &self,
        text: &str,
        sentences: &[Span],
        written: Date,
        language: Language,
        voice: Voice,
    ) -> Vec<FoundPromise> {
        let Some(tongue) = self.tongue(language) else {
            return Vec::new();
        };
        sentences
            .iter()
            .filter_map(|span| Some((*span, span.slice(text)?)))
            .flat_map(|(span, sentence)| tongue.promises(sentence, span, written, voice))
            .collect()
    }
}

impl Tongue {
    fn new(table: &Table) -> Result<Self, TextError> {
        let pattern = |text: &str| Regex::new(&format!("(?i){text}"));
        Ok(Self {
            due: DueFinder::new(table)?,
            ahead: pattern(table.ahead)?,
            binding: pattern(table.binding)?,
            not_ours: pattern(table.not_ours)?,
            cut: pattern(table.cut)?,
        })
    }

    fn promises(&self, sentence: &str, at: Span, written: Date, voice: Voice) -> Vec<FoundPromise> {
        if self.not_ours.is_match(sentence) {
            return Vec::new();
        }
        let mut dues = self.due.find(sentence, written);
        dues.retain(|found| {
            (0..=HORIZON).contains(&written.until(found.day).map_or(-1, |span| span.get_days()))
        });
        if dues.is_empty() || !self.ahead.is_match(sentence) {
            let binds = voice == Voice::Company && self.binding.is_match(sentence);
            let whole = FoundPromise {
                span: at,
                due: None,
            };
            return if binds { vec![whole] } else { Vec::new() };
        }
        let mut promises: Vec<FoundPromise> = Vec::new();
        for found in dues {
            let clause = self.clause(sentence, found.range);
            let characters = |until: usize| sentence[..until].chars().count();
            let (start, end) = (characters(clause.start), characters(clause.end));
            let Ok(span) = Span::new(at.start() + start, at.start() + end) else {
                continue;
            };
            // "By noon tomorrow" names two days: what it means is the later one.
            match promises.last_mut() {
                Some(last) if last.span == span => last.due = last.due.max(Some(found.day)),
                _ => promises.push(FoundPromise {
                    span,
                    due: Some(found.day),
                }),
            }
        }
        promises
    }

    /// The clause of `sentence` around `place`, in bytes, without blanks at its ends.
    fn clause(&self, sentence: &str, place: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let cuts: Vec<_> = self
            .cut
            .find_iter(sentence)
            .map(|cut| cut.range())
            .collect();
        let start = cuts.iter().rev().find(|cut| cut.end <= place.start);
        let end = cuts.iter().find(|cut| cut.start >= place.end);
        let start = start.map_or(0, |cut| cut.end);
        let end = end.map_or(sentence.len(), |cut| cut.start);
        let clause = &sentence[start..end];
        let start = start + clause.len() - clause.trim_start().len();
        start..start + clause.trim().len()
    }
}

#[cfg(test)]
mod tests;
