//! The index as a folder of files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::MmapDirectory;
use tantivy::{IndexReader, ReloadPolicy};

use crate::error::guarded;
use crate::schema::Fields;
use crate::{IndexError, IndexWriter, Searcher};

/// A search index in a folder. It holds nothing that the store does not, and is built anew
/// whenever it cannot be used. Cloning is cheap; clones share the files.
#[derive(Clone)]
pub struct Index {
    dir: Arc<Path>,
    fields: Arc<Fields>,
    index: tantivy::Index,
    reader: IndexReader,
}

impl Index {
    /// Opens the index in `dir`, or creates an empty one where there is none.
    ///
    /// # Errors
    /// [`IndexError::Unusable`] for a damaged index or one of another schema: build it anew
    /// with [`Index::create_anew`]; [`IndexError::Storage`] if the folder cannot be read or
    /// made.
    pub fn open(dir: &Path) -> Result<Self, IndexError> {
        fs::create_dir_all(dir).map_err(|error| IndexError::from_io(dir, &error))?;
        let fields = Arc::new(Fields::new());
        let index = guarded(dir, || {
            let files = MmapDirectory::open(dir)?;
            if tantivy::Index::exists(&files)? {
                tantivy::Index::open(files)
            } else {
                tantivy::Index::create(files, fields.schema.clone(), Default::default())
            }
        })?;
        Self::over(index, fields, dir)
    }

    /// Removes the index in `dir`, if there is one, and creates an empty one. Files that are
    /// not an index's stay.
    ///
    /// # Errors
    /// [`IndexError::Storage`] if a file cannot be removed or made.
    pub fn create_anew(dir: &Path) -> Result<Self, IndexError> {
        remove_index_files(dir).map_err(|error| IndexError::from_io(dir, &error))?;
        Self::open(dir)
    }

    fn over(
        mut index: tantivy::Index,
        fields: Arc<Fields>,
        dir: &Path,
    ) -> Result<Self, IndexError> {
        if index.schema() != fields.schema {
            let reason = "it was written by another version of voc".to_owned();
            return Err(IndexError::Unusable {
                dir: dir.to_owned(),
                reason,
            });
        }
        index.set_tokenizers(Fields::tokenizers());
        let reader = guarded(dir, || {
            index
                .reader_builder()
                .reload_policy(ReloadPolicy::Manual)
                .try_into()
        })?;
        Ok(Self {
            dir: dir.into(),
            fields,
            index,
            reader,
        })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The version of the store that the last commit was made from; `None` before the
    /// first.
    ///
    /// # Errors
    /// [`IndexError::Unusable`] if the index was damaged meanwhile.
    pub fn version(&self) -> Result<Option<u64>, IndexError> {
        let metas = guarded(&self.dir, || self.index.load_metas())?;
        Ok(metas.payload.and_then(|payload| payload.parse().ok()))
    }

    /// Reads every file and compares its checksum, for `voc doctor`.
    ///
    /// # Errors
    /// [`IndexError::Unusable`] naming the first damaged file.
    pub fn verify(&self) -> Result<(), IndexError> {
        let mut damaged: Vec<PathBuf> = guarded(&self.dir, || self.index.validate_checksum())?
            .into_iter()
            .collect();
        damaged.sort_unstable();
        match damaged.first() {
            None => Ok(()),
            Some(file) => {
                let reason = format!("the checksum of {} is wrong", file.display());
                Err(IndexError::Unusable {
                    dir: self.dir.to_path_buf(),
                    reason,
                })
            }
        }
    }

    /// A writer with `memory` bytes for documents in flight; [`IndexWriter::MEMORY`] is a
    /// good choice. There is one writer at a time, over all processes.
    ///
    /// # Errors
    /// [`IndexError::Busy`] if there is one already; [`IndexError::MemoryBudget`].
    pub fn writer(&self, memory: usize) -> Result<IndexWriter, IndexError> {
        IndexWriter::new(
            &self.index,
            Arc::clone(&self.fields),
            Arc::clone(&self.dir),
            memory,
        )
    }

    /// A view of the last commit, which later commits do not change.
    ///
    /// # Errors
    /// [`IndexError::Unusable`] if the index was damaged meanwhile.
    pub fn searcher(&self) -> Result<Searcher, IndexError> {
        guarded(&self.dir, || self.reader.reload())?;
        let (fields, dir) = (Arc::clone(&self.fields), Arc::clone(&self.dir));
        Ok(Searcher::new(self.reader.searcher(), fields, dir))
    }
}

fn remove_index_files(dir: &Path) -> std::io::Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_index_file) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// tantivy's names: `meta.json`, `.managed.json`, its locks, and for each segment 32 hex
/// digits and an extension.
fn is_index_file(name: &str) -> bool {
    let is_segment = name.split_once('.').is_some_and(|(segment, _)| {
        segment.len() == 32 && segment.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    is_segment
        || ["meta.json", ".managed.json"].contains(&name)
        || name.starts_with(".tantivy-") && name.ends_with(".lock")
}

#[cfg(test)]
mod tests;
