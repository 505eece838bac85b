//! One form per character: line ends, spaces, invisible characters, Unicode composition.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

use super::Stage;
use crate::alignment::Rewrite;

/// Turns every line end into `\n` and every other space into ` `, and drops controls and
/// invisible characters. Joiners stay where they carry meaning: inside emoji, and between
/// letters of the Arabic and Indic scripts.
pub(super) fn restrict(text: &str) -> Stage {
    let mut rewrite = Rewrite::new(text);
    let mut previous = None;
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        let by = match character {
            '\r' if next == Some('\n') => Some(""),
            '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some("\n"),
            '\u{200C}' | '\u{200D}' if joins(character, previous, next) => None,
            _ if is_invisible(character) => Some(""),
            '\n' | ' ' => None,
            _ if character.is_whitespace() => Some(" "),
            _ => None,
        };
        match by {
            Some(by) => rewrite.replace(at..at + character.len_utf8(), by),
            None => previous = Some(character),
        }
    }
    rewrite.finish()
}

/// Controls, soft hyphen, zero-width characters, byte order marks and the marks that reorder
/// text (which can make a text read differently from what it holds).
fn is_invisible(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' => true,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => true,
        _ => character.is_control(),
    }
}

/// Whether a zero-width joiner or non-joiner means something between these two.
fn joins(joiner: char, previous: Option<char>, next: Option<char>) -> bool {
    let (Some(previous), Some(next)) = (previous, next) else {
        return false;
    };
    let shapes = |c: char| matches!(c, '\u{600}'..='\u{77F}' | '\u{900}'..='\u{DFF}');
    let pictorial =
        |c: char| matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}');
    (shapes(previous) && shapes(next))
        || (joiner == '\u{200D}' && pictorial(previous) && pictorial(next))
}

/// Normalisation form C (UAX #15), one grapheme cluster at a time so that offsets can be
/// mapped: canonical composition does not reach beyond a cluster.
pub(super) fn compose(text: &str) -> Stage {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return None;
    }
    let mut rewrite = Rewrite::new(text);
    for (at, cluster) in text.grapheme_indices(true) {
        if is_nfc_quick(cluster.chars()) == IsNormalized::Yes {
            continue;
        }
        let composed: String = cluster.nfc().collect();
        if composed != cluster {
            rewrite.replace(at..at + cluster.len(), &composed);
        }
    }
    rewrite.finish()
}
