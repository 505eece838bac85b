//! What is said to have changed.

use crate::{Arrow, Pulse, PulseRequest};
use voc_core::{Kind, Language, Sentiment};

use super::facts::{Facts, report, request, weeks_ago};

fn damage(pulse: &Pulse) -> Option<Arrow> {
    let row = pulse
        .themes
        .iter()
        .find(|row| row.id.as_str() == "delivery.damage")
        .unwrap();
    row.change.map(|change| change.arrow)
}

#[test]
fn a_rise_is_found_and_told_first() {
    let pulse = report(request(), &Facts::with_rise(11));
    assert_eq!(damage(&pulse), Some(Arrow::Up));
    assert_eq!(pulse.movers.len(), 1);
    let mover = &pulse.movers[0];
    assert_eq!(
        mover.sentence,
        "Delivery damage: 22% of records, up from 4% (8-week average)."
    );
    assert_eq!(mover.feeling.as_deref(), Some("100% of them negative."));
    assert_eq!(mover.welcome, Some(false));
    let counts: Vec<u64> = mover.trend.iter().map(|point| point.count).collect();
    assert_eq!(counts, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 11]);
    assert_eq!(mover.change.difference, 18.0);
    assert_eq!(mover.change.ratio, Some(5.5));
}

#[test]
fn a_fall_and_a_first_time_have_their_own_sentences() {
    let mut facts = Facts::default();
    for week in 0..12 {
        let with = if week == 0 { 0 } else { 20 };
        facts.add(
            &format!("w{week}-"),
            weeks_ago(week),
            50,
            "site.errors",
            with,
        );
    }
    let errors = &report(request(), &facts).movers[0];
    assert_eq!(errors.change.arrow, Arrow::Down);
    assert_eq!(
        errors.sentence,
        "Bugs and errors: 0% of records, down from 40% (8-week average)."
    );

    let mut facts = Facts::with_rise(2);
    facts.add("new", weeks_ago(0), 20, "trust.reviews", 20);
    let pulse = report(request(), &facts);
    assert!(
        pulse.movers[0]
            .sentence
            .ends_with("29% of records, none before (8-week average)."),
        "{}",
        pulse.movers[0].sentence
    );
    assert_eq!(pulse.movers[0].change.ratio, None);
}

#[test]
fn without_change_it_is_said() {
    let pulse = report(request(), &Facts::with_rise(2));
    assert_eq!(damage(&pulse), Some(Arrow::Steady));
    assert!(pulse.movers.is_empty());
    assert!(
        pulse
            .summary
            .contains(&"No share changed by more than chance allows.".to_owned())
    );
}

#[test]
fn no_arrow_under_twenty_records_on_either_side() {
    let side = |now: usize, before: usize| {
        let mut facts = Facts::default();
        facts.add("n", weeks_ago(0), now, "delivery.damage", now);
        facts.add("o", weeks_ago(8), before, "delivery.damage", 0);
        report(request(), &facts)
    };
    assert_eq!(damage(&side(19, 400)), Some(Arrow::Withheld));
    assert_eq!(damage(&side(400, 19)), Some(Arrow::Withheld));
    assert_eq!(damage(&side(20, 20)), Some(Arrow::Up));
    let few = side(19, 400);
    assert!(
        few.summary
            .iter()
            .any(|line| line.contains("too few records"))
    );
    assert!(few.notes[0].contains("fewer than 20 records"));
}

#[test]
fn nothing_is_compared_across_models_or_without_a_past() {
    let facts = Facts::with_rise(30);
    let models = PulseRequest {
        models_differ: true,
        ..request()
    };
    let pulse = report(models, &facts);
    assert_eq!(damage(&pulse), None);
    assert!(
        pulse
            .summary
            .iter()
            .any(|line| line.contains("another model"))
    );

    let pulse = report(
        PulseRequest {
            baseline: 0,
            ..request()
        },
        &facts,
    );
    assert_eq!(damage(&pulse), None);
    assert!(
        pulse
            .summary
            .iter()
            .any(|line| line.contains("no earlier periods"))
    );
}

#[test]
fn the_largest_difference_comes_first_and_kinds_take_part() {
    let mut facts = Facts::with_rise(25);
    for fact in facts
        .records
        .iter_mut()
        .filter(|fact| fact.day == weeks_ago(0))
        .take(40)
    {
        fact.kinds = vec![Kind::Churn];
    }
    let pulse = report(request(), &facts);
    let names: Vec<&str> = pulse
        .movers
        .iter()
        .map(|mover| mover.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["Leaving", "Complaints", "Delivery damage"],
        "of equals the more frequent"
    );
    let welcome: Vec<_> = pulse.movers.iter().map(|mover| mover.welcome).collect();
    assert_eq!(welcome, [Some(false), Some(true), Some(false)]);
}

#[test]
fn the_story_is_told_in_the_language_of_the_report() {
    let check = |language, sentence: &str| {
        let pulse = report(
            PulseRequest {
                language,
                ..request()
            },
            &Facts::with_rise(11),
        );
        assert_eq!(pulse.movers[0].sentence, sentence);
    };
    check(
        Language::IT,
        "Danni da trasporto: 22% dei feedback, in aumento rispetto a 4% (media di 8 settimane).",
    );
    check(
        Language::BG,
        "Повредени пратки: 22% от отзивите, повече от предишните 4% (средно за 8 седмици).",
    );
    check(
        Language::ZH,
        "运输破损\u{ff1a}占反馈的 22%\u{ff0c}高于此前的 4%\u{ff08}8 周平均\u{ff09}。",
    );
}

/// Regression: a theme that most customers cursed was also the most praised one.
#[test]
fn what_is_criticised_more_is_not_praised_most() {
    let mut facts = Facts::default();
    facts.add("damage", weeks_ago(0), 22, "delivery.damage", 22);
    facts.add("staff", weeks_ago(0), 7, "service.agent", 7);
    for (index, mention) in facts.mentions.iter_mut().enumerate() {
        if !(8..22).contains(&index) {
            mention.sentiment = Sentiment::Positive;
        }
    }
    let remarks = report(request(), &facts).summary;
    assert!(
        remarks
            .contains(&"Most criticised: Delivery damage (22 records, 64% negative).".to_owned()),
        "{remarks:?}"
    );
    assert!(
        remarks.contains(&"Most praised: Staff conduct (7 records, 100% positive).".to_owned()),
        "{remarks:?}"
    );
}
