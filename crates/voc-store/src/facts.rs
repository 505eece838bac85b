//! Facts to rows and back.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use rusqlite::{Connection, Params, Result, Row, named_params, params};
use voc_core::{MentionFact, Probability, Ratings, RecordFact, Role, Target};

use crate::decode::{id, id_if_any, json, key, parsed, parsed_if_any, urgency};

// Readers sort by day and key, so that equal stores give equal streams. CROSS JOIN keeps
// the fact the outer loop: the index yields the days in order and only one day at a time
// is sorted.
const RECORD_FACTS: &str = "
    SELECT r.source, r.id, f.day, f.channel, f.language, f.customer, f.prospect, f.tier,
           f.product, f.kinds, f.sentiment, f.urgency, f.touchpoint, f.nps, f.csat, f.ces,
           f.stars, f.first_response_seconds, f.resolution_seconds, f.outcome
    FROM record_fact AS f CROSS JOIN record AS r ON r.row = f.row";
const MENTION_FACTS: &str = "
    SELECT r.source, r.id, f.day, f.theme, f.competitor, f.sentiment, f.touchpoint, f.score
    FROM mention_fact AS f CROSS JOIN record AS r ON r.row = f.row";

/// The record facts from day `?1` to day `?2`.
pub(crate) fn record_facts_by_day() -> String {
    format!("{RECORD_FACTS} WHERE f.day BETWEEN ?1 AND ?2 ORDER BY f.day, r.source, r.id")
}

/// The mention facts from day `?1` to day `?2`.
pub(crate) fn mention_facts_by_day() -> String {
    format!(
        "{MENTION_FACTS} WHERE f.day BETWEEN ?1 AND ?2
         ORDER BY f.day, r.source, r.id, f.theme, f.competitor"
    )
}

/// Calls `each` with the record facts of `days`, ordered by day and key.
pub(crate) fn each_record_fact(
    connection: &Connection,
    days: &RangeInclusive<Date>,
    each: &mut dyn FnMut(RecordFact),
) -> Result<()> {
    let between = [days.start().to_string(), days.end().to_string()];
    each_row(
        connection,
        &record_facts_by_day(),
        between,
        record_fact,
        each,
    )
}

/// Calls `each` with the mention facts of `days`, ordered by day, key, theme and target.
pub(crate) fn each_mention_fact(
    connection: &Connection,
    days: &RangeInclusive<Date>,
    each: &mut dyn FnMut(MentionFact),
) -> Result<()> {
    let between = [days.start().to_string(), days.end().to_string()];
    each_row(
        connection,
        &mention_facts_by_day(),
        between,
        mention_fact,
        each,
    )
}

/// The facts of one row, if it has any.
pub(crate) fn facts_of(
    connection: &Connection,
    row: u64,
) -> Result<(Option<RecordFact>, Vec<MentionFact>)> {
    let (mut fact, mut mentions) = (None, Vec::new());
    let sql = format!("{RECORD_FACTS} WHERE f.row = ?1");
    each_row(connection, &sql, [row], record_fact, &mut |found| {
        fact = Some(found)
    })?;
    let sql = format!("{MENTION_FACTS} WHERE f.row = ?1");
    each_row(connection, &sql, [row], mention_fact, &mut |found| {
        mentions.push(found)
    })?;
    Ok((fact, mentions))
}

/// Replaces the facts of one row.
pub(crate) fn put_facts(
    connection: &Connection,
    row: u64,
    fact: &RecordFact,
    mentions: &[MentionFact],
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM record_fact WHERE row = ?1")?
        .execute([row])?;
    connection
        .prepare_cached("DELETE FROM mention_fact WHERE row = ?1")?
        .execute([row])?;
    put_record_fact(connection, row, fact)?;
    mentions
        .iter()
        .try_for_each(|mention| put_mention_fact(connection, row, mention))
}

