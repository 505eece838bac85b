use jiff::civil::{Date, date};
use tempfile::TempDir;
use voc_core::{
    Channel, Kind, Language, RecordId, Sentiment, SourceId, ThemeId, Touchpoint, Urgency,
};

use super::*;
use crate::{Document, Index, IndexWriter};

/// A record to index; the defaults are dull.
struct Entry {
    row: u64,
    language: &'static str,
    text: &'static str,
    title: Option<&'static str>,
    id: &'static str,
    source: &'static str,
    channel: Channel,
    day: Date,
    kinds: &'static [Kind],
    themes: &'static [&'static str],
    sentiment: Sentiment,
    urgency: u8,
    touchpoint: Option<Touchpoint>,
}

const fn entry(row: u64, language: &'static str, text: &'static str) -> Entry {
    Entry {
        row,
        language,
        text,
        title: None,
        id: "x",
        source: "shop",
        channel: Channel::Email,
        day: date(2026, 8, 3),
        kinds: &[],
        themes: &[],
        sentiment: Sentiment::Neutral,
        urgency: 0,
        touchpoint: None,
    }
}

struct Shelf {
    _dir: TempDir,
    searcher: Searcher,
}

impl Shelf {
    fn of(entries: &[Entry]) -> Self {
        let dir = TempDir::new().unwrap();
        let index = Index::open(dir.path()).unwrap();
        let mut writer = index.writer(IndexWriter::MEMORY).unwrap();
        entries.iter().for_each(|entry| put(&mut writer, entry));
        writer.commit(1).unwrap();
        Self {
            searcher: index.searcher().unwrap(),
            _dir: dir,
        }
    }

    fn rows(&self, query: &str) -> Vec<u64> {
        let query = Query::parse(query).unwrap();
        self.searcher
            .lexical(&query, 10)
            .unwrap()
            .iter()
            .map(|hit| hit.row)
            .collect()
    }

    #[track_caller]
    fn check(&self, query: &str, expect: &[u64]) {
        assert_eq!(self.rows(query), expect, "{query}");
    }
}

fn put(writer: &mut IndexWriter, entry: &Entry) {
    let themes: Vec<_> = entry
        .themes
        .iter()
        .map(|theme| ThemeId::new(theme).unwrap())
        .collect();
    let document = Document {
        row: entry.row,
        source: &SourceId::new(entry.source).unwrap(),
        id: &RecordId::new(entry.id).unwrap(),
        language: entry.language.parse::<Language>().unwrap(),
        channel: entry.channel,
        day: entry.day,
        kinds: entry.kinds,
        themes: &themes,
        sentiment: entry.sentiment,
        urgency: Urgency::try_from(entry.urgency).unwrap(),
        touchpoint: entry.touchpoint,
        title: entry.title,
        texts: vec![entry.text],
    };
    writer.upsert(&document).unwrap();
}

#[test]
fn each_language_is_found_by_other_forms_of_its_words() {
    let shelf = Shelf::of(&[
        entry(1, "it", "Le consegne tardano, e perché nessuno risponde?"),
        entry(2, "en", "My refunds never arrived."),
        entry(3, "de", "Die Lieferungen kamen viel zu spät."),
        entry(4, "es", "Las facturaciones están equivocadas."),
        entry(5, "fr", "Le colis n'a jamais été livré, l’emballage abîmé."),
        entry(6, "bg", "Доставките закъсняха, а чиниите са счупени."),
        entry(7, "zh", "我要退货，客服电话打不通。"),
        entry(8, "cs", "Zásilka nedorazila vůbec."),
        entry(9, "ja", "配送がとても遅いです。"),
        entry(10, "ru", "Посылки пришли повреждёнными."),
        entry(11, "pt", "As devoluções são difíceis."),
        entry(12, "nl", "De leveringen waren te laat."),
        entry(13, "zh", "店家說會退貨，但是沒有回覆。"),
    ]);
    shelf.check("consegna", &[1]);
    shelf.check("perche", &[1]);
    shelf.check("refunded", &[2]);
    shelf.check("lieferung spat", &[3]);
    shelf.check("facturación", &[4]);
    shelf.check("livrée", &[5]);
    shelf.check("emballage", &[5]);
    shelf.check("доставката", &[6]);
    shelf.check("счупена чиния", &[6]);
    shelf.check("客服", &[7]);
    shelf.check("電話", &[7]);
    shelf.check("zasilka", &[8]);
    shelf.check("配送", &[9]);
    shelf.check("посылка", &[10]);
    shelf.check("devolução", &[11]);
    shelf.check("levering", &[12]);
    let mut both = shelf.rows("退货");
    both.sort_unstable();
    assert_eq!(both, [7, 13]);
}

