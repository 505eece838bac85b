//! Measures this crate on labelled files. Nothing is written.
//!
//! ```text
//! measure lid FILE...     language: accuracy and confusion; lines {"text", "lang"}
//! measure pii FILE...     personal data: recall and precision per type; lines with
//!                         {"text", "spans": [[start, end, type, quote]]} or
//!                         {"text" | "messages", "pii": [{"type", "quote"}]}
//! measure errors FILE...  the same, listing each miss and each false find
//! measure speed FILE...   texts per second of preparing and of telling the language
//! measure show FILE...    each text in which something was found, as prepared
//! ```
//!
//! For `speed` and `show` a file is JSON or JSON lines; texts are taken from the keys
//! `text`, `body` and `subject` at any depth. A file that does not exist is named and
//! passed over.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;
use voc_core::{Language, PiiType, Span};
use voc_text::{Prepared, TextOptions, TextPipeline};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let pipeline = TextPipeline::new(&TextOptions::default())?;
    for file in arguments {
        if !Path::new(&file).exists() {
            println!("{file}: absent, passed over");
            continue;
        }
        let values = read(&fs::read_to_string(&file)?)?;
        println!("# {file}");
        match task.as_str() {
            "lid" => languages(&pipeline, &values)?,
            "pii" => personal_data(&pipeline, &values, false),
            "errors" => personal_data(&pipeline, &values, true),
            "speed" => speed(&pipeline, &values),
            "show" => show(&pipeline, &values),
            _ => return Err(format!("unknown task `{task}`; see the head of this program").into()),
        }
    }
    Ok(())
}

/// One JSON document, or one per line.
fn read(text: &str) -> Result<Vec<Value>, serde_json::Error> {
    match serde_json::from_str(text) {
        Ok(document) => Ok(vec![document]),
        Err(_) => text
            .lines()
            .filter(|line| !line.is_empty())
            .map(serde_json::from_str)
            .collect(),
    }
}

