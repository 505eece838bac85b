//! Labelled records as the network sees them.

use sha2::{Digest, Sha256};
use tch::{Kind, Tensor};
use voc_core::ThemeId;
use voc_eval::GoldRecord;
use voc_model::{Document, Encoder, Layout, ModelError, PreparedRecord, Window};
use voc_text::TextPipeline;

use crate::{Targets, TrainError};

/// Labelled records with their hidden states after the shared layers.
pub struct Texts {
    pub(crate) all: Vec<Text>,
    /// Per text, \[tokens, dimensions\].
    hidden: Vec<Tensor>,
    pub(crate) sha256: String,
}

/// One record: its tokens and what is to be said.
pub(crate) struct Text {
    pub window: Window,
    pub targets: Targets,
}

/// Some records as one batch.
pub(crate) struct Batch<'t> {
    pub texts: Vec<&'t Text>,
    /// \[texts, tokens, dimensions\].
    pub hidden: Tensor,
    pub mask: Tensor,
    pub layout: Layout,
}

impl Texts {
    /// Runs the first `layers` layers of `encoder` over `records`. Records without words of
    /// a customer are left out; of one longer than a window, its first window is taken.
    ///
    /// # Errors
    /// [`TrainError::Model`] if the encoder fails.
    pub fn new(
        records: &[GoldRecord],
        themes: &[ThemeId],
        text: &TextPipeline,
        encoder: &Encoder,
        layers: usize,
    ) -> Result<Self, TrainError> {
        let plain: Vec<_> = records.iter().map(|gold| gold.record.clone()).collect();
        let prepared = encoder.install(|| PreparedRecord::all(text, &plain));
        let documents: Vec<Document> = prepared.iter().map(PreparedRecord::document).collect();
        let mut windows = encoder.windows(&documents)?;
        windows.dedup_by_key(|window| window.document);
        let hidden = encoder.hidden(&windows, layers)?;
        let all = windows.into_iter().map(|window| {
            let index = window.document;
            Text {
                targets: Targets::new(&records[index].gold, &prepared[index], themes),
                window,
            }
        });
        Ok(Self {
            all: all.collect(),
            hidden,
            sha256: digest(records),
        })
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The texts at `indexes` as one batch.
    pub(crate) fn batch(&self, indexes: &[usize]) -> Result<Batch<'_>, ModelError> {
        let texts: Vec<&Text> = indexes.iter().map(|index| &self.all[*index]).collect();
        let windows: Vec<&Window> = texts.iter().map(|text| &text.window).collect();
        let layout = Layout::new(&windows);
        let longest = layout.longest();
        let padded = indexes.iter().map(|index| {
            let missing = (longest - self.all[*index].window.ids.len()) as i64;
            self.hidden[*index].f_constant_pad_nd([0, 0, 0, missing])
        });
        let padded: Vec<Tensor> = padded.collect::<Result<_, _>>()?;
        Ok(Batch {
            hidden: Tensor::f_stack(&padded, 0)?,
            mask: layout.mask(Kind::Float)?,
            layout,
            texts,
        })
    }

    /// Batches of up to `size` texts of similar length, for passes that train nothing.
    pub(crate) fn by_length(&self, size: usize) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|index| self.all[*index].window.ids.len());
        order.chunks(size).map(<[usize]>::to_vec).collect()
    }
}

impl Batch<'_> {
    /// What the network takes.
    pub fn into_input(self) -> (Tensor, Tensor, Layout) {
        (self.hidden, self.mask, self.layout)
    }
}

/// Over everything that is learned from, in order.
fn digest(records: &[GoldRecord]) -> String {
    let mut hasher = Sha256::new();
    for record in records {
        let GoldRecord { record, gold } = record;
        let read = (&record.channel, &record.title, &record.body, gold);
        hasher.update(format!("{read:?}\n"));
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
