//! kill -9 at any moment: the next run goes on where the last one was, and comes to the
//! same store as a run that nobody disturbed.

use std::fmt::Write;
use std::fs;

use serde_json::Value;
use voc_e2e::{Instance, Running, holds_a_chunk};

const CONFIG: &str = r#"
[instance]
timezone = "Europe/Sofia"

[[sources]]
id = "chat"
path = "chat.jsonl"

[[sources]]
id = "social"
path = "social.jsonl"
"#;

/// Records of the two files: two full chunks of 512, and two that are not.
const CHAT: usize = 700;
const SOCIAL: usize = 560;

/// What was bought, how it went and what came of it, in four languages.
const WORDS: [[&[&str]; 3]; 4] = [
    [
        &[
            "La lampada",
            "Il tavolo",
            "La tazza blu",
            "Il tappeto",
            "La sedia",
            "Lo specchio",
            "La tenda",
        ],
        &[
            "è arrivata rotta",
            "non funziona",
            "mi piace molto",
            "costa troppo",
            "è in ritardo",
        ],
        &[
            "e vorrei un rimborso.",
            "e nessuno risponde.",
            "e lo ricomprerei.",
            "purtroppo.",
            "grazie mille.",
        ],
    ],
    [
        &[
            "Лампата",
            "Масата",
            "Синята чаша",
            "Килимът",
            "Столът",
            "Огледалото",
            "Завесата",
        ],
        &[
            "пристигна с пукнатина",
            "не работи",
            "много ми харесва",
            "е твърде скъпо",
            "закъснява",
        ],
        &[
            "и искам парите си.",
            "и никой не отговаря.",
            "и пак бих поръчала.",
            "за съжаление.",
            "благодаря ви.",
        ],
    ],
    [
        &["台灯", "餐桌", "蓝色杯子", "地毯", "椅子", "镜子", "窗帘"],
        &["收到时是碎的", "不能用", "我很喜欢", "太贵了", "还没有送到"],
        &[
            "，我要退款。",
            "，没有人回复。",
            "，下次还会买。",
            "，真可惜。",
            "，谢谢你们。",
        ],
    ],
    [
        &[
            "The lamp",
            "The table",
            "The blue cup",
            "The rug",
            "The chair",
            "The mirror",
            "The curtain",
        ],
        &[
            "arrived broken",
            "does not work",
            "is lovely",
            "costs too much",
            "is late",
        ],
        &[
            "and I want my money back.",
            "and nobody answers.",
            "and I would buy it again.",
            "sadly.",
            "thank you.",
        ],
    ],
];

/// `count` canonical lines; the words vary at different paces, so that few are the same.
fn lines(channel: &str, count: usize) -> String {
    let mut lines = String::new();
    for number in 0..count {
        let [what, how, then] = WORDS[number % WORDS.len()];
        let text = [
            what[number / 4 % what.len()],
            how[number / 28 % how.len()],
            then[number / 140 % then.len()],
        ];
        let (day, minute) = (number % 28 + 1, number % 60);
        let _ = writeln!(
            lines,
            r#"{{"id":"{number}","channel":"{channel}","created_at":"2026-09-{day:02}T10:{minute:02}:00Z","text":"{} ({number})"}}"#,
            text.join(" ")
        );
    }
    lines
}

fn instance() -> Instance {
    let (chat, social) = (lines("chat", CHAT), lines("social", SOCIAL));
    Instance::new(CONFIG, &[("chat.jsonl", &chat), ("social.jsonl", &social)])
}

fn verified(instance: &Instance) -> Value {
    instance.json(["status", "--verify", "-o", "json"])
}

fn found(instance: &Instance, query: &str) -> Vec<String> {
    let hits = instance.json([
        "search", query, "--mode", "lexical", "--limit", "1000", "-o", "json",
    ]);
    let mut keys: Vec<String> = hits
        .as_array()
        .into_iter()
        .flatten()
        .map(|hit| hit["key"].to_string())
        .collect();
    keys.sort();
    keys
}

#[test]
fn a_run_that_is_killed_again_and_again_comes_to_the_store_of_an_undisturbed_one() {
    let undisturbed = instance();
    let report = undisturbed.json(["run", "-o", "json"]);
    assert_eq!(report["total"]["added"], (CHAT + SOCIAL) as u64);

    let killed = instance();
    killed.write("voc.key", undisturbed.read("voc.key"));
    let key = fs::metadata(undisturbed.path("voc.key"))
        .unwrap()
        .permissions();
    fs::set_permissions(killed.path("voc.key"), key).unwrap();
    let store = killed.path("data/voc.db");
    Running::start(&mut killed.voc(["run"])).kill_when(|| store.exists());
    let mut before = verified(&killed)["records"].as_u64().unwrap();
    assert_eq!(before, 0, "it was killed while it loaded the model");
    let log = killed.path("data/voc.db-wal");
    for _ in 0..2 {
        Running::start(&mut killed.voc(["run"])).kill_when(|| holds_a_chunk(&log));
        // Reading the store empties its log.
        let after = verified(&killed)["records"].as_u64().unwrap();
        assert!(
            after > before && after < (CHAT + SOCIAL) as u64,
            "{before} {after}"
        );
        before = after;
    }
    let report = killed.json(["run", "-o", "json"]);
    assert_eq!(report["total"]["added"], (CHAT + SOCIAL) as u64 - before);
    assert_eq!(
        report["total"]["unchanged"], 0,
        "what was committed is not read again"
    );

    let (expect, end) = (verified(&undisturbed), verified(&killed));
    assert_eq!(end["digest"], expect["digest"]);
    assert_eq!(end["sources"], expect["sources"]);
    let runs = end["runs"].as_array().unwrap();
    let interrupted = runs
        .iter()
        .filter(|run| run["outcome"] == "interrupted")
        .count();
    assert_eq!(interrupted, 2, "{runs:?}");
    for query in ["specchio", "огледалото", "镜子", "mirror"] {
        let hits = found(&killed, query);
        assert!(hits.len() > 40, "{query}: {} records", hits.len());
        assert_eq!(hits, found(&undisturbed, query), "{query}");
    }
}
