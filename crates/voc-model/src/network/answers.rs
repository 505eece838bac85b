//! Which numbers of the network answer which question about a record.

use std::ops::Range;

use voc_core::{Kind, Polarity, Sentiment, Touchpoint, Urgency};

/// Kinds, then sentiment, urgency and touchpoint: each looks for itself.
const KINDS: usize = Kind::ALL.len();
pub(super) const QUESTIONS: usize = KINDS + 3;
/// Touchpoints, and none.
const TOUCHPOINTS: usize = Touchpoint::ALL.len() + 1;
pub(super) const POLARITIES: usize = Polarity::ALL.len();
/// One score per [`Polarity`], in the order of [`Polarity::ALL`].
pub type Polarities = [f32; POLARITIES];
/// Answers about a record: one per kind, then one per sentiment, urgency and touchpoint.
pub(super) const ANSWERS: usize = KINDS + Sentiment::ALL.len() + Urgency::ALL.len() + TOUCHPOINTS;

/// Which answers about a record belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRanges {
    /// In the order of [`Kind::ALL`]; each is a yes or no.
    pub kinds: Range<usize>,
    /// In the order of [`Sentiment::ALL`]; one of them holds.
    pub sentiment: Range<usize>,
    /// In the order of [`Urgency::ALL`]; one of them holds.
    pub urgency: Range<usize>,
    /// In the order of [`Touchpoint::ALL`], then none; one of them holds.
    pub touchpoint: Range<usize>,
}

/// Where each group of answers stands.
pub fn answer_ranges() -> AnswerRanges {
    let mut end = 0;
    let mut next = |count: usize| {
        let start = end;
        end += count;
        start..end
    };
    AnswerRanges {
        kinds: next(KINDS),
        sentiment: next(Sentiment::ALL.len()),
        urgency: next(Urgency::ALL.len()),
        touchpoint: next(TOUCHPOINTS),
    }
}

/// Which question each answer belongs to.
pub(super) fn question_of_answers() -> Vec<i64> {
    let ranges = answer_ranges();
    let of = |question: usize, range: Range<usize>| range.map(move |_| question as i64);
    (0..KINDS as i64)
        .chain(of(KINDS, ranges.sentiment))
        .chain(of(KINDS + 1, ranges.urgency))
        .chain(of(KINDS + 2, ranges.touchpoint))
        .collect()
}
