//! Bulgarian, Macedonian, Russian, Serbian and Ukrainian by their alphabets: a letter that a
//! language does not have speaks strongly against it.

use voc_core::Language;

/// The letters that not all five have, by language.
const LETTERS: [(&str, &str); 5] = [
    ("bg", "йщъьюяѝ"),
    ("mk", "јљњџѓќѕѝѐ"),
    ("ru", "йщъыьэюяё"),
    ("sr", "јљњџћђ"),
    ("uk", "йщьюяіїєґ"),
];

/// What each occurrence of a letter that a language lacks takes from its share.
const FOREIGN: f64 = 0.1;

/// More occurrences than this say nothing new.
const MAX_FOREIGN: i32 = 6;

/// Whether `model` is of Cyrillic text.
pub(super) const fn is_cyrillic(model: lingua::Language) -> bool {
    use lingua::Language::{Bulgarian, Macedonian, Russian, Serbian, Ukrainian};
    matches!(
        model,
        Bulgarian | Macedonian | Russian | Serbian | Ukrainian
    )
}

/// The candidates with their shares weighed by the letters of `sample`; the shares add up
/// to 1 again.
pub(super) fn weigh(sample: &str, candidates: Vec<(Language, f64)>) -> Vec<(Language, f64)> {
    let sample = sample.to_lowercase();
    let weigh = |(language, share): (Language, f64)| {
        let foreign = foreign_letters(&sample, language).min(MAX_FOREIGN);
        (language, (share + 1e-6) * FOREIGN.powi(foreign))
    };
    let weighed: Vec<(Language, f64)> = candidates.into_iter().map(weigh).collect();
    let sum: f64 = weighed.iter().map(|(_, share)| share).sum();
    weighed
        .into_iter()
        .map(|(language, share)| (language, share / sum))
        .collect()
}

fn foreign_letters(sample: &str, language: Language) -> i32 {
    let Some((_, own)) = LETTERS.iter().find(|(code, _)| *code == language.as_str()) else {
        return 0;
    };
    let exclusive = |letter: &char| LETTERS.iter().any(|(_, letters)| letters.contains(*letter));
    let foreign = sample
        .chars()
        .filter(exclusive)
        .filter(|letter| !own.contains(*letter))
        .count();
    let vowels = if language.as_str() == "ru" {
        vowels(sample)
    } else {
        0
    };
    i32::try_from(foreign + vowels).unwrap_or(MAX_FOREIGN)
}

/// How often ъ is a vowel, as in Bulgarian: before anything but е, ё, ю, я, before which it
/// parts syllables in Russian.
fn vowels(sample: &str) -> usize {
    let next = sample.chars().skip(1);
    sample
        .chars()
        .zip(next)
        .filter(|(a, b)| *a == 'ъ' && b.is_alphabetic() && !"еёюя".contains(*b))
        .count()
}
