//! Sentences of prepared text.
//!
//! The bounds of Unicode (UAX #29) come first. They are then joined where a dot belongs to
//! an abbreviation, an initial or a list number and where a mail program broke a long line,
//! and parted further where people write without full stops: at Chinese semicolons, at
//! ellipses, behind emoji, and at spaces between Chinese clauses. What is still too long to
//! be one thought is cut at clauses.

mod abbreviation;
mod length;

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use abbreviation::Abbreviations;
pub use length::{MAX_HAN, MAX_WORDS};

/// Line lengths, in scalar values, at which mail programs wrap.
const WRAP: Range<usize> = 55..90;

/// A piece on either side of a weak bound is at least this long, in words.
const WEAK_WORDS: usize = 3;

/// A piece on either side of a weak bound is at least this long, in Han characters.
const WEAK_HAN: usize = 4;

/// Splits text into sentences.
#[derive(Debug)]
pub struct SentenceSplitter {
    abbreviations: Abbreviations,
}

impl Default for SentenceSplitter {
    fn default() -> Self {
        Self::new()
    }
}

impl SentenceSplitter {
    /// Builds the tables.
    pub fn new() -> Self {
        Self {
            abbreviations: Abbreviations::new(),
        }
    }

    /// The sentences of `text` as byte ranges: in order, without overlaps, trimmed, each
    /// with at least one letter, digit or pictograph.
    pub fn split(&self, text: &str) -> Vec<Range<usize>> {
        let mut sentences = Vec::new();
        for sentence in self.joined(text) {
            for piece in parted(text, sentence) {
                sentences.extend(length::cut(text, piece));
            }
        }
        let sentences = with_content(text, sentences);
        sentences
            .into_iter()
            .map(|range| trimmed(text, range))
            .filter(|range| !range.is_empty())
            .collect()
    }

    /// The bounds of Unicode, less those that do not end a sentence.
    fn joined(&self, text: &str) -> Vec<Range<usize>> {
        let mut joined: Vec<Range<usize>> = Vec::new();
        for (start, piece) in text.split_sentence_bound_indices() {
            let end = start + piece.len();
            match joined.last_mut() {
                Some(last) if self.continues(text, last, start) => last.end = end,
                _ => joined.push(start..end),
            }
        }
        joined
    }

    /// Whether the sentence at `before` goes on at `next`.
    fn continues(&self, text: &str, before: &Range<usize>, next: usize) -> bool {
        let (before, after) = (&text[before.clone()], &text[next..]);
        if before.ends_with('\n') {
            return is_wrapped(before, after);
        }
        self.abbreviations.end_of(before.trim_end(), after)
    }
}

/// Whether the line end between the two was set by a program and not by the author.
fn is_wrapped(before: &str, after: &str) -> bool {
    let line = before.trim_end_matches('\n');
    if before.len() - line.len() > 1 || line.ends_with(['.', '!', '?', ':', ';', '。', '！', '？'])
    {
        return false;
    }
    let last_line = line.rsplit('\n').next().unwrap_or(line);
    WRAP.contains(&last_line.chars().count()) && after.starts_with(char::is_lowercase)
}

/// Cuts a sentence at strong bounds that Unicode lacks, and at weak ones where both sides
/// are long enough to stand alone.
fn parted(text: &str, sentence: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = sentence.start;
    for (at, bound) in bounds(text, &sentence) {
        let stands = |range: Range<usize>| stands_alone(&text[range]);
        if bound == Bound::Strong || (stands(start..at) && stands(at..sentence.end)) {
            pieces.push(start..at);
            start = at;
        }
    }
    pieces.push(start..sentence.end);
    pieces
}

#[derive(Clone, Copy, PartialEq)]
enum Bound {
    Strong,
    Weak,
}

/// Possible bounds within a sentence, with their places.
fn bounds(text: &str, sentence: &Range<usize>) -> Vec<(usize, Bound)> {
    let mut bounds = Vec::new();
    let mut rest = text[sentence.clone()].char_indices().peekable();
    let mut previous = None;
    while let Some((at, character)) = rest.next() {
        let Some(next) = rest.peek().map(|(_, next)| *next) else {
            break;
        };
        let end = sentence.start + at + character.len_utf8();
        match character {
            '；' => bounds.push((end, Bound::Strong)),
            '…' if next != '…' && !is_closing(next) => bounds.push((end, Bound::Weak)),
            '.' if previous == Some('.') && next == ' ' => bounds.push((end, Bound::Weak)),
            ' ' | '～' | '~' if is_han(next) && previous.is_some_and(is_han) => {
                bounds.push((end, Bound::Weak))
            }
            _ if is_pictograph(character) && !continues_pictograph(next) => {
                bounds.push((end, Bound::Weak))
            }
            _ => {}
        }
        previous = Some(character);
    }
    bounds
}

fn stands_alone(piece: &str) -> bool {
    piece
        .chars()
        .filter(|c| is_han(*c))
        .nth(WEAK_HAN - 1)
        .is_some()
        || piece
            .split_whitespace()
            .filter(|word| word.contains(char::is_alphabetic))
            .nth(WEAK_WORDS - 1)
            .is_some()
}

/// Gives pieces without letter, digit or pictograph (`"`, `!!!`, `)`), and pictographs
/// behind a sentence of the same line, to the sentence before them.
fn with_content(text: &str, pieces: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut kept: Vec<Range<usize>> = Vec::new();
    for piece in pieces {
        let words = text[piece.clone()].contains(char::is_alphanumeric);
        let pictographs = text[piece.clone()].contains(is_pictograph);
        let attaches =
            |last: &Range<usize>| last.end == piece.start && !text[..last.end].ends_with('\n');
        match kept.last_mut() {
            Some(last) if !words && attaches(last) => last.end = piece.end,
            _ if words || pictographs => kept.push(piece),
            _ => {}
        }
    }
    kept
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let piece = &text[range.clone()];
    let start = range.start + piece.len() - piece.trim_start().len();
    start..start + piece.trim().len()
}

/// A Chinese character; also the Han characters of Japanese and Korean.
pub(crate) const fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// An emoji or another picture that carries a feeling.
const fn is_pictograph(character: char) -> bool {
    matches!(character, '\u{2600}'..='\u{27BF}' | '\u{2B50}' | '\u{2B55}' | '\u{1F000}'..='\u{1FAFF}')
}

const fn continues_pictograph(character: char) -> bool {
    is_pictograph(character)
        || matches!(
            character,
            '\u{FE0F}' | '\u{200D}' | '\u{20E3}' | '!' | '?' | '！' | '？'
        )
}

const fn is_closing(character: char) -> bool {
    matches!(
        character,
        '"' | '\''
            | '”'
            | '’'
            | '»'
            | '」'
            | '』'
            | '）'
            | ')'
            | '.'
            | '!'
            | '?'
            | '！'
            | '？'
            | '。'
    )
}

#[cfg(test)]
mod tests;
