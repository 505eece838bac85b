//! How to read a report, and what it leaves out.

use crate::MIN_RECORDS;
use crate::pulse::{Header, KindRow, Method, Volumes};
use crate::words::{Words, fill};

/// The notes of a report in its language.
pub(crate) fn of(
    words: &Words,
    header: &Header,
    volumes: &Volumes,
    method: &Method,
    kinds: &[KindRow],
) -> Vec<String> {
    let texts = &words.notes;
    let records = |template: &str, n: u64| {
        (n > 0).then(|| fill(template, &[("records", &words.count_records(n))]))
    };
    let mut notes = Vec::new();
    if (1..MIN_RECORDS).contains(&volumes.records) {
        notes.push(texts.small.to_owned());
    }
    notes.extend([texts.shares, texts.theme_base, texts.net].map(str::to_owned));
    if kinds.iter().any(|row| row.change.is_some()) {
        notes.push(change(words, header, method));
        notes.push(fill(
            texts.minimum,
            &[("minimum", &MIN_RECORDS.to_string())],
        ));
    }
    notes.extend(records(texts.uncompared, method.uncompared_records));
    notes.extend(records(texts.company_texts, volumes.company_texts));
    notes.push(texts.verbatims.to_owned());
    notes
}

fn change(words: &Words, header: &Header, method: &Method) -> String {
    let values = [
        ("baseline", &*header.baseline_name),
        ("tests", &*words.integer(method.tests)),
        ("factor", &*words.number(method.dispersion.factor, 2)),
    ];
    fill(words.notes.change, &values)
}
