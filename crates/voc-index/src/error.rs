use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use thiserror::Error;

/// What can go wrong with the index and its queries.
#[derive(Debug, Error)]
pub enum IndexError {
    /// The index is damaged, or was written in another form. The store has everything it
    /// holds, so it is built anew instead of repaired.
    #[error(
        "the search index in {} cannot be used: {reason}; \
         run `voc rebuild` to build it from the store",
        dir.display()
    )]
    Unusable {
        /// The folder of the index.
        dir: PathBuf,
        /// What was found.
        reason: String,
    },
    /// Another writer holds the index.
    #[error(
        "the search index in {} is being written by another process; wait until it ends",
        dir.display()
    )]
    Busy {
        /// The folder of the index.
        dir: PathBuf,
    },
    /// The operating system refused to read or write.
    #[error(
        "the search index in {} could not be read or written: {reason}; \
         check free space and permissions, then run again",
        dir.display()
    )]
    Storage {
        /// The folder of the index.
        dir: PathBuf,
        /// What the operating system or the writer said.
        reason: String,
    },
    /// A memory budget that is too small to index anything, or too large.
    #[error("an index writer needs between {least} and {most} bytes of memory, not {given}")]
    MemoryBudget {
        /// Bytes asked for.
        given: usize,
        /// Smallest budget.
        least: usize,
        /// Largest budget.
        most: usize,
    },
    /// A filter of a query whose value is not one of the allowed ones.
    #[error("`{filter}:{value}` is not a filter; `{filter}:` takes {expected}")]
    InvalidFilter {
        /// The name of the filter, e.g. `kind`.
        filter: &'static str,
        /// The value as written.
        value: String,
        /// What it may be.
        expected: String,
    },
    /// A stored vector that cannot be compared with the query's.
    #[error(
        "the vector of row {row} has {found} dimensions, the query has {expected}; \
         the store was encoded by another model: run `voc rebuild --reencode`"
    )]
    VectorLength {
        /// The row of the store.
        row: u64,
        /// Dimensions of the query.
        expected: usize,
        /// Dimensions of the stored vector.
        found: usize,
    },
}

/// Runs `work` on the index in `dir` and gives its error a name.
///
/// tantivy checks the frame of a file when it opens it, but trusts the content: a flipped
/// bit inside a file can end in a panic deep in a decoder. An index is disposable, so such
/// a panic means no more than "build it anew", and must not take the process down.
pub(crate) fn guarded<T>(
    dir: &Path,
    work: impl FnOnce() -> tantivy::Result<T>,
) -> Result<T, IndexError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| IndexError::from_tantivy(dir, &error)),
        Err(panic) => {
            let reason = format!("its content is damaged ({})", panic_text(panic.as_ref()));
            Err(IndexError::Unusable {
                dir: dir.to_owned(),
                reason,
            })
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}

impl IndexError {
    pub(crate) fn from_tantivy(dir: &Path, error: &TantivyError) -> Self {
        let (dir, reason) = (dir.to_owned(), error.to_string());
        match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => Self::Busy { dir },
            _ if is_storage(error) => Self::Storage { dir, reason },
            _ => Self::Unusable { dir, reason },
        }
    }

    pub(crate) fn from_io(dir: &Path, error: &io::Error) -> Self {
        Self::Storage {
            dir: dir.to_owned(),
            reason: error.to_string(),
        }
    }
}

/// Whether `error` says that the system refused, rather than that the files are wrong.
fn is_storage(error: &TantivyError) -> bool {
    let refused = |error: &io::Error| {
        !matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::NotFound
        )
    };
    match error {
        TantivyError::IoError(error)
        | TantivyError::OpenReadError(OpenReadError::IoError {
            io_error: error, ..
        })
        | TantivyError::OpenDirectoryError(OpenDirectoryError::IoError {
            io_error: error, ..
        }) => refused(error),
        TantivyError::OpenDirectoryError(_)
        | TantivyError::OpenWriteError(OpenWriteError::IoError { .. })
        | TantivyError::ErrorInThread(_)
        | TantivyError::SystemError(_)
        | TantivyError::LockFailure(LockError::IoError(_), _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[track_caller]
    fn check(error: TantivyError, expect: &str) {
        let text = IndexError::from_tantivy(Path::new("idx"), &error).to_string();
        assert!(text.contains("idx") && text.contains(expect), "{text}");
    }

    #[test]
    fn errors_say_what_to_do() {
        let io = |kind| TantivyError::IoError(Arc::new(io::Error::from(kind)));
        check(io(io::ErrorKind::UnexpectedEof), "voc rebuild");
        check(io(io::ErrorKind::StorageFull), "check free space");
        check(io(io::ErrorKind::PermissionDenied), "permissions");
        check(TantivyError::SchemaError("x".into()), "voc rebuild");
        check(
            TantivyError::LockFailure(LockError::LockBusy, None),
            "another process",
        );
    }

    #[test]
    fn a_panic_inside_the_index_is_an_error() {
        let error = guarded::<()>(Path::new("idx"), || panic!("bad block")).unwrap_err();
        assert!(
            matches!(&error, IndexError::Unusable { reason, .. } if reason.contains("bad block"))
        );
    }
}
