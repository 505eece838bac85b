//! The instance's secret. Names and customer ids leave the pipeline only as HMACs under it
//! (RFC 2104, SHA-256), so that neither the store nor a copy of it can be searched for a
//! known person without the key.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tempfile::NamedTempFile;
use voc_core::{Pseudonym, Record, RecordKey, SourceId};

use crate::{ContentHash, DeadHash, StoreError};

/// Bytes of a key: the output size of SHA-256, as RFC 2104 advises.
const SIZE: usize = 32;
/// Block size of SHA-256; HMAC pads shorter keys with zeros to it.
const BLOCK: usize = 64;

/// The secret under which pseudonyms and content hashes are made.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; SIZE]);

/// A record's draw in a lottery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lot {
    /// Evenly spread from 0 to below 1.
    pub chance: f64,
    /// Orders the records by chance anew, whatever [`Lot::chance`] is.
    pub place: u64,
}

/// What a hash is for; the same bytes hashed for two purposes give unrelated results.
#[derive(Clone, Copy)]
enum Purpose {
    Pseudonym,
    Content,
    DeadLetter,
    Lot,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Pseudonym => b"voc pseudonym 1",
            Self::Content => b"voc content 1",
            Self::DeadLetter => b"voc dead letter 1",
            Self::Lot => b"voc lot 1",
        }
    }
}

impl Key {
    /// Reads the key at `path`, or makes one there from the operating system's randomness:
    /// raw 32 bytes, mode 0600, complete or not there at all whatever happens meanwhile.
    ///
    /// # Errors
    /// [`StoreError::KeySize`], [`StoreError::KeyPermissions`] if others may read or write
    /// the file, or [`StoreError::File`].
    pub fn load_or_create(path: &Path) -> Result<Self, StoreError> {
        if !path
            .try_exists()
            .map_err(StoreError::file("look for the key", path))?
        {
            create(path)?;
        }
        load(path)
    }

    /// The pseudonym of a customer or author of `source`; `None` if the name is blank.
    /// Surrounding blanks do not matter.
    pub fn pseudonym(&self, source: &SourceId, customer_or_author: &str) -> Option<Pseudonym> {
        let name = customer_or_author.trim();
        if name.is_empty() {
            return None;
        }
        let hash = self.hash(
            Purpose::Pseudonym,
            &[source.as_str().as_bytes(), name.as_bytes()],
        );
        Pseudonym::new(&ContentHash::from_bytes(hash).to_string()).ok()
    }

    /// The hash of `record` as given: over its JSON with every object's keys sorted.
    ///
    /// # Errors
    /// [`StoreError::Json`] if the record cannot be written as JSON.
    pub fn content_hash(&self, record: &Record) -> Result<ContentHash, StoreError> {
        let json = |source| StoreError::Json {
            key: record.key(),
            source,
        };
        let mut value = serde_json::to_value(record).map_err(json)?;
        value.sort_all_objects();
        let bytes = serde_json::to_vec(&value).map_err(json)?;
        Ok(ContentHash::from_bytes(
            self.hash(Purpose::Content, &[&bytes]),
        ))
    }

    /// The hash of input that could not be used.
    pub fn dead_hash(&self, raw: &[u8]) -> DeadHash {
        DeadHash::from_bytes(self.hash(Purpose::DeadLetter, &[raw]))
    }

    /// What the record under `key` draws in a lottery with this seed: the same whichever
    /// other records take part, and in whatever order.
    pub fn lot(&self, seed: u64, key: &RecordKey) -> Lot {
        let seed = seed.to_le_bytes();
        let fields = [
            &seed,
            key.source.as_str().as_bytes(),
            key.id.as_str().as_bytes(),
        ];
        let hash = self.hash(Purpose::Lot, &fields);
        let number = |at: usize| {
            let bytes = hash[at..at + 8].iter();
            bytes.fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        };
        Lot {
            // The 53 bits that a float holds exactly.
            chance: (number(0) >> 11) as f64 / (1_u64 << 53) as f64,
            place: number(8),
        }
    }

    /// HMAC over purpose and fields, each preceded by its length so that they cannot run
    /// into one another.
    fn hash(&self, purpose: Purpose, fields: &[&[u8]]) -> [u8; SIZE] {
        let mut block = [0; BLOCK];
        block[..SIZE].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for field in [purpose.label()].iter().chain(fields) {
            mac.update(&(field.len() as u64).to_le_bytes());
            mac.update(field);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Key {
    /// Never shows the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

fn load(path: &Path) -> Result<Key, StoreError> {
    let read = |error| StoreError::file("read the key", path)(error);
    let mode = fs::metadata(path).map_err(read)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(StoreError::KeyPermissions {
            path: path.to_owned(),
            mode,
        });
    }
    let bytes = fs::read(path).map_err(read)?;
    let found = bytes.len();
    let bytes = bytes.try_into().map_err(|_| StoreError::KeySize {
        path: path.to_owned(),
        found,
    })?;
    Ok(Key(bytes))
}

/// Writes a new key beside `path` and moves it into place unless the name is taken: of two
/// processes one wins and both then read the same key.
fn create(path: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::file("create the key", path)(error);
    let mut secret = [0; SIZE];
    getrandom::fill(&mut secret).map_err(|error| failed(io::Error::other(error)))?;
    // A named temporary file has mode 0600 from the start.
    let mut draft = NamedTempFile::new_in(folder_of(path)).map_err(failed)?;
    draft
        .write_all(&secret)
        .and_then(|()| draft.as_file().sync_all())
        .map_err(failed)?;
    match draft.persist_noclobber(path) {
        Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(other) => Err(failed(other.error)),
        Ok(_) => sync_folder(path).map_err(failed),
    }
}

/// The folder that holds `path`.
pub(crate) fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Makes the new name survive a power loss.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests;
