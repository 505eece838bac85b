//! Loads what labels text: encoder, text pipeline and taxonomy, as configured.

use voc_model::{Analyzer, Encoder, FewShotHeads, ModelFolder, PrecisionChoice, TrainedHeads};
use voc_text::TextPipeline;

use crate::config::Config;
use crate::failure::Failure;
use crate::places;

/// Loads the encoder in the number type chosen for this machine, with the trained heads.
///
/// # Errors
/// [`Failure::Usage`] naming what is missing and how to get it.
pub fn encoder(config: &Config) -> Result<Encoder, Failure> {
    let folder = ModelFolder::open(&config.model_folder()?)?;
    let choice = PrecisionChoice::load(&places::precision_file(&folder.id())?)?;
    let encoder = Encoder::load(&folder, choice.precision, config.limits.threads)?;
    if let Some(own) = config.heads_folder() {
        return Ok(encoder.with_heads(&TrainedHeads::load(&own)?, &folder)?);
    }
    let shipped = TrainedHeads::shipped()?;
    let fitted = &shipped.description().encoder;
    if *fitted != folder.id() {
        tracing::warn!(
            "the trained heads fit {fitted}, not {}: labels come from the nearest examples. \
             `voc train` makes heads for this encoder",
            folder.id()
        );
        return Ok(encoder);
    }
    Ok(encoder.with_heads(&shipped, &folder)?)
}

/// Loads everything that labels a record.
///
/// # Errors
/// As [`encoder`], and for a taxonomy or options that cannot be used.
pub fn analyzer(config: &Config) -> Result<Analyzer, Failure> {
    let taxonomy = config.taxonomy()?;
    let text = TextPipeline::new(&config.text).map_err(Failure::usage)?;
    let examples = places::examples_folder()?;
    let analyzer = Analyzer::new(text, encoder(config)?, &taxonomy, Some(&examples))?;
    match config.few_shot_file() {
        Some(file) => Ok(analyzer.with_few_shot(FewShotHeads::load(&file)?, &taxonomy)?),
        None => Ok(analyzer),
    }
}
