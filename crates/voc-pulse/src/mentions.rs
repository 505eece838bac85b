//! What the fold remembers of each mention of the window.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use voc_core::{MentionFact, Probability, Sentiment, Target, Taxonomy, ThemeId};

use crate::records::RecordIndex;

/// Position of a theme in [`Themes`].
pub(crate) type ThemeIndex = u16;

/// One theme of one record in one period, ordered by period so that a period is a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MentionKey {
    pub period: u16,
    pub record: RecordIndex,
    pub theme: ThemeIndex,
}

/// All that was said there: a record counts once per theme and period.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said {
    /// About the company itself, with the best score.
    pub own: Option<(Sentiment, Probability)>,
    /// About a competitor.
    pub competitor: bool,
}

impl Said {
    fn add(&mut self, fact: &MentionFact) {
        if fact.target == Target::Competitor {
            self.competitor = true;
            return;
        }
        self.own = Some(match self.own {
            None => (fact.sentiment, fact.score),
            Some((sentiment, score)) => {
                let best = if fact.score > score {
                    fact.score
                } else {
                    score
                };
                (joined(sentiment, fact.sentiment), best)
            }
        });
    }
}

/// The feeling of two days together: opposite signs are mixed, neutral yields.
fn joined(a: Sentiment, b: Sentiment) -> Sentiment {
    match (a, b) {
        (a, b) if a == b => a,
        (Sentiment::Neutral, other) | (other, Sentiment::Neutral) => other,
        _ => Sentiment::Mixed,
    }
}

/// All mentions of the window.
#[derive(Debug, Default)]
pub(crate) struct Mentions(BTreeMap<MentionKey, Said>);

impl Mentions {
    pub(crate) fn add(&mut self, key: MentionKey, fact: &MentionFact) {
        self.0.entry(key).or_default().add(fact);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&MentionKey, &Said)> {
        self.0.iter()
    }

    /// The mentions of the period with this index.
    pub(crate) fn of_period(&self, period: usize) -> impl Iterator<Item = (&MentionKey, &Said)> {
        let range = u16::try_from(period).ok().map(whole_period);
        range.into_iter().flat_map(|range| self.0.range(range))
    }
}

fn whole_period(period: u16) -> RangeInclusive<MentionKey> {
    let first = MentionKey {
        period,
        record: 0,
        theme: 0,
    };
    first..=MentionKey {
        period,
        record: RecordIndex::MAX,
        theme: ThemeIndex::MAX,
    }
}

/// The themes of the taxonomy, and any other that facts name.
#[derive(Debug)]
pub(crate) struct Themes {
    ids: Vec<ThemeId>,
    index: BTreeMap<ThemeId, ThemeIndex>,
    listed: usize,
}

impl Themes {
    pub(crate) fn new(taxonomy: &Taxonomy) -> Self {
        let mut themes = Self {
            ids: Vec::new(),
            index: BTreeMap::new(),
            listed: 0,
        };
        for theme in &taxonomy.themes {
            themes.index(&theme.id);
        }
        themes.listed = themes.ids.len();
        themes
    }

    /// The index of `id`; beyond 65,535 themes the last place is shared.
    pub(crate) fn index(&mut self, id: &ThemeId) -> ThemeIndex {
        if let Some(index) = self.index.get(id) {
            return *index;
        }
        let index = ThemeIndex::try_from(self.ids.len()).unwrap_or(ThemeIndex::MAX);
        self.ids.push(id.clone());
        self.index.insert(id.clone(), index);
        index
    }

    pub(crate) fn id(&self, index: ThemeIndex) -> &ThemeId {
        &self.ids[usize::from(index)]
    }

    /// Every theme, in the order of the taxonomy, then those it does not list by id: the
    /// same whatever the order of the facts.
    pub(crate) fn in_order(&self) -> Vec<ThemeIndex> {
        let (listed, others) = self
            .index
            .iter()
            .partition::<Vec<_>, _>(|(_, index)| usize::from(**index) < self.listed);
        let mut order: Vec<ThemeIndex> = listed.into_iter().map(|(_, index)| *index).collect();
        order.sort_unstable();
        order.extend(others.into_iter().map(|(_, index)| *index));
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_beyond_the_taxonomy_follow_by_id() {
        let taxonomy = Taxonomy::default_scheme().unwrap();
        let mut themes = Themes::new(&taxonomy);
        let own = ["own.b", "own.a"].map(|id| themes.index(&ThemeId::new(id).unwrap()));
        let order = themes.in_order();
        assert_eq!(order.len(), 32);
        assert_eq!(themes.id(order[0]), &taxonomy.themes[0].id);
        assert_eq!(order[30..], [own[1], own[0]]);
    }

    #[test]
    fn two_days_of_one_thread_join_their_feelings() {
        use Sentiment::{Mixed, Negative, Neutral, Positive};
        for (a, b, expect) in [
            (Neutral, Positive, Positive),
            (Negative, Neutral, Negative),
            (Negative, Positive, Mixed),
            (Mixed, Neutral, Mixed),
            (Positive, Positive, Positive),
        ] {
            assert_eq!(joined(a, b), expect);
            assert_eq!(joined(b, a), expect);
        }
    }
}
