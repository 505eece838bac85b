//! Sentences that are too long to be one thought are cut at clauses.

use std::ops::Range;

use super::is_han;

/// The most words a sentence holds.
pub const MAX_WORDS: usize = 60;

/// The most Han characters a sentence holds.
pub const MAX_HAN: usize = 120;

/// Length is counted in Han characters; this is what another word weighs.
const WORD: usize = MAX_HAN / MAX_WORDS;

/// Cuts the bytes `range` of `text` into pieces within the limits: at the last clause mark
/// that fits, else at the last space, else at the limit (Han only: a word is never cut).
pub(super) fn cut(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = range.start;
    while let Some(end) = overlong(text, start..range.end) {
        pieces.push(start..end);
        start = end;
    }
    pieces.push(start..range.end);
    pieces
}

/// Where to cut the piece, if it is over the limit.
fn overlong(text: &str, range: Range<usize>) -> Option<usize> {
    let (mut weight, mut in_word) = (0, false);
    let (mut clause, mut space) = (None, None);
    for (at, character) in text[range.clone()].char_indices() {
        let here = range.start + at;
        let word_starts = character.is_alphanumeric() && !is_han(character) && !in_word;
        weight += usize::from(is_han(character)) + WORD * usize::from(word_starts);
        if weight > MAX_HAN && (word_starts || is_han(character)) {
            return clause
                .or(space)
                .or_else(|| is_han(character).then_some(here))
                .filter(|cut| *cut > range.start);
        }
        in_word = !character.is_whitespace()
            && !is_han(character)
            && (in_word || character.is_alphanumeric());
        let next = here + character.len_utf8();
        let space_follows = text[next..range.end].starts_with(char::is_whitespace);
        match character {
            '，' | '、' | '：' | '；' => clause = Some(next),
            ',' | ';' | ':' | '–' | '—' if space_follows => clause = Some(next),
            _ if character.is_whitespace() => space = Some(next),
            _ => {}
        }
    }
    None
}
