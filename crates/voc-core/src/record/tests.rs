use proptest::prelude::*;

use super::*;

const MINIMAL: &str =
    r#"{"id":"1","source":"s","channel":"review","created_at":"2026-08-03T08:00:00Z","text":"ok"}"#;

fn with(field: &str) -> String {
    MINIMAL.replacen('{', &format!("{{{field},"), 1)
}

fn read(json: &str) -> Result<Record, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[track_caller]
fn check_refused(json: &str, reason: &str) {
    let error = read(json).expect_err(json);
    assert!(error.contains(reason), "{json}: {error}");
}

#[test]
fn the_canonical_line_is_read_and_written_field_for_field() {
    let line = concat!(
        r#"{"id":"T-1","source":"desk","channel":"ticket","created_at":"2026-08-03T08:00:00Z","#,
        r#""updated_at":"2026-08-04T08:00:00Z","title":"Rotto","#,
        r#""messages":[{"at":"2026-08-03T08:00:00Z","by":"customer","author":"Anna","text":"È rotto"},"#,
        r#"{"at":"2026-08-03T09:00:00Z","by":"agent","text":"Rimediamo entro venerdì"}],"#,
        r#""lang":"it","author":"Anna","customer":{"id":"C1","role":"prospect","tier":"gold","#,
        r#""segment":"b2b","locale":"it-IT"},"product":"Lamp","#,
        r#""ratings":{"nps":3.0,"csat":2.0,"ces":6.0,"stars":0.5},"#,
        r#""ticket":{"status":"open","opened_at":"2026-08-03T08:00:00Z","priority":"high","queue":"q","tags":["a"]},"#,
        r#""outcome":{"type":"left","at":"2026-08-05T08:00:00Z"},"consent":true,"url":"https://x.example/1","#,
        r#""meta":{"likes":3}}"#
    );
    assert_eq!(serde_json::to_string(&read(line).unwrap()).unwrap(), line);
}

#[test]
fn unknown_fields_go_to_meta() {
    let record = read(&with(r#""likes":3,"meta":{"a":1}"#)).unwrap();
    assert_eq!(
        Value::Object(record.meta),
        serde_json::json!({"a": 1, "likes": 3})
    );
}

#[test]
fn an_analysed_line_is_read_as_the_record_it_was() {
    let line = with(
        r#""lang":{"code":"it","confidence":0.9},"kinds":[],"sentiment":{"label":"neutral","score":0},"model":"m""#,
    );
    let record = read(&line).unwrap();
    assert_eq!(record.lang, Some(Language::IT));
    assert!(record.meta.is_empty());
}

#[test]
fn ids_may_be_numbers() {
    assert_eq!(
        read(&MINIMAL.replace("\"1\"", "17")).unwrap().id.as_str(),
        "17"
    );
}

#[test]
fn records_that_break_a_rule_are_refused_with_the_reason() {
    check_refused(&MINIMAL.replace("\"ok\"", "\" \""), "the text is empty");
    check_refused(
        &MINIMAL.replace("\"text\":\"ok\"", "\"x\":1"),
        "neither `text` nor `messages`",
    );
    check_refused(&with(r#""messages":[]"#), "both `text` and `messages`");
    check_refused(&MINIMAL.replace("\"1\"", "\"\""), "record id");
    check_refused(&MINIMAL.replace("2026-", "1926-"), "outside 1990");
    check_refused(&MINIMAL.replace("2026-08-03", "2026-02-30"), "day");
    check_refused(&MINIMAL.replace("review", "fax"), "fax");
    check_refused(&with(r#""ratings":{"nps":11}"#), "ratings.nps is 11");
    check_refused(&with(r#""lang":"italiano""#), "lang");
}

#[test]
fn messages_of_a_thread_are_parts_with_their_speaker() {
    let record = read(
        r#"{"id":"1","source":"s","channel":"chat","created_at":"2026-08-03T08:00:00Z","title":"Hi","messages":[
        {"at":"2026-08-03T08:00:00Z","by":"customer","text":"a"},{"at":"2026-08-04T08:00:00Z","by":"agent","text":"b"}]}"#,
    )
    .unwrap();
    assert_eq!(
        record.parts(),
        [
            (Part::Title, Speaker::Customer, "Hi"),
            (Part::Message(0), Speaker::Customer, "a"),
            (Part::Message(1), Speaker::Agent, "b")
        ]
    );
    assert_eq!(
        record.written_at(Part::Message(1)).to_string(),
        "2026-08-04T08:00:00Z"
    );
    assert_eq!(record.part(Part::Text), None);
}

fn arbitrary_record() -> impl Strategy<Value = Record> {
    let at = (631_152_000_i64..4_102_444_800)
        .prop_map(|second| Timestamp::from_second(second).expect("in range"));
    let words = "[^\\p{C}]{0,20}[а-яa-z中文👍]";
    let message = (at.clone(), 0..3_u8, words).prop_map(|(at, by, text)| Message {
        at,
        by: [Speaker::Customer, Speaker::Agent, Speaker::System][usize::from(by)],
        author: None,
        text,
    });
    let body = prop_oneof![
        words.prop_map(Body::Text),
        prop::collection::vec(message, 1..4).prop_map(Body::Messages)
    ];
    (
        words,
        0..Channel::ALL.len(),
        at.clone(),
        prop::option::of(at),
        body,
        prop::option::of(words),
        prop::option::of(0.0..=5.0_f32),
    )
        .prop_map(
            |(id, channel, created_at, updated_at, body, title, stars)| Record {
                id: RecordId::new(&id).expect("not blank"),
                source: SourceId::new("s").expect("not blank"),
                channel: Channel::ALL[channel],
                created_at,
                updated_at,
                title,
                body,
                lang: Some(Language::BG),
                author: None,
                customer: Some(Customer {
                    id: Some("c".into()),
                    ..Customer::default()
                }),
                product: None,
                ratings: stars.map(|stars| Ratings {
                    stars: Some(stars),
                    ..Ratings::default()
                }),
                ticket: None,
                outcome: None,
                consent: None,
                url: None,
                meta: Map::new(),
            },
        )
}

proptest! {
    #[test]
    fn any_record_survives_the_round_trip(record in arbitrary_record()) {
        let line = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(read(&line).unwrap(), record);
    }
}
