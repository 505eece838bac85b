//! Files of labelled records, and of lines that people write.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use voc_eval::GoldRecord;
use voc_store::StoreError;

use crate::failure::Failure;

/// Reads all gold files; a folder stands for the `.jsonl` files in it, by name.
///
/// # Errors
/// [`Failure::Usage`] naming the file and line that cannot be used.
pub fn read_gold(paths: &[PathBuf]) -> Result<Vec<GoldRecord>, Failure> {
    let mut gold: Vec<GoldRecord> = Vec::new();
    let mut ids = BTreeSet::new();
    for path in paths {
        for file in files_of(path)? {
            let in_file = |why: &dyn Display| Failure::usage(format!("{}: {why}", file.display()));
            let records = GoldRecord::read_all(&read(&file)?).map_err(|error| in_file(&error))?;
            let again = records.iter().find(|r| !ids.insert(r.record.id.clone()));
            if let Some(again) = again {
                let id = &again.record.id;
                return Err(in_file(&format!("record {id} is in another file too")));
            }
            gold.extend(records);
        }
    }
    if gold.is_empty() {
        return Err(Failure::usage("there are no gold records in these files"));
    }
    Ok(gold)
}

/// The file itself, or the `.jsonl` files of a folder by name.
///
/// # Errors
/// [`Failure::Usage`] for a folder that cannot be read.
pub fn files_of(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| cannot("read", path, &error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    files.sort();
    Ok(files)
}

/// The text of `file`.
///
/// # Errors
/// [`Failure::Usage`] if it cannot be read.
pub fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| cannot("read", file, &error))
}

/// The failure to do `what` with `file`.
pub fn cannot(what: &str, file: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot {what} {}: {error}", file.display()))
}

/// The store's refusal with the line it is about; `lines` are those of what was given to it.
pub fn at_line(file: &Path, lines: &[usize], error: StoreError) -> Failure {
    match error.position().and_then(|position| lines.get(position)) {
        Some(line) => in_line(file, *line, &error),
        None => error.into(),
    }
}

/// The failure to use a line, which is counted from 1.
pub fn in_line(file: &Path, line: usize, why: &dyn Display) -> Failure {
    Failure::usage(format!("{}, line {line}: {why}", file.display()))
}
