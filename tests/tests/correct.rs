//! `voc correct`: what a person says about a label holds, and goes on holding.

use std::fs::File;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};
use voc_e2e::{Finished, Instance};

const CONFIG: &str = "[[sources]]\nid = \"chat\"\npath = \"chat.jsonl\"\n";

const THEMES: &str = r#"
[[themes]]
id = "own.fitting"
name = { en = "Fitting at home" }
examples = [{ lang = "en", text = "the fitter assembled the wardrobe at our home" }]
"#;

const PARCEL: &str = "Where is my parcel? It has been two weeks.";

fn line(id: &str, updated_at: &str, text: &str) -> String {
    let at = "2026-10-02T08:00:00Z";
    let record = json!({"id": id, "channel": "chat", "created_at": at, "updated_at": updated_at, "text": text});
    format!("{record}\n")
}

fn lines(parcel: &str, updated_at: &str) -> String {
    let first = "2026-10-02T08:00:00Z";
    line(
        "1",
        first,
        "Il vaso è arrivato incrinato. Scrivetemi a bruna@posta.example.",
    ) + &line("2", first, "杯子很漂亮，包装也很好，谢谢！")
        + &line("3", updated_at, parcel)
}

/// Three records after their first run. It is made once; tests work on copies.
struct Base {
    instance: Instance,
    /// Held while the tests run, so that two runs of them do not share the folder.
    _lock: File,
}

static BASE: LazyLock<Base> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let lock = File::create(folder.join("correct.lock")).unwrap_or_else(|error| panic!("{error}"));
    lock.lock().unwrap_or_else(|error| panic!("{error}"));
    let instance = Instance::at(&folder.join("correct"));
    instance.write("voc.toml", CONFIG);
    instance.write("chat.jsonl", lines(PARCEL, "2026-10-02T08:00:00Z"));
    instance.run(["run"]).expect(0);
    Base {
        instance,
        _lock: lock,
    }
});

fn instance() -> Instance {
    Instance::copy_of(&BASE.instance)
}

/// `voc correct` with these arguments and what every correction needs.
fn correct(instance: &Instance, args: &[&str]) -> Finished {
    let all = ["correct"].iter().chain(args);
    let all = all.chain(&["--by", "ana", "--as-of", "2026-10-06T09:00:00Z"]);
    instance.run(all.copied())
}

fn found(instance: &Instance, query: &str) -> Vec<String> {
    let hits = instance.json(["search", query, "--mode", "lexical", "-o", "json"]);
    let id = |hit: &Value| hit["key"]["id"].as_str().map(str::to_owned);
    hits.as_array()
        .into_iter()
        .flatten()
        .filter_map(id)
        .collect()
}

fn labels(instance: &Instance, id: &str) -> Value {
    instance.json(["correct", "chat", id, "--show", "-o", "json"])["labels"].clone()
}

fn digest(instance: &Instance) -> Value {
    instance.json(["status", "--verify", "-o", "json"])["digest"].clone()
}

/// Kinds of a day's report with the number of records.
fn kinds(instance: &Instance) -> Vec<(Value, Value)> {
    let pulse = instance.json(["pulse", "--of", "2026-10-02", "-o", "json"]);
    let rows = pulse["kinds"].as_array().cloned().unwrap_or_default();
    let counted = rows.iter().filter(|row| row["records"] != 0);
    counted
        .map(|row| (row["id"].clone(), row["records"].clone()))
        .collect()
}

