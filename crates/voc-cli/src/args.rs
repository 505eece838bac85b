//! Every command and flag, defined once. Help texts and shell completions come from here.

mod audit;
mod correct;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use voc_core::{Period, PeriodUnit};
use voc_train::Settings;

pub use audit::{AuditArgs, AuditCommand, DrawArgs, ShowArgs, TakeArgs};
pub use correct::CorrectArgs;

/// Turns what customers write, in any language, into things a company can act on.
#[derive(Debug, Parser)]
#[command(
    name = "voc",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit codes: 0 done · 1 incomplete (something was left out, the rest is \
    committed) · 2 wrong usage or configuration · 3 failed\n\n\
    First steps:\n  voc demo                 a demo instance, run and reported\n  \
    voc init                 a commented voc.toml to fill in\n  \
    voc doctor               what is missing, and how to mend it"
)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub common: Common,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub struct Common {
    /// The configuration file.
    #[arg(long, global = true, default_value = "voc.toml", value_name = "FILE")]
    pub config: PathBuf,
    /// No progress bars, and only warnings on stderr.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// How log lines on stderr are written.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
}

/// The format of a command's result.
#[derive(Debug, Args)]
pub struct Output {
    /// How the result is written.
    #[arg(long, short = 'o', value_enum, default_value = "text")]
    pub format: Format,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up a demo instance, run the nightly job on it and show its report.
    Demo(DemoArgs),
    /// Write a commented voc.toml to start from.
    Init(InitArgs),
    /// The nightly job: read new records, label them, store and index them.
    Run(RunArgs),
    /// Label records from a file or stdin, one JSON object per line; nothing is stored.
    Analyze(AnalyzeArgs),
    /// Find what customers wrote, by words and by meaning, in any language.
    Search(SearchArgs),
    /// Report on a period: what customers said, and what changed.
    Pulse(PulseArgs),
    /// Make the search index anew from the store, or re-encode the store.
    Rebuild(RebuildArgs),
    /// Measure labels against a person's, or search against judged queries.
    Eval(EvalArgs),
    /// Train heads on labelled records.
    Train(TrainArgs),
    /// Say what holds where a label is wrong, for good.
    Correct(CorrectArgs),
    /// Find out how often labels are right, from a sample that a person labels unseen.
    Audit(AuditArgs),
    /// What the store holds, and how the last runs went.
    Status(StatusArgs),
    /// Check the installation, and say how to mend what is wrong.
    Doctor(DoctorArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
}

/// `voc demo`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  voc demo ./voc-demo")]
pub struct DemoArgs {
    /// The folder to make; it must not exist, or be a demo made before.
    #[arg(default_value = "voc-demo")]
    pub folder: PathBuf,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// `voc init`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  voc init\n  voc --config acme/voc.toml init --company Acme")]
pub struct InitArgs {
    /// The company's name, as reports show it.
    #[arg(long, default_value = "My company")]
    pub company: String,
    /// Replace an existing file.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// `voc run`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  voc run\n  voc run --folder /exports/tonight\n  \
    voc run --source helpdesk --source chat\n\nFiles that were read before and have not changed \
    are passed over. A run that was killed is resumed by the next one."
)]
pub struct RunArgs {
    /// Read the sources' files from this folder instead of the configured one.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Only this source; may be repeated.
    #[arg(long, value_name = "ID")]
    pub source: Vec<String>,
    /// The time the run is recorded under (default: now).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// `voc analyze`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  voc analyze --input tickets.jsonl --output labelled.jsonl\n  \
    cat tickets.jsonl | voc analyze | jq .kinds\n\nEach line comes back with lang, kinds, \
    sentiment, urgency, touchpoint, mentions, pii and promises added. Texts come back redacted \
    unless --no-redact is given."
)]
pub struct AnalyzeArgs {
    /// Canonical records, one JSON object per line; `-` is stdin.
    #[arg(long, short, default_value = "-", value_name = "FILE")]
    pub input: PathBuf,
    /// Where the labelled lines go; `-` is stdout.
    #[arg(long, default_value = "-", value_name = "FILE")]
    pub output: PathBuf,
    /// Return texts as given. Labels are the same either way.
    #[arg(long)]
    pub no_redact: bool,
    /// The source id of lines that name none.
    #[arg(long, default_value = "stdin", value_name = "ID")]
    pub source: String,
}

