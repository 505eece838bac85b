use jiff::civil::date;
use serde_json::json;
use voc_core::{CoreError, Kind, Probability, Reviewer, Sentiment};

use super::*;
use crate::sample::{Sample, entry, key, record};
use crate::{Change, DayKind, Entry, Store};

fn correction(labels: serde_json::Value) -> LabelChange {
    LabelChange::Correct(serde_json::from_value(labels).unwrap())
}

fn revision(id: &str, change: LabelChange) -> Revision {
    Revision {
        key: key(id),
        at: "2026-10-06T09:00:00Z".parse().unwrap(),
        by: Reviewer::new("ana").unwrap(),
        note: Some("разговор по телефона".to_owned()),
        change,
    }
}

fn revise(sample: &Sample, revisions: Vec<Revision>) -> Result<Vec<Revised>, StoreError> {
    sample.writer.revise(revisions)?.wait()
}

#[track_caller]
fn correct(sample: &Sample, id: &str, labels: serde_json::Value) -> Revised {
    let revised = revise(sample, vec![revision(id, correction(labels))]);
    revised.unwrap().remove(0)
}

fn snapshot(sample: &Sample) -> Snapshot {
    sample.store.snapshot().unwrap()
}

fn annotation(sample: &Sample, id: &str) -> Annotation {
    let stored = snapshot(sample).record(&key(id)).unwrap();
    stored.unwrap().annotation
}

fn themes(annotation: &Annotation) -> Vec<(&str, &str)> {
    let mentions = annotation.mentions.iter();
    mentions
        .map(|m| (m.theme.as_str(), m.sentiment.as_str()))
        .collect()
}

fn history(sample: &Sample, id: Option<&str>) -> Vec<Revision> {
    let mut all = Vec::new();
    let key = id.map(key);
    snapshot(sample)
        .corrections(key.as_ref(), &mut |revision| all.push(revision))
        .unwrap();
    all
}

/// The record as another model labels it, or another version of it.
fn again(id: &str, content: u8, model: &str) -> Entry {
    let mut next = entry(id, content);
    next.annotation.model = model.to_owned();
    next.annotation.kinds.truncate(1);
    next.annotation.kinds[0].score = Probability::clamped(0.55);
    next
}

#[test]
fn a_correction_is_laid_over_what_the_model_says() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1), entry("2", 1)]);
    let model = entry("1", 1).annotation;
    let revised = correct(&sample, "1", json!({"kinds": ["praise"], "urgency": 0}));
    assert_eq!((&revised.key, &revised.before), (&key("1"), &model));
    assert_eq!(revised.after, annotation(&sample, "1"));
    assert!(revised.after.has(Kind::Praise) && revised.after.kinds.len() == 1);
    assert_eq!(revised.after.mentions, model.mentions);
    assert_eq!(annotation(&sample, "2"), model, "others are left alone");

    let mut corrected = Vec::new();
    snapshot(&sample)
        .corrected(&mut |each| corrected.push((each.stored.record.id.to_string(), each.model)))
        .unwrap();
    assert_eq!(corrected, [("1".to_owned(), model.clone())]);
    assert_eq!(
        snapshot(&sample).model_annotation(&key("1")).unwrap(),
        Some(model)
    );
    assert_eq!(snapshot(&sample).model_annotation(&key("2")).unwrap(), None);
    assert_eq!(snapshot(&sample).model_annotation(&key("3")).unwrap(), None);
}

