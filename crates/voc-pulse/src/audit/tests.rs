use voc_core::{Kind, Sentiment};

use super::*;

fn labels(kind: Option<Kind>) -> AuditLabels {
    AuditLabels {
        kinds: kind.into_iter().collect(),
        sentiment: Sentiment::Neutral,
        themes: BTreeMap::new(),
    }
}

const COMPLAINT: AuditLabel = AuditLabel::Kind(Kind::Complaint);

fn complaint(is: bool) -> AuditLabels {
    labels(is.then_some(Kind::Complaint))
}

fn stratum<'d>(design: &'d Design, label: &AuditLabel, language: Language) -> &'d AuditStratum {
    let mut strata = design.strata().iter();
    let found = strata.find(|s| s.label == *label && s.language == language);
    found.unwrap()
}

#[test]
fn each_label_is_shared_between_languages_and_small_ones_are_drawn_whole() {
    let (yes, no) = (complaint(true), complaint(false));
    let records = [(Language::IT, 400), (Language::BG, 100), (Language::ZH, 10)];
    let records = records.into_iter().flat_map(|(language, size)| {
        let with = std::iter::repeat_n((language, &yes), size);
        with.chain(std::iter::repeat_n((language, &no), size))
    });
    let design = Design::new(records, 70);
    assert_eq!((design.population(), design.strata().len()), (1020, 9));
    let chance = |language| stratum(&design, &COMPLAINT, language).chance;
    assert_eq!(chance(Language::ZH), 1.0);
    assert_eq!(chance(Language::BG), 0.3);
    assert_eq!(chance(Language::IT), 30.0 / 400.0);
    assert_eq!(stratum(&design, &COMPLAINT, Language::IT).size, 400);
    // Neutral are all of them, so that a record is drawn for its kind's sake.
    assert_eq!(design.chance(Language::BG, &yes), 0.3);
    assert_eq!(design.chance(Language::EN, &yes), 0.0, "none was predicted");
}

#[test]
fn nothing_wanted_draws_nothing() {
    let all = complaint(true);
    assert_eq!(Design::new([(Language::IT, &all)], 0).strata(), []);
    assert_eq!(Design::new([], 50).population(), 0);
}

/// Audited records: how many, as predicted and in truth.
fn audited(chance: f64, predicted: bool, truth: bool, count: usize) -> Vec<Audited> {
    let one = Audited {
        chance,
        predicted: complaint(predicted),
        truth: complaint(truth),
    };
    vec![one; count]
}

/// 200 of 1,000 are predicted complaints.
fn design() -> Design {
    let (yes, no) = (complaint(true), complaint(false));
    let with = std::iter::repeat_n((Language::IT, &yes), 200);
    let without = std::iter::repeat_n((Language::IT, &no), 800);
    Design::new(with.chain(without), 100)
}

fn of_complaints(audited: &[Audited]) -> LabelAudit {
    let all = evaluate(&design(), audited);
    all.into_iter()
        .find(|audit| audit.label == COMPLAINT)
        .unwrap()
}

#[test]
fn the_share_is_set_right_by_both_errors_and_the_interval_holds_them() {
    // 80 of 100 predicted ones are right, 8 of 80 others were missed. By hand:
    // θ = 0.2 · 0.8 + 0.8 · 0.1; Wilson: 0.8 of 100 is 0.7112 to 0.8666, 0.1 of 80 is
    // 0.0515 to 0.1851; 0.24 − √(0.0178² + 0.0388²), 0.24 + √(0.0133² + 0.0681²).
    let mut all = audited(0.5, true, true, 80);
    all.extend(audited(0.5, true, false, 20));
    all.extend(audited(0.1, false, true, 8));
    all.extend(audited(0.1, false, false, 72));
    let found = of_complaints(&all);
    assert_eq!((found.positives, found.negatives), (88, 92));
    assert_eq!((found.precision, found.observed), (Some(0.8), 0.2));
    assert!((found.recall.unwrap() - 0.16 / 0.24).abs() < 1e-9);
    let adjusted = found.adjusted.unwrap();
    assert!((adjusted.rate - 0.24).abs() < 1e-9);
    assert!(
        (adjusted.interval.low - 0.1973).abs() < 2e-4,
        "{adjusted:?}"
    );
    assert!(
        (adjusted.interval.high - 0.3094).abs() < 2e-4,
        "{adjusted:?}"
    );
}

