//! `voc pulse`: a report on a period, from one snapshot of the store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use voc_core::{Period, PeriodUnit, RecordKey, SourceId, ThemeId};
use voc_pulse::{Pulse, PulseBuilder, PulseRequest, Verbatim, render};
use voc_store::{Snapshot, Store};

use super::rebuild;
use crate::args::{Common, PulseArgs, ReportFormat};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::terminal;

/// Periods that a report looks back on, where there are as many.
const BASELINE: usize = 8;
/// Runs looked back on for how far a source has been read.
const RUNS: usize = 1000;

/// Writes the report in every format asked for.
///
/// # Errors
/// [`Failure::Usage`] before the first run; [`Failure::Failed`] if a file cannot be
/// written.
pub fn pulse(common: &Common, args: &PulseArgs) -> Result<Outcome, Failure> {
    let config = Config::load(&common.config)?;
    let pulse = report(&config, args)?;
    if let ([format], None) = (args.format.as_slice(), &args.output_dir) {
        terminal::print_text(&rendered(&pulse, *format)?)?;
        return Ok(Outcome::Done);
    }
    let folder = args
        .output_dir
        .clone()
        .unwrap_or_else(|| config.data().join("reports"));
    for file in write(&pulse, &args.format, &folder)? {
        terminal::print_text(&format!("{}\n", file.display()))?;
    }
    Ok(Outcome::Done)
}

/// Makes the report.
///
/// # Errors
/// As [`pulse`].
pub fn report(config: &Config, args: &PulseArgs) -> Result<Pulse, Failure> {
    if !config.store_file().exists() {
        return Err(Failure::usage(
            "there is nothing to report on yet; `voc run` comes first",
        ));
    }
    let snapshot = Store::open(&config.store_file())?.snapshot()?;
    let as_of = args.as_of.unwrap_or_else(Timestamp::now);
    let today = as_of.to_zoned(config.zone().clone()).date();
    let mut request = PulseRequest::new(
        args.of.unwrap_or_else(|| last_complete(args.period, today)),
        as_of,
    );
    request.timezone.clone_from(&config.instance.timezone);
    request.company.clone_from(&config.instance.company);
    request.language = args.language.unwrap_or(config.instance.language);
    request.baseline = baseline(
        request.period,
        snapshot.first_and_last_day()?.map(|days| days.0),
    );
    request.complete_through = complete_through(config, &snapshot)?;
    request.store_version = snapshot.version();
    let annotator = snapshot.annotator()?.unwrap_or_default();
    rebuild::model_of(&annotator).clone_into(&mut request.model);
    build(&snapshot, request, config)
}

/// The period before the one that `today` lies in.
fn last_complete(unit: PeriodUnit, today: Date) -> Period {
    Period::containing(unit, today).previous()
}

/// Periods compared with: eight, or as many as there are since the first record.
fn baseline(period: Period, first_day: Option<Date>) -> usize {
    let Some(first_day) = first_day else { return 0 };
    let earlier = std::iter::successors(Some(period.previous()), |period| Some(period.previous()));
    earlier
        .take(BASELINE)
        .take_while(|period| period.first_day() >= first_day)
        .count()
}

fn build(snapshot: &Snapshot, request: PulseRequest, config: &Config) -> Result<Pulse, Failure> {
    let mut builder = PulseBuilder::new(request, &config.taxonomy()?).map_err(Failure::usage)?;
    let needed = builder.needed_days();
    let days = needed.start..=needed.end.saturating_sub(1.day());
    snapshot.record_facts(days.clone(), &mut |fact| builder.add_record(&fact))?;
    snapshot.mention_facts(days, &mut |fact| builder.add_mention(&fact))?;
    let mut texts: BTreeMap<(RecordKey, ThemeId), Verbatim> = BTreeMap::new();
    for (key, theme) in builder.verbatim_candidates() {
        if let Some(verbatim) = verbatim(snapshot, &key, &theme, config)? {
            texts.insert((key, theme), verbatim);
        }
    }
    Ok(builder.finish(|key, theme| texts.get(&(key.clone(), theme.clone())).cloned()))
}

