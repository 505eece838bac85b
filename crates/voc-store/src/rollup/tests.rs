use proptest::prelude::*;
use voc_core::{Correction, KindScore, Language, Mention, Probability, Reviewer};

use super::*;
use crate::sample::{Sample, entry, key};
use crate::{Entry, LabelChange, Revision};

/// One step: put a chunk of records, delete some, or correct one or take that back.
#[derive(Clone, Debug)]
enum Step {
    Put(Vec<Entry>),
    Delete(Vec<u8>),
    Correct(u8, Vec<Kind>),
    Withdraw(u8),
}

prop_compose! {
    fn any_entry()(
        id in 0..6_u8,
        content in 0..4_u8,
        day in 1..4_u8,
        language in 0..3_usize,
        channel in 0..2_usize,
        kinds in proptest::sample::subsequence(Kind::ALL, 0..=5),
        mentions in proptest::sample::subsequence(vec![0_usize, 1], 0..=2),
        updated in proptest::option::of(1..4_u8),
    ) -> Entry {
        let mut entry = entry(&id.to_string(), content);
        entry.record.created_at = format!("2026-08-0{day}T12:00:00Z").parse().unwrap();
        entry.record.updated_at = updated.map(|hour| format!("2026-08-05T0{hour}:00:00Z").parse().unwrap());
        entry.record.channel = Channel::ALL[channel];
        entry.annotation.lang.code = Language::FIRST_CLASS[language];
        entry.annotation.kinds =
            kinds.into_iter().map(|id| KindScore { id, score: Probability::clamped(0.5) }).collect();
        let all = entry.annotation.mentions;
        entry.annotation.mentions = mentions.into_iter().map(|index| -> Mention { all[index].clone() }).collect();
        entry
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::collection::vec(any_entry(), 1..5).prop_map(Step::Put),
        1 => prop::collection::vec(0..6_u8, 1..3).prop_map(Step::Delete),
        2 => (0..6_u8, proptest::sample::subsequence(Kind::ALL, 0..=5))
            .prop_map(|(id, kinds)| Step::Correct(id, kinds)),
        1 => (0..6_u8).prop_map(Step::Withdraw),
    ]
}

fn revise(sample: &Sample, id: u8, change: LabelChange) {
    let revision = Revision {
        key: key(&id.to_string()),
        at: "2026-10-06T09:00:00Z".parse().unwrap(),
        by: Reviewer::new("ana").unwrap(),
        note: None,
        change,
    };
    // Refused where the record is not there, or not corrected; nothing is written then.
    let _ = sample.writer.revise(vec![revision]).unwrap().wait();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rollups_are_what_the_facts_add_up_to_whatever_was_done(
        steps in prop::collection::vec(any_step(), 1..8),
    ) {
        let sample = Sample::new();
        for step in steps {
            match step {
                Step::Put(entries) => {
                    sample.put(entries);
                }
                Step::Delete(ids) => {
                    let keys = ids.iter().map(|id| key(&id.to_string())).collect();
                    sample.writer.delete(keys).unwrap().wait().unwrap();
                }
                Step::Correct(id, kinds) => {
                    let kinds = Some(kinds.into_iter().collect());
                    let correction = Correction { kinds, ..Correction::default() };
                    revise(&sample, id, LabelChange::Correct(correction));
                }
                Step::Withdraw(id) => revise(&sample, id, LabelChange::Withdraw),
            }
            sample.store.snapshot().unwrap().verify().unwrap();
        }
    }
}

#[test]
fn each_rollup_counts_what_it_says() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1), entry("2", 1)]);
    let snapshot = sample.store.snapshot().unwrap();
    let day: Date = "2026-08-03".parse().unwrap();
    let days = day..=day;
    let (channel, language) = (Channel::Review, Language::IT);
    assert_eq!(
        snapshot.day_channel_language(days.clone()).unwrap(),
        [DayChannelLanguage {
            day,
            channel,
            language,
            records: 2
        }]
    );
    let kind = |kind| DayKind {
        day,
        kind,
        records: 2,
    };
    assert_eq!(
        snapshot.day_kind(days.clone()).unwrap(),
        [kind(Kind::Complaint), kind(Kind::Wish)]
    );
    let theme = |theme: &str, sentiment, target| DayThemeSentiment {
        day,
        theme: ThemeId::new(theme).unwrap(),
        sentiment,
        target,
        records: 2,
    };
    assert_eq!(
        snapshot.day_theme_sentiment(days).unwrap(),
        [
            theme("billing.price", Sentiment::Positive, Target::Competitor),
            theme("delivery.damage", Sentiment::Negative, Target::Own),
        ]
    );
}

#[test]
fn a_count_that_would_fall_below_zero_fails_the_transaction() {
    let sample = Sample::new();
    sample.put(vec![entry("1", 1)]);
    sample.aside().execute("DELETE FROM day_kind", []).unwrap();
    let error = sample
        .writer
        .delete(vec![key("1")])
        .unwrap()
        .wait()
        .unwrap_err();
    assert!(
        matches!(error, crate::StoreError::Database { .. }),
        "{error:?}"
    );
    assert!(
        sample
            .store
            .snapshot()
            .unwrap()
            .record(&key("1"))
            .unwrap()
            .is_some()
    );
}
