use proptest::prelude::*;

use super::*;

/// One item of a file: good, without text, or unreadable.
fn object(index: usize, sort: u8) -> String {
    match sort {
        0 => format!("{{\"id\":{index}}}"),
        1 => format!("{{\"id\":{index},\"text\":\"\\x\"}}"),
        2 => format!("{{\"id\":{index},\"text\":\"{}\"}}", "дълго ".repeat(40)),
        _ => format!("{{\"id\":{index},\"text\":\"好 {index}\"}}"),
    }
}

fn row(index: usize, sort: u8) -> String {
    match sort {
        0 => format!("{index},\n"),
        1 => format!("{index},a,b\n"),
        2 => format!("{index},\"{}\"\n", "дълго\n".repeat(40)),
        3 => format!("{index},\"aperta\n"),
        _ => format!("{index},\"riga\n{index}\"\n"),
    }
}

fn files(sorts: &[u8], breaks: bool) -> [Exports; 3] {
    let toml = format!("max_record_bytes = 200\n{SIMPLE}");
    let objects: Vec<_> = sorts
        .iter()
        .enumerate()
        .map(|(index, sort)| object(index, *sort))
        .collect();
    let rows: String = sorts
        .iter()
        .enumerate()
        .map(|(index, sort)| row(index, *sort))
        .collect();
    let end = if breaks { ",{\"id\":" } else { "]" };
    [
        Exports::new("a.jsonl", objects.join("\n\n"), &toml),
        Exports::new("a.json", format!("[{}{end}", objects.join(",")), &toml),
        Exports::new("a.csv", format!("id,text\n{rows}"), &toml),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_read_after_a_resume_is_the_rest_of_the_file(
        sorts in prop::collection::vec(0..6_u8, 1..12), skip in 0..14_u64, breaks: bool,
    ) {
        for exports in files(&sorts, breaks) {
            let (all, end) = exports.read_from(0);
            let (rest, end_of_rest) = exports.read_from(skip);
            let expect: Vec<_> = all.iter().skip(skip as usize).cloned().collect();
            prop_assert_eq!(rest, expect);
            prop_assert_eq!(end.map_err(|e| e.to_string()), end_of_rest.map_err(|e| e.to_string()));
            prop_assert!(all.iter().enumerate().all(|(index, item)| item.number == index as u64));
            prop_assert!(all.windows(2).all(|pair| pair[0].bytes_read <= pair[1].bytes_read));
        }
    }
}

#[test]
fn the_sink_stops_the_reading() {
    for exports in files(&[5, 5, 5, 5], false) {
        let mut seen = 0;
        let file = exports.config.files(exports.base()).unwrap().remove(0);
        file.read(1, &mut |_| {
            seen += 1;
            if seen == 2 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
        assert_eq!(seen, 2);
    }
}

/// A megabyte-sized element, row and line pass without being held: what the reader holds
/// of them is what the limit allows.
#[test]
fn what_is_kept_of_an_over_long_item_is_bounded_by_the_limit() {
    let mut kept = Vec::new();
    let line = vec![b'x'; 5_000_000];
    let length = crate::lines::next_line(&mut line.as_slice(), 1000, &mut kept).unwrap();
    assert_eq!((length, kept.len()), (5_000_000, 1000));
    let mut rows =
        crate::rows::Rows::new(std::io::BufReader::new(line.as_slice()), b',', None, 1000);
    match rows.next_row().unwrap() {
        Some(crate::rows::Row::TooLong(start)) => assert_eq!(start.len(), 1000),
        _ => panic!("the row was held"),
    }
}
