//! What every command says and how it exits, word for word. Nothing here labels a text.

use regex::Regex;
use voc_e2e::{Finished, Instance};

const COMMANDS: [&str; 14] = [
    "demo",
    "init",
    "run",
    "analyze",
    "search",
    "pulse",
    "rebuild",
    "eval",
    "train",
    "correct",
    "audit",
    "status",
    "doctor",
    "completions",
];

/// Everything a user sees, less what depends on machine, version and taxonomy.
fn shown(finished: &Finished) -> String {
    let filters = [
        (r"voc \d+\.\d+\.\d+\S*", "voc [version]"),
        (r"multilingual-e5-small\S+", "[encoder]"),
        (r"heads-[0-9a-f]{8}", "[heads]"),
        (r"default-\d+-[0-9a-f]{8}, \d+ themes", "[taxonomy]"),
        (r"\d+\.\d GiB free", "[space] free"),
    ];
    filters
        .iter()
        .fold(finished.transcript(), |text, (pattern, shown)| {
            let pattern = Regex::new(pattern).unwrap_or_else(|error| panic!("{error}"));
            pattern.replace_all(&text, *shown).into_owned()
        })
}

/// An instance as `voc init` leaves it.
fn initialised() -> Instance {
    let instance = Instance::empty();
    instance.run(["init"]).expect(0);
    instance
}

#[track_caller]
fn check_config_refused(snapshot: &str, config: &str) {
    let finished = Instance::new(config, &[]).run(["run"]).expect(2);
    insta::assert_snapshot!(snapshot, shown(&finished));
}

#[test]
fn without_arguments_it_says_what_it_can_do() {
    let instance = Instance::empty();
    insta::assert_snapshot!("no_arguments", shown(&instance.run([])));
    insta::assert_snapshot!("help", shown(&instance.run(["--help"]).expect(0)));
    insta::assert_snapshot!("version", shown(&instance.run(["--version"]).expect(0)));
}

#[test]
fn every_command_has_help_with_an_example() {
    let instance = Instance::empty();
    for command in COMMANDS {
        let finished = instance.run([command, "--help"]).expect(0);
        assert!(finished.stdout.contains("Example"), "{command}");
        insta::assert_snapshot!(format!("help_{command}"), shown(&finished));
    }
}

#[test]
fn wrong_usage_exits_2_and_says_what_was_expected() {
    let instance = initialised();
    let check = |snapshot: &str, args: &[&str]| {
        let finished = instance.run(args.iter().copied()).expect(2);
        insta::assert_snapshot!(snapshot, shown(&finished));
    };
    check("unknown_command", &["nightly"]);
    check("unknown_flag", &["run", "--fast"]);
    check("unknown_period", &["pulse", "--of", "2026-W54"]);
    check("unknown_format", &["pulse", "--format", "pdf"]);
    check("unknown_time", &["run", "--as-of", "yesterday"]);
    check("search_without_a_query", &["search"]);
    check("eval_of_nothing", &["eval"]);
    check("no_sources", &["run"]);
}

#[test]
fn every_command_that_needs_a_configuration_names_the_missing_one() {
    let instance = Instance::empty();
    for command in [
        &["run"][..],
        &["search", "x"],
        &["pulse"],
        &["status"],
        &["rebuild"],
        &["correct", "--list"],
        &["audit", "show"],
    ] {
        let finished = instance.run(command.iter().copied()).expect(2);
        insta::assert_snapshot!("missing_config", shown(&finished));
    }
    let named = instance
        .run(["--config", "acme/voc.toml", "status"])
        .expect(2);
    assert!(named.stderr.contains("acme/voc.toml"), "{}", named.stderr);
    assert!(
        instance.files_below("").is_empty(),
        "something was left behind"
    );
}

