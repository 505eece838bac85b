use voc_core::Annotation;

use crate::{Mapping, SetEvaluation, Slice, evaluate_set};

/// Measures annotations, given as sentiment label and score and the mentions' JSON, on
/// lines of gold labels.
fn evaluate(mapping: &str, labels: &[&str], found: &[(&str, f32, &str)]) -> SetEvaluation {
    let mapping = format!("title = 't'\nfile = 'f'\nlicence = 'l'\n{mapping}");
    let mapping = Mapping::parse(&mapping).unwrap();
    let line = |(index, label): (usize, &&str)| {
        format!(r#"{{"id":"{index}","text":"x","lang":"it","label":{label}}}"#)
    };
    let lines: Vec<String> = labels.iter().enumerate().map(line).collect();
    let (records, left_out) = mapping.read(&lines.join("\n")).unwrap();
    let annotation = |(label, score, mentions): &(&str, f32, &str)| -> Annotation {
        let line = format!(
            r#"{{"lang":{{"code":"it","confidence":1}},"kinds":[{{"id":"wish","score":0.7}}],"sentiment":{{"label":"{label}","score":{score}}},"urgency":0,"touchpoint":null,"mentions":[{mentions}],"pii":[{{"type":"EMAIL","part":"text","start":3,"end":9}}],"promises":[],"model":"m","taxonomy":"t"}}"#
        );
        serde_json::from_str(&line).unwrap()
    };
    let found: Vec<_> = found.iter().map(annotation).collect();
    evaluate_set(&mapping, &records, left_out, &found).unwrap()
}

#[track_caller]
fn check(evaluation: &SetEvaluation, label: &str, expect: f64) {
    let mut cells = evaluation.cells.iter();
    let cell = cells.find(|c| c.measure.label == label && c.slice == Slice::ALL);
    let f1 = cell.and_then(|cell| cell.f1).unwrap_or(f64::NAN);
    assert!((f1 - expect).abs() < 1e-6, "{label}: {f1}");
}

const CLASSES: &str = "[classes]\nneg = 'negative'\npos = 'positive'\n";

#[test]
fn polarity_is_the_sign_of_the_score_and_zero_is_no_answer() {
    let found = [
        ("neutral", 0.1, ""),
        ("negative", -0.9, ""),
        ("neutral", 0.0, ""),
    ];
    let mapping = format!("measure = 'polarity'\n{CLASSES}");
    let evaluation = evaluate(&mapping, &["\"pos\"", "\"neg\"", "\"pos\""], &found);
    check(&evaluation, "accuracy", 2.0 / 3.0);
    check(&evaluation, "positive", 2.0 / 3.0);
    assert_eq!(
        evaluation.confusion.labels,
        ["negative", "none", "positive"]
    );
}

#[test]
fn mixed_counts_as_neutral_where_there_is_no_such_class() {
    let found = [("mixed", 0.1, "")];
    let three = format!("measure = 'sentiment'\n{CLASSES}neu = 'neutral'\n");
    check(&evaluate(&three, &["\"neu\""], &found), "accuracy", 1.0);
    let four = format!("{three}both = 'mixed'\n");
    check(&evaluate(&four, &["\"both\""], &found), "accuracy", 1.0);
}

#[test]
fn a_kind_is_assigned_or_not() {
    let mapping = "measure = 'kind'\nkind = 'wish'\n[classes]\n1 = 'yes'\n0 = 'no'\n";
    let found = [("neutral", 0.0, ""), ("neutral", 0.0, "")];
    let evaluation = evaluate(mapping, &["1", "0"], &found);
    check(&evaluation, "yes", 2.0 / 3.0);
    check(&evaluation, "no", 0.0);
}

#[test]
fn an_aspect_is_felt_about_as_its_mentions_say_else_as_the_text() {
    let mapping = "measure = 'aspect'\n[classes]\nnegative = 'negative'\npositive = 'positive'\n\
        [aspects]\nstaff = ['service.agent']\nroom = ['product.quality']\n";
    let mention = r#"{"theme":"service.agent","sentiment":"positive","score":0.8,"part":"text","start":0,"end":1,"quote":"x","target":"own"}"#;
    let labels = [r#"["staff:positive","room:negative"]"#];
    check(
        &evaluate(mapping, &labels, &[("mixed", -0.2, mention)]),
        "accuracy",
        1.0,
    );
    check(
        &evaluate(mapping, &labels, &[("mixed", -0.2, "")]),
        "accuracy",
        0.5,
    );
}

#[test]
fn personal_data_is_found_at_the_exact_place() {
    let mapping = "measure = 'personal-data'\n[classes]\nmail = 'EMAIL'\nip = 'IP'\n";
    let labels = [r#"[[3, 9, "mail"]]"#, r#"[[4, 9, "mail"], [20, 25, "ip"]]"#];
    let found = [("neutral", 0.0, ""), ("neutral", 0.0, "")];
    let evaluation = evaluate(mapping, &labels, &found);
    check(&evaluation, "EMAIL", 0.5);
    check(&evaluation, "IP", 0.0);
    // Two of three kinds in a text are covered somehow: only the address has leaked.
    check(&evaluation, "accuracy", 2.0 / 3.0);
}
