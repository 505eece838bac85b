//! What is trained: copies of the encoder's last layers, and the heads on top of them.
//!
//! The lower layers are run once and shared with search. From there the encoder's own last
//! layers give the vectors for search, and this network's layers give the labels. Each of
//! the record's questions (one per kind, one each for sentiment, urgency and touchpoint)
//! looks at the tokens through an attention of its own (Yang et al., "Hierarchical Attention
//! Networks", 2016), beside the mean and the maximum over all tokens. Sentences are asked
//! for themes and feeling, with the record's mean as context, and each theme looks at a
//! sentence's tokens for itself.

mod answers;
mod heads;

use fastrand::Rng;
use tch::{Device, Kind, Tensor, nn};

pub use self::answers::{AnswerRanges, Polarities, answer_ranges};
pub use self::heads::Outputs;
use self::heads::{Features, Heads};
use crate::bert::{Bert, config, depth, layers, leaves_a_layer, run};
use crate::layer::Layer;
use crate::layout::Layout;
use crate::{ModelError, ModelFolder, Precision};

/// Layers and heads.
pub struct TaskNetwork {
    layers: Vec<Layer>,
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

impl TaskNetwork {
    /// A network for `themes` themes whose layers take over from layer `shared` on, its
    /// weights not yet set.
    ///
    /// # Errors
    /// [`ModelError::Heads`] if the encoder has no such layer.
    pub fn new(folder: &ModelFolder, shared: usize, themes: usize) -> Result<Self, ModelError> {
        let config = config(folder);
        let depth = depth(&config);
        leaves_a_layer(shared, depth)?;
        let layer_variables = nn::VarStore::new(Device::Cpu);
        let head_variables = nn::VarStore::new(Device::Cpu);
        Ok(Self {
            layers: layers(&layer_variables.root(), shared..depth, &config),
            heads: Heads::new(&head_variables.root(), config.hidden_size, themes),
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
        tch::no_grad(|| self.heads.set_offsets(answers, themes))
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
                seen.push(Features::new(&hidden, &own, &layout.piece_means()?)?);
            }
            self.heads.standardise(&seen)
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
