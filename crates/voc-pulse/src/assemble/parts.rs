//! The smaller parts of a report: volumes, ratings, touchpoints, sources.

use std::collections::{BTreeMap, BTreeSet};

use voc_core::{Channel, Language, Role, SourceId, Touchpoint};

use super::Assembly;
use crate::MIN_RECORDS;
use crate::builder::Side;
use crate::measures::RatingTally;
use crate::pulse::{
    ChannelRow, LanguageRow, Rating, Sentiments, SourceRow, SourceState, TouchpointRow, TrendPoint,
    Unassigned, Volumes, rounded,
};
use crate::records::{RecordIndex, Traits};
use crate::stats::{Interval, Proportion, wilson};
use crate::tally::Counts;
use crate::words::fill;

impl Assembly<'_> {
    pub(super) fn volumes(&self) -> Volumes {
        let mut customers = BTreeSet::new();
        let mut channels: BTreeMap<Channel, u64> = BTreeMap::new();
        let mut languages: BTreeMap<Language, u64> = BTreeMap::new();
        let (mut records, mut unknown, mut prospects) = (0, 0, 0);
        for (_, traits) in self.builder.written() {
            records += 1;
            prospects += u64::from(traits.role == Role::Prospect);
            *channels.entry(traits.channel).or_default() += 1;
            *languages.entry(traits.language).or_default() += 1;
            match traits.customer {
                Some(customer) => _ = customers.insert(customer),
                None => unknown += 1,
            }
        }
        let (compared_records, baseline_mean) = self.tally.compared_volume();
        let share = |n: u64| rounded(Proportion::new(n, records).share().unwrap_or_default());
        Volumes {
            records,
            customers: customers.len() as u64,
            records_without_customer: unknown,
            prospects,
            company_texts: self.tally.company_texts,
            baseline_mean: baseline_mean.map(rounded),
            compared_records,
            channels: by_frequency(channels)
                .map(|(id, n)| ChannelRow {
                    id,
                    name: self.words.channel(id).to_owned(),
                    records: n,
                    share: share(n),
                })
                .collect(),
            languages: by_frequency(languages)
                .map(|(id, n)| LanguageRow {
                    id,
                    name: self.words.language(id),
                    records: n,
                    share: share(n),
                })
                .collect(),
            trend: self.trend(|counts| Proportion::new(counts.records, counts.records)),
        }
    }

    pub(super) fn ratings(&self) -> Vec<Rating> {
        let (mut now, mut before) = (RatingTally::default(), RatingTally::default());
        for ((source, side), tally) in &self.builder.ratings {
            match side {
                Side::Now => now = now.plus(*tally),
                Side::Before if self.tally.is_comparable(source) => before = before.plus(*tally),
                Side::Before => {}
            }
        }
        now.rows(before)
    }

    pub(super) fn touchpoints(&self) -> Vec<TouchpointRow> {
        let rows = Touchpoint::ALL
            .iter()
            .map(|touchpoint| self.touchpoint(*touchpoint));
        rows.filter(|row| row.records > 0).collect()
    }

    fn touchpoint(&self, touchpoint: Touchpoint) -> TouchpointRow {
        let here = |traits: &Traits| traits.touchpoint == Some(touchpoint);
        let mut sentiments = Sentiments::default();
        for (_, traits) in self.builder.written().filter(|(_, traits)| here(traits)) {
            sentiments.add(traits.sentiment);
        }
        let records = sentiments.total();
        let share = Proportion::new(records, self.tally.now().records).share();
        TouchpointRow {
            id: touchpoint,
            name: self.builder.labels.touchpoint(touchpoint),
            records,
            share: rounded(share.unwrap_or_default()),
            interval: self
                .written
                .interval(self.written_where(here))
                .map(Interval::rounded),
            sentiments,
            net_sentiment: sentiments.net(),
            small: records < MIN_RECORDS,
        }
    }

    /// A mention in any period counts as cover: the record speaks of a theme.
    pub(super) fn unassigned(&self) -> Unassigned {
        let mut covered = vec![false; self.builder.records.len()];
        for (key, _) in self.builder.mentions.iter() {
            covered[key.record as usize] = true;
        }
        let (mut bare, mut base) = (0, 0);
        for record in self.written_where(|traits| traits.calls_for_theme) {
            base += 1;
            bare += u64::from(!covered[record as usize]);
        }
        let share = Proportion::new(bare, base).share();
        Unassigned {
            records: bare,
            base,
            share: share.map(rounded),
            interval: share
                .and_then(|share| wilson(share, base as f64))
                .map(Interval::rounded),
        }
    }

    pub(super) fn sources(&self) -> Vec<SourceRow> {
        let known = self.builder.request.complete_through.keys();
        let all: BTreeSet<&SourceId> = known.chain(self.builder.incomplete.keys()).collect();
        all.into_iter().map(|source| self.source(source)).collect()
    }

    fn source(&self, source: &SourceId) -> SourceRow {
        let notes = &self.words.notes;
        let complete_through = self.builder.request.complete_through.get(source).copied();
        let left_out = self
            .builder
            .incomplete
            .get(source)
            .copied()
            .unwrap_or_default();
        let (state, reason) = match (self.builder.covers(source), complete_through) {
            (true, _) if self.is_new(source) => (SourceState::New, notes.new.to_owned()),
            (true, _) => (SourceState::Used, notes.used.to_owned()),
            (false, Some(day)) => {
                let reason = fill(notes.incomplete, &[("day", &self.words.date(day))]);
                (SourceState::Incomplete, reason)
            }
            (false, None) => (SourceState::Incomplete, notes.never_complete.to_owned()),
        };
        let records = self.tally.records_of(source) + left_out;
        SourceRow {
            source: source.clone(),
            state,
            reason,
            records,
            complete_through,
        }
    }

    /// New to a report that compares: without a baseline, or without a record, a source is
    /// simply used.
    fn is_new(&self, source: &SourceId) -> bool {
        self.builder.request.baseline > 0
            && !self.tally.is_comparable(source)
            && self.tally.records_of(source) > 0
    }

    /// Records that are counted but not compared; none where nothing is compared.
    pub(super) fn uncompared(&self) -> u64 {
        if self.changes.is_empty() {
            0
        } else {
            self.tally.uncompared()
        }
    }

    pub(super) fn trend(&self, share: impl Fn(&Counts) -> Proportion) -> Vec<TrendPoint> {
        let calendar = &self.builder.calendar;
        calendar
            .trend()
            .filter_map(|index| {
                let share = share(self.tally.total(index));
                Some(TrendPoint {
                    period: calendar.get(index)?,
                    count: share.hits(),
                    base: share.base(),
                    share: share.share().map(rounded),
                })
            })
            .collect()
    }

    pub(super) fn written_where(
        &self,
        holds: impl Fn(&Traits) -> bool,
    ) -> impl Iterator<Item = RecordIndex> {
        self.builder
            .written()
            .filter(move |(_, traits)| holds(traits))
            .map(|(record, _)| record)
    }
}

/// The most frequent first; the first of equals in canonical order.
fn by_frequency<K: Ord>(counts: BTreeMap<K, u64>) -> impl Iterator<Item = (K, u64)> {
    let mut counts: Vec<(K, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts.into_iter()
}
