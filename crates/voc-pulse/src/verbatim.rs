//! Which customers are quoted: by rule, so that nobody picks what suits them.
//!
//! For each theme: records of the period that speak of it, one per customer (their best),
//! languages taking turns (the one with most candidates first), within a language the
//! mention nearest to the theme's examples first; ties by key of the record.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use voc_core::{Language, Probability, RecordKey};

use crate::PulseBuilder;
use crate::mentions::ThemeIndex;
use crate::records::RecordIndex;

/// How many candidates are named for each verbatim shown, as some may be gone.
const SPARE: usize = 2;

struct Candidate {
    key: RecordKey,
    record: RecordIndex,
    language: Language,
    customer: Option<u32>,
    score: Probability,
}

/// The candidates of every theme, in the order of choice; themes in the report's order.
pub(crate) fn candidates(builder: &PulseBuilder) -> Vec<(ThemeIndex, Vec<RecordIndex>)> {
    let limit = builder.request.verbatims_per_theme.saturating_mul(SPARE);
    let mut by_theme = all(builder);
    builder
        .themes
        .in_order()
        .into_iter()
        .filter_map(|theme| Some((theme, chosen(by_theme.remove(&theme)?, limit))))
        .collect()
}

fn all(builder: &PulseBuilder) -> BTreeMap<ThemeIndex, Vec<Candidate>> {
    let mut by_theme: BTreeMap<ThemeIndex, Vec<Candidate>> = BTreeMap::new();
    for (key, said) in builder.mentions.of_period(builder.calendar.current()) {
        let Some((_, score)) = said.own else { continue };
        let slot = builder.records.slot(key.record);
        by_theme.entry(key.theme).or_default().push(Candidate {
            key: builder.records.key(key.record),
            record: key.record,
            language: slot.language(),
            customer: slot.customer(),
            score,
        });
    }
    by_theme
}

fn chosen(mut candidates: Vec<Candidate>, limit: usize) -> Vec<RecordIndex> {
    candidates.sort_by(|a, b| {
        b.score
            .get()
            .total_cmp(&a.score.get())
            .then_with(|| a.key.cmp(&b.key))
    });
    let mut quoted = BTreeSet::new();
    candidates.retain(|candidate| {
        candidate
            .customer
            .is_none_or(|customer| quoted.insert(customer))
    });
    let mut by_language: BTreeMap<Language, VecDeque<RecordIndex>> = BTreeMap::new();
    for candidate in &candidates {
        by_language
            .entry(candidate.language)
            .or_default()
            .push_back(candidate.record);
    }
    let mut queues: Vec<(Language, VecDeque<RecordIndex>)> = by_language.into_iter().collect();
    queues.sort_by_key(|(language, queue)| (Reverse(queue.len()), *language));
    let mut turns = Vec::with_capacity(limit.min(candidates.len()));
    while turns.len() < limit && queues.iter().any(|(_, queue)| !queue.is_empty()) {
        turns.extend(queues.iter_mut().filter_map(|(_, queue)| queue.pop_front()));
    }
    turns.truncate(limit);
    turns
}

#[cfg(test)]
mod tests {
    use voc_core::{RecordId, SourceId};

    use super::*;

    /// (language, customer, score), numbered in the order given.
    #[track_caller]
    fn check(candidates: &[(&str, Option<u32>, f32)], limit: usize, expect: &[RecordIndex]) {
        let candidates = (0..)
            .zip(candidates)
            .map(|(record, (language, customer, score))| {
                let id = RecordId::new(&record.to_string()).unwrap();
                Candidate {
                    key: RecordKey {
                        source: SourceId::new("s").unwrap(),
                        id,
                    },
                    record,
                    language: language.parse().unwrap(),
                    customer: *customer,
                    score: Probability::new(*score).unwrap(),
                }
            });
        assert_eq!(chosen(candidates.collect(), limit), expect);
    }

    #[test]
    fn the_nearest_comes_first_and_ties_go_by_key() {
        check(
            &[("it", None, 0.5), ("it", None, 0.9), ("it", None, 0.5)],
            9,
            &[1, 0, 2],
        );
    }

    #[test]
    fn a_customer_is_quoted_once_with_their_best() {
        check(
            &[
                ("it", Some(1), 0.5),
                ("bg", Some(1), 0.9),
                ("it", Some(2), 0.1),
            ],
            9,
            &[1, 2],
        );
    }

    #[test]
    fn languages_take_turns_the_most_frequent_first() {
        let candidates = [
            ("en", None, 0.9),
            ("en", None, 0.8),
            ("en", None, 0.7),
            ("zh", None, 0.2),
            ("bg", None, 0.1),
        ];
        check(&candidates, 9, &[0, 4, 3, 1, 2]);
        check(&candidates, 2, &[0, 4]);
        check(&candidates, 0, &[]);
    }
}
