//! The nightly job: exports of three shapes, night after night.

use std::fs::File;

use serde_json::{Value, json};
use voc_e2e::{Instance, finish};

const CONFIG: &str = r#"
[instance]
company = "Ceramiche Due Torri"
timezone = "Europe/Rome"

[ingest]
folder = "exports"

[[sources]]
id = "chat"
path = "chat.jsonl"

[[sources]]
id = "reviews"
path = "reviews.csv"
delimiter = ";"
day_first = true
decimal_comma = true
timezone = "Europe/Sofia"
[sources.fields]
id = "Nr"
created_at = "Written"
channel = { value = "review" }
text = "Text"
author = "Author"
"ratings.stars" = "Stars"

[[sources]]
id = "helpdesk"
path = "tickets.json"
records = "data.tickets"
[sources.fields]
id = "id"
title = "subject"
created_at = "created_at"
channel = { from = "via.channel", map = { web = "ticket", email = "email" } }
"customer.id" = "requester.id"
messages = { from = "comments", each = { at = "created_at", by = { from = "role", map = { end-user = "customer", agent = "agent" } }, author = "name", text = "body" } }

[limits]
dead_letters = 0.5
"#;

/// Four good lines, one of them without consent, and two that cannot be used: line 3 is
/// broken off, line 5 has an impossible time.
const CHAT: &str = r#"{"id":"c1","channel":"chat","created_at":"2026-10-02T08:00:00Z","customer":{"id":"kunde-8841"},"author":"Ginevra Passalacqua","text":"Il vaso è arrivato incrinato. Scrivetemi a ginevra.p@posta.example o al +39 347 555 0192."}
{"id":"c2","channel":"chat","created_at":"2026-10-02T09:00:00Z","text":"杯子很漂亮，包装也很好，谢谢！","meta":{"note":"vipzettel-77"}}
{"id":"c3","channel":"chat","created_at":"2026-10-02T10:00:00Z","text":"mezza riga di
{"id":"c4","channel":"chat","created_at":"2026-10-02T11:00:00Z","consent":false,"text":"Bitte nicht speichern: Zimtschnecke"}
{"id":"c5","channel":"chat","created_at":"tomorrow, says ivo@poshta.example","text":"Чашата е спукана"}
{"id":"c6","channel":"chat","created_at":"2026-10-02T12:00:00Z","text":"Where is my parcel? It has been two weeks."}
"#;

/// Written on 3 October in Sofia, not on 10 March; four and a half stars.
const REVIEWS: &str = "Nr;Written;Author;Stars;Text\n\
    1;03/10/2026 00:30;Велислава Кутузова;4,5;Каната е чудесна, но дойде късно.\n\
    2;03/10/2026 10:00;Велислава Кутузова;2;\"Счупена; дръжката липсва.\"\n";

const TICKETS: &str = r#"{"exported": "2026-10-04", "data": {"tickets": [
  {"id": 501, "subject": "Rimborso", "created_at": "2026-10-03T07:00:00Z", "via": {"channel": "web"},
   "requester": {"id": "kunde-9902"}, "comments": [
     {"created_at": "2026-10-03T07:00:00Z", "role": "end-user", "name": "Ottavio Brambillasca",
      "body": "Buongiorno, il rimborso va su IT60X0542811101000000123456, grazie."},
     {"created_at": "2026-10-03T08:00:00Z", "role": "agent", "name": "Fiordaliso Quaglia",
      "body": "Ricevuto: la chiamiamo al 0039 06 5550 1234."}]}
]}}"#;

/// Everything in the exports that must be found nowhere afterwards.
const PRIVATE: [&str; 12] = [
    "ginevra.p@posta.example",
    "347 555 0192",
    "5550 1234",
    "IT60X0542811101000000123456",
    "Passalacqua",
    "Кутузова",
    "Brambillasca",
    "Quaglia",
    "kunde-",
    "vipzettel",
    "Zimtschnecke",
    "ivo@poshta.example",
];

fn instance() -> Instance {
    let exports = [
        ("exports/chat.jsonl", CHAT),
        ("exports/reviews.csv", REVIEWS),
        ("exports/tickets.json", TICKETS),
    ];
    Instance::new(CONFIG, &exports)
}

/// An instance of one canonical source with default limits.
fn chat_only(lines: &str) -> Instance {
    Instance::new(
        "[[sources]]\nid = \"chat\"\npath = \"chat.jsonl\"\n",
        &[("chat.jsonl", lines)],
    )
}

fn line(id: &str, updated_at: &str, text: &str) -> String {
    let created_at = "2026-10-02T08:00:00Z";
    let record = json!({"id": id, "channel": "chat", "created_at": created_at, "updated_at": updated_at, "text": text});
    format!("{record}\n")
}

