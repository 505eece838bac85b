//! From the fold to the report.

mod parts;

use std::collections::BTreeMap;

use voc_core::{Kind, RecordKey, ThemeId};

use crate::change::Changes;
use crate::mentions::ThemeIndex;
use crate::pulse::{
    Header, KindRow, MoverSection, Pulse, ResponseTimes, ThemeRow, TrendPoint, VerbatimRow, rounded,
};
use crate::records::RecordIndex;
use crate::stats::Interval;
use crate::story::{Quiet, Story};
use crate::tally::{Label, Tally};
use crate::voices::Voices;
use crate::words::Words;
use crate::{MIN_RECORDS, PulseBuilder, Verbatim, notes, verbatim};

/// Gives the stored text of a record that speaks of a theme.
type Texts<'a> = &'a dyn Fn(&RecordKey, &ThemeId) -> Option<Verbatim>;

pub(crate) fn pulse(builder: &PulseBuilder, times: ResponseTimes, texts: Texts<'_>) -> Pulse {
    let assembly = Assembly::new(builder);
    let header = assembly.header();
    let volumes = assembly.volumes();
    let ratings = assembly.ratings();
    let kinds = assembly.kinds();
    let themes = assembly.themes(texts);
    let story = Story {
        words: assembly.words,
        unit: builder.request.period.unit(),
        baseline: builder.request.baseline,
        volumes: &volumes,
        ratings: &ratings,
        kinds: &kinds,
        themes: &themes,
    };
    let movers = story.movers(|section, id| assembly.trend_of(section, id));
    let summary = story.summary(assembly.quiet(movers.is_empty()));
    let method = assembly.changes.method(assembly.uncompared());
    let notes = notes::of(assembly.words, &header, &volumes, &method, &kinds);
    Pulse {
        header,
        summary,
        movers,
        ratings,
        response_times: times,
        kinds,
        themes,
        touchpoints: assembly.touchpoints(),
        unassigned: assembly.unassigned(),
        method,
        notes,
        volumes,
    }
}

/// What every part of the report draws on.
struct Assembly<'a> {
    builder: &'a PulseBuilder,
    words: &'static Words,
    tally: Tally,
    changes: Changes,
    /// Records written in the period: the base of kinds and touchpoints.
    written: Voices,
    /// And earlier ones that speak in it: the base of themes.
    speaking: Voices,
}

impl<'a> Assembly<'a> {
    fn new(builder: &'a PulseBuilder) -> Self {
        let tally = Tally::new(builder);
        let themes = builder.themes.in_order().into_iter().map(Label::Theme);
        let labels: Vec<Label> = Kind::ALL
            .iter()
            .map(|kind| Label::Kind(*kind))
            .chain(themes)
            .collect();
        let changes = match builder.request.models_differ || builder.request.baseline == 0 {
            true => Changes::none(),
            false => Changes::new(&tally, &labels),
        };
        Self {
            words: Words::of(builder.request.language),
            written: Voices::written(builder),
            speaking: Voices::speaking(builder),
            builder,
            tally,
            changes,
        }
    }

