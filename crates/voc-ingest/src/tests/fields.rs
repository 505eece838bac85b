use serde_json::json;

use super::*;

/// One JSON object read by `toml`, compared in the members that `expect` has.
#[track_caller]
fn check(object: Value, toml: &str, expect: Value) {
    let lines = Exports::new("a.json", object.to_string(), toml).lines();
    for (name, value) in expect.as_object().unwrap() {
        assert_eq!(&lines[0][name], value, "{name} in {}", lines[0]);
    }
}

/// A field map with `more` lines, for objects with `id` and `body`.
fn map(more: &str) -> String {
    format!(
        "[constants]\nchannel = \"review\"\n[fields]\nid = \"id\"\ncreated_at = \"at\"\ntext = \"body\"\n{more}"
    )
}

fn object(more: Value) -> Value {
    let mut object = json!({"id": 7, "at": "2026-08-01T00:00:00Z", "body": "ok"});
    object
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    object
}

#[test]
fn a_field_comes_from_a_column_a_path_or_the_first_of_several() {
    let toml = map("author = \"author.handle\"\nproduct = { from = [\"sku\", \"items[0].name\"] }");
    let given = json!({"author": {"handle": "@ada"}, "sku": "", "items": [{"name": "kettle"}]});
    check(
        object(given),
        &toml,
        json!({"id": "7", "author": "@ada", "product": "kettle"}),
    );
}

#[test]
fn columns_are_joined() {
    let toml =
        map("title = { from = [\"plus\", \"minus\"], join = \"\\n\\n\", default = \"none\" }");
    check(
        object(json!({"plus": "a", "minus": "b"})),
        &toml,
        json!({"title": "a\n\nb"}),
    );
    check(
        object(json!({"plus": " ", "minus": "b"})),
        &toml,
        json!({"title": "b"}),
    );
    check(object(json!({})), &toml, json!({"title": "none"}));
}

#[test]
fn values_are_mapped_and_defaults_stand_in() {
    let toml = map(
        "customer.role = { from = \"kind\", map = { lead = \"prospect\", \"1\" = \"customer\" } }\n\
         lang = { from = \"language\", map = { italiano = \"it\", none = \"\" }, default = \"und\" }\n\
         consent = { from = \"ok\", map = { \"да\" = true, \"не\" = false } }",
    );
    let roles = |kind: Value, role: &str| {
        check(
            object(json!({"kind": kind})),
            &toml,
            json!({"customer": {"role": role}}),
        );
    };
    roles(json!("lead"), "prospect");
    roles(json!(1), "customer");
    roles(json!("Prospect"), "prospect");
    check(
        object(json!({"language": "italiano"})),
        &toml,
        json!({"lang": "it"}),
    );
    check(
        object(json!({"language": "klingon"})),
        &toml,
        json!({"lang": "und"}),
    );
    check(
        object(json!({"language": "none"})),
        &toml,
        json!({"lang": null}),
    );
    check(object(json!({})), &toml, json!({"lang": "und"}));
    check(
        object(json!({"ok": "не"})),
        &toml,
        json!({"consent": false}),
    );
    check(
        object(json!({"ok": "yes"})),
        &toml,
        json!({"consent": true}),
    );
}

#[test]
fn numbers_may_have_a_decimal_comma() {
    let toml = map("\"ratings.stars\" = \"stars\"\nratings.nps = \"nps\"");
    let with_comma = format!("decimal_comma = true\n{toml}");
    let stars = |stars: f64| json!({"ratings": {"stars": stars}});
    check(object(json!({"stars": "3,5"})), &with_comma, stars(3.5));
    check(object(json!({"stars": "3.5"})), &with_comma, stars(3.5));
    check(object(json!({"stars": 3.5})), &with_comma, stars(3.5));
    check(object(json!({"stars": " 4 "})), &toml, stars(4.0));
}

#[test]
fn times_follow_the_zone_and_the_order_of_the_source() {
    let toml = format!("timezone = \"Europe/Sofia\"\nday_first = true\n{}", map(""));
    let times = |at: Value, expect: &str| {
        check(
            object(json!({"at": at})),
            &toml,
            json!({"created_at": expect}),
        );
    };
    times(json!("12/09/2026 23:08"), "2026-09-12T20:08:00Z");
    times(json!("2026-10-25 03:30"), "2026-10-25T00:30:00Z");
    times(json!("2026-03-29 03:30"), "2026-03-29T01:30:00Z");
    times(json!(1_787_807_145), "2026-08-27T05:05:45Z");
    times(json!(1_787_807_145.5), "2026-08-27T05:05:45.5Z");
    let formats = "timezone = \"Asia/Shanghai\"\n[constants]\nchannel = \"review\"\n[fields]\nid = \"id\"\n\
                   text = \"body\"\ncreated_at = { from = \"at\", format = [\"%Y%m%d\", \"%d-%b-%Y %H:%M\"] }";
    check(
        object(json!({"at": "27-Aug-2026 05:05"})),
        formats,
        json!({"created_at": "2026-08-26T21:05:00Z"}),
    );
    check(
        object(json!({"at": 20_260_827})),
        formats,
        json!({"created_at": "2026-08-27T04:00:00Z"}),
    );
}

