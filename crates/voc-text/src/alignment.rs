//! Where each piece of a rewritten text came from.
//!
//! A [`Rewrite`] turns one text into another by replacing ranges of it. What it leaves
//! behind is a [`Layer`]: the list of replacements, which maps offsets of the new text back
//! to the old one. An [`Alignment`] is a stack of such layers. Every mapping is monotone;
//! untouched pieces map exactly; any part of a replacement maps to the whole of what it
//! replaced.

use std::ops::Range;

use voc_core::Span;

/// One replacement: `given` in the old text became `out` in the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The range replaced.
    pub given: Range<usize>,
    /// The range that stands in its place.
    pub out: Range<usize>,
}

/// The replacements of one rewriting, in order. Offsets are all bytes or all scalar values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    edits: Vec<Edit>,
}

impl Layer {
    /// The replacements in order.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Maps a range of the new text to the old one. What was deleted at either end of the
    /// range is left out.
    pub fn given(&self, out: Range<usize>) -> Range<usize> {
        let start = self.given_start(out.start);
        let end = if out.is_empty() {
            start
        } else {
            self.given_end(out.end).max(start)
        };
        start..end
    }

    fn given_start(&self, at: usize) -> usize {
        let until = self.edits.partition_point(|edit| edit.out.start <= at);
        match self.edits[..until].last() {
            None => at,
            Some(edit) if at < edit.out.end => edit.given.start,
            Some(edit) => edit.given.end + (at - edit.out.end),
        }
    }

    fn given_end(&self, at: usize) -> usize {
        let until = self.edits.partition_point(|edit| edit.out.start < at);
        match self.edits[..until].last() {
            None => at,
            Some(edit) if at <= edit.out.end => edit.given.end,
            Some(edit) => edit.given.end + (at - edit.out.end),
        }
    }

    /// The same layer counted in scalar values, where this one counts bytes of `given` and
    /// `out`.
    pub fn in_scalars(&self, given: &str, out: &str) -> Self {
        let (mut given, mut out) = (ScalarCursor::new(given), ScalarCursor::new(out));
        let edits = self.edits.iter().map(|edit| Edit {
            given: given.range(edit.given.clone()),
            out: out.range(edit.out.clone()),
        });
        Self {
            edits: edits.collect(),
        }
    }
}

/// A stack of layers, counted in scalar values: maps the last text to the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alignment {
    layers: Vec<Layer>,
}

impl Alignment {
    /// Adds the layer that made the next text out of the present one.
    pub fn push(&mut self, layer: Layer) {
        if !layer.edits.is_empty() {
            self.layers.push(layer);
        }
    }

    /// Maps a span of the last text to the first.
    pub fn given(&self, span: Span) -> Span {
        let range = self
            .layers
            .iter()
            .rev()
            .fold(span.start()..span.end(), |out, layer| layer.given(out));
        span_of(range)
    }
}

/// The span of a range; one that ends before it starts becomes empty.
pub(crate) fn span_of(range: Range<usize>) -> Span {
    Span::new(range.start, range.end.max(range.start))
        .unwrap_or_else(|_| unreachable!("the end was raised to the start"))
}

/// Counts scalar values along a text, forwards only.
pub(crate) struct ScalarCursor<'t> {
    text: &'t str,
    byte: usize,
    scalar: usize,
}

impl<'t> ScalarCursor<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            byte: 0,
            scalar: 0,
        }
    }

    /// The scalar offset of byte offset `at`, which must not lie before the last one asked
    /// for.
    pub fn at(&mut self, at: usize) -> usize {
        self.scalar += self
            .text
            .get(self.byte..at)
            .map_or(0, |piece| piece.chars().count());
        self.byte = self.byte.max(at);
        self.scalar
    }

    /// The scalar range of a byte range.
    pub fn range(&mut self, bytes: Range<usize>) -> Range<usize> {
        let start = self.at(bytes.start);
        start..self.at(bytes.end)
    }
}

/// Builds a new text out of an old one, from left to right.
pub(crate) struct Rewrite<'t> {
    given: &'t str,
    text: String,
    taken: usize,
    edits: Vec<Edit>,
}

impl<'t> Rewrite<'t> {
    pub fn new(given: &'t str) -> Self {
        Self {
            given,
            text: String::new(),
            taken: 0,
            edits: Vec::new(),
        }
    }

    /// Puts `by` in the place of the bytes `range`, which must not be empty and must lie
    /// behind all earlier ones; what lies between is kept.
    pub fn replace(&mut self, range: Range<usize>, by: &str) {
        self.keep_until(range.start);
        let start = self.text.len();
        self.text.push_str(by);
        self.taken = range.end;
        match self.edits.last_mut() {
            // Neighbouring deletions are one.
            Some(last)
                if by.is_empty()
                    && last.out.end == start
                    && last.out.is_empty()
                    && last.given.end == range.start =>
            {
                last.given.end = range.end;
            }
            _ => self.edits.push(Edit {
                given: range,
                out: start..self.text.len(),
            }),
        }
    }

    fn keep_until(&mut self, end: usize) {
        self.text
            .push_str(self.given.get(self.taken..end).unwrap_or_default());
    }

    /// The new text and its layer in bytes, or `None` where nothing was replaced.
    pub fn finish(mut self) -> Option<(String, Layer)> {
        if self.edits.is_empty() {
            return None;
        }
        self.keep_until(self.given.len());
        Some((self.text, Layer { edits: self.edits }))
    }
}

#[cfg(test)]
mod tests;