#[test]
fn a_correction_is_told_found_and_reported_until_it_is_withdrawn() {
    let instance = instance();
    let (before, reported) = (labels(&instance, "3"), kinds(&instance));
    let args = [
        "chat",
        "3",
        "--kinds",
        "churn,wish",
        "--sentiment",
        "mixed",
        "--urgency",
        "3",
        "--touchpoint",
        "none",
        "--theme",
        "billing.refund=negative:two weeks",
        "--note",
        "rang me from +39 347 555 0192",
    ];
    let told = correct(&instance, &args).expect(0);
    assert!(told.stdout.contains("→ wish, churn"), "{}", told.stdout);
    let holds = labels(&instance, "3");
    assert_eq!(
        (
            &holds["kinds"],
            &holds["sentiment"],
            &holds["urgency"],
            &holds["touchpoint"]
        ),
        (
            &json!(["wish", "churn"]),
            &json!("mixed"),
            &json!(3),
            &Value::Null
        )
    );
    assert_eq!(holds["themes"]["billing.refund"], "negative");
    assert_eq!(
        found(&instance, "kind:churn theme:billing.refund urgency:3"),
        ["3"]
    );
    assert!(kinds(&instance).contains(&(json!("churn"), json!(1))));
    digest(&instance);

    let shown = instance
        .run(["correct", "chat", "3", "--show"])
        .expect(0)
        .stdout;
    for part in [
        PARCEL,
        "the model says",
        "wish, churn",
        "(rang me from [PHONE])",
    ] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    let listed = instance.run(["correct", "--list"]).expect(0);
    insta::assert_snapshot!("list", listed.transcript());

    correct(&instance, &["chat", "3", "--withdraw"]).expect(0);
    assert_eq!(labels(&instance, "3"), before);
    assert_eq!(kinds(&instance), reported);
    assert!(found(&instance, "kind:churn").is_empty());
    let history = instance.json(["correct", "--list", "-o", "json"]);
    assert_eq!(
        (&history[0]["by"], &history[1]["withdrawn"]),
        (&json!("ana"), &json!(true))
    );
    digest(&instance);
}

#[test]
fn saying_that_a_label_is_right_is_a_correction_too() {
    let instance = instance();
    assert_eq!(
        instance.run(["correct", "--list"]).expect(0).stdout,
        "No label has been corrected yet.\n"
    );
    let kinds = labels(&instance, "2")["kinds"].clone();
    let kinds = kinds[0].as_str().unwrap_or("none");
    let told = correct(&instance, &["chat", "2", "--kinds", kinds]).expect(0);
    insta::assert_snapshot!("nothing_changed", told.transcript());
    assert_eq!(
        instance.json(["correct", "--list", "-o", "json"])[0]["id"],
        "2"
    );
}

#[test]
fn a_correction_outlives_new_versions_and_new_labels() {
    let instance = instance().with_own_cache();
    let args = [
        "chat",
        "3",
        "--kinds",
        "praise",
        "--theme",
        "billing.refund=negative:two weeks",
        "--theme",
        "store.experience=positive:parcel",
    ];
    correct(&instance, &args).expect(0);

    // The customer takes some of the words back.
    instance.write(
        "chat.jsonl",
        lines("Where is my parcel, please?", "2026-10-03T08:00:00Z"),
    );
    assert_eq!(instance.json(["run", "-o", "json"])["total"]["replaced"], 1);
    let holds = labels(&instance, "3");
    assert_eq!(holds["kinds"], json!(["praise"]));
    assert_eq!(
        (
            &holds["themes"]["store.experience"],
            &holds["themes"]["billing.refund"]
        ),
        (&json!("positive"), &Value::Null)
    );
    assert_eq!(
        found(&instance, "kind:praise theme:store.experience"),
        ["3"]
    );

    instance.write("themes.toml", THEMES);
    instance.write(
        "voc.toml",
        format!("{CONFIG}[model]\nthemes = [\"themes.toml\"]\n"),
    );
    let rebuilt = instance.json(["rebuild", "--reencode", "-o", "json"]);
    assert_eq!(rebuilt["reencoded"], 3);
    assert_eq!(labels(&instance, "3")["kinds"], json!(["praise"]));
    assert_eq!(
        found(&instance, "kind:praise theme:store.experience"),
        ["3"]
    );
    digest(&instance);
}

