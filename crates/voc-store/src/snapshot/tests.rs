use std::collections::BTreeSet;

use jiff::civil::date;
use jiff::tz::TimeZone;
use voc_core::{Language, Probability, Record, Sentiment, Span};

use super::*;
use crate::sample::{SOURCE, Sample, chunk, entry, key, source};
use crate::{Change, Entry};

fn august() -> RangeInclusive<Date> {
    date(2026, 8, 1)..=date(2026, 8, 31)
}

fn on(day: &str, id: &str) -> Entry {
    let mut entry = entry(id, 1);
    entry.record.created_at = format!("{day}T12:00:00Z").parse().unwrap();
    entry
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let sample = Sample::new();
    let written = entry("1", 1);
    let receipt = sample.put(vec![written.clone()]);
    let snapshot = sample.store.snapshot().unwrap();
    let stored = snapshot.record(&key("1")).unwrap().unwrap();
    assert_eq!(
        (&stored.record, &stored.annotation),
        (&written.record, &written.annotation)
    );
    assert_eq!(
        (stored.content, &stored.customer),
        (written.content, &written.customer)
    );
    assert_eq!(stored.changed_at_version, receipt.version);
    assert_eq!(
        snapshot.sentence_vectors(stored.row).unwrap(),
        written.sentences
    );
    let mut vectors = Vec::new();
    snapshot
        .scan_vectors(&mut |row, bytes| vectors.push((row, bytes.to_vec())))
        .unwrap();
    assert_eq!(vectors, [(stored.row, written.vector.to_bytes())]);
    assert_eq!(snapshot.record(&key("2")).unwrap(), None);
}

#[test]
fn a_replaced_record_keeps_its_row_and_leaves_nothing_of_the_old_one() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    let row = sample
        .store
        .snapshot()
        .unwrap()
        .record(&key("1"))
        .unwrap()
        .unwrap()
        .row;
    let mut next = Entry {
        customer: None,
        sentences: vec![],
        ..entry("1", 2)
    };
    next.annotation.mentions.clear();
    sample.put(vec![next.clone()]);
    let snapshot = sample.store.snapshot().unwrap();
    let stored = snapshot.record(&key("1")).unwrap().unwrap();
    assert_eq!((stored.row, &stored.record), (row, &next.record));
    assert_eq!(snapshot.sentence_vectors(row).unwrap(), []);
    let mut mentions = 0;
    snapshot
        .mention_facts(august(), &mut |_| mentions += 1)
        .unwrap();
    assert_eq!(
        (mentions, snapshot.day_theme_sentiment(august()).unwrap()),
        (0, vec![])
    );
}

#[test]
fn rows_are_given_in_the_order_asked() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1), entry("2", 1), entry("3", 1)]);
    let snapshot = sample.store.snapshot().unwrap();
    let rows: Vec<_> = snapshot.records_by_row(&[3, 99, 1]).unwrap();
    let rows: Vec<_> = rows
        .iter()
        .map(|stored| (stored.row, stored.record.id.as_str()))
        .collect();
    assert_eq!(rows, [(3, "3"), (1, "1")]);
}

#[test]
fn a_snapshot_stays_as_it_is_while_writes_go_on() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    let held = sample.store.snapshot().unwrap();
    let before = held.digest().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for id in 0..50_u8 {
                sample.put(vec![entry(&id.to_string(), 9)]);
            }
        });
        let mut seen = 0;
        while seen < 51 {
            let now = sample.store.snapshot().unwrap();
            assert!(now.version() >= seen, "a later snapshot sees no less");
            seen = now.version();
            assert_eq!(held.digest().unwrap(), before);
            now.verify().unwrap();
        }
    });
    assert_eq!((held.version(), held.digest().unwrap()), (1, before));
    assert_eq!(sample.store.snapshot().unwrap().version(), 51);
}

