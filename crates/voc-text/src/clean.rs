//! From the text as given to plain text: one form per character, no mark-up, no stray space.
//!
//! Cleaning changes the form and never the words. It is a fixed point: cleaning a clean text
//! changes nothing. Mark-up that hides in entities (`&lt;b&gt;`, `&amp;amp;`: exports are
//! often escaped twice) is therefore removed as well, up to [`ROUNDS`] levels deep.

mod characters;
mod markup;
mod spaces;

use crate::alignment::{Alignment, Layer};
use markup::Markup;

/// How many levels of mark-up within mark-up are undone; real exports have two.
const ROUNDS: usize = 8;

/// What one stage made of a text: the new text and its layer in bytes; `None` where the
/// stage has nothing to change.
type Stage = Option<(String, Layer)>;

/// Cleans texts.
#[derive(Debug)]
pub struct Cleaner {
    markup: Markup,
}

impl Cleaner {
    /// Compiles the patterns.
    ///
    /// # Errors
    /// A pattern that does not compile; a test excludes it.
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            markup: Markup::new()?,
        })
    }

    /// The clean text and where each piece of it was.
    pub fn clean(&self, given: &str) -> (String, Alignment) {
        let mut clean = Stages {
            text: given.to_owned(),
            alignment: Alignment::default(),
        };
        for _ in 0..ROUNDS {
            let changed = clean.apply(characters::restrict)
                | clean.apply(characters::compose)
                | clean.apply(|text| self.markup.strip(text));
            if !changed {
                break;
            }
        }
        clean.apply(spaces::collapse);
        (clean.text, clean.alignment)
    }
}

/// The text so far and its way back.
struct Stages {
    text: String,
    alignment: Alignment,
}

impl Stages {
    /// Applies `stage`; says whether it changed the text.
    fn apply(&mut self, stage: impl Fn(&str) -> Stage) -> bool {
        let Some((text, layer)) = stage(&self.text) else {
            return false;
        };
        self.alignment.push(layer.in_scalars(&self.text, &text));
        self.text = text;
        true
    }
}

#[cfg(test)]
mod tests;
