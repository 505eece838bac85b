use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

use jiff::civil::date;
use tantivy::Term;
use tempfile::TempDir;
use voc_core::{
    Channel, Kind, Language, RecordId, Sentiment, SourceId, ThemeId, Touchpoint, Urgency,
};

use super::*;
use crate::group::Group;
use crate::{Document, Query};

fn put(writer: &mut IndexWriter, row: u64, text: &str) {
    let (source, id) = (SourceId::new("shop").unwrap(), RecordId::new("x").unwrap());
    let themes = [ThemeId::new("delivery.speed").unwrap()];
    let document = Document {
        row,
        source: &source,
        id: &id,
        language: Language::EN,
        channel: Channel::Email,
        day: date(2026, 8, 3),
        kinds: &[Kind::Complaint],
        themes: &themes,
        sentiment: Sentiment::Negative,
        urgency: Urgency::default(),
        touchpoint: Some(Touchpoint::Delivery),
        title: None,
        texts: vec![text],
    };
    writer.upsert(&document).unwrap();
}

fn filled(dir: &Path, documents: u64) -> Index {
    let index = Index::open(dir).unwrap();
    let mut writer = index.writer(IndexWriter::MEMORY).unwrap();
    (0..documents).for_each(|row| put(&mut writer, row, &format!("late parcel number {row}")));
    writer.commit(7).unwrap();
    index
}

fn found(index: &Index, query: &str) -> Vec<u64> {
    let query = Query::parse(query).unwrap();
    let hits = index.searcher().unwrap().lexical(&query, 10).unwrap();
    hits.iter().map(|hit| hit.row).collect()
}

#[test]
fn a_commit_makes_changes_visible_with_the_version_of_the_store() {
    let dir = TempDir::new().unwrap();
    let index = Index::open(dir.path()).unwrap();
    assert_eq!(
        (
            index.version().unwrap(),
            index.searcher().unwrap().documents()
        ),
        (None, 0)
    );

    let mut writer = index.writer(IndexWriter::MEMORY).unwrap();
    put(&mut writer, 1, "late parcel");
    assert!(found(&index, "late").is_empty());
    let before = index.searcher().unwrap();
    writer.commit(41).unwrap();
    assert_eq!((found(&index, "late"), before.documents()), (vec![1], 0));

    put(&mut writer, 2, "late again");
    drop(writer);
    let reopened = Index::open(dir.path()).unwrap();
    assert_eq!(
        (reopened.version().unwrap(), found(&reopened, "late")),
        (Some(41), vec![1])
    );
}

#[test]
fn a_document_replaces_the_one_with_its_row_and_can_be_removed() {
    let dir = TempDir::new().unwrap();
    let index = filled(dir.path(), 3);
    let mut writer = index.writer(IndexWriter::MEMORY).unwrap();
    put(&mut writer, 1, "broken cup");
    put(&mut writer, 1, "broken saucer");
    writer.delete(2);
    writer.delete(99);
    writer.commit(8).unwrap();
    assert_eq!(found(&index, "parcel"), [0]);
    assert_eq!(
        (found(&index, "saucer"), found(&index, "cup")),
        (vec![1], vec![])
    );
    assert_eq!(index.searcher().unwrap().documents(), 2);
}

/// In how many documents the files have `word`, removed ones included.
fn documents_with(index: &Index, word: &str) -> u64 {
    index.searcher().unwrap();
    let text = index.fields.of(Group::of(Language::EN)).text;
    index
        .reader
        .searcher()
        .doc_freq(&Term::from_field_text(text, word))
        .unwrap()
}

#[test]
fn expunging_leaves_no_word_of_a_removed_document_in_the_files() {
    let dir = TempDir::new().unwrap();
    let index = filled(dir.path(), 20);
    let mut writer = index.writer(15_000_000).unwrap();
    put(&mut writer, 30, "zebra");
    put(&mut writer, 31, "parcel");
    writer.commit(8).unwrap();
    writer.delete(30);
    writer.commit(9).unwrap();
    let old = files(dir.path(), "term");
    assert_eq!(
        (found(&index, "zebra"), documents_with(&index, "zebra")),
        (vec![], 1)
    );

    writer.expunge(10).unwrap();
    assert_eq!(documents_with(&index, "zebra"), 0);
    assert!(old.iter().any(|file| !file.exists()), "{old:?}");
    assert_eq!(
        (
            index.version().unwrap(),
            index.searcher().unwrap().documents()
        ),
        (Some(10), 21)
    );
    index.verify().unwrap();
}

