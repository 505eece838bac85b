//! What labelling costs beside the encoder alone: documents per CPU-second of everything
//! `voc analyze` does to a line, next to the bare encoder on the same texts, in one run.
//!
//! ```text
//! cargo run --release -p voc-model --example analyze_ratio -- [--limit N] [--rounds R] [FILE...]
//! ```
//!
//! The files hold canonical records, one JSON object per line; by default those of the demo.
//! Rounds alternate between the two, so that a machine that gets slower hits both.
//!
//! - **bare**: the customer's texts of a record as given, joined, as one sentence; the
//!   encoder and nothing else.
//! - **analyze**: a JSON line in, cleaning, sentences, language, redaction, encoder, heads,
//!   a JSON line out.
//!
//! Both go in chunks of 512. Quoted history is not encoded when labelling; the share of
//! characters that is encoded stands below the table, since it moves the ratio.

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;

use serde_json::{Map, Value};
use voc_core::{Record, Speaker, Taxonomy};
use voc_model::{
    Analyzed, Analyzer, Document, Encoder, ModelFolder, PrecisionChoice, TrainedHeads, Unit,
};
use voc_text::{TextOptions, TextPipeline};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Records per chunk, as `voc` cuts them.
const CHUNK: usize = 512;
const ROUNDS: usize = 5;
/// A round of one side lasts at least this long: the clock has steps of 0.01 s.
const SHORTEST_ROUND: f64 = 3.0;
/// Ticks per second in `/proc`: `USER_HZ`, which is 100 wherever Rust and libtorch run.
const TICKS_PER_SECOND: f64 = 100.0;

fn main() -> Outcome {
    let options = Options::parse()?;
    let lines = options.lines()?;
    let records = lines
        .iter()
        .map(|line| read(line))
        .collect::<Outcome<Vec<_>>>()?;
    let bare: Vec<Document> = records.iter().map(as_one_sentence).collect();
    let (bare_encoder, _) = encoder()?;
    let analyzer = analyzer()?;
    println!("{} records, {}", lines.len(), analyzer.model());

    // Once each for caches, threads and lazily loaded language models.
    encode(&bare_encoder, &bare)?;
    let encoded = analyze(&analyzer, &lines)?;
    println!(
        "{:>5} {:>16} {:>16} {:>7}",
        "round", "bare docs/CPU-s", "analyze", "ratio"
    );
    let mut ratios = Vec::with_capacity(options.rounds);
    for round in 1..=options.rounds {
        let of_bare = rate(lines.len(), || encode(&bare_encoder, &bare))?;
        let of_analyze = rate(lines.len(), || analyze(&analyzer, &lines))?;
        let ratio = of_analyze / of_bare;
        println!("{round:>5} {of_bare:>16.2} {of_analyze:>16.2} {ratio:>7.3}");
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
    println!(
        "ratio: median {:.3}, {least:.3} to {most:.3}",
        ratios[ratios.len() / 2]
    );
    let share = 100.0 * encoded as f64 / characters(&bare) as f64;
    println!("analyze encoded {share:.1} % of the characters that bare did");
    Ok(())
}

/// The command line.
struct Options {
    files: Vec<PathBuf>,
    limit: usize,
    rounds: usize,
}

impl Options {
    fn parse() -> Outcome<Self> {
        let mut options = Self {
            files: Vec::new(),
            limit: usize::MAX,
            rounds: ROUNDS,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--limit" => options.limit = number(arguments.next())?,
                "--rounds" => options.rounds = number(arguments.next())?,
                flag if flag.starts_with('-') => return Err(format!("no option {flag}").into()),
                file => options.files.push(PathBuf::from(file)),
            }
        }
        if options.files.is_empty() {
            let demo = PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../data/demo/exports"
            ));
            options.files = ["chat.jsonl", "sales.jsonl"]
                .map(|name| demo.join(name))
                .to_vec();
        }
        Ok(options)
    }

    fn lines(&self) -> Outcome<Vec<String>> {
        let mut lines = Vec::new();
        for file in &self.files {
            let text = std::fs::read_to_string(file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            lines.extend(
                text.lines()
                    .filter(|line| !line.trim().is_empty())
                    .map(str::to_owned),
            );
        }
        lines.truncate(self.limit);
        if lines.is_empty() {
            Err("there are no records to measure".into())
        } else {
            Ok(lines)
        }
    }
}

fn number(argument: Option<String>) -> Outcome<usize> {
    let number = argument.unwrap_or_default().parse().unwrap_or(0);
    if number > 0 {
        Ok(number)
    } else {
        Err("--limit and --rounds need a number above 0".into())
    }
}

