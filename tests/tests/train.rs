//! `voc train`: what comes out, twice the same, and after a kill; and what is refused.

use serde_json::{Value, json};
use voc_e2e::{Instance, Running};

/// Texts of three moulds: enough to go through every step of a training, too few to learn
/// much.
fn gold(count: usize) -> String {
    let mut lines = String::new();
    for index in 0..count {
        let number = index * 7 % 23 + 2;
        let (text, kind, sentiment, theme, polarity) = match index % 3 {
            0 => (
                format!("Il pacco {number} è in ritardo di {number} giorni. Una vergogna."),
                "complaint",
                "negative",
                "delivery.speed",
                "negative",
            ),
            1 => (
                format!("Agent {number} was so kind and patient. Thank you!"),
                "praise",
                "positive",
                "service.agent",
                "positive",
            ),
            _ => (
                format!("请问{number}号店几点关门？周末开吗？"),
                "question",
                "neutral",
                "service.channels",
                "neutral",
            ),
        };
        let line = json!({"id": format!("g-{index}"), "lang": "en", "channel": "chat",
            "created_at": "2026-09-14T09:30:00Z", "text": text, "kinds": [kind],
            "sentiment": sentiment, "urgency": 1, "touchpoint": "support",
            "mentions": [{"theme": theme, "sentiment": polarity, "quote": text}]});
        lines += &format!("{line}\n");
    }
    lines
}

fn instance() -> Instance {
    let instance = Instance::empty();
    instance.write("data/a.jsonl", gold(48));
    instance.write("development.jsonl", gold(18));
    instance
}

const TRAIN: [&str; 13] = [
    "train",
    "--data",
    "data",
    "--development",
    "development.jsonl",
    "--shared-layers",
    "11",
    "--epochs",
    "3",
    "--to",
    "heads",
    "-o",
    "json",
];

#[test]
fn heads_are_trained_measured_and_used() {
    let instance = instance();
    let trained = instance.json(TRAIN);
    assert_eq!(trained["origin"]["texts"], 48);
    assert_eq!(trained["origin"]["development_texts"], 18);
    let measure = [
        "eval",
        "--heads",
        "heads",
        "--gold",
        "development.jsonl",
        "-o",
        "json",
    ];
    let measured = instance.json(measure);
    let model = measured["gold"]["models"][0].as_str().unwrap_or_default();
    let id = trained["id"].as_str().unwrap_or_default();
    assert!(id.starts_with("heads-") && model.ends_with(id), "{model}");
    instance.write("voc.toml", "[model]\nheads = \"heads\"\n");
    let line = json!({"id": "1", "source": "s", "channel": "chat", "text": "Kind and patient!",
        "created_at": "2026-09-14T09:30:00Z"});
    let analyzed = instance.feed(["analyze"], &line.to_string()).expect(0);
    let annotation: Value = analyzed.json();
    assert_eq!(annotation["model"], model);
}

#[test]
fn thresholds_are_fitted_anew_without_training() {
    let instance = instance();
    let trained = instance.json(TRAIN);
    let again = |development: &'static str| {
        instance.json([
            "train",
            "--thresholds-of",
            "heads",
            "--development",
            development,
            "--to",
            "other",
            "-o",
            "json",
        ])
    };
    let same = again("development.jsonl");
    assert_eq!(same["id"], trained["id"], "same weights, same texts");
    instance.write("mine.jsonl", gold(9));
    let mine = again("mine.jsonl");
    assert_eq!(mine["origin"]["development_texts"], 9);
    assert_ne!(mine["id"], trained["id"]);
}

/// The weights' id and all decisions must be equal: what is trained after a kill is what
/// would have been trained without it.
#[test]
fn a_killed_training_goes_on_and_ends_with_the_same_heads() {
    let instance = instance();
    let undisturbed = instance.json(TRAIN);
    let again = Instance::copy_of(&instance);
    std::fs::remove_dir_all(again.path("heads")).unwrap();
    let checkpoint = again.path("heads/training.safetensors");
    Running::start(&mut again.voc(TRAIN)).kill_when(|| checkpoint.exists());
    assert!(!again.path("heads/heads.toml").exists());
    let whole = std::fs::read(&checkpoint).unwrap();
    let lacking = renamed(&whole, b"variable.head.answers.bias").unwrap();
    std::fs::write(&checkpoint, lacking).unwrap();
    check_refused(
        &again,
        &TRAIN,
        "it is not complete. Remove it to start anew",
    );
    std::fs::write(&checkpoint, whole).unwrap();
    assert_eq!(again.json(TRAIN), undisturbed);
    assert!(!checkpoint.exists());
}

/// `file` with another letter at the end of `name`, where it first stands.
fn renamed(file: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let place = file.windows(name.len()).position(|part| part == name)?;
    let mut file = file.to_vec();
    file[place + name.len() - 1] = b'_';
    Some(file)
}

#[track_caller]
fn check_refused(instance: &Instance, args: &[&str], reason: &str) {
    let finished = instance.run(args.iter().copied()).expect(2);
    assert!(finished.stderr.contains(reason), "{}", finished.stderr);
}

