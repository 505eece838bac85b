//! `voc audit`: how often the labels are right, as a person finds out who does not know them.

mod draw;
mod show;
mod take;

use voc_store::Store;

use crate::args::{AuditArgs, AuditCommand, Common};
use crate::config::Config;
use crate::failure::{Failure, Outcome};

/// Draws, takes or shows.
///
/// # Errors
/// [`Failure::Usage`] before the first run, and for what cannot be drawn, taken or shown.
pub fn audit(common: &Common, args: &AuditArgs) -> Result<Outcome, Failure> {
    let config = Config::load(&common.config)?;
    if !config.store_file().exists() {
        return Err(Failure::usage(
            "there is nothing to audit yet; `voc run` comes first",
        ));
    }
    let store = Store::open(&config.store_file())?;
    match &args.command {
        AuditCommand::Draw(args) => draw::draw(&config, &store, args),
        AuditCommand::Take(args) => take::take(&config, &store, args),
        AuditCommand::Show(args) => show::show(&store, args),
    }
}
