use regex::Regex;
use voc_core::PiiType;

use super::context::{cued, digits, in_link, is_part_of_number, is_whole_word};
use super::{Evidence, Found, Recogniser, checksum};

const CARD: &str = r"\d(?:[ -]?\d){11,18}";
const CUE: &str = r"(?i)(?:\b(?:carta|card|credit|debit|visa|master\s?card|maestro|amex|cc|bancomat|tarjeta|carte|karte|pan)\b|карта\p{L}*|卡号?)[^\d\n]{0,24}$";

/// Finds payment cards: those whose check holds, and mistyped ones beside a cue.
pub(super) struct CardRecogniser {
    card: Regex,
    cue: Regex,
}

impl CardRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            card: Regex::new(CARD)?,
            cue: Regex::new(CUE)?,
        })
    }
}

impl Recogniser for CardRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        for card in self.card.find_iter(text) {
            let range = card.range();
            let digits = digits(card.as_str());
            let cued = cued(&self.cue, text, range.start, 48);
            let checked = checksum::luhn(&digits)
                && digits[0] != 0
                && (cued || (digits.len() > 12 && is_issued(&digits)));
            let mistyped = cued && (15..=16).contains(&digits.len()) && is_issued(&digits);
            let alone = is_whole_word(text, &range)
                && !is_part_of_number(text, &range)
                && !in_link(text, range.start);
            if (checked || mistyped) && alone && digits.iter().any(|digit| *digit != digits[0]) {
                found.push(Found {
                    kind: PiiType::Card,
                    range,
                    evidence: Evidence::Strong,
                });
            }
        }
        found
    }
}

/// Whether an issuer has cards of this length and beginning (ISO/IEC 7812, published ranges).
fn is_issued(digits: &[u8]) -> bool {
    let head = digits
        .iter()
        .take(4)
        .fold(0_u32, |head, digit| head * 10 + u32::from(*digit));
    matches!(
        (head, digits.len()),
        (4000..=4999, 13 | 16 | 19)
            | (2200..=2720 | 3500..=3599 | 5100..=5599, 16)
            | (3400..=3499 | 3700..=3799 | 1800 | 2131, 15)
            | (3000..=3099 | 3600..=3699 | 3800..=3999, 14 | 16)
            | (5000..=5099 | 5600..=5899, 13..=19)
            | (6000..=6999, 16..=19)
    )
}
