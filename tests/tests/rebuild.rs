//! `voc rebuild --reencode`: a company's own themes reach what was stored before.

use serde_json::{Value, json};
use voc_e2e::{Instance, Running, holds_a_chunk};

const CONFIG: &str = "[[sources]]\nid = \"chat\"\npath = \"chat.jsonl\"\n";

const THEMES: &str = r#"
[[themes]]
id = "own.fitting"
name = { en = "Fitting at home", it = "Montaggio a domicilio" }
description = { en = "The fitter who assembles furniture at the customer's home." }
examples = [
    { lang = "it", text = "il montatore ha montato l'armadio in un'ora" },
    { lang = "it", text = "il montaggio della libreria è stato fatto male" },
    { lang = "en", text = "the fitter assembled the wardrobe at our home" },
    { lang = "en", text = "assembly by your fitter took the whole day" },
    { lang = "bg", text = "монтажникът сглоби гардероба вкъщи" },
    { lang = "zh", text = "师傅上门安装衣柜" },
]
"#;

/// Records before the change of themes: one full chunk of 512 and some.
const BEFORE: usize = 600;

const TEXTS: [&str; 5] = [
    "Il montatore è arrivato puntuale e ha montato l'armadio in un'ora",
    "Чашата пристигна счупена, пишете на vesela@poshta.example",
    "杯子很漂亮，包装也很好",
    "The fitter assembled the bookcase at home and took the boxes away",
    "The parcel is late again",
];

/// Which of them speak of fitting.
const FITTING: [usize; 2] = [0, 3];

fn line(number: usize) -> String {
    let text = format!("{} ({number})", TEXTS[number % TEXTS.len()]);
    let at = "2026-09-07T10:00:00Z";
    let record =
        json!({"id": number.to_string(), "channel": "chat", "created_at": at, "text": text});
    format!("{record}\n")
}

/// The numbers of the records that a query finds.
fn found(instance: &Instance, query: &str) -> Vec<usize> {
    let args = [
        "search", query, "--mode", "lexical", "--limit", "1000", "-o", "json",
    ];
    let hits = instance.json(args);
    let number = |hit: &Value| hit["key"]["id"].as_str()?.parse().ok();
    hits.as_array()
        .into_iter()
        .flatten()
        .filter_map(number)
        .collect()
}

fn verified(instance: &Instance) -> Value {
    instance.json(["status", "--verify", "-o", "json"])
}

/// Starts to label everything again, and kills it when the first chunk is done.
fn kill_reencoding(instance: &Instance) {
    Running::start(&mut instance.voc(["rebuild", "--reencode"])).kill_when(|| {
        let files = instance.files_below("data");
        let mut logs = files
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(".next-wal"));
        logs.any(|log| holds_a_chunk(log))
    });
}

#[test]
fn own_themes_reach_what_was_stored_before() {
    let own = Instance::new(CONFIG, &[]).with_own_cache();
    own.write("chat.jsonl", (0..BEFORE).map(line).collect::<String>());
    own.run(["run"]).expect(0);
    let before = verified(&own);
    assert_eq!(before["records"], BEFORE as u64);

    own.write("themes.toml", THEMES);
    own.write(
        "voc.toml",
        format!("{CONFIG}\n[model]\nthemes = [\"themes.toml\"]\n"),
    );
    own.write("chat.jsonl", (0..=BEFORE).map(line).collect::<String>());
    let refused = own.run(["run"]).expect(2);
    assert!(
        refused.stderr.contains("voc rebuild --reencode"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        verified(&own)["digest"],
        before["digest"],
        "nothing was changed"
    );

    kill_reencoding(&own);
    assert_eq!(
        verified(&own)["digest"],
        before["digest"],
        "old labels stay until all are new"
    );
    assert!(found(&own, "theme:own").is_empty());
    let rebuilt = own
        .run(["rebuild", "--reencode", "-o", "json"])
        .expect(0)
        .json();
    assert_eq!(rebuilt["indexed"], BEFORE as u64);
    let again = rebuilt["reencoded"].as_u64().unwrap();
    assert!(
        again < BEFORE as u64,
        "{again} records were labelled after the restart"
    );

    let fitted = found(&own, "theme:own.fitting");
    let rightly = fitted
        .iter()
        .filter(|number| FITTING.contains(&(*number % TEXTS.len())))
        .count();
    assert!(
        rightly > BEFORE / 4 && rightly * 5 > fitted.len() * 4,
        "{rightly} of {}",
        fitted.len()
    );
    let after = verified(&own);
    assert_eq!(after["records"], before["records"]);
    assert_ne!(after["annotator"], before["annotator"]);
    let left: Vec<_> = own.files_below("data");
    assert!(
        !left
            .iter()
            .any(|file| file.to_string_lossy().contains(".next")),
        "{left:?}"
    );

    let report = own.run(["run", "-o", "json"]).expect(0).json();
    let total = &report["total"];
    assert_eq!(
        (&total["added"], &total["unchanged"]),
        (&json!(1), &json!(BEFORE))
    );
}
