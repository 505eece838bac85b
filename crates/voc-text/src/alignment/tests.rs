use proptest::prelude::*;

use super::*;

/// Applies `edits` (start, length, replacement) in scalar offsets of an ASCII text.
fn rewritten(given: &str, edits: &[(usize, usize, &str)]) -> (String, Layer) {
    let mut rewrite = Rewrite::new(given);
    for (start, len, by) in edits {
        rewrite.replace(*start..start + len, by);
    }
    rewrite
        .finish()
        .unwrap_or_else(|| (given.to_owned(), Layer::default()))
}

#[track_caller]
fn check(edits: &[(usize, usize, &str)], out: Range<usize>, expect: Range<usize>) {
    let (_, layer) = rewritten("0123456789", edits);
    assert_eq!(layer.given(out), expect);
}

#[test]
fn untouched_pieces_map_exactly() {
    check(&[], 2..5, 2..5);
    check(&[(1, 2, "ABCD")], 0..1, 0..1);
    check(&[(1, 2, "ABCD")], 5..7, 3..5);
    check(&[(8, 1, "")], 3..8, 3..8);
}

#[test]
fn any_part_of_a_replacement_maps_to_the_whole_of_what_it_replaced() {
    check(&[(1, 2, "ABCD")], 2..3, 1..3);
    check(&[(1, 2, "ABCD")], 0..2, 0..3);
    check(&[(1, 2, "ABCD")], 4..6, 1..4);
    check(&[(1, 2, "A"), (3, 2, "B")], 1..2, 1..3);
}

#[test]
fn what_was_deleted_at_an_end_is_left_out_and_within_is_covered() {
    check(&[(2, 3, "")], 0..2, 0..2);
    check(&[(2, 3, "")], 2..4, 5..7);
    check(&[(2, 3, "")], 1..3, 1..6);
    check(&[(0, 2, "")], 0..1, 2..3);
    check(&[(2, 1, ""), (3, 2, "")], 2..3, 5..6);
}

#[test]
fn offsets_count_scalar_values_after_conversion() {
    let given = "цена €5 и €6";
    let start = given.find('€').unwrap();
    let mut rewrite = Rewrite::new(given);
    rewrite.replace(start..start + '€'.len_utf8(), "EUR ");
    let (text, layer) = rewrite.finish().unwrap();
    assert_eq!(text, "цена EUR 5 и €6");
    let layer = layer.in_scalars(given, &text);
    assert_eq!(layer.given(5..9), 5..6);
    assert_eq!(layer.given(9..10), 6..7);
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize, &'static str)>> {
    prop::collection::vec(
        (
            0..4_usize,
            1..4_usize,
            prop::sample::select(vec!["", "x", "yy", "zzzzz"]),
        ),
        0..6,
    )
    .prop_map(|gaps| {
        let mut at = 0;
        let place = |(gap, len, by)| {
            let start = at + gap;
            at = start + len;
            (start, len, by)
        };
        gaps.into_iter().map(place).collect()
    })
}

proptest! {
    #[test]
    fn composed_maps_are_monotone_and_stay_in_range(first in edits(), second in edits()) {
        let given = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
        let (middle, below) = rewritten(given, &first);
        let fits = |edit: &&(usize, usize, &'static str)| edit.0 + edit.1 <= middle.len();
        let second: Vec<_> = second.iter().filter(fits).copied().collect();
        let (text, above) = rewritten(&middle, &second);
        let mut alignment = Alignment::default();
        alignment.push(below);
        alignment.push(above);
        let mut last = Span::new(0, 0).unwrap();
        for start in 0..text.len() {
            let span = alignment.given(Span::new(start, start + 1).unwrap());
            prop_assert!(span.end() <= given.len());
            prop_assert!(span.start() >= last.start() && span.end() >= last.end());
            let wide = alignment.given(Span::new(start, text.len()).unwrap());
            prop_assert!(wide.start() == span.start() && wide.end() >= span.end());
            last = span;
        }
    }

    #[test]
    fn letters_outside_every_edit_map_to_themselves(edits in edits()) {
        let given = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let (text, layer) = rewritten(given, &edits);
        for (at, letter) in text.char_indices().filter(|(_, letter)| letter.is_ascii_uppercase()) {
            let range = layer.given(at..at + 1);
            let of_given = given[range.clone()].chars().next();
            prop_assert!(range.len() == 1 && of_given == Some(letter), "{at} -> {range:?}");
        }
    }
}