/// How `voc search` matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Mode {
    /// Words and meaning together.
    Hybrid,
    /// Words only.
    Lexical,
    /// Meaning only: finds the same thing said in other words and languages.
    Semantic,
}

/// `voc search`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  voc search 'piatti rotti lang:it'\n  \
    voc search 'broken plates kind:complaint since:2026-10-01' --mode semantic\n  \
    voc search 'theme:delivery channel:chat,ticket -voucher' --limit 20 -o json\n\n\
    Filters: lang: kind: theme: channel: sentiment: touchpoint: source: urgency: since: until:\n\
    Several values of one filter are separated by commas; theme:delivery covers all its parts.\n\
    Quote a query that excludes words, so that -voucher is not taken for a flag.")]
pub struct SearchArgs {
    /// Words, \"phrases\", -excluded words and filters.
    #[arg(required = true, num_args = 1..)]
    pub query: Vec<String>,
    /// How many results, at most.
    #[arg(long, short = 'n', default_value_t = 10)]
    pub limit: usize,
    /// How to match.
    #[arg(long, value_enum, default_value = "hybrid")]
    pub mode: Mode,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// A format of the pulse report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// One self-contained page.
    Html,
    /// Markdown.
    Md,
    /// One JSON document.
    Json,
    /// One tidy table.
    Csv,
}

impl ReportFormat {
    /// The file name extension.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Md => "md",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

/// `voc pulse`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  voc pulse                                  last complete week, as Markdown\n  \
    voc pulse --period month --format html,md,json,csv\n  voc pulse --of 2026-W43 --format html \
    --output-dir reports --language it\n\nOne format goes to stdout unless --output-dir is given; \
    several go to files."
)]
pub struct PulseArgs {
    /// Length of the period.
    #[arg(long, default_value = "week", value_name = "day|week|month|quarter")]
    pub period: PeriodUnit,
    /// This very period, e.g. 2026-W43, 2026-10 or 2026-Q4 (default: the last complete one).
    #[arg(long, value_name = "PERIOD")]
    pub of: Option<Period>,
    /// Formats, separated by commas.
    #[arg(
        long,
        short = 'o',
        value_enum,
        value_delimiter = ',',
        default_value = "md"
    )]
    pub format: Vec<ReportFormat>,
    /// Folder for the files (default: reports in the data folder).
    #[arg(long, value_name = "FOLDER")]
    pub output_dir: Option<PathBuf>,
    /// Language of the report: en, it, bg or zh (default: as configured).
    #[arg(long, value_name = "CODE")]
    pub language: Option<voc_core::Language>,
    /// The time that counts as today (default: now).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
}

/// `voc rebuild`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  voc rebuild              the search index, from the store\n  \
    voc rebuild --reencode   labels and vectors too, after a change of model or taxonomy"
)]
pub struct RebuildArgs {
    /// Label and encode again every stored record whose labels come from another model or
    /// taxonomy; resumes where it was interrupted.
    #[arg(long)]
    pub reencode: bool,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// How `voc eval` writes its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EvalFormat {
    /// Tables for a terminal.
    Text,
    /// Tables in Markdown, as in a model card.
    Md,
    /// One JSON document with every figure.
    Json,
}

