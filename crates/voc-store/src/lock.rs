use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::StoreError;

/// Name of the lock file in the instance's folder.
const FILE: &str = "run.lock";

/// Held for the length of a `voc run`: a second one is refused, a server is not.
///
/// The operating system gives the lock back when the process ends, however it ends, so a
/// lock file left by a killed run excludes nobody.
#[derive(Debug)]
pub struct RunLock {
    /// Open for as long as the lock is held.
    _file: File,
}

impl RunLock {
    /// Takes the lock of the instance in `folder`.
    ///
    /// # Errors
    /// [`StoreError::RunLocked`] naming the process that holds it, or [`StoreError::File`].
    pub fn acquire(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let failed = |error| StoreError::file("lock", &path)(error);
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = open.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = holder(&mut file);
                return Err(StoreError::RunLocked { path, pid });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        note_holder(&mut file).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn note_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(std::process::id().to_string().as_bytes())
}

fn holder(file: &mut File) -> String {
    let mut pid = String::new();
    match file.read_to_string(&mut pid) {
        Ok(_) if !pid.trim().is_empty() => pid.trim().to_owned(),
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_refused_with_the_pid_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = RunLock::acquire(folder.path()).unwrap();
        let error = RunLock::acquire(folder.path()).unwrap_err();
        let pid = std::process::id().to_string();
        assert!(matches!(&error, StoreError::RunLocked { pid: named, .. } if *named == pid));
        assert!(
            error.to_string().contains(&format!("process {pid}")),
            "{error}"
        );
        drop(first);
        RunLock::acquire(folder.path()).unwrap();
    }

    #[test]
    fn a_lock_file_that_nobody_holds_excludes_nobody() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "4242424 and more").unwrap();
        let lock = RunLock::acquire(folder.path()).unwrap();
        let noted = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(noted, std::process::id().to_string());
        drop(lock);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = RunLock::acquire(Path::new("/nonexistent/folder")).unwrap_err();
        assert!(
            error.to_string().contains("/nonexistent/folder/run.lock"),
            "{error}"
        );
    }
}
