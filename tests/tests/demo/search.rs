use std::collections::BTreeSet;

use serde_json::Value;

use crate::DEMO;

fn search(query: &str, mode: &str, limit: &str) -> Vec<Value> {
    let args = [
        "search", query, "--mode", mode, "--limit", limit, "-o", "json",
    ];
    DEMO.instance
        .json(args)
        .as_array()
        .cloned()
        .unwrap_or_default()
}

fn lexical(query: &str) -> Vec<Value> {
    search(query, "lexical", "1000")
}

fn keys(hits: &[Value]) -> BTreeSet<String> {
    hits.iter().map(|hit| hit["key"].to_string()).collect()
}

fn languages(hits: &[Value]) -> BTreeSet<&str> {
    hits.iter().filter_map(|hit| hit["lang"].as_str()).collect()
}

/// The marked pieces of an excerpt.
fn marked(hit: &Value) -> Vec<String> {
    let characters: Vec<char> = hit["excerpt"].as_str().unwrap_or("").chars().collect();
    let place = |span: &Value, name: &str| span[name].as_u64().unwrap_or(0) as usize;
    let spans = hit["highlights"].as_array().into_iter().flatten();
    spans
        .map(|span| {
            characters[place(span, "start")..place(span, "end")]
                .iter()
                .collect()
        })
        .collect()
}

#[test]
fn words_are_found_in_all_their_forms_and_marked() {
    let check = |query: &str, form: &str| {
        let hits = lexical(query);
        let forms: Vec<String> = hits
            .iter()
            .flat_map(marked)
            .map(|mark| mark.to_lowercase())
            .collect();
        assert!(
            forms.iter().any(|found| found == form),
            "{query}: {form} is not in {forms:?}"
        );
    };
    check("piatto", "piatti");
    check("чиния", "чинии");
    check("安装", "安装");
    check("plate", "plates");
}

#[test]
fn words_and_meaning_together_find_in_four_languages() {
    let check = |query: &str, language: &str| {
        let hits = search(query, "hybrid", "10");
        assert_eq!(hits.len(), 10, "{query}");
        let own = hits
            .iter()
            .take(3)
            .filter(|hit| hit["lang"] == language)
            .count();
        assert!(
            own >= 2,
            "{query}: {:?}",
            hits.iter().map(|hit| &hit["lang"]).collect::<Vec<_>>()
        );
        let scores: Vec<f64> = hits
            .iter()
            .filter_map(|hit| hit["score"].as_f64())
            .collect();
        assert!(
            scores.is_sorted_by(|one, next| one >= next),
            "{query}: {scores:?}"
        );
    };
    check("piatti arrivati rotti", "it");
    check("счупени чинии", "bg");
    check("checkout charged me twice", "en");
    check("预约安装", "zh");
}

#[test]
fn meaning_crosses_languages() {
    let hits = search("piatti arrivati rotti nel pacco", "semantic", "20");
    assert_eq!(hits.len(), 20);
    let mut others = languages(&hits);
    others.remove("it");
    assert!(others.len() >= 3, "only in {others:?}");
    let damage = |hit: &&Value| hit["themes"].to_string().contains("delivery.damage");
    let about_it = hits.iter().filter(damage).count();
    assert!(about_it >= 10, "{about_it} of 20 are about damage");
}

#[test]
fn filters_leave_out_what_they_should() {
    let every = lexical("");
    assert_eq!(
        every.len() as u64,
        DEMO.instance.json(["status", "-o", "json"])["records"]
    );

    let hits = lexical("lang:bg kind:complaint");
    assert!(hits.len() > 10);
    for hit in &hits {
        assert_eq!(hit["lang"], "bg");
        assert!(hit["kinds"].to_string().contains("complaint"), "{hit}");
    }
    let rest = lexical("lang:bg -kind:complaint");
    assert_eq!(hits.len() + rest.len(), lexical("lang:bg").len());
    assert!(keys(&hits).is_disjoint(&keys(&rest)));

    let themed = lexical("theme:delivery channel:chat,ticket");
    assert!(!themed.is_empty());
    for hit in &themed {
        assert!(hit["themes"].to_string().contains("\"delivery."), "{hit}");
        assert!(
            hit["channel"] == "chat" || hit["channel"] == "ticket",
            "{hit}"
        );
    }
    for hit in lexical("source:sales since:2026-10-01 until:2026-10-15") {
        let day = &hit["created_at"].as_str().unwrap_or("?")[..10];
        assert!(
            ("2026-09-30"..="2026-10-15").contains(&day) && hit["key"]["source"] == "sales",
            "{hit}"
        );
    }
}

#[test]
fn excluded_words_and_phrases_do_not_occur() {
    let all = lexical("piatti lang:it");
    let without = lexical("piatti lang:it -rotti");
    assert!(
        !without.is_empty() && without.len() < all.len(),
        "{} {}",
        without.len(),
        all.len()
    );
    let with = lexical("rotti lang:it");
    assert!(keys(&without).is_disjoint(&keys(&with)));
    let (words, phrase) = (lexical("delivery slot"), lexical("\"delivery slot\""));
    assert!(phrase.len() < words.len() && keys(&phrase).is_subset(&keys(&words)));
}

#[test]
fn an_unknown_value_of_a_filter_is_refused_with_the_known_ones() {
    let check = |query: &str, expect: &str| {
        let stderr = DEMO.instance.run(["search", query]).expect(2).stderr;
        assert!(
            stderr.contains(query) && stderr.contains(expect),
            "{stderr}"
        );
    };
    check("kind:anger", "complaint, question, praise, wish, churn");
    check("channel:fax", "ticket, chat, email");
    check("sentiment:sad", "negative");
    check("since:yesterday", "YYYY-MM-DD");
    check("urgency:9", "0, 1, 2, 3");
}
