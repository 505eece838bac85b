use std::ops::Range;

use regex::Regex;
use voc_core::PiiType;

use super::context::{digits, has_digit, in_link, is_part_of_number, is_whole_word};
use super::{Evidence, Found, Recogniser};

/// A cue and the reference beside it.
const CUED: &str = r"(?xi)
    (?: \b(?: ordin[ei] | orders? | ticket | pratica | sinistro | polizza | polic[ey] | contratto | contract | fattura | invoice
      | reso | reclamo | segnalazione | reference | ref | riferimento | rif | booking | prenotazione | reservation | pnr
      | codice\ cliente | numero\ cliente | customer | client | account | tracking | spedizione | shipment | case | claim
      | tessera | membership | loyalty\ card | bestellung | bestellnummer | auftrag | rechnung | kundennummer | pedido | factura
      | reserva | cliente | commande | facture | réservation | dossier )\b
    | поръчк\p{L}* | договор\p{L}* | полиц\p{L}* | фактур\p{L}* | рекламаци\p{L}* | жалб\p{L}* | резерваци\p{L}* | пратк\p{L}*
    | товарителниц\p{L}* | клиентск\p{L}*\ номер | абонатен\ номер | билет\p{L}* | тикет | сигнал | карта
    | 订单 | 訂單 | 单号 | 運單 | 运单 | 快递 | 工单 | 票号 | 客户编?号 | 会员 | 保单 | 合同 | 发票 | 预订 )
    (?P<sign> (?: \s | [:：\#№.'(-] | \b(?: n | nr | no | num | number | numero | id | code | codice | is | è | nº | ref | номер | с | е | cliente )\b
      | n° | 号码? | 編號 | 编号 | 是 | 为 ){0,6} )
    (?P<number> (?: (?-i:[A-Z]{1,4})\  | [A-Z]{0,4}[-/]? ) \d [\dA-Z]* (?: [-/] [\dA-Z]+ | \ \d{4,} ){0,4} )";

/// Shapes that need no cue: "#1234567", "AB-123456", "RR123456789IT".
const SHAPE: &str = r"[#№] ?(?P<number>\d{6,})|\b(?P<code>[A-Z]{2,4}-\d{6,}(?:-\d+)?|[A-Z]{2,4}\d{8,}(?:-\d+)?[A-Z]{0,2})";

/// A date, a time or an amount, which follows such cues as well.
const DATE: &str =
    r"^(?:\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?|\d{4}[-/]\d{1,2}(?:[-/]\d{1,2})?|(?:19|20)\d\d)$";
const AMOUNT: &str = r"(?i)^(?:[.,]\d|:\d|\s?(?:€|\$|£|¥|%|eur|usd|bgn|лв|лева|元|块|кг|kg|g|pcs|pezzi|бр|件|个|х|x)(?:\W|$|\p{Han}))";

/// A reference has at least this many digits.
const MIN_DIGITS: usize = 4;

/// Finds order and customer references: behind a cue, or of a shape that nothing else has.
pub(super) struct ReferenceRecogniser {
    cued: Regex,
    shape: Regex,
    date: Regex,
    amount: Regex,
}

impl ReferenceRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            cued: Regex::new(CUED)?,
            shape: Regex::new(SHAPE)?,
            date: Regex::new(DATE)?,
            amount: Regex::new(AMOUNT)?,
        })
    }

    fn is_reference(&self, text: &str, range: &Range<usize>) -> bool {
        let number = &text[range.clone()];
        digits(number).len() >= MIN_DIGITS
            && !self.date.is_match(number)
            && !self.amount.is_match(&text[range.end..])
            && is_whole_word(text, range)
            && !is_part_of_number(text, range)
            && !in_link(text, range.start)
    }
}

impl Recogniser for ReferenceRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        if !has_digit(text) {
            return found;
        }
        let mut push = |range: Range<usize>, evidence| {
            if self.is_reference(text, &range) {
                found.push(Found {
                    kind: PiiType::OrderId,
                    range,
                    evidence,
                });
            }
        };
        for named in self.cued.captures_iter(text) {
            if let Some(number) = named.name("number") {
                push(number.range(), Evidence::Strong);
            }
        }
        for shaped in self.shape.captures_iter(text) {
            if let Some(number) = shaped.name("number").or_else(|| shaped.name("code")) {
                push(number.range(), Evidence::Form);
            }
        }
        found
    }
}
