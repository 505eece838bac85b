use std::str::FromStr;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::{Evidence, Found, Reason};

static PIPELINE: LazyLock<TextPipeline> = LazyLock::new(pipeline);

fn pipeline() -> TextPipeline {
    TextPipeline::new(&TextOptions::default()).unwrap()
}

fn sentences(prepared: &Prepared) -> Vec<&str> {
    prepared
        .sentences
        .iter()
        .map(|span| span.slice(&prepared.text).unwrap())
        .collect()
}

#[test]
fn a_mail_is_cleaned_redacted_and_parted() {
    let given = "<p>Buongiorno,</p><p>l&#8217;ordine IT-778812 non &egrave; arrivato. Chiamatemi al +39 347 205 8816!</p>\
                 <br>--<br>Anna<br>\r\nIl giorno 3 ago 2026 Assistenza ha scritto:\r\n&gt; Spedito a anna.r@posta.example.";
    let prepared = PIPELINE.prepare(given);
    assert_eq!(
        prepared.text,
        "Buongiorno,\n\nl’ordine IT-778812 non è arrivato. Chiamatemi al [PHONE]!\n\n--\nAnna\n\n\
         Il giorno 3 ago 2026 Assistenza ha scritto:\n> Spedito a [EMAIL]."
    );
    assert_eq!(
        sentences(&prepared),
        [
            "Buongiorno,",
            "l’ordine IT-778812 non è arrivato.",
            "Chiamatemi al [PHONE]!"
        ]
    );
    let aside: Vec<Reason> = prepared
        .set_aside
        .iter()
        .map(|aside| aside.reason)
        .collect();
    assert_eq!(aside, [Reason::Signature, Reason::Quoted]);
    let pii: Vec<_> = prepared
        .pii
        .iter()
        .map(|found| {
            (
                found.kind,
                found.given.slice(given).unwrap(),
                found.redacted.slice(&prepared.text).unwrap(),
            )
        })
        .collect();
    assert_eq!(
        pii,
        [
            (PiiType::OrderId, "IT-778812", "IT-778812"),
            (PiiType::Phone, "+39 347 205 8816", "[PHONE]"),
            (PiiType::Email, "anna.r@posta.example", "[EMAIL]"),
        ]
    );
}

#[test]
fn spans_lead_back_to_the_text_as_given() {
    let given = "Пишете&nbsp;на  ivan@poshta.example  или <b>елате</b>";
    let prepared = PIPELINE.prepare(given);
    assert_eq!(prepared.text, "Пишете на [EMAIL] или елате");
    let back = |start, end| {
        let span = prepared.given_span(Span::new(start, end).unwrap());
        span.slice(given).unwrap()
    };
    assert_eq!(back(0, 6), "Пишете");
    assert_eq!(back(12, 14), "ivan@poshta.example");
    assert_eq!(back(22, 27), "елате");
}

#[test]
fn order_references_are_hidden_on_request() {
    let options = TextOptions {
        hide_order_ids: true,
        ..TextOptions::default()
    };
    let prepared = TextPipeline::new(&options)
        .unwrap()
        .prepare("订单号 20310507158236 还没到");
    assert_eq!(prepared.text, "订单号 [ORDER_ID] 还没到");
    assert_eq!(
        prepared.pii[0].redacted.slice(&prepared.text),
        Some("[ORDER_ID]")
    );
}

#[test]
fn fields_are_redacted_and_not_cleaned() {
    let field = |text: &str| PIPELINE.redact_field(text);
    assert_eq!(field("https://shop.example/reset?token=a1"), "[URL_TOKEN]");
    assert_eq!(
        field("https://shop.example/p/12"),
        "https://shop.example/p/12"
    );
    assert_eq!(field(" vip <b>  maria@posta.example"), " vip <b>  [EMAIL]");
}

/// Finds one name, as a model would.
struct Names;

impl Recogniser for Names {
    fn find(&self, text: &str) -> Vec<Found> {
        let found = |(at, name): (usize, &str)| Found {
            kind: PiiType::Person,
            range: at..at + name.len(),
            evidence: Evidence::Form,
        };
        text.match_indices("Мария").map(found).collect()
    }
}

#[test]
fn recognisers_may_be_added() {
    let pipeline = pipeline().with_recogniser(Box::new(Names));
    assert_eq!(pipeline.prepare("Мария се обади").text, "[PERSON] се обади");
}

#[test]
fn options_are_read_strictly() {
    let read = |json: &str| serde_json::from_str::<TextOptions>(json);
    let options = read(r#"{"languages": ["it", "zh-Hant"], "own_handles": ["@shop"]}"#).unwrap();
    assert_eq!(options.languages, [Language::IT, Language::ZH]);
    assert!(!options.hide_order_ids);
    assert!(read(r#"{"language": ["it"]}"#).is_err());
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let refused = |options: &TextOptions| TextPipeline::new(options).unwrap_err().to_string();
    let languages = vec![Language::from_str("xx").unwrap()];
    assert!(
        refused(&TextOptions {
            languages,
            ..TextOptions::default()
        })
        .contains("`xx`")
    );
    for handle in ["", "@", "two words", "a@b"] {
        let own_handles = vec![handle.to_owned()];
        let message = refused(&TextOptions {
            own_handles,
            ..TextOptions::default()
        });
        assert!(message.contains("not a handle"), "{message}");
    }
}

/// Texts made of what the stages look for.
fn messy() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<br>",
        "&amp;",
        "&lt;",
        "&gt;",
        "&nbsp;",
        "\r\n",
        "\n",
        "\n> ",
        " ",
        "  ",
        ". ",
        "--\n",
        "anna@posta.example",
        "+39 347 205 8816",
        "0887 43 15 92",
        "13762045918",
        "4111 1111 1111 1111",
        "GB82 WEST 1234 5698 7654 32",
        "7523169263",
        "192.0.2.77",
        "@rosi_74",
        "https://a.example/?token=x9",
        "[EMAIL]",
        "[PHONE]",
        "поръчка 5527318",
        "订单号",
        "roden 17.09.1978",
        "鲁C58261",
        "роден на ",
        "On 3 Aug 2026, B wrote:\n",
        "Ciao",
        "дума",
        "好的。",
        "😡",
        "e\u{301}",
        "\u{200b}",
        "１３８",
        "x",
        "7",
        "-",
        "/",
        "@",
        "\u{301}",
    ]);
    prop::collection::vec(pieces, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn laws_of_preparing(given in prop_oneof![messy(), "(?s).{0,40}"]) {
            let once = PIPELINE.prepare(&given);
            let twice = PIPELINE.prepare(&once.text);
            prop_assert_eq!(&twice.text, &once.text);
            let scalars = given.chars().count();
            let mut end = 0;
            for found in &once.pii {
                prop_assert!(found.given.start() >= end && found.given.end() <= scalars && !found.given.is_empty());
                let stands = found.redacted.slice(&once.text).unwrap();
                let placeholder = format!("[{}]", found.kind);
                prop_assert!(found.kind == PiiType::OrderId || stands == placeholder);
                prop_assert_eq!(once.given_span(found.redacted), found.given);
                end = found.given.end();
            }
            let mut end = 0;
            for sentence in &once.sentences {
                prop_assert!(sentence.start() >= end && !sentence.is_empty());
                let words = sentence.slice(&once.text).unwrap();
                prop_assert_eq!(words.trim(), words);
                prop_assert!(!once.set_aside.iter().any(|aside| aside.span.overlaps(*sentence)));
                end = sentence.end();
            }
    }
}
