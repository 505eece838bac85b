//! What stands on top of the layers: from the tokens' hidden states to scores.

use fastrand::Rng;
use tch::nn::Module;
use tch::{Kind, Tensor, nn};

use super::answers::{ANSWERS, POLARITIES, QUESTIONS, question_of_answers};
use crate::ModelError;
use crate::layout::Layout;

/// Share of the numbers that heads look at which training hides (Srivastava et al.,
/// "Dropout", 2014).
const DROPOUT: f32 = 0.2;
/// How far from zero the scores that themes give to tokens may be: their exponentials must be
/// numbers, and not zero.
const STEEPEST: f64 = 30.0;
/// Added to tokens that are not a text's own before the maximum is taken.
const OUT: f64 = 1e4;

/// What is learned beside the layers, and the centres and spreads of what it looks at.
pub(super) struct Heads {
    /// Of the mean over a record's tokens; also applied to what the questions attend to, and to
    /// each token before themes look at it.
    mean: Standard,
    /// Of the maximum over a record's tokens.
    maximum: Standard,
    /// Of the mean over a sentence's tokens.
    sentence: Standard,
    /// Tokens to one attention score per question.
    attention: nn::Linear,
    /// One row per answer over \[attended, mean, maximum\] of the record's tokens.
    answers: nn::Linear,
    /// \[sentence, record\] to one score per theme.
    themes: nn::Linear,
    /// \[sentence, record\] to a feeling.
    feeling: nn::Linear,
    /// \[sentence, record\] to what each theme's feeling differs from that.
    theme_feeling: nn::Linear,
    /// Tokens to how much each theme looks at them.
    theme_attention: nn::Linear,
    /// Tokens to what they say for each theme.
    theme_tokens: nn::Linear,
    /// Tokens to how they feel.
    token_feeling: nn::Linear,
}

/// What the tokens of each sentence say about themes, by those that a theme looks at.
struct Attended {
    /// \[windows × tokens, themes\].
    looks: Tensor,
    /// \[pieces, themes\].
    themes: Tensor,
    /// \[pieces, themes, 3\].
    feeling: Tensor,
}

/// What the heads look at, before it is standardised.
pub(super) struct Features {
    /// \[windows, dimensions\].
    mean: Tensor,
    /// \[windows, dimensions\].
    maximum: Tensor,
    /// \[pieces, dimensions\].
    sentence: Tensor,
}

/// Centre and spread of a feature, taken once before training. The encoder's vectors all
/// point much the same way; without this a head would spend its training on finding out.
struct Standard {
    centre: Tensor,
    spread: Tensor,
}

/// Scores before they are made probabilities.
#[derive(Debug)]
pub struct Outputs {
    /// \[windows, answers\].
    pub answers: Tensor,
    /// \[pieces, themes\].
    pub themes: Tensor,
    /// \[pieces, 3\]: how each sentence feels, whatever it is about.
    pub feeling: Tensor,
    /// \[pieces, themes, 3\]: how it feels about each theme.
    pub theme_feeling: Tensor,
    /// \[windows × tokens, themes\]: how much each theme looks at each token; numbers of one
    /// sentence compare.
    pub looks: Tensor,
}

impl Heads {
    pub fn new(root: &nn::Path<'_>, dimensions: i64, themes: usize) -> Self {
        let themes = themes as i64;
        let path = root / "head";
        let linear = |name: &str, inputs: i64, outputs: i64| {
            nn::linear(&path / name, inputs, outputs, nn::LinearConfig::default())
        };
        let polarities = POLARITIES as i64;
        let standard = |name: &str| Standard::new(&(&path / name), dimensions);
        Self {
            mean: standard("mean"),
            maximum: standard("maximum"),
            sentence: standard("sentence"),
            attention: linear("attention", dimensions, QUESTIONS as i64),
            answers: linear("answers", 3 * dimensions, ANSWERS as i64),
            themes: linear("themes", 2 * dimensions, themes),
            feeling: linear("feeling", 2 * dimensions, polarities),
            theme_feeling: linear("theme_feeling", 2 * dimensions, polarities * themes),
            theme_attention: linear("theme_attention", dimensions, themes),
            theme_tokens: linear("theme_tokens", dimensions, themes),
            token_feeling: linear("token_feeling", dimensions, polarities),
        }
    }

    /// Sets what answers and themes start from.
    pub fn set_offsets(&mut self, answers: &[f32], themes: &[f32]) -> Result<(), ModelError> {
        for (head, offsets) in [(&mut self.answers, answers), (&mut self.themes, themes)] {
            if let Some(own) = &mut head.bs {
                own.f_copy_(&Tensor::from_slice(offsets))?;
            }
        }
        Ok(())
    }

