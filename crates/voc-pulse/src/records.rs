//! What the fold remembers of each record of the window: enough to join it with mentions
//! that arrive before or after it.

use std::collections::HashMap;

use voc_core::{
    Channel, Kind, Language, RecordFact, RecordId, RecordKey, Role, Sentiment, SourceId, Touchpoint,
};

/// Position of a record in the table.
pub(crate) type RecordIndex = u32;

/// One record.
#[derive(Debug)]
pub(crate) struct Slot {
    pub source: u32,
    pub id: RecordId,
    /// What its fact said; `None` while only mentions of it were seen.
    pub fact: Option<Traits>,
}

impl Slot {
    /// The language its mentions are compared within; undetermined without a fact.
    pub(crate) fn language(&self) -> Language {
        self.fact
            .as_ref()
            .map_or(Language::UND, |traits| traits.language)
    }

    pub(crate) fn customer(&self) -> Option<u32> {
        self.fact.as_ref().and_then(|traits| traits.customer)
    }
}

/// The dimensions of a record that a report uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits {
    /// Index of its period; `None` outside the window.
    pub period: Option<u16>,
    pub channel: Channel,
    pub language: Language,
    pub customer: Option<u32>,
    pub role: Role,
    pub kinds: Kinds,
    pub sentiment: Sentiment,
    pub touchpoint: Option<Touchpoint>,
    pub calls_for_theme: bool,
}

impl Traits {
    pub(crate) fn new(fact: &RecordFact, period: Option<usize>, customer: Option<u32>) -> Self {
        Self {
            period: period.and_then(|index| u16::try_from(index).ok()),
            channel: fact.channel,
            language: fact.language,
            customer,
            role: fact.role,
            kinds: Kinds::of(&fact.kinds),
            sentiment: fact.sentiment,
            touchpoint: fact.touchpoint,
            calls_for_theme: fact.calls_for_theme(),
        }
    }

    pub(crate) fn is_in(&self, period: usize) -> bool {
        self.period.map(usize::from) == Some(period)
    }
}

/// A set of kinds, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    fn of(kinds: &[Kind]) -> Self {
        Self(kinds.iter().fold(0, |bits, kind| bits | 1 << *kind as u8))
    }

    pub(crate) const fn has(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }
}

/// All records of the window, by source and id.
#[derive(Debug, Default)]
pub(crate) struct Records {
    slots: Vec<Slot>,
    sources: Vec<(SourceId, HashMap<RecordId, RecordIndex>)>,
    source_index: HashMap<SourceId, u32>,
}

impl Records {
    /// The index of the record with `key`, made room for where it is new.
    pub(crate) fn index(&mut self, key: &RecordKey) -> RecordIndex {
        let source = self.source(&key.source);
        let by_id = &mut self.sources[source as usize].1;
        if let Some(index) = by_id.get(&key.id) {
            return *index;
        }
        let index = self.slots.len() as RecordIndex;
        by_id.insert(key.id.clone(), index);
        self.slots.push(Slot {
            source,
            id: key.id.clone(),
            fact: None,
        });
        index
    }

    /// How many records there are.
    pub(crate) const fn len(&self) -> usize {
        self.slots.len()
    }

    /// The slot at an index that [`Records::index`] gave.
    pub(crate) fn slot(&self, index: RecordIndex) -> &Slot {
        &self.slots[index as usize]
    }

    /// Notes what the fact of a record said.
    pub(crate) fn set(&mut self, index: RecordIndex, traits: Traits) {
        self.slots[index as usize].fact = Some(traits);
    }

    /// Every slot with its index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (RecordIndex, &Slot)> {
        (0..).zip(&self.slots)
    }

    /// The id of a source by its number in a slot.
    pub(crate) fn source_id(&self, source: u32) -> &SourceId {
        &self.sources[source as usize].0
    }

    /// The key of the record at `index`.
    pub(crate) fn key(&self, index: RecordIndex) -> RecordKey {
        let slot = self.slot(index);
        RecordKey {
            source: self.source_id(slot.source).clone(),
            id: slot.id.clone(),
        }
    }

    fn source(&mut self, id: &SourceId) -> u32 {
        if let Some(index) = self.source_index.get(id) {
            return *index;
        }
        let index = self.sources.len() as u32;
        self.sources.push((id.clone(), HashMap::new()));
        self.source_index.insert(id.clone(), index);
        index
    }
}
