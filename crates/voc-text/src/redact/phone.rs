use std::ops::Range;

use regex::Regex;
use voc_core::PiiType;

use super::context::{cued, has_digit, in_link, is_part_of_number, is_whole_word};
use super::{Evidence, Found, Recogniser};

/// Digits with the separators of telephone numbers, and an extension.
const NUMBER: &str = r"(?i)(?:\+\s?|\b)?\(?\+?\d(?:[ .\-–/()]{0,2}\d){5,16}(?P<extension>\s?(?:x|ext\.?|int\.?|вътр\.?)\s?\d{1,5})?";

/// Words before telephone numbers.
const CUE: &str = r"(?xi)(?: \b(?: tel | telefono | telefon | telefonnummer | téléphone | teléfono | telephone | phone | mobile | mob | cell
      | cellulare | cel | fax | gsm | desk | whatsapp | viber | handy | móvil | recapito | landline | rufnummer
      | (?:call|ring|text|reach|message)\ (?:me\ |us\ )?(?:back\ )?(?:at|on) | answering\ at | messages?\ to )
    | тел | телефон\p{L}* | моб | мобил\p{L}* | джиесем | гсм | вайбър | 电话 | 電話 | 手机 | 手機 | 联系方式 | 联系 | 致电 | 座机 | 来电 )
    [^\d\p{L}]{0,4} (?: (?: number | numero | num | nr | no | n | is | è | е | at | on | номер | номера | ми | 号码? | 號碼? | 是 | 为 )
    [^\d\p{L}]{0,4} ){0,2} $";

/// Dates, times and spans of them, alone or at the start of a longer run of digits.
const DATE: &str = r"^(?:[0-3]?\d[./ -][01]?\d[./ -](?:(?:19|20)\d\d|\d\d$)|(?:19|20)\d\d[./ -]\d{1,2}[./ -]\d{1,2}|(?:19|20)\d\d\s?[-–/]\s?(?:19|20)?\d\d$|[012]?\d[.]\d\d\s?[-–]\s?[012]?\d[.]\d\d$)";

/// What makes a number an amount: before it, and after it.
const AMOUNT_BEFORE: &str = r"(?i)(?:[€$£¥#№]|\b(?:eur|usd|bgn|rmb|n\.|nr\.?|no\.|n°))\s?$";
const AMOUNT_AFTER: &str = r"(?i)^\s?(?:€|\$|£|¥|%|(?:eur|euro|usd|bgn|лв|лева|元|块|万|км|km|kg|кг|mb|gb)(?:\W|$|\p{Han}))";

/// Numbers of services, which belong to no person: free and shared-cost ranges.
const SERVICE: &str = r"^(?:0?800|1?8(?:00|33|44|55|66|77|88)\d{7}$|0?700\d{5}$|400\d{7}$|0?84[0-9]|0?90[0-9]\d{5,6}$|199|95\d{3}$)";

/// Mobile numbers of Italy, Bulgaria, China, the United Kingdom, Germany and France: their
/// first digits leave little doubt, even without separators.
const MOBILE: &str =
    r"^(?:3[1-9]\d{8}|0(?:8[7-9]|9[89])\d{7}|1[3-9]\d{9}|07[1-9]\d{8}|01[5-7]\d{8,9}|0[67]\d{8})$";

/// Fixed lines with their leading zero (Italy, Bulgaria, China, the United Kingdom, Germany,
/// France).
const FIXED: &str = r"^0[1-9]\d{6,10}$";

/// Grouped as in Spain, and as in North America.
const GROUPED: &str = r"^(?:[6789]\d{2}[ .-]\d{3}[ .-]\d{3}|[6789]\d{2}[ .-]\d{2}[ .-]\d{2}[ .-]\d{2}|(?:1[ .-])?(?:\([2-9]\d\d\)[ .-]?|[2-9]\d\d[.-])[2-9]\d\d[.-]\d{4}|[2-9]\d\d [2-9]\d\d[ -]\d{4})$";

/// Finds telephone numbers: international ones, national ones of nine countries, and any
/// others behind a cue.
pub(super) struct PhoneRecogniser {
    number: Regex,
    cue: Regex,
    date: Regex,
    amount_before: Regex,
    amount_after: Regex,
    service: Regex,
    mobile: Regex,
    fixed: Regex,
    grouped: Regex,
}

