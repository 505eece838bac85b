use std::ops::Range;

use regex::Regex;
use voc_core::PiiType;

use super::context::{cued, digits, has_digit, in_link, is_part_of_number, is_whole_word};
use super::{Evidence, Found, Recogniser, checksum};

/// Codice fiscale, with the letters that replace digits where two people would share one.
const CODICE_FISCALE: &str =
    r"(?i)[A-Z]{6}[\dL-NP-V]{2}[A-EHLMPRST][\dL-NP-V]{2}[A-Z][\dL-NP-V]{3}[A-Z]";
/// ЕГН.
const EGN: &str = r"\d{10}";
/// 居民身份证.
const RESIDENT_ID: &str = r"\d{17}[\dXx]";
/// National Insurance number, United Kingdom (HMRC NIM39110): no check digit.
const NINO: &str = r"(?i)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]";
/// DNI and NIE, Spain.
const DNI: &str = r"(?i)(?:\d{8}|[XYZ][ -]?\d{7})[ -]?[A-HJ-NP-TV-Z]";
/// Social security number, United States: 3-2-4.
const SSN: &str = r"\d{3}-\d{2}-\d{4}";

/// A cue and, in the group, the number beside it: for numbers that have no form of their own
/// or were mistyped.
const CUED: &str = r"(?xi)
    (?: \b(?: codice\ fiscale | c\.?f\.? | carta\ d['’]identit[aà] | passaporto | patente | tessera\ sanitaria
      | passport | id\ card | identity\ card | driver['’]?s?\ licen[cs]e | driving\ licen[cs]e | national\ id
      | social\ security | ssn | sin | ppsn? | nino | national\ insurance | dni | nie | nif | personalausweis
      | ausweis | reisepass | steuer-?id | numéro\ de\ sécurité\ sociale | egn | pasaporte )\b
    | егн | лнч | л\.?\s?к\.? | лична\ карта | личната\ карта | паспорт\p{L}* | шофьорска\p{L}*\ книжка\p{L}*
    | 身份证 | 身份證 | 证件 | 护照 | 護照 | 驾照 | 社保 )
    (?: \s | [:：=№\#.,(] | \b(?: n | nr | no | num | number | numero | is | è | id | номер )\b | 号码? | 號碼? | 是 | 为 ){0,6}
    (?P<number> [A-Z]{0,3}[\ -]?\d [\dA-Z]* (?: [\ -]? \d [\dA-Z]* ){0,6} | [A-Z0-9]{16} )";

/// A cued number has at least this many digits; at most fifteen characters are letters.
const MIN_DIGITS: usize = 5;

/// A number of one country.
struct Form {
    pattern: Regex,
    /// Its check.
    holds: fn(&str) -> bool,
}

/// Finds national identity numbers: Italian, Bulgarian, Chinese, British, Spanish and
/// American by form, others beside a cue.
pub(super) struct IdentityRecogniser {
    forms: Vec<Form>,
    cued: Regex,
    money: Regex,
}

impl IdentityRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        let form = |pattern: &str, holds: fn(&str) -> bool| {
            Regex::new(pattern).map(|pattern| Form { pattern, holds })
        };
        Ok(Self {
            forms: vec![
                form(CODICE_FISCALE, |code| {
                    checksum::codice_fiscale(&code.to_ascii_uppercase())
                })?,
                form(EGN, |number| checksum::egn(&digits(number)))?,
                form(RESIDENT_ID, checksum::resident_id)?,
                form(NINO, is_nino)?,
                form(DNI, |number| checksum::dni(&compact(number)))?,
                form(SSN, is_ssn)?,
            ],
            cued: Regex::new(CUED)?,
            money: Regex::new(r"(?i)[€$£¥]\s?$|\b(?:eur|usd|bgn|lv)\s?$")?,
        })
    }

    fn by_form(&self, text: &str, found: &mut Vec<Found>) {
        for Form { pattern, holds } in &self.forms {
            for number in pattern
                .find_iter(text)
                .filter(|number| holds(number.as_str()))
            {
                let range = number.range();
                let money = cued(&self.money, text, range.start, 8);
                if stands(text, &range) && !money {
                    found.push(Found {
                        kind: PiiType::NationalId,
                        range,
                        evidence: Evidence::Check,
                    });
                }
            }
        }
    }
}

impl Recogniser for IdentityRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        if !has_digit(text) {
            return found;
        }
        self.by_form(text, &mut found);
        for number in self
            .cued
            .captures_iter(text)
            .filter_map(|found| found.name("number"))
        {
            let enough = digits(number.as_str()).len() >= MIN_DIGITS;
            if enough && number.len() <= 24 && stands(text, &number.range()) {
                found.push(Found {
                    kind: PiiType::NationalId,
                    range: number.range(),
                    evidence: Evidence::Strong,
                });
            }
        }
        found
    }
}

fn stands(text: &str, range: &Range<usize>) -> bool {
    is_whole_word(text, range) && !is_part_of_number(text, range) && !in_link(text, range.start)
}

fn compact(number: &str) -> String {
    number
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Prefixes that are never given out.
fn is_nino(number: &str) -> bool {
    !["BG", "GB", "NK", "KN", "TN", "NT", "ZZ"]
        .iter()
        .any(|prefix| compact(number).starts_with(prefix))
}

/// Areas and groups that are never given out (SSA, since 2011).
fn is_ssn(number: &str) -> bool {
    !(number.starts_with("000")
        || number.starts_with("666")
        || number.starts_with('9')
        || number.contains("-00-")
        || number.ends_with("-0000"))
}
