//! How fast a store takes and gives, on made-up records of the usual size: 300 characters
//! of text, two mentions, three sentences, vectors of 384 dimensions, chunks of 512.
//!
//! Run: `cargo run --release -p voc-store --example throughput [RECORDS] [FOLDER]`, by
//! default 20,000 records in the system's temporary folder. Give a FOLDER on the disk that
//! will hold the store: a temporary folder in memory syncs for free.
//!
//! Machines differ: quote the ratios to adding records, not the rates.

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use voc_core::{
    Annotation, Part, Pseudonym, QuantizedVector, Record, RecordId, RecordKey, SourceId, Span,
};
use voc_store::{
    Bookmark, Chunk, ChunkCounts, Entry, Key, Pending, RunId, RunStart, SentenceVector, Store,
    Writer,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const CHUNK: u64 = 512;
const DIMENSIONS: usize = 384;
const REPLACED: u64 = 5_000;
const DELETED: u64 = 1_000;
const TEXT: &str = "Il pacco è arrivato con due giorni di ritardo e la scatola era aperta. ";

const ANNOTATION: &str = r#"{"lang":{"code":"it","confidence":0.98},
    "kinds":[{"id":"complaint","score":0.91}],"sentiment":{"label":"negative","score":-0.8},
    "urgency":1,"touchpoint":"delivery","mentions":[
    {"theme":"delivery.speed","sentiment":"negative","score":0.8,"part":"text","start":0,"end":49,"quote":"Il pacco è arrivato con due giorni di ritardo"},
    {"theme":"delivery.damage","sentiment":"negative","score":0.7,"part":"text","start":50,"end":69,"quote":"la scatola era aperta"}],
    "pii":[],"promises":[],"model":"m","taxonomy":"t"}"#;

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let records = arguments.next().map_or(Ok(20_000), |text| text.parse())?;
    let parent = arguments
        .next()
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(parent)?;
    let path = folder.path().join("voc.db");
    let key = Key::load_or_create(&folder.path().join("voc.key"))?;
    let store = Store::open(&path)?;
    let writer = store.writer(TimeZone::UTC)?;
    let run = writer.begin_run(start()?)?;

    let clock = Instant::now();
    put(&writer, run, &key, 0..records, "first")?;
    let added = report("records added", records, clock.elapsed(), None);
    let clock = Instant::now();
    put(&writer, run, &key, 0..REPLACED.min(records), "second")?;
    report(
        "records replaced",
        REPLACED.min(records),
        clock.elapsed(),
        Some(added),
    );
    read(&store, &key, records, added)?;

    let keys = (0..DELETED.min(records))
        .map(record_key)
        .collect::<Outcome<Vec<_>>>()?;
    let clock = Instant::now();
    let erased = writer.delete(keys)?.wait()?;
    report(
        "records deleted, log cleared",
        erased.deleted,
        clock.elapsed(),
        Some(added),
    );
    let bytes = std::fs::metadata(&path)?.len();
    println!("{:>9} bytes in the file per record", bytes / records);
    Ok(())
}

fn read(store: &Store, key: &Key, records: u64, added: f64) -> Outcome {
    let snapshot = store.snapshot()?;
    let days = date(2026, 1, 1)..=date(2026, 12, 31);
    let (mut facts, mut mentions, mut vectors) = (0, 0, 0);
    let clock = Instant::now();
    snapshot.record_facts(days.clone(), &mut |_| facts += 1)?;
    report("record facts read", facts, clock.elapsed(), Some(added));
    let clock = Instant::now();
    snapshot.mention_facts(days, &mut |_| mentions += 1)?;
    report("mention facts read", mentions, clock.elapsed(), Some(added));
    let clock = Instant::now();
    snapshot.scan_vectors(&mut |_, _| vectors += 1)?;
    report("vectors scanned", vectors, clock.elapsed(), Some(added));
    let version = |id| {
        let record = record(id, "first")?;
        Ok((record.key(), None, key.content_hash(&record)?))
    };
    let versions = (0..records).map(version).collect::<Outcome<Vec<_>>>()?;
    let clock = Instant::now();
    snapshot.compare(&versions, "m", "t")?;
    report("versions compared", records, clock.elapsed(), Some(added));
    let clock = Instant::now();
    snapshot.verify()?;
    report("records verified", records, clock.elapsed(), Some(added));
    Ok(())
}

