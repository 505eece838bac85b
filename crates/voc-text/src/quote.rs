//! Words in a message that are not its author's own: quoted history and signatures.
//!
//! They are marked, not removed. Recognised are lines behind `>`, attribution lines ("On …
//! wrote:") with what follows, forwarded header blocks, separators of mail programs, the
//! `-- ` signature and the lines that mobile mail programs add, in the languages that the
//! patterns list. A text that would be set aside whole as quoted (a bare forward) is taken
//! as the author's own.

use std::ops::Range;

use regex::{Regex, RegexSet};
use voc_core::Span;

use crate::alignment::{ScalarCursor, span_of};

/// Why a piece of text is not counted as the author's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Earlier messages, quoted.
    Quoted,
    /// A signature or the advert of a mail program.
    Signature,
}

/// A piece of text that is not the author's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Why.
    pub reason: Reason,
    /// Where in the prepared text.
    pub span: Span,
}

/// A quoted line. `>:(`, `>_<`, `>5` and `>=` are not.
const QUOTED_LINE: &str = r#"^>(?:[>\s"'«“„]|\p{L}|$)"#;

/// "On Monday, Anna wrote:" on one line, or broken once. It holds a digit or an address,
/// which tells it from "On the phone she wrote:".
const ATTRIBUTIONS: [&str; 11] = [
    r"(?i)^on\b.{4,200}\bwrote:$",
    r"(?i)^(?:il|in data|nel)\b.{4,200}\bha scritto:$",
    r"(?i)^(?:на|в|във)\b.{4,200}\bнаписа:$",
    r"(?i)^.{4,200}\b(?:писал|писала|пише|написал|написала|пишет)(?:\(а\))?:$",
    r"^.{4,120}写道\s?[：:]$",
    r"(?i)^am\b.{4,200}\bschrieb\b.{0,120}:$",
    r"(?i)^le\b.{4,200}\ba écrit\s?:$",
    r"(?i)^(?:el|em)\b.{4,200}\b(?:escribió|escreveu):$",
    r"(?i)^op\b.{4,200}\bschreef\b.{0,120}:$",
    r"(?i)^.{4,120}寫道\s?[：:]$",
    r"(?i)^(?:w dniu|dnia)\b.{4,200}\b(?:pisze|napisał|napisała|napisał\(a\)):$",
];

/// Separators that mail programs put above what they quote.
const SEPARATORS: &str = r"(?ix)^-{2,}\s?(?:
    original\ message | forwarded\ message | messaggio\ (?:originale|inoltrato)
  | оригинално\ съобщение | препратено\ съобщение | 原始邮件 | 转发邮件 | 转发的邮件 | 邮件原件
  | ursprüngliche\ nachricht | message\ (?:original|d'origine|transféré) | mensaje\ original
  | mensagem\ original | исходное\ сообщение )\s?-{2,}$";

/// The first line of a forwarded header block, and the lines that confirm it.
const HEADER_FROM: &str = r"(?i)^\*?(?:from|da|от|发件人|寄件者|von|de)\*?\s?[:：]\*?\s?\S";
const HEADER_MORE: &str = r"(?ix)^\*?(?:
    sent | date | to | subject | cc | inviato | data | a | oggetto | изпратено | дата | до
  | относно | тема | 发送时间 | 时间 | 日期 | 收件人 | 主题 | gesendet | datum | an | betreff
  | envoyé | à | objet | enviado | fecha | para | asunto )\*?\s?[:：]";

/// A line that a mail program adds below a message.
const DEVICE_LINE: &str = r"(?ix)^(?:
    (?: sent\ (?:from|via|with) | get | inviato\ (?:da|con|dal) | scarica | изпратено\ (?:от|чрез|с)
      | von\ meinem | gesendet\ (?:von|mit) | envoyé\ (?:de|depuis) | enviado\ (?:desde|do|de)
      | télécharger | obtener | отправлено\ (?:с|из) | verzonden\ vanaf )
    \ .{0,30}\b(?: iphone | ipad | ipod | android | samsung | galaxy | huawei | xiaomi | outlook
      | yahoo | gmail | mail | mobile | phone | smartphone | tablet | blackberry | abv | libero
      | telefono | телефон | устройство )\b.{0,40}
  | 发自(?:我的|网易).{1,20} | 從我的.{1,20}(?:傳送|发送) | 来自我的.{1,20} )$";

/// A signature is short; behind a longer rest, `--` is taken as a dividing line.
const SIGNATURE_LINES: usize = 10;

/// Finds what is not the author's own.
#[derive(Debug)]
pub struct QuoteFinder {
    quoted_line: Regex,
    attributions: RegexSet,
    separators: Regex,
    header_from: Regex,
    header_more: Regex,
    device_line: Regex,
}

/// A line of the text in bytes, without its line end.
type Line = Range<usize>;

