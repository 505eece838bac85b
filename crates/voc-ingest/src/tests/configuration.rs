use super::*;

#[track_caller]
fn check(toml: &str, key: &str, expect: &str) {
    let config = config(&format!("id = \"shop\"\npath = \"a.csv\"\n{toml}"));
    let error = config.validate().unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with(&format!("source `shop`: key `{key}`: ")),
        "{message}"
    );
    assert!(message.contains(expect), "{message}");
}

/// A field map that is complete but for `more`.
fn map(more: &str) -> String {
    format!(
        "[constants]\nchannel = \"review\"\n[fields]\nid = \"i\"\ntext = \"t\"\ncreated_at = \"d\"\n{more}"
    )
}

#[test]
fn keys_of_the_table_are_checked() {
    check(
        "encoding = \"klingon\"",
        "encoding",
        "unknown encoding `klingon`; write utf-8",
    );
    check(
        "timezone = \"Europe/Atlantis\"",
        "timezone",
        "unknown time zone `Europe/Atlantis`; write an IANA name",
    );
    check(
        "delimiter = \"；\"",
        "delimiter",
        "`；` is not a single ASCII character",
    );
    check("quote = \"''\"", "quote", "write one character, or none");
    check(
        "quote = \"«\"",
        "quote",
        "`«` is not a single ASCII character",
    );
    check(
        "records = \"data..items\"",
        "records",
        "write names of members with dots between them",
    );
}

#[test]
fn fields_are_checked_one_by_one() {
    let wrong = |line: &str, key: &str, expect: &str| check(&map(line), key, expect);
    wrong(
        "titel = \"x\"",
        "fields.titel",
        "unknown field `titel`; the fields are: id, channel, ",
    );
    wrong(
        "customer.name = \"x\"",
        "fields.customer.name",
        "unknown field `customer.name`",
    );
    wrong(
        "source = \"x\"",
        "fields.source",
        "the source is the `id` of the table",
    );
    wrong(
        "title = 3",
        "fields.title",
        "write a column, or a table with `from` or `value`",
    );
    wrong(
        "title = { column = \"x\" }",
        "fields.title",
        "unknown field `column`",
    );
    wrong(
        "title = { from = 3 }",
        "fields.title",
        "expected a text or a list of texts",
    );
    wrong(
        "title = { default = \"x\" }",
        "fields.title",
        "name the column with `from`, or give a `value`",
    );
    wrong(
        "title = { from = \"a\", value = \"x\" }",
        "fields.title",
        "`from` and `value` exclude each other",
    );
    wrong(
        "title = { from = \"a\", join = \" \" }",
        "fields.title",
        "`join` needs a text field and several columns",
    );
    wrong(
        "title = { from = \"a\", format = \"%Y\" }",
        "fields.title",
        "`format` belongs to times only",
    );
    wrong(
        "updated_at = { from = \"a\", format = \"%Y-%ö\" }",
        "fields.updated_at",
        "format `%Y-%ö`: ",
    );
    wrong(
        "lang = { from = \"a\", default = \"Klingon\" }",
        "fields.lang",
        "default: not a language code",
    );
    wrong(
        "customer.role = { from = \"a\", map = { x = \"boss\" } }",
        "fields.customer.role",
        "map.x: unknown role; expected one of: customer, prospect",
    );
    wrong(
        "title = { from = \"a\", each = {} }",
        "fields.title",
        "`each` belongs to `messages` only",
    );
    wrong(
        "messages = { from = \"a\", each = { by = \"b\" } }",
        "fields.messages.each",
        "say where `text` comes from",
    );
    wrong(
        "messages = { from = \"a\", each = { who = \"b\" } }",
        "fields.messages.each.who",
        "those of a message are: at, by, author, text",
    );
    wrong(
        "messages = { from = \"a\", each = { by = { value = \"boss\" }, text = \"t\" } }",
        "fields.messages.each.by",
        "unknown speaker",
    );
    wrong(
        "channel = \"c\"",
        "fields.channel",
        "the field is given twice",
    );
}

