use serde_json::json;

use super::*;
use crate::{Part, Span};

const TEXT: &str = "Чашата е спукана, но опаковката е здрава. Чашата струва много.";

fn record() -> Record {
    let at = "2026-10-02T08:00:00Z";
    let line = json!({"id": "1", "source": "shop", "channel": "chat", "created_at": at, "messages": [
        {"at": at, "by": "agent", "text": "Чашата е спукана? Ще проверим."},
        {"at": at, "by": "customer", "text": TEXT}]});
    serde_json::from_value(line).unwrap()
}

/// The model sees damage twice and a wish, and no price.
fn model() -> Annotation {
    let mention = |start: usize, end: usize, quote: &str, score: f32| {
        json!({"theme": "delivery.damage", "sentiment": "negative", "score": score, "part": 1,
            "start": start, "end": end, "quote": quote, "target": "own"})
    };
    let line = json!({"lang": {"code": "bg", "confidence": 0.9},
        "kinds": [{"id": "wish", "score": 0.7}], "sentiment": {"label": "mixed", "score": 0.1},
        "urgency": 2, "touchpoint": "delivery",
        "mentions": [mention(0, 16, "Чашата е спукана", 0.6), mention(18, 40, "но опаковката е здрава", 0.8)],
        "pii": [], "promises": [], "model": "m", "taxonomy": "t"});
    serde_json::from_value(line).unwrap()
}

fn correction(labels: Value) -> Correction {
    serde_json::from_value(labels).unwrap()
}

fn applied(labels: Value) -> Annotation {
    correction(labels).apply(&model(), &record()).unwrap()
}

fn theme(id: &str) -> ThemeId {
    ThemeId::new(id).unwrap()
}

#[test]
fn what_is_absent_stays_as_the_model_said() {
    assert!(correction(json!({})).is_empty());
    assert_eq!(applied(json!({})), model());
    let only_urgency = applied(json!({"urgency": 3}));
    let expect = Annotation {
        urgency: 3.try_into().unwrap(),
        ..model()
    };
    assert_eq!(only_urgency, expect);
}

#[test]
fn a_persons_labels_are_certain() {
    let corrected = applied(
        json!({"kinds": ["praise", "complaint"], "sentiment": "negative",
        "touchpoint": "use", "themes": {"delivery.damage": {"sentiment": "positive"}}}),
    );
    let kinds: Vec<_> = corrected
        .kinds
        .iter()
        .map(|k| (k.id, k.score.get()))
        .collect();
    assert_eq!(kinds, [(Kind::Complaint, 1.0), (Kind::Praise, 1.0)]);
    assert_eq!(corrected.sentiment.score.get(), -1.0);
    assert_eq!(corrected.touchpoint, Some(Touchpoint::Use));
    assert!(corrected.mentions.iter().all(|m| m.score.get() == 1.0));
    for (label, score) in [("neutral", 0.0), ("mixed", 0.0), ("positive", 1.0)] {
        let corrected = applied(json!({"sentiment": label}));
        assert_eq!(corrected.sentiment.score.get(), score, "{label}");
    }
}

#[test]
fn none_is_said_in_so_many_words() {
    let corrected = applied(json!({"kinds": [], "touchpoint": "none",
        "themes": {"delivery.damage": "none", "billing.price": "none"}}));
    assert_eq!((corrected.kinds, corrected.touchpoint), (vec![], None));
    assert_eq!(corrected.mentions, []);
    // An empty cell of a table is not an opinion.
    assert!(correction(json!({"kinds": null, "touchpoint": null})).is_empty());
}

#[test]
fn a_theme_without_a_quote_stands_where_the_model_saw_it() {
    let corrected = applied(json!({"themes": {"delivery.damage": {"sentiment": "neutral"}}}));
    let places: Vec<_> = corrected
        .mentions
        .iter()
        .map(|m| (m.span.start(), m.sentiment))
        .collect();
    assert_eq!(places, [(0, Polarity::Neutral), (18, Polarity::Neutral)]);
}

#[test]
fn a_theme_with_a_quote_stands_at_its_first_place_in_the_customers_words() {
    let quoted = |quote: &str| {
        let label = json!({"sentiment": "negative", "quote": quote});
        let corrected = applied(json!({"themes": {"delivery.damage": label}}));
        assert_eq!(corrected.mentions.len(), 1, "the model's places are gone");
        (corrected.mentions[0].part, corrected.mentions[0].span)
    };
    assert_eq!(
        quoted("Чашата"),
        (Part::Message(1), Span::new(0, 6).unwrap())
    );
    assert_eq!(
        quoted("Ще проверим"),
        (Part::Message(0), Span::new(18, 29).unwrap())
    );
}