#[test]
fn records_with_all_words_come_before_those_with_some() {
    let shelf = Shelf::of(&[
        entry(1, "en", "refund refund refund"),
        entry(
            2,
            "en",
            "a parcel came late, long after the others, and no refund for it",
        ),
        entry(3, "en", "the parcel"),
        entry(4, "en", "nothing"),
        entry(5, "zh", "快递很慢"),
        entry(6, "zh", "快递的包装破损了"),
    ]);
    let rows = shelf.rows("refund parcel");
    assert_eq!((rows[0], rows.len()), (2, 3));
    shelf.check("快递破损", &[6, 5]);
    assert!(shelf.rows("absent").is_empty());
    let query = Query::parse("refund parcel").unwrap();
    assert_eq!(shelf.searcher.lexical(&query, 1).unwrap().len(), 1);
    assert!(shelf.searcher.lexical(&query, 0).unwrap().is_empty());
    assert_eq!(shelf.searcher.lexical(&query, usize::MAX).unwrap().len(), 3);
}

#[test]
fn a_common_word_stays_common_in_texts_of_other_languages() {
    let english = "the parcel and the invoice of the shop";
    let mut entries: Vec<_> = (10..20).map(|row| entry(row, "en", english)).collect();
    entries.push(entry(1, "de", "the Paket"));
    entries.push(entry(2, "en", "the refund of the parcel is late"));
    let shelf = Shelf::of(&entries);
    assert_eq!(shelf.rows("the refund money")[0], 2);
    assert_ne!(shelf.rows("the parcels missing")[0], 1);
}

#[test]
fn titles_count_more_and_equal_scores_go_by_row() {
    let titled = Entry {
        title: Some("broken cup"),
        ..entry(9, "en", "as said before")
    };
    let shelf = Shelf::of(&[
        entry(8, "en", "cup broken here"),
        titled,
        entry(3, "en", "cup broken here"),
        entry(5, "en", "cup broken here"),
    ]);
    shelf.check("broken", &[9, 3, 5, 8]);
}

#[test]
fn phrases_and_exclusions() {
    let shelf = Shelf::of(&[
        entry(1, "en", "no answer from the shop"),
        entry(2, "en", "the answer is no"),
        entry(3, "it", "nessuna risposta alle e-mail"),
        entry(4, "bg", "няма отговор от магазина"),
        entry(5, "zh", "我要求退款，没有人理"),
        entry(6, "zh", "退款的要求"),
    ]);
    shelf.check("\"no answers\"", &[1]);
    shelf.check("answer -shop", &[2]);
    shelf.check("answer -\"no answer\"", &[2]);
    shelf.check("e-mail", &[3]);
    shelf.check("«отговори от магазин»", &[4]);
    shelf.check("\"要求退款\"", &[5]);
    shelf.check("退款 -没有", &[6]);
    shelf.check("-answer -退款 -отговор", &[3]);
}

#[test]
fn a_record_is_found_by_its_id() {
    let shelf = Shelf::of(&[
        Entry {
            id: "T-1042",
            ..entry(1, "en", "hello")
        },
        Entry {
            id: "T-1043",
            ..entry(2, "en", "hello")
        },
    ]);
    shelf.check("T-1043", &[2]);
}

