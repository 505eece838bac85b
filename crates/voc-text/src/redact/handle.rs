mod public;

use std::collections::HashSet;

use regex::Regex;
use voc_core::PiiType;

use super::context::word_before;
use super::{Evidence, Found, Recogniser};
use crate::TextError;

/// `@name`; a name in Han characters reaches up to the next space or sign.
const AT: &str = r"@(?:[\w&&[^\p{Han}]][[\w.-]&&[^\p{Han}]]{1,29}|\p{Han}[\w-]{1,29})";

/// A longer run of Han characters is a name that no space parts from the words behind it.
const MAX_HAN_NAME: usize = 15;

/// A time or price behind an at-sign: "@5pm", "@10€".
const NOT_A_NAME: &str = r"(?i)^\d+(?:am|pm|h|ч|€|%|k)?$";

/// The end of a host name: "@example.com" alone is no handle.
const HOST: &str = r"(?i)\.(?:com|net|org|info|it|bg|cn|eu|uk|de|fr|es|us|ru|io|co|example)$";

/// A cue and the name beside it, which has a digit, dot, hyphen or underscore inside, as
/// words have not.
const CUED: &str = r"(?xi)(?: \b(?: username | user\ name | nickname | nome\ utente | wechat | weixin | telegram | skype )
      | потребителско\ име | никнейм | 微信号? | 加[v微]信? (?:了解)? | 登录名 | 用户名 | 昵称 | 账号名 )
    \s* (?: [:：=] | \bis\b | è | е | 是 )? \s*
    (?P<name> [a-z] [a-z0-9]* [_.\d-] [a-z0-9_.-]* [a-z0-9] )";

/// Words that look like a name behind a cue.
const WORDS: [&str; 3] = ["e-mail", "log-in", "sign-in"];

/// Finds the social handles of private people.
pub(super) struct HandleRecogniser {
    at: Regex,
    not_a_name: Regex,
    host: Regex,
    cued: Regex,
    own: HashSet<String>,
}

impl HandleRecogniser {
    pub fn new(own_handles: &[String]) -> Result<Self, TextError> {
        let mut own = HashSet::new();
        for handle in own_handles {
            let name = handle.strip_prefix('@').unwrap_or(handle);
            if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '@') {
                return Err(TextError::InvalidHandle(handle.clone()));
            }
            own.insert(name.to_lowercase());
        }
        Ok(Self {
            at: Regex::new(AT)?,
            not_a_name: Regex::new(NOT_A_NAME)?,
            host: Regex::new(HOST)?,
            cued: Regex::new(CUED)?,
            own,
        })
    }

    fn is_private(&self, name: &str) -> bool {
        let length = name.chars().count();
        let run_on = name.starts_with(crate::sentence::is_han) && length > MAX_HAN_NAME;
        let word = name.contains(char::is_alphabetic) && length > 1 && !run_on;
        word && !public::is_public(name)
            && !self.not_a_name.is_match(name)
            && !self.host.is_match(name)
            && !self.own.contains(&name.to_lowercase())
    }
}

impl Recogniser for HandleRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        for handle in self.at.find_iter(text) {
            let bare = handle.as_str().trim_end_matches(['.', '-']);
            let alone = !word_before(text, handle.start())
                && !text[..handle.start()].ends_with(['.', '@', '/', '+', '-', ']']);
            if alone && self.is_private(&bare[1..]) {
                let range = handle.start()..handle.start() + bare.len();
                found.push(Found {
                    kind: PiiType::Username,
                    range,
                    evidence: Evidence::Form,
                });
            }
        }
        for name in self
            .cued
            .captures_iter(text)
            .filter_map(|found| found.name("name"))
        {
            let lower = name.as_str().to_lowercase();
            if !WORDS.contains(&lower.as_str()) && self.is_private(name.as_str()) {
                found.push(Found {
                    kind: PiiType::Username,
                    range: name.range(),
                    evidence: Evidence::Form,
                });
            }
        }
        found
    }
}
