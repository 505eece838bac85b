//! Integer counts for trends, kept in step with the facts.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use rusqlite::{Connection, Params, Result, Row, ToSql, params};
use voc_core::{
    Channel, Kind, Language, MentionFact, RecordFact, Sentiment, SourceId, Target, ThemeId,
};

use crate::decode::{id, parsed};

/// How many records of a language were written on a day over a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayChannelLanguage {
    /// The day.
    pub day: Date,
    /// The channel.
    pub channel: Channel,
    /// The language.
    pub language: Language,
    /// Records, at least 1.
    pub records: u64,
}

/// How many records spoke of a theme on a day with a feeling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayThemeSentiment {
    /// The day of the message that holds the mention.
    pub day: Date,
    /// The theme.
    pub theme: ThemeId,
    /// The feeling about it.
    pub sentiment: Sentiment,
    /// Whose product or service it is about.
    pub target: Target,
    /// Records, at least 1.
    pub records: u64,
}

/// How many records of a kind were written on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayKind {
    /// The day.
    pub day: Date,
    /// The kind.
    pub kind: Kind,
    /// Records, at least 1.
    pub records: u64,
}

/// How many records of a language a source holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLanguage {
    /// The source.
    pub source: SourceId,
    /// The language.
    pub language: Language,
    /// Records, at least 1.
    pub records: u64,
}

/// One count of one rollup.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    DayChannelLanguage(Date, Channel, Language),
    DayThemeSentiment(Date, ThemeId, Sentiment, bool),
    DayKind(Date, Kind),
    SourceLanguage(SourceId, Language),
}

/// What a transaction changes in the counts: added up first, so that each count is written
/// once however many records share it.
#[derive(Default)]
pub(crate) struct RollupChange(BTreeMap<Cell, i64>);

impl RollupChange {
    /// Counts the facts of a record in.
    pub(crate) fn add(&mut self, fact: &RecordFact, mentions: &[MentionFact]) {
        self.count(fact, mentions, 1);
    }

    /// Counts the facts of a record out.
    pub(crate) fn subtract(&mut self, fact: &RecordFact, mentions: &[MentionFact]) {
        self.count(fact, mentions, -1);
    }

    fn count(&mut self, fact: &RecordFact, mentions: &[MentionFact], by: i64) {
        let RecordFact {
            day,
            channel,
            language,
            ..
        } = *fact;
        let mut count = |cell| *self.0.entry(cell).or_default() += by;
        count(Cell::DayChannelLanguage(day, channel, language));
        count(Cell::SourceLanguage(fact.key.source.clone(), language));
        for kind in &fact.kinds {
            count(Cell::DayKind(day, *kind));
        }
        for mention in mentions {
            let MentionFact {
                day,
                theme,
                sentiment,
                target,
                ..
            } = mention;
            let competitor = *target == Target::Competitor;
            count(Cell::DayThemeSentiment(
                *day,
                theme.clone(),
                *sentiment,
                competitor,
            ));
        }
    }

    /// Writes the changes. The schema refuses a count below zero.
    pub(crate) fn apply(&self, connection: &Connection) -> Result<()> {
        let changed = self.0.iter().filter(|(_, by)| **by != 0);
        for (cell, by) in changed {
            cell.change(connection, *by)?;
        }
        for (table, _) in RECOUNTS {
            let clear = format!("DELETE FROM {table} WHERE records = 0");
            connection.prepare_cached(&clear)?.execute([])?;
        }
        Ok(())
    }
}

impl Cell {
    fn change(&self, connection: &Connection, by: i64) -> Result<()> {
        match self {
            Self::DayChannelLanguage(day, channel, language) => change(
                connection,
                "day_channel_language",
                "day = ?2 AND channel = ?3 AND language = ?4",
                params![by, day.to_string(), channel.as_str(), language.as_str()],
            ),
            Self::DayThemeSentiment(day, theme, sentiment, competitor) => change(
                connection,
                "day_theme_sentiment",
                "day = ?2 AND theme = ?3 AND sentiment = ?4 AND competitor = ?5",
                params![
                    by,
                    day.to_string(),
                    theme.as_str(),
                    sentiment.as_str(),
                    competitor
                ],
            ),
            Self::DayKind(day, kind) => change(
                connection,
                "day_kind",
                "day = ?2 AND kind = ?3",
                params![by, day.to_string(), kind.as_str()],
            ),
            Self::SourceLanguage(source, language) => change(
                connection,
                "source_language",
                "source = ?2 AND language = ?3",
                params![by, source.as_str(), language.as_str()],
            ),
        }
    }
}