#[test]
fn versions_are_compared_before_they_are_encoded() {
    let sample = Sample::new();
    let mut stored = entry("1", 1);
    stored.record.updated_at = Some("2026-08-03T10:00:00Z".parse().unwrap());
    sample.put(vec![stored]);
    let snapshot = sample.store.snapshot().unwrap();
    let version = |id: &str, at: &str, content: u8| {
        (
            key(id),
            Some(at.parse().unwrap()),
            ContentHash::from_bytes([content; 32]),
        )
    };
    let versions = [
        version("2", "2026-08-03T10:00:00Z", 1),
        version("1", "2026-08-03T10:00:00Z", 1),
        version("1", "2026-08-03T11:00:00Z", 2),
        version("1", "2026-08-03T09:00:00Z", 2),
    ];
    let compare = |model, taxonomy| snapshot.compare(&versions, model, taxonomy).unwrap();
    use Standing::{Changed, New, Stale, Unchanged};
    assert_eq!(compare("m1", "t1"), [New, Unchanged, Changed, Stale]);
    assert_eq!(compare("m2", "t1"), [New, Changed, Changed, Stale]);
    assert_eq!(compare("m1", "t2"), [New, Changed, Changed, Stale]);
}

#[test]
fn facts_are_read_as_they_follow_from_record_and_annotation() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("voc.db")).unwrap();
    let rome = TimeZone::get("Europe/Rome").unwrap();
    let writer = store.writer(rome.clone()).unwrap();
    let run = writer.begin_run(crate::sample::start()).unwrap();
    let mut bare = entry("2", 1);
    bare.customer = None;
    bare.annotation.touchpoint = None;
    bare.annotation.kinds.clear();
    let Record {
        id,
        source,
        channel,
        created_at,
        body,
        ..
    } = bare.record.clone();
    let line = serde_json::json!({"id": id, "source": source, "channel": channel, "text": "好",
        "created_at": created_at});
    bare.record = Record {
        body,
        ..serde_json::from_value(line).unwrap()
    };
    let entries = [entry("1", 1), bare];
    writer
        .submit(chunk(run, entries.to_vec()))
        .unwrap()
        .wait()
        .unwrap();

    let snapshot = store.snapshot().unwrap();
    let (mut records, mut mentions) = (Vec::new(), Vec::new());
    snapshot
        .record_facts(august(), &mut |fact| records.push(fact))
        .unwrap();
    snapshot
        .mention_facts(august(), &mut |fact| mentions.push(fact))
        .unwrap();
    let expect = entries.clone().map(
        |Entry {
             record,
             annotation,
             customer,
             ..
         }| { RecordFact::new(&record, &annotation, customer, &rome) },
    );
    assert_eq!(records, expect);
    assert_eq!(
        records[0].day,
        date(2026, 8, 4),
        "half past ten at night in UTC"
    );
    let expect: Vec<_> = entries
        .iter()
        .flat_map(|entry| MentionFact::of(&entry.record, &entry.annotation, &rome))
        .collect();
    assert_eq!(mentions, expect);
}

#[test]
fn facts_come_by_day_and_key_and_only_of_the_days_asked() {
    let sample = Sample::new();
    let (first, second, third) = ("2026-08-01", "2026-08-02", "2026-08-03");
    sample.put(vec![
        on(second, "b"),
        on(third, "z"),
        on(first, "c"),
        on(second, "a"),
    ]);
    let snapshot = sample.store.snapshot().unwrap();
    let days = date(2026, 8, 1)..=date(2026, 8, 2);
    let mut records = Vec::new();
    snapshot
        .record_facts(days.clone(), &mut |fact| {
            records.push(fact.key.id.to_string())
        })
        .unwrap();
    assert_eq!(records, ["c", "a", "b"]);
    let mut mentions = Vec::new();
    let mut note = |fact: MentionFact| mentions.push(format!("{} {}", fact.key.id, fact.theme));
    snapshot.mention_facts(days.clone(), &mut note).unwrap();
    assert_eq!(
        mentions[..3],
        ["c billing.price", "c delivery.damage", "a billing.price"]
    );
    assert_eq!(mentions.len(), 6);
    let counted = snapshot.day_channel_language(days).unwrap();
    let counted: Vec<_> = counted
        .iter()
        .map(|row| (row.day.to_string(), row.records))
        .collect();
    assert_eq!(counted, [(first.to_owned(), 1), (second.to_owned(), 2)]);
    assert_eq!(
        snapshot.first_and_last_day().unwrap(),
        Some((date(2026, 8, 1), date(2026, 8, 3)))
    );
}