fn labelled() -> Shelf {
    Shelf::of(&[
        Entry {
            kinds: &[Kind::Complaint, Kind::Churn],
            themes: &["delivery.damage", "service.speed"],
            sentiment: Sentiment::Negative,
            urgency: 3,
            touchpoint: Some(Touchpoint::Delivery),
            day: date(2026, 8, 1),
            ..entry(1, "it", "pacco rotto, cambio negozio")
        },
        Entry {
            kinds: &[Kind::Praise],
            themes: &["delivery.speed"],
            sentiment: Sentiment::Positive,
            channel: Channel::Review,
            source: "reviews site",
            day: date(2026, 8, 2),
            ..entry(2, "bg", "бърза доставка")
        },
        Entry {
            kinds: &[Kind::Complaint],
            themes: &["deliveryservice"],
            sentiment: Sentiment::Mixed,
            urgency: 1,
            day: date(2026, 8, 3),
            ..entry(3, "zh", "东西好，快递慢")
        },
        Entry {
            day: date(2026, 8, 3),
            ..entry(0, "und", "ok")
        },
    ])
}

#[test]
fn filters_alone_give_the_newest_first() {
    let shelf = labelled();
    for (query, expect) in [
        ("", vec![0, 3, 2, 1]),
        ("lang:it,bg", vec![2, 1]),
        ("lang:und", vec![0]),
        ("kind:complaint", vec![3, 1]),
        ("kind:complaint kind:churn", vec![1]),
        ("-kind:complaint", vec![0, 2]),
        ("theme:delivery", vec![2, 1]),
        ("theme:delivery.damage,service", vec![1]),
        ("theme:delivery.nothing", vec![]),
        ("channel:review", vec![2]),
        ("sentiment:negative,mixed", vec![3, 1]),
        ("touchpoint:delivery", vec![1]),
        ("source:\"reviews site\"", vec![2]),
        ("urgency:1,3", vec![3, 1]),
        ("since:2026-08-02", vec![0, 3, 2]),
        ("until:2026-08-02", vec![2, 1]),
        ("since:2026-08-02 until:2026-08-02", vec![2]),
        ("-since:2026-08-02", vec![1]),
    ] {
        shelf.check(query, &expect);
    }
}

#[test]
fn filters_narrow_words_without_changing_their_scores() {
    let shelf = labelled();
    shelf.check("доставка kind:complaint", &[]);
    let score = |query: &str| {
        shelf
            .searcher
            .lexical(&Query::parse(query).unwrap(), 1)
            .unwrap()[0]
    };
    assert_eq!(
        score("доставка"),
        score("доставка lang:bg sentiment:positive")
    );
}

#[test]
fn filtered_rows_follow_filters_and_exclusions_not_words() {
    let shelf = labelled();
    let rows = |query: &str| {
        shelf
            .searcher
            .filtered_rows(&Query::parse(query).unwrap())
            .unwrap()
    };
    assert_eq!(rows("pacco"), RowSet::All);
    assert!(rows("pacco").contains(77));
    assert_eq!(
        rows("nothing kind:complaint"),
        RowSet::Only([1, 3].into_iter().collect())
    );
    assert_eq!(
        rows("-pacco"),
        RowSet::Only([0, 2, 3].into_iter().collect())
    );
    assert!(!rows("kind:churn").contains(2) && rows("kind:churn").contains(1));
}

#[test]
fn words_that_are_no_words_are_passed_over() {
    let shelf = labelled();
    shelf.check("!!! pacco ???", &[1]);
    shelf.check("…", &[0, 3, 2, 1]);
}

#[test]
fn messages_are_searched_but_a_phrase_does_not_span_them() {
    let dir = TempDir::new().unwrap();
    let index = Index::open(dir.path()).unwrap();
    let mut writer = index.writer(IndexWriter::MEMORY).unwrap();
    let document = Document {
        row: 1,
        source: &SourceId::new("s").unwrap(),
        id: &RecordId::new("i").unwrap(),
        language: Language::EN,
        channel: Channel::Chat,
        day: date(2026, 8, 3),
        kinds: &[],
        themes: &[],
        sentiment: Sentiment::Neutral,
        urgency: Urgency::default(),
        touchpoint: None,
        title: None,
        texts: vec!["still no", "answer later"],
    };
    writer.upsert(&document).unwrap();
    writer.commit(1).unwrap();
    let searcher = index.searcher().unwrap();
    let found = |query: &str| {
        searcher
            .lexical(&Query::parse(query).unwrap(), 5)
            .unwrap()
            .len()
    };
    assert_eq!(
        (
            found("still later"),
            found("\"answer later\""),
            found("\"no answer\"")
        ),
        (1, 1, 0)
    );
}
