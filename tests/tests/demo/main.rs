//! `voc demo`, and what can be done with a store that is full: reports, searches, repairs.
//! The demo is made once; tests that change something work on a copy.

mod index;
mod report;
mod search;
mod store;

use std::fs::File;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use voc_e2e::Instance;

/// The demo's "today".
const AS_OF: &str = "2026-10-26T06:00:00Z";

/// The demo instance, and what `voc demo` printed.
struct Demo {
    instance: Instance,
    printed: Value,
    /// Held while the tests run, so that two runs of them do not share the folder.
    _lock: File,
}

static DEMO: LazyLock<Demo> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let lock = File::create(folder.join("demo.lock")).unwrap_or_else(|error| panic!("{error}"));
    lock.lock().unwrap_or_else(|error| panic!("{error}"));
    let instance = Instance::at(&folder.join("demo"));
    let printed = instance.json(["demo", ".", "-o", "json"]);
    Demo {
        instance,
        printed,
        _lock: lock,
    }
});
