use proptest::prelude::*;

use super::*;
use crate::{Query, highlight};

#[track_caller]
fn check(language: &str, query: &str, text: &str, max_chars: usize, expect: &str, marked: &[&str]) {
    let spans = highlight(
        text,
        language.parse().unwrap(),
        &Query::parse(query).unwrap(),
    );
    let snippet = snippet(text, &spans, max_chars);
    assert_eq!(snippet.text, expect);
    assert!(snippet.text.chars().count() <= max_chars);
    let found: Vec<_> = snippet
        .spans
        .iter()
        .map(|span| span.slice(&snippet.text).unwrap())
        .collect();
    assert_eq!(found, marked);
}

const LETTER: &str = "I have been a customer for years. Last week the parcel came late, \
                      and the parcel was damaged. I wrote twice.";

#[test]
fn the_piece_with_most_matches_is_shown_between_words() {
    check(
        "en",
        "parcel",
        LETTER,
        60,
        "…week the parcel came late, and the parcel was damaged.…",
        &["parcel", "parcel"],
    );
    check(
        "en",
        "customer",
        LETTER,
        30,
        "I have been a customer for…",
        &["customer"],
    );
    check("en", "twice", LETTER, 20, "…I wrote twice.", &["twice"]);
    check("en", "absent", LETTER, 20, "I have been a…", &[]);
}

#[test]
fn short_texts_are_shown_whole() {
    check(
        "bg",
        "пратка",
        "Пратката я няма.",
        40,
        "Пратката я няма.",
        &["Пратката"],
    );
    check("en", "late", "", 40, "", &[]);
}

#[test]
fn text_without_blanks_is_cut_between_characters() {
    let text = "我上个星期在你们店里买了一个杯子收到的时候已经破损了客服一直没有回复";
    check("zh", "破损", text, 12, "…时候已经破损了客服一…", &["破损"]);
}

#[test]
fn a_span_longer_than_the_piece_is_cut() {
    let text = "x".repeat(50);
    let snippet = snippet(&text, &[Span::new(10, 40).unwrap()], 12);
    assert_eq!(snippet.text, format!("…{}…", "x".repeat(10)));
    assert_eq!(snippet.spans, [Span::new(1, 11).unwrap()]);
}

#[test]
fn spans_of_another_text_are_left_out() {
    for text in ["short", "a text that is longer than its piece"] {
        assert_eq!(snippet(text, &[Span::new(90, 95).unwrap()], 12).spans, []);
    }
}

proptest! {
    #[test]
    fn bounds_hold_for_any_text(text in "[a-zа-я退货👍 .\n]{0,80}", from in 0_usize..40, max in 0_usize..40) {
        let length = text.chars().count();
        let span = Span::new(from.min(length), (from + 5).min(length)).unwrap();
        let snippet = snippet(&text, &[span], max);
        prop_assert!(snippet.text.chars().count() <= max.max(SHORTEST));
        prop_assert!(text.contains(snippet.text.trim_matches(ELLIPSIS)));
        for span in &snippet.spans {
            prop_assert!(text.contains(span.slice(&snippet.text).unwrap()));
        }
    }
}
