//! `voc analyze` as a filter: lines in, the same lines out with what the contract says.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use voc_e2e::Instance;

/// What is added to each line.
const ADDED: [&str; 10] = [
    "lang",
    "kinds",
    "sentiment",
    "urgency",
    "touchpoint",
    "mentions",
    "pii",
    "promises",
    "model",
    "taxonomy",
];

/// Scores of one text may differ by as much from batch to batch.
const TOLERANCE: f64 = 0.01;

/// One line in each first-class language, a thread, and one that says who wrote it.
fn lines() -> Vec<Value> {
    let at = "2026-09-14T09:30:00Z";
    vec![
        json!({"id": "it", "source": "mail", "channel": "email", "created_at": at,
            "title": "Vaso rotto",
            "text": "Il vaso è arrivato in pezzi, l'imballaggio era pessimo. Chiedo il rimborso: bruna.alfieri@posta.example, tel. 347 555 0188."}),
        json!({"id": "bg", "channel": "review", "created_at": at, "ratings": {"stars": 5.0},
            "text": "Доставката беше бърза, а майсторът сглоби масата внимателно. Благодаря!"}),
        json!({"id": "zh", "channel": "social", "created_at": at,
            "text": "客服态度很差，等了三天没有人回复。我的电话是13912345678。"}),
        json!({"id": "en", "channel": "survey", "created_at": at, "customer": {"id": "c-17", "role": "prospect"},
            "text": "Please add a gift wrapping option at the checkout."}),
        json!({"id": "thread", "channel": "chat", "created_at": at, "messages": [
            {"at": at, "by": "customer", "text": "My parcel was delivered to the wrong address and now it is lost."},
            {"at": "2026-09-14T09:31:00Z", "by": "agent", "author": "Kim", "text": "Sorry! The courier is terrible this week, I will call you at +44 7700 900123 by Friday."},
            {"at": "2026-09-14T09:32:00Z", "by": "customer", "text": "This is the second time, I want a refund."}]}),
    ]
}

fn joined(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn analyzed(args: &[&str], lines: &[Value]) -> Vec<Value> {
    let all = ["analyze"].iter().chain(args).copied();
    Instance::empty()
        .feed(all, &joined(lines))
        .expect(0)
        .json_lines()
}

/// The characters `start..end` of the text that `item` names as its part.
fn at_span(line: &Value, item: &Value) -> String {
    let text = match &item["part"] {
        Value::String(name) => &line[name.as_str()],
        index => &line["messages"][index.as_u64().unwrap_or(u64::MAX) as usize]["text"],
    };
    let place = |name: &str| item[name].as_u64().unwrap_or(0) as usize;
    let (start, end) = (place("start"), place("end"));
    text.as_str()
        .unwrap_or("")
        .chars()
        .skip(start)
        .take(end - start)
        .collect()
}

fn items<'v>(line: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    line[field].as_array().into_iter().flatten()
}

/// What is said of a line, without scores and places.
fn labels(line: &Value) -> Value {
    let ids = |field: &str, names: &[&str]| -> Vec<Vec<Value>> {
        items(line, field)
            .map(|item| names.iter().map(|name| item[*name].clone()).collect())
            .collect()
    };
    json!({
        "lang": line["lang"]["code"], "kinds": ids("kinds", &["id"]),
        "sentiment": line["sentiment"]["label"], "urgency": line["urgency"],
        "touchpoint": line["touchpoint"],
        "mentions": ids("mentions", &["theme", "sentiment", "part", "target"]),
        "promises": ids("promises", &["part", "due", "by"]),
        "model": line["model"], "taxonomy": line["taxonomy"],
    })
}

/// Every number in an annotation by its place.
fn scores(line: &Value) -> Vec<f64> {
    let numbers = [&line["lang"]["confidence"], &line["sentiment"]["score"]];
    let listed = items(line, "kinds")
        .chain(items(line, "mentions"))
        .map(|item| &item["score"]);
    numbers
        .into_iter()
        .chain(listed)
        .map(|number| number.as_f64().unwrap_or(f64::NAN))
        .collect()
}

