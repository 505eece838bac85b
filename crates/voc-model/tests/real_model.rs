//! What only the real encoder can show. It is found where `scripts/setup` puts it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::path::PathBuf;
use std::sync::LazyLock;

use voc_core::{Kind, Record, Taxonomy, ThemeId};
use voc_model::{Analyzer, Document, Encoder, ModelFolder, Precision, Unit};
use voc_text::{TextOptions, TextPipeline};

fn model_folder() -> PathBuf {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let cache = set("VOC_CACHE_DIR")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("voc-pulse")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache/voc-pulse")))
        .expect("HOME or VOC_CACHE_DIR is set");
    cache.join("models/multilingual-e5-small-q4")
}

fn load() -> Encoder {
    let folder = ModelFolder::open(&model_folder()).expect("scripts/setup was run");
    Encoder::load(&folder, Precision::F32, 2).expect("the encoder loads")
}

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| {
    let text = TextPipeline::new(&TextOptions::default()).expect("default options");
    let taxonomy = Taxonomy::default_scheme().expect("the shipped scheme");
    let cache = std::env::temp_dir().join("voc-model-tests");
    Analyzer::new(text, load(), &taxonomy, Some(&cache)).expect("the analyzer loads")
});

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

const SAME_IN_FOUR_LANGUAGES: [&str; 5] = [
    "The parcel arrived broken.",
    "Il pacco è arrivato rotto.",
    "Пратката пристигна счупена.",
    "包裹到的时候已经碎了。",
    "Vorrei sapere a che ora aprite domani",
];

/// Computed apart from this code: a forward pass in NumPy over the same safetensors, which
/// agrees with the C engine that the weights come from (cosine 0.9999 for each sentence).
#[test]
fn vectors_are_those_of_an_independent_implementation() {
    let pooled = ANALYZER
        .encoder()
        .encode_sentences(&SAME_IN_FOUR_LANGUAGES)
        .unwrap();
    let first_dimensions = [
        [0.05231, -0.02815, -0.01755, -0.08063, 0.09514, -0.05498],
        [0.05963, -0.05203, 0.00129, -0.09825, 0.08497, -0.05786],
        [0.06933, -0.02893, -0.03546, -0.06427, 0.07409, -0.02375],
        [0.08092, -0.03285, -0.02283, -0.07399, 0.09986, -0.05862],
        [0.05887, -0.01923, -0.00904, -0.05236, 0.08327, -0.04764],
    ];
    for (vector, expected) in pooled.iter().zip(first_dimensions) {
        for (value, expected) in vector.record.iter().zip(expected) {
            assert!((value - expected).abs() < 5e-5, "{value} is not {expected}");
        }
    }
    let cosines = [0.8991, 0.8908, 0.8793, 0.7548];
    for (other, expected) in pooled[1..].iter().zip(cosines) {
        let cosine = cosine(&pooled[0].record, &other.record);
        assert!(
            (cosine - expected).abs() < 2e-4,
            "{cosine} is not {expected}"
        );
    }
}

#[test]
fn a_vector_hardly_depends_on_what_else_is_in_the_batch() {
    let encoder = ANALYZER.encoder();
    let together = encoder.encode_sentences(&SAME_IN_FOUR_LANGUAGES).unwrap();
    for (sentence, pooled) in SAME_IN_FOUR_LANGUAGES.iter().zip(together) {
        let alone = encoder.encode_sentences(&[sentence]).unwrap();
        assert!(
            cosine(&alone[0].record, &pooled.record) > 0.99999,
            "{sentence}"
        );
    }
}

#[test]
fn a_text_longer_than_the_window_is_pooled_from_several() {
    let sentences = vec![
        "Пратката закъсня с две седмици и никой не отговаря.".to_owned();
        80
    ];
    let long = Document {
        units: vec![Unit { sentences }],
    };
    let pooled = ANALYZER.encoder().encode(&[long]).unwrap();
    assert_eq!(pooled[0].sentences[0].len(), 80);
    let (first, last) = (&pooled[0].sentences[0][0], &pooled[0].sentences[0][79]);
    assert!(cosine(first, last) > 0.9);
    let length: f32 = pooled[0].record.iter().map(|value| value * value).sum();
    assert!((length - 1.0).abs() < 1e-4);
}

