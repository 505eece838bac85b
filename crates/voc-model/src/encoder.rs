//! The sentence encoder: a BERT-family model on libtorch, through rust-bert.

use rayon::prelude::*;
use tch::{Kind, Tensor};
use tokenizers::Tokenizer;

use crate::batch::{Document, Frame, Pooled, Sums, Window, batches};
use crate::bert::{Bert, leaves_a_layer};
use crate::layout::Layout;
use crate::network::{Outputs, TaskNetwork};
use crate::scores::{Scores, WindowScores, lines, window_scores};
use crate::{HeadsDescription, ModelError, ModelFolder, Precision, TrainedHeads};

/// Tokens per batch after padding. Measured: smaller batches waste the processor's vector
/// units, larger ones its caches.
const TOKEN_BUDGET: usize = 800;

/// An encoder with its tokenizer and threads.
///
/// Each of its worker threads runs one batch at a time with a single intra-op thread: two
/// intra-op threads spin against each other and lose more than they gain.
pub struct Encoder {
    id: String,
    weights_id: String,
    dimensions: usize,
    precision: Precision,
    tokenizer: Tokenizer,
    frame: Frame,
    /// Fills up short rows; masked, so its value does not matter to any vector.
    padding: i64,
    model: SharedModel,
    pool: rayon::ThreadPool,
}

/// The weights, read by all workers at once.
struct SharedModel {
    bert: Bert,
    task: Option<Task>,
}

/// Trained heads: their network, and how its scores become labels.
struct Task {
    network: TaskNetwork,
    description: HeadsDescription,
}

// SAFETY: libtorch's tensors count references atomically and may be read from several
// threads. Without training and under `no_grad` a forward pass only reads them: dropout is
// the identity, nothing is written, and what methods of `Encoder` hand out are copies.
unsafe impl Sync for SharedModel {}

/// What one window says about its document.
struct WindowReading {
    window: usize,
    /// The sum over all its tokens.
    whole: Vec<f32>,
    /// The sum over each piece's tokens.
    pieces: Vec<Vec<f32>>,
    task: Option<WindowScores>,
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
        let model = SharedModel {
            bert: Bert::load(folder, precision)?,
            task: None,
        };
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
            weights_id: folder.id(),
            dimensions: folder.dimensions(),
            precision,
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

    /// Name and weights' hash, whatever the number type.
    pub fn weights_id(&self) -> &str {
        &self.weights_id
    }

    /// Length of a vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Lets every pass answer what `heads` ask, too.
    ///
    /// # Errors
    /// [`ModelError::Heads`] if they were made for another encoder than that in `folder`.
    pub fn with_heads(
        mut self,
        heads: &TrainedHeads,
        folder: &ModelFolder,
    ) -> Result<Self, ModelError> {
        let mut network = heads.network(folder)?;
        network.freeze(self.precision);
        self.model.task = Some(Task {
            network,
            description: heads.description().clone(),
        });
        Ok(self)
    }

    /// The trained heads it has.
    pub fn heads(&self) -> Option<&HeadsDescription> {
        self.model.task.as_ref().map(|task| &task.description)
    }

