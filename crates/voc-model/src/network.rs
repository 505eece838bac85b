//! What is trained: copies of the encoder's last layers, and the heads on top of them.
//!
//! The lower layers are run once and shared with search. From there the encoder's own last
//! layers give the vectors for search, and this network's layers give the labels. Each of
//! the record's questions (one per kind, one each for sentiment, urgency and touchpoint)
//! looks at the tokens through an attention of its own (Yang et al., "Hierarchical Attention
//! Networks", 2016), beside the mean and the maximum over all tokens. Sentences are asked
//! for themes and feeling, with the record's mean as context.

use std::ops::Range;

use fastrand::Rng;
use rust_bert::bert::{BertConfig, BertLayer};
use tch::nn::Module;
use tch::{Device, Kind, Tensor, nn};
use voc_core::{Polarity, Sentiment, Touchpoint, Urgency};

use crate::bert::{Bert, config, depth, layers, run};
use crate::layout::Layout;
use crate::{ModelError, ModelFolder, Precision};

/// Kinds, then sentiment, urgency and touchpoint: each looks for itself.
const KINDS: usize = voc_core::Kind::ALL.len();
const QUESTIONS: usize = KINDS + 3;
/// Touchpoints, and none.
const TOUCHPOINTS: usize = Touchpoint::ALL.len() + 1;
const POLARITIES: usize = Polarity::ALL.len();
/// One score per [`Polarity`], in the order of [`Polarity::ALL`].
pub type Polarities = [f32; POLARITIES];
/// Answers about a record: one per kind, then one per sentiment, urgency and touchpoint.
pub(crate) const ANSWERS: usize = KINDS + Sentiment::ALL.len() + Urgency::ALL.len() + TOUCHPOINTS;
/// Share of the numbers that heads look at which training hides (Srivastava et al.,
/// "Dropout", 2014).
const DROPOUT: f32 = 0.2;
/// Added to tokens that are not a text's own before the maximum is taken.
const OUT: f64 = 1e4;

/// Which answers about a record belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRanges {
    /// In the order of [`voc_core::Kind::ALL`]; each is a yes or no.
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

/// Layers and heads.
pub struct TaskNetwork {
    layers: Vec<BertLayer>,
    heads: Heads,
    /// Variables of the layers, in the encoder's number type.
    pub(crate) layer_variables: nn::VarStore,
    /// Variables of the heads, 32-bit floats.
    pub(crate) head_variables: nn::VarStore,
}

// SAFETY: libtorch's tensors count references atomically and may be read from several
// threads. `forward` only reads the weights, with and without gradients: each call builds a
// graph of its own, and libtorch guards what graphs share. Whatever writes to the weights
// takes the network exclusively.
unsafe impl Sync for TaskNetwork {}

struct Heads {
    /// Of the mean over a record's tokens, and of what the questions attend to.
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
}

/// What the heads look at, before it is standardised.
struct Features {
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
}

impl TaskNetwork {
    /// A network for `themes` themes whose layers take over from layer `shared` on, its
    /// weights not yet set.
    ///
    /// # Errors
    /// [`ModelError::Heads`] if the encoder has no such layer.
    pub fn new(folder: &ModelFolder, shared: usize, themes: usize) -> Result<Self, ModelError> {
        let config = config(folder);
        let depth = depth(&config);
        if shared >= depth {
            return Err(ModelError::Heads(format!(
                "they share {shared} layers, the encoder has {depth}"
            )));
        }
        let layer_variables = nn::VarStore::new(Device::Cpu);
        let head_variables = nn::VarStore::new(Device::Cpu);
        Ok(Self {
            layers: layers(&layer_variables.root(), shared..depth, &config),
            heads: Heads::new(&head_variables.root(), &config, themes),
            layer_variables,
            head_variables,
        })
    }

    /// Starts from the encoder's own layers.
    pub(crate) fn copy_layers(&mut self, bert: &Bert) {
        let first = bert.depth() - self.layers.len();
        let own = self.layer_variables.variables();
        tch::no_grad(|| {
            for index in first..bert.depth() {
                for (name, weight) in bert.weights_of_layer(index) {
                    if let Some(own) = own.get(&format!("layer.{index}.{name}")) {
                        own.shallow_clone().copy_(&weight);
                    }
                }
            }
        });
    }

    /// Every variable by its name; the layers' names begin with `layer`.
    pub fn variables(&self) -> Vec<(String, Tensor)> {
        let mut variables: Vec<(String, Tensor)> = self
            .layer_variables
            .variables()
            .into_iter()
            .chain(self.head_variables.variables())
            .collect();
        variables.sort_by(|a, b| a.0.cmp(&b.0));
        variables
    }

    /// Sets every variable from `weights`.
    ///
    /// # Errors
    /// [`ModelError::Heads`] if one is missing or has another shape.
    pub fn set(&mut self, weights: &[(String, Tensor)]) -> Result<(), ModelError> {
        for (name, mut own) in self.variables() {
            let given = weights.iter().find(|(other, _)| *other == name);
            let Some((_, given)) = given.filter(|(_, given)| given.size() == own.size()) else {
                return Err(ModelError::Heads(format!(
                    "the weights {name} are missing or have another shape"
                )));
            };
            tch::no_grad(|| own.f_copy_(given))?;
        }
        Ok(())
    }

