//! Evaluations as text for a terminal, as Markdown for a model card, and as a page.

mod html;
mod table;

use std::fmt::Write;

pub use html::html;
pub use table::Style;

use voc_core::Language;

use crate::{
    Difference, Evaluation, Mean, Measure, RankingScore, SetEvaluation, SetMeasure, Slice,
};
use table::{Table, figure, pooled_name, slice_name};

/// The groups of an evaluation, in the order they are shown, with their headings.
const GROUPS: [(&str, &str); 10] = [
    ("kind", "Kinds"),
    ("sentiment", "Sentiment"),
    ("urgency", "Urgency"),
    ("touchpoint", "Touchpoint"),
    ("theme", "Themes"),
    ("theme with sentiment", "Themes with sentiment"),
    ("span", "Quotes of themes that were found"),
    ("personal data", "Personal data"),
    ("promise", "Promises"),
    ("language", "Language"),
];

/// An evaluation: F1 with its interval and number of gold positives, per language.
pub fn evaluation(evaluation: &Evaluation, style: Style) -> String {
    let mut text = String::new();
    for (group, heading) in GROUPS {
        let table = group_table(evaluation, group);
        if !table.is_empty() {
            let (heading, table) = (style.heading(heading), table.written(style));
            let _ = writeln!(text, "{heading}\n\n{table}");
        }
    }
    if let Some(error) = evaluation.calibration.expected_error {
        let _ = writeln!(
            text,
            "Expected calibration error of the kinds that were assigned: {error:.3}\n"
        );
    }
    let _ = writeln!(
        text,
        "F1 with its 95 % interval and the number of gold positives. Languages with fewer than {} \
        positives of a label are pooled (° where others are not); what is in brackets rests on fewer \
        than that, or on fewer languages. Macro: the mean over labels that have positives.",
        crate::FEW
    );
    text
}

/// Rows are labels, columns are all, each language, and the mean of the first-class ones.
fn group_table(evaluation: &Evaluation, group: &str) -> Table {
    let languages: Vec<Slice> = evaluation
        .languages
        .keys()
        .map(|language| Slice::language(*language))
        .collect();
    let mut head = vec![group.to_owned(), "all".to_owned()];
    head.extend(languages.iter().map(slice_name));
    head.push("pooled°".to_owned());
    head.push("mean it bg zh en".to_owned());
    let mut table = Table::new(head);
    for measure in measures(evaluation, group) {
        let cell = |slice: &Slice| evaluation.cell(group, &measure.label, slice);
        let mut row = vec![measure.label.clone(), figure(cell(&Slice::ALL))];
        let pooled = evaluation.cells.iter().find(|cell| {
            let of_measure = cell.measure == measure && cell.slice.channel.is_none();
            of_measure && cell.slice.is_pooled()
        });
        row.extend(languages.iter().map(|slice| {
            // A single language with few positives has nothing to be pooled with.
            let cell = cell(slice).filter(|cell| !cell.few || pooled.is_none());
            figure(cell)
        }));
        // Where every language is pooled, the figure is that of all.
        let part = pooled.filter(|cell| cell.slice.languages.len() < languages.len());
        row.push(part.map_or_else(String::new, |cell| {
            format!("{} {}", figure(Some(cell)), pooled_name(&cell.slice))
        }));
        let mean = evaluation
            .means
            .iter()
            .find(|mean| mean.measure == measure && !mean.gaps.is_empty());
        row.push(mean.map_or_else(String::new, over_languages));
        table.push(row);
    }
    macro_row(evaluation, group, &languages, &mut table);
    table
}

/// The mean over the first-class languages; in brackets where one has few positives or none.
fn over_languages(mean: &Mean) -> String {
    let few = mean.gaps.iter().any(|gap| gap.positives < crate::FEW);
    let all = mean.gaps.len() == Language::FIRST_CLASS.len();
    if few || !all {
        format!("({:.2})", mean.value)
    } else {
        format!("{:.2}", mean.value)
    }
}

fn macro_row(evaluation: &Evaluation, group: &str, languages: &[Slice], table: &mut Table) {
    let of_slice = |slice: &Slice| {
        let mut means = evaluation.means.iter();
        means
            .find(|mean| {
                let is_macro = mean.measure.group == group && mean.measure.label == "macro";
                is_macro && mean.languages == slice.languages
            })
            .map_or_else(String::new, |mean| format!("{:.2}", mean.value))
    };
    let all = of_slice(&Slice::ALL);
    if all.is_empty() {
        return;
    }
    let mut row = vec!["macro".to_owned(), all];
    row.extend(languages.iter().map(of_slice));
    row.extend([String::new(), String::new()]);
    table.push(row);
}

