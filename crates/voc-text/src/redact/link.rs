use regex::Regex;
use voc_core::PiiType;

use super::{Evidence, Found, Recogniser};

const LINK: &str = r#"(?i)(?:https?://|www\.)[^\s<>"'`«»“”「」『』，。；！？、（）【】\p{Han}]+"#;

/// A parameter whose value is a secret whatever it looks like.
const SECRET: &str = r"(?i)[?&#;](?:[a-z_-]*(?:token|secret|passw(?:or)?d|signature|session)[a-z_-]*|sid|sess|sig|jwt|otp|pwd|auth|key|api_?key|access_?key|phpsessid|jsessionid|oobcode|magic|sso|one_?time)=[^&#]+";

/// A parameter whose value is a secret if it looks random.
const PERSONAL: &str = r"(?i)[?&#;](?:tk|uid|user_?id|cid|hash|code|id|u|t|k|h|s|c|email|confirm|verify|reset|invite|ref|state|ticket|nonce|unsub\w*)=(?P<value>[^&#]+)";

/// Paths that let whoever holds the link act for a person.
const ACTING: &str = r"(?i)/(?:[a-z-]*(?:reset|recover|password|verify|verification|confirm|activate|activation|magic|unsubscribe|invite|invitation|one-?time|login|signin|signup|auth)[a-z-]*)/(?P<value>[\w.~-]{8,})";

/// A user name and password in front of the host.
const CREDENTIALS: &str = r"(?i)^https?://[^/@\s]+:[^/@\s]+@";

/// Random strings that identify someone are at least this long in a path, and in a parameter.
const RANDOM_PATH: usize = 20;
const RANDOM_VALUE: usize = 8;

/// Finds links that carry a secret: keys, sessions, resets, long random parts. Other links
/// stay.
pub(super) struct LinkRecogniser {
    link: Regex,
    secret: Regex,
    acting: Regex,
    personal: Regex,
    credentials: Regex,
}

impl LinkRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            link: Regex::new(LINK)?,
            secret: Regex::new(SECRET)?,
            acting: Regex::new(ACTING)?,
            personal: Regex::new(PERSONAL)?,
            credentials: Regex::new(CREDENTIALS)?,
        })
    }

    fn is_secret(&self, link: &str) -> bool {
        let values = |pattern: &Regex, at_least: usize| {
            pattern
                .captures_iter(link)
                .filter_map(|found| found.name("value"))
                .any(|value| is_random(value.as_str(), at_least))
        };
        self.secret.is_match(link)
            || self.credentials.is_match(link)
            || values(&self.personal, RANDOM_VALUE)
            || values(&self.acting, RANDOM_VALUE)
            || link
                .split(['/', '?', '&', '=', '#'])
                .any(|part| is_random(part, RANDOM_PATH))
    }
}

impl Recogniser for LinkRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        for link in self.link.find_iter(text) {
            let bare = link
                .as_str()
                .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '*']);
            if self.is_secret(bare) {
                let range = link.start()..link.start() + bare.len();
                found.push(Found {
                    kind: PiiType::UrlToken,
                    range,
                    evidence: Evidence::Strong,
                });
            }
        }
        found
    }
}

/// Whether a string looks made by a machine: long hexadecimal, or digits and letters that
/// alternate. Words joined by hyphens, and plain numbers, do not.
fn is_random(part: &str, at_least: usize) -> bool {
    let sound = part.len() >= at_least
        && part
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b'%'));
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
    if !sound || digits < 2 || letters < 2 {
        return false;
    }
    let compact: Vec<u8> = part.bytes().filter(u8::is_ascii_alphanumeric).collect();
    if compact.len() >= 24 && compact.iter().all(u8::is_ascii_hexdigit) {
        return true;
    }
    let class = |byte: &u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let changes = compact
        .windows(2)
        .filter(|pair| class(&pair[0]) != class(&pair[1]))
        .count();
    changes * 4 >= compact.len()
}
