use voc_core::Annotation;

use super::{Style, comparison, evaluation, html, rankings};
use crate::{GoldRecord, RankingScore, compare, evaluate};

const GOLD: &str = r#"{"id":"it-1","lang":"it","channel":"review","created_at":"2026-03-01T08:00:00Z","text":"<b>Rotto</b> e in ritardo.","kinds":["complaint"],"sentiment":"negative","urgency":1,"touchpoint":"delivery","mentions":[{"theme":"delivery.speed","sentiment":"negative","quote":"in ritardo"}],"note":"markup"}
{"id":"bg-1","lang":"bg","channel":"chat","created_at":"2026-03-01T08:00:00Z","text":"Супер сте!","kinds":["praise"],"sentiment":"positive","urgency":0,"touchpoint":null,"mentions":[]}"#;

const FOUND: [&str; 2] = [
    r#"{"lang":{"code":"it","confidence":1},"kinds":[{"id":"complaint","score":0.9}],"sentiment":{"label":"mixed","score":-0.5},"urgency":1,"touchpoint":"use","mentions":[{"theme":"delivery.speed","sentiment":"negative","score":0.8,"part":"text","start":7,"end":26,"quote":"otto</b> e in ritar","target":"own"}],"pii":[],"promises":[],"model":"m","taxonomy":"t"}"#,
    r#"{"lang":{"code":"bg","confidence":1},"kinds":[{"id":"wish","score":0.6}],"sentiment":{"label":"positive","score":0.5},"urgency":0,"touchpoint":null,"mentions":[],"pii":[],"promises":[],"model":"m","taxonomy":"t"}"#,
];

fn gold_and_found() -> (Vec<GoldRecord>, Vec<Annotation>) {
    let gold = GoldRecord::read_all(GOLD).unwrap();
    let found = FOUND.map(|line| serde_json::from_str(line).unwrap());
    (gold, found.to_vec())
}

#[test]
fn a_small_evaluation_as_markdown() {
    let (gold, found) = gold_and_found();
    let evaluated = evaluate(&gold, &found).unwrap();
    insta::assert_snapshot!(evaluation(&evaluated, Style::Markdown));
}

#[test]
fn a_comparison_and_rankings_as_text() {
    let (gold, found) = gold_and_found();
    let after = evaluate(&gold, &found).unwrap();
    let mut worse = found;
    worse[0].kinds.clear();
    let before = evaluate(&gold, &worse).unwrap();
    let mut differences = compare(&before, &after);
    differences.retain(|difference| difference.measure.group == "kind");
    let score = RankingScore {
        queries: 7,
        ndcg_at_10: 0.5,
        hit_at_1: 0.25,
        mrr: 1.0 / 3.0,
        recall_at_10: 1.0,
    };
    let rankings = rankings(&[("semantic en → it".to_owned(), score)], Style::Text);
    insta::assert_snapshot!(comparison(&differences, Style::Text) + &rankings);
}

#[test]
fn the_page_escapes_texts_and_lists_mistakes() {
    let (gold, found) = gold_and_found();
    let page = html(&evaluate(&gold, &found).unwrap(), &gold, &found).unwrap();
    assert!(page.contains("&#60;b&#62;Rotto&#60;/b&#62; e in ritardo."));
    assert!(!page.contains("<b>Rotto"));
    assert!(page.contains("kind praise · 1 missed"));
    assert!(page.contains("kind wish · 1 wrongly assigned"));
    assert!(page.contains("sentiment mixed · 1 wrongly assigned"));
}
