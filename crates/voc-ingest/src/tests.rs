//! Whole files through the public interface.

mod canonical;
mod configuration;
mod encodings;
mod fields;
mod formats;
mod rejections;
mod resume;

use std::ops::ControlFlow;
use std::path::Path;

use serde_json::Value;

use crate::{IngestError, Item, SourceConfig};

/// A folder with one source in it.
struct Exports {
    folder: tempfile::TempDir,
    config: SourceConfig,
}

impl Exports {
    /// A file called `name` with `content`, read by `toml`: a `[[sources]]` table without
    /// `id` and `path`.
    fn new(name: &str, content: impl AsRef<[u8]>, toml: &str) -> Self {
        let exports = Self {
            folder: tempfile::tempdir().unwrap(),
            config: config(&format!("id = \"shop\"\npath = \"{name}\"\n{toml}")),
        };
        exports.write(name, content);
        exports
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }

    fn base(&self) -> &Path {
        self.folder.path()
    }

    fn read_from(&self, skip: u64) -> (Vec<Item>, Result<(), IngestError>) {
        let files = self.config.files(self.base()).unwrap();
        let mut items = Vec::new();
        let end = files[0].read(skip, &mut |item| {
            items.push(item);
            ControlFlow::Continue(())
        });
        (items, end)
    }

    fn items(&self) -> Vec<Item> {
        let (items, end) = self.read_from(0);
        end.unwrap();
        items
    }

    /// Each item as its canonical line, or the reason of its rejection as text.
    fn lines(&self) -> Vec<Value> {
        self.items().into_iter().map(line).collect()
    }

    /// The texts of all records.
    fn texts(&self) -> Vec<String> {
        let text = |line: Value| line["text"].as_str().map(str::to_owned);
        self.lines()
            .into_iter()
            .map(|line| text(line.clone()).unwrap_or(line.to_string()))
            .collect()
    }
}

fn config(toml: &str) -> SourceConfig {
    toml::from_str(toml).unwrap()
}

fn line(item: Item) -> Value {
    match item.outcome {
        Ok(record) => serde_json::to_value(record).unwrap(),
        Err(rejection) => Value::String(rejection.reason),
    }
}

/// Enough of a field map to read `id`, `text` and a fixed date from columns of that name.
const SIMPLE: &str = r#"
    [constants]
    channel = "review"
    created_at = "2026-08-01T00:00:00Z"
    [fields]
    id = "id"
    text = "text"
"#;
