use std::sync::LazyLock;

use super::*;

static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(false, &["@VocShop".to_owned()]).unwrap());

/// Every find in `text`, as `TYPE:words`.
#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let found: Vec<String> = REDACTOR
        .redact(text)
        .found
        .into_iter()
        .map(|(found, _)| format!("{}:{}", found.kind, &text[found.range]))
        .collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn emails() {
    check(
        "scrivete a anna.rossi+shop@posta.example.it, grazie",
        &["EMAIL:anna.rossi+shop@posta.example.it"],
    );
    check("邮箱abc_1@qq.example联系", &["EMAIL:abc_1@qq.example"]);
    check("пишете на иван@поща.бг.", &["EMAIL:иван@поща.бг"]);
    check(
        "name (at) example (dot) com",
        &["EMAIL:name (at) example (dot) com"],
    );
    check("see me @ home, 3@5", &[]);
}

#[test]
fn phones_in_national_and_international_forms() {
    for phone in [
        "+39 347 205 8816",
        "0039 06 1234 5678",
        "347 2058816",
        "3472058816",
        "06 1234 5678",
        "+359 887 431 592",
        "0887 43 15 92",
        "0887431592",
        "02 981 2345",
        "13762045918",
        "137 6204 5918",
        "0571-63920847",
        "+86 137 6204 5918",
        "07812 340967",
        "0161 850 2274",
        "+44 (0)20 7946 0958",
        "312-555-0187",
        "(312) 555-0187",
        "312.555.0187",
        "0151 23456789",
        "030/1234567",
        "612 345 678",
        "06 12 34 56 78",
        "001-312-555-0144",
    ] {
        check(
            &format!("ecco: {phone}, grazie"),
            &[&format!("PHONE:{phone}")],
        );
    }
    check("电话13762045918联系我", &["PHONE:13762045918"]);
    check(
        "手机：１３７６２０４５９１８。",
        &["PHONE:１３７６２０４５９１８"],
    );
    check(
        "ring me at (312)555-0144x0207",
        &["PHONE:(312)555-0144x0207"],
    );
    check("Phone:\n41-73-20-68", &["PHONE:41-73-20-68"]);
    check("тел. 64 12 90", &["PHONE:64 12 90"]);
    check("il 3 marzo 2026 347 205 8816", &["PHONE:347 205 8816"]);
}

#[test]
fn numbers_that_are_no_phones() {
    for text in [
        "il 03/08/2026 alle 10:30",
        "на 03.08.2026 г.",
        "2026年8月3日",
        "2026-08-03 10:15:20",
        "dal 2024 al 2026",
        "2019-2020",
        "09.00-18.00",
        "€ 1.234.567,89",
        "costa 3331234567 euro",
        "1 200 000 лв",
        "12 000 000 元",
        "numero verde 800 123 456",
        "0700 12 345",
        "1-800-555-0187",
        "400-820-1234",
        "volo AZ1234",
        "flight UA 1549",
        "1.2.3",
        "версия 10.0.19045.3086",
        "5000000",
        "0 5 10 15 20 25",
        "#3472058816 ",
        "ISBN 978-3-16-148410-0",
        "1234-5678",
        "00000000000",
        "https://shop.example/p/3472058816",
        "3,1415926535",
        "100 000 000",
        "un portable Zeta 15 7420",
    ] {
        assert_eq!(REDACTOR.redact(text).text, text);
    }
}

#[test]
fn bank_accounts_and_cards() {
    check(
        "IBAN IT60X0542811101000000123456 ok",
        &["IBAN:IT60X0542811101000000123456"],
    );
    check(
        "to GB82 WEST 1234 5698 7654 32. Asked",
        &["IBAN:GB82 WEST 1234 5698 7654 32"],
    );
    check(
        "по сметка BG80BNBG96611020345678 днес",
        &["IBAN:BG80BNBG96611020345678"],
    );
    check(
        "IBAN: BG81BNBG96611020345678",
        &["IBAN:BG81BNBG96611020345678"],
    );
    check("code BG81BNBG96611020345678 x", &[]);
    check("卡号4111111111111111被盗", &["CARD:4111111111111111"]);
    check("carta 4111-1111-1111-1111", &["CARD:4111-1111-1111-1111"]);
    check("my card 4111 1111 1111 1112", &["CARD:4111 1111 1111 1112"]);
    check("codice 4111 1111 1111 1112", &[]);
    check("my card 718293645005", &["CARD:718293645005"]);
    check("the company's 718293645005", &[]);
}

