//! The facts as counts: by period, source and language.

use std::collections::{BTreeMap, BTreeSet};

use voc_core::{Channel, Kind, Language, SourceId};

use crate::PulseBuilder;
use crate::mentions::ThemeIndex;
use crate::pulse::Sentiments;
use crate::records::RecordIndex;
use crate::stats::{Proportion, Stratum};

/// What a share is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    Kind(Kind),
    Theme(ThemeIndex),
}

/// Counts of one period, or of a part of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// Records written in the period: what kinds are a share of.
    pub records: u64,
    /// Records written in it, and earlier ones with a mention in it: what themes are a
    /// share of.
    pub voices: u64,
    pub kinds: BTreeMap<Kind, u64>,
    pub themes: BTreeMap<ThemeIndex, Sentiments>,
    /// Records that speak of a competitor, by theme.
    pub competitor: BTreeMap<ThemeIndex, u64>,
}

impl Counts {
    pub(crate) fn share(&self, label: Label) -> Proportion {
        match label {
            Label::Kind(kind) => Proportion::new(
                self.kinds.get(&kind).copied().unwrap_or_default(),
                self.records,
            ),
            Label::Theme(theme) => {
                let hits = self.themes.get(&theme).copied().unwrap_or_default().total();
                Proportion::new(hits, self.voices)
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.voices += other.voices;
        for (kind, n) in &other.kinds {
            *self.kinds.entry(*kind).or_default() += n;
        }
        for (theme, n) in &other.competitor {
            *self.competitor.entry(*theme).or_default() += n;
        }
        for (theme, sentiments) in &other.themes {
            let sum = self.themes.entry(*theme).or_default();
            *sum = sum.plus(*sentiments);
        }
    }
}

/// Counts by stratum and period.
#[derive(Debug)]
pub(crate) struct Tally {
    /// One entry per period of the calendar, for each source and language.
    strata: BTreeMap<(SourceId, Language), Vec<Counts>>,
    /// All strata together.
    totals: Vec<Counts>,
    /// Texts of the company itself in the current period.
    pub company_texts: u64,
    /// Sources that have records as far back as the baseline begins.
    comparable: BTreeSet<SourceId>,
    baseline: std::ops::Range<usize>,
    current: usize,
}

impl Tally {
    pub(crate) fn new(builder: &PulseBuilder) -> Self {
        let mut tally = Self {
            strata: BTreeMap::new(),
            totals: vec![Counts::default(); builder.calendar.len()],
            company_texts: 0,
            comparable: BTreeSet::new(),
            baseline: builder.calendar.baseline(),
            current: builder.calendar.current(),
        };
        tally.add_records(builder);
        tally.add_mentions(builder);
        for counts in tally.strata.values() {
            for (total, counts) in tally.totals.iter_mut().zip(counts) {
                total.add(counts);
            }
        }
        tally
    }

    /// All counts of a period.
    pub(crate) fn total(&self, period: usize) -> &Counts {
        &self.totals[period]
    }

    /// All counts of the period that is reported on.
    pub(crate) fn now(&self) -> &Counts {
        self.total(self.current)
    }

    /// Whether the source is compared with the baseline.
    pub(crate) fn is_comparable(&self, source: &SourceId) -> bool {
        self.comparable.contains(source)
    }

    /// Records of a source in the period that is reported on.
    pub(crate) fn records_of(&self, source: &SourceId) -> u64 {
        let of_source = self.strata.iter().filter(|((known, _), _)| known == source);
        of_source
            .map(|(_, counts)| counts[self.current].records)
            .sum()
    }

    /// The label's counts per stratum, of the sources that are compared.
    pub(crate) fn strata(&self, label: Label) -> Vec<Stratum> {
        self.compared()
            .map(|counts| Stratum {
                now: counts[self.current].share(label),
                before: counts[self.baseline.clone()]
                    .iter()
                    .map(|c| c.share(label))
                    .collect(),
            })
            .collect()
    }

    /// Records of the compared sources: now, and per baseline period on average.
    pub(crate) fn compared_volume(&self) -> (u64, Option<f64>) {
        let (mut now, mut before) = (0, 0);
        for counts in self.compared() {
            now += counts[self.current].records;
            before += counts[self.baseline.clone()]
                .iter()
                .map(|c| c.records)
                .sum::<u64>();
        }
        let periods = self.baseline.len();
        (
            now,
            (periods > 0 && before > 0).then(|| before as f64 / periods as f64),
        )
    }

    /// Records of the current period that have no baseline within their source and
    /// language.
    pub(crate) fn uncompared(&self) -> u64 {
        let has_baseline = |counts: &[Counts]| {
            counts[self.baseline.clone()]
                .iter()
                .any(|counts| counts.records > 0)
        };
        self.strata
            .iter()
            .filter(|((source, _), counts)| !self.is_comparable(source) || !has_baseline(counts))
            .map(|(_, counts)| counts[self.current].records)
            .sum()
    }

    fn compared(&self) -> impl Iterator<Item = &Vec<Counts>> {
        let compared = self
            .strata
            .iter()
            .filter(|((source, _), _)| self.is_comparable(source));
        compared.map(|(_, counts)| counts)
    }

    fn add_records(&mut self, builder: &PulseBuilder) {
        for (_, slot) in builder.records.iter() {
            let Some(traits) = slot.fact else { continue };
            let Some(period) = traits.period.map(usize::from) else {
                continue;
            };
            let source = builder.records.source_id(slot.source);
            if !self.baseline.is_empty() && period <= self.baseline.start {
                self.comparable.insert(source.clone());
            }
            if traits.channel == Channel::Agent {
                self.company_texts += u64::from(period == self.current);
                continue;
            }
            let counts = self.counts(source, traits.language, period);
            counts.records += 1;
            counts.voices += 1;
            for kind in Kind::ALL.iter().filter(|kind| traits.kinds.has(**kind)) {
                *counts.kinds.entry(*kind).or_default() += 1;
            }
        }
    }

    fn add_mentions(&mut self, builder: &PulseBuilder) {
        let mut last: Option<(u16, RecordIndex)> = None;
        for (key, said) in builder.mentions.iter() {
            let slot = builder.records.slot(key.record);
            let period = usize::from(key.period);
            let source = builder.records.source_id(slot.source);
            let counts = self.counts(source, slot.language(), period);
            let written_here = slot.fact.is_some_and(|traits| traits.is_in(period));
            if last != Some((key.period, key.record)) && !written_here {
                counts.voices += 1;
            }
            last = Some((key.period, key.record));
            if let Some((sentiment, _)) = said.own {
                counts.themes.entry(key.theme).or_default().add(sentiment);
            }
            if said.competitor {
                *counts.competitor.entry(key.theme).or_default() += 1;
            }
        }
    }

    fn counts(&mut self, source: &SourceId, language: Language, period: usize) -> &mut Counts {
        let periods = self.totals.len();
        let stratum = self
            .strata
            .entry((source.clone(), language))
            .or_insert_with(|| vec![Counts::default(); periods]);
        &mut stratum[period]
    }
}
