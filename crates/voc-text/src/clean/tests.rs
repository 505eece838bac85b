use std::sync::LazyLock;

use proptest::prelude::*;
use voc_core::Span;

use super::*;

static CLEANER: LazyLock<Cleaner> = LazyLock::new(|| Cleaner::new().unwrap());

#[track_caller]
fn check(given: &str, expect: &str) {
    let (text, _) = CLEANER.clean(given);
    assert_eq!(text, expect, "{given:?}");
}

#[test]
fn each_character_has_one_form() {
    check("perche\u{301} no", "perché no");
    check("\u{FEFF}при\u{AD}каз\u{200B}ка", "приказка");
    check("a\u{0}b\u{7}c", "abc");
    check("uno\r\ndue\rtre\u{2028}quattro", "uno\ndue\ntre\nquattro");
    check("rosso\u{A0}\u{2003}nero\u{3000}蓝\t黑", "rosso nero 蓝 黑");
    check("pay\u{202E}lap", "paylap");
}

#[test]
fn joiners_stay_where_they_mean_something() {
    check(
        "👨\u{200D}👩\u{200D}👧 felici",
        "👨\u{200D}👩\u{200D}👧 felici",
    );
    check("می\u{200C}خواهم", "می\u{200C}خواهم");
    check("ne\u{200D}ro", "nero");
}

#[test]
fn white_space_collapses() {
    check("  uno   due \n\n\n\n tre  \n", "uno due\n\ntre");
    check("една \n две", "една\nдве");
    check(" \n ", "");
}

#[test]
fn mark_up_goes_and_words_stay() {
    check(
        "<p>Non <b>fun</b>ziona</p><p>Rimborso&nbsp;subito</p>",
        "Non funziona\n\nRimborso subito",
    );
    check("Здравейте,<br/>чакам<BR >вече", "Здравейте,\nчакам\nвече");
    check("<td>订单</td><td class=\"x\">未到</td>", "订单 未到");
    check(
        "see <a href='https://a.example/x?y=1'>here</a><o:p></o:p>",
        "see here",
    );
    check(
        "<style>p { color: red }</style>ok<script type=\"x\">var a = '<b>';</script>!",
        "ok!",
    );
    check("a<!-- hidden <b>note</b> -->b<!DOCTYPE html>", "ab");
    check("<input disabled value=x>fine", "fine");
}

#[test]
fn entities_are_decoded_however_often_they_were_escaped() {
    check("Caff&egrave; &amp; t&#232; &#x4E2D;", "Caffè & tè 中");
    check("it&amp;amp;#39;s &amp;quot;late&amp;quot;", "it's \"late\"");
    check("&lt;b&gt;вече&lt;/b&gt;", "вече");
    check("R&D; &foo; AT&T", "R&D; &foo; AT&T");
}

#[test]
fn what_only_resembles_mark_up_is_text() {
    for text in [
        "I <3 this",
        "a < b and c > d",
        "x<y",
        "if a <b and c> d",
        "<nome> <anna@example.com>",
        "prezzo <b",
        "<>",
        "<-- qui",
        "смях <smiley>",
    ] {
        check(text, text);
    }
}

#[test]
fn nothing_is_lost_to_what_never_closes() {
    check("<script>dov'è il pacco", "dov'è il pacco");
    check("prima <!-- dopo", "prima <!-- dopo");
    check("<style>къде е <p>пратката", "къде е\nпратката");
}

#[test]
fn spans_map_back_through_every_stage() {
    let given = "<p>Caff&egrave;\u{200B} freddo</p>\r\n\r\n\r\n<p>perche\u{301}?</p>";
    let (text, alignment) = CLEANER.clean(given);
    assert_eq!(text, "Caffè freddo\n\nperché?");
    let back = |start, end| {
        let span = alignment.given(Span::new(start, end).unwrap());
        span.slice(given).unwrap().to_owned()
    };
    assert_eq!(back(0, 5), "Caff&egrave;");
    assert_eq!(back(6, 12), "freddo");
    assert_eq!(back(14, 20), "perche\u{301}");
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing(given in "(?s).{0,60}|([a&;<>/ p\n\r\u{301}\u{200b}\u{ad}]|&amp;|&lt;|</?p>|<!--|-->|<b x=\"|\"|script){0,24}") {
        let (once, _) = CLEANER.clean(&given);
        let (twice, _) = CLEANER.clean(&once);
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn letters_of_plain_text_survive_in_order(given in "[a-zàж中é \n\t\u{200b}.,!]{0,80}") {
        let (clean, _) = CLEANER.clean(&given);
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        prop_assert_eq!(letters(&clean), letters(&given));
    }
}
