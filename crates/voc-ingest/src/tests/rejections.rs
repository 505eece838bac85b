use serde_json::json;

use super::*;
use crate::Rejection;

/// Reads `object`, in the middle of good ones, and expects the reason to begin with `expect`.
#[track_caller]
fn check(object: &str, toml: &str, expect: &str) {
    let good = r#"{"id":1,"channel":"chat","created_at":"2026-08-01T00:00:00Z","text":"ok"}"#;
    let lines = Exports::new("a.jsonl", format!("{good}\n{object}\n{good}\n"), toml).lines();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].is_object() && lines[2].is_object(),
        "reading goes on: {lines:?}"
    );
    let reason = lines[1]
        .as_str()
        .unwrap_or_else(|| panic!("accepted: {}", lines[1]));
    assert!(reason.starts_with(expect), "{reason}");
}

/// The good object with one member replaced; null takes it away.
fn with(name: &str, value: Value) -> String {
    let mut object =
        json!({"id": 2, "channel": "chat", "created_at": "2026-08-01T00:00:00Z", "text": "SECRET"});
    object[name] = value;
    object.to_string()
}

#[test]
fn every_fault_of_a_record_has_its_reason() {
    check(
        "{\"id\":2,",
        "",
        "not valid JSON: EOF while parsing a value",
    );
    check("[1]", "", "not a JSON object");
    check("\"SECRET\"", "", "not a JSON object");
    check(r#"{"text":"\ud83d"}"#, "", "not valid JSON: ");
    check(&with("id", json!(null)), "", "no id");
    check(&with("id", json!(" ")), "", "no id");
    check(
        &with("id", json!("a\u{7}b")),
        "",
        "id: holds a control character",
    );
    check(
        &with("id", json!(1.5)),
        "",
        "id: wrong type: expected text or a whole number, found a number",
    );
    check(&with("text", json!(null)), "", "no text");
    check(&with("text", json!(" \n")), "", "no text");
    check(
        &with("text", json!(["SECRET"])),
        "",
        "text: wrong type: expected text, found a list",
    );
    check(&with("channel", json!(null)), "", "no channel");
    check(
        &with("channel", json!("SECRET")),
        "",
        "channel: unknown channel; expected one of: ticket, ",
    );
    check(
        &with("channel", json!({"a": 1})),
        "",
        "channel: wrong type: expected text, found an object",
    );
    check(&with("created_at", json!(null)), "", "no created_at");
    check(
        &with("created_at", json!("SECRET")),
        "",
        "created_at: not a date that can be read",
    );
    check(
        &with("created_at", json!("2026-02-30")),
        "",
        "created_at: no such date",
    );
    check(
        &with("created_at", json!("01/02/2026")),
        "",
        "created_at: day and month can be read either way",
    );
    check(
        &with("created_at", json!("1926-01-01")),
        "",
        "created_at: impossible date",
    );
    check(
        &with("updated_at", json!(true)),
        "",
        "updated_at: wrong type: expected a date, found a truth value",
    );
    check(
        &with("lang", json!("SECRET")),
        "",
        "lang: not a language code",
    );
    check(&with("lang", json!({"code": []})), "", "lang: wrong type");
    check(
        &with("consent", json!("SECRET")),
        "",
        "consent: neither true nor false",
    );
    check(
        &with("consent", json!([1])),
        "",
        "consent: wrong type: expected true or false, found a list",
    );
    check(
        &with("ratings", json!({"nps": "3,5"})),
        "",
        "ratings.nps: not a number; set `decimal_comma`",
    );
    check(
        &with("ratings", json!({"nps": "NaN"})),
        "",
        "ratings.nps: not a number",
    );
    check(
        &with("ratings", json!({"nps": [3]})),
        "",
        "ratings.nps: wrong type: expected a number, found a list",
    );
    check(
        &with("ratings", json!({"csat": 11})),
        "",
        "ratings.csat is 11; the scale runs from 1 to 5",
    );
    check(
        &with("ticket", json!({"tags": 3})),
        "",
        "ticket.tags: wrong type: expected a list of texts, found a number",
    );
    check(
        &with("ticket", json!({"tags": [[]]})),
        "",
        "ticket.tags: wrong type",
    );
    check(
        &with("customer", json!({"role": "SECRET"})),
        "",
        "customer.role: unknown role",
    );
    check(
        &with("outcome", json!({"type": "SECRET", "at": "2026-08-01"})),
        "",
        "outcome.type: unknown outcome",
    );
    check(
        &with("outcome", json!({"type": "left"})),
        "",
        "outcome: needs both `type` and `at`",
    );
    check(
        &with("meta", json!("SECRET")),
        "",
        "meta: wrong type: expected an object",
    );
    check(
        &with("messages", json!("SECRET")),
        "",
        "messages: wrong type: expected a list of messages",
    );
    check(
        &with("messages", json!(["SECRET"])),
        "",
        "messages[0].by: missing",
    );
    check(
        &with("messages", json!([{"by": "SECRET"}])),
        "",
        "messages[0].by: unknown speaker",
    );
    check(
        &with("messages", json!([{"by": "agent", "at": "x"}])),
        "",
        "messages[0].at: not a date",
    );
    check(
        &with("messages", json!([{"by": "agent"}])),
        "",
        "the record has both `text` and `messages`",
    );
}

#[test]
fn a_thread_without_words_has_no_text() {
    let toml = "[constants]\nchannel = \"chat\"\n[fields]\nid = \"id\"\ncreated_at = \"at\"\nmessages = \"m\"";
    for (messages, reason) in [
        (json!([]), "no text"),
        (
            json!([{"by": "agent", "text": " "}]),
            "no message has any text",
        ),
    ] {
        let object = json!({"id": 1, "at": "2026-08-01", "m": messages}).to_string();
        assert_eq!(
            Exports::new("a.json", object, toml).lines(),
            [json!(reason)]
        );
    }
}

#[test]
fn a_canonical_line_with_an_unusable_source_is_rejected() {
    let mut reasons = Vec::new();
    let lines = format!(
        "{}\n{}\n",
        with("source", json!(7)),
        with("source", json!("a\nb"))
    );
    let default = voc_core::SourceId::new("stdin").unwrap();
    crate::read_canonical(lines.as_bytes(), &default, &mut |item| {
        reasons.push(line(item));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(reasons, vec![json!("source: not usable as an id"); 2]);
}

#[test]
fn columns_to_hash_that_are_all_empty_make_no_id() {
    check(
        r#"{"channel":"chat","text":"a"}"#,
        "id_from = [\"who\"]",
        "no id: the columns of `id_from` are empty",
    );
}

#[test]
fn an_over_long_line_is_passed_over_and_its_beginning_kept() {
    let toml = format!("max_record_bytes = 100000\n{SIMPLE}");
    let long = "x".repeat(300_000);
    let content = format!(
        "{{\"id\":1,\"text\":\"a\"}}\n{{\"id\":2,\"text\":\"{long}\"}}\n{{\"id\":3,\"text\":\"b\"}}"
    );
    let items = Exports::new("a.jsonl", content, &toml).items();
    let rejection = items[1].outcome.as_ref().unwrap_err();
    assert_eq!(
        rejection.reason,
        "over the size limit of 100000 bytes (`max_record_bytes`)"
    );
    assert_eq!(rejection.raw.len(), 64 * 1024);
    assert!(rejection.raw.starts_with(b"{\"id\":2,"));
    assert_eq!(items[1].position, "line 2");
    assert!(items[2].outcome.is_ok());
}

#[test]
fn over_long_elements_and_rows_are_passed_over() {
    let toml = format!("max_record_bytes = 1000\n{SIMPLE}");
    let long = "x".repeat(200_000);
    let reason = "\"over the size limit of 1000 bytes (`max_record_bytes`)\"";
    let json =
        format!(r#"[{{"id":1,"text":"a"}},{{"id":2,"text":"{long}"}},{{"id":3,"text":"b"}}]"#);
    assert_eq!(
        Exports::new("a.json", json, &toml).texts(),
        ["a", reason, "b"]
    );
    let csv = format!("id,text\n1,a\n2,{long}\n3,b\n4,\"{long}\"\n5,c\n");
    assert_eq!(
        Exports::new("a.csv", csv, &toml).texts(),
        ["a", reason, "b", reason, "c"]
    );
}

#[test]
fn rows_with_a_wrong_number_of_columns_are_rejected() {
    let texts = Exports::new("a.csv", "id,text\n1,a,b\n2\n3,c\n", SIMPLE).texts();
    let columns = |found: usize| format!("\"the row has {found} columns, the header 2\"");
    assert_eq!(texts, [columns(3), columns(1), "c".to_owned()]);
}

#[test]
fn a_quote_left_open_costs_its_line_and_not_the_file() {
    let toml = format!("max_record_bytes = 2000\n{SIMPLE}");
    let reason = "\"a quote is opened and not closed; the next line was read as a new row\"";
    let rows: String = (0..1000).map(|row| format!("{row},buono\n")).collect();
    // Near the end of the file, and far from it.
    let texts = Exports::new("a.csv", "id,text\n1,a\n2,\"open\n3,b\n4,c\n", &toml).texts();
    assert_eq!(texts, ["a", reason, "b", "c"]);
    let texts = Exports::new(
        "a.csv",
        format!("id,text\n1,\"open\n{rows}2,\"closed\"\n"),
        &toml,
    )
    .texts();
    assert_eq!(texts.len(), 1002);
    assert_eq!(texts[0], reason);
    assert!(texts[1..=1000].iter().all(|text| text == "buono"));
    assert_eq!(texts[1001], "closed");
}

#[test]
fn a_bad_element_of_a_document_does_not_cost_the_others() {
    let json = r#"[{"id":1,"text":"a"}, 7, {"id":2,"text":"\ud83d"}, {"id":3,"text":NaN}, null, {"id":4,"text":"b"}]"#;
    let exports = Exports::new("a.json", json, SIMPLE);
    let outcomes: Vec<_> = exports
        .items()
        .iter()
        .map(|item| item.outcome.is_ok())
        .collect();
    assert_eq!(outcomes, [true, false, false, false, false, true]);
    assert_eq!(exports.texts()[1], "\"not a JSON object\"");
    assert_eq!(exports.items()[3].position, "[3]");
}

#[test]
fn a_document_that_breaks_in_the_middle_rejects_the_element_and_names_the_place() {
    let check = |broken: &str, line: u64, reason: &str| {
        let json = format!("{{\"t\": [\n{{\"id\":1,\"text\":\"a\"}},\n{broken}");
        let exports = Exports::new("a.json", json, &format!("records = \"t\"\n{SIMPLE}"));
        let (items, end) = exports.read_from(0);
        assert!(items[0].outcome.is_ok());
        let Err(IngestError::BrokenDocument {
            file,
            line: found,
            reason: why,
            ..
        }) = end
        else {
            panic!("{broken}: {end:?}");
        };
        assert_eq!((file.as_str(), found), ("a.json", line), "{broken}");
        assert_eq!(why, reason, "{broken}");
        items
            .into_iter()
            .skip(1)
            .map(|item| item.outcome.unwrap_err())
            .collect::<Vec<Rejection>>()
    };
    let cut = check(
        "{\"id\":2,\n\"text\":\"b",
        4,
        "the document ends within a text",
    );
    assert_eq!(
        cut[0].reason,
        "not valid JSON: the document ends within a text"
    );
    assert_eq!(cut[0].raw, b"{\"id\":2,\n\"text\":\"b");
    assert_eq!(
        check("{\"id\":2", 3, "the document ends within an element").len(),
        1
    );
    assert_eq!(
        check("{\"id\":2]", 3, "a bracket is closed that was not opened").len(),
        1
    );
    assert_eq!(check("]", 3, "a value is missing").len(), 1);
    assert_eq!(
        check("", 3, "the document ends where a value is expected").len(),
        1
    );
    assert_eq!(
        check(
            &"[".repeat(300),
            3,
            "brackets are nested more than 256 deep"
        )
        .len(),
        1
    );
    assert!(check("7 ", 3, "the document ends within the list").len() == 1);
    assert_eq!(
        check("7 8]", 3, "a comma or the end of the list is missing").len(),
        1
    );
}

#[test]
fn a_document_without_the_list_is_an_error() {
    let check = |json: &str, expect: &str| {
        let exports = Exports::new(
            "a.json",
            json,
            &format!("records = \"data.items\"\n{SIMPLE}"),
        );
        let (items, end) = exports.read_from(0);
        assert!(items.is_empty());
        let error = end.unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(
        r#"{"data":{"rows":[]}}"#,
        "there is nothing at `data.items`; name the place of the records with the key `records`",
    );
    check(r#"[1]"#, "there is nothing at `data.items`");
    check(
        r#"{"data":{"items":3}}"#,
        "there is neither a list nor an object",
    );
    check("", "there is nothing at `data.items`");
    check(
        "{\"data\"",
        "line 1, byte 7 of its text: a colon is missing after the name of a member",
    );
    check("{data:1}", "the name of a member is missing");
    check("{\"data\":{", "the document ends within an object");
}

#[test]
fn a_table_whose_header_does_not_fit_is_an_error() {
    let check = |content: &str, toml: &str, expect: &str| {
        let (items, end) = Exports::new("a.csv", content, &format!("{toml}{SIMPLE}")).read_from(0);
        assert!(items.is_empty());
        let error = end.unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(
        "id;text\n1;a\n",
        "",
        "a.csv: the header has no column `id`, from which `id` is read; 1 columns were found with the delimiter ','",
    );
    check(
        "id,body\n1,a\n",
        "",
        "no column `text`, from which `text` is read",
    );
    check(
        "id,text\n1,a\n",
        "id_from = [\"who\"]\n",
        "no column `who`, from which `id_from` is read",
    );
    check("", "", "there is no header row");
}

proptest::proptest! {
    #[test]
    fn no_reason_repeats_what_a_record_says(
        names in proptest::collection::vec(proptest::sample::select(crate::field::FIELDS.map(|(name, _)| name).to_vec()), 1..4),
        shape in 0..5_usize,
    ) {
        let canary = "Ada Lovelace";
        let value = match shape {
            0 => json!(canary),
            1 => json!([canary]),
            2 => json!({ canary: canary }),
            3 => json!([{"by": canary, "text": canary, "at": canary}]),
            _ => json!({"code": canary}),
        };
        let mut row = json!({"id": canary, "channel": "chat", "created_at": "2026-08-01T00:00:00Z", "text": canary});
        for name in names {
            row[name] = value.clone();
            if let Some(group) = name.split_once('.').map(|(group, _)| group) {
                row[group] = if shape < 4 { json!({ name[group.len() + 1..]: value.clone() }) } else { value.clone() };
            }
        }
        let line = Exports::new("a.jsonl", row.to_string(), "").lines().remove(0);
        if let Value::String(reason) = line {
            proptest::prop_assert!(!reason.contains("Ada") && !reason.contains("Lovelace"), "{}", reason);
        }
    }
}
