//! Language groups: the languages that are read in one way share a field of the index.

use frostem::{Algorithm, Stemmer};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use voc_core::Language;

use crate::words::folded;
use crate::{bulgarian, chinese, words};

/// A way of reading text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Words and a Snowball stemmer.
    Snowball(&'static str, Algorithm),
    /// Words and our own stemmer.
    Bulgarian,
    /// jieba.
    Chinese,
    /// Words as they are written; also for languages without spaces, whose words are then
    /// single characters (Japanese kanji, Thai) and are found as phrases.
    Other,
}

/// One position of a text, as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The stem of the word without accents. Every position has it, so phrases use it.
    pub plain: String,
    /// The stem of the word as written, where that is another: Portuguese -ção is an ending,
    /// -cao is none, so only this form joins *devolução* and *devoluções*.
    pub accented: Option<String>,
}

impl Lexeme {
    /// Its one or two forms.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        [Some(self.plain.as_str()), self.accented.as_deref()]
            .into_iter()
            .flatten()
    }
}

impl Group {
    /// Every group; the order is that of the index's fields.
    pub const ALL: [Self; 13] = [
        Self::Snowball("en", Algorithm::English),
        Self::Snowball("it", Algorithm::Italian),
        Self::Bulgarian,
        Self::Chinese,
        Self::Snowball("de", Algorithm::German),
        Self::Snowball("es", Algorithm::Spanish),
        Self::Snowball("fr", Algorithm::French),
        Self::Snowball("nl", Algorithm::Dutch),
        Self::Snowball("pl", Algorithm::Polish),
        Self::Snowball("pt", Algorithm::Portuguese),
        Self::Snowball("ru", Algorithm::Russian),
        Self::Snowball("tr", Algorithm::Turkish),
        Self::Other,
    ];

    /// The group that `language` is read with.
    pub fn of(language: Language) -> Self {
        let named = |group: &Self| group.name() == language.as_str();
        Self::ALL.into_iter().find(named).unwrap_or(Self::Other)
    }

    /// The language code, or `other`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snowball(code, _) => code,
            Self::Bulgarian => "bg",
            Self::Chinese => "zh",
            Self::Other => "other",
        }
    }

    /// Whether a run of letters without a space may be several words.
    pub const fn runs_words_together(self) -> bool {
        matches!(self, Self::Chinese)
    }

    /// `text` as it is compared; the index, queries and highlights all read it this way.
    pub fn lexemes(self, text: &str) -> Vec<Lexeme> {
        if self == Self::Chinese {
            let lexeme = |(range, plain): (std::ops::Range<usize>, String)| Lexeme {
                start: range.start,
                end: range.end,
                plain,
                accented: None,
            };
            return chinese::words(text).into_iter().map(lexeme).collect();
        }
        let stem = self.stemmer();
        let lexeme = |(range, word): (std::ops::Range<usize>, &str)| {
            let word = word.to_lowercase();
            let plain = stem(&folded(&word));
            let accented = Some(folded(&stem(&word))).filter(|form| *form != plain);
            Lexeme {
                start: range.start,
                end: range.end,
                plain,
                accented,
            }
        };
        words::words(text).map(lexeme).collect()
    }

    fn stemmer(self) -> Box<dyn Fn(&str) -> String> {
        match self {
            Self::Snowball(_, algorithm) => {
                let stemmer = Stemmer::new(algorithm);
                Box::new(move |word| stemmer.stem(word).into_owned())
            }
            Self::Bulgarian => Box::new(bulgarian::stem),
            Self::Chinese | Self::Other => Box::new(str::to_owned),
        }
    }
}

impl Tokenizer for Group {
    type TokenStream<'a> = LexemeStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> LexemeStream {
        let tokens = self
            .lexemes(text)
            .into_iter()
            .enumerate()
            .flat_map(|(position, lexeme)| {
                let Lexeme {
                    start: offset_from,
                    end: offset_to,
                    plain,
                    accented,
                } = lexeme;
                [Some(plain), accented]
                    .into_iter()
                    .flatten()
                    .map(move |text| Token {
                        offset_from,
                        offset_to,
                        position,
                        text,
                        position_length: 1,
                    })
            });
        LexemeStream {
            tokens: tokens.collect(),
            next: 0,
        }
    }
}

/// The tokens of one text: a position's two forms share it.
pub(crate) struct LexemeStream {
    tokens: Vec<Token>,
    next: usize,
}

impl TokenStream for LexemeStream {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a query for `one` finds `other`: do their forms meet?
    #[track_caller]
    fn check(language: &str, one: &str, other: &str, meet: bool) {
        let group = Group::of(language.parse().unwrap());
        let (one_forms, other_forms) = (group.lexemes(one), group.lexemes(other));
        let found = one_forms[0]
            .forms()
            .any(|f| other_forms[0].forms().any(|g| f == g));
        assert_eq!(found, meet, "{one_forms:?} {other_forms:?}");
    }

    #[test]
    fn forms_of_a_word_meet_with_and_without_accents() {
        check("en", "refunds", "REFUND", true);
        check("en", "refund", "fund", false);
        check("it", "consegne", "consegna", true);
        check("it", "perché", "perche", true);
        check("de", "Lieferungen", "Lieferung", true);
        check("de", "Größe", "grosse", true);
        check("es", "facturación", "facturaciones", true);
        check("es", "facturacion", "facturación", true);
        check("fr", "livré", "livrée", true);
        check("fr", "livre", "livré", true);
        check("pt", "devoluções", "devolução", true);
        check("nl", "leveringen", "levering", true);
        check("ru", "доставка", "доставки", true);
        check("pl", "łódź", "lodz", true);
        check("tr", "siparişler", "siparis", true);
        check("bg", "доставките", "доставка", true);
        check("zh", "退貨", "退货", true);
        check("cs", "Zásilka", "zasilka", true);
        check("ja", "配送", "配送", true);
        check("und", "cats", "cat", false);
    }

    #[test]
    fn a_stream_gives_both_forms_at_one_position() {
        let mut group = Group::of("pt".parse().unwrap());
        let mut stream = group.token_stream("devolução no");
        let mut seen = Vec::new();
        while let Some(token) = stream.next() {
            seen.push((token.text.clone(), token.position, token.offset_from));
        }
        let expect = [("devoluca", 0, 0), ("devolu", 0, 0), ("no", 1, 12)];
        assert_eq!(
            seen,
            expect.map(|(text, position, at)| (text.to_owned(), position, at))
        );
    }
}
