//! A batch of windows as tensors: which tokens are there, and whose they are.

use std::ops::Range;

use tch::{Kind, Tensor};

use crate::ModelError;
use crate::batch::Window;
use crate::bert::attention_mask;

/// Rows of tokens, padded to the longest, and the pieces of sentences in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    lengths: Vec<usize>,
    longest: usize,
    /// Row and tokens of each piece, row by row.
    pieces: Vec<(usize, Range<usize>)>,
}

impl Layout {
    /// The layout of `windows`, one row each.
    pub fn new(windows: &[&Window]) -> Self {
        let lengths: Vec<usize> = windows.iter().map(|window| window.ids.len()).collect();
        let pieces = windows.iter().enumerate().flat_map(|(row, window)| {
            let pieces = window.pieces.iter();
            pieces.map(move |(_, tokens)| (row, tokens.clone()))
        });
        Self {
            longest: lengths.iter().copied().max().unwrap_or(0),
            pieces: pieces.collect(),
            lengths,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.lengths.len()
    }

    /// Tokens per row.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Number of pieces of each row.
    pub fn pieces_per_row(&self) -> Vec<usize> {
        let mut counts = vec![0; self.rows()];
        for (row, _) in &self.pieces {
            counts[*row] += 1;
        }
        counts
    }

    /// \[rows, tokens\]: the token ids of `windows`, filled up with `padding`.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if memory runs out.
    pub fn ids(&self, windows: &[&Window], padding: i64) -> Result<Tensor, ModelError> {
        let mut ids = vec![padding; self.rows() * self.longest];
        for (row, window) in windows.iter().enumerate() {
            let start = row * self.longest;
            ids[start..start + window.ids.len()].copy_from_slice(&window.ids);
        }
        Ok(Tensor::from_slice(&ids).f_view(self.shape())?)
    }

    /// The attention mask, in number type `kind`.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if memory runs out.
    pub fn mask(&self, kind: Kind) -> Result<Tensor, ModelError> {
        attention_mask(&self.lengths, self.longest, kind)
    }

    /// \[rows, tokens, 1\]: 1 for the tokens of pieces, 0 for the frame and padding.
    pub(crate) fn own_tokens(&self) -> Result<Tensor, ModelError> {
        let mut own = vec![0.0_f32; self.rows() * self.longest];
        for (row, tokens) in &self.pieces {
            self.fill(&mut own, *row, tokens, 1.0);
        }
        let [rows, tokens] = self.shape();
        Ok(Tensor::from_slice(&own).f_view([rows, tokens, 1])?)
    }

    /// The row of each piece.
    pub(crate) fn rows_of_pieces(&self) -> Tensor {
        let rows: Vec<i64> = self.pieces.iter().map(|(row, _)| *row as i64).collect();
        Tensor::from_slice(&rows)
    }

    /// \[pieces, rows × tokens\]: multiplied with hidden states it gives each piece's mean.
    pub(crate) fn piece_means(&self) -> Result<Tensor, ModelError> {
        let pieces = self.pieces.iter().cloned();
        self.matrix(pieces.map(|(row, tokens)| {
            let share = 1.0 / tokens.len().max(1) as f32;
            (row, tokens, share)
        }))
    }

    /// \[rows + pieces, rows × tokens\]: multiplied with hidden states it gives the sum over
    /// each whole row, then over each piece.
    pub(crate) fn sums(&self) -> Result<Tensor, ModelError> {
        let wholes = self.lengths.iter().enumerate();
        let wholes = wholes.map(|(row, length)| (row, 0..*length, 1.0));
        let pieces = self.pieces.iter().cloned();
        self.matrix(wholes.chain(pieces.map(|(row, tokens)| (row, tokens, 1.0))))
    }

    /// \[lines, rows × tokens\]: each line holds a value at a range of a row's tokens, and is
    /// zero elsewhere.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if memory runs out.
    pub fn matrix(
        &self,
        lines: impl Iterator<Item = (usize, Range<usize>, f32)>,
    ) -> Result<Tensor, ModelError> {
        let width = self.rows() * self.longest;
        let mut matrix: Vec<f32> = Vec::new();
        let mut count = 0;
        for (row, tokens, value) in lines {
            matrix.resize(matrix.len() + width, 0.0);
            self.fill(&mut matrix[count * width..], row, &tokens, value);
            count += 1;
        }
        Ok(Tensor::from_slice(&matrix).f_view([count as i64, width as i64])?)
    }

    fn fill(&self, line: &mut [f32], row: usize, tokens: &Range<usize>, value: f32) {
        let start = row * self.longest;
        line[start + tokens.start..start + tokens.end].fill(value);
    }

    fn shape(&self) -> [i64; 2] {
        [self.rows() as i64, self.longest as i64]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(tensor: &Tensor) -> Vec<f32> {
        Vec::try_from(tensor.to_kind(Kind::Float).contiguous().view([-1])).unwrap()
    }

    #[test]
    fn matrices_pick_out_what_they_say() {
        let window = |ids: &[i64], pieces: &[(usize, Range<usize>)]| Window {
            document: 0,
            ids: ids.to_vec(),
            pieces: pieces.to_vec(),
        };
        let long = window(&[0, 10, 20, 30, 2], &[(0, 1..3), (1, 3..4)]);
        let short = window(&[0, 40, 2], &[(0, 1..2)]);
        let windows = [&long, &short];
        let layout = Layout::new(&windows);
        let ids = layout.ids(&windows, 1).unwrap();
        assert_eq!(flat(&ids), [0., 10., 20., 30., 2., 0., 40., 2., 1., 1.]);
        let column = ids.to_kind(Kind::Float).view([-1, 1]);
        let sums = layout.sums().unwrap().mm(&column);
        assert_eq!(flat(&sums), [62., 42., 30., 30., 40.]);
        let means = layout.piece_means().unwrap().mm(&column);
        assert_eq!(flat(&means), [15., 30., 40.]);
        assert_eq!(
            flat(&layout.own_tokens().unwrap()),
            [0., 1., 1., 1., 0., 0., 1., 0., 0., 0.]
        );
        assert_eq!(
            flat(&layout.mask(Kind::Float).unwrap())[5..],
            [0., 0., 0., -1e4, -1e4]
        );
        assert_eq!(layout.pieces_per_row(), [2, 1]);
    }
}
