//! One training, from texts to heads.

use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tch::Tensor;
use voc_core::{Kind, Sentiment, ThemeId, Touchpoint, Urgency};
use voc_model::{Encoder, HeadsDescription, ModelFolder, Origin, TaskNetwork, TrainedHeads};

use crate::adamw::AdamW;
use crate::checkpoint::{Checkpoint, State};
use crate::decide::decide;
use crate::loss::loss;
use crate::memory;
use crate::schedule::{batches, rate};
use crate::texts::{Batch, Texts};
use crate::{Targets, TrainError};

/// Texts that one thread works on at a time.
const PART: usize = 8;
/// Centre and spread of what the heads look at are taken from at least so many batches, evenly
/// over all lengths.
const SAMPLED_BATCHES: usize = 64;

/// How to train.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Layers shared with the encoder; copies of the others are trained.
    pub shared_layers: usize,
    /// Passes over the texts.
    pub epochs: usize,
    /// Texts per step.
    pub batch: usize,
    /// Highest learning rate of the layers.
    pub layer_rate: f64,
    /// Highest learning rate of the heads, which start from nothing.
    pub head_rate: f64,
    /// Seed of all draws.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shared_layers: 8,
            epochs: 3,
            batch: 32,
            layer_rate: 3e-4,
            head_rate: 1e-3,
            seed: 1,
        }
    }
}

/// What a training is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The pass, from 1.
    pub epoch: usize,
    /// Steps done over all passes.
    pub step: usize,
    /// Steps over all passes.
    pub steps: usize,
    /// Mean loss of this pass so far.
    pub loss: f64,
}

/// What heads are trained on top of.
pub struct Base<'a> {
    /// The encoder's folder.
    pub model: &'a ModelFolder,
    /// The encoder, in 32-bit floats.
    pub encoder: &'a Encoder,
    /// The themes to know.
    pub themes: &'a [ThemeId],
    /// Threads to work on.
    pub threads: usize,
}

/// Trains heads on `train`, sets their decisions on `development`, tells `progress` after
/// each step, and saves the heads in `folder`. It keeps its checkpoint there until then, and
/// goes on from one that it finds.
///
/// # Errors
/// [`TrainError::NoTexts`], [`TrainError::Diverged`], [`TrainError::Checkpoint`], or
/// [`TrainError::Model`] where the heads cannot be saved, and what the encoder and libtorch
/// refuse.
pub fn train(
    base: &Base<'_>,
    [train, development]: [&Texts; 2],
    settings: &Settings,
    folder: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<TrainedHeads, TrainError> {
    let Base { model, themes, .. } = base;
    for (texts, name) in [(train, "training"), (development, "development")] {
        if texts.is_empty() {
            return Err(TrainError::NoTexts(name));
        }
    }
    tch::set_num_threads(i32::try_from(base.threads).unwrap_or(1));
    memory::keep();
    let origin = Origin {
        texts: train.len(),
        development_texts: development.len(),
        sha256: train.sha256.clone(),
        development_sha256: development.sha256.clone(),
        epochs: settings.epochs,
        seed: settings.seed,
    };
    let mut run = Run::start(base, train, settings)?;
    let checkpoint = Checkpoint::new(folder, fingerprint(&model.id(), settings, train, themes));
    let done = run.resume(&checkpoint)?;
    for epoch in done..settings.epochs {
        run.pass(epoch, train, progress)?;
        checkpoint.write(&run.state(epoch + 1))?;
    }
    // Decisions are fitted to the weights as they will be stored.
    run.network.round()?;
    let heads = decided(
        &run.network,
        base,
        development,
        settings.shared_layers,
        origin,
    )?;
    heads.save(folder)?;
    checkpoint.remove()?;
    Ok(heads)
}

/// Heads with the weights of `heads`, whose decisions are fitted to `development` instead.
///
/// # Errors
/// [`TrainError::NoTexts`], or what the encoder and libtorch refuse.
pub fn decide_anew(
    base: &Base<'_>,
    heads: &TrainedHeads,
    development: &Texts,
) -> Result<TrainedHeads, TrainError> {
    if development.is_empty() {
        return Err(TrainError::NoTexts("development"));
    }
    let network = heads.network(base.model)?;
    let description = heads.description();
    let origin = Origin {
        development_texts: development.len(),
        development_sha256: development.sha256.clone(),
        ..description.origin.clone()
    };
    decided(
        &network,
        base,
        development,
        description.shared_layers,
        origin,
    )
}

/// The heads of `network`, with decisions fitted to `development`.
fn decided(
    network: &TaskNetwork,
    base: &Base<'_>,
    development: &Texts,
    shared_layers: usize,
    origin: Origin,
) -> Result<TrainedHeads, TrainError> {
    let weights = network.variables().into_iter();
    let weights = weights.map(|(name, variable)| (name, variable.detach()));
    let description = HeadsDescription {
        id: String::new(),
        encoder: base.model.id(),
        shared_layers,
        themes: base.themes.to_vec(),
        origin,
        decisions: decide(network, development, base.themes)?,
    };
    Ok(TrainedHeads::new(description, weights.collect())?)
}

/// A training under way.
struct Run<'s> {
    pool: rayon::ThreadPool,
    network: TaskNetwork,
    optimiser: AdamW,
    settings: &'s Settings,
    step: usize,
    steps: usize,
}

