use jiff::civil::date;
use voc_core::{Period, PeriodUnit};

use super::*;

/// The places of every text of a language, in order: the debug form holds them all.
fn texts(words: &Words) -> Vec<String> {
    let debug = format!("{words:?}");
    let texts = debug.split('"').skip(1).step_by(2);
    texts
        .map(|text| text.replace(r"\u{a0}", "\u{a0}"))
        .collect()
}

fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0))
        .collect();
    places.sort_unstable();
    places
}

#[test]
fn every_language_fills_the_same_places_and_leaves_no_word_out() {
    let english = texts(Words::of(Language::EN));
    for language in Language::FIRST_CLASS {
        let words = Words::of(language);
        assert_eq!(words.code, language.as_str());
        let own = texts(words);
        assert_eq!(own.len(), english.len());
        for (own, english) in own.iter().zip(&english) {
            assert!(!own.trim().is_empty() || own == "\u{a0}", "{english}");
            assert_eq!(places(own), places(english), "{own} / {english}");
        }
    }
}

#[test]
fn sentences_are_translated() {
    let english = texts(Words::of(Language::EN));
    for language in [Language::IT, Language::BG, Language::ZH] {
        for (own, english) in texts(Words::of(language)).iter().zip(&english) {
            assert!(
                own != english || !english.contains(". "),
                "{language}: {own}"
            );
        }
    }
}

#[test]
fn chinese_uses_full_width_punctuation() {
    for text in texts(&zh::WORDS) {
        let han = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(!han || !text.contains([',', '(', ')', ';', ':']), "{text}");
    }
}

#[test]
fn other_languages_are_reported_in_english() {
    assert_eq!(Words::of(Language::UND).code, "en");
    let words = Words::of(Language::IT);
    assert_eq!(words.language(Language::ZH), "cinese");
    assert_eq!(words.language("sw".parse().unwrap()), "sw");
}

#[test]
fn places_are_filled_once_and_a_value_is_not_read_again() {
    let check = |template, expect| {
        assert_eq!(
            fill(template, &[("a", "{b}"), ("b", "2")]),
            expect,
            "{template}"
        );
    };
    check("{a} {b}", "{b} 2");
    check("{c}!", "!");
    check("open { and {a", "open { and {a");
    check("", "");
}

#[test]
fn numbers_follow_the_language() {
    let (en, it, bg) = (
        Words::of(Language::EN),
        Words::of(Language::IT),
        Words::of(Language::BG),
    );
    assert_eq!(en.integer(1_234_567), "1,234,567");
    assert_eq!(it.integer(1_234), "1.234");
    assert_eq!(bg.integer(12_345), "12\u{a0}345");
    assert_eq!(en.integer(999), "999");
    assert_eq!(en.number(-3.12, 1), "−3.1");
    assert_eq!(en.number(-0.04, 1), "0.0");
    assert_eq!(it.percent(0.034), "3,4%");
    assert_eq!(en.percent(0.214), "21%");
    assert_eq!(en.percent(0.0996), "10%");
    assert_eq!(en.percent(0.0), "0%");
    assert_eq!(en.percents(0.12, 0.15), "12–15%");
    assert_eq!(en.percents(0.012, 0.034), "1.2–3.4%");
    assert_eq!(en.duration(300.0), "5.0 min");
    assert_eq!(en.duration(7200.0), "2.0 h");
    assert_eq!(en.duration(86_400.0 * 12.0), "12 days");
    assert_eq!(en.count_records(1), "1 record");
    assert_eq!(bg.count_customers(0), "0 клиенти");
}

#[test]
fn dates_and_periods_follow_the_language() {
    let week = Period::containing(PeriodUnit::Week, date(2026, 8, 5));
    let across = Period::containing(PeriodUnit::Week, date(2026, 8, 1));
    let month = Period::containing(PeriodUnit::Month, date(2026, 8, 5));
    let words = Words::of;
    assert_eq!(words(Language::EN).days(week), "3–9 August 2026");
    assert_eq!(
        words(Language::EN).days(across),
        "27 July 2026 – 2 August 2026"
    );
    assert_eq!(words(Language::ZH).days(week), "2026年8月3日至9日");
    assert_eq!(words(Language::BG).days(week), "3–9 август 2026 г.");
    assert_eq!(words(Language::EN).period(week), "Week 32, 2026");
    assert_eq!(words(Language::IT).period(month), "Agosto 2026");
    assert_eq!(words(Language::ZH).period(month), "2026年8月");
    assert_eq!(
        words(Language::EN).baseline(PeriodUnit::Week, 8),
        "8-week average"
    );
    assert_eq!(
        words(Language::IT).baseline(PeriodUnit::Month, 1),
        "il mese prima"
    );
}