#[test]
fn facts_rollups_and_the_index_follow_a_correction_and_its_withdrawal() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1), entry("2", 1)]);
    let days = date(2026, 8, 3)..=date(2026, 8, 3);
    let kinds = |sample: &Sample| -> Vec<(Kind, u64)> {
        let rows = snapshot(sample).day_kind(days.clone()).unwrap();
        rows.iter()
            .map(|DayKind { kind, records, .. }| (*kind, *records))
            .collect()
    };
    let before = (kinds(&sample), snapshot(&sample).digest().unwrap());
    let labels = json!({"kinds": ["churn"], "sentiment": "negative",
        "themes": {"billing.price": "none", "delivery.damage": {"sentiment": "positive"}}});
    correct(&sample, "1", labels);
    assert_eq!(
        kinds(&sample),
        [(Kind::Churn, 1), (Kind::Complaint, 1), (Kind::Wish, 1)]
    );
    let mut facts = Vec::new();
    snapshot(&sample)
        .record_facts(days.clone(), &mut |fact| {
            facts.push((fact.sentiment, fact.customer.is_some()))
        })
        .unwrap();
    assert_eq!(
        facts,
        [(Sentiment::Negative, true), (Sentiment::Mixed, true)]
    );
    let mut mentions = Vec::new();
    snapshot(&sample)
        .mention_facts(days.clone(), &mut |fact| {
            mentions.push(format!("{} {} {}", fact.key.id, fact.theme, fact.sentiment));
        })
        .unwrap();
    assert_eq!(
        mentions,
        [
            "1 delivery.damage positive",
            "2 billing.price positive",
            "2 delivery.damage negative"
        ]
    );
    let mut changed = Vec::new();
    snapshot(&sample)
        .changes_since(1, &mut |change| {
            changed.push(
                matches!(&change, Change::Upsert(stored) if stored.record.id.as_str() == "1"),
            );
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!((changed, snapshot(&sample).version()), (vec![true], 2));
    snapshot(&sample).verify().unwrap();

    revise(&sample, vec![revision("1", LabelChange::Withdraw)]).unwrap();
    assert_eq!(annotation(&sample, "1"), entry("1", 1).annotation);
    assert_eq!(kinds(&sample), before.0);
    assert_eq!(snapshot(&sample).model_annotation(&key("1")).unwrap(), None);
    assert_eq!(history(&sample, Some("1")).len(), 2, "both are kept");
    assert_ne!(snapshot(&sample).digest().unwrap(), before.1, "and told");
    snapshot(&sample).verify().unwrap();
}

#[test]
fn later_corrections_win_where_they_speak() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    correct(
        &sample,
        "1",
        json!({"kinds": ["praise"], "sentiment": "positive"}),
    );
    let second = correct(&sample, "1", json!({"kinds": []}));
    assert_eq!(second.before.kinds.len(), 1);
    assert_eq!(second.after.kinds, []);
    assert_eq!(second.after.sentiment.label, Sentiment::Positive);
    // What was withdrawn does not come back with a new correction.
    revise(&sample, vec![revision("1", LabelChange::Withdraw)]).unwrap();
    let third = correct(&sample, "1", json!({"urgency": 3}));
    assert_eq!(third.after.sentiment.label, Sentiment::Mixed);
    assert_eq!(third.after.kinds, entry("1", 1).annotation.kinds);
    snapshot(&sample).verify().unwrap();
}

#[test]
fn a_correction_survives_the_record_being_written_again() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    let labels = json!({"kinds": ["praise"], "themes": {"billing.price": "none",
        "product.quality": {"sentiment": "negative", "quote": "rotta"}}});
    correct(&sample, "1", labels);
    // Another model and a new version of the text, as a rebuild and a run write them.
    for (content, model) in [(1, "m2"), (2, "m2"), (2, "m3")] {
        sample.put(vec![again("1", content, model)]);
        let now = annotation(&sample, "1");
        assert!(now.has(Kind::Praise) && now.kinds.len() == 1);
        let expect = [
            ("product.quality", "negative"),
            ("delivery.damage", "negative"),
        ];
        assert_eq!(themes(&now), expect);
        assert_eq!(now.model, model);
        let said = snapshot(&sample).model_annotation(&key("1")).unwrap();
        assert_eq!(said, Some(again("1", content, model).annotation));
        snapshot(&sample).verify().unwrap();
    }
    let put = sample.put(vec![again("1", 2, "m3")]);
    assert_eq!(
        (put.replaced, put.unchanged),
        (0, 1),
        "a corrected record is not new"
    );
}

