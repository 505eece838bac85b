//! Personal data in a text, and the text without it.
//!
//! A [`Recogniser`] finds personal data of some types. A [`Redactor`] composes recognisers:
//! where their finds overlap, the better [`Evidence`] wins, then the longer find, then the
//! recogniser that was added first. Finds are replaced by placeholders such as `[EMAIL]`;
//! redacting a redacted text changes nothing.
//!
//! The recognisers in here know data that has a form: a check digit, a grammar, or a cue
//! beside it. Names and addresses have none; a model finds them behind the same trait.

mod birth;
mod card;
mod checksum;
mod context;
mod email;
mod handle;
mod iban;
mod identity;
mod ip;
mod link;
mod phone;
mod plate;
mod reference;
mod width;

use std::collections::BTreeMap;
use std::ops::Range;

use voc_core::PiiType;

use crate::TextError;
use crate::alignment::{Layer, Rewrite};

/// Replacing one find may bring another to light (a number that touched an address); this
/// many rounds are enough for any text that is not made for it.
const ROUNDS: usize = 4;

/// How sure a find is. Of two that overlap the surer wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// It has the form.
    Form,
    /// It has the form and a check holds that one in ten random strings pass.
    Check,
    /// A cue stands beside it, or a check holds that random strings hardly ever pass.
    Strong,
}

/// Personal data at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: PiiType,
    /// Where, in bytes of the text searched.
    pub range: Range<usize>,
    /// How sure.
    pub evidence: Evidence,
}

/// Finds personal data of one or more types.
pub trait Recogniser: Send + Sync {
    /// What it finds in `text`, in any order. Ranges lie on character bounds.
    fn find(&self, text: &str) -> Vec<Found>;
}

/// A text without personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct Redacted {
    /// The text with placeholders.
    pub text: String,
    /// What was found, in order, in bytes of the text as searched, and the bytes that stand
    /// for it in the redacted text.
    pub found: Vec<(Found, Range<usize>)>,
    /// The replacements, in bytes.
    pub layer: Layer,
}

/// Composes recognisers.
pub struct Redactor {
    recognisers: Vec<Box<dyn Recogniser>>,
    hide_order_ids: bool,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor")
            .field("recognisers", &self.recognisers.len())
            .field("hide_order_ids", &self.hide_order_ids)
            .finish()
    }
}

impl Redactor {
    /// A redactor with every recogniser of this crate. `own_handles` are not personal data.
    ///
    /// # Errors
    /// [`TextError::InvalidHandle`] for a handle that is none.
    pub fn new(hide_order_ids: bool, own_handles: &[String]) -> Result<Self, TextError> {
        let recognisers: Vec<Box<dyn Recogniser>> = vec![
            Box::new(link::LinkRecogniser::new()?),
            Box::new(email::EmailRecogniser::new()?),
            Box::new(iban::IbanRecogniser::new()?),
            Box::new(card::CardRecogniser::new()?),
            Box::new(identity::IdentityRecogniser::new()?),
            Box::new(plate::PlateRecogniser::new()?),
            Box::new(birth::BirthRecogniser::new()?),
            Box::new(ip::IpRecogniser::new()?),
            Box::new(handle::HandleRecogniser::new(own_handles)?),
            Box::new(reference::ReferenceRecogniser::new()?),
            Box::new(phone::PhoneRecogniser::new()?),
        ];
        Ok(Self {
            recognisers,
            hide_order_ids,
        })
    }

    /// Adds a recogniser, e.g. of names.
    pub fn push(&mut self, recogniser: Box<dyn Recogniser>) {
        self.recognisers.push(recogniser);
    }

    /// Replaces the personal data in `text`.
    pub fn redact(&self, text: &str) -> Redacted {
        let mut found = self.find(text);
        let mut redacted = self.replaced(text, &found);
        for _ in 1..ROUNDS {
            if redacted.layer.edits().is_empty() {
                break;
            }
            let more: Vec<Found> = self
                .find(&redacted.text)
                .into_iter()
                .map(|more| Found {
                    range: redacted.layer.given(more.range),
                    ..more
                })
                .filter(|more| {
                    !found
                        .iter()
                        .any(|known| (known.kind, &known.range) == (more.kind, &more.range))
                })
                .collect();
            if more.is_empty() {
                break;
            }
            found.retain(|known| !more.iter().any(|more| overlap(&known.range, &more.range)));
            found.extend(more);
            found.sort_by_key(|found| found.range.start);
            redacted = self.replaced(text, &found);
        }
        redacted
    }

    /// What the recognisers find, in order, without overlaps.
    fn find(&self, text: &str) -> Vec<Found> {
        let narrow = width::narrow(text);
        let searched = narrow.as_ref().map_or(text, |(narrow, _)| narrow);
        let mut all: Vec<Found> = self
            .recognisers
            .iter()
            .flat_map(|one| one.find(searched))
            .collect();
        if let Some((_, layer)) = &narrow {
            for found in &mut all {
                found.range = layer.given(found.range.clone());
            }
        }
        resolved(all)
    }

    fn replaced(&self, text: &str, found: &[Found]) -> Redacted {
        let mut rewrite = Rewrite::new(text);
        let mut places = Vec::with_capacity(found.len());
        let mut shift = 0_isize;
        for found in found {
            let start = found.range.start.saturating_add_signed(shift);
            let mut len = found.range.len();
            if self.hide_order_ids || found.kind != PiiType::OrderId {
                let placeholder = format!("[{}]", found.kind);
                rewrite.replace(found.range.clone(), &placeholder);
                shift += placeholder.len().cast_signed() - len.cast_signed();
                len = placeholder.len();
            }
            places.push((found.clone(), start..start + len));
        }
        let (text, layer) = rewrite
            .finish()
            .unwrap_or_else(|| (text.to_owned(), Layer::default()));
        Redacted {
            text,
            found: places,
            layer,
        }
    }
}

/// Drops every find that overlaps a better one.
fn resolved(mut all: Vec<Found>) -> Vec<Found> {
    all.sort_by_key(|found| {
        (
            std::cmp::Reverse((found.evidence, found.range.len())),
            found.range.start,
        )
    });
    let mut kept: BTreeMap<usize, Found> = BTreeMap::new();
    for found in all {
        let before = kept.range(..found.range.end).next_back();
        if before.is_none_or(|(_, before)| before.range.end <= found.range.start)
            && !found.range.is_empty()
        {
            kept.insert(found.range.start, found);
        }
    }
    kept.into_values().collect()
}

const fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests;
