use jiff::civil::{Date, date};
use voc_core::{Language, Span};

use super::{PromiseFinder, Voice};

/// A Wednesday.
const WRITTEN: Date = date(2026, 7, 15);

#[track_caller]
fn check(language: Language, sentence: &str, expect: &[(&str, Option<Date>)]) {
    let whole = Span::new(0, sentence.chars().count()).unwrap();
    let finder = PromiseFinder::new().unwrap();
    let found = finder.find(sentence, &[whole], WRITTEN, language, Voice::Company);
    let shown: Vec<_> = found
        .iter()
        .map(|promise| (promise.span.slice(sentence).unwrap(), promise.due))
        .collect();
    assert_eq!(shown, expect);
}

fn july(day: i8) -> Option<Date> {
    Some(date(2026, 7, day))
}

#[test]
fn english() {
    let check = |sentence, expect: &[_]| check(Language::EN, sentence, expect);
    check(
        "I'll ring you by Friday.",
        &[("I'll ring you by Friday.", july(17))],
    );
    check(
        "You will have it within 3 business days",
        &[("You will have it within 3 business days", july(20))],
    );
    check(
        "The kit goes out today, and an engineer will call you on 3 August.",
        &[
            ("The kit goes out today", july(15)),
            (
                "an engineer will call you on 3 August.",
                Some(date(2026, 8, 3)),
            ),
        ],
    );
    check(
        "It will reach you by 28 July at the latest",
        &[("It will reach you by 28 July at the latest", july(28))],
    );
    check(
        "We should have an answer by end of day tomorrow",
        &[("We should have an answer by end of day tomorrow", july(16))],
    );
    check("We'll refund the fee.", &[("We'll refund the fee.", None)]);
    check("Your parcel left on 2 July.", &[]);
    check("You can return it until Friday.", &[]);
}

#[test]
fn italian() {
    let check = |sentence, expect: &[_]| check(Language::IT, sentence, expect);
    check(
        "Le invio il preventivo entro venerdì",
        &[("Le invio il preventivo entro venerdì", july(17))],
    );
    check(
        "Riceverà l'accredito entro 5 giorni lavorativi",
        &[("Riceverà l'accredito entro 5 giorni lavorativi", july(22))],
    );
    check(
        "Il tecnico passerà giovedì 23 luglio tra le 9 e le 12",
        &[("Il tecnico passerà giovedì 23 luglio tra le 9", july(23))],
    );
    check(
        "La richiamo io il 22.",
        &[("La richiamo io il 22.", july(22))],
    );
    check("Se vuole può recedere entro il 30 luglio", &[]);
}

#[test]
fn numbers_that_are_no_days_are_told_apart() {
    let italian = |sentence, expect: &[_]| check(Language::IT, sentence, expect);
    italian(
        "Il rimborso arriva entro 24/48 ore",
        &[("Il rimborso arriva entro 24/48 ore", july(17))],
    );
    italian(
        "La richiamo il 22, poi le scrivo",
        &[("La richiamo il 22", july(22))],
    );
    italian("Il canone resta uguale per 12 mesi", &[]);
    let bulgarian = |sentence, expect: &[_]| check(Language::BG, sentence, expect);
    bulgarian("ще Ви върнем 25.50 лв", &[("ще Ви върнем 25.50 лв", None)]);
    bulgarian(
        "ще го имате на 20.07.",
        &[("ще го имате на 20.07.", july(20))],
    );
    let chinese = |sentence, expect: &[_]| check(Language::ZH, sentence, expect);
    chinese(
        "十二个工作日内退款到账",
        &[("十二个工作日内退款到账", july(31))],
    );
    chinese("我们于7/20前回复您", &[("我们于7/20前回复您", july(20))]);
}

#[test]
fn bulgarian() {
    let check = |sentence, expect: &[_]| check(Language::BG, sentence, expect);
    check(
        "Сумата ще постъпи до 48 часа",
        &[("Сумата ще постъпи до 48 часа", july(17))],
    );
    check(
        "Ще Ви звънна утре до обяд",
        &[("Ще Ви звънна утре до обяд", july(16))],
    );
    check(
        "до края на месеца ще имате отговор",
        &[("до края на месеца ще имате отговор", july(31))],
    );
    check(
        "Ще получите компенсация.",
        &[("Ще получите компенсация.", None)],
    );
}

#[test]
fn chinese() {
    let check = |sentence, expect: &[_]| check(Language::ZH, sentence, expect);
    check(
        "多扣的钱三个工作日内退给您",
        &[("多扣的钱三个工作日内退给您", july(20))],
    );
    check(
        "下周二我带工程师上门",
        &[("下周二我带工程师上门", july(21))],
    );
    check(
        "本周五前给您答复，7月20日发货",
        &[("本周五前给您答复", july(17)), ("7月20日发货", july(20))],
    );
    check(
        "十二个工作日内退款到账",
        &[("十二个工作日内退款到账", july(31))],
    );
    check("我们于7/20前回复您", &[("我们于7/20前回复您", july(20))]);
    check("最晚月底前恢复", &[("最晚月底前恢复", july(31))]);
}

#[test]
fn a_note_names_the_customers_plans_too() {
    let note = "She will decide. We'll refund her.";
    let whole = Span::new(0, note.chars().count()).unwrap();
    let finder = PromiseFinder::new().unwrap();
    let find = |voice| finder.find(note, &[whole], WRITTEN, Language::EN, voice);
    assert!(find(Voice::Note).is_empty());
    assert_eq!(find(Voice::Company).len(), 1);
}

#[test]
fn a_language_without_a_table_yields_nothing() {
    let finder = PromiseFinder::new().unwrap();
    let text = "Wir rufen Sie morgen an.";
    let whole = Span::new(0, text.chars().count()).unwrap();
    let german: Language = "de".parse().unwrap();
    assert!(
        finder
            .find(text, &[whole], WRITTEN, german, Voice::Company)
            .is_empty()
    );
}
