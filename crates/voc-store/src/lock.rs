use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::StoreError;

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
    /// Name of the lock file in the instance's folder.
    const FILE: &str = "run.lock";

    /// Takes the lock of the instance in `folder`.
    ///
    /// # Errors
    /// [`StoreError::RunLocked`] naming the process that holds it, or [`StoreError::File`].
    pub fn acquire(folder: &Path) -> Result<Self, StoreError> {
        let (path, mut file) = open(folder, Self::FILE)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = holder(&mut file);
                return Err(StoreError::RunLocked { path, pid });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::file("lock", &path)(error)),
        }
        note_holder(&mut file).map_err(StoreError::file("lock", &path))?;
        Ok(Self { _file: file })
    }
}

/// Held by whoever writes to a store beside a run, such as a person who corrects labels, so
/// that the store is not replaced meanwhile; or by whoever replaces it. Given back like a
/// [`RunLock`].
#[derive(Debug)]
pub struct StoreLock {
    /// Open for as long as the lock is held.
    _file: File,
}

impl StoreLock {
    /// Name of the lock file in the instance's folder.
    const FILE: &str = "store.lock";

    /// Keeps the store of the instance in `folder` in its place; any number may.
    ///
    /// # Errors
    /// [`StoreError::BeingReplaced`] naming the process that replaces it, or
    /// [`StoreError::File`].
    pub fn to_write(folder: &Path) -> Result<Self, StoreError> {
        let (path, mut file) = open(folder, Self::FILE)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                let pid = holder(&mut file);
                Err(StoreError::BeingReplaced { path, pid })
            }
            Err(TryLockError::Error(error)) => Err(StoreError::file("lock", &path)(error)),
        }
    }

    /// Keeps others from writing to the store of the instance in `folder`, for as long as a
    /// copy is worked on that will take its place. Waits for those who are writing.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn to_replace(folder: &Path) -> Result<Self, StoreError> {
        let (path, mut file) = open(folder, Self::FILE)?;
        file.lock()
            .and_then(|()| note_holder(&mut file))
            .map_err(StoreError::file("lock", &path))?;
        Ok(Self { _file: file })
    }
}

fn open(folder: &Path, name: &str) -> Result<(PathBuf, File), StoreError> {
    let path = folder.join(name);
    let open = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path);
    let file = open.map_err(StoreError::file("lock", &path))?;
    Ok((path, file))
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
        std::fs::write(folder.path().join(RunLock::FILE), "4242424 and more").unwrap();
        let lock = RunLock::acquire(folder.path()).unwrap();
        let noted = std::fs::read_to_string(folder.path().join(RunLock::FILE)).unwrap();
        assert_eq!(noted, std::process::id().to_string());
        drop(lock);
    }

    #[test]
    fn a_store_that_is_being_replaced_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let writing = StoreLock::to_write(folder.path()).unwrap();
        let also_writing = StoreLock::to_write(folder.path()).unwrap();
        std::thread::scope(|scope| {
            let replacing = scope.spawn(|| StoreLock::to_replace(folder.path()).unwrap());
            std::thread::sleep(std::time::Duration::from_millis(50));
            assert!(!replacing.is_finished(), "it waits for those who write");
            drop((writing, also_writing));
            let replacing = replacing.join().unwrap();
            let error = StoreLock::to_write(folder.path()).unwrap_err();
            let pid = std::process::id().to_string();
            assert!(
                matches!(&error, StoreError::BeingReplaced { pid: named, .. } if *named == pid)
            );
            assert!(error.to_string().contains("--reencode"), "{error}");
            drop(replacing);
        });
        StoreLock::to_write(folder.path()).unwrap();
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = RunLock::acquire(Path::new("/nonexistent/folder")).unwrap_err();
        assert!(
            error.to_string().contains("/nonexistent/folder/run.lock"),
            "{error}"
        );
        assert!(StoreLock::to_write(Path::new("/nonexistent/folder")).is_err());
        assert!(StoreLock::to_replace(Path::new("/nonexistent/folder")).is_err());
    }
}