    /// Gives `network` the encoder's own last layers to start from.
    pub fn start(&self, network: &mut TaskNetwork) {
        network.copy_layers(&self.model.bert);
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

    /// The windows of `documents`, document by document.
    ///
    /// # Errors
    /// [`ModelError::Tokenizer`] if the tokenizer refuses a sentence.
    pub fn windows(&self, documents: &[Document]) -> Result<Vec<Window>, ModelError> {
        let tokens = self.tokens(documents)?;
        let windows = tokens.iter().enumerate();
        Ok(windows
            .flat_map(|(document, sentences)| self.frame.windows(document, sentences))
            .collect())
    }

    /// The hidden states of each window after the first `layers` layers,
    /// \[tokens, dimensions\] each.
    ///
    /// # Errors
    /// [`ModelError::Heads`] if no layer is left for them, or if libtorch refuses a batch.
    pub fn hidden(&self, windows: &[Window], layers: usize) -> Result<Vec<Tensor>, ModelError> {
        leaves_a_layer(layers, self.model.bert.depth())?;
        let batches = batches(windows, TOKEN_BUDGET);
        let states = self.install(|| {
            let of_batch = |batch: &Vec<usize>| self.hidden_of_batch(windows, batch, layers);
            let states = batches.par_iter().rev().map(of_batch);
            states.collect::<Result<Vec<_>, ModelError>>()
        })?;
        let mut states: Vec<(usize, Tensor)> = states.into_iter().flatten().collect();
        states.sort_by_key(|(window, _)| *window);
        Ok(states.into_iter().map(|(_, state)| state).collect())
    }

    fn hidden_of_batch(
        &self,
        windows: &[Window],
        batch: &[usize],
        layers: usize,
    ) -> Result<Vec<(usize, Tensor)>, ModelError> {
        let rows: Vec<&Window> = batch.iter().map(|index| &windows[*index]).collect();
        let layout = Layout::new(&rows);
        tch::no_grad(|| {
            let (hidden, mask) = self.embed(&layout, &rows)?;
            let hidden = self.model.bert.run(0..layers, hidden, &mask);
            let row = |(row, index): (usize, &usize)| {
                let length = windows[*index].ids.len() as i64;
                let own = hidden.f_get(row as i64)?.f_narrow(0, 0, length)?;
                // A copy: a view would keep the whole batch with its padding.
                Ok((*index, own.f_to_kind(Kind::Float)?.copy()))
            };
            batch.iter().enumerate().map(row).collect()
        })
    }

    fn encode_here(&self, documents: &[Document]) -> Result<Vec<Pooled>, ModelError> {
        let windows = self.windows(documents)?;
        let readings: Vec<WindowReading> = batches(&windows, TOKEN_BUDGET)
            .par_iter()
            .rev() // longest first: the tail of a chunk is then short work
            .map(|batch| self.forward(&windows, batch))
            .collect::<Result<Vec<_>, ModelError>>()?
            .into_iter()
            .flatten()
            .collect();
        Ok(self.gather(documents, &windows, readings))
    }

    /// The token ids of every sentence of every document.
    fn tokens(&self, documents: &[Document]) -> Result<Vec<Vec<Vec<i64>>>, ModelError> {
        let of_document = |document: &Document| {
            let sentences = document.units.iter().flat_map(|unit| &unit.sentences);
            sentences
                .map(|sentence| token_ids(&self.tokenizer, sentence))
                .collect()
        };
        self.install(|| documents.par_iter().map(of_document).collect())
    }

    /// Embeddings and attention mask of a batch.
    fn embed(&self, layout: &Layout, rows: &[&Window]) -> Result<(Tensor, Tensor), ModelError> {
        let ids = layout.ids(rows, self.padding)?;
        let mask = layout.mask(self.precision.kind())?;
        Ok((self.model.bert.embed(&ids)?, mask))
    }

    /// One batch through the model.
    fn forward(
        &self,
        windows: &[Window],
        batch: &[usize],
    ) -> Result<Vec<WindowReading>, ModelError> {
        let rows: Vec<&Window> = batch.iter().map(|index| &windows[*index]).collect();
        let layout = Layout::new(&rows);
        let bert = &self.model.bert;
        tch::no_grad(|| {
            let (hidden, mask) = self.embed(&layout, &rows)?;
            let shared = self.heads().map_or(0, |heads| heads.shared_layers);
            let hidden = bert.run(0..shared, hidden, &mask);
            let outputs = match &self.model.task {
                Some(task) => {
                    let shared = hidden.shallow_clone();
                    Some(task.network.forward(shared, &mask, &layout, None)?)
                }
                None => None,
            };
            let hidden = bert.run(shared..bert.depth(), hidden, &mask);
            let sums = self.sums(&hidden, &layout)?;
            readings(batch, &layout, sums, outputs.as_ref())
        })
    }

    /// The sum over each row, then over each piece.
    fn sums(&self, hidden: &Tensor, layout: &Layout) -> Result<Vec<Vec<f32>>, ModelError> {
        let hidden = hidden
            .f_to_kind(Kind::Float)?
            .f_view([-1, self.dimensions as i64])?;
        lines(&layout.sums()?.f_mm(&hidden)?)
    }

    fn gather(
        &self,
        documents: &[Document],
        windows: &[Window],
        mut readings: Vec<WindowReading>,
    ) -> Vec<Pooled> {
        readings.sort_by_key(|reading| reading.window);
        let shapes: Vec<Vec<usize>> = documents
            .iter()
            .map(|document| document.units.iter().map(|u| u.sentences.len()).collect())
            .collect();
        let sentences = shapes.iter().map(|shape| shape.iter().sum());
        let mut gathered: Vec<(Sums, Scores)> = sentences
            .map(|count| (Sums::new(count, self.dimensions), Scores::new(count)))
            .collect();
        for reading in readings {
            let window = &windows[reading.window];
            let (sums, scores) = &mut gathered[window.document];
            sums.add(window, &reading.whole, &reading.pieces);
            if let Some(task) = reading.task {
                scores.add(window, task);
            }
        }
        gathered
            .into_iter()
            .zip(shapes)
            .map(|((sums, scores), shape)| Pooled {
                scores: self.model.task.as_ref().map(|_| scores),
                ..sums.pooled(&shape)
            })
            .collect()
    }
}

/// Takes a batch's numbers apart, window by window.
fn readings(
    batch: &[usize],
    layout: &Layout,
    sums: Vec<Vec<f32>>,
    outputs: Option<&Outputs>,
) -> Result<Vec<WindowReading>, ModelError> {
    let mut sums = sums.into_iter();
    let wholes: Vec<Vec<f32>> = sums.by_ref().take(batch.len()).collect();
    let mut tasks = match outputs {
        Some(outputs) => window_scores(layout, outputs)?
            .into_iter()
            .map(Some)
            .collect(),
        None => Vec::new(),
    }
    .into_iter();
    let parts = batch.iter().zip(wholes).zip(layout.pieces_per_row());
    Ok(parts
        .map(|((window, whole), pieces)| WindowReading {
            window: *window,
            whole,
            pieces: sums.by_ref().take(pieces).collect(),
            task: tasks.next().flatten(),
        })
        .collect())
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
