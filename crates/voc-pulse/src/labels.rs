use std::collections::BTreeMap;

use voc_core::{Kind, LabelText, Labelled, Language, Taxonomy, ThemeId, Touchpoint};

/// The names of a taxonomy in the language of the report.
#[derive(Debug)]
pub(crate) struct Labels {
    taxonomy: String,
    kinds: BTreeMap<Kind, String>,
    touchpoints: BTreeMap<Touchpoint, String>,
    themes: BTreeMap<ThemeId, String>,
}

impl Labels {
    pub(crate) fn new(taxonomy: &Taxonomy, language: Language) -> Self {
        let theme_name = |name: &LabelText| name.get(language).map(str::to_owned);
        Self {
            taxonomy: taxonomy.id(),
            kinds: names(&taxonomy.kinds, language),
            touchpoints: names(&taxonomy.touchpoints, language),
            themes: taxonomy
                .themes
                .iter()
                .filter_map(|theme| Some((theme.id.clone(), theme_name(&theme.name)?)))
                .collect(),
        }
    }

    /// Id of the taxonomy.
    pub(crate) fn taxonomy(&self) -> &str {
        &self.taxonomy
    }

    pub(crate) fn kind(&self, kind: Kind) -> String {
        self.kinds
            .get(&kind)
            .map_or(kind.as_str(), String::as_str)
            .to_owned()
    }

    pub(crate) fn touchpoint(&self, touchpoint: Touchpoint) -> String {
        self.touchpoints
            .get(&touchpoint)
            .map_or(touchpoint.as_str(), String::as_str)
            .to_owned()
    }

    pub(crate) fn theme(&self, theme: &ThemeId) -> String {
        self.themes
            .get(theme)
            .map_or(theme.as_str(), String::as_str)
            .to_owned()
    }
}

fn names<L: Copy + Ord>(labels: &[Labelled<L>], language: Language) -> BTreeMap<L, String> {
    labels
        .iter()
        .filter_map(|label| Some((label.id, label.name.get(language)?.to_owned())))
        .collect()
}
