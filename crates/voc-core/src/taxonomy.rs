//! The label scheme as data: names and descriptions per language, and the example
//! sentences that the example heads compare with.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{CoreError, Kind, Language, Polarity, Sentiment, ThemeId, Touchpoint, Urgency};

/// The default scheme, shipped inside the binary.
const DEFAULT: &str = include_str!("../../../data/taxonomy/default.toml");

/// A label scheme: what can be assigned, how it is called, and examples of each.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taxonomy {
    id: String,
    version: String,
    /// The kinds.
    pub kinds: Vec<Labelled<Kind>>,
    /// Texts that carry no kind at all.
    pub none: Unlabelled,
    /// The sentiments of a record.
    pub sentiments: Vec<Labelled<Sentiment>>,
    /// The levels of urgency.
    pub urgencies: Vec<Labelled<Urgency>>,
    /// The touchpoints.
    pub touchpoints: Vec<Labelled<Touchpoint>>,
    /// The themes.
    pub themes: Vec<Theme>,
    /// First eight hex digits of the SHA-256 of the text it was read from.
    #[serde(skip)]
    digest: String,
}

/// Names or descriptions per language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelText(BTreeMap<Language, String>);

impl LabelText {
    /// The text in `language`, else in English, else in the first language there is.
    pub fn get(&self, language: Language) -> Option<&str> {
        let by = |language| self.0.get(&language);
        by(language)
            .or_else(|| by(Language::EN))
            .or_else(|| self.0.values().next())
            .map(String::as_str)
    }

    /// Whether there is a text in exactly this language.
    pub fn has(&self, language: Language) -> bool {
        self.0.contains_key(&language)
    }
}

/// A label of a closed set with its names and examples.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labelled<L> {
    /// The label.
    #[serde(alias = "level")]
    pub id: L,
    /// Short name per language.
    pub name: LabelText,
    /// One sentence per language.
    #[serde(default)]
    pub description: LabelText,
    /// Sentences that carry the label.
    pub examples: Vec<Example>,
}

/// Examples without a label.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlabelled {
    /// The sentences.
    pub examples: Vec<Example>,
}

/// An example sentence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Its language.
    pub lang: Language,
    /// The sentence.
    pub text: String,
}

/// What a text may be about.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// Stable id.
    pub id: ThemeId,
    /// Short name per language.
    pub name: LabelText,
    /// One sentence per language: what it covers.
    #[serde(default)]
    pub description: LabelText,
    /// Sentences that speak of it.
    pub examples: Vec<ThemeExample>,
}

/// An example sentence of a theme.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeExample {
    /// Its language.
    pub lang: Language,
    /// The feeling about the theme in it, where it was noted.
    pub sentiment: Option<Polarity>,
    /// The sentence.
    pub text: String,
}

impl Taxonomy {
    /// The default scheme.
    ///
    /// # Errors
    /// None in a released binary: a test reads the shipped file.
    pub fn default_scheme() -> Result<Self, CoreError> {
        Self::from_toml(DEFAULT)
    }

    /// Reads a scheme from TOML.
    ///
    /// # Errors
    /// [`CoreError::InvalidTaxonomy`] with the place of a syntax error, or naming a label
    /// that is missing, repeated or has no example.
    pub fn from_toml(text: &str) -> Result<Self, CoreError> {
        let invalid = CoreError::InvalidTaxonomy;
        let mut taxonomy: Self =
            toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        taxonomy.check().map_err(invalid)?;
        taxonomy.digest = digest(text);
        Ok(taxonomy)
    }

