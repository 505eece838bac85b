//! `voc eval`: figures of the real model, and what is refused.

use serde_json::{Value, json};
use voc_e2e::{Finished, Instance};

const AT: &str = "2026-09-14T09:30:00Z";

/// A complaint that leaves no doubt, with personal data, and praise that leaves none.
fn gold() -> [Value; 2] {
    [
        json!({"id": "it-1", "lang": "it", "channel": "email", "created_at": AT,
            "text": "Il vaso è arrivato in pezzi, l'imballaggio era pessimo. Scrivetemi a bruna.alfieri@posta.example.",
            "kinds": ["complaint"], "sentiment": "negative", "urgency": 1, "touchpoint": "delivery",
            "mentions": [{"theme": "delivery.damage", "sentiment": "negative", "quote": "Il vaso è arrivato in pezzi"}],
            "pii": [{"type": "EMAIL", "quote": "bruna.alfieri@posta.example"}],
            "promises": [], "sarcasm": false, "dup_group": null, "note": ""}),
        json!({"id": "en-1", "lang": "en", "channel": "review", "created_at": AT,
            "text": "The delivery was fast and arrived a day early. Thank you!",
            "kinds": ["praise"], "sentiment": "positive", "urgency": 0, "touchpoint": "delivery",
            "mentions": [{"theme": "delivery.speed", "sentiment": "positive", "quote": "The delivery was fast"}],
            "pii": [], "promises": [], "sarcasm": false, "dup_group": null, "note": ""}),
    ]
}

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

fn instance() -> Instance {
    let instance = Instance::empty();
    instance.write("gold/a.jsonl", lines(&gold()));
    instance
}

/// The figure of a label over all records.
fn f1(evaluated: &Value, group: &str, label: &str) -> Option<f64> {
    let cells = evaluated["gold"]["cells"].as_array()?;
    let cell = cells.iter().find(|cell| {
        let over_all = cell["languages"] == json!([]) && cell["channel"].is_null();
        cell["group"] == group && cell["label"] == label && over_all
    })?;
    cell["f1"].as_f64()
}

#[test]
fn gold_records_are_measured_by_the_model_and_by_its_labelled_lines_alike() {
    let instance = instance();
    let measured = instance
        .run(["eval", "--gold", "gold", "-o", "json"])
        .expect(0)
        .json();
    assert_eq!(measured["gold"]["records"], 2);
    assert_eq!(f1(&measured, "language", "accuracy"), Some(1.0));
    assert_eq!(f1(&measured, "personal data", "EMAIL"), Some(1.0));
    assert_eq!(f1(&measured, "kind", "complaint"), Some(1.0));
    assert_eq!(f1(&measured, "promise", "quote"), None);

    let analyze = [
        "analyze",
        "--no-redact",
        "--input",
        "gold/a.jsonl",
        "--output",
        "found.jsonl",
    ];
    instance.run(analyze).expect(0);
    let labelled = [
        "eval",
        "--gold",
        "gold",
        "--labelled",
        "found.jsonl",
        "-o",
        "json",
    ];
    let labelled = instance.run(labelled).expect(0).json();
    assert_eq!(f1(&labelled, "kind", "complaint"), Some(1.0));
    assert_eq!(f1(&labelled, "personal data", "EMAIL"), Some(1.0));
}

