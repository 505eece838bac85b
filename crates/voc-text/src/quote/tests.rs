use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static FINDER: LazyLock<QuoteFinder> = LazyLock::new(|| QuoteFinder::new().unwrap());

/// `expect` lists what is set aside, `Q` for quoted and `S` for signature before each piece.
#[track_caller]
fn check(text: &str, expect: &[(char, &str)]) {
    let found = FINDER.find(text);
    let found: Vec<(char, &str)> = found
        .iter()
        .map(|aside| {
            let letter = if aside.reason == Reason::Quoted {
                'Q'
            } else {
                'S'
            };
            (letter, aside.span.slice(text).unwrap())
        })
        .collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn lines_behind_an_angle_are_quoted() {
    check(
        "Ancora niente.\n> Spediamo domani\n> Saluti\nE oggi?",
        &[('Q', "> Spediamo domani\n> Saluti")],
    );
    check(
        "не става\n>> старо\n\n> по-ново",
        &[('Q', ">> старо\n\n> по-ново")],
    );
    check("ci sono >5 persone\n>:( male\n>_< uff", &[]);
}

#[test]
fn attributions_open_a_quotation_in_many_languages() {
    for line in [
        "On Mon, 3 Aug 2026 at 10:00, Support <[EMAIL]> wrote:",
        "Il giorno lun 3 ago 2026 alle ore 10:00 Assistenza ha scritto:",
        "На 3.08.2026 г. в 10:00 ч., Екипът написа:",
        "在 2026年8月3日，客服 写道：",
        "Am 03.08.2026 um 10:00 schrieb Kundendienst:",
        "Le 3 août 2026 à 10:00, le service a écrit :",
        "El 3 ago 2026, a las 10:00, Soporte escribió:",
        "Am 03.08.2026 um 10:00 schrieb\nKundendienst:",
    ] {
        let quotation = format!("{line}\nold words");
        check(&format!("new words\n\n{quotation}"), &[('Q', &quotation)]);
    }
    check("On the phone she wrote:\nnothing", &[]);
}

#[test]
fn an_answer_below_a_quotation_is_own() {
    check(
        "On 3 Aug 2026, Support wrote:\n> It was sent.\n\nIt never came.",
        &[('Q', "On 3 Aug 2026, Support wrote:\n> It was sent.")],
    );
}

#[test]
fn forwarded_blocks_reach_to_the_end() {
    let check_block = |block: &str| check(&format!("вижте долу\n\n{block}"), &[('Q', block)]);
    check_block("-----Original Message-----\nany words");
    check_block("-----Messaggio originale-----\nvecchio");
    check_block("Da: Assistenza\nInviato: lunedì\nOggetto: ordine\n\nvecchio");
    check_block("От: Екип\nДата: 3.08\nстаро");
    check_block("发件人: 客服\n发送时间: 2026年\n主题: 订单\n旧");
    check("Da: Roma a Milano in treno\nmale", &[]);
    check("From: the heart\nthank you", &[]);
}

#[test]
fn signatures_end_the_own_words() {
    check(
        "Grazie\n--\nAnna\nUfficio acquisti",
        &[('S', "--\nAnna\nUfficio acquisti")],
    );
    check(
        "Thanks\nSent from my iPhone",
        &[('S', "Sent from my iPhone")],
    );
    check(
        "ок\nИзпратено от моя iPhone",
        &[('S', "Изпратено от моя iPhone")],
    );
    check("好的\n发自我的iPhone", &[('S', "发自我的iPhone")]);
    check(
        "ok\nInviato da Outlook per Android",
        &[('S', "Inviato da Outlook per Android")],
    );
    check("Inviato da voi un pacco rotto", &[]);
    check(
        "Now\n--\nAnna\nOn 3 Aug 2026, B wrote:\nold",
        &[('S', "--\nAnna"), ('Q', "On 3 Aug 2026, B wrote:\nold")],
    );
    let long = format!("a\n--\n{}", "more words\n".repeat(20));
    check(&long, &[]);
}

#[test]
fn a_text_is_never_quoted_as_a_whole() {
    check("> everything\n> is quoted", &[]);
    check("-----Original Message-----\nforwarded", &[]);
}

proptest! {
    #[test]
    fn pieces_are_in_order_inside_the_text_and_not_empty(
        lines in prop::collection::vec(prop::sample::select(vec![
            "", "> a", "--", "own", "On 3 Aug, B wrote:", "From: x", "To: y", "Sent from my iPad", "дума 中",
        ]), 0..12),
    ) {
        let text = lines.join("\n");
        let mut end = 0;
        for aside in FINDER.find(&text) {
            prop_assert!(aside.span.start() >= end && !aside.span.is_empty());
            prop_assert!(aside.span.slice(&text).is_some());
            end = aside.span.end();
        }
    }
}
