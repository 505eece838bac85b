use std::ops::Range;

use regex::Regex;
use voc_core::PiiType;

use super::context::{cued, has_digit, is_part_of_number, is_whole_word};
use super::{Evidence, Found, Recogniser};

const MONTH: &str = r"(?:gen(?:naio)?|feb(?:braio)?|mar(?:zo)?|apr(?:ile)?|mag(?:gio)?|giu(?:gno)?|lug(?:lio)?|ago(?:sto)?|set(?:tembre)?|ott(?:obre)?|nov(?:embre)?|dic(?:embre)?|jan(?:uary)?|february|march|april|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|november|dec(?:ember)?|януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|декември|januar|februar|märz|mai|juni|juli|oktober|dezember|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre)";

const CUE: &str = r"(?xi)(?: \b(?: nat[oa] | nascit[ae] | nascere | d\.?o\.?b\.? | birth | date\ of\ birth | birthda(?:y|te) | born
      | geboren | geb | geburtsdatum | geburtstag | nacid[oa] | nacimiento | née? | naissance )
    | роден\p{L}? | род | раждане | рождена | рожден | 出生(?:日期|年月)? | 生日 | 生于 )
    [^\d\n]{0,24}$";

const CUE_AFTER: &str = r"^\s?(?:出生|生人|生$|生[，。,])";

/// Finds dates of birth: a date behind a birth cue, or before 出生.
pub(super) struct BirthRecogniser {
    date: Regex,
    cue: Regex,
    cue_after: Regex,
}

impl BirthRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        let date = format!(
            r"(?i)\d{{1,2}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?(?:\d{{4}}|\d{{2}})|\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}}|\d{{4}}年\s?\d{{1,2}}月\s?\d{{1,2}}[日号]|\d{{1,2}}(?:st|nd|rd|th|°|º|\.|-[а-я]{{1,2}})?\s(?:of\s|de\s)?{MONTH}\.?,?\s(?:de\s|del\s)?\d{{4}}|{MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}"
        );
        Ok(Self {
            date: Regex::new(&date)?,
            cue: Regex::new(CUE)?,
            cue_after: Regex::new(CUE_AFTER)?,
        })
    }

    fn is_of_birth(&self, text: &str, date: &Range<usize>) -> bool {
        let whole = is_whole_word(text, date) && !is_part_of_number(text, date);
        whole
            && (cued(&self.cue, text, date.start, 64) || self.cue_after.is_match(&text[date.end..]))
    }
}

impl Recogniser for BirthRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        if !has_digit(text) {
            return Vec::new();
        }
        let dates = self.date.find_iter(text).map(|date| date.range());
        dates
            .filter(|date| self.is_of_birth(text, date))
            .map(|range| Found {
                kind: PiiType::DateOfBirth,
                range,
                evidence: Evidence::Strong,
            })
            .collect()
    }
}
