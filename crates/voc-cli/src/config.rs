//! `voc.toml`: what the user decides, read and checked once.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde::Deserialize;
use voc_core::{Language, Taxonomy};
use voc_ingest::SourceConfig;
use voc_text::TextOptions;

use crate::failure::Failure;
use crate::places;

/// The commented file that `voc init` writes.
pub const TEMPLATE: &str = include_str!("template.toml");

/// The whole configuration, with paths relative to the file resolved.
#[derive(Debug)]
pub struct Config {
    /// The instance.
    pub instance: Instance,
    /// Where exports lie.
    pub ingest: Ingest,
    /// The sources.
    pub sources: Vec<SourceConfig>,
    /// Language and redaction.
    pub text: TextOptions,
    /// Encoder and themes.
    pub model: Model,
    /// Bounds.
    pub limits: Limits,
    zone: TimeZone,
    folder: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    instance: Instance,
    #[serde(default)]
    ingest: Ingest,
    #[serde(default)]
    sources: Vec<SourceConfig>,
    #[serde(default)]
    text: TextOptions,
    #[serde(default)]
    model: Model,
    #[serde(default)]
    limits: Limits,
}

/// `[instance]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Instance {
    /// The company's name, as reports show it.
    pub company: String,
    /// IANA zone in which days and weeks are counted.
    pub timezone: String,
    /// Language of reports.
    pub language: Language,
    /// Folder of store, index and reports.
    pub data: PathBuf,
}

impl Default for Instance {
    fn default() -> Self {
        Self {
            company: "My company".to_owned(),
            timezone: "UTC".to_owned(),
            language: Language::EN,
            data: PathBuf::from("data"),
        }
    }
}

/// `[ingest]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ingest {
    /// Folder that the sources' paths are relative to.
    pub folder: PathBuf,
}

impl Default for Ingest {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("."),
        }
    }
}

/// `[model]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    /// Another encoder folder than the one that set-up made.
    pub folder: Option<PathBuf>,
    /// Heads that `voc train` made, instead of the shipped ones.
    pub heads: Option<PathBuf>,
    /// Files of the company's own themes.
    pub themes: Vec<PathBuf>,
    /// Heads for them that `voc train --few-shot` made.
    pub few_shot: Option<PathBuf>,
}

/// `[limits]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Threads of the encoder; 0 is one per core.
    pub threads: usize,
    /// Share of unreadable records from which a run counts as incomplete, 0 to 1.
    pub dead_letters: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            threads: 0,
            dead_letters: 0.01,
        }
    }
}