#[test]
fn national_identity_numbers() {
    check("CF RSSMRA85T10A562S", &["NATIONAL_ID:RSSMRA85T10A562S"]);
    check("rssmra85t10a562s", &["NATIONAL_ID:rssmra85t10a562s"]);
    check("аз съм 7523169263.", &["NATIONAL_ID:7523169263"]);
    check("ЕГН: 7523169264", &["NATIONAL_ID:7523169264"]);
    check(
        "身份证11010519491231002X丢了",
        &["NATIONAL_ID:11010519491231002X"],
    );
    check("护照号码 G48205713", &["NATIONAL_ID:G48205713"]);
    check("NI AB 12 34 56 C", &["NATIONAL_ID:AB 12 34 56 C"]);
    check(
        "DNI 12345678Z, NIE X1234567L",
        &["NATIONAL_ID:12345678Z", "NATIONAL_ID:X1234567L"],
    );
    check("SSN is 123-45-6789", &["NATIONAL_ID:123-45-6789"]);
    check("7523169264 RSSMRA85T10A562A 12345678A", &[]);
}

#[test]
fn network_addresses_but_not_versions() {
    check(
        "login from 192.0.2.77 and 2001:db8::ff00:42:8329",
        &["IP:192.0.2.77", "IP:2001:db8::ff00:42:8329"],
    );
    check("IP地址 10.0.0.1。", &["IP:10.0.0.1"]);
    check(
        "versione 10.0.190.45, v4.44.4.1, 1.2.3.4, 300.1.1.1, 1.2.3.44.5",
        &[],
    );
    check("alle 12:30:45 std::vec a::b", &[]);
}

#[test]
fn links_that_carry_secrets() {
    for link in [
        "https://shop.example/reset?token=abc",
        "https://a.example/x?uid=55Tm8WxB36",
        "https://a.example/go?tk=4k8dX52vRn",
        "https://a.example/password-reset/Zk81xQp30b",
        "https://u:pw@a.example/",
        "www.a.example/p?x=1&session_id=9",
        "https://a.example/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74",
        "https://a.example/s/550e8400-e29b-41d4-a716-446655440000",
    ] {
        check(&format!("ecco {link}. ok"), &[&format!("URL_TOKEN:{link}")]);
    }
    for link in [
        "https://shop.example/p/12345678901234567890",
        "https://news.example/a-very-long-title-of-an-article-2026",
        "https://v.example/watch?v=dQw4w9WgXcQ",
        "https://shop.example/item?id=61234567890&utm_source=mail",
        "http://t.example/Ab3dE9xYz1",
        "https://shop.example/login",
        "https://shop.example/auth/settings",
    ] {
        check(link, &[]);
    }
}

#[test]
fn handles_of_private_people() {
    check(
        "@rosi_ilcheva74 кажи на @kolyo.petrov_sf.",
        &["USERNAME:@rosi_ilcheva74", "USERNAME:@kolyo.petrov_sf"],
    );
    check("@小明同学 你好", &["USERNAME:@小明同学"]);
    check("grazie @vocshop, ci vediamo @5pm @ casa @example.com", &[]);
    check(
        "加V：bei-fang88。登录名 是 lulu_feng，",
        &["USERNAME:bei-fang88", "USERNAME:lulu_feng"],
    );
    check("登录名 lulu_feng。", &["USERNAME:lulu_feng"]);
    check(
        "@abc12你好 @这个家伙把自己要说的话都写在一起了没有空格",
        &["USERNAME:@abc12"],
    );
    check("login: e-mail", &[]);
}

#[test]
fn handles_of_companies_are_not_private() {
    for handle in [
        "@MareChiaroShop",
        "@acme_support",
        "@acme_uk",
        "@NordRail",
        "@acmecares",
        "@Telex",
        "@晨光银行",
        "@AcmeUKHelp",
    ] {
        check(handle, &[]);
    }
    for handle in [
        "@MariaIvanova",
        "@gosho",
        "@Luca_b",
        "@annaUK91",
        "@AcmeFan77",
    ] {
        check(handle, &[&format!("USERNAME:{handle}")]);
    }
}

