//! The sentence encoder: a BERT-family model on libtorch, through rust-bert.

use rayon::prelude::*;
use rust_bert::Config;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::{Device, Kind, Tensor, nn};
use tokenizers::Tokenizer;

use crate::batch::{Document, Frame, Pooled, Sums, Window, batches};
use crate::{ModelError, ModelFolder, Precision};

/// Tokens per batch after padding. Measured: smaller batches waste the processor's vector
/// units, larger ones its caches.
const TOKEN_BUDGET: usize = 800;

/// An encoder with its tokenizer and threads.
///
/// Each of its worker threads runs one batch at a time with a single intra-op thread: two
/// intra-op threads spin against each other and lose more than they gain.
pub struct Encoder {
    id: String,
    dimensions: usize,
    tokenizer: Tokenizer,
    frame: Frame,
    /// Fills up short rows; masked, so its value does not matter to any vector.
    padding: i64,
    model: SharedModel,
    pool: rayon::ThreadPool,
}

/// The weights, read by all workers at once.
struct SharedModel {
    model: BertModel<BertEmbeddings>,
    /// Owns the variables that `model` refers to.
    _variables: nn::VarStore,
}

// SAFETY: libtorch's tensors count references atomically and may be read from several
// threads. `forward_t` with `train = false` under `no_grad` only reads them: dropout is
// the identity, nothing is written, and no method of `Encoder` hands out a tensor.
unsafe impl Sync for SharedModel {}

/// What one window adds to its document: the sum over all its tokens, then over each piece.
struct WindowSums {
    window: usize,
    rows: Vec<Vec<f32>>,
}

impl Encoder {
    /// Loads the model in `folder` to compute in `precision` on `threads` threads (0: one
    /// per core).
    ///
    /// # Errors
    /// [`ModelError`] if a file cannot be used or the threads cannot be started.
    pub fn load(
        folder: &ModelFolder,
        precision: Precision,
        threads: usize,
    ) -> Result<Self, ModelError> {
        let tokenizer_file = folder.file("tokenizer.json");
        let tokenizer =
            Tokenizer::from_file(&tokenizer_file).map_err(|error| ModelError::Unusable {
                path: tokenizer_file,
                why: error.to_string(),
            })?;
        let frame = frame(&tokenizer, folder.prefix(), folder.max_tokens())?;
        let model = load_model(folder, precision)?;
        let padding = tokenizer
            .token_to_id("<pad>")
            .or(tokenizer.token_to_id("[PAD]"));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("encoder-{index}"))
            .start_handler(|_| tch::set_num_threads(1))
            .build()
            .map_err(|error| ModelError::Threads(error.to_string()))?;
        Ok(Self {
            id: format!("{}-{precision}", folder.id()),
            dimensions: folder.dimensions(),
            tokenizer,
            frame,
            padding: padding.map_or(0, i64::from),
            model,
            pool,
        })
    }

    /// Name, weights' hash and number type: stores and heads fit exactly one of these.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Length of a vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Runs `work` on the encoder's threads, so that one pool serves a whole chunk.
    pub fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }

    /// Vectors of `documents`, in the order given, each from one pass over its tokens.
    ///
    /// # Errors
    /// [`ModelError`] if the tokenizer or libtorch refuses an input.
    pub fn encode(&self, documents: &[Document]) -> Result<Vec<Pooled>, ModelError> {
        self.install(|| self.encode_here(documents))
    }

    /// Vectors of single sentences.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn encode_sentences(&self, sentences: &[&str]) -> Result<Vec<Pooled>, ModelError> {
        let documents: Vec<Document> = sentences
            .iter()
            .map(|sentence| Document {
                units: vec![crate::Unit {
                    sentences: vec![(*sentence).to_owned()],
                }],
            })
            .collect();
        self.encode(&documents)
    }

    fn encode_here(&self, documents: &[Document]) -> Result<Vec<Pooled>, ModelError> {
        let tokens: Vec<Vec<Vec<i64>>> = documents
            .par_iter()
            .map(|document| self.tokens(document))
            .collect::<Result<_, _>>()?;
        let windows: Vec<Window> = tokens
            .iter()
            .enumerate()
            .flat_map(|(document, sentences)| self.frame.windows(document, sentences))
            .collect();
        let sums: Vec<WindowSums> = batches(&windows, TOKEN_BUDGET)
            .par_iter()
            .rev() // longest first: the tail of a chunk is then short work
            .map(|batch| self.forward(&windows, batch))
            .collect::<Result<Vec<_>, ModelError>>()?
            .into_iter()
            .flatten()
            .collect();
        Ok(self.gather(documents, &tokens, &windows, sums))
    }

    fn tokens(&self, document: &Document) -> Result<Vec<Vec<i64>>, ModelError> {
        let sentences = document.units.iter().flat_map(|unit| &unit.sentences);
        sentences
            .map(|sentence| token_ids(&self.tokenizer, sentence))
            .collect()
    }

    /// One batch through the model.
    fn forward(&self, windows: &[Window], batch: &[usize]) -> Result<Vec<WindowSums>, ModelError> {
        let longest = batch
            .iter()
            .map(|index| windows[*index].ids.len())
            .max()
            .unwrap_or(0);
        let shape = [batch.len() as i64, longest as i64];
        let mut ids = vec![self.padding; batch.len() * longest];
        let mut mask = vec![0_i64; ids.len()];
        for (row, index) in batch.iter().enumerate() {
            let window = &windows[*index].ids;
            let start = row * longest;
            ids[start..start + window.len()].copy_from_slice(window);
            mask[start..start + window.len()].fill(1);
        }
        let hidden = tch::no_grad(|| -> Result<Tensor, ModelError> {
            let ids = Tensor::from_slice(&ids).f_view(shape)?;
            let mask = Tensor::from_slice(&mask).f_view(shape)?;
            self.model
                .model
                .forward_t(Some(&ids), Some(&mask), None, None, None, None, None, false)
                .map(|output| output.hidden_state)
                .map_err(|error| ModelError::Forward(error.to_string()))
        })?;
        let pooling = pooling_matrix(windows, batch, longest);
        let rows = pooling.len() / (batch.len() * longest).max(1);
        let sums = tch::no_grad(|| -> Result<Tensor, ModelError> {
            let hidden = hidden
                .f_to_kind(Kind::Float)?
                .f_view([-1, self.dimensions as i64])?;
            Ok(Tensor::from_slice(&pooling)
                .f_view([rows as i64, -1])?
                .f_mm(&hidden)?)
        })?;
        let mut flat = vec![0.0_f32; rows * self.dimensions];
        sums.f_contiguous()?
            .f_copy_data(&mut flat, rows * self.dimensions)?;
        let mut rows = flat.chunks_exact(self.dimensions).map(<[f32]>::to_vec);
        let sums = |index: &usize| WindowSums {
            window: *index,
            rows: rows
                .by_ref()
                .take(1 + windows[*index].pieces.len())
                .collect(),
        };
        Ok(batch.iter().map(sums).collect())
    }

    fn gather(
        &self,
        documents: &[Document],
        tokens: &[Vec<Vec<i64>>],
        windows: &[Window],
        mut pooled: Vec<WindowSums>,
    ) -> Vec<Pooled> {
        pooled.sort_by_key(|sums| sums.window);
        let mut sums: Vec<Sums> = tokens
            .iter()
            .map(|sentences| Sums::new(sentences.len(), self.dimensions))
            .collect();
        for WindowSums { window, rows } in pooled {
            let window = &windows[window];
            sums[window.document].add(window, rows.into_iter());
        }
        sums.into_iter()
            .zip(documents)
            .map(|(sums, document)| {
                let shape: Vec<usize> = document
                    .units
                    .iter()
                    .map(|unit| unit.sentences.len())
                    .collect();
                sums.pooled(&shape)
            })
            .collect()
    }
}

