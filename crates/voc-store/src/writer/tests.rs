use std::fs;
use std::time::Duration;

use rusqlite::types::Value;

use super::*;
use crate::sample::{FILE, SOURCE, Sample, bookmark, chunk, entry, key, record, source, start};
use crate::{DeadHash, DeadLetter, Entry, RunCounts, RunOutcome};

fn stamped(id: &str, content: u8, updated_at: &str) -> Entry {
    let mut entry = entry(id, content);
    entry.record.updated_at = Some(updated_at.parse().unwrap());
    entry
}

/// What the store holds under "1" after `entries`, and how they were counted: added,
/// replaced, unchanged, stale.
#[track_caller]
fn check_versions(entries: Vec<Entry>, counted: [u64; 4], kept: u8) {
    let sample = Sample::new();
    let receipt = sample.put(entries);
    assert_eq!(
        [
            receipt.added,
            receipt.replaced,
            receipt.unchanged,
            receipt.stale
        ],
        counted
    );
    let stored = sample
        .store
        .snapshot()
        .unwrap()
        .record(&key("1"))
        .unwrap()
        .unwrap();
    assert_eq!(stored.content.as_bytes(), &[kept; 32]);
    sample.store.snapshot().unwrap().verify().unwrap();
}

#[test]
fn of_the_versions_of_a_record_the_newest_is_kept() {
    let (early, late) = ("2026-08-03T10:00:00Z", "2026-08-03T11:00:00Z");
    check_versions(
        vec![stamped("1", 1, early), stamped("1", 2, late)],
        [1, 1, 0, 0],
        2,
    );
    check_versions(
        vec![stamped("1", 1, late), stamped("1", 2, early)],
        [1, 0, 0, 1],
        1,
    );
    check_versions(
        vec![stamped("1", 1, late), stamped("1", 2, late)],
        [1, 1, 0, 0],
        2,
    );
    check_versions(vec![entry("1", 1), entry("1", 2)], [1, 1, 0, 0], 2);
    check_versions(
        vec![entry("1", 1), entry("1", 1), entry("1", 1)],
        [1, 0, 2, 0],
        1,
    );
}

#[test]
fn what_another_model_said_about_the_same_content_replaces() {
    let mut tagged_anew = entry("1", 1);
    tagged_anew.annotation.model = "m2".to_owned();
    check_versions(vec![entry("1", 1), tagged_anew], [1, 1, 0, 0], 1);
}

#[test]
fn a_chunk_counts_one_version_up_and_sets_the_bookmark() {
    let sample = Sample::new();
    assert_eq!(sample.put(vec![entry("1", 1), entry("2", 1)]).version, 1);
    assert_eq!(sample.put(vec![]).version, 2);
    let snapshot = sample.store.snapshot().unwrap();
    assert_eq!(snapshot.version(), 2);
    assert_eq!(
        snapshot.bookmark(&source(SOURCE), FILE).unwrap(),
        Some(bookmark(0))
    );
    assert_eq!(
        snapshot.bookmark(&source(SOURCE), "another.csv").unwrap(),
        None
    );
    assert_eq!(snapshot.bookmarks().unwrap(), [bookmark(0)]);
}

#[track_caller]
fn check_refused(sample: &Sample, chunk: Chunk, says: &str) {
    let error = match sample.writer.submit(chunk) {
        Ok(pending) => pending.wait().unwrap_err(),
        Err(error) => error,
    };
    assert!(error.to_string().contains(says), "{error}");
    let snapshot = sample.store.snapshot().unwrap();
    assert_eq!(
        (snapshot.version(), snapshot.bookmarks().unwrap()),
        (0, vec![])
    );
}

