//! Keeps the search index in step with the store.
//!
//! The index knows the store's version it was made from. Whatever came later is applied;
//! an index that is missing, damaged or of another form is made anew.

use std::fs::{File, OpenOptions};

use voc_core::ThemeId;
use voc_index::{Document, Index, IndexError};
use voc_store::{Change, Snapshot, Store, Stored};

use crate::config::Config;
use crate::failure::Failure;

/// Bytes tantivy may gather before it writes a segment.
pub const MEMORY: usize = 64 << 20;

/// Applies what the index lacks. Returns how many documents changed.
///
/// # Errors
/// [`Failure`] if the store cannot be read or the index cannot be written.
pub fn catch_up(config: &Config, store: &Store) -> Result<u64, Failure> {
    let _turn = turn(config)?;
    let index = match Index::open(&config.index_folder()) {
        Ok(index) => index,
        Err(error @ IndexError::Unusable { .. }) => {
            tracing::warn!("{error}; making it anew");
            return fill(config, store);
        }
        Err(error) => return Err(error.into()),
    };
    let snapshot = store.snapshot()?;
    match index.version()? {
        Some(version) if version == snapshot.version() => Ok(0),
        // An index from the future belongs to another store, or to one that was restored.
        Some(version) if version > snapshot.version() => fill(config, store),
        version => apply(config, &index, &snapshot, version.unwrap_or(0)),
    }
}

/// Makes the index from nothing. Returns how many documents it holds.
///
/// # Errors
/// As [`catch_up`].
pub fn make_anew(config: &Config, store: &Store) -> Result<u64, Failure> {
    let _turn = turn(config)?;
    fill(config, store)
}

/// Waits until no other process writes the index, and keeps others waiting until dropped: a
/// person may correct a label while the nightly run is at its end.
fn turn(config: &Config) -> Result<File, Failure> {
    let path = config.data().join("index.lock");
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(&path);
    let locked = file.and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| Failure::failed(format!("cannot lock {}: {error}", path.display())))
}

fn fill(config: &Config, store: &Store) -> Result<u64, Failure> {
    let index = Index::create_anew(&config.index_folder())?;
    apply(config, &index, &store.snapshot()?, 0)
}

fn apply(config: &Config, index: &Index, snapshot: &Snapshot, since: u64) -> Result<u64, Failure> {
    let mut writer = index.writer(MEMORY)?;
    let mut changed = 0;
    snapshot.changes_since(since, &mut |change| -> Result<(), Failure> {
        changed += 1;
        match &change {
            Change::Upsert(stored) => upsert(config, &mut writer, stored)?,
            Change::Delete { row, .. } => writer.delete(*row),
        }
        Ok(())
    })?;
    writer.commit(snapshot.version())?;
    Ok(changed)
}

fn upsert(
    config: &Config,
    writer: &mut voc_index::IndexWriter,
    stored: &Stored,
) -> Result<(), IndexError> {
    let (record, annotation) = (&stored.record, &stored.annotation);
    let kinds: Vec<_> = annotation.kinds.iter().map(|kind| kind.id).collect();
    let themes: Vec<ThemeId> = annotation
        .mentions
        .iter()
        .map(|m| m.theme.clone())
        .collect();
    let texts = record
        .parts()
        .into_iter()
        .filter(|(part, _, _)| *part != voc_core::Part::Title);
    writer.upsert(&Document {
        row: stored.row,
        source: &record.source,
        id: &record.id,
        language: annotation.lang.code,
        channel: record.channel,
        day: record.created_at.to_zoned(config.zone().clone()).date(),
        kinds: &kinds,
        themes: &themes,
        sentiment: annotation.sentiment.label,
        urgency: annotation.urgency,
        touchpoint: annotation.touchpoint,
        title: record.title.as_deref(),
        texts: texts.map(|(_, _, text)| text).collect(),
    })
}