#[track_caller]
fn check_same_but_for_noise(given: &Value, other: &Value) {
    assert_eq!(labels(given), labels(other));
    for (one, two) in scores(given).into_iter().zip(scores(other)) {
        assert!(
            (one - two).abs() <= TOLERANCE,
            "{one} {two}\n{given}\n{other}"
        );
    }
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

#[test]
fn lines_keep_their_order_and_get_exactly_the_fields_of_the_contract() {
    let given = lines();
    let output = analyzed(&[], &given);
    assert_eq!(output.len(), given.len());
    for (line, given) in output.iter().zip(&given) {
        let mut expect = given.as_object().unwrap().clone();
        expect.entry("source").or_insert(json!("stdin"));
        let mut kept: Map<String, Value> = line.as_object().unwrap().clone();
        for field in ADDED {
            assert!(
                kept.shift_remove(field).is_some(),
                "{field} is missing: {line}"
            );
        }
        for texts in [&mut kept, &mut expect] {
            for text in ["title", "text", "messages"] {
                texts.shift_remove(text);
            }
        }
        assert_eq!(kept, expect);
        check_shape(line);
    }
    each_text_is_redacted_and_spans_fit(&given, &output);
    agents_are_not_labelled(&output[4]);
    obvious_things_are_seen(&output);
}

fn check_shape(line: &Value) {
    assert_eq!(names(&line["lang"]), ["code", "confidence"]);
    assert_eq!(names(&line["sentiment"]), ["label", "score"]);
    assert!(line["urgency"].as_u64().is_some_and(|level| level <= 3));
    for kind in items(line, "kinds") {
        assert_eq!(names(kind), ["id", "score"]);
    }
    for mention in items(line, "mentions") {
        let fields = [
            "theme",
            "sentiment",
            "score",
            "part",
            "start",
            "end",
            "quote",
            "target",
        ];
        assert_eq!(names(mention), fields);
    }
    for pii in items(line, "pii") {
        assert_eq!(names(pii), ["type", "part", "start", "end"]);
    }
    for promise in items(line, "promises") {
        let fields = ["quote", "part", "start", "end", "due", "by"];
        assert_eq!(names(promise), fields);
    }
    assert!(
        scores(line)
            .iter()
            .all(|score| (-1.0..=1.0).contains(score)),
        "{line}"
    );
}

fn each_text_is_redacted_and_spans_fit(given: &[Value], output: &[Value]) {
    for private in ["bruna.alfieri", "347 555", "13912345678", "900123"] {
        assert!(joined(given).contains(private));
        assert!(!joined(output).contains(private), "{private}");
    }
    let mentions: usize = output
        .iter()
        .map(|line| items(line, "mentions").count())
        .sum();
    assert!(mentions >= 3, "{mentions} mentions");
    let mut found: Vec<(&str, String)> = Vec::new();
    for (line, given) in output.iter().zip(given) {
        for quoting in items(line, "mentions").chain(items(line, "promises")) {
            assert_eq!(quoting["quote"], at_span(line, quoting), "{line}");
        }
        let pii =
            items(line, "pii").map(|pii| (pii["type"].as_str().unwrap_or(""), at_span(given, pii)));
        found.extend(pii);
    }
    let expect = [
        ("EMAIL", "bruna.alfieri@posta.example"),
        ("PHONE", "347 555 0188"),
        ("PHONE", "13912345678"),
        ("PHONE", "+44 7700 900123"),
    ];
    assert_eq!(found, expect.map(|(kind, text)| (kind, text.to_owned())));
}

/// Only what they promise counts.
fn agents_are_not_labelled(thread: &Value) {
    for mention in items(thread, "mentions") {
        assert_ne!(mention["part"], 1, "{mention}");
    }
    let promises: Vec<&Value> = items(thread, "promises").collect();
    assert_eq!(promises.len(), 1, "{promises:?}");
    assert_eq!(
        promises[0]["quote"],
        "I will call you at [PHONE] by Friday."
    );
    assert_eq!(
        (&promises[0]["due"], &promises[0]["part"]),
        (&json!("2026-09-18"), &json!(1))
    );
}

/// Not how well it labels, only that it labels at all.
fn obvious_things_are_seen(output: &[Value]) {
    let languages: Vec<&Value> = output.iter().map(|line| &line["lang"]["code"]).collect();
    assert_eq!(languages, ["it", "bg", "zh", "en", "en"]);
    let has =
        |line: usize, kind: &str| items(&output[line], "kinds").any(|item| item["id"] == kind);
    assert!(
        has(0, "complaint") && has(1, "praise") && has(3, "wish"),
        "{}",
        joined(output)
    );
    assert_eq!(output[0]["sentiment"]["label"], "negative");
    assert_eq!(output[1]["sentiment"]["label"], "positive");
    assert!(items(&output[0], "mentions").any(|mention| mention["theme"] == "delivery.damage"));
}

#[test]
fn without_redaction_texts_return_as_given_with_the_same_labels() {
    let given = lines();
    let (redacted, as_given) = (analyzed(&[], &given), analyzed(&["--no-redact"], &given));
    for ((line, redacted), given) in as_given.iter().zip(&redacted).zip(&given) {
        for text in ["title", "text", "messages"] {
            assert_eq!(line.get(text), given.get(text));
        }
        assert_eq!(labels(line), labels(redacted));
        assert_eq!(scores(line), scores(redacted));
        assert_eq!(line["pii"], redacted["pii"]);
        for quoting in items(line, "mentions").chain(items(line, "promises")) {
            assert_eq!(quoting["quote"], at_span(line, quoting), "{line}");
        }
    }
}

#[test]
fn bad_lines_are_named_and_the_others_labelled() {
    let [first, second] = [&lines()[0], &lines()[1]];
    let input =
        format!("{first}\nnot a line of arturo@posta.example\n\n{{\"id\":\"x\"}}\n{second}");
    let finished = Instance::empty()
        .feed(["analyze", "--source", "mail"], &input)
        .expect(1);
    let ids: Vec<Value> = finished
        .json_lines()
        .iter()
        .map(|line| line["id"].clone())
        .collect();
    assert_eq!(ids, ["it", "bg"]);
    let log: Vec<&str> = finished.stderr.lines().collect();
    assert!(log[0].contains("line 2: not valid JSON"), "{log:?}");
    assert!(log[1].contains("line 4: "), "{log:?}");
    assert!(log[2].contains("2 lines could not be used"), "{log:?}");
    assert!(!finished.stderr.contains("arturo"), "{log:?}");
}

#[test]
fn a_line_is_labelled_alike_whatever_else_there_is_and_how_often() {
    let given = lines();
    let alone = analyzed(&[], &given);
    // More lines than one batch holds, of very different lengths, in another order.
    let filler = (0..40).map(|number| {
        let text = "La consegna era prevista per lunedì e oggi è venerdì. ".repeat(1 + number % 9);
        json!({"id": format!("f{number}"), "channel": "chat", "created_at": "2026-09-14T09:30:00Z", "text": text})
    });
    let crowd: Vec<Value> = filler.chain(given.iter().rev().cloned()).collect();
    let crowded: BTreeMap<String, Value> = analyzed(&[], &crowd)
        .into_iter()
        .map(|line| (line["id"].to_string(), line))
        .collect();
    assert_eq!(crowded.len(), crowd.len());
    for line in &alone {
        check_same_but_for_noise(line, &crowded[&line["id"].to_string()]);
    }

    let again = analyzed(&[], &alone);
    for (line, again) in alone.iter().zip(&again) {
        let texts = |line: &Value| ["title", "text", "messages"].map(|text| line[text].clone());
        assert_eq!(texts(again), texts(line));
        check_same_but_for_noise(line, again);
    }
}

#[test]
fn files_work_as_streams_do() {
    let instance = Instance::empty();
    instance.write("in.jsonl", joined(&lines()));
    let args = ["analyze", "--input", "in.jsonl", "--output", "out.jsonl"];
    let finished = instance.run(args).expect(0);
    assert_eq!(
        (finished.stdout.as_str(), finished.stderr.as_str()),
        ("", "")
    );
    let written = String::from_utf8(instance.read("out.jsonl")).unwrap();
    assert_eq!(written.lines().count(), lines().len());
    let first: Value = serde_json::from_str(written.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["id"], &first["source"]),
        (&json!("it"), &json!("mail"))
    );
}