#[test]
fn an_entry_that_says_who_wrote_it_is_refused_with_its_chunk() {
    let sample = Sample::new();
    let check = |fields: &str, says: &str| {
        let line = format!(
            r#"{{"id":"2","source":"shop","channel":"chat","created_at":"2026-08-03T10:00:00Z",{fields}}}"#
        );
        let named = Entry {
            record: serde_json::from_str(&line).unwrap(),
            ..entry("2", 1)
        };
        check_refused(&sample, chunk(sample.run, vec![entry("1", 1), named]), says);
    };
    check(
        r#""text":"a","author":"x""#,
        "record shop/2 still holds `author`",
    );
    check(r#""text":"a","customer":{"id":"x"}"#, "`customer.id`");
    check(
        r#""messages":[{"at":"2026-08-03T10:00:00Z","by":"agent","author":"x","text":"a"}]"#,
        "`messages.author`",
    );
    check(r#""text":"a","consent":false"#, "`consent: false`");
}

#[test]
fn a_chunk_holds_one_source() {
    let sample = Sample::new();
    let says = "holds something of `other`";
    let mut foreign = entry("1", 1);
    foreign.record.source = source("other");
    check_refused(&sample, chunk(sample.run, vec![foreign]), says);
    let mut foreign = chunk(sample.run, vec![]);
    foreign.bookmark.source = source("other");
    check_refused(&sample, foreign, says);
    let mut foreign = chunk(sample.run, vec![]);
    foreign.dead.push(DeadLetter {
        source: source("other"),
        ..letter(1)
    });
    check_refused(&sample, foreign, says);
}

#[test]
fn a_chunk_belongs_to_a_run_that_is_going() {
    let sample = Sample::new();
    let end = RunEnd {
        finished_at: start().started_at,
        outcome: RunOutcome::Done,
    };
    sample.writer.finish_run(sample.run, end).unwrap();
    check_refused(
        &sample,
        chunk(sample.run, vec![entry("1", 1)]),
        "run 1 was not begun",
    );
    let error = sample.writer.finish_run(sample.run, end).unwrap_err();
    assert!(matches!(error, StoreError::UnknownRun(run) if run == sample.run));
}

/// Sets a pragma on the writer's own connection.
fn set(writer: &Writer, pragma: &'static str, value: impl Into<Value>) {
    let value = value.into();
    let set = move |connection: &mut Connection| {
        Ok(connection.pragma_update_and_check(None, pragma, value, |_| Ok(()))?)
    };
    writer.call(set).unwrap().wait().unwrap();
}

#[test]
fn of_a_chunk_that_finds_the_disk_full_nothing_is_applied() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    let before = sample.store.snapshot().unwrap();
    let pages: i64 = sample
        .aside()
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    set(&sample.writer, "max_page_count", pages + 2);
    let many = || (0..200).map(|id| entry(&id.to_string(), 7)).collect();
    let error = sample
        .writer
        .submit(chunk(sample.run, many()))
        .unwrap()
        .wait()
        .unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    assert!(error.to_string().contains("Free some space"), "{error}");

    let after = sample.store.snapshot().unwrap();
    assert_eq!(after.version(), before.version());
    assert_eq!(after.digest().unwrap(), before.digest().unwrap());
    assert_eq!(after.bookmarks().unwrap(), before.bookmarks().unwrap());
    assert_eq!(after.runs(9).unwrap(), before.runs(9).unwrap());
    after.verify().unwrap();
    drop((before, after));

    set(&sample.writer, "max_page_count", 1_000_000);
    assert_eq!(sample.put(many()).added, 199);
    sample.store.snapshot().unwrap().verify().unwrap();
}

#[test]
fn a_store_that_another_process_writes_is_waited_for_and_then_given_up() {
    let sample = Sample::new();
    let other = sample.aside();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    set(&sample.writer, "busy_timeout", 50);
    let error = sample
        .writer
        .submit(chunk(sample.run, vec![entry("1", 1)]))
        .unwrap()
        .wait();
    assert!(matches!(error, Err(StoreError::Busy { .. })), "{error:?}");

    set(&sample.writer, "busy_timeout", 60_000);
    let pending = sample
        .writer
        .submit(chunk(sample.run, vec![entry("1", 1)]))
        .unwrap();
    thread::sleep(Duration::from_millis(50));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(pending.wait().unwrap().added, 1);
}

#[test]
fn two_writers_of_one_file_take_turns() {
    let sample = Sample::new();
    let again = crate::Store::open(sample.store.path()).unwrap();
    let other = again.writer(TimeZone::UTC).unwrap();
    let other_run = other.begin_run(start()).unwrap();
    let both = (0..20_u8).map(|id| {
        let ours = chunk(sample.run, vec![entry(&format!("a{id}"), id)]);
        let theirs = chunk(other_run, vec![entry(&format!("b{id}"), id)]);
        (
            sample.writer.submit(ours).unwrap(),
            other.submit(theirs).unwrap(),
        )
    });
    both.for_each(|(ours, theirs)| {
        assert_eq!(ours.wait().unwrap().added + theirs.wait().unwrap().added, 2);
    });
    let snapshot = sample.store.snapshot().unwrap();
    assert_eq!(
        (snapshot.version(), snapshot.digest().unwrap().records),
        (40, 40)
    );
    snapshot.verify().unwrap();
}

#[test]
fn dropping_the_writer_finishes_what_was_submitted() {
    let Sample {
        folder: _folder,
        store,
        writer,
        run,
    } = Sample::new();
    let pending: Vec<_> = (0..10_u8)
        .map(|id| {
            writer
                .submit(chunk(run, vec![entry(&id.to_string(), 1)]))
                .unwrap()
        })
        .collect();
    drop(writer);
    assert_eq!(store.snapshot().unwrap().version(), 10);
    let versions: Vec<_> = pending
        .into_iter()
        .map(|each| each.wait().unwrap().version)
        .collect();
    assert_eq!(versions, (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_writer_whose_thread_died_says_so() {
    let sample = Sample::new();
    let answer = sample
        .writer
        .call::<()>(|_| panic!("a bug"))
        .unwrap()
        .wait();
    assert!(
        matches!(answer, Err(StoreError::WriterStopped { .. })),
        "{answer:?}"
    );
    let answer = sample.writer.delete(vec![]).and_then(Pending::wait);
    assert!(
        matches!(answer, Err(StoreError::WriterStopped { .. })),
        "{answer:?}"
    );
}

fn letter(position: u64) -> DeadLetter {
    DeadLetter {
        source: source(SOURCE),
        file: FILE.to_owned(),
        position,
        reason: "the text is empty".to_owned(),
        hash: DeadHash::from_bytes([9; 32]),
    }
}

#[test]
fn a_dead_letter_met_again_is_not_doubled() {
    let sample = Sample::new();
    let changed = DeadLetter {
        hash: DeadHash::from_bytes([8; 32]),
        ..letter(2)
    };
    let put = |dead| {
        let chunk = Chunk {
            dead,
            ..chunk(sample.run, vec![])
        };
        sample.writer.submit(chunk).unwrap().wait().unwrap().dead
    };
    assert_eq!(put(vec![letter(3), letter(2)]), 2);
    assert_eq!(put(vec![letter(2), changed.clone()]), 1);
    let snapshot = sample.store.snapshot().unwrap();
    let letters = |source: Option<&_>| {
        let mut found = Vec::new();
        snapshot
            .dead_letters(source, &mut |letter| found.push(letter))
            .unwrap();
        found
    };
    assert_eq!(letters(None), [changed, letter(2), letter(3)]);
    assert_eq!(letters(Some(&source(SOURCE))).len(), 3);
    assert_eq!(letters(Some(&source("other"))), []);
}

#[test]
fn a_run_adds_up_its_chunks_and_is_interrupted_until_it_ends() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1), entry("1", 2)]);
    let mut chunk = chunk(sample.run, vec![entry("1", 2)]);
    chunk.dead.push(letter(1));
    chunk.counts = crate::ChunkCounts {
        read: 9,
        unchanged: 3,
        stale: 2,
        without_consent: 1,
    };
    sample.writer.submit(chunk).unwrap().wait().unwrap();
    let runs = || sample.store.snapshot().unwrap().runs(5).unwrap();
    let counts = RunCounts {
        read: 11,
        added: 1,
        replaced: 1,
        unchanged: 4,
        stale: 2,
        dead: 1,
        without_consent: 1,
    };
    assert_eq!(runs()[0].counts, [(source(SOURCE), counts)]);
    assert_eq!((&runs()[0].start, runs()[0].end), (&start(), None));

    let finished_at = "2026-08-10T02:10:00Z".parse().unwrap();
    for outcome in [RunOutcome::Done, RunOutcome::Incomplete, RunOutcome::Failed] {
        let run = sample.writer.begin_run(start()).unwrap();
        let end = RunEnd {
            finished_at,
            outcome,
        };
        sample.writer.finish_run(run, end).unwrap();
        assert_eq!((runs()[0].id, runs()[0].end), (run, Some(end)));
    }
    assert_eq!(runs().len(), 4);
    assert_eq!(sample.store.snapshot().unwrap().runs(1).unwrap().len(), 1);
}

