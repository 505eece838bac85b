/// The part of a text around a quote, cut at blanks where it is long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Excerpt<'a> {
    /// Text was left out before it.
    pub cut_before: bool,
    pub before: &'a str,
    pub quote: &'a str,
    pub after: &'a str,
    /// Text was left out after it.
    pub cut_after: bool,
}

/// How much is shown before and after a quote, in bytes: a few sentences.
const BEFORE: usize = 400;
const AFTER: usize = 600;

impl<'a> Excerpt<'a> {
    /// The surroundings of the first `quote` in `text`; the beginning of `text`, without a
    /// quote, where it does not occur.
    pub(super) fn new(text: &'a str, quote: &str) -> Self {
        let found = if quote.is_empty() {
            None
        } else {
            text.find(quote)
        };
        let (start, end) = found.map_or((0, 0), |start| (start, start + quote.len()));
        let before = tail(&text[..start], BEFORE);
        let after = head(&text[end..], AFTER);
        Self {
            cut_before: before.len() < start,
            before,
            quote: &text[start..end],
            after,
            cut_after: after.len() < text.len() - end,
        }
    }
}

/// The last `limit` bytes or less, from a word's start if there is a blank to cut at.
fn tail(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let boundary = (text.len() - limit..text.len()).find(|at| text.is_char_boundary(*at));
    let part = &text[boundary.unwrap_or(text.len())..];
    part.split_once(char::is_whitespace)
        .map_or(part, |(_, rest)| rest)
}

/// The first `limit` bytes or less, up to a word's end if there is a blank to cut at.
fn head(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let boundary = (0..=limit).rev().find(|at| text.is_char_boundary(*at));
    let part = &text[..boundary.unwrap_or_default()];
    part.rsplit_once(char::is_whitespace)
        .map_or(part, |(rest, _)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quote_is_found_in_its_text() {
        let check = |text, quote, expect| {
            let found = Excerpt::new(text, quote);
            assert_eq!((found.before, found.quote, found.after), expect);
            assert!(!found.cut_before && !found.cut_after);
        };
        check(
            "Il pacco era rotto. Peccato.",
            "era rotto",
            ("Il pacco ", "era rotto", ". Peccato."),
        );
        check("包裹破损了。", "破损", ("包裹", "破损", "了。"));
        check("Нищо такова", "друго", ("", "", "Нищо такова"));
        check("text", "", ("", "", "text"));
    }

    #[test]
    fn long_texts_are_cut_at_words_and_never_inside_a_character() {
        let text = format!("{}THE QUOTE{}", "дума ".repeat(200), " 慢慢慢".repeat(200));
        let found = Excerpt::new(&text, "THE QUOTE");
        assert!(found.cut_before && found.cut_after);
        assert!(found.before.starts_with("дума ") && found.before.len() <= BEFORE);
        assert!(found.after.ends_with("慢慢慢") && found.after.len() <= AFTER);
        let solid = "慢".repeat(900);
        assert!(Excerpt::new(&solid, "").after.len() > AFTER - 3);
    }
}
