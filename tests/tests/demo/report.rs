use std::path::Path;

use serde_json::Value;
use voc_e2e::Instance;

use crate::{AS_OF, DEMO};

/// The week that the demo reports on: the second after new packaging was introduced.
const STORY: &str = "2026-W41";

fn pulse(week: &str) -> Value {
    DEMO.instance
        .json(["pulse", "--of", week, "--as-of", AS_OF, "-o", "json"])
}

fn theme<'p>(pulse: &'p Value, id: &str) -> &'p Value {
    let mut themes = pulse["themes"].as_array().into_iter().flatten();
    themes
        .find(|theme| theme["id"] == id)
        .unwrap_or(&Value::Null)
}

/// The themes with the most negative mentions, most first.
fn most_criticised(pulse: &Value) -> Vec<&str> {
    let mut themes: Vec<&Value> = pulse["themes"].as_array().into_iter().flatten().collect();
    themes.sort_by_key(|theme| std::cmp::Reverse(theme["sentiments"]["negative"].as_u64()));
    themes
        .iter()
        .filter_map(|theme| theme["id"].as_str())
        .collect()
}

fn text(instance: &Instance, path: impl AsRef<Path>) -> String {
    String::from_utf8(instance.read(path)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_demo_writes_its_report_in_four_formats() {
    let reports: Vec<&str> = DEMO.printed["reports"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let named = |extension: &str| {
        let mut found = reports.iter().filter(|report| report.ends_with(extension));
        text(
            &DEMO.instance,
            found
                .next()
                .unwrap_or_else(|| panic!("{extension}: {reports:?}")),
        )
    };
    assert_eq!(reports.len(), 4);
    assert!(named(".md").starts_with("# Casalume · Customer pulse"));
    assert!(named(".csv").lines().count() > 30);
    let json: Value = serde_json::from_str(&named(".json")).unwrap();
    assert_eq!(json["header"]["company"], "Casalume");

    let html = named(".html");
    assert!(html.contains("Content-Security-Policy") && html.contains("default-src 'none'"));
    let lower = html.to_lowercase();
    for active in [
        "<script",
        "javascript:",
        "<iframe",
        "<link",
        "<img",
        " onload=",
        " onclick=",
    ] {
        assert!(!lower.contains(active), "the page has {active}");
    }
}

#[test]
fn the_demo_goes_only_where_nothing_else_is() {
    let again = DEMO
        .instance
        .run(["demo", ".", "-o", "json"])
        .expect(0)
        .json();
    assert_eq!(again, DEMO.printed);
    let other = Instance::new("# mine\n", &[]);
    let refused = other.run(["demo", "."]).expect(2);
    assert!(
        refused.stderr.contains("holds something else"),
        "{}",
        refused.stderr
    );
    assert_eq!(other.files_below("").len(), 1);
}

#[test]
fn the_planted_story_is_told() {
    let told = pulse(STORY);
    let damage = theme(&told, "delivery.damage");
    assert_eq!(damage["change"]["arrow"], "up", "{damage:#}");
    assert_eq!(most_criticised(&told)[0], "delivery.damage");
    assert_eq!(told["movers"][0]["id"], "delivery.damage");
    let verbatims = damage["verbatims"].as_array().unwrap();
    assert!(verbatims.len() >= 3);
    for verbatim in verbatims {
        let part = |name: &str| verbatim[name].as_str().unwrap_or("?");
        assert!(part("text").contains(part("quote")), "{verbatim}");
    }

    let later = pulse("2026-W43");
    let change = &theme(&later, "delivery.damage")["change"];
    assert!(
        change["share"].as_f64() > change["baseline"].as_f64(),
        "{change}"
    );
    assert!(most_criticised(&later)[..3].contains(&"delivery.damage"));
}

#[test]
fn a_calm_week_is_not_made_into_a_story() {
    let calm = pulse("2026-W39");
    assert!(
        calm["movers"].as_array().unwrap().is_empty(),
        "{}",
        calm["movers"]
    );
}

#[test]
fn the_same_question_gives_the_same_bytes() {
    let written = |folder: &str| -> Vec<(String, Vec<u8>)> {
        let args = [
            "pulse",
            "--of",
            "2026-W43",
            "--as-of",
            AS_OF,
            "--format",
            "html,md,json,csv",
        ];
        let instance = Instance::copy_of(&DEMO.instance);
        let listed = instance
            .run(args.into_iter().chain(["--output-dir", folder]))
            .expect(0)
            .stdout;
        let files = listed
            .lines()
            .map(|file| (Path::new(file), instance.read(file)));
        files
            .map(|(path, bytes)| (format!("{:?}", path.file_name()), bytes))
            .collect()
    };
    let (first, second) = (written("first"), written("second"));
    assert_eq!(first.len(), 4);
    for ((name, first), (_, second)) in first.iter().zip(&second) {
        assert!(!first.is_empty() && first == second, "{name} differs");
    }
}

#[test]
fn the_report_speaks_four_languages() {
    let check = |language: &str, expect: [&str; 3]| {
        let args = [
            "pulse",
            "--of",
            STORY,
            "--as-of",
            AS_OF,
            "--language",
            language,
        ];
        let report = DEMO.instance.run(args).expect(0).stdout;
        let headings: Vec<&str> = report
            .lines()
            .filter(|line| line.starts_with('#'))
            .collect();
        for words in expect {
            assert!(
                headings.iter().any(|heading| heading.contains(words)),
                "{headings:#?}"
            );
        }
        assert!(headings.len() >= 6, "{headings:#?}");
    };
    check("en", ["Customer pulse", "Week 41", "How much was said"]);
    check(
        "it",
        [
            "Il polso dei clienti",
            "Settimana 41",
            "Quanto è stato detto",
        ],
    );
    check(
        "bg",
        ["Пулсът на клиентите", "Седмица 41", "Колко беше казано"],
    );
    check("zh", ["客户脉搏", "第41周", "反馈有多少"]);
}

#[test]
fn numbers_agree_with_the_store_and_with_each_other() {
    let told = pulse(STORY);
    let records = told["volumes"]["records"].as_u64().unwrap();
    let sum = |rows: &Value| -> u64 {
        rows.as_array()
            .into_iter()
            .flatten()
            .filter_map(|row| row["records"].as_u64())
            .sum()
    };
    assert_eq!(sum(&told["volumes"]["channels"]), records);
    assert_eq!(sum(&told["volumes"]["languages"]), records);
    let query = "since:2026-10-05 until:2026-10-11";
    let args = [
        "search", query, "--mode", "lexical", "--limit", "1000", "-o", "json",
    ];
    let found = DEMO.instance.json(args).as_array().unwrap().len() as u64;
    assert_eq!(
        found,
        records + told["volumes"]["company_texts"].as_u64().unwrap()
    );
}

#[test]
fn a_period_without_records_is_reported_as_one() {
    let empty = pulse("2025-W10");
    assert_eq!(empty["volumes"]["records"], 0);
    assert!(empty["movers"].as_array().unwrap().is_empty());
    assert!(
        empty["themes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|theme| theme["records"] == 0)
    );
}
