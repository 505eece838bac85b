//! The corpus in `data/corpus` holds what its datasheet says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use voc_core::{Body, Channel, Kind, Language, Polarity, Taxonomy};
use voc_eval::GoldRecord;

/// Texts that each first-class language must have.
const FIRST_CLASS: usize = 900;
/// Texts that each of these must have.
const OTHERS: [&str; 10] = ["de", "es", "fr", "pt", "nl", "pl", "ru", "ja", "tr", "ar"];
const OTHER: usize = 80;
/// Texts that speak of each theme, per first-class language.
const PER_THEME: usize = 25;

/// A file of the corpus: one language and one batch of writing.
struct Batch {
    name: String,
    split: String,
    records: Vec<GoldRecord>,
}

fn root() -> PathBuf {
    // Asked for when it runs: checkouts that share a target folder share this program.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    Path::new(&own).join("../..")
}

fn batches() -> Vec<Batch> {
    let mut batches = Vec::new();
    for split in ["train", "dev"] {
        let folder = root().join("data/corpus").join(split);
        for entry in fs::read_dir(&folder).expect("a folder of the corpus") {
            let file = entry.expect("an entry").path();
            let text = fs::read_to_string(&file).expect("a batch");
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let records =
                GoldRecord::read_all(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            batches.push(Batch {
                name,
                split: split.to_owned(),
                records,
            });
        }
    }
    batches
}

fn text(record: &GoldRecord) -> String {
    match &record.record.body {
        Body::Text(text) => text.clone(),
        Body::Messages(messages) => {
            let texts: Vec<&str> = messages.iter().map(|m| m.text.as_str()).collect();
            texts.join("\n")
        }
    }
}

#[test]
fn every_record_belongs_to_its_batch_and_is_labelled_by_the_scheme() {
    let taxonomy = Taxonomy::default_scheme().unwrap();
    let themes: BTreeSet<&str> = taxonomy.themes.iter().map(|t| t.id.as_str()).collect();
    let mut ids = BTreeSet::new();
    for batch in batches() {
        for record in &batch.records {
            let id = record.record.id.as_str();
            assert!(id.starts_with(&format!("{}-", batch.name)), "{id}");
            assert!(batch.name.starts_with(record.gold.lang.as_str()), "{id}");
            assert!(ids.insert(id.to_owned()), "{id} occurs twice");
            for mention in &record.gold.mentions {
                assert!(
                    themes.contains(mention.theme.as_str()),
                    "{id}: {}",
                    mention.theme
                );
            }
            let company = record.record.channel == Channel::Agent;
            let labelled = !record.gold.kinds.is_empty() || !record.gold.mentions.is_empty();
            assert!(
                !(company && labelled),
                "{id}: text of the company has no kinds or mentions"
            );
        }
    }
}

#[test]
fn no_text_occurs_twice_or_in_both_splits() {
    let mut seen: BTreeMap<String, (String, Option<String>)> = BTreeMap::new();
    for batch in batches() {
        for record in &batch.records {
            let letters: String = text(record)
                .chars()
                .filter(|c| c.is_alphanumeric())
                .collect();
            let group = record.gold.dup_group.clone();
            let here = (
                format!("{}/{}", batch.split, record.record.id),
                group.clone(),
            );
            // One word may be all that somebody answers.
            if letters.chars().count() < 20 {
                continue;
            }
            if let Some((other, of_group)) = seen.insert(letters.to_lowercase(), here.clone()) {
                assert!(
                    group.is_some() && group == of_group,
                    "{other} and {} are alike",
                    here.0
                );
            }
        }
    }
}

#[test]
fn languages_kinds_and_themes_are_as_many_as_promised() {
    let mut records: BTreeMap<Language, Vec<GoldRecord>> = BTreeMap::new();
    for batch in batches() {
        for record in batch.records {
            records.entry(record.gold.lang).or_default().push(record);
        }
    }
    let taxonomy = Taxonomy::default_scheme().unwrap();
    for language in OTHERS {
        let n = records[&language.parse().unwrap()].len();
        assert!(n >= OTHER, "{language} has {n} texts");
    }
    for language in Language::FIRST_CLASS {
        let records = &records[&language];
        assert!(
            records.len() >= FIRST_CLASS,
            "{language}: {}",
            records.len()
        );
        for kind in Kind::ALL {
            let n = records
                .iter()
                .filter(|r| r.gold.kinds.contains(kind))
                .count();
            assert!(n >= PER_THEME, "{language} {kind}: {n}");
        }
        for theme in &taxonomy.themes {
            let speaks = |sign: Option<Polarity>| {
                let of_theme = |r: &&GoldRecord| {
                    let mut mentions = r.gold.mentions.iter();
                    mentions.any(|m| m.theme == theme.id && sign.is_none_or(|s| s == m.sentiment))
                };
                records.iter().filter(of_theme).count()
            };
            let (all, positive) = (speaks(None), speaks(Some(Polarity::Positive)));
            assert!(all >= PER_THEME, "{language} {}: {all}", theme.id);
            assert!(
                positive >= 5,
                "{language} {}: {positive} positive",
                theme.id
            );
        }
    }
}
