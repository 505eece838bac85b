//! `voc train`: heads from labelled records, or from a few examples of themes of one's own.

mod few_shot;

use std::path::Path;

use indicatif::ProgressBar;
use serde::Serialize;
use voc_core::ThemeId;
use voc_eval::{Gold, GoldRecord};
use voc_model::{Encoder, HeadsDescription, ModelFolder, Precision, TrainedHeads};
use voc_store::{Corrected, Store};
use voc_text::TextPipeline;
use voc_train::{Base, Progress, Settings, Texts};

use super::analyze::optional_config;
use crate::args::{Common, TrainArgs};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::gold_files::read_gold;
use crate::terminal;

/// Trains heads, which are saved when they are done, or does what a flag says instead.
///
/// # Errors
/// [`Failure::Usage`] for records that cannot be read or an output that cannot be written.
pub fn train(common: &Common, args: &TrainArgs) -> Result<Outcome, Failure> {
    if let Some(examples) = &args.few_shot {
        return few_shot::few_shot(common, args, examples);
    }
    if let Some(heads) = &args.thresholds_of {
        return set_thresholds(common, args, heads);
    }
    let settings = settings(args)?;
    let mut data = read_gold(&args.data)?;
    let development = read_gold(&args.development)?;
    draw(&mut data, args.share, args.seed);
    let config = optional_config(common)?;
    let corrected = match args.corrections {
        true => corrected(&config)?,
        false => Vec::new(),
    };
    let corrections = corrected.len();
    data.extend(corrected);
    let themes = config.taxonomy()?.themes.into_iter();
    let trainer = Trainer::new(&config, themes.map(|theme| theme.id).collect())?;
    let heads = trainer.train(common, args, &settings, [&data, &development])?;
    let description = heads.description();
    let among = match args.corrections {
        true => format!(", {corrections} of them corrected in the store"),
        false => String::new(),
    };
    let done = format!(
        "Trained {} on {} texts{among}; thresholds were set on {}.",
        description.id, description.origin.texts, description.origin.development_texts
    );
    tell(args, description, corrections, &done)
}

/// Fits the thresholds of the heads in `folder` to the development records.
fn set_thresholds(common: &Common, args: &TrainArgs, folder: &Path) -> Result<Outcome, Failure> {
    let development = read_gold(&args.development)?;
    let heads = TrainedHeads::load(folder)?;
    let known = heads.description();
    let trainer = Trainer::new(&optional_config(common)?, known.themes.clone())?;
    let texts = trainer.texts(&development, known.shared_layers)?;
    let heads = voc_train::decide_anew(&trainer.base(), &heads, &texts)?;
    heads.save(&args.to)?;
    let description = heads.description();
    let done = format!(
        "Set the thresholds of {} anew on {} texts: they are {} now.",
        known.id, description.origin.development_texts, description.id
    );
    tell(args, description, 0, &done)
}

fn tell(
    args: &TrainArgs,
    description: &HeadsDescription,
    corrections: usize,
    done: &str,
) -> Result<Outcome, Failure> {
    let folder = args.to.display();
    let text = format!(
        "{done} They are in {folder}.\n\
         Measure them: voc eval --heads {folder} --gold FILE\n\
         Use them: name the folder as `heads` under [model] in voc.toml.\n",
    );
    let trained = Trained {
        description,
        corrections,
    };
    terminal::print(args.output.format, &trained, &text)?;
    Ok(Outcome::Done)
}

/// What the command prints as JSON.
#[derive(Serialize)]
struct Trained<'h> {
    #[serde(flatten)]
    description: &'h HeadsDescription,
    /// Records among the texts whose labels a person corrected.
    corrections: usize,
}

