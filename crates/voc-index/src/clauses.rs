//! Queries in tantivy's terms.

use std::ops::Bound;

use jiff::civil::{Date, date};
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery,
    Query as Clause, RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use crate::group::Lexeme;
use crate::query::{Condition, Label, Query, Test, Wording};
use crate::schema::{Fields, TextFields};

/// What a match in the title counts, against one in the text.
const TITLE_BOOST: f32 = 2.0;

/// How the words of a query combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// Every word.
    All,
    /// Any word.
    Any,
}

/// Days since 1970-01-01, the form of dates in the index.
pub(crate) fn day_number(day: Date) -> i64 {
    day.duration_since(date(1970, 1, 1)).as_hours() / 24
}

/// The records that have the words of `query` and pass its filters, scored by BM25 on the
/// words; `None` if it has no words.
pub(crate) fn words_clause(
    query: &Query,
    fields: &Fields,
    demand: Demand,
) -> Option<Box<dyn Clause>> {
    let words = joined(&query.wanted, occur(demand), |wording| {
        wording_clause(wording, fields, demand)
    })?;
    let mut clauses = vec![(Occur::Must, words)];
    clauses.extend(condition_clauses(query, fields));
    Some(Box::new(BooleanQuery::new(clauses)))
}

/// The records that pass the filters of `query`, whatever its words.
pub(crate) fn filter_clause(query: &Query, fields: &Fields) -> Box<dyn Clause> {
    let all: Box<dyn Clause> = Box::new(AllQuery);
    let mut clauses = vec![(Occur::Must, all)];
    clauses.extend(condition_clauses(query, fields));
    Box::new(BooleanQuery::new(clauses))
}

/// The records that the exclusions of `query` leave out; `None` if it has none.
///
/// They are asked for on their own, not as a negative clause beside the wanted words: there
/// tantivy 0.27 moves a phrase backwards, against its own contract (`Exclude` calls
/// `PhraseScorer::seek_danger`), and its debug assertions say so.
pub(crate) fn excluded_clause(query: &Query, fields: &Fields) -> Option<Box<dyn Clause>> {
    joined(&query.excluded, Occur::Should, |wording| {
        wording_clause(wording, fields, Demand::All)
    })
}

fn joined(
    wordings: &[Wording],
    occur: Occur,
    clause: impl Fn(&Wording) -> Option<Box<dyn Clause>>,
) -> Option<Box<dyn Clause>> {
    let clauses: Vec<_> = wordings
        .iter()
        .filter_map(|wording| Some((occur, clause(wording)?)))
        .collect();
    if clauses.is_empty() {
        None
    } else {
        Some(Box::new(BooleanQuery::new(clauses)))
    }
}

fn occur(demand: Demand) -> Occur {
    match demand {
        Demand::All => Occur::Must,
        Demand::Any => Occur::Should,
    }
}

/// The filters; none of them adds to a score.
fn condition_clauses(query: &Query, fields: &Fields) -> Vec<(Occur, Box<dyn Clause>)> {
    let clause = |Condition { holds, test }: &Condition| {
        let occur = if *holds { Occur::Must } else { Occur::MustNot };
        let unscored: Box<dyn Clause> =
            Box::new(ConstScoreQuery::new(test_clause(test, fields), 0.0));
        (occur, unscored)
    };
    query.conditions.iter().map(clause).collect()
}

fn test_clause(test: &Test, fields: &Fields) -> Box<dyn Clause> {
    let day = |date: &Date| Bound::Included(Term::from_field_i64(fields.day, day_number(*date)));
    match test {
        Test::AnyOf(label, values) => {
            let field = label_field(*label, fields);
            let terms = values
                .iter()
                .map(|value| Term::from_field_text(field, value));
            Box::new(TermSetQuery::new(terms))
        }
        Test::Since(first) => Box::new(RangeQuery::new(day(first), Bound::Unbounded)),
        Test::Until(last) => Box::new(RangeQuery::new(Bound::Unbounded, day(last))),
    }
}

fn label_field(label: Label, fields: &Fields) -> Field {
    match label {
        Label::Language => fields.language,
        Label::Kind => fields.kind,
        Label::Theme => fields.theme,
        Label::Channel => fields.channel,
        Label::Sentiment => fields.sentiment,
        Label::Touchpoint => fields.touchpoint,
        Label::Source => fields.source,
        Label::Urgency => fields.urgency,
    }
}

/// One word or phrase in the fields of every group, or as the id of a record. A query does
/// not say its language, so each group reads it in its own way and the best match counts.
fn wording_clause(wording: &Wording, fields: &Fields, demand: Demand) -> Option<Box<dyn Clause>> {
    let mut readings: Vec<Box<dyn Clause>> = fields
        .texts
        .iter()
        .filter_map(|texts| group_clause(wording, *texts, demand))
        .collect();
    if readings.is_empty() {
        return None;
    }
    readings.push(term_clause(Term::from_field_text(
        fields.id,
        wording.text(),
    )));
    Some(Box::new(DisjunctionMaxQuery::new(readings)))
}

/// One word or phrase in text and title of one group.
fn group_clause(wording: &Wording, texts: TextFields, demand: Demand) -> Option<Box<dyn Clause>> {
    let lexemes = texts.group.lexemes(wording.text());
    if lexemes.is_empty() {
        return None;
    }
    let apart = texts.group.runs_words_together() && matches!(wording, Wording::Word(_));
    let clause = |field| match lexemes.as_slice() {
        [lexeme] => lexeme_clause(lexeme, field),
        _ if apart => combined_clause(&lexemes, field, occur(demand)),
        _ => phrase_clause(&lexemes, field),
    };
    let title: Box<dyn Clause> = Box::new(BoostQuery::new(clause(texts.title), TITLE_BOOST));
    Some(Box::new(BooleanQuery::union(vec![
        clause(texts.text),
        title,
    ])))
}

fn term_clause(term: Term) -> Box<dyn Clause> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

/// A word in either of its forms.
fn lexeme_clause(lexeme: &Lexeme, field: Field) -> Box<dyn Clause> {
    let form = |form: &str| term_clause(Term::from_field_text(field, form));
    match &lexeme.accented {
        None => form(&lexeme.plain),
        Some(_) => Box::new(DisjunctionMaxQuery::new(lexeme.forms().map(form).collect())),
    }
}

fn combined_clause(lexemes: &[Lexeme], field: Field, occur: Occur) -> Box<dyn Clause> {
    let clauses = lexemes
        .iter()
        .map(|lexeme| (occur, lexeme_clause(lexeme, field)));
    Box::new(BooleanQuery::new(clauses.collect()))
}

fn phrase_clause(lexemes: &[Lexeme], field: Field) -> Box<dyn Clause> {
    let terms = lexemes
        .iter()
        .map(|lexeme| Term::from_field_text(field, &lexeme.plain));
    Box::new(PhraseQuery::new(terms.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        for (day, number) in [
            (date(1970, 1, 1), 0),
            (date(1970, 1, 2), 1),
            (date(1969, 12, 30), -2),
            (date(2026, 8, 3), 20668),
        ] {
            assert_eq!(day_number(day), number, "{day}");
        }
    }
}
