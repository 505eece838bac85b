//! The rules of ARCHITECTURE.md that can be read off the files of the workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use voc_e2e::repository;

/// Lines that a source file may have.
const LONGEST: usize = 500;

/// Which crates of the workspace each crate may import.
const ARROWS: [(&str, &[&str]); 11] = [
    ("voc-core", &[]),
    ("voc-ingest", &["voc-core"]),
    ("voc-text", &["voc-core"]),
    ("voc-store", &["voc-core"]),
    ("voc-index", &["voc-core"]),
    ("voc-pulse", &["voc-core"]),
    ("voc-eval", &["voc-core"]),
    ("voc-model", &["voc-core", "voc-text"]),
    (
        "voc-train",
        &["voc-core", "voc-eval", "voc-model", "voc-text"],
    ),
    (
        "voc-cli",
        &[
            "voc-core",
            "voc-eval",
            "voc-index",
            "voc-ingest",
            "voc-model",
            "voc-pulse",
            "voc-store",
            "voc-text",
            "voc-train",
        ],
    ),
    ("voc-e2e", &[]),
];

/// Crates that touch neither a database nor an asynchronous runtime.
const PURE: [&str; 6] = [
    "voc-core",
    "voc-text",
    "voc-model",
    "voc-eval",
    "voc-train",
    "voc-pulse",
];

/// A crate of the workspace.
struct Member {
    folder: PathBuf,
    manifest: toml::Table,
}

impl Member {
    fn read(folder: PathBuf) -> Self {
        let path = folder.join("Cargo.toml");
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let manifest = text
            .parse()
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self { folder, manifest }
    }

    /// Everything it depends on in any way: for tests, for building, on one system only.
    fn dependencies(&self) -> BTreeSet<String> {
        let targets = self.manifest.get("target").and_then(toml::Value::as_table);
        let tables = targets.into_iter().flat_map(|targets| targets.values());
        std::iter::once(&self.manifest)
            .chain(tables.filter_map(toml::Value::as_table))
            .flat_map(|table| {
                ["dependencies", "dev-dependencies", "build-dependencies"].map(|key| table.get(key))
            })
            .filter_map(|listed| listed.and_then(toml::Value::as_table))
            .flat_map(|listed| listed.keys().cloned())
            .collect()
    }
}

/// Every crate by its name.
fn members() -> BTreeMap<String, Member> {
    let crates = repository().join("crates");
    let entries = fs::read_dir(&crates).unwrap_or_else(|e| panic!("{}: {e}", crates.display()));
    let folders = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    let named = |member: Member| {
        (
            member.manifest["package"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            member,
        )
    };
    folders
        .chain([repository().join("tests")])
        .map(Member::read)
        .map(named)
        .collect()
}

/// Every Rust file below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files.extend(sources(&path)),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                files.push(path)
            }
            false => {}
        }
    }
    files
}

#[test]
fn every_crate_has_its_place_in_the_architecture() {
    let listed: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let members = members();
    assert_eq!(
        members.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        listed
    );
}

#[test]
fn arrows_never_run_back() {
    let members = members();
    for (name, allowed) in ARROWS {
        let ours = members[name]
            .dependencies()
            .into_iter()
            .filter(|name| name.starts_with("voc-"));
        let unexpected: Vec<String> = ours
            .filter(|name| !allowed.contains(&name.as_str()))
            .collect();
        assert!(
            unexpected.is_empty(),
            "{name} imports {unexpected:?}, which ARCHITECTURE.md forbids"
        );
    }
}

#[test]
fn what_is_pure_knows_no_database_and_no_runtime() {
    let members = members();
    for name in PURE {
        for forbidden in ["rusqlite", "tokio", "tantivy"] {
            let dependencies = members[name].dependencies();
            assert!(
                !dependencies.contains(forbidden),
                "{name} depends on {forbidden}"
            );
        }
    }
}

#[test]
fn only_the_command_line_reads_the_clock() {
    for (name, member) in members() {
        if name == "voc-cli" || name == "voc-e2e" {
            continue;
        }
        for file in sources(&member.folder.join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            for call in ["Timestamp::now(", "Zoned::now(", "SystemTime::now("] {
                assert!(!text.contains(call), "{} calls {call})", file.display());
            }
        }
    }
}

#[test]
fn every_crate_is_held_to_the_same_lints() {
    for (name, member) in members() {
        let lints = member
            .manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        assert_eq!(
            lints.and_then(toml::Value::as_bool),
            Some(true),
            "{name}: [lints] workspace = true"
        );
    }
}

#[test]
fn files_stay_short_enough_to_be_read_at_once() {
    for member in members().values() {
        for file in sources(&member.folder) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(
                lines <= LONGEST,
                "{} has {lines} lines; split it",
                file.display()
            );
        }
    }
}