impl<'s> Run<'s> {
    fn start(base: &Base<'_>, texts: &Texts, settings: &'s Settings) -> Result<Self, TrainError> {
        let themes = base.themes.len();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(base.threads)
            .thread_name(|index| format!("training-{index}"))
            .start_handler(|_| tch::set_num_threads(1))
            .build()
            .map_err(|error| TrainError::Threads(error.to_string()))?;
        tch::manual_seed(settings.seed as i64);
        let mut network = TaskNetwork::new(base.model, settings.shared_layers, themes)?;
        base.encoder.start(&mut network);
        let plain = texts.by_length(settings.batch);
        let sample = plain.iter().step_by((plain.len() / SAMPLED_BATCHES).max(1));
        let inputs = sample.map(|indexes| texts.batch(indexes).map(Batch::into_input));
        network.standardise(inputs)?;
        let (answers, of_themes) = priors(texts, themes);
        network.set_offsets(&answers, &of_themes)?;
        let rate = |name: &str| match name.starts_with("layer") {
            true => settings.layer_rate,
            false => settings.head_rate,
        };
        Ok(Self {
            pool,
            optimiser: AdamW::new(network.variables(), rate),
            network,
            settings,
            step: 0,
            steps: texts.len().div_ceil(settings.batch) * settings.epochs,
        })
    }

    /// Goes on from `checkpoint` if there is one; returns the passes already done.
    fn resume(&mut self, checkpoint: &Checkpoint) -> Result<usize, TrainError> {
        let Some(state) = checkpoint.read()? else {
            return Ok(0);
        };
        let variables = self.network.set(&state.variables);
        if variables.is_err() || !self.optimiser.resume(state.steps, &state.moments) {
            return Err(checkpoint.incomplete());
        }
        self.step = usize::try_from(state.steps).unwrap_or(0);
        Ok(state.epochs)
    }

    fn pass(
        &mut self,
        epoch: usize,
        texts: &Texts,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), TrainError> {
        let seed = self.settings.seed;
        let lengths: Vec<usize> = texts.all.iter().map(|text| text.window.ids.len()).collect();
        let mut total = 0.0;
        let batches = batches(&lengths, self.settings.batch, seed, epoch);
        for (done, indexes) in batches.iter().enumerate() {
            let (loss, gradients) = self.gradients(texts, indexes)?;
            total += loss;
            if !total.is_finite() {
                return Err(TrainError::Diverged { epoch: epoch + 1 });
            }
            self.optimiser
                .step(&gradients, rate(self.step, self.steps))?;
            self.step += 1;
            progress(Progress {
                epoch: epoch + 1,
                step: self.step,
                steps: self.steps,
                loss: total / (done + 1) as f64,
            });
        }
        Ok(())
    }

