//! Where set-up puts things: the user's cache folder.

use std::env;
use std::path::PathBuf;

use crate::failure::Failure;

/// The encoder that set-up converts.
const MODEL: &str = "multilingual-e5-small-q4";

/// The cache folder, by the same rule as `scripts/setup`: `VOC_CACHE_DIR`, else
/// `XDG_CACHE_HOME/voc-pulse`, else `~/.cache/voc-pulse`.
///
/// # Errors
/// [`Failure::Usage`] if no variable says where.
pub fn cache_folder() -> Result<PathBuf, Failure> {
    let set = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("VOC_CACHE_DIR")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("voc-pulse")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache").join("voc-pulse")))
        .ok_or_else(|| Failure::usage("no cache folder: set HOME or VOC_CACHE_DIR"))
}

/// The encoder's folder in the cache.
///
/// # Errors
/// As [`cache_folder`].
pub fn model_folder() -> Result<PathBuf, Failure> {
    Ok(cache_folder()?.join("models").join(MODEL))
}

/// Where the number type chosen for `encoder` on this machine is recorded.
///
/// # Errors
/// As [`cache_folder`].
pub fn precision_file(encoder: &str) -> Result<PathBuf, Failure> {
    Ok(cache_folder()?
        .join("models")
        .join(format!("{encoder}.precision.toml")))
}

/// Where vectors of example sentences are kept.
///
/// # Errors
/// As [`cache_folder`].
pub fn examples_folder() -> Result<PathBuf, Failure> {
    Ok(cache_folder()?.join("examples"))
}
