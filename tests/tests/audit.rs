//! `voc audit`: a person labels a sample unseen, and the model's error is known.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};
use voc_e2e::Instance;

const CONFIG: &str = "[[sources]]\nid = \"chat\"\npath = \"chat.jsonl\"\n";

/// Two complaints in truth, then praise and a question.
const TEXTS: [&str; 4] = [
    "Il vaso è arrivato rotto",
    "Чашата пристигна счупена",
    "杯子很漂亮，包装也很好",
    "Can I change my delivery address?",
];

const RECORDS: usize = 160;

fn line(number: usize) -> String {
    let text = format!("{} ({number})", TEXTS[number % TEXTS.len()]);
    let at = format!("2026-10-{:02}T10:00:00Z", 1 + number % 20);
    let record =
        json!({"id": number.to_string(), "channel": "chat", "created_at": at, "text": text});
    format!("{record}\n")
}

/// Records after their first run. It is made once; tests work on copies.
struct Base {
    instance: Instance,
    /// Held while the tests run, so that two runs of them do not share the folder.
    _lock: File,
}

static BASE: LazyLock<Base> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let lock = File::create(folder.join("audit.lock")).unwrap_or_else(|error| panic!("{error}"));
    lock.lock().unwrap_or_else(|error| panic!("{error}"));
    let instance = Instance::at(&folder.join("audit"));
    instance.write("voc.toml", CONFIG);
    instance.write("chat.jsonl", (0..RECORDS).map(line).collect::<String>());
    instance.run(["run"]).expect(0);
    Base {
        instance,
        _lock: lock,
    }
});

fn instance() -> Instance {
    Instance::copy_of(&BASE.instance)
}

/// Draws into `file` and returns its lines.
fn draw(instance: &Instance, file: &str, seed: &str, per_label: &str, more: &[&str]) -> Vec<Value> {
    let args = [
        "audit",
        "draw",
        "--seed",
        seed,
        "--per-label",
        per_label,
        "-o",
        file,
        "--format",
        "json",
    ];
    let told = instance.json(args.iter().chain(more).copied());
    let lines = lines(instance, file);
    assert_eq!(told["drawn"], lines.len());
    lines
}

