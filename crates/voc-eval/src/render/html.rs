use std::collections::BTreeMap;

use askama::Template;
use voc_core::{Annotation, Body, Kind, Sentiment, Speaker};

use super::{GROUPS, group_table, table::Table};
use crate::{Bin, Confusion, EvalError, Evaluation, GoldRecord, Mistake, MistakeKind};

/// Texts listed per label and kind of mistake, at most.
const LISTED: usize = 25;
/// Side of the reliability plot.
const PLOT: f64 = 200.0;

/// One self-contained page: the figures, the reliability plot, what was taken for what, and
/// the mistakes to read, label by label and record by record. No script; every text is
/// escaped.
///
/// # Errors
/// [`EvalError::Unpaired`] if `gold` and `found` are not what `evaluation` was made from;
/// [`EvalError::Html`], which is not known to happen.
pub fn html(
    evaluation: &Evaluation,
    gold: &[GoldRecord],
    found: &[Annotation],
) -> Result<String, EvalError> {
    if gold.len() != evaluation.records || found.len() != gold.len() {
        return Err(EvalError::Unpaired {
            records: gold.len(),
            annotations: found.len(),
        });
    }
    let shown = |index: usize| Shown::new(&gold[index], &found[index]);
    let page = Page {
        records: evaluation.records,
        models: evaluation
            .models
            .iter()
            .cloned()
            .collect::<Vec<_>>()
            .join(", "),
        groups: GROUPS
            .iter()
            .map(|(group, heading)| Group {
                heading,
                table: group_table(evaluation, group),
            })
            .collect(),
        error: evaluation
            .calibration
            .expected_error
            .map(|error| format!("{error:.3}")),
        dots: evaluation.calibration.bins.iter().map(Dot::new).collect(),
        confusions: &evaluation.confusions,
        labels: by_label(&evaluation.mistakes)
            .into_iter()
            .map(|(name, mistakes)| LabelView::new(name, &mistakes, shown))
            .collect(),
        worst: evaluation.worst.iter().map(|index| shown(*index)).collect(),
    };
    Ok(page.render()?)
}

#[derive(Template)]
#[template(path = "evaluation.html")]
struct Page<'a> {
    records: usize,
    models: String,
    groups: Vec<Group>,
    error: Option<String>,
    dots: Vec<Dot>,
    confusions: &'a [Confusion],
    labels: Vec<LabelView>,
    worst: Vec<Shown>,
}

struct Group {
    heading: &'static str,
    table: Table,
}

/// A bin of scores in the reliability plot.
struct Dot {
    x: f64,
    y: f64,
    radius: f64,
    title: String,
}

impl Dot {
    fn new(bin: &Bin) -> Self {
        Self {
            x: bin.mean_score * PLOT,
            y: (1.0 - bin.share_right) * PLOT,
            radius: (bin.n as f64).sqrt().clamp(2.0, 12.0),
            title: format!(
                "{} scores, mean {:.2}, {:.0} % right",
                bin.n,
                bin.mean_score,
                bin.share_right * 100.0
            ),
        }
    }
}

/// The mistakes about one label.
struct LabelView {
    name: String,
    lists: Vec<MistakeList>,
}

struct MistakeList {
    caption: &'static str,
    n: usize,
    texts: Vec<Shown>,
}

impl LabelView {
    fn new(name: String, mistakes: &[&Mistake], shown: impl Fn(usize) -> Shown) -> Self {
        let list = |kind, caption| {
            let mut of_kind: Vec<_> = mistakes.iter().filter(|m| m.kind == kind).collect();
            // The surest first; among missed ones, which have no score, in order.
            of_kind.sort_by(|a, b| {
                let score = |m: &Mistake| m.score.unwrap_or(0.0);
                score(b).total_cmp(&score(a))
            });
            MistakeList {
                caption,
                n: of_kind.len(),
                texts: of_kind
                    .iter()
                    .take(LISTED)
                    .map(|m| shown(m.index))
                    .collect(),
            }
        };
        let lists = [
            list(MistakeKind::False, "wrongly assigned"),
            list(MistakeKind::Missed, "missed"),
        ];
        Self {
            name,
            lists: lists.into_iter().filter(|list| list.n > 0).collect(),
        }
    }
}

fn by_label(mistakes: &[Mistake]) -> BTreeMap<String, Vec<&Mistake>> {
    let mut by_label: BTreeMap<String, Vec<&Mistake>> = BTreeMap::new();
    for mistake in mistakes {
        let name = format!("{} {}", mistake.measure.group, mistake.measure.label);
        by_label.entry(name).or_default().push(mistake);
    }
    by_label
}

/// A record with both sets of labels.
struct Shown {
    id: String,
    lang: String,
    channel: String,
    text: String,
    gold: String,
    found: String,
    note: String,
}

impl Shown {
    fn new(gold: &GoldRecord, found: &Annotation) -> Self {
        let labels = &gold.gold;
        let mentions = labels
            .mentions
            .iter()
            .map(|m| format!("{} {} “{}”", m.theme, sign(m.sentiment.into()), m.quote));
        let found_mentions = found
            .mentions
            .iter()
            .map(|m| format!("{} {} “{}”", m.theme, sign(m.sentiment.into()), m.quote));
        let found_kinds: Vec<Kind> = found.kinds.iter().map(|kind| kind.id).collect();
        let gold_kinds: Vec<Kind> = labels.kinds.iter().copied().collect();
        Self {
            id: gold.record.id.to_string(),
            lang: labels.lang.to_string(),
            channel: gold.record.channel.to_string(),
            text: text(&gold.record.body),
            gold: summary(&gold_kinds, labels.sentiment, mentions),
            found: summary(&found_kinds, found.sentiment.label, found_mentions),
            note: labels.note.clone(),
        }
    }
}

fn sign(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::Negative => "−",
        Sentiment::Neutral => "·",
        Sentiment::Positive => "+",
        Sentiment::Mixed => "±",
    }
}

fn summary(kinds: &[Kind], sentiment: Sentiment, mentions: impl Iterator<Item = String>) -> String {
    let mut parts: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    if parts.is_empty() {
        parts.push("no kind".to_owned());
    }
    parts.push(sentiment.to_string());
    parts.extend(mentions);
    parts.join(" · ")
}

fn text(body: &Body) -> String {
    match body {
        Body::Text(text) => text.clone(),
        Body::Messages(messages) => {
            let lines: Vec<String> = messages
                .iter()
                .map(|message| format!("{}: {}", speaker(message.by), message.text))
                .collect();
            lines.join("\n")
        }
    }
}

fn speaker(by: Speaker) -> &'static str {
    match by {
        Speaker::Customer => "customer",
        Speaker::Agent => "agent",
        Speaker::System => "system",
    }
}
