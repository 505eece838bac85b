//! Gives a crate's binaries, tests and examples an rpath to libtorch, so that they run
//! without environment variables. Every crate that links to it names this file: Cargo does
//! not pass link arguments on to dependents.

use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    let Some(libtorch) = std::env::var_os("LIBTORCH") else {
        return;
    };
    let lib = PathBuf::from(libtorch).join("lib");
    // A link may be relative to the checkout; an rpath must not be.
    let lib = lib.canonicalize().unwrap_or(lib);
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
}