impl Config {
    /// Reads and checks `path`.
    ///
    /// # Errors
    /// [`Failure::Usage`] naming the file, and the key or line that is wrong.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!(
                "cannot read the configuration {}: {error}. `voc init` writes one to start from; \
                 --config names another",
                path.display()
            ))
        })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Self::parse(&text, &folder)
            .map_err(|failure| Failure::usage(format!("{}: {failure}", path.display())))
    }

    /// The configuration of a missing file: no sources, everything else by default.
    ///
    /// # Errors
    /// None: a test reads it.
    pub fn built_in() -> Result<Self, Failure> {
        Self::parse("", Path::new(""))
    }

    fn parse(text: &str, folder: &Path) -> Result<Self, Failure> {
        let file: File = toml::from_str(text).map_err(Failure::usage)?;
        let zone = TimeZone::get(&file.instance.timezone).map_err(|_| {
            Failure::usage(format!(
                "instance.timezone `{}` is not a zone; write one like Europe/Rome",
                file.instance.timezone
            ))
        })?;
        if !(0.0..=1.0).contains(&file.limits.dead_letters) {
            return Err(Failure::usage(
                "limits.dead_letters is a share: it lies from 0 to 1",
            ));
        }
        for (index, source) in file.sources.iter().enumerate() {
            source.validate()?;
            if file.sources[..index]
                .iter()
                .any(|other| other.id == source.id)
            {
                return Err(Failure::usage(format!(
                    "two sources have the id `{}`",
                    source.id
                )));
            }
        }
        Ok(Self {
            instance: file.instance,
            ingest: file.ingest,
            sources: file.sources,
            text: file.text,
            model: file.model,
            limits: file.limits,
            zone,
            folder: folder.to_owned(),
        })
    }

    /// The zone in which days and weeks are counted.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Folder of store, index and reports.
    pub fn data(&self) -> PathBuf {
        self.folder.join(&self.instance.data)
    }

    /// The store.
    pub fn store_file(&self) -> PathBuf {
        self.data().join("voc.db")
    }

    /// The search index.
    pub fn index_folder(&self) -> PathBuf {
        self.data().join("index")
    }

    /// The key of pseudonyms and content hashes, beside the configuration.
    pub fn key_file(&self) -> PathBuf {
        self.folder.join("voc.key")
    }

    /// Folder that the sources' paths are relative to.
    pub fn ingest_folder(&self) -> PathBuf {
        self.folder.join(&self.ingest.folder)
    }

    /// The encoder's folder.
    ///
    /// # Errors
    /// [`Failure::Usage`] if none is named and there is no home folder.
    pub fn model_folder(&self) -> Result<PathBuf, Failure> {
        match &self.model.folder {
            Some(folder) => Ok(self.folder.join(folder)),
            None => places::model_folder(),
        }
    }

    /// The folder of heads of one's own.
    pub fn heads_folder(&self) -> Option<PathBuf> {
        let folder = self.model.heads.as_ref();
        folder.map(|folder| self.folder.join(folder))
    }

    /// The file of few-shot heads.
    pub fn few_shot_file(&self) -> Option<PathBuf> {
        let file = self.model.few_shot.as_ref();
        file.map(|file| self.folder.join(file))
    }

    /// The default scheme with the company's own themes.
    ///
    /// # Errors
    /// [`Failure::Usage`] naming the theme file that cannot be used.
    pub fn taxonomy(&self) -> Result<Taxonomy, Failure> {
        let mut taxonomy = Taxonomy::default_scheme()?;
        for file in &self.model.themes {
            let path = self.folder.join(file);
            let named = |why: &dyn std::fmt::Display| {
                Failure::usage(format!("the theme file {}: {why}", path.display()))
            };
            let text = std::fs::read_to_string(&path).map_err(|error| named(&error))?;
            taxonomy = taxonomy.with_themes(&text).map_err(|error| named(&error))?;
        }
        Ok(taxonomy)
    }

    /// The sources with these ids, all for none.
    ///
    /// # Errors
    /// [`Failure::Usage`] for an id that no source has.
    pub fn selected(&self, ids: &[String]) -> Result<Vec<&SourceConfig>, Failure> {
        if ids.is_empty() {
            return Ok(self.sources.iter().collect());
        }
        ids.iter()
            .map(|id| {
                self.sources
                    .iter()
                    .find(|source| source.id.as_str() == id)
                    .ok_or_else(|| {
                        let known: Vec<&str> = self.sources.iter().map(|s| s.id.as_str()).collect();
                        Failure::usage(format!("no source `{id}`; there are: {}", known.join(", ")))
                    })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, reason: &str) {
        let failure = Config::parse(text, Path::new("")).expect_err(text);
        assert!(failure.to_string().contains(reason), "{failure}");
    }

    #[test]
    fn the_files_we_ship_are_usable_as_they_are() {
        assert!(Config::built_in().unwrap().sources.is_empty());
        let template = Config::parse(TEMPLATE, Path::new("x")).unwrap();
        assert_eq!(template.store_file(), Path::new("x/data/voc.db"));
        let demo = include_str!("../../../data/demo/voc.toml");
        assert_eq!(Config::parse(demo, Path::new("")).unwrap().sources.len(), 6);
        let nightly = include_str!("../../../data/examples/nightly/voc.toml");
        assert_eq!(
            Config::parse(nightly, Path::new("")).unwrap().sources.len(),
            5
        );
    }

    #[test]
    fn mistakes_are_named() {
        check_refused("[instance]\ntimezone = \"Rome\"", "`Rome` is not a zone");
        check_refused("[instance]\ncompnay = \"x\"", "compnay");
        check_refused("[limits]\ndead_letters = 3.0", "from 0 to 1");
        let source = "[[sources]]\nid = \"a\"\npath = \"a.jsonl\"\n";
        check_refused(&format!("{source}{source}"), "two sources have the id `a`");
    }

    #[test]
    fn sources_are_selected_by_id() {
        let text = "[[sources]]\nid = \"a\"\npath = \"a.jsonl\"\n";
        let config = Config::parse(text, Path::new("")).unwrap();
        assert_eq!(config.selected(&["a".to_owned()]).unwrap().len(), 1);
        let failure = config.selected(&["b".to_owned()]).unwrap_err();
        assert_eq!(failure.to_string(), "no source `b`; there are: a");
    }
}
