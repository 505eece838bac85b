use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static ALL: LazyLock<LanguageDetector> = LazyLock::new(|| LanguageDetector::new(&[]).unwrap());
static TWO: LazyLock<LanguageDetector> =
    LazyLock::new(|| LanguageDetector::new(&[Language::BG, Language::EN]).unwrap());

fn language(code: &str) -> Language {
    code.parse().unwrap()
}

#[track_caller]
fn check(text: &str, expect: &str) {
    let guess = ALL.detect(text, None);
    assert_eq!(guess.code.as_str(), expect, "{text}: {guess:?}");
}

#[test]
fn first_class_languages_are_told() {
    check("La lampada è spenta da ieri, mandatemi un tecnico", "it");
    check("Пратката още не е дошла и никой не отговаря", "bg");
    check("包裹还没到，也没有人回复", "zh");
    check("The parcel has not arrived and nobody answers", "en");
}

#[test]
fn neighbours_of_bulgarian_are_told_by_their_letters() {
    check("Посылка ещё не пришла, и никто не отвечает", "ru");
    check("Пакетът не дойде", "bg");
    check("Пратката сè уште не е пристигната, ќе чекам", "mk");
    check("Пошиљка још није стигла и нико се не јавља", "sr");
    check("Pošiljka još nije stigla i niko se ne javlja", "sr");
    check("Посилка ще не прийшла, ніхто не відповідає", "uk");
}

#[test]
fn the_script_tells_many_others() {
    for (text, code) in [
        ("注文した商品がまだ届きません", "ja"),
        ("택배가 아직 안 왔어요", "ko"),
        ("Το δέμα δεν ήρθε", "el"),
        ("החבילה לא הגיעה", "he"),
        ("الطرد لم يصل بعد", "ar"),
        ("بسته هنوز نرسیده چرا", "fa"),
        ("พัสดุยังไม่มา", "th"),
        ("ამანათი არ მოსულა", "ka"),
        ("Ծանրոցը չի եկել", "hy"),
        ("पार्सल नहीं आया", "hi"),
    ] {
        check(text, code);
    }
}

#[test]
fn mixed_text_has_the_language_of_most_letters() {
    check("我的iPhone屏幕坏了 please help", "zh");
    check(
        "Приложението YourShop Premium не се отваря на телефона ми",
        "bg",
    );
    check("Nオススメの店です、とても良い", "ja");
}

#[test]
fn what_is_not_language_is_not_read() {
    check("", "und");
    check("12345 !!! 😡", "und");
    check("https://www.example.com/the/very/english/path", "und");
    check("[EMAIL] [PHONE] @somebody #hashtag", "und");
    check("ok", "und");
    check("да", "und");
    check(
        "https://shop.example/order/status @shop_support не работи",
        "bg",
    );
}

#[test]
fn bulgarian_in_latin_letters_is_bulgarian() {
    check(
        "zdraveite, poruchkata mi oshte ne e doshla, kakvo da pravq",
        "bg",
    );
    check("nqma nikakva informaciq, mnogo losho", "bg");
    check(
        "no, I do not see what to do or say, so send me a new one",
        "en",
    );
}

#[test]
fn a_hint_decides_only_weak_cases() {
    let told = |text, hint: &str| ALL.detect(text, Some(language(hint))).code;
    assert_eq!(
        told("The parcel has not arrived and nobody answers", "it"),
        language("en")
    );
    assert_eq!(told("Пратката не дойде", "ru"), language("bg"));
    let share = |code: &str, share| (language(code), share);
    let weak = [share("pt", 0.4), share("es", 0.5), share("en", 0.01)];
    let decided = |hint: Option<&str>| decide(&weak, hint.map(language), true).code;
    assert_eq!(told("да", "mk"), language("mk"));
    assert_eq!(decided(None), language("es"));
    assert_eq!(decided(Some("pt")), language("pt"));
    assert_eq!(decided(Some("en")), language("es"));
}

#[test]
fn only_configured_languages_are_answered() {
    let detector = LanguageDetector::new(&[Language::IT, Language::BG]).unwrap();
    let told = |text| detector.detect(text, None).code;
    assert_eq!(told("Il pacco non arriva"), Language::IT);
    assert_eq!(told("包裹还没到"), Language::UND);
    assert_eq!(told("Посылка ещё не пришла"), Language::BG);
    let bulgarian = LanguageDetector::new(&[Language::BG]).unwrap();
    assert_eq!(
        bulgarian.detect("The parcel is late", None).code,
        Language::UND
    );
}

#[test]
fn a_language_that_cannot_be_told_is_refused() {
    let error = LanguageDetector::new(&[language("xx")]).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("`xx`") && message.contains("bg") && message.contains("zh"),
        "{message}"
    );
}

proptest! {
    #[test]
    fn the_answer_is_always_offered_or_undetermined(text in "\\PC{0,40}") {
        let guess = TWO.detect(&text, None);
        prop_assert!([Language::BG, Language::EN, Language::UND].contains(&guess.code));
    }
}