#[test]
fn sources_are_counted_by_language() {
    let sample = Sample::new();
    let mut bulgarian = entry("3", 1);
    bulgarian.annotation.lang.code = Language::BG;
    sample.put(vec![entry("1", 1), entry("2", 1), bulgarian]);
    let row = |language, records| SourceLanguage {
        source: source(SOURCE),
        language,
        records,
    };
    let counted = sample.store.snapshot().unwrap().sources().unwrap();
    assert_eq!(counted, [row(Language::BG, 1), row(Language::IT, 2)]);
}

fn changes(snapshot: &Snapshot, since: u64) -> Vec<String> {
    let mut steps = Vec::new();
    let mut note = |change| {
        steps.push(match change {
            Change::Upsert(stored) => format!("{}+{}", stored.row, stored.record.id),
            Change::Delete { row, key } => format!("{row}-{}", key.id),
        });
        Ok::<_, StoreError>(())
    };
    snapshot.changes_since(since, &mut note).unwrap();
    steps
}

#[test]
fn changes_come_in_the_order_of_versions() {
    let sample = Sample::new();
    sample.put(vec![entry("a", 1), entry("b", 1), entry("c", 1)]);
    sample.put(vec![entry("a", 2)]);
    sample
        .writer
        .delete(vec![key("b")])
        .unwrap()
        .wait()
        .unwrap();
    sample.put(vec![entry("b", 3), entry("d", 1)]);
    let snapshot = sample.store.snapshot().unwrap();
    assert_eq!(changes(&snapshot, 0), ["3+c", "1+a", "2-b", "4+b", "5+d"]);
    assert_eq!(changes(&snapshot, 2), ["2-b", "4+b", "5+d"]);
    assert_eq!(changes(&snapshot, 4), [] as [&str; 0]);
}

#[test]
fn a_reader_of_changes_can_stop() {
    let sample = Sample::new();
    sample.put(vec![entry("a", 1), entry("b", 1)]);
    let mut steps = 0;
    let stopped = sample.store.snapshot().unwrap().changes_since(0, &mut |_| {
        steps += 1;
        Err(StoreError::DiskFull {
            path: "index".into(),
        })
    });
    assert!(
        matches!(stopped, Err(StoreError::DiskFull { .. })),
        "{stopped:?}"
    );
    assert_eq!(steps, 1);
}

#[test]
fn a_callback_may_ask_the_same_snapshot() {
    let sample = Sample::new();
    sample.put(vec![entry("a", 1), entry("b", 1)]);
    let snapshot = sample.store.snapshot().unwrap();
    let mut sentences = 0;
    let mut count = |row, _: &[u8]| sentences += snapshot.sentence_vectors(row).unwrap().len();
    snapshot.scan_vectors(&mut count).unwrap();
    assert_eq!(sentences, 6);
}

/// The digest of a store into which each list was put as one chunk.
fn digest_of(chunks: Vec<Vec<Entry>>) -> String {
    let sample = Sample::new();
    for entries in chunks {
        sample.put(entries);
    }
    sample
        .store
        .snapshot()
        .unwrap()
        .digest()
        .unwrap()
        .to_string()
}

#[test]
fn the_digest_tells_labels_and_content_but_not_order_and_scores() {
    let first = || vec![vec![entry("1", 1), entry("2", 2)]];
    assert_eq!(
        digest_of(first()),
        digest_of(vec![
            vec![entry("2", 1)],
            vec![entry("2", 2), entry("1", 1)]
        ])
    );
    let check = |same: bool, change: fn(&mut Entry)| {
        let mut changed = first();
        change(&mut changed[0][1]);
        assert_eq!(digest_of(first()) == digest_of(changed), same);
    };
    check(true, |entry| {
        entry.annotation.kinds[0].score = Probability::clamped(0.79)
    });
    check(true, |entry| entry.annotation.kinds.reverse());
    check(true, |entry| entry.annotation.mentions.reverse());
    check(false, |entry| {
        entry.content = ContentHash::from_bytes([3; 32])
    });
    check(false, |entry| entry.annotation.kinds.truncate(1));
    check(false, |entry| {
        entry.annotation.sentiment.label = Sentiment::Negative
    });
    check(false, |entry| {
        entry.annotation.urgency = 1.try_into().unwrap()
    });
    check(false, |entry| entry.annotation.touchpoint = None);
    check(false, |entry| entry.annotation.lang.code = Language::BG);
    check(false, |entry| entry.annotation.mentions.truncate(1));
    check(false, |entry| {
        entry.annotation.mentions[0].target = voc_core::Target::Competitor
    });
    check(false, |entry| {
        entry.annotation.mentions[0].span = Span::new(0, 3).unwrap()
    });
    check(false, |entry| {
        entry.record.id = voc_core::RecordId::new("3").unwrap()
    });
}

