use encoding_rs::{BIG5, EUC_JP, Encoding, GB18030, GBK, KOI8_R, WINDOWS_1251, WINDOWS_1252};

use super::*;

const BG: &str = "Куриерът закъсня с три дни, а опаковката беше скъсана и мокра. Обслужването по \
                  телефона обаче беше любезно и ми върнаха парите още същия ден.";
const ZH: &str = "快递晚了三天，包装盒也破了，里面的东西都湿了。不过客服态度很好，当天就把钱退给我了，下次还会再来。";
const IT: &str =
    "Perché la qualità è così bassa? Però l'attività è cordialità pura: c'è più città qui.";

fn table(text: &str) -> String {
    let rows: String = (0..40).map(|row| format!("{row},\"{text}\"\n")).collect();
    format!("id,text\n{rows}")
}

#[track_caller]
fn check(bytes: &[u8], toml: &str, expect: &str) {
    let texts = Exports::new("a.csv", bytes, &format!("{toml}{SIMPLE}")).texts();
    assert_eq!(texts.len(), 40);
    assert!(texts.iter().all(|text| text == expect), "{}", texts[0]);
}

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let table = table(text);
    let (bytes, _, unmappable) = encoding.encode(&table);
    assert!(!unmappable);
    bytes.into_owned()
}

fn utf_16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[test]
fn the_encoding_is_detected() {
    check(&encoded(WINDOWS_1251, BG), "", BG);
    check(&encoded(KOI8_R, BG), "", BG);
    check(&encoded(GB18030, ZH), "", ZH);
    check(&encoded(GBK, ZH), "", ZH);
    check(&encoded(WINDOWS_1252, IT), "", IT);
    for text in [BG, ZH, IT] {
        check(table(text).as_bytes(), "", text);
        check(format!("\u{FEFF}{}", table(text)).as_bytes(), "", text);
        let marked = format!("\u{FEFF}{}", table(text));
        check(&utf_16(&marked, u16::to_le_bytes), "", text);
        check(&utf_16(&marked, u16::to_be_bytes), "", text);
    }
    for text in [BG, IT] {
        check(&utf_16(&table(text), u16::to_le_bytes), "", text);
        check(&utf_16(&table(text), u16::to_be_bytes), "", text);
    }
}

#[test]
fn a_label_is_obeyed_where_no_byte_order_mark_says_otherwise() {
    check(
        &encoded(BIG5, "味道很好"),
        "encoding = \"big5\"\n",
        "味道很好",
    );
    check(
        &encoded(EUC_JP, "おいしい"),
        "encoding = \"euc-jp\"\n",
        "おいしい",
    );
    check(
        &encoded(WINDOWS_1251, "да"),
        "encoding = \"cp1251\"\n",
        "да",
    );
    check(
        format!("\u{FEFF}{}", table(IT)).as_bytes(),
        "encoding = \"windows-1251\"\n",
        IT,
    );
}

#[test]
fn the_first_foreign_letter_may_come_late() {
    let mut bytes = "{\"id\":0,\"text\":\"plain\"}\n"
        .repeat(30_000)
        .into_bytes();
    let line = format!("{{\"id\":1,\"text\":\"{BG}\"}}\n");
    bytes.extend_from_slice(&WINDOWS_1251.encode(&line).0);
    let texts = Exports::new("a.jsonl", bytes, SIMPLE).texts();
    assert_eq!(texts.last().map(String::as_str), Some(BG));
}

#[test]
fn a_broken_line_does_not_turn_utf_8_into_something_else() {
    let mut bytes = table(IT).into_bytes();
    bytes.extend_from_slice(b"41,\xC3\x28 \xFF\n42,bene\n");
    let texts = Exports::new("a.csv", bytes, SIMPLE).texts();
    assert!(texts[..40].iter().all(|text| text == IT));
    assert!(texts[40].contains("broken encoding"), "{}", texts[40]);
    assert_eq!(texts[41], "bene");
}

#[test]
fn a_replacement_character_of_the_source_itself_is_no_fault() {
    let exports = Exports::new("a.jsonl", "{\"id\":1,\"text\":\"caff\u{FFFD}\"}", SIMPLE);
    assert_eq!(exports.texts(), ["caff\u{FFFD}"]);
}

proptest::proptest! {
    #[test]
    fn any_text_survives_its_encoding(text in "[a-zа-яё]{0,20}[ а-яА-Я]{1,3000}[а-я]", utf_16_le in proptest::bool::ANY) {
        let line = format!("{{\"id\":1,\"text\":\"{text}\"}}");
        let (bytes, label) = if utf_16_le {
            (utf_16(&line, u16::to_le_bytes), "utf-16le")
        } else {
            (WINDOWS_1251.encode(&line).0.into_owned(), "windows-1251")
        };
        let texts = Exports::new("a.jsonl", bytes, &format!("encoding = \"{label}\"\n{SIMPLE}")).texts();
        proptest::prop_assert_eq!(texts, [text]);
    }
}
