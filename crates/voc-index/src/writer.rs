//! Changes to the index.

use std::path::Path;
use std::sync::Arc;

use tantivy::indexer::NoMergePolicy;
use tantivy::{TantivyDocument, Term};

use crate::clauses::day_number;
use crate::error::guarded;
use crate::group::Group;
use crate::schema::Fields;
use crate::{Document, IndexError};

/// What tantivy asks for at least, and accepts at most, for a thread.
const MEMORY_PER_THREAD: std::ops::RangeInclusive<usize> = 15_000_000..=4_000_000_000;

/// Adds, replaces and removes documents; nothing is visible before a commit, and dropping
/// the writer drops what was not committed.
pub struct IndexWriter {
    dir: Arc<Path>,
    fields: Arc<Fields>,
    index: tantivy::Index,
    writer: tantivy::IndexWriter,
}

impl IndexWriter {
    /// The usual memory budget in bytes.
    pub const MEMORY: usize = 64_000_000;

    pub(crate) fn new(
        index: &tantivy::Index,
        fields: Arc<Fields>,
        dir: Arc<Path>,
        memory: usize,
    ) -> Result<Self, IndexError> {
        if !MEMORY_PER_THREAD.contains(&memory) {
            let (least, most) = MEMORY_PER_THREAD.into_inner();
            return Err(IndexError::MemoryBudget {
                given: memory,
                least,
                most,
            });
        }
        // The encoder has the other cores; a second thread pays only with memory to spare.
        let threads = if memory / 2 >= *MEMORY_PER_THREAD.start() {
            2
        } else {
            1
        };
        let writer = guarded(&dir, || index.writer_with_num_threads(threads, memory))?;
        Ok(Self {
            dir,
            fields,
            index: index.clone(),
            writer,
        })
    }

    /// Adds `document`, in place of the one with its row if there is one.
    ///
    /// # Errors
    /// [`IndexError::Storage`] if documents before it could not be written.
    pub fn upsert(&mut self, document: &Document<'_>) -> Result<(), IndexError> {
        self.delete(document.row);
        let document = fields_of(document, &self.fields);
        guarded(&self.dir, || self.writer.add_document(document)).map(|_| ())
    }

    /// Removes the document with this row, if there is one.
    pub fn delete(&mut self, row: u64) {
        self.writer
            .delete_term(Term::from_field_u64(self.fields.row, row));
    }

    /// Makes the changes durable and visible, as of `store_version`. Either all of them are
    /// or none, also when the process is killed.
    ///
    /// # Errors
    /// [`IndexError::Storage`], e.g. if the disk is full.
    pub fn commit(&mut self, store_version: u64) -> Result<(), IndexError> {
        guarded(&self.dir, || {
            let mut commit = self.writer.prepare_commit()?;
            commit.set_payload(&store_version.to_string());
            commit.commit()
        })?;
        tracing::debug!(store_version, "index committed");
        Ok(())
    }

    /// Commits, then rewrites every file that still holds words of removed documents, and
    /// deletes the old ones: a removed document otherwise stays in them, unreachable by
    /// search, until tantivy merges them. Needed after an erasure; takes as long as writing the
    /// files concerned anew.
    ///
    /// # Errors
    /// As [`IndexWriter::commit`].
    pub fn expunge(mut self, store_version: u64) -> Result<(), IndexError> {
        self.commit(store_version)?;
        let Self {
            dir, index, writer, ..
        } = self;
        guarded(&dir, || {
            writer.wait_merging_threads()?;
            let mut writer: tantivy::IndexWriter =
                index.writer_with_num_threads(1, *MEMORY_PER_THREAD.start())?;
            writer.set_merge_policy(Box::new(NoMergePolicy));
            for segment in index.searchable_segment_metas()? {
                if segment.has_deletes() {
                    writer.merge(&[segment.id()]).wait()?;
                }
            }
            writer.garbage_collect_files().wait()?;
            writer.wait_merging_threads()
        })
    }
}

fn fields_of(document: &Document<'_>, fields: &Fields) -> TantivyDocument {
    let mut entry = TantivyDocument::default();
    entry.add_u64(fields.row, document.row);
    entry.add_i64(fields.day, day_number(document.day));
    entry.add_text(fields.id, document.id.as_str());
    entry.add_text(fields.source, document.source.as_str());
    entry.add_text(fields.language, document.language.as_str());
    entry.add_text(fields.channel, document.channel.as_str());
    entry.add_text(fields.sentiment, document.sentiment.as_str());
    entry.add_text(fields.urgency, document.urgency.level().to_string());
    if let Some(touchpoint) = document.touchpoint {
        entry.add_text(fields.touchpoint, touchpoint.as_str());
    }
    for kind in document.kinds {
        entry.add_text(fields.kind, kind.as_str());
    }
    for theme in document
        .themes
        .iter()
        .flat_map(|theme| with_ancestors(theme.as_str()))
    {
        entry.add_text(fields.theme, theme);
    }
    let texts = fields.of(Group::of(document.language));
    if let Some(title) = document.title {
        entry.add_text(texts.title, title);
    }
    for text in &document.texts {
        entry.add_text(texts.text, text);
    }
    entry
}

/// `delivery.damage` and `delivery`, so that a filter finds what is below it.
fn with_ancestors(theme: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(theme), |theme| Some(theme.rsplit_once('.')?.0))
}
