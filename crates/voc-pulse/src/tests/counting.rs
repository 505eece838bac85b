//! What is counted, and what is left out.

use crate::{PulseBuilder, PulseError, RatingScale, SourceState, ThemeRow, render};
use fastrand::Rng;
use jiff::ToSpan;
use voc_core::{
    Channel, Kind, Probability, Ratings, RecordFact, Role, Sentiment, Target, Taxonomy, ThemeId,
};

use super::facts::{Facts, by, day, mention, record, report, request, source, text_of, weeks_ago};

fn theme<'a>(pulse: &'a crate::Pulse, id: &str) -> &'a ThemeRow {
    pulse
        .themes
        .iter()
        .find(|row| row.id.as_str() == id)
        .unwrap()
}

#[test]
fn the_order_of_the_facts_does_not_matter() {
    let mut facts = Facts::with_rise(9);
    for (index, fact) in facts.records.iter_mut().enumerate() {
        *fact = by(&format!("c{}", index % 90), fact.clone());
        fact.ratings = Ratings {
            csat: Some((index % 41) as f32 / 10.0),
            ..Ratings::default()
        };
        fact.first_response_seconds = Some(index as i64);
    }
    facts
        .mentions
        .push(mention(&record("w0-3", weeks_ago(0)), "own.b"));
    facts
        .mentions
        .push(mention(&record("w0-4", weeks_ago(0)), "own.a"));
    let expect = render::json(&report(request(), &facts)).unwrap();
    let mut rng = Rng::with_seed(5);
    for _ in 0..5 {
        rng.shuffle(&mut facts.records);
        rng.shuffle(&mut facts.mentions);
        let taxonomy = Taxonomy::default_scheme().unwrap();
        let mut builder = PulseBuilder::new(request(), &taxonomy).unwrap();
        facts
            .mentions
            .iter()
            .for_each(|fact| builder.add_mention(fact));
        facts
            .records
            .iter()
            .for_each(|fact| builder.add_record(fact));
        assert_eq!(render::json(&builder.finish(text_of)).unwrap(), expect);
    }
}

#[test]
fn the_needed_days_hold_twelve_periods_and_the_baseline() {
    let taxonomy = Taxonomy::default_scheme().unwrap();
    let check = |baseline, first| {
        let request = crate::PulseRequest {
            baseline,
            ..request()
        };
        let days = PulseBuilder::new(request, &taxonomy).unwrap().needed_days();
        assert_eq!(days, first..day("2026-08-10"));
    };
    check(8, weeks_ago(11));
    check(0, weeks_ago(11));
    check(20, weeks_ago(20));
}

#[test]
fn a_request_that_cannot_be_met_is_refused() {
    let taxonomy = Taxonomy::default_scheme().unwrap();
    let mut unknown = request();
    unknown.timezone = "Europe/Atlantis".to_owned();
    let error = PulseBuilder::new(unknown, &taxonomy).unwrap_err();
    assert!(matches!(&error, PulseError::UnknownTimezone(zone) if zone == "Europe/Atlantis"));
    let long = crate::PulseRequest {
        baseline: 105,
        ..request()
    };
    let error = PulseBuilder::new(long, &taxonomy).unwrap_err();
    assert!(error.to_string().contains("at most 104"), "{error}");
}

#[test]
fn a_source_that_does_not_cover_the_period_is_left_out_and_named() {
    let mut facts = Facts::with_rise(2);
    for (index, fact) in facts.records.iter_mut().enumerate() {
        if index % 2 == 1 {
            fact.key.source = source("t");
        }
    }
    facts.mentions.clear();
    let mut late = request();
    late.complete_through.insert(source("t"), day("2026-08-08"));
    let pulse = report(late, &facts);
    assert_eq!(pulse.volumes.records, 25);
    assert!(
        pulse.volumes.trend.iter().all(|point| point.count == 25),
        "on both sides"
    );
    let row = &pulse.header.sources[1];
    assert_eq!((row.state, row.records), (SourceState::Incomplete, 25));
    assert_eq!(row.reason, "left out: complete only through 8 August 2026");

    let mut unknown = request();
    unknown.complete_through.remove(&source("t"));
    let pulse = report(unknown, &facts);
    assert_eq!(
        pulse.header.sources[1].reason,
        "left out: never read to the end"
    );
}

