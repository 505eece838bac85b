//! Where a query matches in a text.

use voc_core::{Language, Span};

use crate::Query;
use crate::group::{Group, Lexeme};
use crate::query::Wording;

/// The spans of `text`, a text in `language`, that `query` looks for, in order; adjoining
/// words of one match make one span. Exclusions and filters mark nothing.
///
/// The text is read as the index reads it, so every form of a word that search finds is
/// marked.
pub fn highlight(text: &str, language: Language, query: &Query) -> Vec<Span> {
    let group = Group::of(language);
    let lexemes = group.lexemes(text);
    let mut marked = vec![false; lexemes.len()];
    for wording in &query.wanted {
        mark(wording, group, &lexemes, &mut marked);
    }
    let ranges = lexemes.iter().zip(&marked).filter(|(_, marked)| **marked);
    scalar_spans(
        text,
        &merged(ranges.map(|(lexeme, _)| (lexeme.start, lexeme.end)), text),
    )
}

/// Marks the positions that `wording` matches, by the rules that the index matches by.
fn mark(wording: &Wording, group: Group, lexemes: &[Lexeme], marked: &mut [bool]) {
    let wanted = group.lexemes(wording.text());
    let meets = |wanted: &Lexeme, found: &Lexeme| {
        wanted
            .forms()
            .any(|form| found.forms().any(|other| form == other))
    };
    let apart = group.runs_words_together() && matches!(wording, Wording::Word(_));
    if wanted.len() == 1 || apart {
        for (found, marked) in lexemes.iter().zip(marked) {
            *marked |= wanted.iter().any(|wanted| meets(wanted, found));
        }
        return;
    }
    if wanted.is_empty() {
        return;
    }
    for (at, window) in lexemes.windows(wanted.len()).enumerate() {
        if wanted
            .iter()
            .zip(window)
            .all(|(wanted, found)| wanted.plain == found.plain)
        {
            marked[at..at + wanted.len()].fill(true);
        }
    }
}

/// Byte ranges in order, with neighbours that only a joint keeps apart made one.
fn merged(ranges: impl Iterator<Item = (usize, usize)>, text: &str) -> Vec<(usize, usize)> {
    let is_joint = |c| matches!(c, ' ' | '-' | '\'' | '’');
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (start, end) in ranges {
        match merged.last_mut() {
            Some(last) if text[last.1..start].chars().all(is_joint) => last.1 = end,
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// The same ranges counted in scalar values, in one pass over `text`.
fn scalar_spans(text: &str, ranges: &[(usize, usize)]) -> Vec<Span> {
    let (mut byte, mut scalar) = (0, 0);
    let mut scalars_before = |to: usize| {
        scalar += text[byte..to].chars().count();
        byte = to;
        scalar
    };
    let span = |&(start, end): &(usize, usize)| {
        let start = scalars_before(start);
        Span::new(start, scalars_before(end)).ok()
    };
    ranges.iter().filter_map(span).collect()
}

#[cfg(test)]
mod tests;
