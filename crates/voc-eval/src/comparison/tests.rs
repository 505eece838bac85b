use crate::{Difference, GoldRecord, compare, evaluate};
use voc_core::Annotation;

/// Sixty short complaints.
fn gold() -> Vec<GoldRecord> {
    let line = |index: usize| {
        format!(
            r#"{{"id":"r{index}","lang":"it","channel":"review","created_at":"2026-03-01T08:00:00Z","text":"In ritardo, di nuovo.","kinds":["complaint"],"sentiment":"negative","urgency":1,"touchpoint":"delivery","mentions":[{{"theme":"delivery.speed","sentiment":"negative","quote":"In ritardo"}}]}}"#
        )
    };
    let lines: Vec<String> = (0..60).map(line).collect();
    GoldRecord::read_all(&lines.join("\n")).unwrap()
}

/// Finds the complaint in records for which `finds` holds.
fn found(finds: impl Fn(usize) -> bool) -> Vec<Annotation> {
    let annotation = |index: usize| {
        let kinds = if finds(index) {
            r#"{"id":"complaint","score":0.9}"#
        } else {
            ""
        };
        let line = format!(
            r#"{{"lang":{{"code":"it","confidence":1}},"kinds":[{kinds}],"sentiment":{{"label":"negative","score":-0.5}},"urgency":1,"touchpoint":null,"mentions":[],"pii":[],"promises":[],"model":"m","taxonomy":"t"}}"#
        );
        serde_json::from_str(&line).unwrap()
    };
    (0..60).map(annotation).collect()
}

fn complaint(differences: &[Difference]) -> &Difference {
    let mut differences = differences.iter();
    let of_kind = |d: &&Difference| d.measure.label == "complaint" && d.slice.languages.is_empty();
    differences.find(of_kind).unwrap()
}

#[test]
fn a_large_improvement_is_certain() {
    let gold = gold();
    let before = evaluate(&gold, &found(|index| index % 2 == 0)).unwrap();
    let after = evaluate(&gold, &found(|index| index % 10 != 0)).unwrap();
    let differences = compare(&before, &after);
    let difference = complaint(&differences);
    assert!(difference.difference > 0.2, "{difference:?}");
    assert!(difference.p < 0.01, "{difference:?}");
    assert!(difference.interval.unwrap().low > 0.0, "{difference:?}");
}

#[test]
fn one_record_more_may_be_chance() {
    let gold = gold();
    let before = evaluate(&gold, &found(|index| index % 2 == 0)).unwrap();
    let after = evaluate(&gold, &found(|index| index % 2 == 0 || index == 1)).unwrap();
    let differences = compare(&before, &after);
    assert!(complaint(&differences).p > 0.05);
}

#[test]
fn the_same_labels_do_not_differ() {
    let gold = gold();
    let same = evaluate(&gold, &found(|index| index % 3 == 0)).unwrap();
    let differences = compare(&same, &same);
    assert!(
        differences
            .iter()
            .all(|d| d.difference == 0.0 && d.p == 1.0)
    );
}
