//! Dots that do not end a sentence.

use std::collections::HashSet;

/// Words with a dot before a name or the like: titles, streets, towns. Words that as often
/// end a sentence (`ecc.`, `etc.`, `г.`, `лв.`, `т.н.`) are not here: Unicode does not part
/// before a small letter, and before a capital they usually do end it.
const BEFORE_CAPITAL: &str = "sig sigg sig.ra sig.na dott dott.ssa dr dr.ssa prof prof.ssa ing avv geom rag arch on \
    egr gent gent.mo gent.ma spett spett.le v.le p.za p.zza c.so loc fraz cap tel cell all rif \
    mr mrs ms mx messrs st rev hon capt lt sgt gen approx dept e.g i.e cf vs \
    ул бул гр с ж.к жк бл вх ет ап обл общ тел моб гсм проф инж арх доц акад св пл кв напр вкл т.е т.нар д-р г-н г-жа им \
    hr fr str z.b d.h bzw ggf inkl evtl mme mlle m sra srta dña ud uds";

/// Words with a dot that do not end a sentence before a number.
const BEFORE_NUMBER: &str = "no n nr nro num art pag pagg p pp fig vol sec ch es ca c.a min max n.ro \
    чл ал т стр бр ном рег № abs nº núm";

/// Months before which German writes the day with a dot.
const GERMAN_MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// Knows the dots that do not end a sentence.
#[derive(Debug)]
pub(super) struct Abbreviations {
    before_capital: HashSet<&'static str>,
    before_number: HashSet<&'static str>,
}

impl Abbreviations {
    pub fn new() -> Self {
        Self {
            before_capital: BEFORE_CAPITAL.split_whitespace().collect(),
            before_number: BEFORE_NUMBER.split_whitespace().collect(),
        }
    }

    /// Whether `before` ends in a dot that does not end a sentence, given what comes after.
    pub fn end_of(&self, before: &str, after: &str) -> bool {
        let Some(without_dot) = before.strip_suffix('.') else {
            return false;
        };
        let start = without_dot
            .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '«' | '„' | '“' | ','))
            .map_or(0, |at| {
                at + without_dot[at..].chars().next().map_or(0, char::len_utf8)
            });
        let word = &without_dot[start..];
        let lower = word.to_lowercase();
        let number_follows =
            after.starts_with(|c: char| c.is_ascii_digit() || c == '№' || c == '#');
        self.before_capital.contains(lower.as_str())
            || (number_follows && self.before_number.contains(lower.as_str()))
            || is_initial(word)
            || is_list_number(word, start == 0)
            || (is_day(word) && GERMAN_MONTHS.iter().any(|month| after.starts_with(month)))
    }
}

/// `J.` or `А.` or `J.R.`
fn is_initial(word: &str) -> bool {
    !word.is_empty()
        && word
            .split('.')
            .all(|part| part.chars().count() == 1 && part.chars().all(char::is_uppercase))
}

/// `2.` at the start: the number of an item, not a sentence.
fn is_list_number(word: &str, starts: bool) -> bool {
    starts && is_day(word)
}

fn is_day(word: &str) -> bool {
    (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}