#[test]
fn a_broken_configuration_is_refused_with_the_place() {
    check_config_refused(
        "config_not_toml",
        "[instance]\ncompany = \"Acme\ntimezone = \"UTC\"\n",
    );
    check_config_refused("config_unknown_key", "[instance]\ncompnay = \"Acme\"\n");
    check_config_refused(
        "config_unknown_zone",
        "[instance]\ntimezone = \"Europe/Milan\"\n",
    );
    check_config_refused(
        "config_limit_out_of_range",
        "[limits]\ndead_letters = 5.0\n",
    );
    let source = "[[sources]]\nid = \"chat\"\npath = \"chat.jsonl\"\n";
    check_config_refused("config_source_twice", &format!("{source}{source}"));
    check_config_refused(
        "config_source_without_a_path",
        "[[sources]]\nid = \"chat\"\n",
    );
    check_config_refused(
        "config_unknown_field",
        &format!("{source}[sources.fields]\nid = \"n\"\ntext = \"t\"\ntimestamp = \"when\"\n"),
    );
}

#[test]
fn a_theme_file_that_is_missing_or_broken_is_named() {
    let instance = Instance::new(
        "[[sources]]\nid = \"chat\"\npath = \"chat.jsonl\"\n[model]\nthemes = [\"own.toml\"]\n",
        &[("chat.jsonl", "{}")],
    );
    insta::assert_snapshot!(
        "missing_theme_file",
        shown(&instance.run(["run"]).expect(2))
    );
    instance.write(
        "own.toml",
        "[[themes]]\nid = \"own.fitting\"\nexamples = []\n",
    );
    insta::assert_snapshot!("broken_theme_file", shown(&instance.run(["run"]).expect(2)));
}

#[test]
fn init_writes_a_configuration_once() {
    let instance = Instance::empty();
    let first = instance
        .run(["init", "--company", "Ceramiche \"Due Torri\""])
        .expect(0);
    insta::assert_snapshot!("init", shown(&first));
    let written = instance.read("voc.toml");
    let parsed: toml::Table = String::from_utf8(written.clone()).unwrap().parse().unwrap();
    assert_eq!(
        parsed["instance"]["company"].as_str(),
        Some("Ceramiche \"Due Torri\"")
    );

    let again = instance.run(["init", "--company", "Acme"]).expect(2);
    insta::assert_snapshot!("init_again", shown(&again));
    assert_eq!(instance.read("voc.toml"), written);
    let forced = instance
        .run(["init", "--company", "Acme", "--force", "-o", "json"])
        .expect(0);
    assert_eq!(forced.json()["config"], "voc.toml");
    assert!(String::from_utf8_lossy(&instance.read("voc.toml")).contains("\"Acme\""));
}

#[test]
fn before_the_first_run_there_is_nothing_to_look_at() {
    let instance = initialised();
    insta::assert_snapshot!(
        "status_before_any_run",
        shown(&instance.run(["status"]).expect(2))
    );
    let search = instance.run(["search", "piatti"]).expect(2);
    insta::assert_snapshot!("search_before_any_run", shown(&search));
    let correct = instance.run(["correct", "--list"]).expect(2);
    insta::assert_snapshot!("correct_before_any_run", shown(&correct));
    insta::assert_snapshot!(
        "pulse_before_any_run",
        shown(&instance.run(["pulse"]).expect(2))
    );
}

#[test]
fn doctor_names_what_is_missing_in_an_empty_folder() {
    let finished = Instance::empty().run(["doctor"]).expect(1);
    insta::assert_snapshot!("doctor_in_an_empty_folder", shown(&finished));
}

#[test]
fn completions_know_the_commands() {
    let finished = Instance::empty().run(["completions", "bash"]).expect(0);
    for command in COMMANDS {
        assert!(finished.stdout.contains(command), "{command}");
    }
}

#[test]
fn log_lines_can_be_json() {
    let finished = Instance::empty()
        .run(["--log-format", "json", "status"])
        .expect(2);
    let line: serde_json::Value = serde_json::from_str(finished.stderr.trim()).unwrap();
    assert_eq!(line["level"], "ERROR");
    assert!(
        line["fields"]["message"]
            .as_str()
            .unwrap()
            .contains("voc.toml")
    );
}