/// The measures of a group; summaries come last.
fn measures(evaluation: &Evaluation, group: &str) -> Vec<Measure> {
    let mut measures: Vec<Measure> = Vec::new();
    for cell in evaluation.cells.iter().filter(|c| c.measure.group == group) {
        if !measures.contains(&cell.measure) && cell.counts != crate::Counts::default() {
            measures.push(cell.measure.clone());
        }
    }
    measures.sort_by_key(Measure::is_summary);
    measures
}

/// Sets that other people labelled: one row each.
pub fn sets(evaluations: &[SetEvaluation], style: Style) -> String {
    let head = [
        "set",
        "texts",
        "measured",
        "accuracy",
        "macro-F1",
        "per class",
    ];
    let mut table = Table::new(head.map(str::to_owned).to_vec());
    for set in evaluations {
        let all = |label: &str| {
            let mut cells = set.cells.iter();
            cells.find(|c| c.measure.label == label && c.slice == Slice::ALL)
        };
        let classes = set.cells.iter().filter(|cell| {
            let is_class = cell.measure.label != "accuracy" && cell.counts.gold > 0;
            cell.slice == Slice::ALL && is_class
        });
        let mut classes: Vec<String> = classes
            .filter_map(|cell| Some(format!("{} {:.2}", cell.measure.label, cell.f1?)))
            .collect();
        if classes.len() > 8 {
            classes.clear();
        }
        table.push(vec![
            set.title.clone(),
            set.records.to_string(),
            measure_name(set.measure).to_owned(),
            figure(all("accuracy")),
            macro_f1(set, &[]).unwrap_or_default(),
            classes.join(", "),
        ]);
        let languages: Vec<_> = set
            .means
            .iter()
            .filter(|m| m.languages.len() == 1)
            .collect();
        for mean in languages.iter().filter(|_| languages.len() > 1) {
            let slice = Slice::language(mean.languages[0]);
            let mut cells = set.cells.iter();
            let accuracy = cells.find(|c| c.measure.label == "accuracy" && c.slice == slice);
            table.push(vec![
                format!("· {}", slice_name(&slice)),
                String::new(),
                String::new(),
                figure(accuracy),
                format!("{:.2}", mean.value),
                String::new(),
            ]);
        }
    }
    table.written(style)
}

fn macro_f1(set: &SetEvaluation, languages: &[Language]) -> Option<String> {
    let mean = set.means.iter().find(|mean| mean.languages == languages)?;
    Some(format!("{:.2}", mean.value))
}

fn measure_name(measure: SetMeasure) -> &'static str {
    match measure {
        SetMeasure::Polarity => "polarity",
        SetMeasure::Sentiment => "sentiment",
        SetMeasure::Kind => "kind",
        SetMeasure::Aspect => "feeling about an aspect",
        SetMeasure::Language => "language",
        SetMeasure::PersonalData => "personal data",
    }
}

/// Two versions on the same records.
pub fn comparison(differences: &[Difference], style: Style) -> String {
    let head = ["label", "records", "before", "after", "difference", "p"];
    let mut table = Table::new(head.map(str::to_owned).to_vec());
    for difference in differences {
        let interval = difference.interval.map_or_else(String::new, |interval| {
            format!(" [{:+.2}, {:+.2}]", interval.low, interval.high)
        });
        table.push(vec![
            format!("{} {}", difference.measure.group, difference.measure.label),
            slice_name(&difference.slice),
            format!("{:.2}", difference.before),
            format!("{:.2}", difference.after),
            format!("{:+.3}{interval}", difference.difference),
            format!(
                "{:.3}{}",
                difference.p,
                if difference.few { " (few)" } else { "" }
            ),
        ]);
    }
    table.written(style)
}

/// Rankings: a name (such as mode and languages) and its score per row.
pub fn rankings(scores: &[(String, RankingScore)], style: Style) -> String {
    let head = ["search", "queries", "nDCG@10", "hit@1", "MRR", "recall@10"];
    let mut table = Table::new(head.map(str::to_owned).to_vec());
    for (name, score) in scores {
        table.push(vec![
            name.clone(),
            score.queries.to_string(),
            format!("{:.3}", score.ndcg_at_10),
            format!("{:.3}", score.hit_at_1),
            format!("{:.3}", score.mrr),
            format!("{:.3}", score.recall_at_10),
        ]);
    }
    table.written(style)
}

#[cfg(test)]
mod tests;
