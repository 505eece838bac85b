//! Scripts, and the languages that a script alone tells.

use voc_core::Language;

/// How much more a character that stands for a syllable or word weighs than a letter.
const SYLLABLE: usize = 3;

/// A script of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Han,
    Kana,
    Hangul,
    Greek,
    Hebrew,
    Arabic,
    Thai,
    Georgian,
    Armenian,
    Devanagari,
}

const ALL: [Script; 12] = [
    Script::Latin,
    Script::Cyrillic,
    Script::Han,
    Script::Kana,
    Script::Hangul,
    Script::Greek,
    Script::Hebrew,
    Script::Arabic,
    Script::Thai,
    Script::Georgian,
    Script::Armenian,
    Script::Devanagari,
];

impl Script {
    /// The script of a letter.
    pub const fn of(character: char) -> Option<Self> {
        Some(match character {
            'a'..='z'
            | 'A'..='Z'
            | 'À'..='Ö'
            | 'Ø'..='ö'
            | 'ø'..='\u{24F}'
            | '\u{1E00}'..='\u{1EFF}' => Self::Latin,
            '\u{400}'..='\u{52F}' => Self::Cyrillic,
            _ if crate::sentence::is_han(character) => Self::Han,
            '\u{3041}'..='\u{30FF}' | '\u{FF66}'..='\u{FF9F}' if character != '・' => Self::Kana,
            '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7AF}' => {
                Self::Hangul
            }
            '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Self::Greek,
            '\u{5D0}'..='\u{5F4}' => Self::Hebrew,
            '\u{620}'..='\u{64A}' | '\u{66E}'..='\u{6D3}' | '\u{6FA}'..='\u{6FF}' => Self::Arabic,
            '\u{E01}'..='\u{E4E}' => Self::Thai,
            '\u{10A0}'..='\u{10FF}' => Self::Georgian,
            '\u{531}'..='\u{587}' => Self::Armenian,
            '\u{900}'..='\u{97F}' => Self::Devanagari,
            _ => return None,
        })
    }

    /// The language that this script tells; `None` where it is shared.
    pub fn language(self, text: &str) -> Option<Language> {
        let code = match self {
            Self::Latin | Self::Cyrillic => return None,
            Self::Han => "zh",
            Self::Kana => "ja",
            Self::Hangul => "ko",
            Self::Greek => "el",
            Self::Hebrew => "he",
            Self::Arabic => arabic(text),
            Self::Thai => "th",
            Self::Georgian => "ka",
            Self::Armenian => "hy",
            Self::Devanagari => "hi",
        };
        code.parse().ok()
    }
}

/// Arabic, Persian and Urdu differ by letters that Arabic lacks.
fn arabic(text: &str) -> &'static str {
    if text.contains(['ٹ', 'ڈ', 'ڑ', 'ے', 'ں']) {
        "ur"
    } else if text.contains(['پ', 'چ', 'ژ', 'گ', 'ک', 'ی']) {
        "fa"
    } else {
        "ar"
    }
}

/// The languages that a script tells.
pub(super) fn told_by_script() -> impl Iterator<Item = Language> {
    let of_arabic = ["fa", "ur"]
        .into_iter()
        .filter_map(|code| code.parse().ok());
    ALL.into_iter()
        .filter_map(|script| script.language(""))
        .chain(of_arabic)
}

/// Letters of a text by script.
pub(super) struct Tally([usize; ALL.len()]);

impl Tally {
    pub fn of(text: &str) -> Self {
        let mut tally = [0; ALL.len()];
        for script in text.chars().filter_map(Script::of) {
            tally[script as usize] += 1;
        }
        Self(tally)
    }

    pub fn letters(&self, script: Script) -> usize {
        self.0[script as usize]
    }

    /// The script of most letters; kana anywhere among Han characters makes them Japanese,
    /// unless it is a mere sprinkle (の is fashionable in Chinese).
    pub fn dominant(&self) -> Option<Script> {
        let (han, kana) = (self.letters(Script::Han), self.letters(Script::Kana));
        let weight = |script: Script| match script {
            Script::Han if kana * 10 > han => 0,
            Script::Kana if kana * 10 > han => (han + kana) * SYLLABLE,
            Script::Kana => 0,
            Script::Han | Script::Hangul => self.letters(script) * SYLLABLE,
            other => self.letters(other),
        };
        ALL.into_iter()
            .rev()
            .max_by_key(|script| weight(*script))
            .filter(|script| weight(*script) > 0)
    }
}
