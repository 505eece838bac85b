//! Words of a text: where they are, and how they are written for comparison.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Longer runs of letters are encoded data, not words.
pub(crate) const LONGEST_WORD: usize = 64;

/// The words of `text` by UAX #29, split again at inner punctuation, with byte ranges.
///
/// UAX #29 alone keeps `l'ordine` and `lento.Pessimo` (no space after the full stop) in one
/// piece; customers write both.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.unicode_word_indices()
        .flat_map(|(start, word)| pieces(word).map(move |(at, piece)| (start + at, piece)))
        .filter(|(_, piece)| piece.chars().nth(LONGEST_WORD).is_none())
        .map(|(start, piece)| (start..start + piece.len(), piece))
}

fn pieces(word: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = word.as_ptr() as usize;
    word.split(is_joiner)
        .filter(|piece| !piece.is_empty())
        .map(move |piece| (piece.as_ptr() as usize - base, piece))
}

/// What UAX #29 allows inside a word (MidLetter, MidNum, MidNumLet, ExtendNumLet).
fn is_joiner(c: char) -> bool {
    c.is_ascii_punctuation() || matches!(c, '’' | '‘' | '＇' | '·' | '․' | '：' | '．' | '，' | '‿')
}

/// `word` without the accents of Latin and Greek letters; other scripts stay as they are,
/// since й is no и with an accent.
pub(crate) fn folded(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let mut plain = String::with_capacity(word.len());
    word.chars()
        .for_each(|letter| push_folded(letter, &mut plain));
    plain
}

fn push_folded(letter: char, plain: &mut String) {
    match letter {
        'ß' => plain.push_str("ss"),
        'æ' => plain.push_str("ae"),
        'œ' => plain.push_str("oe"),
        'ø' => plain.push('o'),
        'đ' | 'ð' => plain.push('d'),
        'ł' => plain.push('l'),
        'ı' => plain.push('i'),
        'ς' => plain.push('σ'),
        _ if is_mark(letter) => {}
        _ if has_accents(letter) => plain.extend(letter.nfd().filter(|part| !is_mark(*part))),
        _ => plain.push(letter),
    }
}

/// Combining Diacritical Marks.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Latin beyond ASCII, and Greek.
fn has_accents(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_where_customers_forget_the_space() {
        let check = |text: &str, expect: &[&str]| {
            let found: Vec<_> = words(text).collect();
            assert!(
                found
                    .iter()
                    .all(|(range, word)| &text[range.clone()] == *word),
                "{text}"
            );
            assert_eq!(
                found.into_iter().map(|(_, word)| word).collect::<Vec<_>>(),
                expect
            );
        };
        check("L'ordine è arrivato", &["L", "ordine", "è", "arrivato"]);
        check("l’ordine", &["l", "ordine"]);
        check("pessimo.Non compro", &["pessimo", "Non", "compro"]);
        check("e-mail 3,50 €", &["e", "mail", "3", "50"]);
        check("perche\u{301} no", &["perche\u{301}", "no"]);
        check("😡 !!! …", &[]);
        check(&"x".repeat(LONGEST_WORD + 1), &[]);
    }

    #[test]
    fn accents_are_dropped_from_latin_and_greek_only() {
        for (word, expect) in [
            ("perché", "perche"),
            ("perche\u{301}", "perche"),
            ("straße", "strasse"),
            ("łódź", "lodz"),
            ("καλημέρα", "καλημερα"),
            ("край", "край"),
            ("が", "が"),
            ("快递", "快递"),
        ] {
            assert_eq!(folded(word), expect);
        }
    }
}
