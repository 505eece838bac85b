//! `voc audit draw`: a sample to be labelled, without what the model says.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tempfile::NamedTempFile;
use voc_core::{AuditLabels, Body, Channel, Language, Record, RecordId, RecordKey, SourceId};
use voc_pulse::audit::Design;
use voc_store::{AuditDraw, AuditId, Change, DrawnRecord, Key, Snapshot, Store, StoreLock, Stored};

use crate::args::DrawArgs;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::gold_files::cannot;
use crate::terminal;

/// A record that can be drawn, as the model labels it.
struct Candidate {
    key: RecordKey,
    language: Language,
    predicted: AuditLabels,
}

#[derive(Serialize)]
struct Drawn<'a> {
    audit: u64,
    drawn: usize,
    population: u64,
    file: &'a Path,
}

/// Draws, notes the draw in the store and writes the file.
///
/// # Errors
/// [`Failure::Usage`] if there is nothing to draw from, or the file exists already.
pub fn draw(config: &Config, store: &Store, args: &DrawArgs) -> Result<Outcome, Failure> {
    let snapshot = store.snapshot()?;
    let nothing = || Failure::usage("there are no records of these days and languages");
    let (first, last) = snapshot.first_and_last_day()?.ok_or_else(nothing)?;
    let days = (args.from.unwrap_or(first), args.to.unwrap_or(last));
    let candidates = candidates(config, &snapshot, args, days)?;
    if candidates.is_empty() {
        return Err(nothing());
    }
    let labels = candidates.iter().map(|c| (c.language, &c.predicted));
    let design = Design::new(labels, args.per_label);
    let key = Key::load_or_create(&config.key_file())?;
    let records = drawn(&design, candidates, &key, args.seed);
    if records.is_empty() {
        return Err(Failure::usage("the draw is empty; raise --per-label"));
    }
    let mut file = draft(&args.output)?;
    let draw = AuditDraw {
        at: args.as_of.unwrap_or_else(Timestamp::now),
        seed: args.seed,
        per_label: args.per_label,
        first_day: days.0,
        last_day: days.1,
        languages: args.language.clone(),
        version: snapshot.version(),
        annotator: snapshot.annotator()?.unwrap_or_default(),
        population: design.population(),
        strata: design.strata().to_vec(),
    };
    let audit = note(config, store, draw, records.clone())?;
    write(file.as_file_mut(), &snapshot, audit, &records)?;
    let kept = file.persist_noclobber(&args.output);
    kept.map_err(|error| cannot("create", &args.output, &error.error))?;
    tell(args, audit, records.len(), design.population())?;
    Ok(Outcome::Done)
}

/// Every record of the customers' own words, of these days and languages. Where a person has
/// corrected labels, it is the model that is audited.
fn candidates(
    config: &Config,
    snapshot: &Snapshot,
    args: &DrawArgs,
    days: (Date, Date),
) -> Result<Vec<Candidate>, Failure> {
    let mut model: BTreeMap<RecordKey, AuditLabels> = BTreeMap::new();
    snapshot.corrected(&mut |corrected| {
        let labels = AuditLabels::from(&corrected.model);
        model.insert(corrected.stored.record.key(), labels);
    })?;
    let wanted = |stored: &Stored| {
        let day = stored
            .record
            .created_at
            .to_zoned(config.zone().clone())
            .date();
        let language = &stored.annotation.lang.code;
        stored.record.channel != Channel::Agent
            && (days.0..=days.1).contains(&day)
            && (args.language.is_empty() || args.language.contains(language))
    };
    let mut candidates = Vec::new();
    snapshot.changes_since(0, &mut |change| -> Result<(), Failure> {
        if let Change::Upsert(stored) = change
            && wanted(&stored)
        {
            let key = stored.record.key();
            let corrected = model.remove(&key);
            candidates.push(Candidate {
                language: stored.annotation.lang.code,
                predicted: corrected.unwrap_or_else(|| AuditLabels::from(&stored.annotation)),
                key,
            });
        }
        Ok(())
    })?;
    Ok(candidates)
}

/// Those whose lot falls, in an order that tells nothing: a person who stops half-way has
/// labelled a sample too.
fn drawn(design: &Design, candidates: Vec<Candidate>, key: &Key, seed: u64) -> Vec<DrawnRecord> {
    let mut drawn: Vec<(u64, DrawnRecord)> = Vec::new();
    for candidate in candidates {
        let lot = key.lot(seed, &candidate.key);
        let chance = design.chance(candidate.language, &candidate.predicted);
        if lot.chance < chance {
            let record = DrawnRecord {
                key: candidate.key,
                chance,
                predicted: candidate.predicted,
            };
            drawn.push((lot.place, record));
        }
    }
    drawn.sort_by_key(|(place, _)| *place);
    drawn.into_iter().map(|(_, record)| record).collect()
}

fn note(
    config: &Config,
    store: &Store,
    draw: AuditDraw,
    records: Vec<DrawnRecord>,
) -> Result<AuditId, Failure> {
    let _lock = StoreLock::to_write(&config.data())?;
    let writer = store.writer(config.zone().clone())?;
    Ok(writer.draw_audit(draw, records)?)
}

/// A draft of the file. One that is there already may be half filled in, and is left alone.
fn draft(path: &Path) -> Result<NamedTempFile, Failure> {
    let failed = |error| cannot("create", path, &error);
    if path.try_exists().map_err(failed)? {
        return Err(failed(ErrorKind::AlreadyExists.into()));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)
}

/// A line to be filled in: the gold format without labels.
#[derive(Serialize)]
struct Line<'r> {
    audit: u64,
    source: &'r SourceId,
    id: &'r RecordId,
    channel: Channel,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: &'r Option<String>,
    #[serde(flatten)]
    body: &'r Body,
    kinds: Option<()>,
    sentiment: Option<()>,
    mentions: Option<()>,
}

fn write(
    file: &mut File,
    snapshot: &Snapshot,
    audit: AuditId,
    records: &[DrawnRecord],
) -> Result<(), Failure> {
    let mut lines = String::new();
    for drawn in records {
        if let Some(stored) = snapshot.record(&drawn.key)? {
            lines += &serde_json::to_string(&line(audit, &stored.record))?;
            lines.push('\n');
        }
    }
    Ok(file.write_all(lines.as_bytes())?)
}

fn line(audit: AuditId, record: &Record) -> Line<'_> {
    Line {
        audit: audit.get(),
        source: &record.source,
        id: &record.id,
        channel: record.channel,
        created_at: record.created_at,
        title: &record.title,
        body: &record.body,
        kinds: None,
        sentiment: None,
        mentions: None,
    }
}

fn tell(args: &DrawArgs, audit: AuditId, drawn: usize, population: u64) -> Result<(), Failure> {
    let file = args.output.as_path();
    let shown = file.display();
    let text = format!(
        "Drew {drawn} of {population} records for audit {audit} into {shown}.\n\
         Fill in kinds, sentiment and mentions of each line, then: voc audit take {shown} --by NAME\n"
    );
    let audit = audit.get();
    let drawn = Drawn {
        audit,
        drawn,
        population,
        file,
    };
    terminal::print(args.format, &drawn, &text)
}
