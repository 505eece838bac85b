//! The report in its four formats.

use crate::{Pulse, PulseBuilder, PulseRequest, Verbatim, render};
use voc_core::{Channel, Language, Taxonomy};

use super::facts::{Facts, by, day, report, request, text_of, weeks_ago};

/// A small report with a rise, ratings and two customers' words.
fn small() -> Pulse {
    let mut facts = Facts::default();
    for week in 0..12 {
        let with = if week == 0 { 9 } else { 1 };
        facts.add(
            &format!("w{week}-"),
            weeks_ago(week),
            24,
            "delivery.damage",
            with,
        );
    }
    for (index, fact) in facts.records.iter_mut().enumerate() {
        *fact = by(&format!("c{}", index % 20), fact.clone());
        fact.ratings.stars = (index % 3 == 0).then_some((index % 6) as f32);
        fact.resolution_seconds = (index % 2 == 0).then_some(3600 * (index as i64 % 7 + 1));
    }
    report(
        PulseRequest {
            verbatims_per_theme: 2,
            ..request()
        },
        &facts,
    )
}

/// A report whose every text tries to break out.
fn hostile() -> Pulse {
    let taxonomy = Taxonomy::default_scheme()
        .unwrap()
        .with_themes(
            "[[themes]]\nid = \"own.x\"\nname = { en = \"=1+1 <script>alert(2)</script>\" }\n\
             examples = [{ lang = \"en\", text = \"x\" }]",
        )
        .unwrap();
    let mut facts = Facts::default();
    facts.add("r", weeks_ago(0), 1, "own.x", 1);
    let company = "=cmd()<script>alert(3)</script>".to_owned();
    let mut builder = PulseBuilder::new(
        PulseRequest {
            company,
            ..request()
        },
        &taxonomy,
    )
    .unwrap();
    facts
        .records
        .iter()
        .for_each(|fact| builder.add_record(fact));
    facts
        .mentions
        .iter()
        .for_each(|fact| builder.add_mention(fact));
    builder.finish(|_, _| {
        Some(Verbatim {
            text: "=HYPERLINK(\"x\") <script>alert(1)</script> & \"quoted\"".to_owned(),
            quote: "<script>alert(1)</script>".to_owned(),
            language: "en".parse().unwrap(),
            channel: Channel::Review,
            day: day("2026-08-04"),
            url: Some("javascript:alert(4)".to_owned()),
        })
    })
}

#[test]
fn a_small_report_as_markdown() {
    insta::assert_snapshot!(render::markdown(&small()));
}

#[test]
fn a_small_report_as_csv() {
    insta::assert_snapshot!(render::csv(&small()).unwrap());
}

#[test]
fn a_small_report_as_json() {
    let json = render::json(&small()).unwrap();
    serde_json::from_str::<serde_json::Value>(&json).unwrap();
    insta::assert_snapshot!(json);
}

#[test]
fn the_page_holds_no_script_and_forbids_it() {
    for page in [
        render::html(&small()).unwrap(),
        render::html(&hostile()).unwrap(),
    ] {
        assert!(!page.to_lowercase().contains("<script"));
        assert!(!page.to_lowercase().contains("javascript:"));
        assert!(page.contains(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline'; img-src data:;"
        ));
        for tag in page
            .split('<')
            .map(|rest| rest.split('>').next().unwrap_or_default())
        {
            let mut attributes = tag.split_whitespace().skip(1);
            let active = |attribute: &str| {
                attribute.starts_with("src=")
                    || attribute.starts_with("on") && attribute.contains('=')
            };
            assert!(!attributes.any(active), "{tag}");
        }
        assert!(!page.contains("@import") && !page.contains("url("));
    }
    let page = render::html(&hostile()).unwrap();
    assert!(
        page.contains("<mark>&#60;script&#62;alert(1)&#60;/script&#62;</mark>"),
        "{page}"
    );
}

#[test]
fn words_of_customers_are_markup_in_no_format() {
    let pulse = hostile();
    assert!(!render::markdown(&pulse).contains("<script"));
    let csv = render::csv(&pulse).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let cells: Vec<String> = reader
        .records()
        .flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(cells.iter().any(|cell| cell.starts_with("'=HYPERLINK")));
    assert!(cells.iter().any(|cell| cell.starts_with("'=cmd()")));
    for cell in cells
        .iter()
        .filter(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r']))
    {
        assert!(cell.parse::<f64>().is_ok(), "{cell}");
    }
}

#[test]
fn every_page_names_every_theme_in_its_language() {
    let taxonomy = Taxonomy::default_scheme().unwrap();
    for language in Language::FIRST_CLASS {
        let pulse = report(
            PulseRequest {
                language,
                ..request()
            },
            &Facts::with_rise(11),
        );
        let page = render::html(&pulse).unwrap();
        let text = render::markdown(&pulse);
        for theme in &taxonomy.themes {
            let name = theme.name.get(language).unwrap();
            assert!(page.contains(&name.replace('\'', "&#39;")), "{name}");
            assert!(text.contains(name), "{name}");
        }
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
        assert!(page.contains("<blockquote lang=\"it\" dir=\"auto\">"));
        assert!(page.contains("<mark>era rotto</mark>"));
    }
}

/// Elements that need no end tag.
const VOID: [&str; 3] = ["!DOCTYPE", "meta", "/"];

#[test]
fn elements_are_closed_in_order() {
    let empty = report(request(), &Facts::default());
    for pulse in [small(), hostile(), empty] {
        let page = render::html(&pulse).unwrap();
        let mut open = Vec::new();
        for tag in page
            .split('<')
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap_or_default())
        {
            let name = tag.split([' ', '\n']).next().unwrap_or_default();
            if let Some(closed) = name.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(closed));
            } else if !VOID.contains(&name) && !tag.ends_with('/') {
                open.push(name.to_owned());
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn an_empty_period_makes_a_report_too() {
    let pulse = report(request(), &Facts::default());
    assert_eq!(pulse.summary, ["Nothing was received in this period."]);
    let page = render::html(&pulse).unwrap();
    assert!(page.contains("Nothing was received") && !page.contains("NaN"));
    assert!(!render::markdown(&pulse).contains("NaN"));
    assert!(!render::csv(&pulse).unwrap().contains("NaN"));
    assert!(!render::json(&pulse).unwrap().contains("NaN"));
}

#[test]
fn one_record_makes_a_report_too() {
    let mut facts = Facts::default();
    facts.add("r", weeks_ago(0), 1, "delivery.damage", 1);
    let pulse = report(request(), &facts);
    let page = render::html(&pulse).unwrap();
    assert!(
        pulse.summary[0].starts_with("1 record."),
        "{}",
        pulse.summary[0]
    );
    assert!(page.contains("Fewer than 20 records: read with care."));
    assert!(!page.contains("NaN") && !page.contains(">inf"));
    assert!(pulse.notes[0].contains("fewer than 20 records"));
    let verbatim = &pulse.themes[0].verbatims[0];
    let key = &verbatim.record;
    assert_eq!(
        text_of(key, &pulse.themes[0].id),
        Some(verbatim.verbatim.clone())
    );
}
