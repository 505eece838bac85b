use regex::Regex;
use voc_core::PiiType;

use super::context::{cued, has_digit, in_link, is_whole_word};
use super::{Evidence, Found, Recogniser};

/// Chinese plates: province, letter, five or six characters. They need no cue.
const CHINESE: &str = r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-Z][·• ]?[A-HJ-NP-Z0-9]{5,6}";

/// Plates of Italy and France, Bulgaria, the United Kingdom, Germany, Spain.
const EUROPEAN: &str = r"(?x)
    [A-HJ-NPR-TV-Z]{2}[\ -]?\d{3}[\ -]?[A-HJ-NPR-TV-Z]{2}
  | [ABEKMHOPCTYXАВЕКМНОРСТУХ]{1,2}[\ -]?\d{4}[\ -]?[ABEKMHOPCTYXАВЕКМНОРСТУХ]{2}
  | [A-Z]{2}\d{2}\ ?[A-Z]{3}
  | [A-ZÄÖÜ]{1,3}-[A-Z]{1,2}\ ?\d{1,4}
  | \d{4}\ ?[B-DF-HJ-NP-TV-Z]{3}";

/// Behind a cue, any mixture of letters and digits.
const CUED: &str = r"(?xi)(?: \b(?: targa | targat[oa] | number\ plate | licen[cs]e\ plate | plate | vehicle\ reg(?:istration)? | car\ reg(?:istration)?
      | kennzeichen | matrícula | immatriculation )\b
    | рег\.?\s?(?:номер|№|н-р) | регистрационен\ номер | ДК\ №? | 车牌号?码? )
    [\s:：№\#.]{0,4} (?: (?:è|is|е|是|no\.?|number)\s )?
    (?P<plate> [\p{Lu}]{1,3}[\ ·-]?\d{1,4}[\ -]?[\p{Lu}]{0,3} | \p{Han}[A-Z][·•\ ]?[A-Z0-9]{5,6} | \d{2,4}[\ -]?[\p{Lu}]{2,3} | \p{Lu}{2,3}[\ -]\p{Lu}{2,3}\ ?\d{2,4} )";

/// A vehicle near by makes a European plate of what may else be a product code.
const VEHICLE: &str = r"(?i)(?:\bauto|\bmacchina|\bcar\b|\bvan\b|vehicle|veicolo|furgone|vettura|moto|кола\p{L}*|автомобил\p{L}*|бус\b|车|wagen|fahrzeug|coche|voiture)[^\n]{0,40}$";

/// Finds registration plates.
pub(super) struct PlateRecogniser {
    chinese: Regex,
    european: Regex,
    cued: Regex,
    vehicle: Regex,
}

impl PlateRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            chinese: Regex::new(CHINESE)?,
            european: Regex::new(EUROPEAN)?,
            cued: Regex::new(CUED)?,
            vehicle: Regex::new(VEHICLE)?,
        })
    }
}

impl Recogniser for PlateRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        if !has_digit(text) {
            return Vec::new();
        }
        let chinese = self
            .chinese
            .find_iter(text)
            .filter(|plate| has_digit(plate.as_str()));
        let european = self
            .european
            .find_iter(text)
            .filter(|plate| cued(&self.vehicle, text, plate.start(), 96));
        let named = self
            .cued
            .captures_iter(text)
            .filter_map(|found| found.name("plate"));
        chinese
            .chain(european)
            .chain(named)
            .map(|plate| plate.range())
            .filter(|range| is_whole_word(text, range) && !in_link(text, range.start))
            .map(|range| Found {
                kind: PiiType::Plate,
                range,
                evidence: Evidence::Strong,
            })
            .collect()
    }
}
