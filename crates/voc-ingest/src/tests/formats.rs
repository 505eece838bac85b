use super::*;

#[track_caller]
fn check(name: &str, content: &str, toml: &str, expect: &[&str]) {
    assert_eq!(
        Exports::new(name, content, &format!("{toml}{SIMPLE}")).texts(),
        expect
    );
}

#[test]
fn json_lines_are_read_and_blank_ones_passed_over() {
    let content = "{\"id\":1,\"text\":\"buono\"}\n\n  \r\n{\"id\":2,\"text\":\"лошо\"}\r\n{\"id\":3,\"text\":\"好\"}";
    check("a.jsonl", content, "", &["buono", "лошо", "好"]);
    check("a.ndjson", content, "", &["buono", "лошо", "好"]);
    check("a.jsonl", "", "", &[]);
    let items = Exports::new("a.jsonl", content, SIMPLE).items();
    let positions: Vec<_> = items.iter().map(|item| item.position.as_str()).collect();
    assert_eq!(positions, ["line 1", "line 4", "line 5"]);
    assert_eq!(items[2].number, 2);
    assert_eq!(items[2].bytes_read, content.len() as u64);
}

#[test]
fn a_json_document_is_a_list_an_object_or_holds_the_list_under_a_path() {
    let list = r#"[ {"id":1,"text":"a ] } \" b"} , {"id":"2","text":"c","tags":[[],{"d":[1]}]} ]"#;
    check("a.json", list, "", &["a ] } \" b", "c"]);
    check("a.json", "[]", "", &[]);
    check("a.json", r#"{"id":1,"text":"one"}"#, "", &["one"]);
    let nested =
        format!(r#"{{"next":null,"n":-1.5e3,"data":{{"x":[{{}}],"items":{list}}},"z":1}}"#);
    check(
        "a.json",
        &nested,
        "records = \"data.items\"\n",
        &["a ] } \" b", "c"],
    );
    let one = r#"{"ticket":{"id":1,"text":"one"}}"#;
    check("a.json", one, "records = \"ticket\"\n", &["one"]);
    let items = Exports::new(
        "a.json",
        nested,
        &format!("records = \"data.items\"\n{SIMPLE}"),
    )
    .items();
    assert_eq!(items[1].position, "data.items[1]");
}

#[test]
fn tables_are_read_with_their_delimiter_and_quotes() {
    check(
        "a.csv",
        "id,text\n1,\"a, \"\"b\"\"\"\n2,c\n",
        "",
        &["a, \"b\"", "c"],
    );
    check(
        "a.csv",
        "id;text\r\n1;\"riga\r\nnuova\"\r\n2;c",
        "delimiter = \";\"\n",
        &["riga\r\nnuova", "c"],
    );
    check("a.tsv", "id\ttext\n1\ta, b\n\n2\tc\n", "", &["a, b", "c"]);
    check("a.csv", "id,text\n1,'a, b'\n", "quote = \"'\"\n", &["a, b"]);
    check(
        "a.csv",
        "id,text\n1,\"5\" screen\n",
        "quote = \"\"\n",
        &["\"5\" screen"],
    );
    check(
        "a.dat",
        "id|text\n1|a\n",
        "delimiter = \"|\"\nformat = \"csv\"\n",
        &["a"],
    );
    check("a.csv", "id,text\n", "", &[]);
    let items = Exports::new("a.csv", "id,text\n1,\"a\nb\"\n2,c\n", SIMPLE).items();
    assert_eq!(items[1].position, "row 3");
}

#[test]
fn text_that_is_not_quoted_may_fill_the_last_column() {
    let content = "id;text\n1;buono ;) ma caro\n2;\"bello; nuovo\"\n3;\n";
    let reason = "\"the row has 3 columns, the header 2\"";
    check(
        "a.csv",
        content,
        "delimiter = \";\"\n",
        &[reason, "bello; nuovo", "\"no text\""],
    );
    let rest = "delimiter = \";\"\nrest_in_last_column = true\n";
    check(
        "a.csv",
        content,
        rest,
        &["buono ;) ma caro", "bello; nuovo", "\"no text\""],
    );
}

#[test]
fn headers_are_made_distinct_and_trimmed() {
    let content = " id ,text,,note,note\n1,a,x,y,z\n";
    let lines = Exports::new("a.csv", content, SIMPLE).lines();
    let meta = serde_json::json!({"column 3": "x", "note": "y", "note (2)": "z"});
    assert_eq!(lines[0]["meta"], meta);
}

#[test]
fn a_pattern_finds_files_in_order_each_read_by_its_extension() {
    let exports = Exports::new("b.csv", "id,text\n1,b\n", SIMPLE);
    exports.write("a.jsonl", "{\"id\":1,\"text\":\"a\"}");
    std::fs::create_dir(exports.base().join("d.csv")).unwrap();
    let config = SourceConfig {
        path: "*.*".to_owned(),
        ..exports.config.clone()
    };
    let files = config.files(exports.base()).unwrap();
    let names: Vec<_> = files.iter().map(|file| file.name()).collect();
    assert_eq!(names, ["a.jsonl", "b.csv"]);
    assert_eq!(files[1].len_bytes(), 12);
    for file in files {
        let mut count = 0;
        file.read(0, &mut |item| {
            assert!(item.outcome.is_ok());
            count += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(count, 1);
    }
}

#[test]
fn a_file_called_like_a_pattern_is_read_itself() {
    let exports = Exports::new("report[1].csv", "id,text\n1,a\n", SIMPLE);
    assert_eq!(exports.texts(), ["a"]);
}

#[test]
fn the_fingerprint_is_the_hash_of_the_content() {
    let fingerprint = |content: &str| {
        let exports = Exports::new("a.jsonl", content, SIMPLE);
        exports.config.files(exports.base()).unwrap()[0]
            .fingerprint()
            .unwrap()
    };
    // SHA-256 of "abc", FIPS 180-2.
    let expect = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(fingerprint("abc"), expect);
    assert_ne!(fingerprint("abd"), expect);
}
