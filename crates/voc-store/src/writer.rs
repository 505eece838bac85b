use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use voc_core::RecordKey;

use crate::prepare::PreparedChunk;
use crate::store::WriterSlot;
use crate::{
    AnswersTaken, AuditAnswer, AuditDraw, AuditId, Chunk, DrawnRecord, Erasure, Receipt, Revised,
    Revision, RunEnd, RunId, RunStart, StoreError, apply, audits, connection, corrections, run,
};

/// Chunks that may wait for the thread: enough to keep it busy, few enough that a slow
/// disk slows the pipeline instead of filling memory.
const WAITING: usize = 4;

/// The one way to change a store: a thread that owns the write connection.
///
/// Every call may block: for a place in the queue, and then for the disk. Dropping the
/// writer finishes what was submitted and ends the thread.
pub struct Writer {
    path: PathBuf,
    zone: TimeZone,
    /// `None` once the writer is being dropped.
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Why a job failed: SQLite, whose answer lacks the file, or a rule of ours.
pub(crate) enum Failure {
    Sqlite(rusqlite::Error),
    Rule(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Rule(error)
    }
}

impl Failure {
    fn at(self, path: &std::path::Path) -> StoreError {
        match self {
            Self::Sqlite(error) => StoreError::sqlite(path, error),
            Self::Rule(error) => error,
        }
    }
}

/// The answer to come to something that was submitted.
#[derive(Debug)]
#[must_use = "only `wait` tells whether it was committed"]
pub struct Pending<T = Receipt> {
    path: PathBuf,
    answer: Receiver<Result<T, StoreError>>,
}

impl<T> Pending<T> {
    /// Waits until it is committed and synced, or has failed.
    ///
    /// # Errors
    /// Why nothing of it was applied.
    pub fn wait(self) -> Result<T, StoreError> {
        self.answer
            .recv()
            .unwrap_or(Err(StoreError::WriterStopped { path: self.path }))
    }
}

impl Writer {
    pub(crate) fn start(slot: WriterSlot, zone: TimeZone) -> Result<Self, StoreError> {
        let path = slot.path().to_owned();
        let sqlite = |error| StoreError::sqlite(&path, error);
        let mut connection = connection::writable(&path).map_err(sqlite)?;
        settle_time_zone(&connection, &zone).map_err(|failure| failure.at(&path))?;
        let (jobs, queue) = sync_channel::<Job>(WAITING);
        let work = move || {
            queue.into_iter().for_each(|job| job(&mut connection));
            drop(connection);
            drop(slot);
        };
        let thread = thread::Builder::new()
            .name("voc-store-writer".to_owned())
            .spawn(work);
        let thread = thread.map_err(StoreError::file("start the writer of", &path))?;
        Ok(Self {
            path,
            zone,
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Checks a chunk and queues it. It is committed whole or not at all, after everything
    /// submitted before it.
    ///
    /// # Errors
    /// [`StoreError::PersonalData`], [`StoreError::WithoutConsent`] or
    /// [`StoreError::ForeignSource`] if it breaks a rule, [`StoreError::WriterStopped`].
    /// [`Pending::wait`] adds [`StoreError::UnknownRun`], [`StoreError::DiskFull`],
    /// [`StoreError::Busy`] and the like.
    pub fn submit(&self, chunk: Chunk) -> Result<Pending, StoreError> {
        let chunk = PreparedChunk::new(chunk, &self.zone)?;
        self.transact(move |transaction| {
            if !run::is_going(transaction, chunk.rest.run)? {
                return Err(StoreError::UnknownRun(chunk.rest.run).into());
            }
            Ok(apply::chunk(transaction, &chunk)?)
        })
    }

    /// Makes every revision, in order, with everything that follows from the labels. All of
    /// them are committed, or none.
    ///
    /// # Errors
    /// [`StoreError::WriterStopped`]; [`Pending::wait`] adds [`StoreError::UnknownRecord`],
    /// [`StoreError::Correction`] and [`StoreError::NothingToWithdraw`] with the position of
    /// the revision, and what keeps the file from being written.
    pub fn revise(&self, revisions: Vec<Revision>) -> Result<Pending<Vec<Revised>>, StoreError> {
        let zone = self.zone.clone();
        self.transact(move |transaction| corrections::revise(transaction, &revisions, &zone))
    }

    /// Notes how an audit was drawn, and what.
    ///
    /// # Errors
    /// [`StoreError::UnknownRecord`] if a record was deleted since, or what keeps the file
    /// from being written.
    pub fn draw_audit(
        &self,
        draw: AuditDraw,
        records: Vec<DrawnRecord>,
    ) -> Result<AuditId, StoreError> {
        self.transact(move |transaction| audits::note_draw(transaction, &draw, &records))?
            .wait()
    }

    /// Adds what a person says of drawn records: all of it, or nothing.
    ///
    /// # Errors
    /// [`StoreError::NotDrawn`] with the position of the answer, or what keeps the file from
    /// being written.
    pub fn take_audit(&self, answers: Vec<AuditAnswer>) -> Result<AnswersTaken, StoreError> {
        self.transact(move |transaction| audits::take(transaction, &answers))?
            .wait()
    }

    /// Deletes the records under `keys` with everything derived from them, and empties the
    /// log that may still hold them. Keys that are not there are passed over.
    ///
    /// # Errors
    /// [`StoreError::WriterStopped`]; [`Pending::wait`] adds what keeps a file from being
    /// written.
    pub fn delete(&self, keys: Vec<RecordKey>) -> Result<Pending<Erasure>, StoreError> {
        self.call(move |connection| {
            let transaction = immediate(connection)?;
            let (version, deleted) = apply::deletion(&transaction, &keys)?;
            transaction.commit()?;
            Ok(Erasure {
                version,
                deleted,
                log_cleared: clear_log(connection)?,
            })
        })
    }

    /// Copies the write-ahead log into the file and empties it. `false` if a snapshot that
    /// still reads from it was held for the 5 seconds this waits.
    ///
    /// # Errors
    /// [`StoreError::WriterStopped`] or what keeps the file from being written.
    pub fn clear_log(&self) -> Result<bool, StoreError> {
        self.call(|connection| Ok(clear_log(connection)?))?.wait()
    }

    /// Notes which model and taxonomy make the store's vectors and labels, once and for all.
    ///
    /// # Errors
    /// [`StoreError::AnnotatorMismatch`] if another one was noted before.
    pub fn set_annotator(&self, annotator: &str) -> Result<(), StoreError> {
        let given = annotator.to_owned();
        let settled =
            self.transact(
                move |transaction| match settle(transaction, "annotator", &given)? {
                    stored if stored == given => Ok(()),
                    stored => Err(StoreError::AnnotatorMismatch { stored, given }.into()),
                },
            );
        settled?.wait()
    }

    /// Notes another annotator in place of the first: for a copy of a store whose entries
    /// are all labelled again, see [`Store::copy_to`](crate::Store::copy_to).
    ///
    /// # Errors
    /// What keeps the file from being written.
    pub fn change_annotator(&self, annotator: &str) -> Result<(), StoreError> {
        let given = annotator.to_owned();
        let changed = self.transact(move |transaction| {
            transaction.execute("UPDATE store SET annotator = ?1", [given])?;
            Ok(())
        });
        changed?.wait()
    }

    /// Logs that a run begins.
    ///
    /// # Errors
    /// What keeps the file from being written.
    pub fn begin_run(&self, start: RunStart) -> Result<RunId, StoreError> {
        self.transact(move |transaction| Ok(run::begin(transaction, &start)?))?
            .wait()
    }

    /// Logs that a run ended. Its counts are those of its committed chunks.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`] if it was not going.
    pub fn finish_run(&self, run: RunId, end: RunEnd) -> Result<(), StoreError> {
        let finished = self.transact(move |transaction| {
            if run::finish(transaction, run, end)? {
                Ok(())
            } else {
                Err(StoreError::UnknownRun(run).into())
            }
        });
        finished?.wait()
    }

    /// Queues `work` as one transaction that is committed if it succeeds.
    fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Pending<T>, StoreError> {
        self.call(move |connection| {
            let transaction = immediate(connection)?;
            let answer = work(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })
    }

    fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Pending<T>, StoreError> {
        let (reply, answer) = sync_channel(1);
        let path = self.path.clone();
        let job = move |connection: &mut Connection| {
            let result = work(connection).map_err(|failure| failure.at(&path));
            // Nobody waits any more: an error must not vanish with the answer.
            if let Err(unheard) = reply.send(result)
                && let Err(error) = unheard.0
            {
                tracing::error!(%error, "a write that nobody waited for failed");
            }
        };
        let stopped = || StoreError::WriterStopped {
            path: self.path.clone(),
        };
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Box::new(job)).map_err(|_| stopped())?;
        Ok(Pending {
            path: self.path.clone(),
            answer,
        })
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(path = %self.path.display(), "the writer's thread panicked");
        }
    }
}

/// Takes the write lock at once: a transaction that first reads could fail half-way.
fn immediate(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

pub(crate) fn clear_log(connection: &Connection) -> rusqlite::Result<bool> {
    let is_busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(!is_busy)
}

fn settle_time_zone(connection: &Connection, zone: &TimeZone) -> Result<(), Failure> {
    let given = DateTimePrinter::new()
        .time_zone_to_string(zone)
        .map_err(|source| StoreError::TimeZoneUnnamed { source })?;
    match settle(connection, "time_zone", &given)? {
        stored if stored == given => Ok(()),
        stored => Err(StoreError::TimeZoneMismatch { stored, given }.into()),
    }
}

/// Sets `column` of the store's row unless it is set, and returns what it is.
fn settle(connection: &Connection, column: &str, given: &str) -> rusqlite::Result<String> {
    let read = format!("SELECT {column} FROM store");
    let stored: Option<String> = connection.query_row(&read, [], |row| row.get(0))?;
    if let Some(stored) = stored {
        return Ok(stored);
    }
    let write = format!("UPDATE store SET {column} = coalesce({column}, ?1) RETURNING {column}");
    connection.query_row(&write, [given], |row| row.get(0))
}

#[cfg(test)]
mod tests;
