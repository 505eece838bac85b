//! What is to be said about a record, as numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use voc_core::{Kind, Polarity, Sentiment, Span, ThemeId, Touchpoint, Urgency};
use voc_eval::{Gold, Place};
use voc_model::{PreparedPart, PreparedRecord};

/// A sentence speaks of a theme if it holds this share of the quote, or the quote this share
/// of it: a splitter may cut a sentence elsewhere than the person who quoted.
const SHARE: f64 = 0.34;

/// What is to be said about a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets {
    /// 1 or 0 per kind, in the order of [`Kind::ALL`].
    pub kinds: Vec<f32>,
    /// Index in [`Sentiment::ALL`].
    pub sentiment: i64,
    /// Index in [`Urgency::ALL`].
    pub urgency: i64,
    /// Index in [`Touchpoint::ALL`], or its length for none.
    pub touchpoint: i64,
    /// Indexes of the themes that the record speaks of.
    pub themes: BTreeSet<usize>,
    /// Per sentence, the themes it speaks of and how.
    pub sentences: Vec<BTreeMap<usize, Spoken>>,
}

/// What a sentence says about a theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// Index in [`Polarity::ALL`].
    pub feeling: i64,
    /// Where in the sentence the quote lies: 0 is its start, 1 its end.
    pub quote: Range<f64>,
}

impl Targets {
    /// What `gold` says about the sentences of `record`, with themes by their place in
    /// `themes`; others are left out.
    pub fn new(gold: &Gold, record: &PreparedRecord, themes: &[ThemeId]) -> Self {
        let index = |theme: &ThemeId| themes.iter().position(|known| known == theme);
        let mut sentences = Vec::new();
        for (text, span) in record.sentences() {
            let place = given(text, span);
            let mut spoken: BTreeMap<usize, Spoken> = BTreeMap::new();
            for mention in &gold.mentions {
                let mut here = mention.places.iter().filter(|quote| quotes(place, **quote));
                if let (Some(quote), Some(theme)) = (here.next(), index(&mention.theme)) {
                    let neutral = position(Polarity::ALL, &Polarity::Neutral);
                    // Of two mentions in one sentence, the one that judges counts.
                    if spoken
                        .get(&theme)
                        .is_none_or(|known| known.feeling == neutral)
                    {
                        let feeling = position(Polarity::ALL, &mention.sentiment);
                        let quote = within(place, *quote);
                        spoken.insert(theme, Spoken { feeling, quote });
                    }
                }
            }
            sentences.push(spoken);
        }
        let touchpoint = gold.touchpoint.map(|t| position(Touchpoint::ALL, &t));
        Self {
            kinds: Kind::ALL
                .iter()
                .map(|kind| f32::from(u8::from(gold.kinds.contains(kind))))
                .collect(),
            sentiment: position(Sentiment::ALL, &gold.sentiment),
            urgency: position(Urgency::ALL, &gold.urgency),
            touchpoint: touchpoint.unwrap_or(Touchpoint::ALL.len() as i64),
            themes: gold
                .mentions
                .iter()
                .filter_map(|m| index(&m.theme))
                .collect(),
            sentences,
        }
    }
}

/// Where a sentence is in the text as given.
fn given(text: &PreparedPart, span: Span) -> Place {
    Place {
        part: text.part,
        span: text.prepared.given_span(span),
    }
}

/// Whether `sentence` holds enough of `quote`.
fn quotes(sentence: Place, quote: Place) -> bool {
    let shared = sentence.span.end().min(quote.span.end()) as f64
        - sentence.span.start().max(quote.span.start()) as f64;
    let shorter = sentence.span.len().min(quote.span.len()) as f64;
    sentence.part == quote.part && shared > 0.0 && shared >= SHARE * shorter
}

/// Where in `sentence` the quote lies.
fn within(sentence: Place, quote: Place) -> Range<f64> {
    let start = sentence.span.start() as f64;
    let share = |offset: usize| (offset as f64 - start) / sentence.span.len() as f64;
    share(quote.span.start()).max(0.0)..share(quote.span.end()).min(1.0)
}

fn position<L: PartialEq>(all: &[L], label: &L) -> i64 {
    all.iter().position(|other| other == label).unwrap_or(0) as i64
}

#[cfg(test)]
mod tests {
    use voc_eval::GoldRecord;
    use voc_text::{TextOptions, TextPipeline};

    use super::*;

    const LINE: &str = r#"{"id":"a","lang":"en","channel":"review","created_at":"2026-03-01T08:00:00Z","text":"Ring +44 20 7946 0958 all you want. The driver was kind, though it came late. Fine otherwise!","kinds":["complaint","praise"],"sentiment":"mixed","urgency":1,"touchpoint":"delivery","mentions":[{"theme":"service.channels","sentiment":"negative","quote":"Ring +44 20 7946 0958 all you want"},{"theme":"delivery.speed","sentiment":"neutral","quote":"it came late"},{"theme":"delivery.speed","sentiment":"negative","quote":"came late"},{"theme":"brand.values","sentiment":"positive","quote":"Fine otherwise"}]}"#;

    #[test]
    fn labels_become_numbers_and_quotes_find_their_sentences() {
        let gold = GoldRecord::read_all(LINE).unwrap().remove(0);
        let text = TextPipeline::new(&TextOptions::default()).unwrap();
        let record = PreparedRecord::new(&text, &gold.record);
        let themes = ["delivery.speed", "service.channels"];
        let themes = themes.map(|id| ThemeId::new(id).unwrap());
        let targets = Targets::new(&gold.gold, &record, &themes);
        assert_eq!(targets.kinds, [1.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(
            (targets.sentiment, targets.urgency, targets.touchpoint),
            (3, 1, 3)
        );
        assert_eq!(targets.themes, BTreeSet::from([0, 1]));
        let negative = position(Polarity::ALL, &Polarity::Negative);
        let sentences = targets.sentences.iter();
        let feelings =
            sentences.map(|spoken| spoken.iter().map(|(t, s)| (*t, s.feeling)).collect());
        assert_eq!(
            feelings.collect::<Vec<BTreeMap<usize, i64>>>(),
            [
                BTreeMap::from([(1, negative)]),
                BTreeMap::from([(0, negative)]),
                BTreeMap::new()
            ]
        );
        let quotes = [
            &targets.sentences[0][&1].quote,
            &targets.sentences[1][&0].quote,
        ];
        // "Ring … want" is all but the full stop; "came late" the end of its sentence.
        assert!(quotes[0].start == 0.0 && quotes[0].end > 0.9);
        assert!(quotes[1].start > 0.6 && quotes[1].end > 0.9);
    }
}