#[test]
fn one_writer_at_a_time_within_its_budget() {
    let dir = TempDir::new().unwrap();
    let index = Index::open(dir.path()).unwrap();
    let writer = index.writer(IndexWriter::MEMORY).unwrap();
    let second = Index::open(dir.path()).unwrap().writer(IndexWriter::MEMORY);
    assert!(matches!(second, Err(IndexError::Busy { .. })));
    drop(writer);
    assert!(index.writer(15_000_000).is_ok());
    assert!(matches!(
        index.writer(1_000_000),
        Err(IndexError::MemoryBudget { .. })
    ));
}

#[test]
fn an_index_of_another_schema_is_built_anew_and_foreign_files_stay() {
    let dir = TempDir::new().unwrap();
    let other = tantivy::schema::Schema::builder().build();
    tantivy::Index::create_in_dir(dir.path(), other).unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    assert_unusable(Index::open(dir.path()).map(|_| ()), dir.path());

    let index = Index::create_anew(dir.path()).unwrap();
    assert_eq!(index.searcher().unwrap().documents(), 0);
    assert_eq!(
        fs::read_to_string(dir.path().join("notes.txt")).unwrap(),
        "mine"
    );
}

#[track_caller]
fn assert_unusable(result: Result<(), IndexError>, dir: &Path) {
    let error = result.unwrap_err();
    assert!(matches!(error, IndexError::Unusable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&dir.display().to_string()), "{text}");
    assert!(text.contains("voc rebuild"), "{text}");
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let found: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    assert!(!found.is_empty(), "no .{extension}");
    found
}

/// Opens and uses the index in every way.
fn use_all(dir: &Path) -> Result<(), IndexError> {
    let index = Index::open(dir)?;
    let searcher = index.searcher()?;
    for query in [
        "late parcel",
        "\"late parcel\" -number since:2026-01-01",
        "kind:complaint",
    ] {
        let query = Query::parse(query)?;
        searcher.lexical(&query, 10)?;
        searcher.filtered_rows(&query)?;
    }
    index.verify()
}

#[test]
fn a_damaged_index_is_unusable_and_built_anew() {
    for extension in ["term", "idx", "pos", "fast", "fieldnorm", "store", "json"] {
        for damage in [cut_off, empty, overwrite, remove] {
            let dir = TempDir::new().unwrap();
            drop(filled(dir.path(), 300));
            files(dir.path(), extension).iter().for_each(damage);
            let removed_meta = extension == "json" && !dir.path().join("meta.json").exists();
            if removed_meta {
                // Nothing says that there was an index: it is a new one, of no version.
                assert_eq!(Index::open(dir.path()).unwrap().version().unwrap(), None);
                continue;
            }
            assert_unusable(use_all(dir.path()), dir.path());
            let index = Index::create_anew(dir.path()).unwrap();
            assert_eq!(index.version().unwrap(), None);
            drop(index);
            use_all(dir.path()).unwrap();
        }
    }
}

fn cut_off(file: &PathBuf) {
    let length = fs::metadata(file).unwrap().len();
    OpenOptions::new()
        .write(true)
        .open(file)
        .unwrap()
        .set_len(length * 2 / 3)
        .unwrap();
}

fn empty(file: &PathBuf) {
    OpenOptions::new()
        .write(true)
        .open(file)
        .unwrap()
        .set_len(0)
        .unwrap();
}

fn overwrite(file: &PathBuf) {
    OpenOptions::new()
        .write(true)
        .open(file)
        .unwrap()
        .write_all_at(&[0xa5; 8], 0)
        .unwrap();
}

fn remove(file: &PathBuf) {
    fs::remove_file(file).unwrap();
}

#[test]
fn a_folder_that_cannot_be_made_is_a_storage_error() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Index::open(&file).map(|_| ()).unwrap_err();
    assert!(matches!(error, IndexError::Storage { .. }), "{error:?}");
}