    /// The loss over the texts at `indexes` and its gradients. Parts of the batch are worked
    /// on beside each other; they are the same whatever the number of threads, and are
    /// added up in order.
    fn gradients(
        &self,
        texts: &Texts,
        indexes: &[usize],
    ) -> Result<(f64, Vec<Tensor>), TrainError> {
        let parts = indexes.chunks(PART).enumerate();
        let parts: Vec<(u64, Batch<'_>)> = parts
            .map(|(part, indexes)| Ok((self.draws(part), texts.batch(indexes)?)))
            .collect::<Result<_, TrainError>>()?;
        let variables = SharedVariables(self.optimiser.variables());
        let network = &self.network;
        let work =
            |(draws, batch)| part_gradients(network, &variables, draws, batch, indexes.len());
        let answers: Vec<(f64, Vec<Tensor>)> = self.pool.install(|| {
            let parts = parts.into_par_iter().map(work);
            parts.collect::<Result<_, TrainError>>()
        })?;
        let mut answers = answers.into_iter();
        let (mut loss, mut sum) = answers.next().unwrap_or_default();
        for (part, gradients) in answers {
            loss += part;
            for (sum, gradient) in sum.iter_mut().zip(gradients) {
                let _ = sum.f_add_(&gradient)?;
            }
        }
        Ok((loss, sum))
    }

    /// The seed of what is hidden from `part` of this step's batch.
    fn draws(&self, part: usize) -> u64 {
        let mut rng = fastrand::Rng::with_seed(self.settings.seed);
        rng.u64(..) ^ ((self.step as u64) << 8) ^ part as u64
    }

    fn state(&self, epochs: usize) -> State {
        let (steps, moments) = self.optimiser.state();
        State {
            epochs,
            steps,
            variables: self.network.variables(),
            moments,
        }
    }
}

/// The variables that gradients are taken of.
struct SharedVariables(Vec<Tensor>);

// SAFETY: libtorch's tensors count references atomically; taking gradients only reads them.
unsafe impl Sync for SharedVariables {}

/// A part's share of the loss over `all` texts, and its gradients.
fn part_gradients(
    network: &TaskNetwork,
    variables: &SharedVariables,
    draws: u64,
    batch: Batch<'_>,
    all: usize,
) -> Result<(f64, Vec<Tensor>), TrainError> {
    let mut hide = fastrand::Rng::with_seed(draws);
    let hidden = batch.hidden.shallow_clone();
    let outputs = network.forward(hidden, &batch.mask, &batch.layout, Some(&mut hide))?;
    let share = batch.texts.len() as f64 / all as f64;
    let loss = loss(&outputs, &batch)? * share;
    let gradients = Tensor::f_run_backward(&[&loss], &variables.0, false, false)?;
    Ok((loss.f_double_value(&[])?, gradients))
}

/// How likely each answer and theme is before anything is read, as scores: heads that start
/// there need not learn first what is rare.
fn priors(texts: &Texts, themes: usize) -> (Vec<f32>, Vec<f32>) {
    let count = texts.len() as f32;
    let of = |holds: &dyn Fn(&Targets) -> bool| {
        let hits = texts.all.iter().filter(|text| holds(&text.targets)).count() as f32;
        (hits + 0.5) / (count + 1.0)
    };
    let odds = |p: f32| (p / (1.0 - p)).ln();
    let choice = |labels: usize, target: fn(&Targets) -> i64| {
        let labels = 0..labels as i64;
        labels.map(move |label| of(&|targets| target(targets) == label).ln())
    };
    let kinds = (0..Kind::ALL.len()).map(|kind| odds(of(&|t| t.kinds[kind] > 0.5)));
    let answers = kinds
        .chain(choice(Sentiment::ALL.len(), |t| t.sentiment))
        .chain(choice(Urgency::ALL.len(), |t| t.urgency))
        .chain(choice(Touchpoint::ALL.len() + 1, |t| t.touchpoint));
    let sentences: Vec<_> = texts
        .all
        .iter()
        .flat_map(|t| &t.targets.sentences)
        .collect();
    let themes = (0..themes).map(|theme| {
        let hits = sentences
            .iter()
            .filter(|spoken| spoken.contains_key(&theme))
            .count() as f32;
        odds((hits + 0.5) / (sentences.len() as f32 + 1.0))
    });
    (answers.collect(), themes.collect())
}

/// What a checkpoint must share to be gone on from.
fn fingerprint(model: &str, settings: &Settings, texts: &Texts, themes: &[ThemeId]) -> String {
    let of = format!("{model} {settings:?} {} {themes:?}", texts.sha256);
    sha256(&of).chars().take(16).collect()
}

fn sha256(of: &str) -> String {
    let digest = Sha256::digest(of.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