impl PhoneRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            number: Regex::new(NUMBER)?,
            cue: Regex::new(CUE)?,
            date: Regex::new(DATE)?,
            amount_before: Regex::new(AMOUNT_BEFORE)?,
            amount_after: Regex::new(AMOUNT_AFTER)?,
            service: Regex::new(SERVICE)?,
            mobile: Regex::new(MOBILE)?,
            fixed: Regex::new(FIXED)?,
            grouped: Regex::new(GROUPED)?,
        })
    }

    /// How sure `number` at `start` is a telephone number, if it is one.
    fn evidence(&self, text: &str, number: &str, start: usize) -> Option<Evidence> {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if self.date.is_match(number) || self.service.is_match(&digits) || is_uniform(&digits) {
            return None;
        }
        if is_international(number, &digits) {
            return Some(Evidence::Strong);
        }
        if cued(&self.cue, text, start, 48) && (6..=15).contains(&digits.len()) {
            return Some(Evidence::Strong);
        }
        let national = self.mobile.is_match(&digits)
            || self.grouped.is_match(number)
            || (self.fixed.is_match(&digits) && is_grouped_well(number, &digits));
        national.then_some(Evidence::Form)
    }

    fn stands(&self, text: &str, range: &Range<usize>) -> bool {
        is_whole_word(text, range)
            && !is_part_of_number(text, range)
            && !text[..range.start].ends_with(['=', '&', '%'])
            && !in_link(text, range.start)
            && !cued(&self.amount_before, text, range.start, 8)
            && !self.amount_after.is_match(&text[range.end..])
    }

    fn found(&self, text: &str, range: Range<usize>, extension: usize) -> Option<Found> {
        let number = &text[range.start..range.end - extension];
        let evidence = self
            .evidence(text, number, range.start)
            .filter(|_| self.stands(text, &range))?;
        Some(Found {
            kind: PiiType::Phone,
            range,
            evidence,
        })
    }

    /// A mobile number that a neighbouring number runs into ("2026 347 205 8816").
    fn within(&self, text: &str, range: &Range<usize>) -> Option<Found> {
        let (first, last) = (
            text[range.clone()].find(' ')?,
            text[range.clone()].rfind(' ')?,
        );
        [
            range.start + first + 1..range.end,
            range.start..range.start + last,
        ]
        .into_iter()
        .find_map(|range| {
            let digits: String = text[range.clone()]
                .chars()
                .filter(char::is_ascii_digit)
                .collect();
            self.found(text, range, 0)
                .filter(|_| self.mobile.is_match(&digits))
        })
    }
}

impl Recogniser for PhoneRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        if !has_digit(text) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for number in self.number.captures_iter(text) {
            let extension = number
                .name("extension")
                .map_or(0, |extension| extension.len());
            let Some(range) = number.get(0).map(|number| trimmed(text, number.range())) else {
                continue;
            };
            found.extend(
                self.found(text, range.clone(), extension)
                    .or_else(|| self.within(text, &range)),
            );
        }
        found
    }
}

/// Drops an opening bracket that nothing closes.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let number = &text[range.clone()];
    if number.starts_with('(') && !number.contains(')') {
        range.start + 1..range.end
    } else {
        range
    }
}

/// `+` or `00`, a country code, and 7 to 15 digits in all (ITU-T E.164).
fn is_international(number: &str, digits: &str) -> bool {
    let bare = number.trim_start_matches('(');
    if bare.starts_with('+') {
        return (8..=15).contains(&digits.len()) && !digits.starts_with('0');
    }
    let after = digits.strip_prefix("00").unwrap_or_default();
    bare.starts_with("00") && (9..=15).contains(&after.len()) && !after.starts_with('0')
}

/// Whether groups are those of a fixed line: an area of two to five digits and groups of two
/// or more; without separators, nine digits at least.
fn is_grouped_well(number: &str, digits: &str) -> bool {
    let groups: Vec<usize> = number
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .filter(|len| *len > 0)
        .collect();
    match groups.as_slice() {
        [_] => digits.len() >= 9,
        [area, rest @ ..] => {
            (2..=5).contains(area) && rest.iter().all(|len| *len >= 2) && groups.len() <= 5
        }
        [] => false,
    }
}

/// "0000000": a filler.
fn is_uniform(digits: &str) -> bool {
    digits.bytes().all(|digit| digit == digits.as_bytes()[0])
}