/// Row after row of 0 and 1 over the batch's tokens: for each window all of its tokens,
/// then each piece. Multiplied with the hidden states it gives every sum in one go.
fn pooling_matrix(windows: &[Window], batch: &[usize], longest: usize) -> Vec<f32> {
    let width = batch.len() * longest;
    let rows: usize = batch
        .iter()
        .map(|index| 1 + windows[*index].pieces.len())
        .sum();
    let mut matrix = vec![0.0; rows * width];
    let mut row = 0;
    for (position, index) in batch.iter().enumerate() {
        let window = &windows[*index];
        let whole = std::iter::once(0..window.ids.len());
        for range in whole.chain(window.pieces.iter().map(|(_, range)| range.clone())) {
            let start = row * width + position * longest;
            matrix[start + range.start..start + range.end].fill(1.0);
            row += 1;
        }
    }
    matrix
}

fn load_model(folder: &ModelFolder, precision: Precision) -> Result<SharedModel, ModelError> {
    let config = BertConfig::from_file(folder.file("config.json"));
    let mut variables = nn::VarStore::new(Device::Cpu);
    let model =
        BertModel::<BertEmbeddings>::new_with_optional_pooler(variables.root(), &config, false);
    let weights = folder.file("model.safetensors");
    variables
        .load(&weights)
        .map_err(|error| ModelError::Unusable {
            path: weights,
            why: error.to_string(),
        })?;
    variables.freeze();
    variables.set_kind(precision.kind());
    Ok(SharedModel {
        model,
        _variables: variables,
    })
}

/// Start token and prefix before, end token after, as the tokenizer's own template has it.
fn frame(tokenizer: &Tokenizer, prefix: &str, max_tokens: usize) -> Result<Frame, ModelError> {
    let encoding = tokenizer
        .encode(prefix.trim_end(), true)
        .map_err(|error| ModelError::Tokenizer(error.to_string()))?;
    let mut head: Vec<i64> = encoding.get_ids().iter().map(|id| i64::from(*id)).collect();
    let tail = head.pop().into_iter().collect();
    Ok(Frame {
        head,
        tail,
        max_tokens,
    })
}

fn token_ids(tokenizer: &Tokenizer, text: &str) -> Result<Vec<i64>, ModelError> {
    let encoding = tokenizer
        .encode_fast(text, false)
        .map_err(|error| ModelError::Tokenizer(error.to_string()))?;
    Ok(encoding.get_ids().iter().map(|id| i64::from(*id)).collect())
}
