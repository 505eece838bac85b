use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::CoreError;

/// An ISO 639 code of two or three lower-case letters, or `und` (undetermined).
///
/// Region and script subtags are dropped on reading: `zh-Hant` and `zh_TW` are `zh`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language([u8; 3]);

impl Language {
    /// The language could not be told.
    pub const UND: Self = Self(*b"und");
    /// English.
    pub const EN: Self = Self(*b"en\0");
    /// Italian.
    pub const IT: Self = Self(*b"it\0");
    /// Bulgarian.
    pub const BG: Self = Self(*b"bg\0");
    /// Chinese.
    pub const ZH: Self = Self(*b"zh\0");
    /// The languages whose labels, names and reports are kept equally good.
    pub const FIRST_CLASS: [Self; 4] = [Self::IT, Self::BG, Self::ZH, Self::EN];

    /// The code, e.g. `bg`.
    pub fn as_str(&self) -> &str {
        let len = if self.0[2] == 0 { 2 } else { 3 };
        // The bytes are ASCII letters by construction.
        std::str::from_utf8(&self.0[..len]).unwrap_or("und")
    }

    /// Whether the language is undetermined.
    pub fn is_und(self) -> bool {
        self == Self::UND
    }
}

impl FromStr for Language {
    type Err = CoreError;

    fn from_str(text: &str) -> Result<Self, CoreError> {
        let primary = text
            .trim()
            .split(['-', '_'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let letters = primary.as_bytes();
        if !letters.iter().all(u8::is_ascii_lowercase) {
            return Err(CoreError::InvalidLanguage(text.to_owned()));
        }
        match *letters {
            [a, b] => Ok(Self([a, b, 0])),
            [a, b, c] => Ok(Self([a, b, c])),
            _ => Err(CoreError::InvalidLanguage(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Language {
    type Error = CoreError;
    fn try_from(text: String) -> Result<Self, CoreError> {
        text.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.as_str().to_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expect: Option<&str>) {
        let code = input.parse::<Language>().ok().map(String::from);
        assert_eq!(code.as_deref(), expect, "{input}");
    }

    #[test]
    fn codes_are_read_without_region_and_script() {
        check("it", Some("it"));
        check("zh-Hant", Some("zh"));
        check("zh_TW", Some("zh"));
        check(" EN ", Some("en"));
        check("yue", Some("yue"));
        check("und", Some("und"));
    }

    #[test]
    fn other_text_is_refused() {
        check("", None);
        check("i", None);
        check("italiano", None);
        check("бг", None);
        check("e1", None);
    }
}