#[test]
fn a_theme_outlives_a_model_that_saw_it() {
    let sample = Sample::new();
    let mut seen = entry("1", 1);
    seen.annotation.mentions[0].quote = "la lampada".to_owned();
    sample.put(vec![seen]);
    correct(
        &sample,
        "1",
        json!({"themes": {"delivery.damage": {"sentiment": "neutral"}}}),
    );
    let mut blind = again("1", 1, "m2");
    blind.annotation.mentions.clear();
    sample.put(vec![blind]);
    assert_eq!(
        themes(&annotation(&sample, "1")),
        [("delivery.damage", "neutral")]
    );
}

#[test]
fn where_the_customer_took_the_quoted_words_back_the_model_is_followed() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    let labels = json!({"sentiment": "negative", "themes": {
        "delivery.damage": {"sentiment": "neutral", "quote": "rotta"}}});
    correct(&sample, "1", labels);
    let mut edited = entry("1", 2);
    edited.record = record("1", "la lampada funziona");
    sample.put(vec![edited.clone()]);
    let now = annotation(&sample, "1");
    assert_eq!(now.mentions, edited.annotation.mentions);
    assert_eq!(now.sentiment.label, Sentiment::Negative);
    assert_eq!(
        history(&sample, Some("1")).len(),
        1,
        "what was said is kept"
    );
    // It does not stand in the way of what is said next, and holds again when it fits.
    correct(&sample, "1", json!({"urgency": 3}));
    sample.put(vec![entry("1", 3)]);
    let quotes: Vec<_> = annotation(&sample, "1")
        .mentions
        .into_iter()
        .map(|m| m.quote)
        .collect();
    assert_eq!(quotes, ["rotta", "text"]);
    snapshot(&sample).verify().unwrap();
}

#[test]
fn what_was_said_of_a_deleted_record_is_deleted_with_it() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1), entry("2", 1)]);
    correct(&sample, "1", json!({"kinds": []}));
    correct(&sample, "2", json!({"kinds": []}));
    sample
        .writer
        .delete(vec![key("1")])
        .unwrap()
        .wait()
        .unwrap();
    let keys: Vec<_> = history(&sample, None).into_iter().map(|r| r.key).collect();
    assert_eq!(keys, [key("2")]);
    let count =
        "SELECT (SELECT count(*) FROM correction) + (SELECT count(*) FROM model_annotation)";
    let left: u64 = sample
        .aside()
        .query_row(count, [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 2);
    sample.put(vec![entry("1", 1)]);
    assert_eq!(annotation(&sample, "1"), entry("1", 1).annotation);
    snapshot(&sample).verify().unwrap();
}

#[test]
fn the_history_is_told_as_it_was_written() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1), entry("2", 1)]);
    let given = [
        revision("2", correction(json!({"urgency": 1}))),
        revision("1", correction(json!({"touchpoint": "none"}))),
        Revision {
            note: None,
            ..revision("2", LabelChange::Withdraw)
        },
    ];
    revise(&sample, given.to_vec()).unwrap();
    assert_eq!(history(&sample, None), given);
    assert_eq!(
        history(&sample, Some("2")),
        [given[0].clone(), given[2].clone()]
    );
    assert_eq!(history(&sample, Some("3")), []);
    assert_eq!(
        snapshot(&sample).version(),
        2,
        "one transaction, one version"
    );
}