#[test]
fn the_largest_score_difference_is_found_wherever_it_is() {
    let check = |change: fn(&mut Entry), expect: f32| {
        let (here, there) = (Sample::new(), Sample::new());
        here.put(vec![entry("1", 1), entry("2", 1), entry("only here", 1)]);
        let mut changed = entry("2", 1);
        change(&mut changed);
        there.put(vec![entry("1", 1), changed]);
        let (here, there) = (
            here.store.snapshot().unwrap(),
            there.store.snapshot().unwrap(),
        );
        for difference in [
            here.max_score_difference(&there),
            there.max_score_difference(&here),
        ] {
            assert!((difference.unwrap() - expect).abs() < 1e-6);
        }
    };
    check(|_| {}, 0.0);
    check(
        |entry| entry.annotation.kinds[1].score = Probability::clamped(0.5),
        0.1,
    );
    check(
        |entry| entry.annotation.mentions[0].score = Probability::clamped(0.95),
        0.25,
    );
    check(
        |entry| entry.annotation.lang.confidence = Probability::clamped(0.7),
        0.2,
    );
    check(
        |entry| entry.annotation.sentiment.score = voc_core::SignedScore::clamped(0.2),
        0.3,
    );
    check(|entry| entry.annotation.kinds.truncate(1), 0.0);
}

#[test]
fn verify_finds_what_does_not_add_up() {
    let tables: BTreeSet<_> = rollup::RECOUNTS
        .iter()
        .map(|(table, _)| format!("UPDATE {table} SET records = records + 1"))
        .collect();
    let check = |tampering: &str, says: &str| {
        let sample = Sample::new();
        sample.put(vec![entry("1", 1)]);
        sample.store.snapshot().unwrap().verify().unwrap();
        let aside = sample.aside();
        aside.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        aside.execute_batch(tampering).unwrap();
        let error = sample.store.snapshot().unwrap().verify().unwrap_err();
        assert!(
            matches!(error, StoreError::Inconsistent { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains(says), "{error}");
    };
    tables
        .iter()
        .for_each(|tampering| check(tampering, "is not what the facts add up to"));
    check("DELETE FROM day_kind", "day_kind is not");
    check("DELETE FROM vector", "a record has no vector");
    check("DELETE FROM record", "refers to one that is missing");
}

#[test]
fn a_document_that_cannot_be_read_is_damage() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    sample
        .aside()
        .execute("UPDATE document SET record = '{}'", [])
        .unwrap();
    let error = sample
        .store
        .snapshot()
        .unwrap()
        .record(&key("1"))
        .unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}

#[test]
fn streams_are_read_from_indexes_without_sorting_them_whole() {
    let sample = Sample::new();
    let aside = sample.aside();
    let plan = |sql: &str| {
        let mut statement = aside.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.raw_query();
        let steps: Vec<String> = steps.mapped(|row| row.get(3)).map(Result::unwrap).collect();
        steps.join("; ")
    };
    let changes = plan(crate::changes::STEPS);
    assert!(
        !changes.contains("TEMP B-TREE") && !changes.contains("SCAN record;"),
        "{changes}"
    );
    for sql in [facts::record_facts_by_day(), facts::mention_facts_by_day()] {
        let facts = plan(
            &sql.replace("?1", "'2026-08-01'")
                .replace("?2", "'2026-08-31'"),
        );
        assert!(facts.contains("_by_day (day>? AND day<?)"), "{facts}");
        assert!(!facts.contains("TEMP B-TREE FOR ORDER BY"), "{facts}");
    }
}