#[test]
fn what_was_likelier_drawn_counts_less() {
    let mut all = audited(1.0, true, true, 30);
    all.extend(audited(0.1, true, false, 10));
    let found = of_complaints(&all);
    assert!((found.precision.unwrap() - 30.0 / 130.0).abs() < 1e-9);
}

#[test]
fn too_few_of_either_sort_are_not_audited() {
    let check = |positives, negatives, expect| {
        let mut all = audited(0.5, true, true, positives);
        all.extend(audited(0.1, false, false, negatives));
        assert_eq!(
            of_complaints(&all).adjusted.is_some(),
            expect,
            "{positives} {negatives}"
        );
    };
    check(50, 50, true);
    check(49, 200, false);
    check(200, 49, false);
    let nothing = of_complaints(&[]);
    assert_eq!(
        (nothing.precision, nothing.recall, nothing.adjusted),
        (None, None, None)
    );
    assert_eq!(
        (nothing.positives, nothing.negatives, nothing.observed),
        (0, 0, 0.2)
    );
}

#[test]
fn a_side_that_nobody_looked_at_leaves_the_share_unknown() {
    let mut all = audited(0.5, true, true, 60);
    all.extend(audited(0.5, true, false, 60));
    let found = of_complaints(&all);
    assert_eq!(
        (found.precision, found.recall, found.adjusted),
        (Some(0.5), None, None)
    );
}

#[test]
fn a_label_that_the_model_never_gives_has_a_share_all_the_same() {
    let mut all = audited(0.1, false, false, 60);
    let churn = Audited {
        truth: labels(Some(Kind::Churn)),
        ..all[0].clone()
    };
    all.extend(vec![churn; 60]);
    let found = evaluate(&design(), &all);
    let churn = AuditLabel::Kind(Kind::Churn);
    let found = found
        .into_iter()
        .find(|audit| audit.label == churn)
        .unwrap();
    assert_eq!((found.precision, found.observed), (None, 0.0));
    assert_eq!(found.recall, Some(0.0));
    assert!((found.adjusted.unwrap().rate - 0.5).abs() < 1e-9);
}

/// A population of two languages whose model errs, drawn again and again.
#[test]
fn intervals_hold_the_true_share_about_as_often_as_they_say() {
    let mut random = fastrand::Rng::with_seed(5);
    let records: Vec<(Language, AuditLabels, AuditLabels)> = (0..4000)
        .map(|_| {
            let language = if random.f64() < 0.8 {
                Language::IT
            } else {
                Language::BG
            };
            let truth = random.f64() < 0.15;
            let missed = if language == Language::IT { 0.2 } else { 0.5 };
            let predicted = if truth {
                random.f64() > missed
            } else {
                random.f64() < 0.05
            };
            (language, complaint(predicted), complaint(truth))
        })
        .collect();
    let truly = records
        .iter()
        .filter(|(_, _, truth)| !truth.kinds.is_empty())
        .count();
    let truly = truly as f64 / records.len() as f64;
    let design = Design::new(
        records
            .iter()
            .map(|(language, predicted, _)| (*language, predicted)),
        300,
    );

    let (mut held, mut sum) = (0, 0.0);
    for _ in 0..200 {
        let drawn = records.iter().filter_map(|(language, predicted, truth)| {
            let chance = design.chance(*language, predicted);
            (random.f64() < chance).then(|| Audited {
                chance,
                predicted: predicted.clone(),
                truth: truth.clone(),
            })
        });
        let found = evaluate(&design, &drawn.collect::<Vec<_>>());
        let found = found
            .into_iter()
            .find(|audit| audit.label == COMPLAINT)
            .unwrap();
        let adjusted = found.adjusted.unwrap();
        sum += adjusted.rate;
        held += usize::from((adjusted.interval.low..=adjusted.interval.high).contains(&truly));
    }
    assert!(
        (sum / 200.0 - truly).abs() < 0.005,
        "{} {truly}",
        sum / 200.0
    );
    assert!((184..=200).contains(&held), "{held} of 200");
}
