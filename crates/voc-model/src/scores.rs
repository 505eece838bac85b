//! What the trained network says about a document, before it is made into labels.

use tch::{Kind, Tensor};

use crate::ModelError;
use crate::batch::Window;
use crate::layout::Layout;
use crate::network::{Outputs, Polarities, answer_ranges};

/// Scores of one document; the higher, the more likely. Probabilities come from them by way
/// of the sigmoid or softmax, and calibration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// As [`answer_ranges`] has them; empty for a document without words.
    pub answers: Vec<f32>,
    /// One per sentence, unit by unit.
    pub sentences: Vec<SentenceScores>,
    tokens: f32,
}

/// Scores of one sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SentenceScores {
    /// One per theme of the heads; empty for a sentence without words.
    pub themes: Vec<f32>,
    /// How it feels, whatever it is about.
    pub feeling: Polarities,
    /// How it feels about each theme.
    pub theme_feeling: Vec<Polarities>,
    tokens: f32,
}

/// Scores of one window: of its document and of each of its pieces.
#[derive(Clone, Debug)]
pub struct WindowScores {
    answers: Vec<f32>,
    pieces: Vec<SentenceScores>,
}

/// The scores of a batch's windows, in its order.
///
/// # Errors
/// [`ModelError::Torch`] if memory runs out.
pub fn window_scores(layout: &Layout, outputs: &Outputs) -> Result<Vec<WindowScores>, ModelError> {
    let about = lines(&outputs.theme_feeling.f_flatten(1, 2)?)?;
    let mut pieces = lines(&outputs.themes)?
        .into_iter()
        .zip(lines(&outputs.feeling)?)
        .zip(about)
        .map(|((themes, feeling), about)| {
            let of_theme = about.chunks_exact(feeling.len()).map(polarities);
            SentenceScores::of_piece(themes, polarities(&feeling), of_theme.collect())
        });
    let answers = lines(&outputs.answers)?.into_iter();
    Ok(answers
        .zip(layout.pieces_per_row())
        .map(|(answers, count)| WindowScores {
            answers,
            pieces: pieces.by_ref().take(count).collect(),
        })
        .collect())
}

impl Scores {
    /// No scores yet, for a document with this many sentences.
    pub fn new(sentences: usize) -> Self {
        Self {
            sentences: vec![SentenceScores::default(); sentences],
            ..Self::default()
        }
    }

    /// Takes in what `window` of its document says.
    pub fn add(&mut self, window: &Window, scores: WindowScores) {
        self.add_window(scores.answers, window.own_tokens());
        for ((sentence, tokens), piece) in window.pieces.iter().zip(scores.pieces) {
            self.sentences[*sentence].add_piece(piece, tokens.len());
        }
    }

    /// Takes in what one more window of `tokens` tokens says. A kind holds if any window has
    /// it; the other answers are averaged.
    pub(crate) fn add_window(&mut self, answers: Vec<f32>, tokens: usize) {
        let share = share(&mut self.tokens, tokens);
        if self.answers.is_empty() {
            self.answers = answers;
            return;
        }
        let kinds = answer_ranges().kinds;
        for (index, (own, new)) in self.answers.iter_mut().zip(answers).enumerate() {
            *own = if kinds.contains(&index) {
                own.max(new)
            } else {
                *own + (new - *own) * share
            };
        }
    }
}

impl SentenceScores {
    /// Takes in what one more piece of `tokens` tokens says: a theme holds if any piece has
    /// it, feelings are averaged.
    pub(crate) fn add_piece(&mut self, piece: Self, tokens: usize) {
        let share = share(&mut self.tokens, tokens);
        if self.themes.is_empty() {
            let tokens = self.tokens;
            *self = Self { tokens, ..piece };
            return;
        }
        for (own, new) in self.themes.iter_mut().zip(&piece.themes) {
            *own = own.max(*new);
        }
        let feelings = self.theme_feeling.iter_mut().chain([&mut self.feeling]);
        let new = piece.theme_feeling.iter().chain([&piece.feeling]);
        for (own, new) in feelings.zip(new) {
            for (own, new) in own.iter_mut().zip(new) {
                *own += (new - *own) * share;
            }
        }
    }

    /// Scores of a piece.
    pub(crate) fn of_piece(themes: Vec<f32>, feeling: Polarities, about: Vec<Polarities>) -> Self {
        Self {
            themes,
            feeling,
            theme_feeling: about,
            tokens: 0.0,
        }
    }
}

/// Adds `tokens` to `total` and says what share of it they are.
fn share(total: &mut f32, tokens: usize) -> f32 {
    *total += tokens as f32;
    tokens as f32 / total.max(1.0)
}

fn polarities(scores: &[f32]) -> Polarities {
    let mut own = Polarities::default();
    own.copy_from_slice(scores);
    own
}

/// The numbers of a matrix, line by line.
pub(crate) fn lines(matrix: &Tensor) -> Result<Vec<Vec<f32>>, ModelError> {
    let size = matrix.size();
    let (count, width) = (size[0] as usize, size[1] as usize);
    let mut flat = vec![0.0_f32; count * width];
    let matrix = matrix.f_to_kind(Kind::Float)?.f_contiguous()?;
    matrix.f_copy_data(&mut flat, count * width)?;
    Ok(flat
        .chunks_exact(width.max(1))
        .map(<[f32]>::to_vec)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_any_window_holds_and_other_answers_are_averaged_by_length() {
        let mut scores = Scores::new(0);
        let answers = |kind: f32, sentiment: f32| {
            let mut answers = vec![0.0; answer_ranges().touchpoint.end];
            answers[answer_ranges().kinds.start] = kind;
            answers[answer_ranges().sentiment.start] = sentiment;
            answers
        };
        scores.add_window(answers(3.0, 1.0), 30);
        scores.add_window(answers(-2.0, 5.0), 10);
        assert_eq!(scores.answers[answer_ranges().kinds.start], 3.0);
        assert_eq!(scores.answers[answer_ranges().sentiment.start], 2.0);
    }

    #[test]
    fn a_theme_of_any_piece_holds_and_feelings_are_averaged_by_length() {
        let mut sentence = SentenceScores::default();
        let piece = |theme, feeling| {
            SentenceScores::of_piece(vec![theme], [feeling; 3], vec![[feeling; 3]])
        };
        sentence.add_piece(piece(-1.0, 0.0), 10);
        sentence.add_piece(piece(2.0, 4.0), 30);
        assert_eq!(sentence.themes, [2.0]);
        assert_eq!(
            (sentence.feeling, sentence.theme_feeling),
            ([3.0; 3], vec![[3.0; 3]])
        );
    }
}
