//! What stands beside a find.

use std::ops::Range;

use regex::Regex;

/// How far back a link is looked for, in bytes: longer ones do not occur in what people
/// write, and the bound keeps recognition linear.
const LINK_REACH: usize = 2048;

/// Whether the character before `at` belongs to the same word. Han characters do not: Chinese
/// writes numbers without spaces.
pub(super) fn word_before(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_some_and(is_word)
}

/// Whether the character at `at` belongs to the same word.
pub(super) fn word_after(text: &str, at: usize) -> bool {
    text[at..].starts_with(is_word)
}

/// Whether `range` is a word of its own.
pub(super) fn is_whole_word(text: &str, range: &Range<usize>) -> bool {
    !word_before(text, range.start) && !word_after(text, range.end)
}

/// A letter or digit of a script that parts words with spaces.
fn is_word(character: char) -> bool {
    character == '_' || (character.is_alphanumeric() && !crate::sentence::is_han(character))
}

/// Whether a digit stands at `at` behind one of `.,:/-`, or before it likewise: then the
/// number at hand is a piece of a longer one.
pub(super) fn is_part_of_number(text: &str, range: &Range<usize>) -> bool {
    let mut before = text[..range.start].chars().rev();
    let mut after = text[range.end..].chars();
    let joins = |character: Option<char>| {
        character.is_some_and(|c| matches!(c, '.' | ',' | ':' | '/' | '-'))
    };
    let digit = |character: Option<char>| character.is_some_and(|c| c.is_ascii_digit());
    (joins(before.next()) && digit(before.next())) || (joins(after.next()) && digit(after.next()))
}

/// Whether `at` lies in a link.
pub(super) fn in_link(text: &str, at: usize) -> bool {
    let from = floor(text, at.saturating_sub(LINK_REACH));
    let before = &text[from..at];
    let start = before
        .rfind(|c: char| c.is_whitespace() || crate::sentence::is_han(c))
        .map_or(0, |at| at);
    before[start..].contains("://") || before[start..].contains("www.")
}

/// Whether `cue`, which ends in `$`, stands at most `reach` bytes before `at`.
pub(super) fn cued(cue: &Regex, text: &str, at: usize, reach: usize) -> bool {
    cue.is_match(&text[floor(text, at.saturating_sub(reach))..at])
}

/// The nearest character bound at or below `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// The ASCII digits of `text`.
pub(super) fn digits(text: &str) -> Vec<u8> {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .map(|digit| digit - b'0')
        .collect()
}

/// Whether there are digits to look at.
pub(super) fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}