/// The counts of a source that are not 0, less the number of files.
fn counts(report: &Value, source: &str) -> Value {
    let counts = report["sources"][source].as_object().into_iter().flatten();
    let told = counts.filter(|(name, count)| {
        !name.starts_with("files_") && count.as_u64().is_some_and(|n| n > 0)
    });
    told.map(|(name, count)| (name.clone(), count.clone()))
        .collect()
}

fn keys(instance: &Instance, query: &str) -> Vec<String> {
    let hits = instance.json(["search", query, "--mode", "lexical", "-o", "json"]);
    let key = |hit: &Value| {
        let part = |name: &str| hit["key"][name].as_str().unwrap_or("?").to_owned();
        format!("{}/{}", part("source"), part("id"))
    };
    let mut keys: Vec<String> = hits.as_array().into_iter().flatten().map(key).collect();
    keys.sort();
    keys
}

#[test]
fn three_shapes_of_export_are_read_in_one_night() {
    let instance = instance();
    let mut night = instance.voc(["run", "--as-of", "2026-10-05T04:00:00Z", "-o", "json"]);
    let finished = finish(night.env("VOC_LOG", "trace")).expect(0);
    let report = finished.json();
    assert_eq!(
        counts(&report, "chat"),
        json!({"read": 6, "added": 3, "without_consent": 1, "dead": 2})
    );
    assert_eq!(counts(&report, "reviews"), json!({"read": 2, "added": 2}));
    assert_eq!(counts(&report, "helpdesk"), json!({"read": 1, "added": 1}));

    let status = instance.json(["status", "-o", "json"]);
    assert_eq!(status["records"], 6);
    assert_eq!(
        (&status["first_day"], &status["last_day"]),
        (&json!("2026-10-02"), &json!("2026-10-03"))
    );
    // 00:30 in Sofia is still 2 October in Rome, where the instance counts its days.
    assert_eq!(
        keys(&instance, "source:reviews until:2026-10-02"),
        ["reviews/1"]
    );
    assert_eq!(
        keys(&instance, "source:reviews since:2026-10-03"),
        ["reviews/2"]
    );
    let pulse = instance.json(["pulse", "--of", "2026-10-02", "-o", "json"]);
    let stars = pulse["ratings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|rating| rating["scale"] == "stars");
    assert_eq!(stars.unwrap()["value"], 4.5);

    dead_letters_are_named_without_their_content(&instance);
    nothing_private_is_left(&instance, &finished.stderr);
    a_quiet_night_is_over_at_once(&instance);
}

fn dead_letters_are_named_without_their_content(instance: &Instance) {
    let status = instance.json(["status", "-o", "json"]);
    assert_eq!(status["dead_letters"], 2);
    let shown = instance.run(["status"]).expect(0).stdout;
    for (letter, begins) in [
        (&status["latest_dead_letters"][0], "line 3: not valid JSON"),
        (
            &status["latest_dead_letters"][1],
            "line 5: created_at: not a date",
        ),
    ] {
        assert_eq!(
            (&letter["source"], &letter["file"]),
            (&json!("chat"), &json!("chat.jsonl"))
        );
        let reason = letter["reason"].as_str().unwrap_or("none");
        assert!(
            reason.starts_with(begins) && shown.contains(reason),
            "{reason}\n{shown}"
        );
        assert!(
            !reason.contains("mezza riga") && !reason.contains("ivo@"),
            "{reason}"
        );
    }
}

fn nothing_private_is_left(instance: &Instance, log: &str) {
    let args = [
        "pulse",
        "--of",
        "2026-W40",
        "--as-of",
        "2026-10-05T04:00:00Z",
        "--format",
        "html,md,json,csv",
    ];
    instance.run(args).expect(0);
    let files = instance.files_below("data");
    let holds = |bytes: &[u8], text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    for path in &files {
        let bytes = instance.read(path);
        for private in PRIVATE {
            assert!(
                !holds(&bytes, private),
                "{} holds {private}",
                path.display()
            );
        }
    }
    for private in PRIVATE {
        let exports = [CHAT, REVIEWS, TICKETS];
        assert!(
            exports.iter().any(|export| export.contains(private)),
            "{private} was not given"
        );
        assert!(!log.contains(private), "the log holds {private}");
    }
    // The search above would not find anything in files that are packed: the store is not.
    let store = instance.read("data/voc.db");
    assert!(holds(&store, "Il vaso è arrivato incrinato") && holds(&store, "дръжката липсва"));
    let names: Vec<_> = files
        .iter()
        .filter_map(|path| path.file_name()?.to_str())
        .collect();
    for expected in ["pulse-2026-W40.html", "pulse-2026-W40.csv", "meta.json"] {
        assert!(names.contains(&expected), "{names:?}");
    }
}

fn a_quiet_night_is_over_at_once(instance: &Instance) {
    let before = instance.json(["status", "--verify", "-o", "json"]);
    let report = instance.json(["run", "-o", "json"]);
    assert_eq!(report["nothing_new"], true);
    assert_eq!(report["total"]["files_unchanged"], 3);
    // No model is needed, so one that cannot be found does no harm.
    let nowhere = instance.path("nowhere");
    let finished = finish(instance.voc(["run"]).env("VOC_CACHE_DIR", nowhere)).expect(0);
    assert_eq!(
        finished.stdout,
        "Nothing new: 3 files are as they were when last read.\n"
    );
    let after = instance.json(["status", "--verify", "-o", "json"]);
    assert_eq!(
        (&before["digest"], &before["version"]),
        (&after["digest"], &after["version"])
    );
}

#[test]
fn what_changed_overnight_is_replaced_and_what_is_older_is_left_out() {
    let first = line(
        "1",
        "2026-10-02T08:00:00Z",
        "Il lampadario è arrivato rotto",
    ) + &line("2", "2026-10-02T08:00:00Z", "Поръчката закъснява")
        + &line("3", "2026-10-02T08:00:00Z", "The cups are lovely");
    let instance = chat_only(&first);
    let night = |lines: &str| {
        instance.write("chat.jsonl", lines);
        counts(&instance.json(["run", "-o", "json"]), "chat")
    };
    assert_eq!(night(&first), json!({"read": 3, "added": 3}));

    let second = line(
        "1",
        "2026-10-03T08:00:00Z",
        "Il lampadario nuovo funziona benissimo",
    ) + &line("2", "2026-10-01T08:00:00Z", "Поръчката още я няма")
        + &line("3", "2026-10-02T08:00:00Z", "The cups are lovely");
    assert_eq!(
        night(&second),
        json!({"read": 3, "replaced": 1, "stale": 1, "unchanged": 1})
    );
    assert_eq!(keys(&instance, "benissimo"), ["chat/1"]);
    assert_eq!(keys(&instance, "закъснява"), ["chat/2"]);
    for gone in ["rotto", "няма"] {
        assert!(keys(&instance, &format!("\"{gone}\"")).is_empty(), "{gone}");
    }

    let appended = second + &line("4", "2026-10-04T08:00:00Z", "台灯不亮");
    let counted = night(&appended);
    assert_eq!(
        counted,
        json!({"read": 4, "added": 1, "unchanged": 2, "stale": 1})
    );
    assert_eq!(
        instance.json(["status", "--verify", "-o", "json"])["records"],
        4
    );
}

#[test]
fn a_missing_file_and_too_many_dead_letters_make_a_run_incomplete() {
    let instance = instance();
    std::fs::remove_file(instance.path("exports/tickets.json")).unwrap();
    let config = CONFIG.replace("dead_letters = 0.5", "dead_letters = 0.2");
    instance.write("voc.toml", &config);
    let finished = instance.run(["run"]).expect(1);
    assert!(finished.stdout.contains("helpdesk"), "{}", finished.stdout);
    for stream in [&finished.stdout, &finished.stderr] {
        assert!(stream.contains("exports/tickets.json"), "{stream}");
    }
    // Everything else was committed, and can be found.
    let status = instance.json(["status", "-o", "json"]);
    assert_eq!(status["records"], 5);
    assert_eq!(keys(&instance, "parcel"), ["chat/c6"]);

    // One in three of `chat` could not be used: that alone is over the limit.
    let chat = CONFIG
        .split("[[sources]]")
        .take(2)
        .collect::<Vec<_>>()
        .join("[[sources]]");
    instance.write("voc.toml", &chat);
    instance.write("exports/chat.jsonl", "{}\n{}\n");
    let report = instance.run(["run", "-o", "json"]).expect(1).json();
    assert_eq!(counts(&report, "chat"), json!({"read": 2, "dead": 2}));
    assert_eq!(report["sources"]["chat"]["failed"], Value::Null);
}

#[test]
fn a_second_run_at_the_same_time_is_refused_and_readers_are_not() {
    let instance = chat_only(&line("1", "2026-10-02T08:00:00Z", "Il piatto è scheggiato"));
    instance.run(["run"]).expect(0);
    let lock = File::options()
        .write(true)
        .open(instance.path("data/run.lock"))
        .unwrap();
    lock.lock().unwrap();
    for args in [&["run"][..], &["rebuild"], &["rebuild", "--reencode"]] {
        let finished = instance.run(args.iter().copied()).expect(2);
        assert!(
            finished.stderr.contains("another `voc run` is going on"),
            "{}",
            finished.stderr
        );
    }
    assert_eq!(instance.json(["status", "-o", "json"])["records"], 1);
    assert_eq!(keys(&instance, "piatto"), ["chat/1"]);
    drop(lock);
    assert_eq!(instance.json(["run", "-o", "json"])["nothing_new"], true);
}
