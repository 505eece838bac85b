//! `voc correct`: a person's word on a record's labels.

mod file;
mod shown;

use jiff::Timestamp;
use voc_core::{Correction, RecordKey, Taxonomy, ThemeId};
use voc_store::{LabelChange, Revised, Revision, Store, StoreError, StoreLock};
use voc_text::TextPipeline;

use crate::args::{Common, CorrectArgs};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::gold_files::at_line;
use crate::indexing;

/// Corrects, withdraws or shows.
///
/// # Errors
/// [`Failure::Usage`] before the first run, for a record that is not in the store and for a
/// correction that does not fit; nothing is written then.
pub fn correct(common: &Common, args: &CorrectArgs) -> Result<Outcome, Failure> {
    let config = Config::load(&common.config)?;
    if !config.store_file().exists() {
        return Err(Failure::usage(
            "there is nothing to correct yet; `voc run` comes first",
        ));
    }
    let store = Store::open(&config.store_file())?;
    let as_of = args.as_of.unwrap_or_else(Timestamp::now);
    match (&args.from, &args.source, &args.id) {
        (Some(file), _, _) => {
            let lines = file::read(file, args, as_of, &config.taxonomy()?)?;
            let (lines, mut revisions): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
            redact(&config, &mut revisions)?;
            let revised = revise(&config, &store, revisions);
            let revised = revised.map_err(|error| at_line(file, &lines, error))?;
            finish(&config, &store, args, &revised)
        }
        (None, Some(source), Some(id)) => {
            let (source, id) = (source.clone(), id.clone());
            one(&config, &store, args, RecordKey { source, id }, as_of)
        }
        _ => shown::list(&store, args.output.format),
    }
}

/// What is asked about the record under `key`.
fn one(
    config: &Config,
    store: &Store,
    args: &CorrectArgs,
    key: RecordKey,
    as_of: Timestamp,
) -> Result<Outcome, Failure> {
    let Some(by) = args.by.clone() else {
        return shown::record(store, &key, args.output.format);
    };
    let change = if args.withdraw {
        LabelChange::Withdraw
    } else {
        let correction = args.correction();
        check(&correction, &config.taxonomy()?)?;
        LabelChange::Correct(correction)
    };
    let mut revisions = vec![Revision {
        key,
        at: as_of,
        by,
        note: args.note.clone(),
        change,
    }];
    redact(config, &mut revisions)?;
    let revised = revise(config, store, revisions)?;
    finish(config, store, args, &revised)
}

/// Whether a correction says something, of themes that there are.
fn check(correction: &Correction, taxonomy: &Taxonomy) -> Result<(), Failure> {
    if correction.is_empty() {
        return Err(Failure::usage(
            "say which labels hold, e.g. `--kinds praise`; see `voc correct --help`",
        ));
    }
    known_themes(correction.themes.keys(), taxonomy)
}

/// Whether the taxonomy has all `themes`.
///
/// # Errors
/// [`Failure::Usage`] naming the first that it lacks.
pub fn known_themes<'t>(
    mut themes: impl Iterator<Item = &'t ThemeId>,
    taxonomy: &Taxonomy,
) -> Result<(), Failure> {
    match themes.find(|theme| taxonomy.theme(theme).is_none()) {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<&str> = taxonomy.themes.iter().map(|t| t.id.as_str()).collect();
            let known = known.join(", ");
            Err(Failure::usage(format!(
                "the taxonomy has no theme `{unknown}`; there are: {known}"
            )))
        }
    }
}

/// Takes personal data out of the notes: an employee may well name a customer's number.
fn redact(config: &Config, revisions: &mut [Revision]) -> Result<(), Failure> {
    let text = TextPipeline::new(&config.text).map_err(Failure::usage)?;
    for note in revisions.iter_mut().filter_map(|r| r.note.as_mut()) {
        *note = text.prepare(note).text;
    }
    Ok(())
}

/// Writes the revisions. A run that is going on is not in the way: each of its transactions
/// is short, and is waited for.
fn revise(
    config: &Config,
    store: &Store,
    revisions: Vec<Revision>,
) -> Result<Vec<Revised>, StoreError> {
    let _lock = StoreLock::to_write(&config.data())?;
    let writer = store.writer(config.zone().clone())?;
    writer.revise(revisions)?.wait()
}

/// Brings the index up to date and tells what changed.
fn finish(
    config: &Config,
    store: &Store,
    args: &CorrectArgs,
    revised: &[Revised],
) -> Result<Outcome, Failure> {
    let indexed = indexing::catch_up(config, store);
    shown::revised(revised, args.output.format)?;
    match indexed {
        Ok(_) => Ok(Outcome::Done),
        Err(failure) => {
            tracing::warn!("the correction is stored, but search does not know it yet: {failure}");
            Ok(Outcome::Incomplete)
        }
    }
}