    /// Takes centre and spread of what is looked at.
    pub fn standardise(&mut self, seen: &[Features]) -> Result<(), ModelError> {
        let of = |feature: fn(&Features) -> &Tensor| {
            let rows: Vec<&Tensor> = seen.iter().map(feature).collect();
            Tensor::f_cat(&rows, 0)
        };
        self.mean.take(&of(|seen| &seen.mean)?)?;
        self.maximum.take(&of(|seen| &seen.maximum)?)?;
        self.sentence.take(&of(|seen| &seen.sentence)?)
    }

    pub fn forward(
        &self,
        hidden: &Tensor,
        layout: &Layout,
        mut hide: Option<&mut Rng>,
    ) -> Result<Outputs, ModelError> {
        let own = layout.own_tokens()?;
        let pieces = layout.piece_means()?;
        let seen = Features::new(hidden, &own, &pieces)?;
        let mean = self.mean.apply(&seen.mean)?;
        let maximum = self.maximum.apply(&seen.maximum)?;
        let whole = [mean.shallow_clone(), maximum];
        let answers = self.answer(hidden, &own, &whole, hide.as_deref_mut())?;
        let sentences = self.sentence.apply(&seen.sentence)?;
        let context = mean.f_index_select(0, &layout.rows_of_pieces())?;
        let sentences = Tensor::f_cat(&[sentences, context], 1)?;
        let sentences = hidden_in_part(sentences, hide.as_deref_mut())?;
        let attended = self.attend(hidden, &pieces, hide)?;
        let themes = self.themes.forward(&sentences).f_add(&attended.themes)?;
        let feeling = self.feeling.forward(&sentences);
        let shape = [sentences.size()[0], themes.size()[1], POLARITIES as i64];
        let differs = self.theme_feeling.forward(&sentences).f_view(shape)?;
        Ok(Outputs {
            theme_feeling: differs
                .f_add(&feeling.f_unsqueeze(1)?)?
                .f_add(&attended.feeling)?,
            answers,
            themes,
            feeling,
            looks: attended.looks,
        })
    }

    /// Each theme looks at the tokens of a sentence for itself (Mullenbach et al., "Explainable
    /// Prediction of Medical Codes from Clinical Text", 2018): in "fast delivery, cold food"
    /// each finds its own half. What a token says is made numbers before they are averaged,
    /// not after: one vector per sentence and theme would be a great many. `pieces` as
    /// [`Layout::piece_means`] has them; its shares of a mean cancel out.
    fn attend(
        &self,
        hidden: &Tensor,
        pieces: &Tensor,
        hide: Option<&mut Rng>,
    ) -> Result<Attended, ModelError> {
        let tokens = hidden.f_view([-1, hidden.size()[2]])?;
        let tokens = hidden_in_part(self.mean.apply(&tokens)?, hide)?;
        let looks = self.theme_attention.forward(&tokens);
        let looks = looks.f_clamp(-STEEPEST, STEEPEST)?.f_exp()?;
        let whole = pieces.f_mm(&looks)?;
        let said = looks.f_mul(&self.theme_tokens.forward(&tokens))?;
        let felt = self.token_feeling.forward(&tokens).f_unsqueeze(1)?;
        let felt = looks.f_unsqueeze(2)?.f_mul(&felt)?.f_flatten(1, 2)?;
        let shape = [whole.size()[0], whole.size()[1], POLARITIES as i64];
        Ok(Attended {
            looks,
            themes: pieces.f_mm(&said)?.f_div(&whole)?,
            feeling: pieces
                .f_mm(&felt)?
                .f_view(shape)?
                .f_div(&whole.f_unsqueeze(2)?)?,
        })
    }

    /// \[windows, answers\].
    fn answer(
        &self,
        hidden: &Tensor,
        own: &Tensor,
        whole: &[Tensor; 2],
        hide: Option<&mut Rng>,
    ) -> Result<Tensor, ModelError> {
        let outside = (own - 1.0) * OUT;
        let scores = self.attention.forward(hidden).f_add(&outside)?;
        let attended = scores
            .f_softmax(1, Kind::Float)?
            .f_transpose(1, 2)?
            .f_bmm(hidden)?;
        let attended = self.mean.apply(&attended)?;
        let whole = Tensor::f_cat(whole, 1)?
            .f_unsqueeze(1)?
            .f_expand([-1, QUESTIONS as i64, -1], false)?;
        let seen = hidden_in_part(Tensor::f_cat(&[attended, whole], 2)?, hide)?;
        let seen = seen.f_index_select(1, &Tensor::from_slice(&question_of_answers()))?;
        let weights = self.answers.ws.f_unsqueeze(0)?;
        let sums = (seen * weights).f_sum_dim_intlist(2, false, Kind::Float)?;
        Ok(match &self.answers.bs {
            Some(bias) => sums.f_add(bias)?,
            None => sums,
        })
    }
}

