//! What one record says about each measure.

use std::collections::{BTreeMap, BTreeSet};

use voc_core::{Annotation, Due, Kind, PiiType, Polarity, Sentiment, ThemeId, Touchpoint};

use crate::{Counts, Gold, GoldPromise, Measure, Place};

/// Every measure that `gold` and `found` say something about, with what they say. A measure
/// may occur with empty counts: then it is known, and this record adds nothing.
pub(crate) fn marks(gold: &Gold, found: &Annotation) -> Vec<(Measure, Counts)> {
    let mut marks = Vec::new();
    kinds(gold, found, &mut marks);
    sentiment(gold, found, &mut marks);
    themes(gold, found, &mut marks);
    spans(gold, found, &mut marks);
    journey(gold, found, &mut marks);
    personal_data(gold, found, &mut marks);
    promises(gold, found, &mut marks);
    let right = gold.lang == found.lang.code;
    marks.push((Measure::new("language", "accuracy"), Counts::answer(right)));
    marks
}

type Marks = Vec<(Measure, Counts)>;

fn kinds(gold: &Gold, found: &Annotation, marks: &mut Marks) {
    for kind in Kind::ALL {
        let counts = Counts::decision(gold.kinds.contains(kind), found.has(*kind));
        marks.push((Measure::new("kind", kind), counts));
    }
}

fn sentiment(gold: &Gold, found: &Annotation, marks: &mut Marks) {
    let label = found.sentiment.label;
    for sentiment in Sentiment::ALL {
        let counts = Counts::decision(gold.sentiment == *sentiment, label == *sentiment);
        marks.push((Measure::new("sentiment", sentiment), counts));
    }
    let right = Counts::answer(gold.sentiment == label);
    marks.push((Measure::new("sentiment", "accuracy"), right));
}

/// Each theme once per record; both signs make it mixed.
fn per_theme<'a>(
    mentions: impl Iterator<Item = (&'a ThemeId, Polarity)>,
) -> BTreeMap<&'a ThemeId, Sentiment> {
    let mut themes: BTreeMap<&ThemeId, Sentiment> = BTreeMap::new();
    for (theme, polarity) in mentions {
        let so_far = themes.entry(theme).or_insert(polarity.into());
        *so_far = so_far.joined_with(polarity);
    }
    themes
}

fn themes(gold: &Gold, found: &Annotation, marks: &mut Marks) {
    let wanted = per_theme(gold.mentions.iter().map(|m| (&m.theme, m.sentiment)));
    let found = per_theme(found.mentions.iter().map(|m| (&m.theme, m.sentiment)));
    let mut micro = Counts::default();
    let mut with_sentiment = Counts::default();
    for theme in wanted.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        let (in_gold, in_found) = (wanted.get(*theme), found.get(*theme));
        let counts = Counts::decision(in_gold.is_some(), in_found.is_some());
        marks.push((Measure::new("theme", theme), counts));
        micro += counts;
        with_sentiment += Counts {
            hit: u32::from(in_gold.is_some() && in_gold == in_found),
            ..counts
        };
    }
    marks.push((Measure::new("theme", "micro"), micro));
    marks.push((
        Measure::new("theme with sentiment", "micro"),
        with_sentiment,
    ));
}

/// Of the themes that gold and found share: is what was quoted the place that gold means?
fn spans(gold: &Gold, found: &Annotation, marks: &mut Marks) {
    let themes: BTreeSet<&ThemeId> = gold.mentions.iter().map(|m| &m.theme).collect();
    for theme in themes {
        let places: Vec<Place> = found
            .mentions
            .iter()
            .filter(|mention| mention.theme == *theme)
            .map(|mention| Place::new(mention.part, mention.span))
            .collect();
        if places.is_empty() {
            continue;
        }
        let wanted = || {
            let mentions = gold.mentions.iter().filter(|m| m.theme == *theme);
            mentions.flat_map(|mention| &mention.places)
        };
        let overlaps = wanted().any(|want| places.iter().any(|place| place.overlaps(*want)));
        let exact = wanted().any(|want| places.contains(want));
        marks.push((Measure::new("span", "overlap"), Counts::answer(overlaps)));
        marks.push((Measure::new("span", "exact"), Counts::answer(exact)));
    }
}