/// Prints a rate and its ratio to the rate of adding records; returns it.
fn report(what: &str, count: u64, took: Duration, added: Option<f64>) -> f64 {
    let rate = count as f64 / took.as_secs_f64();
    let ratio = rate / added.unwrap_or(rate);
    println!("{rate:>9.0} {what} per second ({ratio:.1} × adding; {count} in {took:.2?})");
    rate
}

/// Submits the records `ids`, keeping the queue full.
fn put(writer: &Writer, run: RunId, key: &Key, ids: std::ops::Range<u64>, text: &str) -> Outcome {
    let mut pending: Option<Pending> = None;
    let mut next = ids.start;
    while next < ids.end {
        let end = ids.end.min(next + CHUNK);
        let chunk = chunk(run, key, next..end, text)?;
        let submitted = writer.submit(chunk)?;
        if let Some(earlier) = pending.replace(submitted) {
            earlier.wait()?;
        }
        next = end;
    }
    pending
        .map_or(Ok(()), |last| last.wait().map(|_| ()))
        .map_err(Into::into)
}

fn chunk(run: RunId, key: &Key, ids: std::ops::Range<u64>, text: &str) -> Outcome<Chunk> {
    let (read, items) = (ids.end - ids.start, ids.end);
    let source = source()?;
    let (file, fingerprint) = ("made-up".to_owned(), "1".to_owned());
    Ok(Chunk {
        source: source.clone(),
        entries: ids.map(|id| entry(key, id, text)).collect::<Outcome<_>>()?,
        dead: Vec::new(),
        counts: ChunkCounts {
            read,
            ..ChunkCounts::default()
        },
        bookmark: Bookmark {
            source,
            file,
            fingerprint,
            items,
            done: false,
        },
        run,
    })
}

fn entry(key: &Key, id: u64, text: &str) -> Outcome<Entry> {
    let record = record(id, text)?;
    let annotation: Annotation = serde_json::from_str(ANNOTATION)?;
    let customer: Option<Pseudonym> = key.pseudonym(&record.source, &format!("c{}", id / 3));
    let sentence = |number: usize| -> Outcome<SentenceVector> {
        let span = Span::new(number * 70, number * 70 + 70)?;
        Ok(SentenceVector {
            part: Part::Text,
            span,
            vector: vector(id + number as u64),
        })
    };
    Ok(Entry {
        content: key.content_hash(&record)?,
        annotation,
        customer,
        vector: vector(id),
        sentences: (0..3).map(sentence).collect::<Outcome<_>>()?,
        record,
    })
}

fn record(id: u64, text: &str) -> Outcome<Record> {
    let day = 1_767_225_600 + (id % 360) as i64 * 86_400;
    let line = serde_json::json!({"id": id, "source": "made-up", "channel": "review",
        "created_at": Timestamp::from_second(day)?, "text": format!("{text} {id}: {}", TEXT.repeat(4)),
        "customer": {"tier": "gold"}, "product": "lampada", "ratings": {"stars": 2.0}});
    Ok(serde_json::from_value(line)?)
}

fn vector(seed: u64) -> QuantizedVector {
    let value = |dimension: usize| ((seed as usize + dimension) * 7 % 255) as f32 - 127.0;
    QuantizedVector::new(&(0..DIMENSIONS).map(value).collect::<Vec<_>>())
}

fn record_key(id: u64) -> Outcome<RecordKey> {
    Ok(RecordKey {
        source: source()?,
        id: RecordId::new(&id.to_string())?,
    })
}

fn source() -> Outcome<SourceId> {
    Ok(SourceId::new("made-up")?)
}

fn start() -> Outcome<RunStart> {
    let at: Timestamp = "2026-08-10T02:00:00Z".parse()?;
    Ok(RunStart {
        started_at: at,
        model: "m".to_owned(),
        taxonomy: "t".to_owned(),
        as_of: at,
    })
}
