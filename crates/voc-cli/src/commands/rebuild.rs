//! `voc rebuild`: the search index from the store, or labels and vectors from the texts.

use jiff::Timestamp;
use serde::Serialize;
use voc_model::Analyzer;
use voc_store::{
    Bookmark, Change, Chunk, ChunkCounts, RunEnd, RunId, RunLock, RunOutcome, RunStart, Store,
    StoreLock, Stored, Writer,
};

use crate::args::{Common, RebuildArgs};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::nightly::{CHUNK, entry};
use crate::{engine, indexing, terminal};

#[derive(Serialize)]
struct Rebuilt {
    indexed: u64,
    reencoded: u64,
}

/// Makes the index anew; with `--reencode`, labels every record of another model or taxonomy
/// again first.
///
/// # Errors
/// [`Failure`] if a run is going on, or store, model or index cannot be used.
pub fn rebuild(common: &Common, args: &RebuildArgs) -> Result<Outcome, Failure> {
    let config = Config::load(&common.config)?;
    let _lock = RunLock::acquire(&config.data())?;
    let reencoded = if args.reencode {
        reencode(common, &config)?
    } else {
        0
    };
    let store = Store::open(&config.store_file())?;
    let indexed = indexing::make_anew(&config, &store)?;
    let mut text = format!("Indexed {indexed} records.\n");
    if args.reencode {
        text = format!("Labelled {reencoded} records again.\n{text}");
    }
    terminal::print(args.output.format, &Rebuilt { indexed, reencoded }, &text)?;
    Ok(Outcome::Done)
}

/// Works on a copy of the store, so that reports and searches see the old labels until all
/// are new. The copy is named after the store's version: one that an interrupted rebuild
/// left is gone on with, unless the store has changed since. Nobody else may write meanwhile:
/// it would be lost with the old store.
fn reencode(common: &Common, config: &Config) -> Result<u64, Failure> {
    let analyzer = engine::analyzer(config)?;
    let _lock = StoreLock::to_replace(&config.data())?;
    let store = Store::open(&config.store_file())?;
    let version = store.snapshot()?.version();
    let next = config
        .store_file()
        .with_extension(format!("v{version}.next"));
    if !next.exists() {
        store.copy_to(&next)?;
    }
    drop(store);
    let copy = Store::open(&next)?;
    let relabelled = relabel_all(common, config, &analyzer, &copy)?;
    copy.move_to(&config.store_file())?;
    Ok(relabelled)
}

fn relabel_all(
    common: &Common,
    config: &Config,
    analyzer: &Analyzer,
    copy: &Store,
) -> Result<u64, Failure> {
    let snapshot = copy.snapshot()?;
    let writer = copy.writer(config.zone().clone())?;
    writer.change_annotator(&annotator(analyzer))?;
    let now = Timestamp::now();
    let (model, taxonomy) = (analyzer.model().to_owned(), analyzer.taxonomy().to_owned());
    let run = writer.begin_run(RunStart {
        started_at: now,
        model,
        taxonomy,
        as_of: now,
    })?;
    let total = snapshot
        .sources()?
        .iter()
        .map(|counted| counted.records)
        .sum();
    let progress = terminal::progress(common, total, "{bar:30} {pos}/{len} records  {eta} left");
    let mut relabelling = Relabelling {
        analyzer,
        writer: &writer,
        run,
        bookmarks: snapshot.bookmarks()?,
        waiting: Vec::new(),
        done: 0,
    };
    snapshot.changes_since(0, &mut |change| -> Result<(), Failure> {
        progress.inc(1);
        match change {
            Change::Upsert(stored) => relabelling.take(*stored),
            Change::Delete { .. } => Ok(()),
        }
    })?;
    relabelling.flush()?;
    let done = relabelling.done;
    writer.finish_run(
        run,
        RunEnd {
            finished_at: Timestamp::now(),
            outcome: RunOutcome::Done,
        },
    )?;
    progress.finish_and_clear();
    Ok(done)
}

/// Gathers outdated records of one source into chunks.
struct Relabelling<'a> {
    analyzer: &'a Analyzer,
    writer: &'a Writer,
    run: RunId,
    bookmarks: Vec<Bookmark>,
    waiting: Vec<Stored>,
    done: u64,
}

impl Relabelling<'_> {
    fn take(&mut self, stored: Stored) -> Result<(), Failure> {
        let annotation = &stored.annotation;
        let current = annotation.model == self.analyzer.model()
            && annotation.taxonomy == self.analyzer.taxonomy();
        if current {
            return Ok(());
        }
        let other_source = self
            .waiting
            .first()
            .is_some_and(|first| first.record.source != stored.record.source);
        if other_source || self.waiting.len() == CHUNK {
            self.flush()?;
        }
        self.waiting.push(stored);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let stored = std::mem::take(&mut self.waiting);
        let Some(source) = stored.first().map(|stored| stored.record.source.clone()) else {
            return Ok(());
        };
        // How far the source was read does not change: its bookmark is written as it was.
        let bookmark = self
            .bookmarks
            .iter()
            .find(|bookmark| bookmark.source == source)
            .cloned();
        let bookmark = bookmark.ok_or_else(|| {
            Failure::failed(format!(
                "the store has records of `{source}` and no bookmark of it"
            ))
        })?;
        let count = stored.len() as u64;
        let records = stored.iter().map(|stored| stored.record.clone()).collect();
        let entries = self
            .analyzer
            .analyze(records)?
            .into_iter()
            .zip(stored)
            .map(|(analyzed, stored)| entry(analyzed, stored.content, stored.customer))
            .collect();
        let (dead, counts, run) = (Vec::new(), ChunkCounts::default(), self.run);
        self.writer
            .submit(Chunk {
                source,
                entries,
                dead,
                counts,
                bookmark,
                run,
            })?
            .wait()?;
        self.done += count;
        Ok(())
    }
}

/// What a store notes about whatever makes its labels and vectors.
pub fn annotator(analyzer: &Analyzer) -> String {
    format!("{}{JOINED}{}", analyzer.model(), analyzer.taxonomy())
}

/// The model of an [`annotator`].
pub fn model_of(annotator: &str) -> &str {
    annotator.split(JOINED).next().unwrap_or(annotator)
}

const JOINED: &str = " with taxonomy ";