/// `voc eval`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  voc eval --gold data/corpus/dev\n  \
    voc eval --gold mine.jsonl --html mistakes.html\n  \
    voc eval --gold mine.jsonl --labelled new.jsonl --against old.jsonl\n  \
    voc eval --sets ../sets --mapping data/eval/*.toml\n  \
    voc eval --retrieval ../sets/retrieval\n\nLabelled lines are what `voc analyze --no-redact` made of the \
    gold lines, or another person's labels in the gold format; without --labelled the model is \
    run. A set whose file is missing is named and left out.")]
#[command(group(clap::ArgGroup::new("measured").required(true).multiple(true)
    .args(["gold", "mapping", "retrieval"])))]
pub struct EvalArgs {
    /// Gold records, one JSON object per line; a folder stands for its .jsonl files.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub gold: Vec<PathBuf>,
    /// Trained heads to measure, instead of the configured ones.
    #[arg(long, value_name = "FOLDER", conflicts_with = "labelled")]
    pub heads: Option<PathBuf>,
    /// Labelled lines to measure instead of running the model.
    #[arg(long, value_name = "FILE", requires = "gold")]
    pub labelled: Option<PathBuf>,
    /// Labelled lines of another version: shows what differs, with a paired test.
    #[arg(long, value_name = "FILE", requires = "gold")]
    pub against: Option<PathBuf>,
    /// Write a page with all figures and the mistakes to read.
    #[arg(long, value_name = "FILE", requires = "gold")]
    pub html: Option<PathBuf>,
    /// What the labels of other people's sets mean in ours.
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "sets")]
    pub mapping: Vec<PathBuf>,
    /// The folder with the files that the mappings name.
    #[arg(long, value_name = "FOLDER")]
    pub sets: Option<PathBuf>,
    /// A folder with queries.jsonl, corpus.jsonl and qrels.tsv; may be repeated.
    #[arg(long, value_name = "FOLDER")]
    pub retrieval: Vec<PathBuf>,
    /// How the result is written.
    #[arg(long, short = 'o', value_enum, default_value = "text")]
    pub format: EvalFormat,
}

/// `voc train`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  voc train --data data/corpus/train --development data/corpus/dev --to models/heads\n  \
    voc train … --share 0.25   a point of the learning curve\n  \
    voc train --few-shot themes.jsonl --to models/themes.json\n\n\
    A training that was stopped goes on from its last pass when the same command is run again."
)]
pub struct TrainArgs {
    /// Labelled records to learn from; a folder stands for its .jsonl files.
    #[arg(long, value_name = "FILE", num_args = 1..,
        required_unless_present_any = ["few_shot", "thresholds_of"])]
    pub data: Vec<PathBuf>,
    /// Labelled records that thresholds are set on; nothing is learned from them.
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "few_shot")]
    pub development: Vec<PathBuf>,
    /// Learn from the store's corrected records too. Of these, the labels that a person left
    /// alone are taken as right.
    #[arg(long, conflicts_with = "few_shot")]
    pub corrections: bool,
    /// Instead: learn nothing, only set the thresholds of these heads on --development, e.g. on
    /// a few hundred records of your own.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = [
        "data", "few_shot", "corrections", "epochs", "shared_layers", "share", "seed",
    ])]
    pub thresholds_of: Option<PathBuf>,
    /// Instead: examples of themes of your own, lines of {"text": …, "label": theme id}; 8 to
    /// 16 of each are enough, and it takes seconds.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "development"])]
    pub few_shot: Option<PathBuf>,
    /// Learn from this many examples of each theme, drawn by the seed, and measure on the
    /// others.
    #[arg(long, value_name = "N", requires = "few_shot")]
    pub examples: Option<usize>,
    /// The folder for the heads; with --few-shot, the file.
    #[arg(long, value_name = "FOLDER")]
    pub to: PathBuf,
    /// Passes over the records.
    #[arg(long, default_value_t = Settings::default().epochs, value_name = "N")]
    pub epochs: usize,
    /// Layers shared with the encoder; copies of the others are trained. Fewer shared
    /// layers learn more and cost more, in every run.
    #[arg(long, default_value_t = Settings::default().shared_layers, value_name = "N")]
    pub shared_layers: usize,
    /// Share of the records to learn from, drawn by the seed.
    #[arg(long, default_value_t = 1.0, value_name = "SHARE")]
    pub share: f64,
    /// Seed of all draws.
    #[arg(long, default_value_t = Settings::default().seed, value_name = "N")]
    pub seed: u64,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// `voc status`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  voc status\n  voc status --max-age 26h || echo 'last night did not run'"
)]
pub struct StatusArgs {
    /// Exit 1 if the last finished run is older than this, e.g. 26h or 90m.
    #[arg(long, value_name = "DURATION")]
    pub max_age: Option<jiff::Span>,
    /// Also check the store: its pages and references, every rollup against the facts, every
    /// correction laid over again; and show the store's digest.
    #[arg(long)]
    pub verify: bool,
    /// The time that counts as now (default: now).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// `voc doctor`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  voc doctor\n  voc doctor --choose-precision   measure f32 against bf16 once, and record the choice"
)]
pub struct DoctorArgs {
    /// Measure both number types on this machine and record which to use: bf16 where it is a
    /// tenth faster, else f32.
    #[arg(long)]
    pub choose_precision: bool,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// `voc completions`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  voc completions bash > ~/.local/share/bash-completion/completions/voc"
)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
