//! What is left when the process or the machine dies. The test binary runs itself as the
//! process that is killed.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;

use crate::sample::{FILE, SOURCE, bookmark, chunk, entry, source, start};
use crate::{RunLock, Snapshot, Store, StoreError};

/// Names the folder to the process that is to be killed.
const VICTIM: &str = "VOC_STORE_TEST_VICTIM";
const PER_CHUNK: u64 = 40;

/// Writes chunks until it is killed, going on from the bookmark; `version` of the store is
/// then always what `items` of the bookmark and the number of records follow from.
fn write_until_killed(folder: &Path) {
    let _lock = RunLock::acquire(folder).unwrap();
    let store = Store::open(&folder.join("voc.db")).unwrap();
    let writer = store.writer(TimeZone::UTC).unwrap();
    let run = writer.begin_run(start()).unwrap();
    let mut next = items(&store.snapshot().unwrap());
    loop {
        let entries = (next..next + PER_CHUNK).map(|id| entry(&id.to_string(), 1));
        next += PER_CHUNK;
        let mut chunk = chunk(run, entries.collect());
        chunk.bookmark = bookmark(next);
        drop(writer.submit(chunk).unwrap());
    }
}

fn items(snapshot: &Snapshot) -> u64 {
    snapshot
        .bookmark(&source(SOURCE), FILE)
        .unwrap()
        .map_or(0, |bookmark| bookmark.items)
}

#[track_caller]
fn check_consistent(snapshot: &Snapshot) {
    snapshot.verify().unwrap();
    let records = snapshot.digest().unwrap().records;
    assert_eq!(records, items(snapshot), "records and bookmark agree");
    assert_eq!(records, snapshot.version() * PER_CHUNK, "whole chunks only");
    let read: u64 = snapshot
        .runs(99)
        .unwrap()
        .iter()
        .flat_map(|run| &run.counts)
        .map(|(_, c)| c.read)
        .sum();
    assert_eq!(records, read, "the run log agrees");
}

fn spawn_victim(folder: &Path, test: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(VICTIM, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn wait_for_version(folder: &Path, version: u64) {
    let path = folder.join("voc.db");
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let reached = path.exists()
            && Store::open(&path)
                .and_then(|store| store.snapshot())
                .is_ok_and(|snapshot| snapshot.version() >= version);
        if reached {
            return;
        }
        assert!(Instant::now() < deadline, "the victim wrote nothing");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_killed_writer_leaves_whole_chunks_and_the_next_one_goes_on() {
    if let Some(folder) = env::var_os(VICTIM) {
        return write_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "crash_tests::a_killed_writer_leaves_whole_chunks_and_the_next_one_goes_on";
    let mut version = 0;
    for round in 0..6 {
        let mut victim = spawn_victim(folder.path(), test);
        wait_for_version(folder.path(), version + 2);
        thread::sleep(Duration::from_millis(7 * round));
        let held = RunLock::acquire(folder.path()).unwrap_err();
        let pid = victim.id().to_string();
        assert!(
            matches!(&held, StoreError::RunLocked { pid: named, .. } if *named == pid),
            "{held}"
        );
        victim.kill().unwrap();
        victim.wait().unwrap();

        RunLock::acquire(folder.path()).unwrap();
        let snapshot = Store::open(&folder.path().join("voc.db"))
            .unwrap()
            .snapshot()
            .unwrap();
        assert!(snapshot.version() > version);
        version = snapshot.version();
        check_consistent(&snapshot);
        assert_eq!(snapshot.runs(1).unwrap()[0].end, None, "it was interrupted");
    }
}

#[test]
fn a_log_cut_off_anywhere_leaves_whole_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voc.db");
    let store = Store::open(&path).unwrap();
    let writer = store.writer(TimeZone::UTC).unwrap();
    let run = writer.begin_run(start()).unwrap();
    assert!(writer.clear_log().unwrap());
    for next in (0..4).map(|chunk| chunk * PER_CHUNK) {
        let entries = (next..next + PER_CHUNK).map(|id| entry(&id.to_string(), 1));
        let mut chunk = chunk(run, entries.collect());
        chunk.bookmark = bookmark(next + PER_CHUNK);
        writer.submit(chunk).unwrap().wait().unwrap();
    }
    let (file, log) = (
        fs::read(&path).unwrap(),
        fs::read(folder.path().join("voc.db-wal")).unwrap(),
    );
    let mut versions = Vec::new();
    for cut in 0..=12 {
        let after = tempfile::tempdir().unwrap();
        let path = after.path().join("voc.db");
        fs::write(&path, &file).unwrap();
        // Odd lengths, so that the cut lies within a frame.
        let kept = (log.len() * cut / 12).saturating_sub(if cut < 12 { 1234 } else { 0 });
        fs::write(after.path().join("voc.db-wal"), &log[..kept]).unwrap();
        let snapshot = Store::open(&path).unwrap().snapshot().unwrap();
        check_consistent(&snapshot);
        versions.push(snapshot.version());
    }
    assert!(
        versions.is_sorted() && versions[0] == 0 && versions[12] == 4,
        "{versions:?}"
    );
    assert!(
        versions.contains(&1) && versions.contains(&3),
        "{versions:?}"
    );
}