#[test]
fn a_new_source_is_counted_and_not_compared() {
    let mut facts = Facts::with_rise(2);
    for week in 0..4 {
        for index in 0..30 {
            let mut fact = record(&format!("n{week}-{index}"), weeks_ago(week));
            fact.key.source = source("t");
            facts.mentions.push(mention(&fact, "delivery.damage"));
            facts.records.push(fact);
        }
    }
    let pulse = report(request(), &facts);
    assert_eq!(pulse.header.sources[1].state, SourceState::New);
    assert_eq!(
        (pulse.volumes.records, pulse.volumes.compared_records),
        (80, 50)
    );
    assert_eq!(pulse.method.uncompared_records, 30);
    let row = theme(&pulse, "delivery.damage");
    let change = row.change.unwrap();
    assert_eq!(
        (row.records, change.records, change.baseline_records),
        (32, 50, 400)
    );
    assert_eq!((change.share, change.baseline), (0.04, 0.04));
    assert!(
        pulse
            .notes
            .iter()
            .any(|note| note.contains("have a baseline") || note.contains("has no baseline"))
    );
}

#[test]
fn a_mention_counts_on_its_day_and_a_record_once_per_theme() {
    let mut facts = Facts::default();
    let thread = record("old", weeks_ago(1));
    let mut late = mention(&thread, "billing.refund");
    late.day = weeks_ago(0);
    let mut later = late.clone();
    later.day = weeks_ago(0).saturating_add(2.days());
    later.sentiment = Sentiment::Positive;
    facts.mentions.extend([late, later]);
    facts.records.push(thread);
    facts.add("n", weeks_ago(0), 3, "billing.refund", 1);
    let pulse = report(request(), &facts);
    let row = theme(&pulse, "billing.refund");
    assert_eq!(pulse.volumes.records, 3);
    assert_eq!(row.records, 2);
    assert_eq!((row.sentiments.negative, row.sentiments.mixed), (1, 1));
    assert_eq!(
        row.share, 0.5,
        "of the three written and the one that speaks on"
    );
}

#[test]
fn a_mention_without_its_record_is_still_counted() {
    let mut facts = Facts::default();
    facts
        .mentions
        .push(mention(&record("unseen", weeks_ago(0)), "billing.refund"));
    let pulse = report(request(), &facts);
    assert_eq!(
        (
            pulse.volumes.records,
            theme(&pulse, "billing.refund").records
        ),
        (0, 1)
    );
}

#[test]
fn a_record_given_twice_counts_once() {
    let mut facts = Facts::default();
    let mut fact = record("1", weeks_ago(0));
    fact.ratings.stars = Some(4.0);
    facts.records = vec![fact.clone(), fact];
    let pulse = report(request(), &facts);
    assert_eq!((pulse.volumes.records, pulse.ratings[0].n), (1, 1));
}

#[test]
fn words_of_the_company_and_of_prospects_are_told_apart() {
    let mut facts = Facts::default();
    facts.records.push(RecordFact {
        channel: Channel::Agent,
        ..record("a", weeks_ago(0))
    });
    facts.records.push(RecordFact {
        role: Role::Prospect,
        ..record("p", weeks_ago(0))
    });
    facts.records.push(by("c", record("c", weeks_ago(0))));
    let pulse = report(request(), &facts);
    let volumes = &pulse.volumes;
    assert_eq!(
        (volumes.records, volumes.company_texts, volumes.prospects),
        (2, 1, 1)
    );
    assert_eq!(
        (volumes.customers, volumes.records_without_customer),
        (1, 1)
    );
    assert!(volumes.channels.iter().all(|row| row.id != Channel::Agent));
}

#[test]
fn competitors_do_not_count_as_our_own() {
    let mut facts = Facts::default();
    let fact = record("1", weeks_ago(0));
    let mut other = mention(&fact, "billing.price");
    other.target = Target::Competitor;
    facts.mentions.push(other);
    facts.records.push(fact);
    let pulse = report(request(), &facts);
    let row = theme(&pulse, "billing.price");
    assert_eq!(
        (row.records, row.competitor, row.verbatims.len()),
        (0, 1, 0)
    );
    assert!(
        render::html(&pulse)
            .unwrap()
            .contains("About a competitor: 1 record.")
    );
}

