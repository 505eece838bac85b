//! The period in plain sentences, in the language of the report.

use voc_core::{Kind, PeriodUnit};

use crate::MIN_RECORDS;
use crate::pulse::{
    Arrow, Change, KindRow, Mover, MoverSection, Rating, RatingScale, Sentiments, ThemeRow,
    TrendPoint, Volumes,
};
use crate::words::{Words, fill};

/// How many movers the first screen shows.
const MOVERS: usize = 6;

/// What sentences are made from.
pub(crate) struct Story<'a> {
    pub words: &'static Words,
    pub unit: PeriodUnit,
    pub baseline: usize,
    pub volumes: &'a Volumes,
    pub ratings: &'a [Rating],
    pub kinds: &'a [KindRow],
    pub themes: &'a [ThemeRow],
}

/// Why nothing is said to have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quiet {
    /// Everything was compared and nothing changed.
    Steady,
    /// There are no earlier periods.
    NoBaseline,
    /// Earlier periods were labelled by another model.
    ModelsDiffer,
    /// There are too few records for a test.
    TooFew,
}

impl Story<'_> {
    /// The sentences beside the movers.
    pub(crate) fn summary(&self, quiet: Option<Quiet>) -> Vec<String> {
        if self.volumes.records == 0 && self.themes.iter().all(|theme| theme.records == 0) {
            return vec![self.words.sentences.empty.to_owned()];
        }
        let sentences = [
            self.volume(),
            self.quiet(quiet),
            self.criticised(),
            self.praised(),
        ];
        sentences
            .into_iter()
            .chain([self.promoters()])
            .flatten()
            .collect()
    }

    /// Labels with an arrow, largest difference first; `trend` gives the line of each.
    pub(crate) fn movers(
        &self,
        trend: impl Fn(MoverSection, &str) -> Vec<TrendPoint>,
    ) -> Vec<Mover> {
        let kinds = self.kinds.iter().filter_map(|row| {
            let change = moved(row.change)?;
            let welcome = welcome_kind(row.id).map(|good| good == (change.arrow == Arrow::Up));
            let id = row.id.as_str();
            Some(self.mover((MoverSection::Kind, id, &row.name), change, None, welcome))
        });
        let themes = self.themes.iter().filter_map(|row| {
            let change = moved(row.change)?;
            let good = prevailing(row.sentiments).map(|(good, _)| good);
            let welcome = good.map(|good| good == (change.arrow == Arrow::Up));
            let label = (MoverSection::Theme, row.id.as_str(), &*row.name);
            Some(self.mover(label, change, self.feeling(row.sentiments), welcome))
        });
        let mut movers: Vec<Mover> = kinds.chain(themes).collect();
        movers.sort_by(|a, b| {
            b.change
                .difference
                .abs()
                .total_cmp(&a.change.difference.abs())
        });
        movers.truncate(MOVERS);
        for mover in &mut movers {
            mover.trend = trend(mover.section, &mover.id);
        }
        movers
    }

    fn mover(
        &self,
        (section, id, name): (MoverSection, &str, &str),
        change: Change,
        feeling: Option<String>,
        welcome: Option<bool>,
    ) -> Mover {
        Mover {
            section,
            id: id.to_owned(),
            name: name.to_owned(),
            sentence: self.changed(name, change),
            feeling,
            welcome,
            change,
            trend: Vec::new(),
        }
    }

    fn changed(&self, name: &str, change: Change) -> String {
        let sentences = &self.words.sentences;
        let template = match change.arrow {
            Arrow::Down => sentences.fall,
            _ if change.baseline == 0.0 => sentences.first_seen,
            _ => sentences.rise,
        };
        let values = [
            ("label", name),
            ("now", &*self.words.percent(change.share)),
            ("before", &*self.words.percent(change.baseline)),
            ("baseline", &*self.baseline_name()),
        ];
        fill(template, &values)
    }

    fn feeling(&self, sentiments: Sentiments) -> Option<String> {
        let (good, share) = prevailing(sentiments)?;
        let sentences = &self.words.sentences;
        let template = if good {
            sentences.mostly_positive
        } else {
            sentences.mostly_negative
        };
        Some(fill(template, &[("share", &self.words.percent(share))]))
    }

    fn volume(&self) -> Option<String> {
        let (words, volumes) = (self.words, self.volumes);
        let sentences = &words.sentences;
        let records = words.count_records(volumes.records);
        let customers = words.count_customers(volumes.customers);
        let template = if volumes.customers == 0 {
            sentences.volume_only
        } else {
            sentences.volume
        };
        let total = fill(
            template,
            &[("records", &records), ("customers", &customers)],
        );
        let Some(mean) = volumes.baseline_mean else {
            return Some(total);
        };
        let ratio = volumes.compared_records as f64 / mean - 1.0;
        // Within five per cent nobody would speak of a change.
        let template = match ratio {
            r if r > 0.05 => sentences.volume_more,
            r if r < -0.05 => sentences.volume_fewer,
            _ => sentences.volume_same,
        };
        let percent = words.percent(ratio.abs());
        let values = [("percent", &*percent), ("baseline", &*self.baseline_name())];
        Some(join(self.words, &total, &fill(template, &values)))
    }

    fn quiet(&self, quiet: Option<Quiet>) -> Option<String> {
        let sentences = &self.words.sentences;
        let sentence = match quiet? {
            Quiet::Steady => sentences.quiet,
            Quiet::NoBaseline => sentences.no_baseline,
            Quiet::ModelsDiffer => sentences.models_differ,
            Quiet::TooFew => sentences.too_few,
        };
        Some(sentence.to_owned())
    }

    fn criticised(&self) -> Option<String> {
        let template = self.words.sentences.most_criticised;
        self.extreme(template, |feelings| [feelings.negative, feelings.positive])
    }

    fn praised(&self) -> Option<String> {
        let template = self.words.sentences.most_praised;
        self.extreme(template, |feelings| [feelings.positive, feelings.negative])
    }

    /// The theme with the most records of one feeling, of those with fewer of the opposite
    /// one: what is praised most is not what is criticised more. The first of equals.
    fn extreme(&self, template: &str, of: impl Fn(Sentiments) -> [u64; 2]) -> Option<String> {
        let mut best: Option<(&ThemeRow, u64)> = None;
        for row in self.themes {
            let [feeling, opposite] = of(row.sentiments);
            if feeling > opposite && feeling > best.map_or(0, |(_, most)| most) {
                best = Some((row, feeling));
            }
        }
        let (row, feeling) = best?;
        let share = feeling as f64 / row.records as f64;
        let values = [
            ("label", &*row.name),
            ("records", &*self.words.count_records(row.records)),
            ("share", &*self.words.percent(share)),
        ];
        Some(fill(template, &values))
    }

    fn promoters(&self) -> Option<String> {
        let nps = self
            .ratings
            .iter()
            .find(|rating| rating.scale == RatingScale::Nps)?;
        if nps.n < MIN_RECORDS {
            return None;
        }
        let sentences = &self.words.sentences;
        let template = nps
            .baseline
            .map_or(sentences.promoters_only, |_| sentences.promoters);
        let values = [
            ("score", &*self.words.number(nps.value, 0)),
            ("records", &*self.words.count_records(nps.n)),
            (
                "before",
                &*self.words.number(nps.baseline.unwrap_or_default(), 0),
            ),
            ("baseline", &*self.baseline_name()),
        ];
        Some(fill(template, &values))
    }

    fn baseline_name(&self) -> String {
        self.words.baseline(self.unit, self.baseline)
    }
}

/// Two sentences in a row.
pub(crate) fn join(words: &Words, first: &str, second: &str) -> String {
    let blank = if words.code == "zh" { "" } else { " " };
    format!("{first}{blank}{second}")
}

fn moved(change: Option<Change>) -> Option<Change> {
    change.filter(|change| matches!(change.arrow, Arrow::Up | Arrow::Down))
}

/// Whether more of a kind is good news.
const fn welcome_kind(kind: Kind) -> Option<bool> {
    match kind {
        Kind::Praise => Some(true),
        Kind::Complaint | Kind::Churn => Some(false),
        Kind::Question | Kind::Wish => None,
    }
}

/// The sign that most records carry, with its share: `true` is positive.
fn prevailing(sentiments: Sentiments) -> Option<(bool, f64)> {
    let share = |n: u64| n as f64 / sentiments.total() as f64;
    match sentiments {
        s if 2 * s.negative > s.total() => Some((false, share(s.negative))),
        s if 2 * s.positive > s.total() => Some((true, share(s.positive))),
        _ => None,
    }
}
