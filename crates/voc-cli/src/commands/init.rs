//! `voc init`: a commented configuration to start from.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::args::{Common, InitArgs};
use crate::config::TEMPLATE;
use crate::failure::{Failure, Outcome};
use crate::terminal;

#[derive(Serialize)]
struct Written<'a> {
    config: &'a Path,
}

/// Writes the file that `--config` names.
///
/// # Errors
/// [`Failure::Usage`] if it exists and `--force` is not given, or its folder cannot be
/// written.
pub fn init(common: &Common, args: &InitArgs) -> Result<Outcome, Failure> {
    let path = &common.config;
    let text = TEMPLATE.replace("\"My company\"", &toml_string(&args.company));
    write(path, &text, args.force)?;
    terminal::print(
        args.output.format,
        &Written { config: path },
        &format!(
            "Wrote {}. Describe your sources in it, then:\n  voc doctor   checks it\n  \
             voc run      reads them\n",
            path.display()
        ),
    )?;
    Ok(Outcome::Done)
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::usage(match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                format!("{} exists already; --force replaces it", path.display())
            }
            _ => format!("cannot write {}: {error}", path.display()),
        })
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = fs::OpenOptions::new();
    options
        .write(true)
        .truncate(true)
        .create(force)
        .create_new(!force);
    options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(failed)
}

fn toml_string(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace(['\n', '\r'], " ")
    )
}