#[test]
fn a_store_has_one_annotator() {
    let sample = Sample::new();
    let annotator = || sample.store.snapshot().unwrap().annotator().unwrap();
    assert_eq!(annotator(), None);
    sample.writer.set_annotator("e5-bf16").unwrap();
    sample.writer.set_annotator("e5-bf16").unwrap();
    let error = sample.writer.set_annotator("other").unwrap_err();
    assert!(
        matches!(error, StoreError::AnnotatorMismatch { .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("voc rebuild --reencode"),
        "{error}"
    );
    assert_eq!(annotator().as_deref(), Some("e5-bf16"));
}

/// Whether any file of the store holds `text`.
fn is_anywhere(sample: &Sample, text: &str) -> bool {
    let files = fs::read_dir(sample.folder.path()).unwrap();
    let holds = |bytes: Vec<u8>| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    files
        .into_iter()
        .any(|file| holds(fs::read(file.unwrap().path()).unwrap()))
}

const SECRET: &str = "разказвам нещо незабравимо";

fn put_secret(sample: &Sample) {
    let mut told = entry("1", 1);
    told.record = record("1", &format!("{SECRET} {}", "много дълго ".repeat(900)));
    sample.put(vec![told, entry("2", 1)]);
    sample.writer.clear_log().unwrap();
    // A replaced version is gone from the pages too.
    let mut retold = entry("1", 2);
    retold.record = record("1", SECRET);
    sample.put(vec![retold]);
}

#[test]
fn of_a_deleted_record_no_byte_is_left() {
    let sample = Sample::new();
    put_secret(&sample);
    assert!(is_anywhere(&sample, SECRET));
    let erased = sample
        .writer
        .delete(vec![key("1"), key("never")])
        .unwrap()
        .wait()
        .unwrap();
    assert_eq!(
        erased,
        Erasure {
            version: 3,
            deleted: 1,
            log_cleared: true
        }
    );
    assert!(!is_anywhere(&sample, SECRET));

    let snapshot = sample.store.snapshot().unwrap();
    assert_eq!(snapshot.record(&key("1")).unwrap(), None);
    assert_eq!(snapshot.digest().unwrap().records, 1);
    for table in ["document", "vector", "record_fact"] {
        let count = format!("SELECT count(*) FROM {table}");
        let count: u64 = sample
            .aside()
            .query_row(&count, [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 1, "{table}");
    }
    snapshot.verify().unwrap();
}

#[test]
fn a_log_that_a_snapshot_still_reads_is_cleared_later() {
    let sample = Sample::new();
    put_secret(&sample);
    let held = sample.store.snapshot().unwrap();
    set(&sample.writer, "busy_timeout", 20);
    let erased = sample
        .writer
        .delete(vec![key("1")])
        .unwrap()
        .wait()
        .unwrap();
    assert!(!erased.log_cleared && is_anywhere(&sample, SECRET));
    drop(held);
    assert!(sample.writer.clear_log().unwrap());
    assert!(!is_anywhere(&sample, SECRET));
}
