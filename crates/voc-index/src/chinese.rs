//! Words of Chinese text: Traditional characters are read as Simplified, and jieba cuts.

use std::borrow::Cow;
use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use tantivy_jieba::JiebaTokenizer;

/// The words of `text`: one after the other, none overlapping, no punctuation, with byte
/// ranges in `text`. Latin letters are lower case.
///
/// A compound that dictionary words tile exactly is given as those words (客服电话 as 客服,
/// 电话), so that a search for a part finds the whole; others stay (售货员, since 售货 and
/// 货员 overlap).
pub(crate) fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let text = simplified(text);
    let mut ranges = compound_ranges(&text);
    let mut words = Vec::with_capacity(ranges.len());
    // A compound comes after the words inside it, so the last range is always a compound.
    while let Some(compound) = ranges.pop() {
        let inside = ranges
            .iter()
            .rev()
            .take_while(|part| part.start >= compound.start)
            .count();
        let parts = ranges.split_off(ranges.len() - inside);
        let tiles = tiles(&parts, &compound).unwrap_or_else(|| vec![compound]);
        words.extend(tiles.into_iter().rev());
    }
    let is_word = |range: &Range<usize>| text[range.clone()].chars().any(char::is_alphanumeric);
    let lower = |range: Range<usize>| (range.clone(), text[range].to_lowercase());
    words.into_iter().rev().filter(is_word).map(lower).collect()
}

/// What jieba's search mode finds: the dictionary words of two and three characters inside
/// a compound, then the compound, and so on through the text.
fn compound_ranges(text: &str) -> Vec<Range<usize>> {
    let mut tokenizer = JiebaTokenizer::with_search_mode(true);
    let mut stream = tokenizer.token_stream(text);
    let mut ranges = Vec::new();
    while let Some(Token {
        offset_from,
        offset_to,
        ..
    }) = stream.next()
    {
        ranges.push(*offset_from..*offset_to);
    }
    ranges
}

/// `parts` that follow one another from the start of `whole` to its end, short ones first.
fn tiles(parts: &[Range<usize>], whole: &Range<usize>) -> Option<Vec<Range<usize>>> {
    if whole.is_empty() {
        return Some(Vec::new());
    }
    let mut starting: Vec<_> = parts
        .iter()
        .filter(|part| part.start == whole.start)
        .collect();
    starting.sort_unstable_by_key(|part| part.end);
    starting.into_iter().find_map(|part| {
        let rest = tiles(parts, &(part.end..whole.end))?;
        Some([vec![part.clone()], rest].concat())
    })
}

/// `text` in Simplified characters, of the same length in bytes.
///
/// The mapping is one character for one, with a few exceptions by context (乾隆); words
/// that differ between regions (計程車, 出租车) stay different.
fn simplified(text: &str) -> Cow<'_, str> {
    let simplified = fast2s::convert(text);
    // Ranges must hold in the original, so a mapping that moves them is not used.
    if simplified.len() == text.len() {
        Cow::Owned(simplified)
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let found: Vec<_> = words(text).into_iter().map(|(_, word)| word).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn compounds_become_their_words_and_punctuation_goes() {
        check("快递破损，要求退款！", &["快递", "破损", "要求", "退款"]);
        check("客服电话 打不通……", &["客服", "电话", "打", "不通"]);
        check("售货员态度好", &["售货员", "态度", "好"]);
        check("APP 总是闪退 :-(", &["app", "总是", "闪退"]);
        check("。！？ ", &[]);
        check("", &[]);
    }

    #[test]
    fn traditional_text_reads_as_simplified() {
        check("客服電話打不通", &["客服", "电话", "打", "不通"]);
        assert_eq!(simplified("乾隆年間的乾淨茶壺"), "乾隆年间的干净茶壶");
    }

    #[test]
    fn words_are_where_they_are_said_to_be_and_do_not_overlap() {
        for text in [
            "我要退款，百货公司的服务太差。",
            "張華考上了北京大學；APP很好",
            "ok 👍 退貨",
        ] {
            let words = words(text);
            let ordered = words
                .windows(2)
                .all(|pair| pair[0].0.end <= pair[1].0.start);
            assert!(ordered && !words.is_empty(), "{words:?}");
            let same = |(range, word): &(Range<usize>, String)| {
                simplified(&text[range.clone()]).to_lowercase() == *word
            };
            assert!(words.iter().all(same), "{words:?}");
        }
    }

    #[test]
    fn every_han_character_keeps_its_length() {
        for c in '\u{3400}'..='\u{9fff}' {
            assert_eq!(simplified(&c.to_string()).len(), 3, "{c}");
            assert_eq!(fast2s::convert(&c.to_string()).len(), 3, "{c}");
        }
    }
}
