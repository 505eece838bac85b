//! From tokens to batches and back: windows that fit the encoder, batches that fit a token
//! budget, and the bookkeeping that pools one pass into many vectors. Pure; no libtorch.

use std::ops::Range;

use crate::scores::Scores;

/// A record's text for the encoder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The title, text or messages that are to be labelled.
    pub units: Vec<Unit>,
}

/// A title, text or message, cut into sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// The sentences in reading order.
    pub sentences: Vec<String>,
}

/// Vectors of one document, all from one pass and of length 1 (or all zero without text).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pooled {
    /// Mean over all tokens, prefix and special tokens included, as e5 was trained.
    pub record: Vec<f32>,
    /// Mean over the own tokens of all units: without prefix and special tokens, so that
    /// short and long texts compare.
    pub text: Vec<f32>,
    /// Per unit, the mean over its own tokens.
    pub units: Vec<Vec<f32>>,
    /// Per unit and sentence, the mean over its own tokens.
    pub sentences: Vec<Vec<Vec<f32>>>,
    /// What the trained network says, if the encoder has one.
    pub scores: Option<Scores>,
}

/// Tokens that go through the encoder together, and where their sums belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Index of the document.
    pub document: usize,
    /// Token ids, special tokens and prefix included.
    pub ids: Vec<i64>,
    /// Pieces of sentences: index of the sentence within the document, token range here.
    pub pieces: Vec<(usize, Range<usize>)>,
}

impl Window {
    /// Number of tokens that are neither prefix nor special.
    pub fn own_tokens(&self) -> usize {
        self.pieces.iter().map(|(_, tokens)| tokens.len()).sum()
    }
}

/// The tokens put around every window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Start token and prefix.
    pub head: Vec<i64>,
    /// End token.
    pub tail: Vec<i64>,
    /// Longest window, frame included.
    pub max_tokens: usize,
}

impl Frame {
    fn room(&self) -> usize {
        self.max_tokens - self.head.len() - self.tail.len()
    }

    /// Packs the sentences of one document into as few windows as fit, in order. A sentence
    /// longer than a window is cut.
    pub fn windows(&self, document: usize, sentences: &[Vec<i64>]) -> Vec<Window> {
        let mut windows: Vec<Window> = Vec::new();
        for (index, tokens) in sentences.iter().enumerate() {
            for piece in tokens.chunks(self.room()) {
                let fits = windows.last().is_some_and(|window| {
                    window.ids.len() + piece.len() + self.tail.len() <= self.max_tokens
                });
                if !fits {
                    windows.push(Window {
                        document,
                        ids: self.head.clone(),
                        pieces: Vec::new(),
                    });
                }
                if let Some(window) = windows.last_mut() {
                    let start = window.ids.len();
                    window.ids.extend_from_slice(piece);
                    window.pieces.push((index, start..window.ids.len()));
                }
            }
        }
        for window in &mut windows {
            window.ids.extend_from_slice(&self.tail);
        }
        windows
    }
}

/// Cuts windows, sorted by (length, order given), into batches of at most `budget` tokens
/// after padding; a longer window is a batch of its own. Returns indexes into `windows`.
pub(crate) fn batches(windows: &[Window], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..windows.len()).collect();
    order.sort_by_key(|index| windows[*index].ids.len());
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for index in order {
        // Ascending lengths: the newcomer is the longest, all others are padded to it.
        let length = windows[index].ids.len();
        match batches.last_mut() {
            Some(batch) if (batch.len() + 1) * length <= budget => batch.push(index),
            _ => batches.push(vec![index]),
        }
    }
    batches
}

/// Sums of token vectors, gathered over the windows of one document.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    record: Vec<f32>,
    sentences: Vec<Vec<f32>>,
}

impl Sums {
    pub fn new(sentences: usize, dimensions: usize) -> Self {
        Self {
            record: vec![0.0; dimensions],
            sentences: vec![vec![0.0; dimensions]; sentences],
        }
    }

    /// Adds the sums over one window: over the whole of it, and over each piece.
    pub fn add(&mut self, window: &Window, whole: &[f32], pieces: &[Vec<f32>]) {
        add_to(&mut self.record, whole);
        for ((sentence, _), piece) in window.pieces.iter().zip(pieces) {
            add_to(&mut self.sentences[*sentence], piece);
        }
    }

