//! One layer of a BERT encoder (Devlin et al., "BERT", 2019): attention, then two linear
//! layers, each added to what came in and normalised. Variables have the names of published
//! weights.
//!
//! rust-bert's own layer writes every attention score to memory, several times over. libtorch's
//! fused attention does not (Dao et al., "FlashAttention", 2022).

use rust_bert::Activation;
use rust_bert::bert::BertConfig;
use tch::Tensor;
use tch::nn::{self, Module};

/// Added to a variance before its root is taken, as BERT has it.
const EPSILON: f64 = 1e-12;

/// A layer without dropout.
pub(crate) struct Layer {
    heads: i64,
    query: nn::Linear,
    key: nn::Linear,
    value: nn::Linear,
    attended: nn::Linear,
    attended_norm: nn::LayerNorm,
    widened: nn::Linear,
    activation: Activation,
    narrowed: nn::Linear,
    narrowed_norm: nn::LayerNorm,
}

impl Layer {
    /// A layer whose weights are not yet set.
    pub fn new(path: &nn::Path<'_>, config: &BertConfig) -> Self {
        let (size, wide) = (config.hidden_size, config.intermediate_size);
        let attention = path / "attention";
        let own = &attention / "self";
        let linear = |path: nn::Path<'_>, inputs: i64, outputs: i64| {
            nn::linear(path, inputs, outputs, nn::LinearConfig::default())
        };
        let norm = |path: nn::Path<'_>| {
            let config = nn::LayerNormConfig {
                eps: EPSILON,
                ..Default::default()
            };
            nn::layer_norm(path, vec![size], config)
        };
        Self {
            heads: config.num_attention_heads,
            query: linear(&own / "query", size, size),
            key: linear(&own / "key", size, size),
            value: linear(&own / "value", size, size),
            attended: linear(&attention / "output" / "dense", size, size),
            attended_norm: norm(&attention / "output" / "LayerNorm"),
            widened: linear(path / "intermediate" / "dense", size, wide),
            activation: config.hidden_act,
            narrowed: linear(path / "output" / "dense", wide, size),
            narrowed_norm: norm(path / "output" / "LayerNorm"),
        }
    }

    /// `hidden`, \[rows, tokens, dimensions\], after this layer. `mask` is added to attention
    /// scores, \[rows, 1, 1, tokens\].
    pub fn forward(&self, hidden: &Tensor, mask: &Tensor) -> Tensor {
        let attended = self.attended.forward(&self.attend(hidden, mask));
        let hidden = self.attended_norm.forward(&(attended + hidden));
        let activate = self.activation.get_function();
        let widened = activate.get_fn()(&self.widened.forward(&hidden));
        let narrowed = self.narrowed.forward(&widened);
        self.narrowed_norm.forward(&(narrowed + hidden))
    }

    fn attend(&self, hidden: &Tensor, mask: &Tensor) -> Tensor {
        let size = hidden.size();
        let per_head = [size[0], size[1], self.heads, size[2] / self.heads];
        let split = |linear: &nn::Linear| linear.forward(hidden).view(per_head).transpose(1, 2);
        let (query, key, value) = (split(&self.query), split(&self.key), split(&self.value));
        let attended = Tensor::scaled_dot_product_attention(
            &query,
            &key,
            &value,
            Some(mask),
            0.0,
            false,
            None,
        );
        attended.transpose(1, 2).reshape(&size)
    }
}

#[cfg(test)]
mod tests {
    use rust_bert::bert::BertLayer;
    use tch::{Device, Kind, nn::VarStore};

    use super::*;
    use crate::bert::attention_mask;

    /// Ours and rust-bert's with the same weights, which go by the same names.
    fn pair() -> (Layer, BertLayer, [VarStore; 2]) {
        let config = BertConfig {
            hidden_size: 12,
            num_attention_heads: 3,
            intermediate_size: 20,
            ..Default::default()
        };
        tch::manual_seed(1);
        let stores = [VarStore::new(Device::Cpu), VarStore::new(Device::Cpu)];
        let layer = Layer::new(&stores[0].root(), &config);
        let reference = BertLayer::new(stores[1].root(), &config);
        let [own, theirs] = [stores[0].variables(), stores[1].variables()];
        assert_eq!(own.len(), theirs.len());
        tch::no_grad(|| {
            for (name, weight) in &own {
                weight.shallow_clone().copy_(&theirs[name]);
            }
        });
        (layer, reference, stores)
    }

    /// Two rows, the second of three tokens and two that fill it up; and its mask.
    fn input() -> (Tensor, Tensor) {
        let hidden = Tensor::randn([2, 5, 12], (Kind::Float, Device::Cpu));
        (hidden, attention_mask(&[5, 3], 5, Kind::Float).unwrap())
    }

    #[track_caller]
    fn check_close(own: &Tensor, theirs: &Tensor, within: f64) {
        let apart = (own - theirs).abs().max().double_value(&[]);
        assert!(apart < within, "{apart}");
    }

    #[test]
    fn it_says_and_learns_what_rust_berts_layer_does() {
        let (layer, reference, stores) = pair();
        let (hidden, mask) = input();
        let said = layer.forward(&hidden, &mask);
        let expected = reference.forward_t(&hidden, Some(&mask), None, None, false);
        check_close(&said, &expected.hidden_state, 1e-5);
        said.square().sum(Kind::Float).backward();
        expected.hidden_state.square().sum(Kind::Float).backward();
        let [own, theirs] = [stores[0].variables(), stores[1].variables()];
        for (name, weight) in &own {
            check_close(&weight.grad(), &theirs[name].grad(), 1e-4);
        }
    }

    #[test]
    fn in_bf16_it_is_as_near_as_that_type_is_exact() {
        let (layer, reference, mut stores) = pair();
        let (hidden, mask) = input();
        let exact = reference.forward_t(&hidden, Some(&mask), None, None, false);
        stores[0].set_kind(Kind::BFloat16);
        let narrow = layer.forward(
            &hidden.to_kind(Kind::BFloat16),
            &mask.to_kind(Kind::BFloat16),
        );
        check_close(&narrow.to_kind(Kind::Float), &exact.hidden_state, 0.1);
    }
}
