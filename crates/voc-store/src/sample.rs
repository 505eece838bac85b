//! Records and chunks for the tests of this crate.

use jiff::tz::TimeZone;
use serde_json::json;
use tempfile::TempDir;
use voc_core::{Annotation, Part, QuantizedVector, Record, RecordKey, SourceId, Span};

use crate::{
    Bookmark, Chunk, ChunkCounts, ContentHash, Entry, Receipt, RunId, RunStart, SentenceVector,
    Store, Writer,
};

pub(crate) const SOURCE: &str = "shop";
pub(crate) const FILE: &str = "reviews.csv";

pub(crate) fn source(id: &str) -> SourceId {
    SourceId::new(id).unwrap()
}

pub(crate) fn key(id: &str) -> RecordKey {
    RecordKey {
        source: source(SOURCE),
        id: voc_core::RecordId::new(id).unwrap(),
    }
}

pub(crate) fn record(id: &str, text: &str) -> Record {
    let line = json!({"id": id, "source": SOURCE, "channel": "review", "text": text,
        "created_at": "2026-08-03T22:30:00Z", "customer": {"role": "prospect", "tier": "gold"},
        "product": "lampada", "ratings": {"nps": 3.0, "stars": 4.5},
        "ticket": {"opened_at": "2026-08-03T22:00:00Z", "resolved_at": "2026-08-03T23:00:00Z"},
        "outcome": {"type": "returned", "at": "2026-08-09T10:00:00Z"}, "meta": {"branch": "София"}});
    serde_json::from_value(line).unwrap()
}

pub(crate) fn annotation() -> Annotation {
    let line = json!({"lang": {"code": "it", "confidence": 0.9},
        "kinds": [{"id": "wish", "score": 0.8}, {"id": "complaint", "score": 0.6}],
        "sentiment": {"label": "mixed", "score": -0.1}, "urgency": 2, "touchpoint": "delivery",
        "mentions": [
            {"theme": "delivery.damage", "sentiment": "negative", "score": 0.7, "part": "text",
             "start": 0, "end": 4, "quote": "text", "target": "own"},
            {"theme": "billing.price", "sentiment": "positive", "score": 0.6, "part": "text",
             "start": 0, "end": 4, "quote": "text", "target": "competitor"}],
        "pii": [], "promises": [], "model": "m1", "taxonomy": "t1"});
    serde_json::from_value(line).unwrap()
}

/// An entry whose content is told apart by `content`.
pub(crate) fn entry(id: &str, content: u8) -> Entry {
    let sentence = |part, start, end| SentenceVector {
        part,
        span: Span::new(start, end).unwrap(),
        vector: QuantizedVector::new(&[0.5, -1.0, start as f32]),
    };
    Entry {
        record: record(
            id,
            &format!("la lampada {id} è arrivata rotta, versione {content}"),
        ),
        annotation: annotation(),
        content: ContentHash::from_bytes([content; 32]),
        customer: Some(voc_core::Pseudonym::new("ab12").unwrap()),
        vector: QuantizedVector::new(&[0.25, -0.5, f32::from(content)]),
        sentences: vec![
            sentence(Part::Title, 0, 3),
            sentence(Part::Text, 0, 9),
            sentence(Part::Message(2), 4, 5),
        ],
    }
}

pub(crate) fn chunk(run: RunId, entries: Vec<Entry>) -> Chunk {
    let read = entries.len() as u64;
    Chunk {
        source: source(SOURCE),
        entries,
        dead: Vec::new(),
        counts: ChunkCounts {
            read,
            ..ChunkCounts::default()
        },
        bookmark: bookmark(read),
        run,
    }
}

pub(crate) fn bookmark(items: u64) -> Bookmark {
    Bookmark {
        source: source(SOURCE),
        file: FILE.to_owned(),
        fingerprint: "f".to_owned(),
        items,
        done: false,
    }
}

pub(crate) fn start() -> RunStart {
    RunStart {
        started_at: "2026-08-10T02:00:00Z".parse().unwrap(),
        model: "m1".to_owned(),
        taxonomy: "t1".to_owned(),
        as_of: "2026-08-10T00:00:00Z".parse().unwrap(),
    }
}

/// A new store with its writer and a run that is going.
pub(crate) struct Sample {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) writer: Writer,
    pub(crate) run: RunId,
}

impl Sample {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("voc.db")).unwrap();
        let writer = store.writer(TimeZone::UTC).unwrap();
        let run = writer.begin_run(start()).unwrap();
        Self {
            folder,
            store,
            writer,
            run,
        }
    }

    pub(crate) fn put(&self, entries: Vec<Entry>) -> Receipt {
        self.writer
            .submit(chunk(self.run, entries))
            .unwrap()
            .wait()
            .unwrap()
    }

    /// A connection beside the store's own, to look and to tamper.
    pub(crate) fn aside(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.store.path()).unwrap()
    }
}