/// Right and wrong answers per language, and what the wrong ones were.
fn languages(pipeline: &TextPipeline, values: &[Value]) -> Result<(), Box<dyn Error>> {
    let offered = voc_text::LanguageDetector::offered();
    let mut counts: BTreeMap<Language, BTreeMap<Language, usize>> = BTreeMap::new();
    let start = Instant::now();
    for value in values {
        let gold: Language = value["lang"].as_str().unwrap_or("und").parse()?;
        let answer = pipeline
            .detect(value["text"].as_str().unwrap_or_default(), None)
            .code;
        *counts.entry(gold).or_default().entry(answer).or_default() += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    let (mut right, mut all) = (0, 0);
    for (gold, answers) in counts.iter().filter(|(gold, _)| offered.contains(gold)) {
        let of_gold: usize = answers.values().sum();
        let hits = answers.get(gold).copied().unwrap_or(0);
        let wrong: Vec<String> = answers
            .iter()
            .filter(|(answer, _)| *answer != gold)
            .map(|(answer, n)| format!("{answer} {n}"))
            .collect();
        println!(
            "{gold:4} {:6.2} % of {of_gold:5}   {}",
            percent(hits, of_gold),
            wrong.join(", ")
        );
        right += hits;
        all += of_gold;
    }
    println!(
        "all  {:6.2} % of {all:5}   {:.0} texts/s",
        percent(right, all),
        values.len() as f64 / seconds
    );
    Ok(())
}

/// Finds of one type against the labels.
#[derive(Default)]
struct Score {
    labelled: usize,
    found_of_labelled: usize,
    hidden_of_labelled: usize,
    found: usize,
    labelled_of_found: usize,
}

fn personal_data(pipeline: &TextPipeline, values: &[Value], list: bool) {
    let mut scores: BTreeMap<PiiType, Score> = BTreeMap::new();
    for value in values {
        for (text, gold) in labelled_texts(value) {
            let prepared = pipeline.prepare(&text);
            for (kind, span) in &gold {
                let score = scores.entry(*kind).or_default();
                let found = prepared
                    .pii
                    .iter()
                    .any(|found| found.kind == *kind && found.given.overlaps(*span));
                let hidden = prepared.pii.iter().any(|found| {
                    found.given.start() <= span.start()
                        && found.given.end() >= span.end()
                        && found.kind != PiiType::OrderId
                });
                score.labelled += 1;
                score.found_of_labelled += usize::from(found);
                score.hidden_of_labelled += usize::from(hidden);
                if list && !found {
                    println!("miss  {kind}: {}", around(&text, *span));
                }
            }
            for found in &prepared.pii {
                let right = gold
                    .iter()
                    .any(|(kind, span)| *kind == found.kind && span.overlaps(found.given));
                let score = scores.entry(found.kind).or_default();
                score.found += 1;
                score.labelled_of_found += usize::from(right);
                if list && !right {
                    println!("false {}: {}", found.kind, around(&text, found.given));
                }
            }
        }
    }
    println!("type           labelled  recall  hidden    found  precision");
    for (kind, score) in &scores {
        println!(
            "{:14} {:8} {:7.1} {:7.1} {:8} {:10.1}",
            kind,
            score.labelled,
            percent(score.found_of_labelled, score.labelled),
            percent(score.hidden_of_labelled, score.labelled),
            score.found,
            percent(score.labelled_of_found, score.found),
        );
    }
}

/// The texts of a line with their labels of types that this crate knows.
fn labelled_texts(value: &Value) -> Vec<(String, Vec<(PiiType, Span)>)> {
    let messages = value["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|message| message["text"].as_str());
    let texts = value["text"].as_str().into_iter().chain(messages);
    texts
        .map(|text| (text.to_owned(), labels(value, text)))
        .collect()
}

fn labels(value: &Value, text: &str) -> Vec<(PiiType, Span)> {
    let spans = value["spans"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|span| {
            let offset = |at: usize| usize::try_from(span[at].as_u64()?).ok();
            Some((
                known(span[2].as_str()?)?,
                Span::new(offset(0)?, offset(1)?).ok()?,
            ))
        });
    let quotes = value["pii"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|label| {
            let quote = label["quote"].as_str()?;
            let start = text[..text.find(quote)?].chars().count();
            Some((
                known(label["type"].as_str()?)?,
                Span::new(start, start + quote.chars().count()).ok()?,
            ))
        });
    spans.chain(quotes).collect()
}

/// Our type for a label, where the type has a form.
fn known(label: &str) -> Option<PiiType> {
    Some(match label {
        "CREDIT_CARD" => PiiType::Card,
        "PHONE_NUMBER" => PiiType::Phone,
        "EMAIL_ADDRESS" => PiiType::Email,
        "IBAN_CODE" => PiiType::Iban,
        "IP_ADDRESS" => PiiType::Ip,
        "US_SSN" | "US_DRIVER_LICENSE" => PiiType::NationalId,
        "PERSON" | "ADDRESS" => return None,
        other => other.parse().ok()?,
    })
}

fn speed(pipeline: &TextPipeline, values: &[Value]) {
    let texts = texts(values);
    let rate = |start: Instant| texts.len() as f64 / start.elapsed().as_secs_f64();
    let start = Instant::now();
    let found: usize = texts
        .iter()
        .map(|text| pipeline.prepare(text).pii.len())
        .sum();
    let prepared = rate(start);
    let start = Instant::now();
    let told = texts
        .iter()
        .filter(|text| !pipeline.detect(text, None).code.is_und())
        .count();
    let detected = rate(start);
    let letters: usize = texts.iter().map(|text| text.chars().count()).sum();
    println!(
        "{} texts of {} characters on average",
        texts.len(),
        letters / texts.len().max(1)
    );
    println!(
        "prepare {prepared:.0} texts/s, {found} finds; language {detected:.0} texts/s, {told} told"
    );
}

fn show(pipeline: &TextPipeline, values: &[Value]) {
    for text in texts(values) {
        let prepared = pipeline.prepare(text);
        let language = pipeline.detect(&prepared.text, None);
        let telling = !prepared.pii.is_empty()
            || !prepared.set_aside.is_empty()
            || prepared.sentences.len() > 2;
        if telling {
            println!("{} {}", language.code, prepared_as_lines(text, &prepared));
        }
    }
}

fn prepared_as_lines(given: &str, prepared: &Prepared) -> String {
    let finds = prepared
        .pii
        .iter()
        .map(|found| format!("{}: {}", found.kind, around(given, found.given)));
    let aside = prepared.set_aside.iter().map(|aside| {
        format!(
            "{:?}: {:?}",
            aside.reason,
            slice(&prepared.text, aside.span)
        )
    });
    let sentences = prepared
        .sentences
        .iter()
        .map(|span| format!("| {}", slice(&prepared.text, *span)));
    finds
        .chain(aside)
        .chain(sentences)
        .collect::<Vec<_>>()
        .join("\n   ")
}

/// The strings under the text keys, at any depth.
fn texts(values: &[Value]) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut open: Vec<&Value> = values.iter().rev().collect();
    while let Some(value) = open.pop() {
        let Some(fields) = value.as_object() else {
            open.extend(value.as_array().into_iter().flatten().rev());
            continue;
        };
        let is_text = |key: &str| matches!(key, "text" | "body" | "subject");
        texts.extend(
            fields
                .iter()
                .filter(|(key, _)| is_text(key))
                .filter_map(|(_, field)| field.as_str()),
        );
        open.extend(
            fields
                .values()
                .filter(|field| field.is_array() || field.is_object()),
        );
    }
    texts
}

/// The words at `span` in brackets, with a little before and after.
fn around(text: &str, span: Span) -> String {
    let characters: Vec<char> = text.chars().collect();
    let part = |from: usize, to: usize| characters[from.min(to)..to].iter().collect::<String>();
    let (start, end) = (
        span.start().min(characters.len()),
        span.end().min(characters.len()),
    );
    let words = format!(
        "{}⟦{}⟧{}",
        part(start.saturating_sub(24), start),
        part(start, end),
        part(end, (end + 16).min(characters.len()))
    );
    words.replace('\n', "⏎")
}

fn slice(text: &str, span: Span) -> &str {
    span.slice(text).unwrap_or_default()
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