    fn kinds(&self) -> Vec<KindRow> {
        let mut rows: Vec<KindRow> = Kind::ALL.iter().map(|kind| self.kind(*kind)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.records));
        rows
    }

    fn kind(&self, kind: Kind) -> KindRow {
        let share = self.tally.now().share(Label::Kind(kind));
        KindRow {
            id: kind,
            name: self.builder.labels.kind(kind),
            records: share.hits(),
            share: rounded(share.share().unwrap_or_default()),
            interval: self
                .written
                .interval(self.written_where(|traits| traits.kinds.has(kind)))
                .map(Interval::rounded),
            change: self.changes.get(Label::Kind(kind)),
        }
    }

    fn themes(&self, texts: Texts<'_>) -> Vec<ThemeRow> {
        let candidates: BTreeMap<ThemeIndex, Vec<RecordIndex>> =
            verbatim::candidates(self.builder).into_iter().collect();
        let speakers = self.speakers();
        let mut rows: Vec<ThemeRow> = self
            .builder
            .themes
            .in_order()
            .into_iter()
            .map(|theme| {
                let candidates = candidates.get(&theme).map_or(&[][..], Vec::as_slice);
                let speakers = speakers.get(&theme).map_or(&[][..], Vec::as_slice);
                ThemeRow {
                    verbatims: self.verbatims(theme, candidates, texts),
                    ..self.theme(theme, speakers)
                }
            })
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.records));
        rows
    }

    fn theme(&self, theme: ThemeIndex, speakers: &[RecordIndex]) -> ThemeRow {
        let now = self.tally.now();
        let share = now.share(Label::Theme(theme));
        let sentiments = now.themes.get(&theme).copied().unwrap_or_default();
        let id = self.builder.themes.id(theme);
        ThemeRow {
            id: id.clone(),
            name: self.builder.labels.theme(id),
            records: share.hits(),
            share: rounded(share.share().unwrap_or_default()),
            interval: self
                .speaking
                .interval(speakers.iter().copied())
                .map(Interval::rounded),
            sentiments,
            net_sentiment: sentiments.net(),
            small: (1..MIN_RECORDS).contains(&share.hits()),
            competitor: now.competitor.get(&theme).copied().unwrap_or_default(),
            change: self.changes.get(Label::Theme(theme)),
            verbatims: Vec::new(),
        }
    }

    /// The records of the period that speak of each theme.
    fn speakers(&self) -> BTreeMap<ThemeIndex, Vec<RecordIndex>> {
        let mut speakers: BTreeMap<ThemeIndex, Vec<RecordIndex>> = BTreeMap::new();
        for (key, said) in self
            .builder
            .mentions
            .of_period(self.builder.calendar.current())
        {
            if said.own.is_some() {
                speakers.entry(key.theme).or_default().push(key.record);
            }
        }
        speakers
    }

    fn verbatims(
        &self,
        theme: ThemeIndex,
        candidates: &[RecordIndex],
        texts: Texts<'_>,
    ) -> Vec<VerbatimRow> {
        let theme = self.builder.themes.id(theme);
        candidates
            .iter()
            .filter_map(|record| {
                let record = self.builder.records.key(*record);
                let verbatim = texts(&record, theme)?;
                let language_name = self.words.language(verbatim.language);
                let channel_name = self.words.channel(verbatim.channel).to_owned();
                Some(VerbatimRow {
                    record,
                    verbatim,
                    language_name,
                    channel_name,
                })
            })
            .take(self.builder.request.verbatims_per_theme)
            .collect()
    }

    fn trend_of(&self, section: MoverSection, id: &str) -> Vec<TrendPoint> {
        let label = match section {
            MoverSection::Kind => id.parse().ok().map(Label::Kind),
            MoverSection::Theme => {
                let themes = &self.builder.themes;
                let mut order = themes.in_order().into_iter();
                order
                    .find(|theme| themes.id(*theme).as_str() == id)
                    .map(Label::Theme)
            }
        };
        label.map_or_else(Vec::new, |label| self.trend(|counts| counts.share(label)))
    }

    /// Why there are no movers, if so.
    fn quiet(&self, no_movers: bool) -> Option<Quiet> {
        match () {
            () if !no_movers => None,
            () if self.builder.request.models_differ => Some(Quiet::ModelsDiffer),
            () if self.changes.is_empty() => Some(Quiet::NoBaseline),
            () if !self.changes.any_tested() => Some(Quiet::TooFew),
            () => Some(Quiet::Steady),
        }
    }

    fn header(&self) -> Header {
        let request = &self.builder.request;
        let calendar = &self.builder.calendar;
        let local = request.as_of.to_zoned(self.builder.zone.clone());
        Header {
            company: request.company.clone(),
            period: request.period,
            unit: request.period.unit(),
            period_name: self.words.period(request.period),
            first_day: request.period.first_day(),
            last_day: request.period.last_day(),
            as_of: request.as_of,
            as_of_local: local.strftime("%Y-%m-%d %H:%M").to_string(),
            timezone: request.timezone.clone(),
            language: self.words.language_code(),
            store_version: request.store_version,
            model: request.model.clone(),
            taxonomy: self.builder.labels.taxonomy().to_owned(),
            baseline: calendar
                .baseline()
                .filter_map(|index| calendar.get(index))
                .collect(),
            baseline_name: self.words.baseline(request.period.unit(), request.baseline),
            sources: self.sources(),
        }
    }
}