#[test]
fn of_several_revisions_all_are_made_or_none() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1), entry("2", 1)]);
    let before = snapshot(&sample).digest().unwrap();
    let check = |revisions: Vec<Revision>, expect: fn(&StoreError) -> bool, says: &str| {
        let error = revise(&sample, revisions).unwrap_err();
        assert!(expect(&error), "{error:?}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(snapshot(&sample).digest().unwrap(), before);
        assert_eq!(snapshot(&sample).version(), 1);
        assert_eq!(history(&sample, None), []);
    };
    let fine = || revision("1", correction(json!({"kinds": ["praise"]})));
    let with = |second: Revision| vec![fine(), second];
    check(
        with(revision("7", correction(json!({"urgency": 1})))),
        |error| matches!(error, StoreError::UnknownRecord { position: 1, .. }),
        "shop/7 is not in the store",
    );
    check(
        with(revision("2", LabelChange::Withdraw)),
        |error| matches!(error, StoreError::NothingToWithdraw { position: 1, .. }),
        "shop/2 has no correction in force",
    );
    let label = |label| correction(json!({"themes": {"store.experience": label}}));
    check(
        with(revision("2", label(json!({"sentiment": "negative"})))),
        |error| {
            matches!(
                error,
                StoreError::Correction {
                    source: CoreError::QuoteMissing(_),
                    ..
                }
            )
        },
        "quote the words",
    );
    check(
        with(revision(
            "2",
            label(json!({"sentiment": "negative", "quote": "vetrina"})),
        )),
        |error| matches!(error, StoreError::Correction { position: 1, .. }),
        "\"vetrina\" occurs in none",
    );
}

#[test]
fn a_correction_is_never_changed() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    correct(&sample, "1", json!({"urgency": 1}));
    let changed = sample
        .aside()
        .execute("UPDATE correction SET reviewer = 'eva'", []);
    assert!(changed.unwrap_err().to_string().contains("never changed"));
}

#[test]
fn the_digest_tells_what_was_said_by_whom_and_what_the_model_says() {
    let digest = |model: &str, revisions: Vec<Revision>| {
        let sample = Sample::new();
        let mut entries = vec![entry("1", 1), entry("2", 1)];
        if model == "other" {
            entries[0].annotation.urgency = 1.try_into().unwrap();
        }
        sample.put(entries);
        for one in revisions {
            revise(&sample, vec![one]).unwrap();
        }
        snapshot(&sample).digest().unwrap().to_string()
    };
    let urgent = |id: &str| revision(id, correction(json!({"urgency": 3})));
    let plain = digest("m", vec![urgent("1"), urgent("2")]);
    assert_eq!(plain, digest("m", vec![urgent("2"), urgent("1")]));
    let by = Reviewer::new("eva").unwrap();
    assert_ne!(
        plain,
        digest("m", vec![urgent("1"), Revision { by, ..urgent("2") }])
    );
    assert_ne!(
        plain,
        digest("m", vec![urgent("1"), urgent("2"), urgent("2")])
    );
    assert_ne!(plain, digest("other", vec![urgent("1"), urgent("2")]));
}

#[test]
fn verify_finds_labels_that_are_not_what_was_said() {
    let check = |tampering: &str, says: &str| {
        let sample = Sample::new();
        sample.put(vec![entry("1", 1)]);
        correct(&sample, "1", json!({"kinds": []}));
        snapshot(&sample).verify().unwrap();
        sample.aside().execute_batch(tampering).unwrap();
        let error = snapshot(&sample).verify().unwrap_err();
        assert!(
            matches!(error, StoreError::Inconsistent { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains(says), "{error}");
    };
    check("DELETE FROM model_annotation", "lacks what the model says");
    check("DELETE FROM correction", "of a record without corrections");
    check(
        "UPDATE document SET annotation = (SELECT annotation FROM model_annotation)",
        "the labels of shop/1 are not what its corrections make",
    );
}

#[test]
fn a_copy_that_takes_the_stores_place_keeps_what_was_said() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    correct(&sample, "1", json!({"kinds": ["churn"]}));
    let next = sample.store.path().with_extension("next");
    sample.store.copy_to(&next).unwrap();
    let copy = Store::open(&next).unwrap();
    let writer = copy.writer(TimeZone::UTC).unwrap();
    let run = writer.begin_run(crate::sample::start()).unwrap();
    let chunk = crate::sample::chunk(run, vec![again("1", 1, "m2")]);
    writer.submit(chunk).unwrap().wait().unwrap();
    let now = copy.snapshot().unwrap();
    let stored = now.record(&key("1")).unwrap().unwrap();
    assert!(stored.annotation.has(Kind::Churn) && stored.annotation.model == "m2");
    now.verify().unwrap();
}
