use serde_json::json;

use super::*;
use voc_core::SourceId;

use crate::read_canonical;

fn full() -> Value {
    json!({
        "id": "r1", "source": "elsewhere", "channel": "chat",
        "created_at": "2026-08-01T08:00:00Z", "updated_at": "2026-08-02T08:00:00Z",
        "title": "Teiera", "messages": [
            {"at": "2026-08-02T08:00:00Z", "by": "agent", "author": "Ivo", "text": "Здравейте"},
            {"at": "2026-08-01T08:00:00Z", "by": "customer", "text": "水壶漏水"},
        ],
        "lang": "zh", "author": "@ada",
        "customer": {"id": "c1", "role": "prospect", "tier": "gold", "segment": "s", "locale": "it-IT"},
        "product": "kettle", "ratings": {"nps": 7.0, "csat": 3.0, "ces": 2.0, "stars": 4.5},
        "ticket": {"status": "open", "opened_at": "2026-08-01T08:00:00Z",
            "first_response_at": "2026-08-01T09:00:00Z", "resolved_at": "2026-08-03T08:00:00Z",
            "priority": "high", "queue": "q", "tags": ["a", "b"]},
        "outcome": {"type": "returned", "at": "2026-08-05T08:00:00Z"},
        "consent": true, "url": "https://shop.example/r1", "meta": {"branch": 3},
    })
}

fn standard_input() -> SourceId {
    SourceId::new("stdin").unwrap()
}

fn read(lines: &str) -> Vec<Value> {
    let mut read = Vec::new();
    read_canonical(lines.as_bytes(), &standard_input(), &mut |item| {
        read.push(line(item));
        ControlFlow::Continue(())
    })
    .unwrap();
    read
}

#[test]
fn a_canonical_line_comes_back_as_it_was() {
    assert_eq!(read(&full().to_string()), [full()]);
    let text = json!({"id": "1", "source": "s", "channel": "other", "created_at": "2026-08-01T08:00:00Z", "text": " ok "});
    assert_eq!(read(&text.to_string()), [text]);
}

#[test]
fn the_source_is_that_of_the_configuration() {
    let mut expect = full();
    expect["source"] = json!("shop");
    assert_eq!(
        Exports::new("a.jsonl", full().to_string(), "").lines(),
        [expect]
    );
}

#[test]
fn unknown_members_go_to_meta_and_an_annotation_is_dropped() {
    let given = json!({
        "id": 1, "source": "s", "channel": "review", "created_at": "2026-08-01T08:00:00Z", "text": "ok",
        "lang": {"code": "it", "confidence": 0.9}, "kinds": [], "sentiment": {"label": "neutral", "score": 0},
        "mentions": [], "model": "m", "shop": "Roma", "meta": {"till": 2},
    });
    let line = &read(&given.to_string())[0];
    assert_eq!(line["lang"], "it");
    assert_eq!(line["meta"], json!({"till": 2, "shop": "Roma"}));
}

#[test]
fn constants_stand_in_for_what_the_lines_say() {
    let toml = "[constants]\nchannel = \"survey\"\nmeta.wave = 2\n\"customer.tier\" = \"gold\"";
    let line = &Exports::new("a.jsonl", full().to_string(), toml).lines()[0];
    assert_eq!(line["channel"], "survey");
    assert_eq!(line["meta"], json!({"wave": 2, "branch": 3}));
    assert_eq!(line["customer"]["tier"], "gold");
    assert_eq!(line["customer"]["id"], "c1");
}

#[test]
fn a_table_may_be_canonical_with_dots_in_its_header() {
    let content = "id,channel,created_at,text,customer.id,ratings.nps,ticket.tags,note\n\
                   1,survey,2026-08-01T00:00:00Z,ok,c1,9,\"a, b\",x\n";
    let line = &Exports::new("a.csv", content, "").lines()[0];
    assert_eq!(line["customer"]["id"], "c1");
    assert_eq!(line["ratings"]["nps"], 9.0);
    assert_eq!(line["ticket"]["tags"], json!(["a", "b"]));
    assert_eq!(line["meta"], json!({"note": "x"}));
}

#[test]
fn a_canonical_line_without_a_source_gets_the_default_one() {
    let mut line = full();
    line["source"] = Value::Null;
    assert_eq!(read(&line.to_string())[0]["source"], "stdin");
}

#[test]
fn reading_stops_when_the_sink_has_enough() {
    let mut count = 0;
    let lines = format!("{}\n{}\n{}\n", full(), full(), full());
    read_canonical(lines.as_bytes(), &standard_input(), &mut |_| {
        count += 1;
        if count == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap();
    assert_eq!(count, 2);
}

#[test]
fn a_reader_that_fails_is_an_error() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the pipe burst"))
        }
    }
    let reader = std::io::BufReader::new(Failing);
    let error = read_canonical(
        reader,
        &standard_input(),
        &mut |_| ControlFlow::Continue(()),
    )
    .unwrap_err();
    assert!(matches!(error, IngestError::Io { .. }));
    assert!(error.to_string().contains("the pipe burst"), "{error}");
}