#[track_caller]
fn check_refused(label: Value, expect: &CoreError, says: &str) {
    let correction = correction(json!({"urgency": 0, "themes": {"billing.price": label}}));
    let error = correction.apply(&model(), &record()).unwrap_err();
    assert_eq!(&error, expect);
    assert!(error.to_string().contains(says), "{error}");
    let fits = correction.apply_what_fits(&model(), &record());
    assert_eq!((fits.mentions, fits.urgency.level()), (model().mentions, 0));
}

#[test]
fn a_theme_that_cannot_be_placed_is_refused_or_left_to_the_model() {
    let price = theme("billing.price");
    let missing = CoreError::QuoteMissing(price.clone());
    check_refused(
        json!({"sentiment": "negative"}),
        &missing,
        "quote the words",
    );
    for quote in ["скъпо", ""] {
        let not_found = CoreError::QuoteNotFound {
            theme: price.clone(),
            quote: quote.to_owned(),
        };
        let label = json!({"sentiment": "negative", "quote": quote});
        check_refused(label, &not_found, "occurs in none");
    }
}

#[test]
fn of_two_corrections_the_later_one_wins_where_it_speaks() {
    let first = correction(json!({"kinds": ["praise"], "sentiment": "positive",
        "themes": {"a": "none", "b": {"sentiment": "negative"}}}));
    let second = correction(
        json!({"kinds": [], "touchpoint": "use", "themes": {"a": {"sentiment": "neutral"}}}),
    );
    let both = correction(
        json!({"kinds": [], "sentiment": "positive", "touchpoint": "use",
        "themes": {"a": {"sentiment": "neutral"}, "b": {"sentiment": "negative"}}}),
    );
    assert_eq!(first.then(second), both);
}

#[test]
fn a_later_feeling_about_a_theme_keeps_the_quote_until_the_theme_is_removed() {
    let quoted = correction(
        json!({"themes": {"billing.price": {"sentiment": "negative", "quote": "струва много"}}}),
    );
    let neutral = correction(json!({"themes": {"billing.price": {"sentiment": "neutral"}}}));
    let both = quoted.clone().then(neutral.clone());
    let corrected = both.apply(&model(), &record()).unwrap();
    assert_eq!(corrected.mentions[0].quote, "струва много");
    assert_eq!(corrected.mentions[0].sentiment, Polarity::Neutral);
    let removed = correction(json!({"themes": {"billing.price": "none"}}));
    let error = quoted
        .then(removed)
        .then(neutral)
        .apply(&model(), &record());
    assert_eq!(error, Err(CoreError::QuoteMissing(theme("billing.price"))));
}

#[test]
fn an_anchored_theme_outlives_a_model_that_sees_it() {
    let labels =
        json!({"themes": {"delivery.damage": {"sentiment": "positive"}, "billing.price": "none"}});
    let anchored = correction(labels).anchored(&model());
    let blind = Annotation {
        mentions: vec![],
        ..model()
    };
    let corrected = anchored.apply(&blind, &record()).unwrap();
    assert_eq!(corrected.mentions.len(), 1);
    assert_eq!(corrected.mentions[0].quote, "но опаковката е здрава");
    let seeing = anchored.apply(&model(), &record()).unwrap();
    assert_eq!(seeing.mentions.len(), 2, "what the model sees goes first");
}

#[test]
fn what_is_written_is_read_again_and_mistakes_are_named() {
    let all = correction(
        json!({"kinds": ["wish"], "sentiment": "mixed", "urgency": 1, "touchpoint": "none",
        "themes": {"a": "none", "b": {"sentiment": "negative", "quote": "x"}}}),
    )
    .anchored(&model());
    let line = serde_json::to_value(&all).unwrap();
    assert_eq!(line["themes"]["a"], "none");
    assert_eq!(correction(line), all);
    for (labels, says) in [
        (json!({"sentimnet": "mixed"}), "sentimnet"),
        (json!({"touchpoint": "till"}), "till"),
        (json!({"urgency": 4}), "0, 1, 2, 3"),
        (json!({"themes": {"a": {"sentiment": "mixed"}}}), "mixed"),
        (
            json!({"themes": {"a": {"sentiment": "negative", "qoute": "x"}}}),
            "qoute",
        ),
    ] {
        let error = serde_json::from_value::<Correction>(labels).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!("none".parse(), Ok(OrNone::<Touchpoint>(None)));
    assert_eq!("use".parse(), Ok(OrNone(Some(Touchpoint::Use))));
    assert!("till".parse::<OrNone<Touchpoint>>().is_err());
    assert_eq!(OrNone(Some(Kind::Wish)).to_string(), "wish");
    assert_eq!(OrNone::<Kind>(None).to_string(), "none");
}
