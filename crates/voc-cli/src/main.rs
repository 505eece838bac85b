//! The `voc` command: it reads the command line, calls the crates and turns what comes
//! back into text and an exit code.
//!
//! **Architecture Invariant:** glue only. What can be decided without a terminal, a clock
//! or a file system is decided in another crate. This is the only crate that reads the
//! clock (for the default of `--as-of`), starts a runtime or exits.

mod args;
mod commands;
mod config;
mod engine;
mod failure;
mod gold_files;
mod indexing;
mod nightly;
mod places;
mod ranking;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use failure::{Failure, Outcome, exit_code};

fn main() -> ExitCode {
    let cli = Cli::parse();
    terminal::start_logging(&cli.common);
    let result = dispatch(&cli);
    if let Err(failure) = &result {
        tracing::error!("{failure}");
    }
    exit_code(&result)
}

fn dispatch(cli: &Cli) -> Result<Outcome, Failure> {
    let common = &cli.common;
    match &cli.command {
        Command::Demo(args) => commands::demo::demo(common, args),
        Command::Init(args) => commands::init::init(common, args),
        Command::Run(args) => commands::run::run(common, args),
        Command::Analyze(args) => commands::analyze::analyze(common, args),
        Command::Search(args) => commands::search::search(common, args),
        Command::Pulse(args) => commands::pulse::pulse(common, args),
        Command::Rebuild(args) => commands::rebuild::rebuild(common, args),
        Command::Eval(args) => commands::eval::eval(common, args),
        Command::Train(args) => commands::train::train(common, args),
        Command::Correct(args) => commands::correct::correct(common, args),
        Command::Audit(args) => commands::audit::audit(common, args),
        Command::Status(args) => commands::status::status(common, args),
        Command::Doctor(args) => commands::doctor::doctor(common, args),
        Command::Completions(args) => commands::completions::completions(args),
    }
}