/// The store's corrected records with the labels that hold.
fn corrected(config: &Config) -> Result<Vec<GoldRecord>, Failure> {
    if !config.store_file().exists() {
        return Err(Failure::usage(
            "there are no corrections yet; `voc run` and `voc correct` come first",
        ));
    }
    let mut records = Vec::new();
    let snapshot = Store::open(&config.store_file())?.snapshot()?;
    snapshot.corrected(&mut |Corrected { stored, .. }| {
        let mut gold = Gold::from_annotation(&stored.annotation);
        // It stood in the text as given; the stored one has placeholders instead.
        gold.pii.clear();
        let record = stored.record;
        records.push(GoldRecord { record, gold });
    })?;
    Ok(records)
}

fn settings(args: &TrainArgs) -> Result<Settings, Failure> {
    if !(args.share > 0.0 && args.share <= 1.0) {
        return Err(Failure::usage("--share lies above 0 and is at most 1"));
    }
    if args.epochs == 0 {
        return Err(Failure::usage("--epochs is at least 1"));
    }
    Ok(Settings {
        shared_layers: args.shared_layers,
        epochs: args.epochs,
        seed: args.seed,
        ..Settings::default()
    })
}

/// Keeps a share of the records, at least one.
fn draw(records: &mut Vec<GoldRecord>, share: f64, seed: u64) {
    fastrand::Rng::with_seed(seed).shuffle(records);
    let kept = (records.len() as f64 * share).round() as usize;
    records.truncate(kept.max(1));
}

/// What reads texts for a training.
struct Trainer {
    folder: ModelFolder,
    encoder: Encoder,
    text: TextPipeline,
    themes: Vec<ThemeId>,
    threads: usize,
}

impl Trainer {
    fn new(config: &Config, themes: Vec<ThemeId>) -> Result<Self, Failure> {
        let folder = ModelFolder::open(&config.model_folder()?)?;
        let threads = match config.limits.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        Ok(Self {
            // Gradients need the exact type, whatever is fastest for reading.
            encoder: Encoder::load(&folder, Precision::F32, threads)?,
            text: TextPipeline::new(&config.text).map_err(Failure::usage)?,
            themes,
            folder,
            threads,
        })
    }

    fn train(
        &self,
        common: &Common,
        args: &TrainArgs,
        settings: &Settings,
        records: [&[GoldRecord]; 2],
    ) -> Result<TrainedHeads, Failure> {
        tracing::info!("reading {} records", records[0].len() + records[1].len());
        let texts = |records| self.texts(records, settings.shared_layers);
        let (data, development) = (texts(records[0])?, texts(records[1])?);
        let mut shown = Shown::new(common);
        let texts = [&data, &development];
        let mut show = |progress| shown.show(progress);
        let heads = voc_train::train(&self.base(), texts, settings, &args.to, &mut show)?;
        shown.bar.finish_and_clear();
        Ok(heads)
    }

    fn texts(&self, records: &[GoldRecord], layers: usize) -> Result<Texts, Failure> {
        Ok(Texts::new(
            records,
            &self.themes,
            &self.text,
            &self.encoder,
            layers,
        )?)
    }

    fn base(&self) -> Base<'_> {
        Base {
            model: &self.folder,
            encoder: &self.encoder,
            themes: &self.themes,
            threads: self.threads,
        }
    }
}

/// A bar for the steps, and a line for each pass.
struct Shown<'c> {
    common: &'c Common,
    bar: ProgressBar,
    last: Option<Progress>,
}

impl<'c> Shown<'c> {
    fn new(common: &'c Common) -> Self {
        Self {
            common,
            bar: ProgressBar::hidden(),
            last: None,
        }
    }

    fn show(&mut self, progress: Progress) {
        match self.last {
            None => {
                let template = "{bar:30} {pos}/{len} steps  {msg}  {eta} left";
                self.bar = terminal::progress(self.common, progress.steps as u64, template);
            }
            Some(last) if last.epoch < progress.epoch => {
                tracing::info!("pass {}: loss {:.3}", last.epoch, last.loss);
            }
            Some(_) => {}
        }
        self.bar.set_position(progress.step as u64);
        self.bar.set_message(format!("loss {:.3}", progress.loss));
        self.last = Some(progress);
    }
}