#[test]
fn dates_of_birth_but_not_other_dates() {
    check(
        "роден на 17.09.1978, купих на 05.06.2026",
        &["DATE_OF_BIRTH:17.09.1978"],
    );
    check(
        "nata a Roma il 23 ottobre 1969",
        &["DATE_OF_BIRTH:23 ottobre 1969"],
    );
    check(
        "DOB 23 Oct 1969; born on May 3rd, 1970",
        &["DATE_OF_BIRTH:23 Oct 1969", "DATE_OF_BIRTH:May 3rd, 1970"],
    );
    check("出生日期：1992年6月5日", &["DATE_OF_BIRTH:1992年6月5日"]);
    check("1992年6月5日出生", &["DATE_OF_BIRTH:1992年6月5日"]);
    check("geboren am 5. Mai 1990", &["DATE_OF_BIRTH:5. Mai 1990"]);
    check("né le 5 mai 1990", &["DATE_OF_BIRTH:5 mai 1990"]);
    check(
        "nacida el 5 de mayo de 1990",
        &["DATE_OF_BIRTH:5 de mayo de 1990"],
    );
    check("arrivato il 23 ottobre 2026", &[]);
}

#[test]
fn plates() {
    check("targa GK482LM", &["PLATE:GK482LM"]);
    check("La macchina, una GK482LM, resta ferma", &["PLATE:GK482LM"]);
    check("фургон с рег. № ВТ 3095 АН", &["PLATE:ВТ 3095 АН"]);
    check("车牌 苏B·4T8W3", &["PLATE:苏B·4T8W3"]);
    check("我的鲁C58261被刮", &["PLATE:鲁C58261"]);
    check("modello AB123CD", &[]);
}

#[test]
fn references_are_told_from_amounts_dates_and_counts() {
    check("Sinistro 2031-204-66183", &["ORDER_ID:2031-204-66183"]);
    check("поръчка № 8830562, моля", &["ORDER_ID:8830562"]);
    check("жалба № 35-9026 чака", &["ORDER_ID:35-9026"]);
    check("договор 07-352-8816043, моля", &["ORDER_ID:07-352-8816043"]);
    check(
        "订单编号 QX20310507-158236，",
        &["ORDER_ID:QX20310507-158236"],
    );
    check("билет KV 5093 6617", &["ORDER_ID:KV 5093 6617"]);
    check("order 716-3052-9948 is lost", &["ORDER_ID:716-3052-9948"]);
    check("ordine 3472058816", &["ORDER_ID:3472058816"]);
    check("pnr 4105527386", &["ORDER_ID:4105527386"]);
    check("contratto dal 2017, polizza fino 2021, #15000 grazie", &[]);
    check("parcel AB-123456", &["ORDER_ID:AB-123456"]);
    check(
        "ordine 2026, order 2 pizzas, поръчка 1200 лв, ticket 10/12/2026, order 1500 €, RTX-3080, COVID-19",
        &[],
    );
}

#[test]
fn of_overlapping_finds_the_surer_and_then_the_longer_wins() {
    let found = |kind, range, evidence| Found {
        kind,
        range,
        evidence,
    };
    let phone = found(PiiType::Phone, 0..10, Evidence::Form);
    let id = found(PiiType::NationalId, 0..10, Evidence::Check);
    let name = found(PiiType::Person, 12..16, Evidence::Form);
    let longer = found(PiiType::Person, 12..20, Evidence::Form);
    let kept = resolved(vec![phone, name, id.clone(), longer.clone()]);
    assert_eq!(kept, [id, longer]);
}

#[test]
fn a_find_that_hides_behind_another_is_found_as_well() {
    assert_eq!(
        REDACTOR.redact("anna@posta.example13762045918").text,
        "[EMAIL][PHONE]"
    );
}

#[test]
fn a_reference_whose_cue_was_part_of_a_find_is_judged_again() {
    assert_eq!(
        REDACTOR.redact("@rosi_74поръчка 7523169263").text,
        "[USERNAME] [NATIONAL_ID]"
    );
}
