use jiff::civil::date;
use voc_core::{AuditLabel, Kind, Sentiment};

use super::*;
use crate::sample::{Sample, entry, key};

fn labels(kind: Option<Kind>) -> AuditLabels {
    AuditLabels {
        kinds: kind.into_iter().collect(),
        sentiment: Sentiment::Mixed,
        themes: [(voc_core::ThemeId::new("a").unwrap(), Sentiment::Negative)].into(),
    }
}

fn a_draw() -> AuditDraw {
    AuditDraw {
        at: "2026-10-06T09:00:00Z".parse().unwrap(),
        seed: i64::MAX as u64,
        per_label: 50,
        first_day: date(2026, 8, 1),
        last_day: date(2026, 8, 31),
        languages: vec![Language::IT, Language::BG],
        version: 1,
        annotator: "m1 with taxonomy t1".to_owned(),
        population: 3,
        strata: vec![AuditStratum {
            label: AuditLabel::NoKind,
            language: Language::IT,
            size: 2,
            chance: 1.0 / 3.0,
        }],
    }
}

fn drawn(id: &str) -> DrawnRecord {
    DrawnRecord {
        key: key(id),
        chance: 1.0 / 3.0,
        predicted: labels(Some(Kind::Wish)),
    }
}

fn answer(audit: AuditId, id: &str, kind: Option<Kind>) -> AuditAnswer {
    AuditAnswer {
        audit,
        key: key(id),
        at: "2026-10-07T09:00:00Z".parse().unwrap(),
        by: Reviewer::new("ana").unwrap(),
        labels: labels(kind),
    }
}

/// A store of three records, of which two were drawn.
fn sample() -> (Sample, AuditId) {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1), entry("2", 1), entry("3", 1)]);
    let audit = sample
        .writer
        .draw_audit(a_draw(), vec![drawn("2"), drawn("1")]);
    let audit = audit.unwrap();
    (sample, audit)
}

fn take(sample: &Sample, answers: Vec<AuditAnswer>) -> Result<AnswersTaken, StoreError> {
    sample.writer.take_audit(answers)
}

fn said(sample: &Sample, audit: AuditId) -> Vec<(String, Option<AuditLabels>)> {
    let audited = sample.store.snapshot().unwrap().audited(audit).unwrap();
    let said = |each: AuditedRecord| (each.drawn.key.id.to_string(), each.labels);
    audited.into_iter().map(said).collect()
}

#[test]
fn a_draw_is_read_as_it_was_noted() {
    let (sample, first) = sample();
    let second = sample.writer.draw_audit(a_draw(), vec![]).unwrap();
    let snapshot = sample.store.snapshot().unwrap();
    assert_eq!(
        snapshot.audits().unwrap(),
        [(first, a_draw()), (second, a_draw())]
    );
    let open = |id| AuditedRecord {
        drawn: drawn(id),
        labels: None,
    };
    assert_eq!(snapshot.audited(first).unwrap(), [open("1"), open("2")]);
    assert_eq!(snapshot.audited(second).unwrap(), []);
    let gone = sample
        .writer
        .draw_audit(a_draw(), vec![drawn("9")])
        .unwrap_err();
    assert!(matches!(gone, StoreError::UnknownRecord { .. }), "{gone:?}");
    assert_eq!(sample.store.snapshot().unwrap().audits().unwrap().len(), 2);
}

#[test]
fn answers_are_added_and_the_last_one_counts() {
    let (sample, audit) = sample();
    let counts = |first, changed, repeated| AnswersTaken {
        first,
        changed,
        repeated,
    };
    let answers = vec![answer(audit, "1", Some(Kind::Wish))];
    assert_eq!(take(&sample, answers.clone()).unwrap(), counts(1, 0, 0));
    assert_eq!(take(&sample, answers).unwrap(), counts(0, 0, 1));
    let both = vec![answer(audit, "2", None), answer(audit, "1", None)];
    assert_eq!(take(&sample, both).unwrap(), counts(1, 1, 0));
    let none = Some(labels(None));
    assert_eq!(
        said(&sample, audit),
        [("1".to_owned(), none.clone()), ("2".to_owned(), none)]
    );
    let kept: u64 = sample
        .aside()
        .query_row("SELECT count(*) FROM audit_label", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 3, "nothing is replaced");
    let changed = sample
        .aside()
        .execute("UPDATE audit_label SET labels = '{}'", []);
    assert!(changed.unwrap_err().to_string().contains("never changed"));
}

#[test]
fn what_was_not_drawn_is_refused_with_all_the_rest() {
    let (sample, audit) = sample();
    let other = AuditId::new(7);
    for wrong in [answer(audit, "3", None), answer(other, "1", None)] {
        let error = take(&sample, vec![answer(audit, "1", None), wrong]).unwrap_err();
        assert_eq!(error.position(), Some(1), "{error}");
        assert!(error.to_string().contains("was not drawn"), "{error}");
        assert!(
            said(&sample, audit)
                .iter()
                .all(|(_, labels)| labels.is_none())
        );
    }
}

#[test]
fn an_audit_changes_nothing_that_reports_show() {
    let (sample, audit) = sample();
    let before = sample.store.snapshot().unwrap();
    let (version, digest) = (before.version(), before.digest().unwrap());
    take(&sample, vec![answer(audit, "1", Some(Kind::Churn))]).unwrap();
    let after = sample.store.snapshot().unwrap();
    assert_eq!(
        (after.version(), after.digest().unwrap()),
        (version, digest)
    );
    let stored = after.record(&key("1")).unwrap().unwrap();
    assert_eq!(stored.annotation, entry("1", 1).annotation);
    after
        .corrected(&mut |_| panic!("an audit is no correction"))
        .unwrap();
    after.verify().unwrap();
}

#[test]
fn of_a_deleted_record_no_answer_is_left() {
    let (sample, audit) = sample();
    take(
        &sample,
        vec![answer(audit, "1", None), answer(audit, "2", None)],
    )
    .unwrap();
    sample
        .writer
        .delete(vec![key("1")])
        .unwrap()
        .wait()
        .unwrap();
    let ids: Vec<String> = said(&sample, audit).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["2"]);
    let count = "SELECT (SELECT count(*) FROM audit_record) + (SELECT count(*) FROM audit_label)";
    let left: u64 = sample
        .aside()
        .query_row(count, [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 2);
    sample.store.snapshot().unwrap().verify().unwrap();
}

#[test]
fn a_record_that_is_written_again_stays_drawn_with_what_was_predicted_then() {
    let (sample, audit) = sample();
    take(&sample, vec![answer(audit, "1", None)]).unwrap();
    sample.put(vec![entry("1", 2)]);
    let audited = sample.store.snapshot().unwrap().audited(audit).unwrap();
    assert_eq!(audited[0].drawn, drawn("1"));
    assert_eq!(audited[0].labels, Some(labels(None)));
}
