//! A BERT encoder whose layers can be run in parts, so that two readings of a text can
//! share the lower ones.

use std::ops::Range;

use rust_bert::Config;
use rust_bert::bert::{BertConfig, BertEmbedding, BertEmbeddings};
use tch::{Device, Kind, Tensor, nn};

use crate::layer::Layer;
use crate::{ModelError, ModelFolder, Precision};

/// What a masked token's attention score is lowered by.
const MASKED: f64 = -10_000.0;

/// Embeddings and layers, frozen.
pub(crate) struct Bert {
    embeddings: BertEmbeddings,
    layers: Vec<Layer>,
    variables: nn::VarStore,
}

impl Bert {
    /// Loads the weights in `folder` to compute in `precision`.
    ///
    /// # Errors
    /// [`ModelError::Unusable`] if the weights do not fit the configuration beside them.
    pub fn load(folder: &ModelFolder, precision: Precision) -> Result<Self, ModelError> {
        let config = config(folder);
        let mut variables = nn::VarStore::new(Device::Cpu);
        let root = variables.root();
        let embeddings = BertEmbeddings::new(&root / "embeddings", &config);
        let layers = layers(&(&root / "encoder"), 0..depth(&config), &config);
        let weights = folder.file("model.safetensors");
        variables
            .load(&weights)
            .map_err(|error| ModelError::Unusable {
                path: weights,
                why: error.to_string(),
            })?;
        variables.freeze();
        variables.set_kind(precision.kind());
        Ok(Self {
            embeddings,
            layers,
            variables,
        })
    }

    /// Number of layers.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// The embeddings of `ids`, \[rows, tokens\] → \[rows, tokens, dimensions\].
    ///
    /// # Errors
    /// [`ModelError::Forward`] if libtorch refuses them.
    pub fn embed(&self, ids: &Tensor) -> Result<Tensor, ModelError> {
        self.embeddings
            .forward_t(Some(ids), None, None, None, false)
            .map_err(|error| ModelError::Forward(error.to_string()))
    }

    /// `hidden` after the layers in `range`.
    pub fn run(&self, range: Range<usize>, hidden: Tensor, mask: &Tensor) -> Tensor {
        run(&self.layers[range], hidden, mask)
    }

    /// A copy of the weights of layer `index`, by their names within it.
    pub fn weights_of_layer(&self, index: usize) -> Vec<(String, Tensor)> {
        let prefix = format!("encoder.layer.{index}.");
        let own = |(name, weight): (String, Tensor)| {
            Some((name.strip_prefix(&prefix)?.to_owned(), weight))
        };
        self.variables
            .variables()
            .into_iter()
            .filter_map(own)
            .collect()
    }
}

/// Runs `layers` one after the other.
pub(crate) fn run(layers: &[Layer], hidden: Tensor, mask: &Tensor) -> Tensor {
    let layers = layers.iter();
    layers.fold(hidden, |hidden, layer| layer.forward(&hidden, mask))
}

/// Added to attention scores, \[rows, 1, 1, tokens\]: 0 for a token, very low for padding.
///
/// # Errors
/// [`ModelError::Torch`] if memory runs out.
pub(crate) fn attention_mask(
    lengths: &[usize],
    longest: usize,
    kind: Kind,
) -> Result<Tensor, ModelError> {
    let mut mask = vec![MASKED; lengths.len() * longest];
    for (row, length) in mask.chunks_mut(longest.max(1)).zip(lengths) {
        row[..*length].fill(0.0);
    }
    Ok(Tensor::from_slice(&mask)
        .f_view([lengths.len() as i64, 1, 1, longest as i64])?
        .f_to_kind(kind)?)
}

/// The layers `range`, below `path` under `layer`.
pub(crate) fn layers(path: &nn::Path<'_>, range: Range<usize>, config: &BertConfig) -> Vec<Layer> {
    range
        .map(|index| Layer::new(&(path / "layer" / index as i64), config))
        .collect()
}

pub(crate) fn config(folder: &ModelFolder) -> BertConfig {
    BertConfig::from_file(folder.file("config.json"))
}

pub(crate) fn depth(config: &BertConfig) -> usize {
    usize::try_from(config.num_hidden_layers).unwrap_or(0)
}

/// Heads that share `shared` of `depth` layers have one of their own.
///
/// # Errors
/// [`ModelError::Heads`] if they do not.
pub(crate) fn leaves_a_layer(shared: usize, depth: usize) -> Result<(), ModelError> {
    if shared < depth {
        return Ok(());
    }
    let why = format!("they share {shared} layers, the encoder has {depth}");
    Err(ModelError::Heads(why))
}