    /// Adds a company's own themes from a TOML file of `[[themes]]` tables; a theme with a
    /// known id replaces it.
    ///
    /// # Errors
    /// As [`Taxonomy::from_toml`].
    pub fn with_themes(mut self, text: &str) -> Result<Self, CoreError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Own {
            themes: Vec<Theme>,
        }
        let invalid = CoreError::InvalidTaxonomy;
        let own: Own = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let ids: BTreeSet<&ThemeId> = own.themes.iter().map(|theme| &theme.id).collect();
        self.themes.retain(|theme| !ids.contains(&theme.id));
        self.themes.extend(own.themes);
        self.check().map_err(invalid)?;
        self.digest = digest(&format!("{}{text}", self.digest));
        Ok(self)
    }

    /// Id, version and digest: `default-1-0a1b2c3d`. It changes with every edit.
    pub fn id(&self) -> String {
        format!("{}-{}-{}", self.id, self.version, self.digest)
    }

    /// The theme with this id.
    pub fn theme(&self, id: &ThemeId) -> Option<&Theme> {
        self.themes.iter().find(|theme| &theme.id == id)
    }

    fn check(&self) -> Result<(), String> {
        complete("kinds", &self.kinds, Kind::ALL)?;
        complete("sentiments", &self.sentiments, Sentiment::ALL)?;
        complete("urgencies", &self.urgencies, Urgency::ALL)?;
        complete("touchpoints", &self.touchpoints, Touchpoint::ALL)?;
        if self.none.examples.is_empty() {
            return Err("`none` has no examples".to_owned());
        }
        let mut seen = BTreeSet::new();
        for theme in &self.themes {
            if theme.examples.is_empty() {
                return Err(format!("theme `{}` has no examples", theme.id));
            }
            if !seen.insert(&theme.id) {
                return Err(format!("theme `{}` occurs twice", theme.id));
            }
        }
        Ok(())
    }
}

/// A closed set must be listed whole, each member once and with examples.
fn complete<L>(what: &str, listed: &[Labelled<L>], all: &[L]) -> Result<(), String>
where
    L: Copy + PartialEq + std::fmt::Debug,
{
    for label in all {
        let mut of_label = listed.iter().filter(|entry| entry.id == *label);
        match (of_label.next(), of_label.next()) {
            (None, _) => return Err(format!("`{what}` lacks {label:?}")),
            (Some(_), Some(_)) => return Err(format!("`{what}` has {label:?} twice")),
            (Some(entry), None) if entry.examples.is_empty() => {
                return Err(format!("{label:?} in `{what}` has no examples"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = r#"
        [[themes]]
        id = "own.assembly"
        name = { en = "Assembly" }
        examples = [{ lang = "en", text = "the fitter came on time" }]
    "#;

    #[test]
    fn the_default_scheme_covers_every_label_in_the_first_class_languages() {
        let taxonomy = Taxonomy::default_scheme().unwrap();
        assert_eq!(taxonomy.themes.len(), 30);
        for theme in &taxonomy.themes {
            for language in Language::FIRST_CLASS {
                assert!(
                    theme.name.has(language),
                    "name of {} in {language}",
                    theme.id
                );
                assert!(
                    theme.description.has(language),
                    "description of {} in {language}",
                    theme.id
                );
                let examples = theme.examples.iter().filter(|e| e.lang == language).count();
                assert!(
                    examples >= 6,
                    "{} has {examples} examples in {language}",
                    theme.id
                );
            }
        }
        for kind in &taxonomy.kinds {
            for language in Language::FIRST_CLASS {
                assert!(kind.name.has(language) && kind.description.has(language));
                let examples = kind.examples.iter().filter(|e| e.lang == language).count();
                assert!(
                    examples >= 6,
                    "{:?} has {examples} examples in {language}",
                    kind.id
                );
            }
        }
    }

    #[test]
    fn own_themes_are_added_and_change_the_id() {
        let default = Taxonomy::default_scheme().unwrap();
        let own = default.clone().with_themes(OWN).unwrap();
        assert_eq!(own.themes.len(), default.themes.len() + 1);
        assert_ne!(own.id(), default.id());
        assert!(own.theme(&ThemeId::new("own.assembly").unwrap()).is_some());
    }

    #[test]
    fn a_broken_scheme_is_refused_with_the_reason() {
        let check = |text: &str, reason: &str| {
            let error = Taxonomy::default_scheme()
                .unwrap()
                .with_themes(text)
                .unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        };
        check("[[themes]]\nid = 3", "invalid type");
        check(&OWN.replace("examples", "exampels"), "exampels");
        check(
            &OWN.replace(
                "[{ lang = \"en\", text = \"the fitter came on time\" }]",
                "[]",
            ),
            "no examples",
        );
        check(&format!("{OWN}{OWN}"), "occurs twice");
    }

    #[test]
    fn names_fall_back_to_english() {
        let taxonomy = Taxonomy::default_scheme()
            .unwrap()
            .with_themes(OWN)
            .unwrap();
        let theme = taxonomy
            .theme(&ThemeId::new("own.assembly").unwrap())
            .unwrap();
        assert_eq!(theme.name.get(Language::BG), Some("Assembly"));
    }
}
