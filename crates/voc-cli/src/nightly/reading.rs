//! Reads files and cuts their items into chunks. Runs on threads that may block.

use std::ops::ControlFlow;

use tokio::sync::mpsc::Sender;
use voc_ingest::{IngestError, Item};
use voc_store::Bookmark;

use super::CHUNK;
use super::plan::PlannedFile;

/// Items of one file with the bookmark that holds once they are stored.
#[derive(Debug)]
pub struct ReadChunk {
    /// The items, good and bad.
    pub items: Vec<Item>,
    /// Where reading goes on after them.
    pub bookmark: Bookmark,
    /// Bytes of the file behind them, for the progress bar.
    pub bytes: u64,
}

/// Reads `files` one after the other. Stops early, without an error, when the receiver is
/// gone: it has failed and says so itself.
///
/// # Errors
/// [`IngestError`] of the first file that cannot be read to its end; the items before the
/// fault are sent.
pub fn read_files(files: Vec<PlannedFile>, chunks: &Sender<ReadChunk>) -> Result<(), IngestError> {
    for planned in files {
        let mut cutter = Cutter::new(planned.skip, &planned, chunks);
        let outcome = planned
            .file
            .read(planned.skip, &mut |item| cutter.take(item));
        cutter.finish(outcome.is_ok());
        outcome?;
    }
    Ok(())
}

struct Cutter<'a> {
    planned: &'a PlannedFile,
    chunks: &'a Sender<ReadChunk>,
    items: Vec<Item>,
    next: u64,
    bytes: u64,
    sent_bytes: u64,
    receiver_gone: bool,
}

impl<'a> Cutter<'a> {
    fn new(next: u64, planned: &'a PlannedFile, chunks: &'a Sender<ReadChunk>) -> Self {
        let items = Vec::with_capacity(CHUNK);
        Self {
            planned,
            chunks,
            items,
            next,
            bytes: 0,
            sent_bytes: 0,
            receiver_gone: false,
        }
    }

    fn take(&mut self, item: Item) -> ControlFlow<()> {
        // Cut before taking, so that the last chunk of a file is known to be the last.
        if self.items.len() == CHUNK {
            self.send(false);
        }
        self.next = item.number + 1;
        self.bytes = item.bytes_read;
        self.items.push(item);
        if self.receiver_gone {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Sends what is left; `done` only if the file was read to its end.
    fn finish(&mut self, read_to_end: bool) {
        if read_to_end {
            self.bytes = self.planned.file.len_bytes();
        }
        if !self.receiver_gone {
            self.send(read_to_end);
        }
    }

    fn send(&mut self, done: bool) {
        let chunk = ReadChunk {
            items: std::mem::replace(&mut self.items, Vec::with_capacity(CHUNK)),
            bookmark: Bookmark {
                source: self.planned.source.clone(),
                file: self.planned.file.name().to_owned(),
                fingerprint: self.planned.fingerprint.clone(),
                items: self.next,
                done,
            },
            bytes: self.bytes.saturating_sub(self.sent_bytes),
        };
        self.sent_bytes = self.bytes;
        self.receiver_gone = self.chunks.blocking_send(chunk).is_err();
    }
}
