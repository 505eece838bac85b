//! What goes to the terminal: log lines and progress on stderr, results on stdout.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::args::{Common, Format, LogFormat};
use crate::failure::Failure;

/// Starts logging to stderr. `VOC_LOG` sets the level, e.g. `VOC_LOG=debug`.
pub fn start_logging(common: &Common) {
    let level = if common.quiet { "warn" } else { "info" };
    // Libraries speak up only when something is wrong.
    let default =
        format!("warn,voc={level},voc_ingest={level},voc_store={level},voc_index={level}");
    let filter = EnvFilter::try_from_env("VOC_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    match common.log_format {
        LogFormat::Json => builder.json().init(),
        LogFormat::Text => {
            builder
                .with_target(false)
                .without_time()
                .with_ansi(stderr().is_terminal())
                .init();
        }
    }
}

/// A progress bar on a terminal, nothing in a pipe or with `--quiet`.
pub fn progress(common: &Common, total: u64, template: &str) -> ProgressBar {
    let shown = stderr().is_terminal() && !common.quiet && common.log_format == LogFormat::Text;
    if !shown {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Prints a result: `text` for people, `value` as one JSON document.
///
/// # Errors
/// [`Failure::Failed`] if stdout cannot be written.
pub fn print(format: Format, value: &impl Serialize, text: &str) -> Result<(), Failure> {
    match format {
        Format::Json => print_text(&format!("{}\n", serde_json::to_string_pretty(value)?)),
        Format::Text => print_text(text),
    }
}

/// Prints `text` as it is. A reader that has gone away (`| head`) is no error.
///
/// # Errors
/// [`Failure::Failed`] if stdout cannot be written.
pub fn print_text(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Columns aligned with blanks; the first row is the heading. Columns after the first that
/// hold numbers only are aligned to the right.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let numeric = |column: usize| {
        let mut cells = rows.iter().skip(1).filter_map(|row| row.get(column));
        column > 0
            && cells.all(|cell| {
                cell.chars()
                    .all(|c| c.is_ascii_digit() || "., %-".contains(c))
            })
    };
    let layout: Vec<(usize, bool)> = (0..columns)
        .map(|column| (width(column).unwrap_or(0), numeric(column)))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&layout).map(|(cell, (width, numeric))| {
            let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
            if *numeric {
                format!("{blanks}{cell}")
            } else {
                format!("{cell}{blanks}")
            }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_numbers_stand_to_the_right() {
        let rows = [["source", "read"], ["отзиви", "7"], ["x", "1200"]];
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
            .collect();
        assert_eq!(table(&rows), "source  read\nотзиви     7\nx       1200\n");
    }
}
