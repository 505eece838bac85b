use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use voc_e2e::Instance;

use crate::DEMO;

fn search(instance: &Instance) -> Value {
    instance.json([
        "search", "piatti", "--mode", "lexical", "--limit", "100", "-o", "json",
    ])
}

/// The files of the index, largest first.
fn index_files(instance: &Instance) -> Vec<PathBuf> {
    let mut files = instance.files_below("data/index");
    files.sort_by_key(|file| std::cmp::Reverse(fs::metadata(file).map_or(0, |about| about.len())));
    files
}

/// Damages the index, and expects that it is noticed and mended, and by what command.
#[track_caller]
fn check_mended(damage: impl Fn(&Instance), command: &str) {
    let instance = Instance::copy_of(&DEMO.instance);
    let before = search(&instance);
    assert!(before.as_array().is_some_and(|hits| hits.len() > 3));
    damage(&instance);
    instance.run([command]).expect(0);
    assert_eq!(search(&instance), before);
}

fn truncate_largest(instance: &Instance) {
    let largest = &index_files(instance)[0];
    let bytes = instance.read(largest);
    instance.write(largest, &bytes[..bytes.len() / 2]);
}

#[test]
fn a_damaged_index_is_mended_by_the_next_run() {
    check_mended(truncate_largest, "run");
    check_mended(
        |instance| instance.write("data/index/meta.json", "{}"),
        "run",
    );
    check_mended(
        |instance| fs::remove_file(&index_files(instance)[0]).unwrap(),
        "run",
    );
}

#[test]
fn a_missing_index_is_made_by_the_next_run() {
    check_mended(
        |instance| fs::remove_dir_all(instance.path("data/index")).unwrap(),
        "run",
    );
}

#[test]
fn rebuild_makes_the_index_anew() {
    check_mended(truncate_largest, "rebuild");
    let instance = Instance::copy_of(&DEMO.instance);
    let rebuilt = instance.json(["rebuild", "-o", "json"]);
    assert_eq!(
        rebuilt["indexed"],
        instance.json(["status", "-o", "json"])["records"]
    );
    assert_eq!(rebuilt["reencoded"], 0);
}

#[test]
fn a_search_in_a_damaged_index_says_how_to_mend_it() {
    let instance = Instance::copy_of(&DEMO.instance);
    truncate_largest(&instance);
    let finished = instance
        .run(["search", "piatti", "--mode", "lexical"])
        .expect(3);
    assert_eq!(finished.stderr.lines().count(), 1, "{}", finished.stderr);
    for part in ["data/index", "voc rebuild"] {
        assert!(
            finished.stderr.contains(part),
            "`{part}` is missing in: {}",
            finished.stderr
        );
    }
}
