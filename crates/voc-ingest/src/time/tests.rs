use super::*;

fn calendar(zone: &str, day_first: Option<bool>) -> Calendar {
    Calendar {
        zone: TimeZone::get(zone).unwrap(),
        day_first,
    }
}

#[track_caller]
fn check(text: &str, expect: &str) {
    let time = calendar("UTC", Some(true)).time(text, &[]);
    assert_eq!(time, Ok(expect.parse().unwrap()), "{text}");
}

#[track_caller]
fn refused(text: &str, day_first: Option<bool>, expect: &str) {
    assert_eq!(
        calendar("UTC", day_first).time(text, &[]),
        Err(expect),
        "{text}"
    );
}

#[test]
fn common_forms_need_no_format() {
    for text in [
        "2026-08-27T05:05:45Z",
        "2026-08-27T07:05:45+02:00",
        "2026-08-27 07:05:45 +0200",
        "2026-08-27 07:05:45 +02:00",
        "2026-08-27 05:05:45 UTC",
        "2026-08-27T05:05:45",
        "2026/08/27 05:05:45",
        "2026.8.27 5:05:45",
        "27.08.2026 05:05:45",
        "27.8.2026 г. 05:05:45 ч.",
        "27/08/2026, 05:05:45",
        "27-08-2026 5:05:45 AM",
        "2026年8月27日 05:05:45",
        "2026年8月27日05时05分45秒",
        "Thu, 27 Aug 2026 05:05:45 +0000",
        "20260827050545",
        "1787807145",
        "1787807145000",
        "1787807145000000",
    ] {
        check(text, "2026-08-27T05:05:45Z");
    }
    check(" 27.08.2026 05:05 ", "2026-08-27T05:05:00Z");
    check("2026-08-27 05:05:45.250", "2026-08-27T05:05:45.25Z");
    check("27/08/2026 11:05 PM", "2026-08-27T23:05:00Z");
}

#[test]
fn a_date_alone_is_its_noon() {
    for text in [
        "2026-08-27",
        "27.08.2026",
        "27.08.2026 г.",
        "2026年8月27日",
        "20260827",
    ] {
        check(text, "2026-08-27T12:00:00Z");
    }
    let formats = ["%d %b %Y".to_owned()];
    let time = calendar("Europe/Rome", None).time("27 Aug 2026", &formats);
    assert_eq!(time, Ok("2026-08-27T10:00:00Z".parse().unwrap()));
}

#[test]
fn day_and_month_are_told_apart_by_configuration_and_never_guessed() {
    let by = |day_first| calendar("UTC", day_first).time("12/09/2026 00:00", &[]);
    assert_eq!(by(Some(true)), Ok("2026-09-12T00:00:00Z".parse().unwrap()));
    assert_eq!(by(Some(false)), Ok("2026-12-09T00:00:00Z".parse().unwrap()));
    assert_eq!(by(None), Err(EITHER_WAY));
    // Dots are written where the day comes first.
    let dotted = calendar("UTC", None).time("12.09.2026 00:00", &[]);
    assert_eq!(dotted, Ok("2026-09-12T00:00:00Z".parse().unwrap()));
    refused("27/08/2026", Some(false), NO_SUCH);
    refused("27/08/2026", None, EITHER_WAY);
}

#[test]
fn what_is_no_time_is_refused_with_the_reason() {
    refused("31.09.2026", None, NO_SUCH);
    refused("2026-02-30", None, NO_SUCH);
    refused("2026-08-27 25:61", None, UNREADABLE);
    refused("2026-08-27 05:05 +9999", None, UNREADABLE);
    for text in [
        "yesterday",
        "ieri",
        "вчера",
        "昨天",
        "",
        "12",
        "2026",
        "99999999999",
        "-",
    ] {
        assert!(
            calendar("UTC", Some(true)).time(text, &[]).is_err(),
            "{text}"
        );
    }
    refused("1970-01-01T00:00:00Z", None, IMPLAUSIBLE);
    refused("2126-08-27", None, IMPLAUSIBLE);
    refused("27.08.26", None, IMPLAUSIBLE);
}

#[test]
fn formats_are_tried_in_turn_and_nothing_else() {
    let formats = [
        "%d.%m.%Y %H:%M".to_owned(),
        "%m/%d/%y".to_owned(),
        "%s".to_owned(),
    ];
    let by = |text| calendar("UTC", None).time(text, &formats);
    assert_eq!(
        by("27.08.2026 05:05"),
        Ok("2026-08-27T05:05:00Z".parse().unwrap())
    );
    assert_eq!(by("08/27/26"), Ok("2026-08-27T12:00:00Z".parse().unwrap()));
    assert_eq!(
        by("1787807145"),
        Ok("2026-08-27T05:05:45Z".parse().unwrap())
    );
    assert_eq!(by("2026-08-27T05:05:45Z"), Err(OTHER_FORMAT));
}

#[test]
fn a_naive_time_is_of_the_source_and_the_change_of_clocks_is_settled() {
    let rome = |text| {
        calendar("Europe/Rome", None)
            .time(text, &[])
            .unwrap()
            .to_string()
    };
    assert_eq!(rome("2026-01-10 12:00"), "2026-01-10T11:00:00Z");
    assert_eq!(rome("2026-07-10 12:00"), "2026-07-10T10:00:00Z");
    // 29 March 2026, 2:30 does not exist: an hour later. 25 October, 2:30 comes twice: the first.
    assert_eq!(rome("2026-03-29 02:30"), "2026-03-29T01:30:00Z");
    assert_eq!(rome("2026-10-25 02:30"), "2026-10-25T00:30:00Z");
    // A time that says its own zone is not touched.
    assert_eq!(rome("2026-10-25T02:30:00+01:00"), "2026-10-25T01:30:00Z");
}

#[test]
fn epoch_numbers_with_a_fraction_are_seconds_or_milliseconds() {
    let expect = "2026-08-27T05:05:45.5Z".parse::<Timestamp>().unwrap();
    assert_eq!(Calendar::epoch(1_787_807_145.5), Ok(expect));
    assert_eq!(Calendar::epoch(1_787_807_145_500.0), Ok(expect));
    assert!(Calendar::epoch(f64::NAN).is_err());
    assert!(Calendar::epoch(1e300).is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,24}", day_first in proptest::option::of(proptest::bool::ANY)) {
        let read = calendar("Europe/Sofia", day_first).time(&text, &[]);
        proptest::prop_assert!(read.is_err() || read.is_ok_and(|time| time.as_second() > 0));
    }

    #[test]
    fn a_written_time_is_read_back(second in 631_152_000_i64..4_102_444_800) {
        let time = Timestamp::from_second(second).unwrap();
        let naive = time.to_zoned(TimeZone::UTC).datetime();
        for format in ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %I:%M:%S %p", "%Y年%m月%d日 %H:%M:%S"] {
            let text = naive.strftime(format).to_string();
            proptest::prop_assert_eq!(calendar("UTC", Some(true)).time(&text, &[]), Ok(time), "{}", text);
        }
    }
}