const THREAD: &str = r#"
    [fields]
    id = "id"
    channel = { from = "via", map = { web = "ticket" } }
    created_at = "at"
    ticket.first_response_at = "comments[role=agent].when"
    ticket.resolved_at = "[status=solved].changed"
    ticket.status = "status"
    ticket.tags = "labels"
    messages = { from = "comments", each = { at = "when", text = "body", author = "name", by = { from = "role", map = { "end-user" = "customer" }, default = "system" } } }
"#;

fn ticket(status: &str) -> Value {
    json!({
        "id": "t1", "via": "web", "at": "2026-08-01T08:00:00Z", "status": status,
        "changed": "2026-08-03T00:00:00Z", "labels": ["vip", 3],
        "comments": [
            {"when": "2026-08-02T09:00:00Z", "role": "agent", "name": "Ivo", "body": "Съжаляваме."},
            {"when": "2026-08-01T08:00:00Z", "role": "end-user", "body": "Il pacco è rotto."},
            {"when": null, "role": "bot", "body": null},
        ],
    })
}

#[test]
fn a_thread_is_read_oldest_message_first() {
    let messages = json!([
        {"at": "2026-08-01T08:00:00Z", "by": "customer", "text": "Il pacco è rotto."},
        {"at": "2026-08-01T08:00:00Z", "by": "system", "text": ""},
        {"at": "2026-08-02T09:00:00Z", "by": "system", "author": "Ivo", "text": "Съжаляваме."},
    ]);
    check(
        ticket("solved"),
        THREAD,
        json!({
            "channel": "ticket",
            "messages": messages,
            "ticket": {
                "status": "solved", "first_response_at": "2026-08-02T09:00:00Z",
                "resolved_at": "2026-08-03T00:00:00Z", "tags": ["vip", "3"],
            },
        }),
    );
    let open = json!({"status": "open", "first_response_at": "2026-08-02T09:00:00Z", "tags": ["vip", "3"]});
    check(ticket("open"), THREAD, json!({"ticket": open}));
}

#[test]
fn a_thread_in_canonical_form_needs_no_map_of_its_parts() {
    let toml = "[constants]\nchannel = \"chat\"\n[fields]\nid = \"id\"\ncreated_at = \"at\"\nmessages = \"talk\"";
    let talk = json!([{"at": "2026-08-01T00:00:00Z", "by": "agent", "text": "您好"}]);
    check(
        object(json!({"talk": talk})),
        toml,
        json!({"messages": talk}),
    );
}

#[test]
fn what_is_not_mapped_goes_to_meta() {
    let given =
        json!({"branch": "Plovdiv", "visits": 3, "blank": "", "none": null, "sentiment": "bad"});
    let meta = json!({"visits": 3, "shop": "Plovdiv", "sentiment": "bad"});
    check(
        object(given),
        &map("meta.shop = \"branch\""),
        json!({"meta": meta}),
    );
}

#[test]
fn an_id_is_hashed_from_columns_and_stays_the_same() {
    let toml = "id_from = [\"who\", \"what\"]\n[constants]\nchannel = \"survey\"\n\
                [fields]\ntext = \"what\"\ncreated_at = { value = \"2026-08-01\" }";
    let id = |who: &str, what: &str| {
        let exports = Exports::new(
            "a.json",
            json!({"who": who, "what": what}).to_string(),
            toml,
        );
        exports.lines()[0]["id"].as_str().unwrap().to_owned()
    };
    // First 16 hex digits of SHA-256(3u64le ‖ "ada" ‖ 2u64le ‖ "ok"), by Python's hashlib.
    assert_eq!(id("ada", "ok"), "8c30d832a94d90db");
    assert_eq!(id("ada", "ok").len(), 16);
    assert_ne!(id("ada", "ok"), id("ad", "aok"));
    assert_ne!(id("", "ok"), id("ok", "ok"));
}

#[test]
fn an_outcome_is_read_whole() {
    let toml = map("outcome.type = \"then\"\noutcome.at = \"when\"");
    let outcome = json!({"type": "left", "at": "2026-08-09T12:00:00Z"});
    check(
        object(json!({"then": "Left", "when": "2026-08-09"})),
        &toml,
        json!({"outcome": outcome}),
    );
    check(object(json!({})), &toml, json!({"outcome": null}));
}