#[test]
fn a_file_of_corrections_is_made_whole_or_not_at_all() {
    let instance = instance();
    let before = digest(&instance);
    let good = json!({"source": "chat", "id": "1", "by": "eva", "kinds": [], "urgency": 0,
        "themes": {"product.quality": {"sentiment": "negative", "quote": "incrinato"}}});
    let number = json!({"source": "chat", "id": 2, "sentiment": "neutral", "touchpoint": "none"});
    let check = |line: &str, says: &[&str]| {
        instance.write("corrections.jsonl", format!("{good}\n\n{line}\n"));
        let args = ["correct", "--from", "corrections.jsonl"];
        let stderr = instance.run(args).expect(2).stderr;
        for part in ["corrections.jsonl, line 3: "].iter().chain(says) {
            assert!(stderr.contains(part), "{part} is missing in: {stderr}");
        }
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    };
    check("{", &["EOF while parsing"]);
    check(&number.to_string(), &["`by` is missing"]);
    let with = |fields: Value| {
        let mut line = json!({"source": "chat", "id": "1", "by": "eva"});
        let (line_fields, fields) = (line.as_object_mut().unwrap(), fields.as_object().unwrap());
        line_fields.extend(fields.clone());
        line.to_string()
    };
    check(&with(json!({})), &["say which labels hold"]);
    check(&with(json!({"sentimnet": "mixed"})), &["sentimnet"]);
    check(&with(json!({"by": " ", "urgency": 1})), &["not usable"]);
    check(
        &with(json!({"id": "9", "urgency": 1})),
        &["chat/9 is not in the store"],
    );
    check(
        &with(json!({"themes": {"weather": "none"}})),
        &["no theme `weather`"],
    );
    let quote = json!({"themes": {"billing.price": {"sentiment": "negative", "quote": "caro"}}});
    check(&with(quote), &["\"caro\" occurs in none"]);

    assert_eq!(digest(&instance), before, "nothing was written");

    instance.write("corrections.jsonl", format!("{good}\n{number}\n"));
    let made = instance.run([
        "correct",
        "--from",
        "corrections.jsonl",
        "--by",
        "ana",
        "-o",
        "json",
    ]);
    let made = made.expect(0).json();
    assert_eq!((&made[0]["id"], &made[1]["id"]), (&json!("1"), &json!("2")));
    assert_eq!(made[0]["after"]["themes"]["product.quality"], "negative");
    let by: Vec<Value> = instance
        .json(["correct", "--list", "-o", "json"])
        .as_array()
        .into_iter()
        .flatten()
        .map(|made| made["by"].clone())
        .collect();
    assert_eq!(by, ["eva", "ana"]);
    instance.write("corrections.jsonl", "\n");
    let empty = instance
        .run(["correct", "--from", "corrections.jsonl"])
        .expect(2);
    assert!(
        empty.stderr.contains("holds no corrections"),
        "{}",
        empty.stderr
    );
    let missing = instance.run(["correct", "--from", "none.jsonl"]).expect(2);
    assert!(
        missing.stderr.contains("cannot read none.jsonl"),
        "{}",
        missing.stderr
    );
}

#[test]
fn what_cannot_be_corrected_is_named() {
    let instance = instance();
    let before = digest(&instance);
    let check = |snapshot: &str, args: &[&str]| {
        let finished = correct(&instance, args).expect(2);
        insta::assert_snapshot!(snapshot, finished.transcript());
    };
    check("unknown_record", &["chat", "9", "--urgency", "1"]);
    check("unknown_theme", &["chat", "1", "--remove-theme", "weather"]);
    check(
        "no_quote",
        &["chat", "1", "--theme", "billing.promotion=negative"],
    );
    check(
        "no_such_quote",
        &["chat", "1", "--theme", "billing.price=negative:caro"],
    );
    check(
        "redacted_quote",
        &[
            "chat",
            "1",
            "--theme",
            "billing.price=negative:bruna@posta.example",
        ],
    );
    check("nothing_said", &["chat", "1"]);
    check("nothing_to_withdraw", &["chat", "1", "--withdraw"]);
    check("unknown_kind", &["chat", "1", "--kinds", "complaint,rant"]);
    check("unknown_touchpoint", &["chat", "1", "--touchpoint", "till"]);
    check("no_polarity", &["chat", "1", "--theme", "billing.price"]);
    check("too_urgent", &["chat", "1", "--urgency", "4"]);
    check(
        "both_at_once",
        &["chat", "1", "--withdraw", "--kinds", "none"],
    );
    let nobody = instance
        .run(["correct", "chat", "1", "--urgency", "1"])
        .expect(2);
    insta::assert_snapshot!("nobody", nobody.transcript());
    let unknown = instance.run(["correct", "chat", "9", "--show"]).expect(2);
    insta::assert_snapshot!("unknown_record", unknown.transcript());
    assert_eq!(digest(&instance), before, "nothing was written");
}

