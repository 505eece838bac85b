use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let found = SentenceSplitter::new().split(text);
    let found: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn full_stops_end_sentences() {
    check(
        "Il pacco è rotto. Voglio un rimborso! Quando arriva?",
        &["Il pacco è rotto.", "Voglio un rimborso!", "Quando arriva?"],
    );
    check(
        "Чакам от седмица. Никой не звъни.",
        &["Чакам от седмица.", "Никой не звъни."],
    );
    check(
        "东西坏了。我要退款！什么时候？",
        &["东西坏了。", "我要退款！", "什么时候？"],
    );
    check(
        "She said \"no.\" Then she left.",
        &["She said \"no.\"", "Then she left."],
    );
}

#[test]
fn abbreviations_initials_and_numbers_do_not() {
    for text in [
        "Ho parlato con il Sig. Rossi e la dott.ssa Bianchi.",
        "Живея на ул. Шипка в гр. Варна.",
        "Mr. Brown paid 3.50 for it.",
        "J. Smith and A. B. Jones agree.",
        "Order No. 5 Main was late.",
        "Es kam am 5. Mai an.",
        "2. Seconda richiesta",
        "Costa 1.200,50 euro",
    ] {
        check(text, &[text]);
    }
    check(
        "Scarpe, borse ecc. Tutto rotto.",
        &["Scarpe, borse ecc.", "Tutto rotto."],
    );
    check(
        "Купих го през 2026 г. Не работи.",
        &["Купих го през 2026 г.", "Не работи."],
    );
    check("I said no. They laughed.", &["I said no.", "They laughed."]);
}

#[test]
fn chat_is_parted_without_full_stops() {
    check(
        "ciao\nil pacco non arriva\n\nche faccio",
        &["ciao", "il pacco non arriva", "che faccio"],
    );
    check(
        "ottimo servizio davvero 👍 ma la consegna lenta 😡😡",
        &["ottimo servizio davvero 👍", "ma la consegna lenta 😡😡"],
    );
    check(
        "обадих се три пъти... никой не вдига телефона",
        &["обадих се три пъти...", "никой не вдига телефона"],
    );
    check(
        "物流太慢了 客服也不理人 差评",
        &["物流太慢了", "客服也不理人 差评"],
    );
    check(
        "质量很好；物流太慢；不推荐",
        &["质量很好；", "物流太慢；", "不推荐"],
    );
    check(
        "等了一个星期……还是没有消息",
        &["等了一个星期……", "还是没有消息"],
    );
}

#[test]
fn weak_bounds_do_not_leave_scraps() {
    check("I ❤️ this shop", &["I ❤️ this shop"]);
    check("well... fine", &["well... fine"]);
    check("我要 退款", &["我要 退款"]);
}

#[test]
fn a_line_broken_by_a_program_goes_on() {
    let text = "We are still hoping that someone will send a new lid for the\nkettle that cracked in June.\nWhy?";
    check(text, &[text.strip_suffix("\nWhy?").unwrap(), "Why?"]);
}

#[test]
fn punctuation_alone_is_no_sentence() {
    check("...", &[]);
    check("!!! ??\n---", &[]);
    check("", &[]);
    check("Bello!!!\n***\nDavvero?", &["Bello!!!", "Davvero?"]);
    check("😡😡😡", &["😡😡😡"]);
}

#[test]
fn long_sentences_are_cut_at_clauses() {
    let clause = "and then the courier called me again, ";
    let text = clause.repeat(20);
    for range in SentenceSplitter::new().split(&text) {
        let piece = &text[range];
        assert!(
            piece.split_whitespace().count() <= MAX_WORDS && piece.ends_with(','),
            "{piece}"
        );
    }
    let text = "快递员又打电话说今天送不到，".repeat(30);
    for range in SentenceSplitter::new().split(&text) {
        let piece = &text[range];
        assert!(
            piece.chars().filter(|c| is_han(*c)).count() <= MAX_HAN && piece.ends_with('，'),
            "{piece}"
        );
    }
    assert_eq!(SentenceSplitter::new().split(&"好".repeat(300)).len(), 3);
    assert_eq!(SentenceSplitter::new().split(&"дума ".repeat(130)).len(), 3);
    assert_eq!(SentenceSplitter::new().split(&"x".repeat(3000)).len(), 1);
}

proptest! {
    #[test]
    fn sentences_cover_every_word_once(text in "([a-zA-Zаж好的1]{1,9}|[ .!?,;…；。，\n👍😡\"()])*") {
        let sentences = SentenceSplitter::new().split(&text);
        let mut end = 0;
        let mut words = String::new();
        for range in sentences {
            prop_assert!(range.start >= end && !range.is_empty());
            let sentence = &text[range.clone()];
            prop_assert_eq!(sentence.trim(), sentence);
            prop_assert!(sentence.contains(|c: char| c.is_alphanumeric() || is_pictograph(c)));
            words.extend(sentence.chars().filter(|c| c.is_alphanumeric()));
            end = range.end;
        }
        let all: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        prop_assert_eq!(words, all);
    }
}
