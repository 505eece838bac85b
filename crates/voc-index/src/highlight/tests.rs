use super::*;

#[track_caller]
fn check(language: &str, query: &str, text: &str, expect: &[&str]) {
    let query = Query::parse(query).unwrap();
    let spans = highlight(text, language.parse().unwrap(), &query);
    let marked: Vec<_> = spans.iter().map(|span| span.slice(text).unwrap()).collect();
    assert_eq!(marked, expect, "{text}");
    assert!(
        spans
            .windows(2)
            .all(|pair| pair[0].end() <= pair[1].start()),
        "{spans:?}"
    );
}

#[test]
fn every_form_of_a_word_is_marked() {
    check(
        "en",
        "refund",
        "Refunds 👍 are slow; I was refunded twice.",
        &["Refunds", "refunded"],
    );
    check(
        "it",
        "consegna perche",
        "Perché le consegne tardano?",
        &["Perché", "consegne"],
    );
    check(
        "bg",
        "доставка",
        "Доставките закъсняха, а доставката е скъпа.",
        &["Доставките", "доставката"],
    );
    check(
        "bg",
        "счупена чиния",
        "Получих счупени чинии!",
        &["счупени чинии"],
    );
    check("zh", "退貨", "我要退货，退货很慢。", &["退货", "退货"]);
    check(
        "de",
        "lieferung",
        "Die Lieferungen kamen spät.",
        &["Lieferungen"],
    );
    check("ja", "配送", "配送が遅い", &["配送"]);
}

#[test]
fn neighbours_make_one_span_unless_a_sentence_ends_between() {
    check(
        "en",
        "late parcel",
        "late parcel. Parcel late",
        &["late parcel", "Parcel late"],
    );
    check(
        "zh",
        "快递破损",
        "快递破损了，客服说没有破损",
        &["快递破损", "破损"],
    );
    check("en", "e-mail", "no e-mail, no mail", &["e-mail"]);
}

#[test]
fn a_phrase_is_marked_where_its_words_are_together() {
    check(
        "en",
        "\"no answer\"",
        "no reply, no answers, answer no",
        &["no answers"],
    );
    check(
        "it",
        "\"mai più\"",
        "mai piu comprerò, mai e poi più",
        &["mai piu"],
    );
    check("zh", "\"要求退款\"", "我要求退款，不是要求", &["要求退款"]);
}

#[test]
fn exclusions_filters_and_empty_texts_mark_nothing() {
    check("en", "-late kind:complaint", "late again", &[]);
    check("en", "late", "", &[]);
    check("en", "!!!", "late!!!", &[]);
}

proptest::proptest! {
    #[test]
    fn spans_lie_within_any_text(text in "\\PC{0,40}", word in "\\PC{1,8}", code in "en|it|bg|zh|ja") {
        let query = Query { wanted: vec![Wording::Word(word)], ..Query::default() };
        let spans = highlight(&text, code.parse().unwrap(), &query);
        proptest::prop_assert!(spans.iter().all(|span| span.slice(&text).is_some()));
    }
}
