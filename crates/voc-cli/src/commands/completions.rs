//! `voc completions`: completion scripts from the same definitions as the flags.

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::failure::{Failure, Outcome};
use crate::terminal;

/// Prints the script.
///
/// # Errors
/// [`Failure::Failed`] if stdout cannot be written.
pub fn completions(args: &CompletionsArgs) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "voc", &mut script);
    terminal::print_text(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