fn journey(gold: &Gold, found: &Annotation, marks: &mut Marks) {
    let gap = gold.urgency.level().abs_diff(found.urgency.level());
    marks.push((Measure::new("urgency", "exact"), Counts::answer(gap == 0)));
    marks.push((
        Measure::new("urgency", "within one level"),
        Counts::answer(gap <= 1),
    ));
    let right = gold.touchpoint == found.touchpoint;
    marks.push((
        Measure::new("touchpoint", "accuracy"),
        Counts::answer(right),
    ));
    for touchpoint in Touchpoint::ALL {
        let is = |given: Option<Touchpoint>| given == Some(*touchpoint);
        let counts = Counts::decision(is(gold.touchpoint), is(found.touchpoint));
        marks.push((Measure::new("touchpoint", touchpoint), counts));
    }
}

/// Where an annotation sees personal data, by type.
pub(crate) fn places_of_personal_data(found: &Annotation) -> BTreeSet<(PiiType, Place)> {
    let pii = found.pii.iter();
    pii.map(|pii| (pii.kind, Place::new(pii.part, pii.span)))
        .collect()
}

/// Exact spans per type, and characters whatever their type: one that gold names and nothing
/// covers has leaked. Order numbers are kept by default, so they stand apart.
fn personal_data(gold: &Gold, found: &Annotation, marks: &mut Marks) {
    let wanted: BTreeSet<(PiiType, Place)> = gold
        .pii
        .iter()
        .flat_map(|pii| pii.places.iter().map(|place| (pii.kind, *place)))
        .collect();
    let found = places_of_personal_data(found);
    let mut micro = Counts::default();
    for kind in PiiType::ALL {
        let of_kind = |set: &BTreeSet<(PiiType, Place)>| -> BTreeSet<Place> {
            let places = set.iter().filter(|(other, _)| other == kind);
            places.map(|(_, place)| *place).collect()
        };
        let (wanted, found) = (of_kind(&wanted), of_kind(&found));
        let counts = Counts {
            hit: count(wanted.intersection(&found).count()),
            found: count(found.len()),
            gold: count(wanted.len()),
        };
        marks.push((Measure::new("personal data", kind), counts));
        if *kind != PiiType::OrderId {
            micro += counts;
        }
    }
    marks.push((Measure::new("personal data", "micro"), micro));
    let characters = |set: &BTreeSet<(PiiType, Place)>| -> BTreeSet<(voc_core::Part, usize)> {
        let counted = set.iter().filter(|(kind, _)| *kind != PiiType::OrderId);
        counted
            .flat_map(|(_, place)| {
                (place.span.start()..place.span.end()).map(|position| (place.part, position))
            })
            .collect()
    };
    let (wanted, found) = (characters(&wanted), characters(&found));
    let counts = Counts {
        hit: count(wanted.intersection(&found).count()),
        found: count(found.len()),
        gold: count(wanted.len()),
    };
    marks.push((Measure::new("personal data", "characters"), counts));
}

fn promises(gold: &Gold, found: &Annotation, marks: &mut Marks) {
    let mut taken = vec![false; found.promises.len()];
    let mut hit = 0;
    for promise in &gold.promises {
        let Some(index) = matching(promise, found, &taken) else {
            continue;
        };
        taken[index] = true;
        hit += 1;
        let right = promise.due.map(day) == found.promises[index].due.map(day);
        marks.push((Measure::new("promise", "due day"), Counts::answer(right)));
    }
    let counts = Counts {
        hit,
        found: count(found.promises.len()),
        gold: count(gold.promises.len()),
    };
    marks.push((Measure::new("promise", "quote"), counts));
}

/// The first found promise that overlaps this one and matches no other.
fn matching(promise: &GoldPromise, found: &Annotation, taken: &[bool]) -> Option<usize> {
    found
        .promises
        .iter()
        .enumerate()
        .position(|(index, other)| {
            let (part, span) = (other.part, other.span);
            let place = Place { part, span };
            !taken[index] && promise.places.iter().any(|want| want.overlaps(place))
        })
}

/// Gold names days; an hour found within the day is right.
fn day(due: Due) -> jiff::civil::Date {
    match due {
        Due::On(date) => date,
        Due::At(at) => at.to_zoned(jiff::tz::TimeZone::UTC).date(),
    }
}

/// Numbers of labels in one record are small.
fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
