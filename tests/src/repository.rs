//! Where the checkout under test lies.

use std::path::{Path, PathBuf};

/// The repository's root.
pub fn repository() -> PathBuf {
    // Asked for when it runs: checkouts that share a target folder share this program.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    Path::new(&own).join("..")
}