    /// Normalises; `shape` is the number of sentences of each unit. A mean and a sum point
    /// the same way, so sums suffice.
    pub fn pooled(mut self, shape: &[usize]) -> Pooled {
        let mut rest = self.sentences.drain(..);
        let mut pooled = Pooled {
            record: unit_length(self.record),
            ..Pooled::default()
        };
        let mut text = vec![0.0; pooled.record.len()];
        for count in shape {
            let sentences: Vec<Vec<f32>> = rest.by_ref().take(*count).collect();
            let mut whole = vec![0.0; pooled.record.len()];
            for sentence in &sentences {
                add_to(&mut whole, sentence);
            }
            add_to(&mut text, &whole);
            pooled.units.push(unit_length(whole));
            pooled
                .sentences
                .push(sentences.into_iter().map(unit_length).collect());
        }
        pooled.text = unit_length(text);
        pooled
    }
}

fn add_to(sum: &mut [f32], addend: &[f32]) {
    for (total, value) in sum.iter_mut().zip(addend) {
        *total += value;
    }
}

/// Scales to length 1; zeros stay zeros.
pub(crate) fn unit_length(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if norm > 0.0 {
        for value in &mut vector {
            *value /= norm;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame() -> Frame {
        Frame {
            head: vec![0, 100],
            tail: vec![2],
            max_tokens: 8,
        }
    }

    #[test]
    fn sentences_share_a_window_while_they_fit() {
        let windows = frame().windows(7, &[vec![1, 1], vec![2, 2, 2], vec![3]]);
        assert_eq!(
            windows,
            [
                Window {
                    document: 7,
                    ids: vec![0, 100, 1, 1, 2, 2, 2, 2],
                    pieces: vec![(0, 2..4), (1, 4..7)]
                },
                Window {
                    document: 7,
                    ids: vec![0, 100, 3, 2],
                    pieces: vec![(2, 2..3)]
                },
            ]
        );
    }

    #[test]
    fn a_sentence_longer_than_a_window_is_cut() {
        let windows = frame().windows(0, &[vec![9; 12]]);
        let pieces: Vec<_> = windows.iter().flat_map(|w| w.pieces.clone()).collect();
        assert_eq!(pieces, [(0, 2..7), (0, 2..7), (0, 2..4)]);
    }

    #[test]
    fn no_sentences_make_no_window_and_a_zero_vector() {
        assert!(frame().windows(0, &[]).is_empty());
        let pooled = Sums::new(0, 2).pooled(&[0]);
        assert_eq!(
            (pooled.record, pooled.units),
            (vec![0.0, 0.0], vec![vec![0.0, 0.0]])
        );
    }

    #[test]
    fn vectors_of_units_come_from_their_own_sentences() {
        let window = Window {
            document: 0,
            ids: vec![],
            pieces: vec![(0, 0..1), (1, 1..2), (2, 2..3)],
        };
        let mut sums = Sums::new(3, 2);
        let pieces = [[2.0, 0.0], [0.0, 2.0], [0.0, -3.0]].map(Vec::from);
        sums.add(&window, &[5.0, 5.0], &pieces);
        let pooled = sums.pooled(&[2, 1]);
        let half = std::f32::consts::FRAC_1_SQRT_2;
        assert_eq!(pooled.units, [vec![half, half], vec![0.0, -1.0]]);
        assert_eq!(pooled.sentences[0], [vec![1.0, 0.0], vec![0.0, 1.0]]);
        assert_eq!(pooled.text, unit_length(vec![2.0, -1.0]));
    }

    proptest! {
        #[test]
        fn batches_hold_every_window_once_within_the_budget(lengths in prop::collection::vec(1..600_usize, 0..200)) {
            let windows: Vec<Window> = lengths
                .iter()
                .map(|length| Window { document: 0, ids: vec![1; *length], pieces: vec![] })
                .collect();
            let batches = batches(&windows, 800);
            let mut seen: Vec<usize> = batches.iter().flatten().copied().collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for batch in &batches {
                let longest = batch.iter().map(|index| lengths[*index]).max().unwrap_or(0);
                prop_assert!(batch.len() == 1 || longest * batch.len() <= 800);
            }
        }

        #[test]
        fn windows_keep_every_token_in_order(lengths in prop::collection::vec(0..30_usize, 0..20)) {
            let sentences: Vec<Vec<i64>> =
                lengths.iter().enumerate().map(|(i, n)| vec![1000 + i as i64; *n]).collect();
            let windows = frame().windows(0, &sentences);
            let kept: Vec<i64> = windows.iter().flat_map(|w| w.ids.iter().copied().filter(|id| *id >= 1000)).collect();
            prop_assert_eq!(kept, sentences.concat());
            prop_assert!(windows.iter().all(|w| w.ids.len() <= 8));
        }
    }
}