#[test]
fn what_cannot_be_trained_on_is_named() {
    let instance = instance();
    let development = ["--development", "development.jsonl", "--to", "heads"];
    let train = |data| [&["train", "--data", data][..], &development].concat();
    check_refused(&instance, &train("none.jsonl"), "cannot read none.jsonl");
    instance.write("empty.jsonl", "");
    check_refused(
        &instance,
        &train("empty.jsonl"),
        "there are no gold records",
    );
    let share = [&train("data")[..], &["--share", "0"]].concat();
    check_refused(&instance, &share, "--share lies above 0");
    let all_shared = [&train("data")[..], &["--shared-layers", "12"]].concat();
    check_refused(
        &instance,
        &all_shared,
        "they share 12 layers, the encoder has 12",
    );
    let of_themes = |file, examples| {
        let from = ["train", "--few-shot", file, "--examples", examples];
        [&from[..], &["--to", "few.json"]].concat()
    };
    check_refused(
        &instance,
        &of_themes("empty.jsonl", "5"),
        "empty.jsonl has no examples",
    );
    instance.write(
        "few.jsonl",
        r#"{"text": "no parking", "label": "own.parking"}"#,
    );
    check_refused(
        &instance,
        &of_themes("few.jsonl", "0"),
        "--examples is at least 1",
    );
    instance.write("agent.jsonl", gold(1).replace("\"chat\"", "\"agent\""));
    check_refused(
        &instance,
        &train("agent.jsonl"),
        "there are no training texts with words of a customer",
    );
    instance.write("heads/training.safetensors", "torn");
    check_refused(&instance, &train("data"), "Remove it to start anew");
}

#[test]
fn heads_of_another_encoder_and_torn_ones_are_refused() {
    let instance = instance();
    let eval = ["eval", "--heads", "heads", "--gold", "development.jsonl"];
    check_refused(&instance, &eval, "heads.toml");
    let shipped = voc_e2e::repository().join("models/heads");
    let description = std::fs::read_to_string(shipped.join("heads.toml")).unwrap();
    let weights = std::fs::read(shipped.join("heads.safetensors")).unwrap();
    instance.write("heads/heads.toml", &description);
    instance.write("heads/heads.safetensors", "torn");
    check_refused(&instance, &eval, "heads.safetensors");
    instance.write("heads/heads.safetensors", &weights);
    let (_, encoder) = description.split_once("encoder = \"").unwrap();
    let (encoder, _) = encoder.split_once('"').unwrap();
    let of_another = description.replace(encoder, "another-00000000");
    instance.write("heads/heads.toml", of_another);
    check_refused(&instance, &eval, "they fit the encoder another-00000000");
    // As after a save that was cut off: weights of one training, the description of another.
    let of_other_weights = description.replacen("id = \"heads-", "id = \"heads-0", 1);
    instance.write("heads/heads.toml", of_other_weights);
    check_refused(&instance, &eval, "weights and decisions are heads-");
}

#[test]
fn a_single_record_is_enough() {
    let instance = instance();
    instance.write("one.jsonl", gold(1));
    let train = [
        "train",
        "--data",
        "one.jsonl",
        "--development",
        "one.jsonl",
        "--shared-layers",
        "11",
        "--epochs",
        "1",
        "--to",
        "heads",
        "-o",
        "json",
    ];
    assert_eq!(instance.json(train)["origin"]["texts"], 1);
}

/// Ten examples of each theme, and texts that were not among them.
#[test]
fn own_themes_are_learned_from_a_few_examples() {
    let instance = Instance::empty();
    let mut examples = String::new();
    for number in 1..=14 {
        for (label, text) in [
            (
                "own.parking",
                format!("There was no parking space {number} near the shop"),
            ),
            (
                "own.dogs",
                format!("My dog was welcome in room {number} and got a bowl of water"),
            ),
        ] {
            examples += &format!("{}\n", json!({"text": text, "label": label}));
        }
    }
    instance.write("examples.jsonl", &examples);
    let train = [
        "train",
        "--few-shot",
        "examples.jsonl",
        "--examples",
        "10",
        "--to",
        "few.json",
        "-o",
        "json",
    ];
    let fitted = instance.json(train);
    assert_eq!(
        (&fitted["themes"], &fitted["examples"]),
        (&json!(2), &json!(20))
    );
    assert_eq!(fitted["tested"], json!({"texts": 8, "accuracy": 1.0}));

    let theme = |id, text| {
        format!(
            "[[themes]]\nid = \"{id}\"\nname = {{ en = \"{id}\" }}\nexamples = [{{ lang = \"en\", text = \"{text}\" }}]\n"
        )
    };
    let themes = theme("own.parking", "no parking") + &theme("own.dogs", "dogs welcome");
    instance.write("themes.toml", themes);
    instance.write(
        "voc.toml",
        "[model]\nthemes = [\"themes.toml\"]\nfew_shot = \"few.json\"\n",
    );
    let line = json!({"id": "1", "source": "s", "channel": "chat", "created_at": "2026-09-14T09:30:00Z",
        "text": "We could not find any parking near the shop."});
    let annotation = instance
        .feed(["analyze"], &line.to_string())
        .expect(0)
        .json();
    let themes: Vec<&Value> = annotation["mentions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["theme"])
        .collect();
    assert!(
        themes.contains(&&json!("own.parking")) && !themes.contains(&&json!("own.dogs")),
        "{annotation}"
    );

    instance.write("voc.toml", "[model]\nfew_shot = \"few.json\"\n");
    let unnamed = instance.feed(["analyze"], &line.to_string()).expect(2);
    assert!(
        unnamed
            .stderr
            .contains("the taxonomy has no theme own.dogs"),
        "{}",
        unnamed.stderr
    );
    check_refused(
        &instance,
        &["train", "--few-shot", "voc.toml", "--to", "few.json"],
        "voc.toml, line 1: ",
    );
}