#[test]
fn two_versions_are_compared_and_mistakes_are_a_page() {
    let instance = instance();
    let analyze = ["analyze", "--no-redact", "--input", "gold/a.jsonl"];
    let found = instance.run(analyze).expect(0).json_lines();
    let mut worse = found.clone();
    for line in &mut worse {
        line["kinds"] = json!([{"id": "churn", "score": 0.9}]);
    }
    instance.write("found.jsonl", lines(&found));
    instance.write("worse.jsonl", lines(&worse));
    let compare = [
        "eval",
        "--gold",
        "gold",
        "--labelled",
        "worse.jsonl",
        "--against",
        "found.jsonl",
        "--html",
        "page.html",
        "-o",
        "json",
    ];
    let compared = instance.run(compare).expect(0).json();
    let differences = compared["comparison"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let complaint = differences.iter().find(|d| d["label"] == "complaint");
    assert_eq!(complaint.and_then(|d| d["difference"].as_f64()), Some(-1.0));
    let page = String::from_utf8(instance.read("page.html")).unwrap();
    assert!(page.contains("kind churn · 2 wrongly assigned"));
    assert!(page.contains("Il vaso è arrivato in pezzi"));
}

#[track_caller]
fn check_refused(instance: &Instance, args: &[&str], reason: &str) {
    let finished: Finished = instance.run(args.iter().copied()).expect(2);
    assert!(finished.stderr.contains(reason), "{}", finished.stderr);
}

#[test]
fn what_cannot_be_measured_is_named() {
    let instance = instance();
    check_refused(
        &instance,
        &["eval", "--gold", "none.jsonl"],
        "cannot read none.jsonl",
    );
    instance.write("empty/readme.txt", "no records");
    check_refused(
        &instance,
        &["eval", "--gold", "empty"],
        "there are no gold records",
    );
    let misquoted =
        lines(&gold()).replace("\"The delivery was fast\"", "\"The delivery was slow\"");
    instance.write("misquoted.jsonl", &misquoted);
    let reason = "record en-1: the quote \"The delivery was slow\" occurs in none of its texts";
    check_refused(&instance, &["eval", "--gold", "misquoted.jsonl"], reason);

    let analyze = [
        "analyze",
        "--input",
        "gold/a.jsonl",
        "--output",
        "redacted.jsonl",
    ];
    instance.run(analyze).expect(0);
    let redacted = ["eval", "--gold", "gold", "--labelled", "redacted.jsonl"];
    check_refused(&instance, &redacted, "label with --no-redact");
}

#[test]
fn a_set_of_other_people_is_read_by_its_mapping_and_an_absent_one_is_named() {
    let instance = instance();
    let mapping = |file: &str| {
        format!(
            "title = \"Reviews\"\nfile = \"{file}\"\nlicence = \"CC0\"\nmeasure = \"polarity\"\n\
            [classes]\ngood = \"positive\"\nbad = \"negative\"\n"
        )
    };
    instance.write("there.toml", mapping("reviews.jsonl"));
    instance.write("absent.toml", mapping("absent.jsonl"));
    let reviews = [
        json!({"id": 1, "lang": "en", "label": "bad", "text": "Broken on arrival, terrible packaging, never again."}),
        json!({"id": 2, "lang": "bg", "label": "good", "text": "Доставката беше бърза и всичко пристигна здраво. Благодаря!"}),
        json!({"id": 3, "lang": "bg", "label": "so-so", "text": "Става."}),
    ];
    instance.write("sets/reviews.jsonl", lines(&reviews));
    let args = [
        "eval",
        "--sets",
        "sets",
        "--mapping",
        "there.toml",
        "absent.toml",
        "-o",
        "json",
    ];
    let finished = instance.run(args).expect(1);
    assert!(
        finished.stderr.contains("absent.jsonl is not there"),
        "{}",
        finished.stderr
    );
    let set = finished.json()["sets"][0].clone();
    assert_eq!((&set["records"], &set["left_out"]), (&json!(2), &json!(1)));
    assert_eq!(set["confusion"]["counts"], json!([[1, 0], [0, 1]]));
}

#[test]
fn search_is_measured_on_judged_queries_in_every_mode() {
    let instance = instance();
    let corpus = [
        json!({"id": "zh", "lang": "zh", "text": "盘子到的时候全碎了，包装太薄。"}),
        json!({"id": "bg", "lang": "bg", "text": "Касата ми взе парите два пъти."}),
        json!({"id": "it", "lang": "it", "text": "Il tecnico è stato gentile e puntuale."}),
    ];
    let queries = [
        json!({"id": "q1", "lang": "en", "text": "plates arrived broken, thin packaging"}),
        json!({"id": "q2", "lang": "it", "text": "tecnico gentile", "target_lang": "it"}),
    ];
    instance.write("judged/corpus.jsonl", lines(&corpus));
    instance.write("judged/queries.jsonl", lines(&queries));
    instance.write(
        "judged/qrels.tsv",
        "query_id\tdoc_id\tscore\nq1\tzh\t1\nq2\tit\t1\n",
    );
    let args = ["eval", "--retrieval", "judged", "-o", "json"];
    let scores = instance.run(args).expect(0).json()["retrieval"].clone();
    let hit = |name: &str| {
        let scores = scores.as_array().into_iter().flatten();
        let mut named = scores.filter(|score| score["name"] == name);
        named.next().and_then(|score| score["hit_at_1"].as_f64())
    };
    assert_eq!(hit("judged semantic en → any"), Some(1.0));
    assert_eq!(hit("judged lexical en → any"), Some(0.0));
    assert_eq!(hit("judged hybrid it → it"), Some(1.0));
    assert_eq!(hit("judged semantic all"), Some(1.0));
    check_refused(
        &instance,
        &["eval", "--retrieval", "gold"],
        "cannot read gold/corpus.jsonl",
    );
}
