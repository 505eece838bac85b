use regex::Regex;
use voc_core::PiiType;

use super::{Evidence, Found, Recogniser};

/// Letters of addresses: Latin and Cyrillic, so that an address inside Chinese ends where
/// the Han characters begin. The second form hides the signs from programs: "name (at)
/// example (dot) com".
const EMAIL: &str = r"(?xi)
    [a-z0-9\p{Cyrillic}_] [a-z0-9\p{Latin}\p{Cyrillic}._%+'-]* @
    (?: [a-z0-9\p{Latin}\p{Cyrillic}-]+ \. )+ (?: [a-z]{2,24} | \p{Cyrillic}{2,10} )
  | [a-z0-9] [a-z0-9._%+-]* \s?[\(\[{]\s?(?:at|chiocciola|маймунско)\s?[\)\]}]\s?
    (?: [a-z0-9-]+ (?: \. | \s?[\(\[{]\s?(?:dot|punto|точка)\s?[\)\]}]\s? ) )+ [a-z]{2,24}";

/// Finds e-mail addresses.
pub(super) struct EmailRecogniser(Regex);

impl EmailRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self(Regex::new(EMAIL)?))
    }
}

impl Recogniser for EmailRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        if !text.contains(['@', '(', '[', '{']) {
            return Vec::new();
        }
        let found = |range| Found {
            kind: PiiType::Email,
            range,
            evidence: Evidence::Strong,
        };
        self.0
            .find_iter(text)
            .map(|address| found(address.range()))
            .collect()
    }
}
