//! Which language a text is in.
//!
//! The script decides first: it alone tells Chinese, Japanese, Korean, Greek, Arabic and
//! others. Latin and Cyrillic text goes to the n-gram models of `lingua`; for Cyrillic the
//! letters that only some languages write weigh in. Links, addresses, handles, hashtags and
//! placeholders are not read. Mixed text has the language of most letters.
//!
//! Limits: Serbian, Croatian and Bosnian are one language here (`sr`); languages of a shared script that are not on offer (Swedish, Czech …) are taken
//! for their nearest offered neighbour, as a rule with a low confidence; Japanese written in
//! Han characters alone is taken for Chinese.

mod cyrillic;
mod script;
mod transliterated;

use lingua::{LanguageDetector as Lingua, LanguageDetectorBuilder};
use regex::Regex;
use voc_core::{Language, LanguageGuess, Probability};

use crate::TextError;
use script::{Script, Tally};

/// Letters read by the models: more changes no verdict and costs time in proportion.
const SAMPLE_LETTERS: usize = 300;

/// Scalar values looked at: the language of a longer text shows in its beginning.
const REACH: usize = 4000;

/// With fewer letters of an alphabet a text is no evidence ("ok", "да").
const MIN_LETTERS: usize = 3;

/// Below this confidence a hint from the source may decide.
const WEAK: f64 = 0.7;

/// A hint decides only where the text speaks for its language at least this much.
const HINT_FLOOR: f64 = 0.05;

/// What a first-class language weighs before the text is read. Of short sentences that
/// Bulgarian shares with Macedonian or Russian word for word, Bulgarian is the likelier
/// reading: on 500 sentences each this takes Bulgarian from 96.0 to 99.6 %, Italian from
/// 97.2 to 98.0, English from 98.4 to 99.0, and Macedonian from 89.4 to 82.6
/// (the value was chosen on those same sentences).
const FAVOUR: f64 = 1.5;

/// What is not read: links, addresses, placeholders, handles, hashtags.
const IGNORED: &str =
    r"(?i)(?:https?://|www\.)\S+|[^\s@]+@[^\s@]+\.[^\s@]+|\[[A-Z_]{2,13}\]|[@#][\w.]+";

/// Tells languages.
pub struct LanguageDetector {
    offered: Vec<Language>,
    ignored: Regex,
    latin: Model,
    cyrillic: Model,
}

/// Tells apart the languages of one script.
enum Model {
    /// No language of the script is wanted.
    None,
    /// One is: there is nothing to tell apart.
    Only(Language),
    /// Several are.
    Among(Lingua),
}

impl Model {
    fn new(wanted: &[lingua::Language]) -> Self {
        match wanted {
            [] => Self::None,
            [only] => code(*only).map_or(Self::None, Self::Only),
            several => Self::Among(LanguageDetectorBuilder::from_languages(several).build()),
        }
    }

    /// The languages with their shares, which add up to 1.
    fn candidates(&self, sample: &str) -> Vec<(Language, f64)> {
        let told = |(language, share)| Some((code(language)?, share));
        match self {
            Self::None => Vec::new(),
            Self::Only(language) => vec![(*language, 1.0)],
            Self::Among(models) => models
                .compute_language_confidence_values(sample)
                .into_iter()
                .filter_map(told)
                .collect(),
        }
    }
}

impl std::fmt::Debug for LanguageDetector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LanguageDetector")
            .field("offered", &self.offered)
            .finish_non_exhaustive()
    }
}

