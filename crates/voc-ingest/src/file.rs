//! The files of a source.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use sha2::{Digest, Sha256};
use voc_core::SourceId;

use crate::config::{Format, MAX_RECORD_BYTES, Plan};
use crate::decode::Decoded;
use crate::document::DocumentError;
use crate::field::Conventions;
use crate::item::{Emitter, Sink};
use crate::mapping::{Mapping, Source};
use crate::table::TableError;
use crate::time::Calendar;
use crate::{IngestError, Item, SourceConfig};

/// A file of a source, ready to be read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: PathBuf,
    name: String,
    length: u64,
    format: Format,
    plan: Arc<Plan>,
}

impl SourceConfig {
    /// The files that `path` leads to under `base`, ordered by name.
    ///
    /// # Errors
    /// As [`SourceConfig::validate`]; [`IngestError::NoFile`] if there is none;
    /// [`IngestError::Io`] if one cannot be looked at.
    pub fn files(&self, base: &Path) -> Result<Vec<SourceFile>, IngestError> {
        let mut found = self.paths(base)?;
        found.sort();
        found
            .into_iter()
            .map(|path| self.file(base, path))
            .collect()
    }

    fn paths(&self, base: &Path) -> Result<Vec<PathBuf>, IngestError> {
        let literal = base.join(&self.path);
        if literal.is_file() {
            return Ok(vec![literal]);
        }
        let none = || IngestError::NoFile {
            source_id: self.id.clone(),
            path: literal.display().to_string(),
        };
        let pattern = match Path::new(&self.path).is_absolute() {
            true => self.path.clone(),
            false => format!(
                "{}/{}",
                glob::Pattern::escape(&base.to_string_lossy()),
                self.path
            ),
        };
        let matches = glob::glob(&pattern)
            .map_err(|error| self.refuse(("path".to_owned(), error.to_string())))?;
        let mut files = Vec::new();
        for path in matches {
            let path = path.map_err(|error| IngestError::Io {
                file: error.path().display().to_string(),
                error: error.into(),
            })?;
            if path.is_file() {
                files.push(path);
            }
        }
        if files.is_empty() {
            Err(none())
        } else {
            Ok(files)
        }
    }

    fn file(&self, base: &Path, path: PathBuf) -> Result<SourceFile, IngestError> {
        let format = self.format_of(&path)?;
        let relative = path.strip_prefix(base).unwrap_or(&path);
        let name = relative.to_string_lossy().replace('\\', "/");
        let metadata = path.metadata().map_err(|error| unreadable(&path, error))?;
        let plan = Arc::new(self.plan(format)?);
        Ok(SourceFile {
            path,
            name,
            length: metadata.len(),
            format,
            plan,
        })
    }
}

impl SourceFile {
    /// The path relative to the base folder, with `/` between its parts.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size in bytes when it was found.
    pub fn len_bytes(&self) -> u64 {
        self.length
    }

    /// SHA-256 of the content, in hexadecimal.
    ///
    /// # Errors
    /// [`IngestError::Io`] if the file cannot be read.
    pub fn fingerprint(&self) -> Result<String, IngestError> {
        let mut hash = Sha256::new();
        let copied = self.open().and_then(|mut file| {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let count = file.read(&mut buffer)?;
                if count == 0 {
                    return Ok(());
                }
                hash.update(&buffer[..count]);
            }
        });
        copied.map_err(|error| unreadable(&self.path, error))?;
        Ok(hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }

    /// Hands every item after the first `skip` to `sink`, in order, until it breaks. The
    /// same file gives the same items under the same numbers.
    ///
    /// # Errors
    /// [`IngestError::Io`]; [`IngestError::Header`] if a table lacks a necessary column;
    /// [`IngestError::NoRecords`] and [`IngestError::BrokenDocument`] for JSON documents.
    /// Items before the error were handed over.
    pub fn read(
        &self,
        skip: u64,
        sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
    ) -> Result<(), IngestError> {
        let encoding = self
            .encoding()
            .map_err(|error| unreadable(&self.path, error))?;
        let file = self.open().map_err(|error| unreadable(&self.path, error))?;
        let bytes_read = Rc::new(Cell::new(0));
        let input = Decoded::new(
            Counted {
                input: file,
                count: Rc::clone(&bytes_read),
            },
            encoding,
        );
        let mut emitter = Emitter::new(&self.plan.mapping, bytes_read, skip, sink);
        let limit = self.plan.max_record_bytes;
        match self.format {
            Format::Jsonl => crate::lines::read(input, limit, &mut emitter)
                .map_err(|error| unreadable(&self.path, error)),
            Format::Json => crate::document::read(input, &self.plan.records, limit, &mut emitter)
                .map_err(|error| self.document_error(error)),
            Format::Csv | Format::Tsv => {
                crate::table::read(input, &self.plan.dialect, limit, &mut emitter)
                    .map_err(|error| self.table_error(error))
            }
        }
    }

    fn open(&self) -> io::Result<File> {
        File::open(&self.path)
    }

    fn encoding(&self) -> io::Result<&'static Encoding> {
        if let Some(encoding) = self.plan.encoding {
            return Ok(encoding);
        }
        let encoding = crate::detect::detect(self.open()?)?;
        tracing::debug!(
            file = self.name,
            encoding = encoding.name(),
            "encoding detected"
        );
        Ok(encoding)
    }

    fn table_error(&self, error: TableError) -> IngestError {
        match error {
            TableError::Io(error) => unreadable(&self.path, error),
            TableError::Header(reason) => IngestError::Header {
                file: self.name.clone(),
                reason,
            },
        }
    }

    fn document_error(&self, error: DocumentError) -> IngestError {
        let file = self.name.clone();
        match error {
            DocumentError::Io(error) => unreadable(&self.path, error),
            DocumentError::NoRecords(reason) => IngestError::NoRecords { file, reason },
            DocumentError::Broken { line, byte, reason } => IngestError::BrokenDocument {
                file,
                line,
                byte,
                reason: reason.to_owned(),
            },
        }
    }
}

fn unreadable(path: &Path, error: io::Error) -> IngestError {
    IngestError::Io {
        file: path.display().to_string(),
        error,
    }
}

/// Reads canonical JSON lines in UTF-8, such as standard input. A line that names no
/// `source` belongs to `default_source`. The sink may break at any item. Lines over 1 MiB
/// are rejected.
///
/// # Errors
/// [`IngestError::Io`] if the reader fails.
pub fn read_canonical(
    reader: impl BufRead,
    default_source: &SourceId,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<(), IngestError> {
    let calendar = Calendar {
        zone: jiff::tz::TimeZone::UTC,
        day_first: None,
    };
    let conventions = Conventions {
        calendar,
        decimal_comma: false,
    };
    let mapping = Mapping::canonical(
        Source::Default(default_source.clone()),
        Vec::new(),
        &[],
        conventions,
    );
    let bytes_read = Rc::new(Cell::new(0));
    let input = Decoded::new(
        Counted {
            input: reader,
            count: Rc::clone(&bytes_read),
        },
        UTF_8,
    );
    let sink: &mut Sink<'_> = sink;
    let mut emitter = Emitter::new(&mapping, bytes_read, 0, sink);
    crate::lines::read(input, MAX_RECORD_BYTES, &mut emitter).map_err(|error| IngestError::Io {
        file: "input".to_owned(),
        error,
    })
}

/// A reader that counts the bytes it gives.
struct Counted<R> {
    input: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(into)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}