impl Features {
    /// `own` as [`Layout::own_tokens`] has them, `pieces` as [`Layout::piece_means`].
    pub fn new(hidden: &Tensor, own: &Tensor, pieces: &Tensor) -> Result<Self, ModelError> {
        let count = own.f_sum_dim_intlist(1, false, Kind::Float)?;
        let sum = (hidden * own).f_sum_dim_intlist(1, false, Kind::Float)?;
        let flat = hidden.f_view([-1, hidden.size()[2]])?;
        Ok(Self {
            mean: sum / count.f_clamp_min(1.0)?,
            maximum: hidden.f_add(&((own - 1.0) * OUT))?.f_amax(1, false)?,
            sentence: pieces.f_mm(&flat)?,
        })
    }
}

impl Standard {
    fn new(path: &nn::Path<'_>, dimensions: i64) -> Self {
        Self {
            centre: path.zeros_no_train("centre", &[dimensions]),
            spread: path.ones_no_train("spread", &[dimensions]),
        }
    }

    fn take(&mut self, rows: &Tensor) -> Result<(), ModelError> {
        self.centre
            .f_copy_(&rows.f_mean_dim(0, false, Kind::Float)?)?;
        // A single row has no spread.
        if rows.size()[0] > 1 {
            let spread = rows.f_std_dim(0, true, false)?.f_clamp_min(1e-3)?;
            self.spread.f_copy_(&spread)?;
        }
        Ok(())
    }

    fn apply(&self, rows: &Tensor) -> Result<Tensor, ModelError> {
        Ok(rows.f_sub(&self.centre)?.f_div(&self.spread)?)
    }
}

/// `numbers` with a share of them set to zero and the others raised to make up for it; all
/// of them without `hide`.
fn hidden_in_part(numbers: Tensor, hide: Option<&mut Rng>) -> Result<Tensor, ModelError> {
    let Some(rng) = hide else {
        return Ok(numbers);
    };
    let kept = 1.0 / (1.0 - DROPOUT);
    let drawn = (0..numbers.numel()).map(|_| if rng.f32() < DROPOUT { 0.0 } else { kept });
    let drawn = Tensor::from_slice(&drawn.collect::<Vec<f32>>());
    Ok(numbers.f_mul(&drawn.f_view_as(&numbers)?)?)
}

#[cfg(test)]
mod tests {
    use tch::{Device, nn::VarStore};

    use super::*;
    use crate::Window;

    /// A head that gives `weights` of a token's two numbers.
    fn linear(weights: &[[f32; 2]]) -> nn::Linear {
        nn::Linear {
            ws: Tensor::from_slice2(weights),
            bs: None,
        }
    }

    #[test]
    fn of_one_sentence_each_theme_takes_the_feeling_from_the_tokens_that_it_looks_at() {
        let variables = VarStore::new(Device::Cpu);
        let mut heads = Heads::new(&variables.root(), 2, 2);
        // Theme 0 looks at the first number, theme 1 at the second.
        heads.theme_attention = linear(&[[20.0, 0.0], [0.0, 20.0]]);
        // The first number feels like the first polarity, the second like the last.
        heads.token_feeling = linear(&[[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]);
        let window = Window {
            document: 0,
            ids: vec![0, 7, 8, 2],
            pieces: vec![(0, 1..3)],
        };
        let tokens = [[9.0_f32, 9.0], [1.0, 0.0], [0.0, 1.0], [9.0, 9.0]];
        let hidden = Tensor::from_slice2(&tokens).view([1, 4, 2]);
        let pieces = Layout::new(&[&window]).piece_means().unwrap();
        let attended = heads.attend(&hidden, &pieces, None).unwrap();
        let feeling =
            |theme: i64, polarity: i64| attended.feeling.double_value(&[0, theme, polarity]);
        assert!(feeling(0, 0) > 0.99 && feeling(0, 2) < 0.01);
        assert!(feeling(1, 2) > 0.99 && feeling(1, 0) < 0.01);
    }
}
