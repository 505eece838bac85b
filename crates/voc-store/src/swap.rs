//! A copy of a store that is worked on and then takes its place.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Store, StoreError, connection, writer};

impl Store {
    /// Copies the store, as it is now, to a new file at `path`. A copy is whole or not
    /// there: it is made under another name and moved.
    ///
    /// # Errors
    /// What keeps the copy from being written, [`StoreError::DiskFull`] among it.
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let draft = path.with_extension("draft");
        remove(&draft)?;
        let name = draft.to_string_lossy().into_owned();
        let copied = self
            .reader()
            .and_then(|reader| reader.execute("VACUUM INTO ?1", [name]).map(|_| reader));
        match copied {
            Ok(reader) => self.give_back(&mut vec![reader]),
            Err(error) => return Err(StoreError::sqlite(&draft, error)),
        }
        fs::rename(&draft, path).map_err(StoreError::file("create", path))
    }

    /// Puts this store in the place of the one at `path`, whose readers keep what they see
    /// until they close it. Nobody may be writing to either.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if a snapshot keeps either log from being emptied, or what
    /// keeps the files from being moved. The old store is then still in place.
    pub fn move_to(self, path: &Path) -> Result<(), StoreError> {
        for file in [self.path(), path] {
            let sqlite = |error| StoreError::sqlite(file, error);
            let connection = connection::writable(file).map_err(sqlite)?;
            // A log that outlived its store would be taken for the other one's.
            if !writer::clear_log(&connection).map_err(sqlite)? {
                return Err(StoreError::Busy {
                    path: file.to_owned(),
                });
            }
        }
        let here = self.path().to_owned();
        drop(self);
        fs::rename(&here, path).map_err(StoreError::file("replace", path))?;
        for suffix in ["-wal", "-shm"] {
            remove(&beside(path, suffix))?;
            remove(&beside(&here, suffix))?;
        }
        Ok(())
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a file that may not be there.
fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::File {
            action: "remove",
            path: path.to_owned(),
            source: error,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Sample, entry, key};

    #[test]
    fn a_copy_holds_what_the_store_did_and_takes_its_place() {
        let sample = Sample::new();
        sample.put(vec![entry("1", 1)]);
        let path = sample.store.path().to_owned();
        let next = path.with_extension("next");
        sample.store.copy_to(&next).unwrap();
        let digest = sample.store.snapshot().unwrap().digest().unwrap();
        sample.put(vec![entry("2", 2)]);
        let Sample {
            folder: _folder,
            store,
            writer,
            ..
        } = sample;
        drop((writer, store));

        let copy = Store::open(&next).unwrap();
        assert_eq!(copy.snapshot().unwrap().digest().unwrap(), digest);
        copy.move_to(&path).unwrap();
        let now = Store::open(&path).unwrap().snapshot().unwrap();
        assert!(now.record(&key("1")).unwrap().is_some());
        assert!(now.record(&key("2")).unwrap().is_none());
        assert!(!next.exists() && !beside(&next, "-wal").exists());
    }

    #[test]
    fn a_store_that_is_being_read_is_not_replaced() {
        let sample = Sample::new();
        let path = sample.store.path().to_owned();
        let next = path.with_extension("next");
        sample.store.copy_to(&next).unwrap();
        let reader = sample.store.snapshot().unwrap();
        sample.put(vec![entry("1", 1)]);
        let error = Store::open(&next).unwrap().move_to(&path).unwrap_err();
        assert!(matches!(error, StoreError::Busy { .. }), "{error}");
        drop(reader);
        assert!(
            sample
                .store
                .snapshot()
                .unwrap()
                .record(&key("1"))
                .unwrap()
                .is_some()
        );
    }
}
