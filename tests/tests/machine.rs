//! Something is wrong with the machine: the message says what, and what to do.

use voc_e2e::{Instance, cache_folder, finish};

const CONFIG: &str = "[[sources]]\nid = \"chat\"\npath = \"chat.jsonl\"\n";
const LINE: &str = r#"{"id":"1","channel":"chat","created_at":"2026-09-07T10:00:00Z","text":"Il pacco è arrivato"}"#;

fn instance(more: &str) -> Instance {
    Instance::new(&format!("{CONFIG}{more}"), &[("chat.jsonl", LINE)])
}

/// One line on stderr that holds all of `parts`.
#[track_caller]
fn check_said(stderr: &str, parts: &[&str]) {
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for part in parts {
        assert!(stderr.contains(part), "`{part}` is missing in: {stderr}");
    }
}

#[test]
fn a_missing_model_folder_names_set_up() {
    let instance = instance("[model]\nfolder = \"nowhere\"\n");
    for args in [&["run"][..], &["analyze", "--input", "chat.jsonl"]] {
        let finished = instance.run(args.iter().copied()).expect(2);
        check_said(&finished.stderr, &["nowhere/config.json", "scripts/setup"]);
        assert_eq!(finished.stdout, "");
    }
}

#[test]
fn an_empty_cache_folder_names_set_up() {
    let instance = instance("");
    let finished = finish(
        instance
            .voc(["run"])
            .env("VOC_CACHE_DIR", instance.path("cache")),
    );
    check_said(&finished.expect(2).stderr, &["cache", "scripts/setup"]);
    let doctor = finish(
        instance
            .voc(["doctor"])
            .env("VOC_CACHE_DIR", instance.path("cache")),
    );
    let doctor = doctor.expect(1).stdout;
    let line = doctor
        .lines()
        .find(|line| line.contains("encoder"))
        .unwrap();
    assert!(
        line.starts_with("FAIL") && line.contains("scripts/setup"),
        "{line}"
    );
}

#[test]
fn a_model_without_a_chosen_number_type_names_the_command_that_chooses() {
    let instance = instance("");
    let cache = instance.path("cache");
    let real = cache_folder().join("models/multilingual-e5-small-q4");
    std::fs::create_dir_all(cache.join("models")).unwrap();
    std::os::unix::fs::symlink(real, cache.join("models/multilingual-e5-small-q4")).unwrap();
    let finished = finish(instance.voc(["run"]).env("VOC_CACHE_DIR", cache));
    check_said(
        &finished.expect(2).stderr,
        &["voc doctor --choose-precision"],
    );
}

#[test]
fn a_file_in_the_place_of_the_data_folder_is_named() {
    let instance = instance("");
    instance.write("data", "not a folder");
    check_said(
        &instance.run(["run"]).expect(2).stderr,
        &["data folder data"],
    );
    let doctor = instance.run(["doctor", "-o", "json"]).expect(1).json();
    let check = doctor
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "data folder");
    let check = check.unwrap();
    assert_eq!(check["ok"], false);
    assert!(
        check["says"].as_str().unwrap().contains("instance.data"),
        "{check}"
    );
}

#[test]
fn a_store_that_is_none_is_refused_and_left_as_it_is() {
    let instance = instance("");
    instance.write("data/voc.db", "Dear diary, this is not a database.\n");
    for args in [
        &["run"][..],
        &["status"],
        &["pulse"],
        &["search", "pacco"],
        &["rebuild"],
    ] {
        let finished = instance.run(args.iter().copied()).expect(3);
        check_said(&finished.stderr, &["data/voc.db", "not a VoC Pulse store"]);
    }
    assert_eq!(
        instance.read("data/voc.db"),
        b"Dear diary, this is not a database.\n"
    );
}

#[test]
fn a_key_that_is_damaged_or_open_to_others_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let instance = instance("");
    instance.write("voc.key", [7; 32]);
    let mode = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(instance.path("voc.key"), mode(0o644)).unwrap();
    check_said(
        &instance.run(["run"]).expect(2).stderr,
        &["voc.key", "chmod 600"],
    );
    instance.write("voc.key", [7; 31]);
    std::fs::set_permissions(instance.path("voc.key"), mode(0o600)).unwrap();
    check_said(
        &instance.run(["run"]).expect(3).stderr,
        &["voc.key", "31 bytes", "backup"],
    );
}

#[test]
fn files_that_cannot_be_opened_are_named() {
    let instance = instance("");
    let finished = instance
        .run(["analyze", "--input", "absent.jsonl"])
        .expect(2);
    check_said(&finished.stderr, &["absent.jsonl"]);
    let args = [
        "analyze",
        "--input",
        "chat.jsonl",
        "--output",
        "absent/out.jsonl",
    ];
    check_said(&instance.run(args).expect(2).stderr, &["absent/out.jsonl"]);
}
