use super::*;

fn word(text: &str) -> Wording {
    Wording::Word(text.to_owned())
}

fn phrase(text: &str) -> Wording {
    Wording::Phrase(text.to_owned())
}

#[track_caller]
fn check(text: &str, wanted: &[Wording], excluded: &[Wording]) {
    let query = Query::parse(text).unwrap();
    assert_eq!(
        (query.wanted.as_slice(), query.excluded.as_slice()),
        (wanted, excluded),
        "{text}"
    );
    assert!(query.conditions.is_empty(), "{text}");
}

#[test]
fn words_phrases_and_exclusions() {
    check(
        "pacco  in\tritardo",
        &[word("pacco"), word("in"), word("ritardo")],
        &[],
    );
    check(
        "\"no answer\" late",
        &[phrase("no answer"), word("late")],
        &[],
    );
    check(
        "“няма отговор” «пратка»",
        &[phrase("няма отговор"), phrase("пратка")],
        &[],
    );
    check("「退款 失败」", &[phrase("退款 失败")], &[]);
    check(
        "late -refund -\"sorry we\"",
        &[word("late")],
        &[word("refund"), phrase("sorry we")],
    );
    check("e-mail - -", &[word("e-mail")], &[]);
    check("\"not closed", &[phrase("not closed")], &[]);
    check("\"\" -\"\"", &[], &[]);
    check("", &[], &[]);
}

#[test]
fn unknown_names_with_a_colon_are_text() {
    check("at 10:30", &[word("at"), word("10:30")], &[]);
    check("https://example.com", &[word("https://example.com")], &[]);
    check("\"kind:praise\"", &[phrase("kind:praise")], &[]);
}

#[track_caller]
fn check_filter(text: &str, holds: bool, test: Test) {
    let query = Query::parse(text).unwrap();
    assert_eq!(query.conditions, [Condition { holds, test }], "{text}");
    assert!(query.narrows() && query.text().is_empty());
}

#[test]
fn filters_are_read_into_terms() {
    let any = |label, values: &[&str]| {
        Test::AnyOf(
            label,
            values.iter().map(|value| (*value).to_owned()).collect(),
        )
    };
    check_filter("lang:it,zh-Hant", true, any(Label::Language, &["it", "zh"]));
    check_filter("-kind:praise", false, any(Label::Kind, &["praise"]));
    check_filter("theme:delivery", true, any(Label::Theme, &["delivery"]));
    check_filter(
        "channel:sales_note,chat",
        true,
        any(Label::Channel, &["sales_note", "chat"]),
    );
    check_filter("sentiment:mixed", true, any(Label::Sentiment, &["mixed"]));
    check_filter("touchpoint:use", true, any(Label::Touchpoint, &["use"]));
    check_filter("source:\"my shop\"", true, any(Label::Source, &["my shop"]));
    check_filter("urgency:2,3", true, any(Label::Urgency, &["2", "3"]));
    check_filter(
        "since:2026-07-01",
        true,
        Test::Since("2026-07-01".parse().unwrap()),
    );
    check_filter(
        "until:2026-07-31",
        true,
        Test::Until("2026-07-31".parse().unwrap()),
    );
}

#[track_caller]
fn check_refused(text: &str, expect: &[&str]) {
    let error = Query::parse(text).unwrap_err().to_string();
    assert!(
        expect.iter().all(|part| error.contains(part)),
        "{text}: {error}"
    );
}

#[test]
fn a_wrong_value_names_the_filter_and_what_it_takes() {
    check_refused(
        "kind:complain",
        &["`kind:complain`", "complaint, question, praise"],
    );
    check_refused("channel:", &["`channel:`", "sales_note"]);
    check_refused("lang:italiano", &["`lang:", "it, bg, zh, en"]);
    check_refused("urgency:4", &["`urgency:4`", "0, 1, 2, 3"]);
    check_refused("sentiment:negative,", &["sentiment", "negative, neutral"]);
    check_refused("since:yesterday", &["`since:yesterday`", "YYYY-MM-DD"]);
    check_refused("until:2026-02-30", &["`until:2026-02-30`"]);
    check_refused("source:", &["voc.toml"]);
    check_refused("theme:,", &["delivery.damage"]);
}

#[test]
fn the_text_for_meaning_has_no_filters() {
    let query = Query::parse("late \"no answer\" -refund kind:complaint").unwrap();
    assert_eq!(query.text(), "late no answer");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}") {
        let read = Query::parse(&text);
        let refused = matches!(read, Err(IndexError::InvalidFilter { .. }));
        proptest::prop_assert!(read.is_ok() || refused);
    }
}
