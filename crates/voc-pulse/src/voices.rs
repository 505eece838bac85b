use std::collections::{BTreeSet, HashMap};

use crate::PulseBuilder;
use crate::records::RecordIndex;
use crate::stats::{ClusterSums, Interval, Proportion};

/// Records grouped by who wrote them: what intervals need where customers repeat.
#[derive(Debug)]
pub(crate) struct Voices {
    /// The group of each record.
    groups: HashMap<RecordIndex, usize>,
    /// Records of each group.
    sizes: Vec<u64>,
}

impl Voices {
    /// The records that customers wrote in the period.
    pub(crate) fn written(builder: &PulseBuilder) -> Self {
        Self::new(builder, builder.written().map(|(record, _)| record))
    }

    /// Those, and earlier ones with a mention in the period.
    pub(crate) fn speaking(builder: &PulseBuilder) -> Self {
        let current = builder.calendar.current();
        let mentioned = builder
            .mentions
            .of_period(current)
            .map(|(key, _)| key.record);
        let written = builder.written().map(|(record, _)| record);
        let speaking: BTreeSet<RecordIndex> = written.chain(mentioned).collect();
        Self::new(builder, speaking.into_iter())
    }

    fn new(builder: &PulseBuilder, records: impl Iterator<Item = RecordIndex>) -> Self {
        let mut of_customer: HashMap<u32, usize> = HashMap::new();
        let mut voices = Self {
            groups: HashMap::new(),
            sizes: Vec::new(),
        };
        for record in records {
            let next = voices.sizes.len();
            let group = match builder.records.slot(record).customer() {
                Some(customer) => *of_customer.entry(customer).or_insert(next),
                None => next,
            };
            if group == next {
                voices.sizes.push(0);
            }
            voices.sizes[group] += 1;
            voices.groups.insert(record, group);
        }
        voices
    }

    /// The interval of the share of `hits` among these records.
    pub(crate) fn interval(&self, hits: impl Iterator<Item = RecordIndex>) -> Option<Interval> {
        let mut by_group = vec![0; self.sizes.len()];
        for group in hits.filter_map(|record| self.groups.get(&record)) {
            by_group[*group] += 1;
        }
        let mut sums = ClusterSums::default();
        for (hits, size) in by_group.iter().zip(&self.sizes) {
            sums.add(Proportion::new(*hits, *size));
        }
        sums.interval()
    }
}