/// The stored text around the best mention of `theme`.
fn verbatim(
    snapshot: &Snapshot,
    key: &RecordKey,
    theme: &ThemeId,
    config: &Config,
) -> Result<Option<Verbatim>, Failure> {
    let Some(stored) = snapshot.record(key)? else {
        return Ok(None);
    };
    let mentions = stored
        .annotation
        .mentions
        .iter()
        .filter(|mention| &mention.theme == theme);
    let best = mentions.max_by(|a, b| a.score.get().total_cmp(&b.score.get()));
    let shown = best.and_then(|best| Some((best, stored.record.part(best.part)?)));
    Ok(shown.map(|(best, text)| Verbatim {
        text: text.to_owned(),
        quote: best.quote.clone(),
        language: stored.annotation.lang.code,
        channel: stored.record.channel,
        day: stored
            .record
            .written_at(best.part)
            .to_zoned(config.zone().clone())
            .date(),
        url: stored.record.url.clone(),
    }))
}

/// The last day that each source was surely read to the end of: the day before the last
/// run that read something from it and came to the end of all its files.
fn complete_through(
    config: &Config,
    snapshot: &Snapshot,
) -> Result<BTreeMap<SourceId, Date>, Failure> {
    let unfinished: Vec<SourceId> = snapshot
        .bookmarks()?
        .into_iter()
        .filter(|bookmark| !bookmark.done)
        .map(|bookmark| bookmark.source)
        .collect();
    let mut through = BTreeMap::new();
    for run in snapshot.runs(RUNS)?.iter().filter(|run| run.end.is_some()) {
        let day = run
            .start
            .as_of
            .to_zoned(config.zone().clone())
            .date()
            .saturating_sub(1.day());
        for (source, counts) in &run.counts {
            if counts.read > 0 && !unfinished.contains(source) {
                let last = through.entry(source.clone()).or_insert(day);
                *last = day.max(*last);
            }
        }
    }
    Ok(through)
}

fn rendered(pulse: &Pulse, format: ReportFormat) -> Result<String, Failure> {
    match format {
        ReportFormat::Html => render::html(pulse),
        ReportFormat::Md => Ok(render::markdown(pulse)),
        ReportFormat::Json => render::json(pulse),
        ReportFormat::Csv => render::csv(pulse),
    }
    .map_err(Failure::failed)
}

/// Writes `pulse-PERIOD.EXT` for each format; each file is replaced whole.
///
/// # Errors
/// [`Failure::Failed`] naming the file that cannot be written.
pub fn write(
    pulse: &Pulse,
    formats: &[ReportFormat],
    folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let named = |path: &Path, error: std::io::Error| {
        Failure::failed(format!("cannot write {}: {error}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| named(folder, error))?;
    let mut files = Vec::new();
    for format in formats {
        let name = format!("pulse-{}.{}", pulse.header.period, format.extension());
        let (file, draft) = (folder.join(&name), folder.join(format!(".{name}.draft")));
        std::fs::write(&draft, rendered(pulse, *format)?)
            .and_then(|()| std::fs::rename(&draft, &file))
            .map_err(|error| named(&file, error))?;
        files.push(file);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_baseline_is_as_long_as_there_are_whole_periods() {
        let week: Period = "2026-W36".parse().unwrap();
        assert_eq!(baseline(week, Some(date(2026, 8, 3))), 4);
        assert_eq!(baseline(week, Some(date(2026, 8, 4))), 3);
        assert_eq!(baseline(week, Some(date(2020, 1, 1))), 8);
        assert_eq!(baseline(week, None), 0);
    }

    #[test]
    fn the_default_is_the_last_complete_period() {
        let check = |unit, today, expect: &str| {
            assert_eq!(last_complete(unit, today).to_string(), expect);
        };
        check(PeriodUnit::Week, date(2026, 10, 26), "2026-W43");
        check(PeriodUnit::Week, date(2026, 11, 1), "2026-W43");
        check(PeriodUnit::Month, date(2026, 1, 31), "2025-12");
        check(PeriodUnit::Day, date(2026, 3, 1), "2026-02-28");
    }
}