/// Adds `?1` to the count at `place`, whose values are the table's columns in order. Not an
/// upsert: SQLite would check the sign of the change before it is added.
fn change(connection: &Connection, table: &str, place: &str, values: &[&dyn ToSql]) -> Result<()> {
    let update = format!("UPDATE {table} SET records = records + ?1 WHERE {place}");
    if connection.prepare_cached(&update)?.execute(values)? > 0 {
        return Ok(());
    }
    let columns: String = (2..=values.len())
        .map(|number| format!("?{number}, "))
        .collect();
    let insert = format!("INSERT INTO {table} VALUES ({columns}?1)");
    connection.prepare_cached(&insert)?.execute(values)?;
    Ok(())
}

/// Rollup `day × channel × language`, in this order.
pub(crate) fn day_channel_language(
    connection: &Connection,
    days: &RangeInclusive<Date>,
) -> Result<Vec<DayChannelLanguage>> {
    let sql = "SELECT day, channel, language, records FROM day_channel_language
        WHERE day BETWEEN ?1 AND ?2 ORDER BY day, channel, language";
    collect(connection, sql, between(days), |row| {
        Ok(DayChannelLanguage {
            day: parsed(row, 0)?,
            channel: parsed(row, 1)?,
            language: parsed(row, 2)?,
            records: row.get(3)?,
        })
    })
}

/// Rollup `day × theme × sentiment × target`, in this order.
pub(crate) fn day_theme_sentiment(
    connection: &Connection,
    days: &RangeInclusive<Date>,
) -> Result<Vec<DayThemeSentiment>> {
    let sql = "SELECT day, theme, sentiment, competitor, records FROM day_theme_sentiment
        WHERE day BETWEEN ?1 AND ?2 ORDER BY day, theme, sentiment, competitor";
    collect(connection, sql, between(days), |row| {
        Ok(DayThemeSentiment {
            day: parsed(row, 0)?,
            theme: id(row, 1)?,
            sentiment: parsed(row, 2)?,
            target: if row.get(3)? {
                Target::Competitor
            } else {
                Target::Own
            },
            records: row.get(4)?,
        })
    })
}

/// Rollup `day × kind`, in this order.
pub(crate) fn day_kind(
    connection: &Connection,
    days: &RangeInclusive<Date>,
) -> Result<Vec<DayKind>> {
    let sql = "SELECT day, kind, records FROM day_kind
        WHERE day BETWEEN ?1 AND ?2 ORDER BY day, kind";
    collect(connection, sql, between(days), |row| {
        Ok(DayKind {
            day: parsed(row, 0)?,
            kind: parsed(row, 1)?,
            records: row.get(2)?,
        })
    })
}

/// Rollup `source × language`, in this order.
pub(crate) fn source_language(connection: &Connection) -> Result<Vec<SourceLanguage>> {
    let sql = "SELECT source, language, records FROM source_language ORDER BY source, language";
    collect(connection, sql, [], |row| {
        Ok(SourceLanguage {
            source: id(row, 0)?,
            language: parsed(row, 1)?,
            records: row.get(2)?,
        })
    })
}

fn between(days: &RangeInclusive<Date>) -> [String; 2] {
    [days.start().to_string(), days.end().to_string()]
}

fn collect<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    connection
        .prepare_cached(sql)?
        .query_map(params, read)?
        .collect()
}

/// Each rollup with the query that counts it anew from the facts.
pub(crate) const RECOUNTS: [(&str, &str); 4] = [
    (
        "day_channel_language",
        "SELECT day, channel, language, count(*) FROM record_fact GROUP BY 1, 2, 3",
    ),
    (
        "day_theme_sentiment",
        "SELECT day, theme, sentiment, competitor, count(*) FROM mention_fact GROUP BY 1, 2, 3, 4",
    ),
    (
        "day_kind",
        "SELECT day, kind.value, count(*) FROM record_fact, json_each(kinds) AS kind GROUP BY 1, 2",
    ),
    (
        "source_language",
        "SELECT source, language, count(*) FROM record_fact JOIN record USING (row) GROUP BY 1, 2",
    ),
];

#[cfg(test)]
mod tests;