/// As `voc` loads it without a configuration file, from the same cache folder.
fn cache() -> Outcome<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    Ok(set("VOC_CACHE_DIR")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("voc-pulse")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache").join("voc-pulse")))
        .ok_or("no cache folder: set HOME or VOC_CACHE_DIR")?)
}

/// The encoder without heads, and its folder.
fn encoder() -> Outcome<(Encoder, ModelFolder)> {
    let folder = cache()?.join("models").join("multilingual-e5-small-q4");
    let folder = ModelFolder::open(&folder)?;
    let choice = PrecisionChoice::beside(&folder)?;
    Ok((Encoder::load(&folder, choice.precision, 0)?, folder))
}

/// Everything, with the shipped heads.
fn analyzer() -> Outcome<Analyzer> {
    let (encoder, folder) = encoder()?;
    let encoder = encoder.with_heads(&TrainedHeads::shipped()?, &folder)?;
    let text = TextPipeline::new(&TextOptions::default())?;
    let taxonomy = Taxonomy::default_scheme()?;
    let examples = cache()?.join("examples");
    Ok(Analyzer::new(text, encoder, &taxonomy, Some(&examples))?)
}

fn read(line: &str) -> Outcome<Record> {
    Ok(serde_json::from_str(line)?)
}

fn as_one_sentence(record: &Record) -> Document {
    let parts = record.parts().into_iter();
    let own: Vec<&str> = parts
        .filter(|(_, speaker, _)| *speaker == Speaker::Customer)
        .map(|(_, _, text)| text)
        .collect();
    Document {
        units: vec![Unit {
            sentences: vec![own.join("\n")],
        }],
    }
}

fn encode(encoder: &Encoder, documents: &[Document]) -> Outcome<usize> {
    let mut encoded = 0;
    for chunk in documents.chunks(CHUNK) {
        encoded += black_box(encoder.encode(chunk)?).len();
    }
    Ok(encoded)
}

/// Returns how many characters went to the encoder.
fn analyze(analyzer: &Analyzer, lines: &[String]) -> Outcome<usize> {
    let mut encoded = 0;
    for chunk in lines.chunks(CHUNK) {
        let records = chunk
            .iter()
            .map(|line| read(line))
            .collect::<Outcome<Vec<_>>>()?;
        for analyzed in analyzer.analyze(records)? {
            black_box(labelled(&analyzed)?);
            let spans = analyzed.sentences.iter().map(|sentence| sentence.span);
            encoded += spans.map(|span| span.end() - span.start()).sum::<usize>();
        }
    }
    Ok(encoded)
}

/// The line that `voc analyze` writes.
fn labelled(analyzed: &Analyzed) -> Outcome<Vec<u8>> {
    let mut line = Map::new();
    let parts = [
        serde_json::to_value(&analyzed.record)?,
        serde_json::to_value(&analyzed.annotation)?,
    ];
    for part in parts {
        if let Value::Object(fields) = part {
            line.extend(fields);
        }
    }
    Ok(serde_json::to_vec(&line)?)
}

fn characters(documents: &[Document]) -> usize {
    let sentences = documents
        .iter()
        .flat_map(|d| &d.units)
        .flat_map(|unit| &unit.sentences);
    sentences.map(|sentence| sentence.chars().count()).sum()
}

/// Documents per CPU-second of `pass` over `documents` of them, repeated until it has
/// lasted long enough.
fn rate(documents: usize, pass: impl Fn() -> Outcome<usize>) -> Outcome<f64> {
    let start = cpu_seconds()?;
    let mut passes = 0;
    loop {
        black_box(pass()?);
        passes += 1;
        let lasted = cpu_seconds()? - start;
        if lasted >= SHORTEST_ROUND {
            return Ok((passes * documents) as f64 / lasted);
        }
    }
}

/// User and system time of all threads of this process so far, from `/proc/self/stat`.
///
/// CPU time, not time of day: what else runs on the machine then counts for little, and
/// work that merely moves to another core is not gained. The standard library does not
/// tell it, and calling `getrusage` would take `unsafe` or one more crate.
fn cpu_seconds() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The command's name, in parentheses, may hold spaces; proc(5) counts from 1 before it:
    // utime is field 14, stime 15, so 11 and 12 of what follows the name.
    let (_, behind_name) = stat
        .rsplit_once(')')
        .ok_or("/proc/self/stat has another form")?;
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let ticks = |field: usize| -> Outcome<f64> {
        Ok(fields
            .get(field)
            .ok_or("/proc/self/stat has too few fields")?
            .parse()?)
    };
    Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}
