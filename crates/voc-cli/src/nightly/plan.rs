//! Which files to read, and from where: decided before the model is loaded, so that a run
//! with nothing to do is over at once.

use std::path::Path;

use voc_core::SourceId;
use voc_ingest::{SourceConfig, SourceFile};
use voc_store::Snapshot;

use super::Report;
use crate::failure::Failure;

/// The files to read.
#[derive(Debug, Default)]
pub struct Plan {
    files: Vec<PlannedFile>,
}

/// A file to read.
#[derive(Debug)]
pub struct PlannedFile {
    /// Its source.
    pub source: SourceId,
    /// The file.
    pub file: SourceFile,
    /// What tells that it is still the same file.
    pub fingerprint: String,
    /// Items to pass over: an earlier run committed them.
    pub skip: u64,
}

impl Plan {
    /// Compares the files of `sources` below `folder` with the store's bookmarks. A source
    /// whose files cannot be found is noted in `report`.
    ///
    /// # Errors
    /// [`Failure`] if the store cannot be read.
    pub fn new(
        sources: &[&SourceConfig],
        folder: &Path,
        snapshot: &Snapshot,
        report: &mut Report,
    ) -> Result<Self, Failure> {
        let mut plan = Self::default();
        for source in sources {
            if let Err(error) = plan.add_source(source, folder, snapshot, report)? {
                tracing::warn!("source {}: {error}", source.id);
                report.source(&source.id).failed = Some(error);
            }
        }
        Ok(plan)
    }

    /// The inner result is the source's own failure.
    fn add_source(
        &mut self,
        source: &SourceConfig,
        folder: &Path,
        snapshot: &Snapshot,
        report: &mut Report,
    ) -> Result<Result<(), String>, Failure> {
        let files = match source.files(folder) {
            Ok(files) => files,
            Err(error) => return Ok(Err(error.to_string())),
        };
        for file in files {
            let fingerprint = match file.fingerprint() {
                Ok(fingerprint) => fingerprint,
                Err(error) => return Ok(Err(error.to_string())),
            };
            let bookmark = snapshot.bookmark(&source.id, file.name())?;
            let same = bookmark.filter(|bookmark| bookmark.fingerprint == fingerprint);
            let counts = report.source(&source.id);
            if same.as_ref().is_some_and(|bookmark| bookmark.done) {
                counts.files_unchanged += 1;
                continue;
            }
            counts.files_read += 1;
            let skip = same.map_or(0, |bookmark| bookmark.items);
            self.files.push(PlannedFile {
                source: source.id.clone(),
                file,
                fingerprint,
                skip,
            });
        }
        Ok(Ok(()))
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Bytes to read, passed-over parts included.
    pub fn bytes(&self) -> u64 {
        self.files
            .iter()
            .map(|planned| planned.file.len_bytes())
            .sum()
    }

    /// The files of each source, in reading order.
    pub fn by_source(self) -> Vec<(SourceId, Vec<PlannedFile>)> {
        let mut sources: Vec<(SourceId, Vec<PlannedFile>)> = Vec::new();
        for planned in self.files {
            match sources.last_mut() {
                Some((source, files)) if *source == planned.source => files.push(planned),
                _ => sources.push((planned.source.clone(), vec![planned])),
            }
        }
        sources
    }
}