fn lines(instance: &Instance, file: &str) -> Vec<Value> {
    let text = String::from_utf8(instance.read(file)).unwrap_or_default();
    let lines = text.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn write(instance: &Instance, file: &str, lines: &[Value]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    instance.write(file, text);
}

/// Fills a line in as the text deserves.
fn fill(line: &mut Value) {
    let text = line["text"].as_str().unwrap_or_default();
    let kind = match TEXTS
        .iter()
        .position(|beginning| text.starts_with(beginning))
    {
        Some(0 | 1) => "complaint",
        Some(2) => "praise",
        _ => "question",
    };
    line["kinds"] = json!([kind]);
    line["sentiment"] = json!(if kind == "complaint" {
        "negative"
    } else {
        "neutral"
    });
    line["mentions"] = match kind {
        "complaint" => json!([{"theme": "delivery.damage", "sentiment": "negative"}]),
        _ => json!([]),
    };
}

fn take(instance: &Instance, file: &str) -> Value {
    instance.json(["audit", "take", file, "--by", "ana", "-o", "json"])
}

/// What the last audit says of a label.
fn audited(shown: &Value, label: &Value) -> Value {
    let labels = shown["labels"].as_array().into_iter().flatten();
    let mut found = labels.filter(|audited| audited["label"] == *label);
    found.next().cloned().unwrap_or_default()
}

fn show(instance: &Instance) -> Value {
    instance.json(["audit", "show", "-o", "json"])
}

#[test]
fn the_same_seed_draws_the_same_records_and_says_nothing_of_their_labels() {
    let instance = instance();
    let first = draw(&instance, "first.jsonl", "7", "10", &[]);
    let drawn = |lines: &[Value]| -> Vec<Value> { lines.iter().map(|l| l["id"].clone()).collect() };
    assert!((5..RECORDS).contains(&first.len()), "{} drawn", first.len());
    let again = draw(&instance, "again.jsonl", "7", "10", &[]);
    assert_eq!(drawn(&first), drawn(&again));
    let other = draw(&instance, "other.jsonl", "8", "10", &[]);
    assert_ne!(drawn(&first), drawn(&other));
    let names: BTreeSet<&String> = first[0].as_object().unwrap().keys().collect();
    let expect = [
        "audit",
        "channel",
        "created_at",
        "id",
        "kinds",
        "mentions",
        "sentiment",
        "source",
        "text",
    ];
    assert_eq!(names.into_iter().collect::<Vec<_>>(), expect);
    for line in &first {
        assert_eq!(
            (&line["kinds"], &line["sentiment"], &line["mentions"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
    }
}

#[test]
fn days_and_languages_are_drawn_from_as_asked() {
    let instance = instance();
    let more = [
        "--from",
        "2026-10-02",
        "--to",
        "2026-10-03",
        "--language",
        "bg",
        "--language",
        "en",
    ];
    let drawn = draw(&instance, "a.jsonl", "7", "1000", &more);
    let days: BTreeSet<&str> = drawn
        .iter()
        .filter_map(|l| l["created_at"].as_str())
        .collect();
    let days: Vec<&str> = days.into_iter().map(|day| &day[..10]).collect();
    assert!(
        !days.is_empty()
            && days
                .iter()
                .all(|day| ["2026-10-02", "2026-10-03"].contains(day)),
        "{days:?}"
    );
    // Chinese texts were written on these days too.
    let texts: BTreeSet<&str> = drawn.iter().filter_map(|l| l["text"].as_str()).collect();
    assert!(
        texts.iter().all(|text| text.starts_with("Чашата")),
        "{texts:?}"
    );
    let shown = show(&instance);
    assert_eq!(shown["languages"], json!(["bg", "en"]));
    assert_eq!(
        (&shown["first_day"], &shown["last_day"]),
        (&json!("2026-10-02"), &json!("2026-10-03"))
    );
}

#[test]
fn where_everything_is_labelled_the_adjusted_share_is_the_true_one() {
    let instance = instance();
    let before = instance.json(["status", "--verify", "-o", "json"]);
    let mut all = draw(&instance, "all.jsonl", "1", "1000", &[]);
    assert_eq!(all.len(), RECORDS);
    all.iter_mut().for_each(fill);
    write(&instance, "all.jsonl", &all);
    let taken = take(&instance, "all.jsonl");
    assert_eq!(
        (&taken["first"], &taken["open"]),
        (&json!(RECORDS), &json!(0))
    );

    let shown = show(&instance);
    let complaints = audited(&shown, &json!({"kind": "complaint"}));
    assert_eq!(
        (&complaints["positives"], &complaints["negatives"]),
        (&json!(80), &json!(80))
    );
    let rate = complaints["adjusted"]["rate"].as_f64().unwrap();
    assert!((rate - 0.5).abs() < 1e-9, "{rate}");
    let (precision, recall) = (
        complaints["precision"].as_f64(),
        complaints["recall"].as_f64(),
    );
    let observed = complaints["observed"].as_f64().unwrap();
    // What is found rightly is the same share of all, from either side.
    assert!((precision.unwrap() * observed - recall.unwrap() * rate).abs() < 1e-9);
    let damage = audited(&shown, &json!({"theme": "delivery.damage"}));
    assert!((damage["adjusted"]["rate"].as_f64().unwrap() - 0.5).abs() < 1e-9);
    let praise = audited(&shown, &json!({"kind": "praise"}));
    assert_eq!(
        (&praise["positives"], &praise["adjusted"]),
        (&json!(40), &Value::Null)
    );
    let text = instance.run(["audit", "show"]).expect(0).stdout;
    for part in [
        "160 of 160 records labelled",
        "50.0 % (",
        "not audited",
        "kind complaint",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }

    let after = instance.json(["status", "--verify", "-o", "json"]);
    assert_eq!(
        (&after["digest"], &after["version"]),
        (&before["digest"], &before["version"])
    );
    assert!(
        instance
            .run(["correct", "--list"])
            .expect(0)
            .stdout
            .starts_with("No label")
    );
}

#[test]
fn it_is_the_model_that_is_audited_not_those_who_corrected_it() {
    let instance = instance();
    draw(&instance, "before.jsonl", "1", "1000", &[]);
    let churn = json!({"kind": "churn"});
    let observed = |instance: &Instance| audited(&show(instance), &churn)["observed"].clone();
    let before = observed(&instance);
    for id in ["1", "2", "3"] {
        let args = ["correct", "chat", id, "--kinds", "churn", "--by", "ana"];
        instance.run(args).expect(0);
    }
    draw(&instance, "after.jsonl", "1", "1000", &[]);
    assert_eq!(observed(&instance), before);
}

#[test]
fn lines_are_taken_as_they_are_filled_in_and_the_last_labels_count() {
    let instance = instance();
    let mut drawn = draw(&instance, "a.jsonl", "7", "10", &[]);
    let all = drawn.len();
    fill(&mut drawn[0]);
    fill(&mut drawn[1]);
    write(&instance, "a.jsonl", &drawn);
    let counts = |taken: &Value| {
        ["first", "changed", "repeated", "open"].map(|name| taken[name].as_u64().unwrap() as usize)
    };
    assert_eq!(counts(&take(&instance, "a.jsonl")), [2, 0, 0, all - 2]);
    fill(&mut drawn[2]);
    drawn[0]["kinds"] = json!([]);
    write(&instance, "a.jsonl", &drawn);
    assert_eq!(counts(&take(&instance, "a.jsonl")), [1, 1, 1, all - 3]);
    assert_eq!(show(&instance)["labelled"], 3);
    assert_eq!(audited(&show(&instance), &json!("no_kind"))["positives"], 1);
    let said = instance
        .run(["audit", "take", "a.jsonl", "--by", "eva"])
        .expect(0)
        .stdout;
    assert!(
        said.starts_with("Took the labels of 0 records; 0 were labelled anew, 3 were known"),
        "{said}"
    );
}

#[test]
fn a_file_with_a_line_that_cannot_be_used_is_not_taken() {
    let instance = instance();
    let mut drawn = draw(&instance, "a.jsonl", "7", "10", &[]);
    drawn.truncate(2);
    fill(&mut drawn[0]);
    let check = |change: fn(&mut Value), says: &str| {
        let mut lines = drawn.clone();
        fill(&mut lines[1]);
        change(&mut lines[1]);
        write(&instance, "a.jsonl", &lines);
        let stderr = instance
            .run(["audit", "take", "a.jsonl", "--by", "ana"])
            .expect(2)
            .stderr;
        assert!(
            stderr.contains("a.jsonl, line 2: ") && stderr.contains(says),
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    };
    check(
        |line| line["sentiment"] = Value::Null,
        "half filled in: sentiment is missing",
    );
    check(
        |line| {
            line["kinds"] = Value::Null;
            line["mentions"] = Value::Null;
        },
        "kinds and mentions is missing",
    );
    check(
        |line| line["id"] = json!("nobody"),
        "chat/nobody was not drawn for audit 1",
    );
    check(|line| line["audit"] = json!(9), "was not drawn for audit 9");
    check(|line| line["audit"] = Value::Null, "it comes from no draw");
    check(
        |line| line["kinds"] = json!(["rant"]),
        "unknown variant `rant`",
    );
    check(
        |line| line["mentions"] = json!([{"theme": "weather", "sentiment": "neutral"}]),
        "no theme `weather`",
    );
    assert_eq!(show(&instance)["labelled"], 0, "nothing was taken");
}

#[test]
fn what_cannot_be_drawn_or_shown_is_named() {
    let instance = instance();
    let check = |args: &[&str], says: &str| {
        let stderr = instance
            .run(["audit"].iter().chain(args).copied())
            .expect(2)
            .stderr;
        assert!(stderr.contains(says), "{stderr}");
    };
    check(&["show"], "`voc audit draw` comes first");
    let drawing = ["draw", "--seed", "7", "--per-label", "5", "-o", "a.jsonl"];
    let drawing_with = |more: [&'static str; 2]| [&drawing[..], &more[..]].concat();
    check(
        &drawing_with(["--from", "2027-01-01"]),
        "no records of these days and languages",
    );
    check(
        &drawing_with(["--language", "fr"]),
        "no records of these days and languages",
    );
    check(
        &["draw", "--seed=-1", "--per-label", "5", "-o", "a.jsonl"],
        "invalid value",
    );
    check(
        &["draw", "--seed", "7", "--per-label", "0", "-o", "a.jsonl"],
        "0 is not in",
    );
    assert!(!instance.path("a.jsonl").exists(), "no file is left behind");
    instance.write("a.jsonl", "half filled in");
    check(&drawing, "cannot create a.jsonl");
    assert_eq!(instance.read("a.jsonl"), b"half filled in");
    check(&["show"], "`voc audit draw` comes first");
    let open = draw(&instance, "b.jsonl", "7", "10", &[]);
    assert!(!open.is_empty());
    check(
        &["take", "b.jsonl", "--by", "ana"],
        "no line of b.jsonl is filled in yet",
    );
    check(&["take", "c.jsonl", "--by", "ana"], "cannot read c.jsonl");
    check(&["show", "--audit", "9"], "there is no audit 9");
}

#[test]
fn every_step_has_help_with_an_example() {
    let instance = Instance::empty();
    for step in ["draw", "take", "show"] {
        let finished = instance.run(["audit", step, "--help"]).expect(0);
        insta::assert_snapshot!(format!("help_{step}"), finished.transcript());
    }
    let before = Instance::new(CONFIG, &[]).run(["audit", "show"]).expect(2);
    assert!(
        before.stderr.contains("`voc run` comes first"),
        "{}",
        before.stderr
    );
}