fn record(text: &str) -> Record {
    let line = serde_json::json!({
        "id": "1", "source": "test", "channel": "email",
        "created_at": "2026-08-03T08:00:00Z", "text": text, "author": "Anna Bianchi",
    });
    serde_json::from_value(line).unwrap()
}

#[track_caller]
fn check(text: &str, kind: Kind, theme: &str) {
    let analyzed = ANALYZER.analyze(vec![record(text)]).unwrap().remove(0);
    let annotation = &analyzed.annotation;
    assert!(annotation.has(kind), "{text}: {:?}", annotation.kinds);
    let theme = ThemeId::new(theme).unwrap();
    assert!(
        annotation.mentions.iter().any(|m| m.theme == theme),
        "{text}: {:?}",
        annotation.mentions
    );
}

#[test]
fn plain_cases_are_labelled_right_in_four_languages() {
    check(
        "Il pacco è arrivato schiacciato e due piatti erano rotti.",
        Kind::Complaint,
        "delivery.damage",
    );
    check(
        "Вазата пристигна счупена, кутията беше смачкана.",
        Kind::Complaint,
        "delivery.damage",
    );
    check(
        "收到的时候杯子全碎了，包装太差。",
        Kind::Complaint,
        "delivery.damage",
    );
    check(
        "Two of the glasses were smashed when the box came.",
        Kind::Complaint,
        "delivery.damage",
    );
}

#[test]
fn authors_and_formed_personal_data_do_not_come_back() {
    let text = "Scrivetemi a anna.bianchi@example.com, il pacco non è mai arrivato.";
    let analyzed = ANALYZER.analyze(vec![record(text)]).unwrap().remove(0);
    let line = serde_json::to_string(&analyzed.record).unwrap();
    assert!(
        !line.contains("anna.bianchi") && !line.contains("Anna Bianchi"),
        "{line}"
    );
    let found = &analyzed.annotation.pii[0];
    assert_eq!(found.span.slice(text), Some("anna.bianchi@example.com"));
}

#[test]
fn labels_are_the_same_whether_or_not_the_text_comes_back_as_given() {
    let text = "Buongiorno,\u{200b} sono all'indirizzo m.rossi@example.com. Il corriere   ha \
                lanciato il pacco: due bicchieri rotti! Tel. +39 333 1234567";
    let given = record(text);
    let analyzed = ANALYZER.analyze(vec![given.clone()]).unwrap().remove(0);
    let mapped = analyzed.annotation_of_given(&given).unwrap();
    let labels = |annotation: &voc_core::Annotation| {
        let mentions: Vec<_> = annotation
            .mentions
            .iter()
            .map(|m| (m.theme.clone(), m.sentiment))
            .collect();
        (
            annotation.kinds.clone(),
            annotation.sentiment,
            annotation.urgency,
            mentions,
        )
    };
    assert_eq!(labels(&analyzed.annotation), labels(&mapped));
    assert!(!mapped.mentions.is_empty());
    for mention in &mapped.mentions {
        assert_eq!(mention.span.slice(text), Some(mention.quote.as_str()));
    }
    for mention in &analyzed.annotation.mentions {
        let stored = analyzed.record.part(mention.part).unwrap();
        assert_eq!(mention.span.slice(stored), Some(mention.quote.as_str()));
    }
}

#[test]
fn agents_words_and_empty_threads_carry_no_labels() {
    let thread: Record = serde_json::from_str(
        r#"{"id":"1","source":"s","channel":"chat","created_at":"2026-08-03T08:00:00Z","messages":[
        {"at":"2026-08-03T08:00:00Z","by":"agent","text":"Your plates arrived broken? We are sorry."}]}"#,
    )
    .unwrap();
    let annotation = ANALYZER.analyze(vec![thread]).unwrap().remove(0).annotation;
    assert!(annotation.kinds.is_empty() && annotation.mentions.is_empty());
    assert_eq!(annotation.lang.code.as_str(), "en");
}
