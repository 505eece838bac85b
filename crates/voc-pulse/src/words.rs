//! Every word of a report, in each language that reports are written in.
//!
//! The words are one struct with a constant per language, so a language that lacks a word
//! does not compile. Names of kinds, sentiments, touchpoints and themes come from the
//! taxonomy instead. Places such as `{share}` are filled by [`fill`].

mod bg;
mod en;
mod format;
mod it;
mod zh;

pub(crate) use format::fill;
use voc_core::Language;

/// A number of things: `one` for 1, `many` else; both hold `{n}`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub one: &'static str,
    pub many: &'static str,
}

/// A word for each length of period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PerUnit {
    pub day: &'static str,
    pub week: &'static str,
    pub month: &'static str,
    pub quarter: &'static str,
}

/// How numbers and dates are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Formats {
    pub decimal: &'static str,
    pub group: &'static str,
    /// Between the members of a list.
    pub comma: &'static str,
    /// `{d} {month} {y}`.
    pub date: &'static str,
    /// `{d1} {d2} {month} {y}`: two days of one month.
    pub days: &'static str,
    /// `{first} {last}`: two dates.
    pub range: &'static str,
    pub months: [&'static str; 12],
    /// `{d1} {month}`: a tick of a chart.
    pub tick: &'static str,
    /// `{n}`: minutes, hours, days.
    pub minutes: &'static str,
    pub hours: &'static str,
    pub days_long: &'static str,
}

/// Headings of sections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Headings {
    pub report: &'static str,
    pub movers: &'static str,
    pub volumes: &'static str,
    pub trend: &'static str,
    pub ratings: &'static str,
    pub kinds: &'static str,
    pub themes: &'static str,
    pub touchpoints: &'static str,
    pub verbatims: &'static str,
    pub sources: &'static str,
    pub notes: &'static str,
}

/// Column heads and short labels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    pub kind: &'static str,
    pub theme: &'static str,
    pub touchpoint: &'static str,
    pub channel: &'static str,
    pub language: &'static str,
    pub period: &'static str,
    pub records: &'static str,
    pub customers: &'static str,
    pub share: &'static str,
    pub interval: &'static str,
    pub change: &'static str,
    pub net: &'static str,
    pub measure: &'static str,
    pub value: &'static str,
    pub answers: &'static str,
    pub baseline: &'static str,
    pub source: &'static str,
    pub state: &'static str,
}

/// What a change is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changes {
    /// `{points}`: percentage points.
    pub up: &'static str,
    pub down: &'static str,
    pub steady: &'static str,
    pub withheld: &'static str,
    pub no_baseline: &'static str,
    /// `{before} {now}`: the two shares.
    pub from_to: &'static str,
}

/// Sentences of the first screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sentences {
    /// `{records} {customers}`.
    pub volume: &'static str,
    /// `{records}`, where no customer is known.
    pub volume_only: &'static str,
    /// `{percent} {baseline}`.
    pub volume_more: &'static str,
    pub volume_fewer: &'static str,
    pub volume_same: &'static str,
    pub empty: &'static str,
    /// `{label} {now} {before} {baseline}`.
    pub rise: &'static str,
    pub fall: &'static str,
    /// `{label} {now} {baseline}`.
    pub first_seen: &'static str,
    /// `{share}`: of a theme's records.
    pub mostly_negative: &'static str,
    pub mostly_positive: &'static str,
    pub quiet: &'static str,
    pub no_baseline: &'static str,
    pub models_differ: &'static str,
    pub too_few: &'static str,
    /// `{label} {records} {share}`.
    pub most_criticised: &'static str,
    pub most_praised: &'static str,
    /// `{score} {records} {before} {baseline}`.
    pub promoters: &'static str,
    /// `{score} {records}`.
    pub promoters_only: &'static str,
    /// `{share} {records}`: of what calls for a theme.
    pub unassigned: &'static str,
    /// `{names}`.
    pub not_mentioned: &'static str,
    /// `{records}`.
    pub competitor: &'static str,
    /// `{records}`.
    pub prospects: &'static str,
}

/// Names of what is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measures {
    pub nps: &'static str,
    pub csat: &'static str,
    pub csat_satisfied: &'static str,
    pub ces: &'static str,
    pub stars: &'static str,
    pub first_response: &'static str,
    pub resolution: &'static str,
}

/// The feelings, in the order of a stacked bar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Feelings {
    pub negative: &'static str,
    pub mixed: &'static str,
    pub neutral: &'static str,
    pub positive: &'static str,
}

/// Where a record was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Channels {
    pub ticket: &'static str,
    pub chat: &'static str,
    pub email: &'static str,
    pub social: &'static str,
    pub review: &'static str,
    pub survey: &'static str,
    pub sales_note: &'static str,
    pub agent: &'static str,
    pub other: &'static str,
}

/// How the numbers were made, and what is left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notes {
    pub small: &'static str,
    pub small_mark: &'static str,
    pub shares: &'static str,
    pub theme_base: &'static str,
    /// `{baseline} {tests} {factor}`.
    pub change: &'static str,
    /// `{minimum}`.
    pub minimum: &'static str,
    pub verbatims: &'static str,
    pub net: &'static str,
    /// `{records}`.
    pub uncompared: &'static str,
    /// `{records}`.
    pub company_texts: &'static str,
    pub used: &'static str,
    /// `{day}`.
    pub incomplete: &'static str,
    pub never_complete: &'static str,
    pub new: &'static str,
    /// `{at} {zone}`.
    pub as_of: &'static str,
    /// `{store} {model} {taxonomy}`.
    pub versions: &'static str,
}

/// All words of one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// The code of the language, for `lang` attributes.
    pub code: &'static str,
    pub formats: Formats,
    pub headings: Headings,
    pub columns: Columns,
    pub changes: Changes,
    pub sentences: Sentences,
    pub measures: Measures,
    pub feelings: Feelings,
    pub channels: Channels,
    pub notes: Notes,
    pub records: Counted,
    pub customers: Counted,
    /// The name of a period: `{date}`, `{week} {y}`, `{month} {y}`, `{quarter} {y}`.
    pub period: PerUnit,
    /// "8-week average": `{n}`.
    pub average: PerUnit,
    /// The baseline of a single period: "the week before".
    pub before: PerUnit,
    /// Code and name of common languages.
    pub languages: [(&'static str, &'static str); 16],
}

impl Words {
    /// The words of `language`; English for one that reports are not written in.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::IT => &it::WORDS,
            Language::BG => &bg::WORDS,
            Language::ZH => &zh::WORDS,
            _ => &en::WORDS,
        }
    }

    /// The language that the words are in.
    pub(crate) fn language_code(&self) -> Language {
        let code = Language::FIRST_CLASS
            .into_iter()
            .find(|known| known.as_str() == self.code);
        code.unwrap_or(Language::EN)
    }

    /// The name of `language`, or its code where it has none here.
    pub(crate) fn language(&self, language: Language) -> String {
        let code = language.as_str();
        let name = self
            .languages
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, name)| *name);
        name.unwrap_or(code).to_owned()
    }

    /// The name of `channel`.
    pub(crate) const fn channel(&self, channel: voc_core::Channel) -> &'static str {
        use voc_core::Channel;
        let names = &self.channels;
        match channel {
            Channel::Ticket => names.ticket,
            Channel::Chat => names.chat,
            Channel::Email => names.email,
            Channel::Social => names.social,
            Channel::Review => names.review,
            Channel::Survey => names.survey,
            Channel::SalesNote => names.sales_note,
            Channel::Agent => names.agent,
            Channel::Other => names.other,
        }
    }
}

#[cfg(test)]
mod tests;