#[test]
fn a_run_is_not_in_the_way_and_a_rebuild_is() {
    let instance = instance();
    let lock = |name: &str| {
        let mut options = File::options();
        let path = instance.path("data").join(name);
        let file = options
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .unwrap();
        file.lock().unwrap();
        file
    };
    let run = lock("run.lock");
    correct(&instance, &["chat", "1", "--kinds", "churn"]).expect(0);
    drop(run);

    let replacing = lock("store.lock");
    let refused = correct(&instance, &["chat", "1", "--kinds", "wish"]).expect(2);
    assert!(
        refused.stderr.contains("voc rebuild --reencode"),
        "{}",
        refused.stderr
    );
    assert_eq!(labels(&instance, "1")["kinds"], json!(["churn"]));
    drop(replacing);
    correct(&instance, &["chat", "1", "--kinds", "wish"]).expect(0);
    assert_eq!(found(&instance, "kind:wish"), ["1"]);
}

#[test]
fn a_correction_that_search_cannot_follow_is_kept_and_said() {
    let instance = instance();
    std::fs::remove_file(instance.path("data/index.lock")).unwrap();
    std::fs::create_dir(instance.path("data/index.lock")).unwrap();
    let told = correct(&instance, &["chat", "1", "--kinds", "churn"]).expect(1);
    assert!(
        told.stderr.contains("search does not know it yet"),
        "{}",
        told.stderr
    );
    assert_eq!(labels(&instance, "1")["kinds"], json!(["churn"]));
    std::fs::remove_dir(instance.path("data/index.lock")).unwrap();
    instance.run(["run"]).expect(0);
    assert_eq!(found(&instance, "kind:churn"), ["1"]);
}

#[test]
fn a_training_learns_from_corrected_records() {
    let instance = instance();
    let gold = json!({"id": "g", "lang": "en", "channel": "review", "created_at": "2026-09-14T09:30:00Z",
        "text": "The delivery was fast. Thank you!", "kinds": ["praise"], "sentiment": "positive",
        "urgency": 0, "touchpoint": "delivery", "mentions": []});
    let mut other = gold.clone();
    other["id"] = json!("h");
    instance.write("gold.jsonl", format!("{gold}\n{other}\n"));
    let train = |corrections: bool| {
        let args = [
            "train",
            "--data",
            "gold.jsonl",
            "--development",
            "gold.jsonl",
            "--to",
            "heads",
            "--epochs",
            "1",
            "--shared-layers",
            "11",
            "-o",
            "json",
        ];
        let more = corrections.then_some("--corrections");
        instance.json(args.into_iter().chain(more))
    };
    correct(&instance, &["chat", "1", "--kinds", "churn"]).expect(0);
    correct(&instance, &["chat", "2", "--kinds", "praise"]).expect(0);
    correct(&instance, &["chat", "2", "--withdraw"]).expect(0);
    let trained = train(true);
    assert_eq!(
        (&trained["corrections"], &trained["origin"]["texts"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(train(false)["corrections"], 0);

    let nothing = Instance::new(CONFIG, &[("gold.jsonl", &format!("{gold}\n"))]);
    let args = [
        "train",
        "--data",
        "gold.jsonl",
        "--development",
        "gold.jsonl",
        "--to",
        "h",
        "--corrections",
    ];
    let refused = nothing.run(args).expect(2);
    assert!(
        refused.stderr.contains("no corrections yet"),
        "{}",
        refused.stderr
    );
}