impl QuoteFinder {
    /// Compiles the patterns.
    ///
    /// # Errors
    /// A pattern that does not compile; a test excludes it.
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            quoted_line: Regex::new(QUOTED_LINE)?,
            attributions: RegexSet::new(ATTRIBUTIONS)?,
            separators: Regex::new(SEPARATORS)?,
            header_from: Regex::new(HEADER_FROM)?,
            header_more: Regex::new(HEADER_MORE)?,
            device_line: Regex::new(DEVICE_LINE)?,
        })
    }

    /// What is set aside in `text`, in order, without overlaps.
    pub fn find(&self, text: &str) -> Vec<SetAside> {
        let lines = lines(text);
        let mut reasons = vec![None; lines.len()];
        self.mark_quoted(text, &lines, &mut reasons);
        let own = |(line, reason): (&Line, &Option<Reason>)| {
            reason.is_none() && has_word(&text[line.clone()])
        };
        if !lines.iter().zip(&reasons).any(own) {
            reasons.fill(None);
        }
        self.mark_signatures(text, &lines, &mut reasons);
        runs(text, &lines, &reasons)
    }

    fn mark_quoted(&self, text: &str, lines: &[Line], reasons: &mut [Option<Reason>]) {
        for at in 0..lines.len() {
            if reasons[at].is_some() {
                continue;
            }
            if self.quoted_line.is_match(&text[lines[at].clone()]) {
                reasons[at] = Some(Reason::Quoted);
            } else if let Some(height) = self.attribution(text, &lines[at..]) {
                let end = self.end_of_quote(text, lines, at + height);
                reasons[at..end].fill(Some(Reason::Quoted));
            } else if self.is_separator(text, &lines[at..]) {
                reasons[at..].fill(Some(Reason::Quoted));
            }
        }
    }

    /// The number of lines that an attribution at the first of `lines` takes, if it is one.
    fn attribution(&self, text: &str, lines: &[Line]) -> Option<usize> {
        (1..=lines.len().min(2)).find(|height| {
            let joined = text[lines[0].start..lines[height - 1].end].replace('\n', " ");
            let dated = joined.contains(|c: char| c.is_ascii_digit() || c == '[' || c == '@');
            joined.len() < 600 && dated && self.attributions.is_match(&joined)
        })
    }

    /// Where the quotation below an attribution ends: with its `>` lines if it has any, since
    /// then the author answers below or between; else with the text.
    fn end_of_quote(&self, text: &str, lines: &[Line], from: usize) -> usize {
        let first = lines[from..]
            .iter()
            .position(|line| !line.is_empty())
            .map(|blank| from + blank);
        match first {
            Some(first) if self.quoted_line.is_match(&text[lines[first].clone()]) => first,
            _ => lines.len(),
        }
    }

    fn is_separator(&self, text: &str, lines: &[Line]) -> bool {
        let line = |at: usize| lines.get(at).map_or("", |line| &text[line.clone()]);
        if self.separators.is_match(line(0)) {
            return true;
        }
        self.header_from.is_match(line(0)) && (1..=3).any(|at| self.header_more.is_match(line(at)))
    }

    fn mark_signatures(&self, text: &str, lines: &[Line], reasons: &mut [Option<Reason>]) {
        let mut at = 0;
        while at < lines.len() {
            let end = reasons[at..]
                .iter()
                .position(Option::is_some)
                .map_or(lines.len(), |len| at + len);
            if let Some(start) = self.signature(text, &lines[at..end]) {
                reasons[at + start..end].fill(Some(Reason::Signature));
            }
            for own in at..end {
                if self.device_line.is_match(&text[lines[own].clone()]) {
                    reasons[own] = Some(Reason::Signature);
                }
            }
            at = end + 1;
        }
    }

    /// The line at which a `-- ` signature of these own lines begins.
    fn signature(&self, text: &str, lines: &[Line]) -> Option<usize> {
        let from = lines.len().saturating_sub(SIGNATURE_LINES);
        (from..lines.len()).find(|at| &text[lines[*at].clone()] == "--")
    }
}

fn lines(text: &str) -> Vec<Line> {
    let mut start = 0;
    let line = |line: &str| {
        let range = start..start + line.len();
        start = range.end + 1;
        range
    };
    text.split('\n').map(line).collect()
}

fn has_word(line: &str) -> bool {
    line.contains(char::is_alphanumeric)
}

/// Joins neighbouring lines of one reason; empty lines between them belong to them.
fn runs(text: &str, lines: &[Line], reasons: &[Option<Reason>]) -> Vec<SetAside> {
    let mut merged: Vec<(Reason, Range<usize>)> = Vec::new();
    let mut open = false;
    for (line, reason) in lines.iter().zip(reasons) {
        match (reason, merged.last_mut()) {
            (None, _) => open &= line.is_empty(),
            (Some(_), _) if line.is_empty() => {}
            (Some(reason), Some(last)) if open && last.0 == *reason => last.1.end = line.end,
            (Some(reason), _) => {
                merged.push((*reason, line.clone()));
                open = true;
            }
        }
    }
    let mut cursor = ScalarCursor::new(text);
    merged
        .into_iter()
        .map(|(reason, bytes)| SetAside {
            reason,
            span: span_of(cursor.range(bytes)),
        })
        .collect()
}

#[cfg(test)]
mod tests;