    /// Rounds every variable to bf16, as heads are stored.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if memory runs out.
    pub fn round(&mut self) -> Result<(), ModelError> {
        for (_, mut variable) in self.variables() {
            tch::no_grad(|| variable.f_copy_(&variable.f_to_kind(Kind::BFloat16)?))?;
        }
        Ok(())
    }

    /// Sets what every record's answers and every sentence's themes start from: one score
    /// per answer and per theme.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if there are not as many as there are answers and themes.
    pub fn set_offsets(&mut self, answers: &[f32], themes: &[f32]) -> Result<(), ModelError> {
        let set = |head: &mut nn::Linear, offsets: &[f32]| -> Result<(), ModelError> {
            if let Some(own) = &mut head.bs {
                own.f_copy_(&Tensor::from_slice(offsets))?;
            }
            Ok(())
        };
        tch::no_grad(|| {
            set(&mut self.heads.answers, answers)?;
            set(&mut self.heads.themes, themes)
        })
    }

    /// Takes centre and spread of what the heads look at from `batches` of windows, as
    /// [`TaskNetwork::forward`] takes them.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if libtorch refuses an operation.
    pub fn standardise(
        &mut self,
        batches: impl Iterator<Item = Result<(Tensor, Tensor, Layout), ModelError>>,
    ) -> Result<(), ModelError> {
        let mut seen: Vec<Features> = Vec::new();
        tch::no_grad(|| {
            for batch in batches {
                let (hidden, mask, layout) = batch?;
                let hidden = run(&self.layers, hidden, &mask);
                let own = layout.own_tokens()?;
                seen.push(Features::new(&hidden, &own, &layout)?);
            }
            let of = |feature: fn(&Features) -> &Tensor| {
                let rows: Vec<&Tensor> = seen.iter().map(feature).collect();
                Tensor::f_cat(&rows, 0)
            };
            self.heads.mean.take(&of(|seen| &seen.mean)?)?;
            self.heads.maximum.take(&of(|seen| &seen.maximum)?)?;
            self.heads.sentence.take(&of(|seen| &seen.sentence)?)
        })
    }

    /// From now on it only reads: nothing is trained, layers compute in `precision`.
    pub(crate) fn freeze(&mut self, precision: Precision) {
        self.layer_variables.freeze();
        self.head_variables.freeze();
        self.layer_variables.set_kind(precision.kind());
    }

    /// The answers for windows of tokens.
    ///
    /// `hidden` is \[windows, tokens, dimensions\] after the shared layers, `mask` the
    /// attention mask, `layout` says which tokens are whose. In training, `hide` draws what
    /// the heads do not see. The draws are its own and not libtorch's, whose generator all
    /// threads share: they would depend on which thread is first.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if libtorch refuses an operation.
    pub fn forward(
        &self,
        hidden: Tensor,
        mask: &Tensor,
        layout: &Layout,
        hide: Option<&mut Rng>,
    ) -> Result<Outputs, ModelError> {
        let hidden = run(&self.layers, hidden, mask).f_to_kind(Kind::Float)?;
        self.heads.forward(&hidden, layout, hide)
    }
}

impl Heads {
    fn new(root: &nn::Path<'_>, config: &BertConfig, themes: usize) -> Self {
        let (dimensions, themes) = (config.hidden_size, themes as i64);
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
        }
    }

    fn forward(
        &self,
        hidden: &Tensor,
        layout: &Layout,
        mut hide: Option<&mut Rng>,
    ) -> Result<Outputs, ModelError> {
        let own = layout.own_tokens()?;
        let seen = Features::new(hidden, &own, layout)?;
        let mean = self.mean.apply(&seen.mean)?;
        let maximum = self.maximum.apply(&seen.maximum)?;
        let whole = [mean.shallow_clone(), maximum];
        let answers = self.answer(hidden, &own, &whole, hide.as_deref_mut())?;
        let sentences = self.sentence.apply(&seen.sentence)?;
        let context = mean.f_index_select(0, &layout.rows_of_pieces())?;
        let sentences = hidden_in_part(Tensor::f_cat(&[sentences, context], 1)?, hide)?;
        let themes = self.themes.forward(&sentences);
        let feeling = self.feeling.forward(&sentences);
        let shape = [sentences.size()[0], themes.size()[1], POLARITIES as i64];
        let differs = self.theme_feeling.forward(&sentences).f_view(shape)?;
        Ok(Outputs {
            theme_feeling: differs.f_add(&feeling.f_unsqueeze(1)?)?,
            answers,
            themes,
            feeling,
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
    fn new(hidden: &Tensor, own: &Tensor, layout: &Layout) -> Result<Self, ModelError> {
        let count = own.f_sum_dim_intlist(1, false, Kind::Float)?;
        let sum = (hidden * own).f_sum_dim_intlist(1, false, Kind::Float)?;
        let flat = hidden.f_view([-1, hidden.size()[2]])?;
        Ok(Self {
            mean: sum / count.f_clamp_min(1.0)?,
            maximum: hidden.f_add(&((own - 1.0) * OUT))?.f_amax(1, false)?,
            sentence: layout.piece_means()?.f_mm(&flat)?,
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

/// Which question each answer belongs to.
fn question_of_answers() -> Vec<i64> {
    let ranges = answer_ranges();
    let of = |question: usize, range: Range<usize>| range.map(move |_| question as i64);
    (0..KINDS as i64)
        .chain(of(KINDS, ranges.sentiment))
        .chain(of(KINDS + 1, ranges.urgency))
        .chain(of(KINDS + 2, ranges.touchpoint))
        .collect()
}