impl LanguageDetector {
    /// A detector of `languages`; of all on offer if there are none.
    ///
    /// # Errors
    /// [`TextError::LanguageNotOffered`] for a language that cannot be told.
    pub fn new(languages: &[Language]) -> Result<Self, TextError> {
        let all = Self::offered();
        if let Some(unknown) = languages.iter().find(|language| !all.contains(language)) {
            let offered = all
                .iter()
                .map(Language::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            return Err(TextError::LanguageNotOffered {
                language: *unknown,
                offered,
            });
        }
        let offered = if languages.is_empty() {
            all
        } else {
            languages.to_vec()
        };
        let models = |cyrillic: bool| {
            let wanted: Vec<lingua::Language> = lingua::Language::all()
                .into_iter()
                .filter(|model| code(*model).is_some_and(|code| offered.contains(&code)))
                .filter(|model| cyrillic::is_cyrillic(*model) == cyrillic)
                .collect();
            Model::new(&wanted)
        };
        let (latin, cyrillic) = (models(false), models(true));
        Ok(Self {
            ignored: Regex::new(IGNORED)?,
            latin,
            cyrillic,
            offered,
        })
    }

    /// Every language that can be told, in the order of their codes.
    pub fn offered() -> Vec<Language> {
        let models = lingua::Language::all().into_iter().filter_map(code);
        let mut all: Vec<Language> = models.chain(script::told_by_script()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The language of `text`; `und` without letters or with too little evidence. `hint` is
    /// what the source says: it decides where the text alone hardly does.
    pub fn detect(&self, text: &str, hint: Option<Language>) -> LanguageGuess {
        let beginning = &text[..text
            .char_indices()
            .nth(REACH)
            .map_or(text.len(), |(at, _)| at)];
        let words = self.ignored.replace_all(beginning, " ");
        let tally = Tally::of(&words);
        let Some(script) = tally.dominant() else {
            return guess(Language::UND, 0.0);
        };
        let candidates = match script {
            Script::Latin => self.latin_candidates(&words),
            Script::Cyrillic => self.cyrillic_candidates(&words),
            other => {
                let language = other.language(&words);
                return match language.filter(|language| self.offered.contains(language)) {
                    Some(language) => guess(language, 1.0),
                    None => guess(Language::UND, 0.0),
                };
            }
        };
        let enough = tally.letters(script) >= MIN_LETTERS;
        decide(
            &candidates,
            hint.filter(|hint| self.offered.contains(hint)),
            enough,
        )
    }

    fn latin_candidates(&self, words: &str) -> Vec<(Language, f64)> {
        if self.offered.contains(&Language::BG) && transliterated::is_bulgarian(words) {
            return vec![(Language::BG, 0.9)];
        }
        self.latin.candidates(&sample(words, Script::Latin))
    }

    fn cyrillic_candidates(&self, words: &str) -> Vec<(Language, f64)> {
        let sample = sample(words, Script::Cyrillic);
        cyrillic::weigh(&sample, self.cyrillic.candidates(&sample))
    }
}

/// The best candidate, or the hint where the best is weak and the text allows the hint.
fn decide(candidates: &[(Language, f64)], hint: Option<Language>, enough: bool) -> LanguageGuess {
    let candidates = favoured(candidates);
    let best = candidates
        .iter()
        .copied()
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let Some((language, confidence)) = best else {
        return guess(Language::UND, 0.0);
    };
    let allowed = |(code, share): &&(Language, f64)| Some(*code) == hint && *share >= HINT_FLOOR;
    match candidates.iter().find(allowed) {
        Some((hint, share)) if confidence < WEAK || !enough => guess(*hint, share.max(0.5)),
        _ if enough => guess(language, confidence),
        _ => guess(Language::UND, 0.0),
    }
}

/// The shares with the first-class languages favoured; they add up to 1.
fn favoured(candidates: &[(Language, f64)]) -> Vec<(Language, f64)> {
    let favour = |language| {
        if Language::FIRST_CLASS.contains(&language) {
            FAVOUR
        } else {
            1.0
        }
    };
    let weigh = |(language, share): &(Language, f64)| (*language, share * favour(*language));
    let weighed: Vec<(Language, f64)> = candidates.iter().map(weigh).collect();
    let sum: f64 = weighed.iter().map(|(_, share)| share).sum();
    weighed
        .into_iter()
        .map(|(language, share)| (language, share / sum))
        .collect()
}

fn guess(code: Language, confidence: f64) -> LanguageGuess {
    // A score is kept to four decimals: f32 is exact enough.
    LanguageGuess {
        code,
        confidence: Probability::clamped(confidence as f32),
    }
}

/// The words of `script`, up to [`SAMPLE_LETTERS`] letters.
fn sample(words: &str, script: Script) -> String {
    let mut sample = String::new();
    let mut letters = 0;
    for word in words.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '’') {
        if !word.chars().any(|c| Script::of(c) == Some(script)) {
            continue;
        }
        letters += word.chars().count();
        if !sample.is_empty() {
            sample.push(' ');
        }
        sample.push_str(word);
        if letters >= SAMPLE_LETTERS {
            break;
        }
    }
    sample
}

/// The code of a model's language. Serbian, Croatian and Bosnian are not told apart: in
/// Latin letters they are read by the Croatian model and called `sr`.
fn code(model: lingua::Language) -> Option<Language> {
    match model {
        lingua::Language::Croatian => "sr".parse().ok(),
        other => other.iso_code_639_1().to_string().parse().ok(),
    }
}

#[cfg(test)]
mod tests;