fn put_record_fact(connection: &Connection, row: u64, fact: &RecordFact) -> Result<()> {
    let sql = "
        INSERT INTO record_fact VALUES (:row, :day, :channel, :language, :customer, :prospect,
            :tier, :product, :kinds, :sentiment, :urgency, :touchpoint, :nps, :csat, :ces,
            :stars, :first_response, :resolution, :outcome)";
    let outcome = fact.outcome.as_ref().map(as_json).transpose()?;
    connection.prepare_cached(sql)?.execute(named_params! {
        ":row": row,
        ":day": fact.day.to_string(),
        ":channel": fact.channel.as_str(),
        ":language": fact.language.as_str(),
        ":customer": fact.customer.as_ref().map(|customer| customer.as_str()),
        ":prospect": fact.role == Role::Prospect,
        ":tier": fact.tier,
        ":product": fact.product,
        ":kinds": as_json(&fact.kinds)?,
        ":sentiment": fact.sentiment.as_str(),
        ":urgency": fact.urgency.level(),
        ":touchpoint": fact.touchpoint.map(|touchpoint| touchpoint.as_str()),
        ":nps": fact.ratings.nps,
        ":csat": fact.ratings.csat,
        ":ces": fact.ratings.ces,
        ":stars": fact.ratings.stars,
        ":first_response": fact.first_response_seconds,
        ":resolution": fact.resolution_seconds,
        ":outcome": outcome,
    })?;
    Ok(())
}

fn put_mention_fact(connection: &Connection, row: u64, fact: &MentionFact) -> Result<()> {
    let sql = "INSERT INTO mention_fact VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    connection.prepare_cached(sql)?.execute(params![
        row,
        fact.day.to_string(),
        fact.theme.as_str(),
        fact.target == Target::Competitor,
        fact.sentiment.as_str(),
        fact.touchpoint.map(|touchpoint| touchpoint.as_str()),
        fact.score.get(),
    ])?;
    Ok(())
}

/// The text of a JSON column.
pub(crate) fn as_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(unwritable)
}

/// What a value that cannot be written as JSON becomes.
pub(crate) fn unwritable(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

fn record_fact(row: &Row<'_>) -> Result<RecordFact> {
    let outcome: Option<String> = row.get(19)?;
    Ok(RecordFact {
        key: key(row, 0)?,
        day: parsed(row, 2)?,
        channel: parsed(row, 3)?,
        language: parsed(row, 4)?,
        customer: id_if_any(row, 5)?,
        role: if row.get(6)? {
            Role::Prospect
        } else {
            Role::Customer
        },
        tier: row.get(7)?,
        product: row.get(8)?,
        kinds: json(row, 9)?,
        sentiment: parsed(row, 10)?,
        urgency: urgency(row, 11)?,
        touchpoint: parsed_if_any(row, 12)?,
        ratings: Ratings {
            nps: row.get(13)?,
            csat: row.get(14)?,
            ces: row.get(15)?,
            stars: row.get(16)?,
        },
        first_response_seconds: row.get(17)?,
        resolution_seconds: row.get(18)?,
        outcome: outcome.map(|_| json(row, 19)).transpose()?,
    })
}

fn mention_fact(row: &Row<'_>) -> Result<MentionFact> {
    Ok(MentionFact {
        key: key(row, 0)?,
        day: parsed(row, 2)?,
        theme: id(row, 3)?,
        target: if row.get(4)? {
            Target::Competitor
        } else {
            Target::Own
        },
        sentiment: parsed(row, 5)?,
        touchpoint: parsed_if_any(row, 6)?,
        score: Probability::clamped(row.get(7)?),
    })
}

/// Runs `sql` and calls `each` with every row as `read` reads it.
pub(crate) fn each_row<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> Result<T>,
    each: &mut dyn FnMut(T),
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    for value in statement.query_map(params, read)? {
        each(value?);
    }
    Ok(())
}
