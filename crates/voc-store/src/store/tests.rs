use std::fs;
use std::os::unix::fs::PermissionsExt;

use jiff::tz::{Offset, TimeZone};
use rusqlite::Connection;

use super::*;
use crate::sample::{Sample, entry};

fn check_refused(path: &Path, expect: fn(&StoreError) -> bool, says: &str) {
    let error = Store::open(path).unwrap_err();
    assert!(expect(&error), "{error:?}");
    assert!(error.to_string().contains(says), "{error}");
    assert!(
        error.to_string().contains(&path.display().to_string()),
        "{error}"
    );
}

#[test]
fn a_new_store_is_empty_and_its_owners_alone() {
    let sample = Sample::new();
    for name in ["voc.db", "voc.db-wal", "voc.db-shm"] {
        let mode = fs::metadata(sample.folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(sample.store.snapshot().unwrap().version(), 0);
    assert_eq!(
        sample
            .store
            .snapshot()
            .unwrap()
            .first_and_last_day()
            .unwrap(),
        None
    );
}

#[test]
fn a_store_is_found_again_as_it_was_left() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    let Sample {
        folder,
        store,
        writer,
        ..
    } = sample;
    let before = store.snapshot().unwrap().digest().unwrap();
    drop((writer, store));
    let again = Store::open(&folder.path().join("voc.db"))
        .unwrap()
        .snapshot()
        .unwrap();
    assert_eq!((again.version(), again.digest().unwrap()), (1, before));
}

#[test]
fn commits_are_synced_and_freed_pages_wiped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voc.db");
    Store::open(&path).unwrap();
    let connection = connection::writable(&path).unwrap();
    let setting = |name| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let full = 2;
    assert_eq!(
        (
            setting("synchronous"),
            setting("secure_delete"),
            setting("foreign_keys")
        ),
        (full, 1, 1)
    );
    let mode: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_alone() {
    let sample = Sample::new();
    let path = sample.store.path().to_owned();
    sample
        .aside()
        .pragma_update(None, "user_version", 999)
        .unwrap();
    let newer = |error: &StoreError| {
        matches!(
            error,
            StoreError::NewerSchema {
                found: 999,
                known: 3,
                ..
            }
        )
    };
    check_refused(&path, newer, "install the newer `voc`");
    let left: u32 = sample
        .aside()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(left, 999);
}

#[test]
fn a_file_that_is_not_a_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let not_a_store = |error: &StoreError| matches!(error, StoreError::NotAStore { .. });

    let text = folder.path().join("notes.txt");
    fs::write(&text, "бележки ".repeat(200)).unwrap();
    check_refused(&text, not_a_store, "not a VoC Pulse store");
    assert_eq!(fs::read_to_string(&text).unwrap(), "бележки ".repeat(200));

    let other = folder.path().join("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    let before = fs::read(&other).unwrap();
    check_refused(&other, not_a_store, "not a VoC Pulse store");
    assert_eq!(fs::read(&other).unwrap(), before);
}

#[test]
fn a_store_that_was_cut_short_or_lost_its_version_is_damaged() {
    let corrupt = |error: &StoreError| matches!(error, StoreError::Corrupt { .. });

    let Sample {
        folder,
        store,
        writer,
        ..
    } = Sample::new();
    let path = store.path().to_owned();
    drop((writer, store));
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    check_refused(&path, corrupt, "put a backup");
    drop(folder);

    let sample = Sample::new();
    sample.aside().execute("DELETE FROM store", []).unwrap();
    check_refused(sample.store.path(), corrupt, "its version is missing");
}

#[test]
fn a_place_that_cannot_hold_a_store_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/such/voc.db");
    check_refused(
        &missing,
        |error| matches!(error, StoreError::File { .. }),
        "create the store",
    );
    let not_writable = |error: &StoreError| matches!(error, StoreError::NotWritable { .. });
    check_refused(folder.path(), not_writable, "check that it is a file");
}

#[test]
fn there_is_one_writer_at_a_time() {
    let Sample {
        folder: _folder,
        store,
        writer,
        ..
    } = Sample::new();
    let error = store.clone().writer(TimeZone::UTC).unwrap_err();
    assert!(matches!(error, StoreError::WriterInUse { .. }), "{error:?}");
    drop(writer);
    store.writer(TimeZone::UTC).unwrap();
}

#[test]
fn days_are_counted_in_one_zone_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("voc.db")).unwrap();
    let rome = TimeZone::get("Europe/Rome").unwrap();
    store.writer(rome.clone()).unwrap();
    let error = store
        .writer(TimeZone::fixed(Offset::constant(2)))
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::TimeZoneMismatch { stored, .. } if stored == "Europe/Rome")
    );
    let error = store.writer(TimeZone::unknown()).unwrap_err();
    assert!(matches!(
        error,
        StoreError::TimeZoneMismatch { .. } | StoreError::TimeZoneUnnamed { .. }
    ));
    store.writer(rome).unwrap();
}

#[test]
fn readers_go_back_to_the_pool_and_surplus_ones_are_closed() {
    let sample = Sample::new();
    let held: Vec<_> = (0..IDLE_READERS + 3)
        .map(|_| sample.store.snapshot().unwrap())
        .collect();
    assert_eq!(sample.store.idle().len(), 0);
    drop(held);
    assert_eq!(sample.store.idle().len(), IDLE_READERS);
    drop(sample.store.snapshot().unwrap());
    assert_eq!(sample.store.idle().len(), IDLE_READERS);
}

#[test]
fn those_who_create_a_store_together_all_get_it() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("voc.db");
        std::thread::scope(|scope| {
            let open =
                |_| scope.spawn(|| Store::open(&path).unwrap().snapshot().unwrap().version());
            let threads: Vec<_> = (0..6).map(open).collect();
            threads
                .into_iter()
                .for_each(|thread| assert_eq!(thread.join().unwrap(), 0));
        });
    }
}