#[test]
fn what_every_record_needs_must_be_named() {
    let fields = |lines: &str| format!("[fields]\n{lines}");
    check(
        &fields("text = \"t\"\ncreated_at = \"d\"\nchannel = { value = \"chat\" }"),
        "id_from",
        "the file is refused: say which columns identify a record",
    );
    check(
        &fields("id = \"i\"\ntext = \"t\"\ncreated_at = \"d\""),
        "fields.channel",
        "every record needs it",
    );
    check(
        &fields("id = \"i\"\ntext = \"t\"\nchannel = \"c\""),
        "fields.created_at",
        "every record needs it",
    );
    check(
        &fields("id = \"i\"\ncreated_at = \"d\"\nchannel = \"c\""),
        "fields.text",
        "name the column of the text",
    );
}

#[test]
fn constants_are_checked() {
    check(
        "[constants]\nchannel = \"pigeon\"",
        "constants.channel",
        "unknown channel; expected one of: ticket, chat, email, social, review, survey, sales_note, agent, other",
    );
    check(
        "[constants]\ncustomer = { name = \"x\" }",
        "constants.customer.name",
        "unknown field",
    );
    check(
        "[constants]\ntitle = \"\"",
        "constants.title",
        "the value is empty",
    );
}

#[test]
fn the_labels_that_a_message_lists_are_all_there_are() {
    let all = voc_core::Channel::ALL
        .iter()
        .map(|channel| channel.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    check(
        "[constants]\nchannel = \"pigeon\"",
        "constants.channel",
        &format!("expected one of: {all};"),
    );
}

#[test]
fn the_format_must_be_told_where_the_extension_does_not() {
    let config = config("id = \"shop\"\npath = \"a.xlsx\"");
    let message = config.validate().unwrap_err().to_string();
    assert_eq!(
        message,
        "source `shop`: key `format`: `a.xlsx` does not tell it; write jsonl, json, csv or tsv"
    );
}

#[test]
fn an_unknown_or_missing_key_is_refused_on_reading() {
    let refused = |toml: &str, expect: &str| {
        let message = toml::from_str::<SourceConfig>(toml)
            .unwrap_err()
            .to_string();
        assert!(message.contains(expect), "{message}");
    };
    refused("id = \"a\"\npath = \"b\"\nencodign = \"utf-8\"", "encodign");
    refused("id = \"a\"", "path");
    refused("id = \" \"\npath = \"b\"", "source id");
    refused("id = \"a\"\npath = \"b\"\nformat = \"xml\"", "xml");
}

#[test]
fn a_missing_file_is_named_together_with_the_key() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["a.csv", "exports/*.csv"] {
        let config = config(&format!("id = \"shop\"\npath = \"{path}\""));
        let message = config.files(folder.path()).unwrap_err().to_string();
        assert!(
            message.contains(path) && message.contains("correct the key `path`"),
            "{message}"
        );
    }
    let broken = config("id = \"shop\"\npath = \"a***.csv\"")
        .files(folder.path())
        .unwrap_err();
    assert!(
        broken
            .to_string()
            .starts_with("source `shop`: key `path`: "),
        "{broken}"
    );
}

#[test]
fn a_file_that_vanishes_before_it_is_read_is_an_error() {
    let exports = Exports::new("a.jsonl", "{}", "");
    let files = exports.config.files(exports.base()).unwrap();
    std::fs::remove_file(exports.base().join("a.jsonl")).unwrap();
    assert!(matches!(
        files[0].fingerprint(),
        Err(IngestError::Io { .. })
    ));
    let read = files[0].read(0, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(read, Err(IngestError::Io { .. })), "{read:?}");
}

/// The example configuration of five real exports: what it says must stay readable.
#[test]
fn the_example_configuration_is_valid() {
    #[derive(serde::Deserialize)]
    struct Example {
        sources: Vec<SourceConfig>,
    }
    // Asked for when it runs: checkouts that share a target folder share this program.
    let own = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = format!("{own}/../../data/examples/nightly/voc.toml");
    let example: Example = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(example.sources.len(), 5);
    for source in example.sources {
        source.validate().unwrap();
    }
}