#[test]
fn the_unassigned_share_is_of_complaints_wishes_and_praise() {
    let mut facts = Facts::default();
    let kinds = [
        vec![Kind::Complaint],
        vec![Kind::Wish],
        vec![Kind::Question],
        vec![],
    ];
    for (index, kinds) in kinds.into_iter().enumerate() {
        facts.records.push(RecordFact {
            kinds,
            ..record(&index.to_string(), weeks_ago(0))
        });
    }
    facts
        .mentions
        .push(mention(&facts.records[0], "billing.price"));
    let unassigned = report(request(), &facts).unassigned;
    assert_eq!((unassigned.records, unassigned.base), (1, 2));
    assert_eq!(unassigned.share, Some(0.5));
}

#[test]
fn customers_who_repeat_widen_the_interval() {
    let mut facts = Facts::default();
    facts.add("r", weeks_ago(0), 40, "billing.price", 10);
    let width = |facts: &Facts| {
        let pulse = report(request(), facts);
        theme(&pulse, "billing.price")
            .interval
            .map(|ends| ends.high - ends.low)
            .unwrap()
    };
    let apart = width(&facts);
    for (index, fact) in facts.records.iter_mut().enumerate() {
        *fact = by(&format!("c{}", index / 10), fact.clone());
    }
    assert!(width(&facts) > 1.8 * apart);
}

#[test]
fn ratings_are_shown_beside_their_baseline() {
    let mut facts = Facts::default();
    for (index, (week, nps)) in [(0, 10.0), (0, 9.0), (0, 0.0), (1, 0.0), (9, 10.0)]
        .into_iter()
        .enumerate()
    {
        let mut fact = record(&index.to_string(), weeks_ago(week));
        fact.ratings.nps = Some(nps);
        fact.first_response_seconds = (week == 0).then_some(60 * (index as i64 + 1));
        facts.records.push(fact);
    }
    let pulse = report(request(), &facts);
    let nps = pulse.ratings[0];
    assert_eq!(
        (nps.scale, nps.n, nps.value),
        (RatingScale::Nps, 3, 33.3333)
    );
    assert_eq!(
        nps.baseline,
        Some(-100.0),
        "week 9 lies before the baseline"
    );
    assert!(nps.small);
    assert_eq!(
        pulse.response_times.first_response.median_seconds,
        Some(120.0)
    );
    assert_eq!(pulse.response_times.resolution.median_seconds, None);
}

#[test]
fn verbatims_that_are_gone_are_replaced_by_the_next() {
    let mut facts = Facts::default();
    facts.add("r", weeks_ago(0), 5, "billing.price", 5);
    facts.mentions[3].score = Probability::new(0.9).unwrap();
    let taxonomy = Taxonomy::default_scheme().unwrap();
    let request = crate::PulseRequest {
        verbatims_per_theme: 2,
        ..request()
    };
    let mut builder = PulseBuilder::new(request, &taxonomy).unwrap();
    facts
        .records
        .iter()
        .for_each(|fact| builder.add_record(fact));
    facts
        .mentions
        .iter()
        .for_each(|fact| builder.add_mention(fact));
    let price = ThemeId::new("billing.price").unwrap();
    let candidates: Vec<_> = builder
        .verbatim_candidates()
        .into_iter()
        .map(|(key, theme)| (key.id.to_string(), theme))
        .collect();
    assert_eq!(
        candidates,
        ["r3", "r0", "r1", "r2"].map(|id| (id.to_owned(), price.clone()))
    );
    let pulse =
        builder.finish(|key, theme| text_of(key, theme).filter(|_| key.id.as_str() != "r3"));
    let shown: Vec<_> = theme(&pulse, "billing.price")
        .verbatims
        .iter()
        .map(|row| row.record.id.as_str())
        .collect();
    assert_eq!(shown, ["r0", "r1"]);
}
