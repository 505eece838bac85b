//! The piece of a text to show in a list of results.

use unicode_segmentation::UnicodeSegmentation;
use voc_core::Span;

/// Shows that text was left out.
const ELLIPSIS: char = '…';

/// The shortest snippet: one scalar value between two ellipses.
const SHORTEST: usize = 3;

/// A piece of a text, with highlights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The piece, with `…` where text was left out before or after.
    pub text: String,
    /// The highlights in `text`.
    pub spans: Vec<Span>,
}

/// The piece of `text` with the most of `spans` in it, the first of equals, in at most
/// `max_chars` scalar values (at least 3), ellipses included.
///
/// It begins and ends between words where it can; a run without word boundaries is cut
/// between grapheme clusters of its writing as UAX #29 sees them, so that Han text may end
/// at any character. `spans` are in order and do not overlap, as
/// [`highlight`](crate::highlight()) gives them. A span longer than the piece is cut; one that
/// reaches beyond the text is not of this text and is left out.
pub fn snippet(text: &str, spans: &[Span], max_chars: usize) -> Snippet {
    let bounds = word_bounds(text);
    let length = bounds.last().copied().unwrap_or_default();
    let max_chars = max_chars.max(SHORTEST);
    let spans: Vec<Span> = spans
        .iter()
        .copied()
        .filter(|span| span.end() <= length)
        .collect();
    if length <= max_chars {
        return Snippet {
            text: text.to_owned(),
            spans,
        };
    }
    let room = max_chars - 2;
    let dense = densest(&spans, room);
    let (start, end) = around(dense, room, length);
    let start = bounds
        .iter()
        .copied()
        .find(|bound| (start..=dense.0).contains(bound));
    let start = start.unwrap_or(dense.0);
    let end = bounds
        .iter()
        .rev()
        .copied()
        .find(|bound| (dense.1.max(start + 1)..=end).contains(bound));
    let end = end.unwrap_or(length.min(start + room));
    piece(text, &spans, start, end, length)
}

/// Word boundaries of `text` in scalar values, its start and end included.
fn word_bounds(text: &str) -> Vec<usize> {
    let lengths = text.split_word_bounds().map(|piece| piece.chars().count());
    let ends = lengths.scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

/// From the start of the first to the end of the last of the most spans that fit in `room`;
/// the text's start if there are none.
fn densest(spans: &[Span], room: usize) -> (usize, usize) {
    let mut best = (0, 0);
    let mut most = 0;
    for (first, span) in spans.iter().enumerate() {
        let fits = |other: &&Span| other.end() <= span.start() + room;
        let count = spans[first..].iter().take_while(fits).count();
        let last = spans[first + count.saturating_sub(1)];
        if count.max(1) > most {
            most = count.max(1);
            best = (span.start(), last.end().min(span.start() + room));
        }
    }
    best
}

/// A window of `room` with the inner range in its middle; at the start of the text if the
/// range fits there, since openings say most.
fn around((first, last): (usize, usize), room: usize, length: usize) -> (usize, usize) {
    let middle = first.saturating_sub((room - (last - first)) / 2);
    let end = if last <= room {
        room
    } else {
        length.min(middle + room)
    };
    (end - room, end)
}

/// The text from `start` to `end` without blanks around it and without the end of a sentence
/// before it, and the parts of `spans` in it.
fn piece(text: &str, spans: &[Span], start: usize, end: usize, length: usize) -> Snippet {
    let window: Vec<char> = text.chars().skip(start).take(end - start).collect();
    let blanks = window
        .iter()
        .take_while(|c| start > 0 && ends_a_sentence(**c) || c.is_whitespace());
    let blanks = blanks.count();
    let trailing = window[blanks..]
        .iter()
        .rev()
        .take_while(|c| c.is_whitespace())
        .count();
    let shown = start + blanks..end - trailing;

    let before = usize::from(shown.start > 0);
    let after = usize::from(shown.end < length);
    let ellipsis = |count| std::iter::repeat_n(ELLIPSIS, count);
    let inner = window[blanks..window.len() - trailing].iter().copied();
    let text = ellipsis(before)
        .chain(inner)
        .chain(ellipsis(after))
        .collect();
    let clipped = |span: &Span| {
        let (from, to) = (span.start().max(shown.start), span.end().min(shown.end));
        (from < to).then(|| Span::new(from - shown.start + before, to - shown.start + before).ok())
    };
    Snippet {
        text,
        spans: spans.iter().filter_map(clipped).flatten().collect(),
    }
}

/// What belongs to the words before it, which are left out.
fn ends_a_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | ';' | ':' | '!' | '?' | '。' | '，' | '；' | '：' | '！' | '？' | '、'
    )
}

#[cfg(test)]
mod tests;
