use regex::Regex;
use voc_core::PiiType;

use super::context::{cued, word_after, word_before};
use super::{Evidence, Found, Recogniser, checksum};

/// Where an IBAN may begin: country, check digits, the first of the account.
const HEAD: &str = r"(?i)[A-Z]{2}[ -]?\d{2}[ -]?[A-Z0-9]";
const CUE: &str = r"(?i)(?:\biban|conto|сметка\p{L}*|账号|账户|account|konto|cuenta|compte)\W{0,4}(?:\p{L}+\W{1,3}){0,2}$";

/// Lengths by country (SWIFT IBAN registry, release 99).
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 \
    EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 \
    KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 \
    QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20";

/// Finds bank accounts: those whose check holds, and mistyped ones beside a cue.
pub(super) struct IbanRecogniser {
    head: Regex,
    cue: Regex,
}

impl IbanRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            head: Regex::new(HEAD)?,
            cue: Regex::new(CUE)?,
        })
    }
}

impl Recogniser for IbanRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        for head in self
            .head
            .find_iter(text)
            .filter(|head| !word_before(text, head.start()))
        {
            let Some((account, len)) = account(&text[head.start()..]) else {
                continue;
            };
            let range = head.start()..head.start() + len;
            let holds = checksum::iban(&account) || cued(&self.cue, text, range.start, 48);
            if holds && !word_after(text, range.end) {
                found.push(Found {
                    kind: PiiType::Iban,
                    range,
                    evidence: Evidence::Strong,
                });
            }
        }
        found
    }
}

/// Reads as many characters as the country's accounts have, with at most one separator
/// between them: the account in upper case, and the bytes it takes.
fn account(text: &str) -> Option<(String, usize)> {
    let country = text.get(..2)?.to_ascii_uppercase();
    let length: usize = LENGTHS
        .split_whitespace()
        .find_map(|entry| entry.strip_prefix(&country))?
        .parse()
        .ok()?;
    let mut account = String::with_capacity(length);
    let mut separated = false;
    for (at, character) in text.char_indices() {
        match character {
            ' ' | '-' if !separated => separated = true,
            _ if character.is_ascii_alphanumeric() => {
                account.push(character.to_ascii_uppercase());
                separated = false;
            }
            _ => return None,
        }
        if account.len() == length {
            let digits = account.bytes().filter(u8::is_ascii_digit).count();
            return (digits * 2 >= length).then_some((account, at + 1));
        }
    }
    None
}
