//! The flags of `voc audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use voc_core::{Language, Reviewer};

use super::{Format, Output};

/// `voc audit`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  voc audit draw --seed 7 --per-label 100 -o audit.jsonl\n  \
    (fill in kinds, sentiment and mentions of each line)\n  voc audit take audit.jsonl --by ana\n  \
    voc audit show\n\n\
    What is said in an audit measures the labels; it changes none, and nothing learns from it."
)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// The steps of an audit.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Draw records for a person to label, without saying what the model says.
    Draw(DrawArgs),
    /// Take the labels of a file that was drawn.
    Take(TakeArgs),
    /// Show how often the model is right, and shares set right for its error.
    Show(ShowArgs),
}

/// `voc audit draw`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  voc audit draw --seed 7 --per-label 100 --from 2026-09-01 --to 2026-09-30 \
    --language it --language bg -o september.jsonl\n\n\
    The same store, seed and flags draw the same records. Each line waits for `kinds` (a list, \
    empty for none), `sentiment` and `mentions` (a list of {\"theme\": …, \"sentiment\": …}, empty \
    for none; quotes are not needed). At least 50 records that have a label and 50 that do not are \
    needed for a share that is set right."
)]
pub struct DrawArgs {
    /// Decides the draw.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: u64,
    /// About how many records of each label, shared equally between the languages.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub per_label: u64,
    /// The first day to draw from (default: the first there is).
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// The last day to draw from (default: the last there is).
    #[arg(long, value_name = "DATE")]
    pub to: Option<Date>,
    /// Only this language; may be repeated.
    #[arg(long, value_name = "CODE")]
    pub language: Vec<Language>,
    /// The file to write; it must not exist.
    #[arg(long, short = 'o', value_name = "FILE")]
    pub output: PathBuf,
    /// The time that the draw is recorded under (default: now).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `voc audit take`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  voc audit take september.jsonl --by ana\n\n\
    Lines that are not filled in yet are counted and left for later; the same file can be taken \
    again as it is filled in. Of a record that is labelled anew the last labels count.")]
pub struct TakeArgs {
    /// The file that was drawn, filled in.
    pub file: PathBuf,
    /// Your short name; it is stored with the labels as you write it.
    #[arg(long, value_name = "NAME", value_parser = Reviewer::new)]
    pub by: Reviewer,
    /// The time that the labels are recorded under (default: now).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// `voc audit show`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  voc audit show\n  voc audit show --audit 1 -o json")]
pub struct ShowArgs {
    /// Number of the audit (default: the last one drawn).
    #[arg(long, value_name = "N")]
    pub audit: Option<u64>,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}
