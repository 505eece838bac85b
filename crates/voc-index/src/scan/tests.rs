use proptest::prelude::*;

use super::*;

const DIMENSIONS: usize = 48;

/// A small generator of pseudo-random numbers (xorshift), so that the test is the same
/// everywhere.
struct Random(u64);

impl Random {
    /// Uniform in -1..1.
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    fn vector(&mut self) -> Vec<f32> {
        (0..DIMENSIONS).map(|_| self.next()).collect()
    }

    fn near(&mut self, centre: &[f32]) -> Vec<f32> {
        unit(
            centre
                .iter()
                .map(|value| value + 0.5 * self.next())
                .collect(),
        )
    }
}

fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / length).collect()
}

fn hits(pairs: &[(u64, f32)]) -> Vec<Hit> {
    pairs
        .iter()
        .map(|(row, score)| Hit {
            row: *row,
            score: *score,
        })
        .collect()
}

fn rows(hits: &[Hit]) -> Vec<u64> {
    hits.iter().map(|hit| hit.row).collect()
}

#[test]
fn the_scan_finds_what_exact_arithmetic_finds() {
    let mut random = Random(42);
    let centres: Vec<_> = (0..40).map(|_| random.vector()).collect();
    let vectors: Vec<_> = (0..4000)
        .map(|i| random.near(&centres[i % centres.len()]))
        .collect();
    let mut found = 0;
    for centre in &centres {
        let query = random.near(centre);
        // 200 kept, as in use; the rerank by sentences sees all of them.
        let mut scan = VectorScan::new(&query, 200);
        let mut exact: Vec<Hit> = Vec::new();
        for (row, vector) in (0..).zip(&vectors) {
            scan.offer(row, &QuantizedVector::new(vector).to_bytes())
                .unwrap();
            exact.push(Hit {
                row,
                score: query.iter().zip(vector).map(|(a, b)| a * b).sum(),
            });
        }
        rank(&mut exact);
        let best = scan.best();
        assert!((best[0].score - exact[0].score).abs() < 0.01);
        found += exact[..10]
            .iter()
            .filter(|hit| rows(&best).contains(&hit.row))
            .count();
    }
    assert_eq!(found, 10 * centres.len(), "recall at 10 is below 1");
}

#[test]
fn equal_scores_go_by_row_whatever_the_order_of_offers() {
    let vector = QuantizedVector::new(&unit(vec![1.0; DIMENSIONS])).to_bytes();
    let kept = |offers: &[u64]| {
        let mut scan = VectorScan::new(&unit(vec![1.0; DIMENSIONS]), 2);
        offers
            .iter()
            .for_each(|row| scan.offer(*row, &vector).unwrap());
        rows(&scan.best())
    };
    assert_eq!(kept(&[7, 3, 5]), [3, 5]);
    assert_eq!(kept(&[3, 5, 7]), [3, 5]);
}

#[test]
fn nothing_kept_and_nothing_offered() {
    assert!(VectorScan::new(&[1.0], 5).best().is_empty());
    let mut scan = VectorScan::new(&[1.0], 0);
    scan.offer(1, &QuantizedVector::new(&[1.0]).to_bytes())
        .unwrap();
    assert!(scan.best().is_empty());
}

#[test]
fn a_vector_of_another_model_is_refused() {
    let mut scan = VectorScan::new(&[0.6, 0.8], 5);
    for bytes in [
        QuantizedVector::new(&[1.0, 0.0, 0.0]).to_bytes(),
        vec![1, 2, 3],
    ] {
        let error = scan.offer(9, &bytes).unwrap_err().to_string();
        assert!(
            error.contains("row 9") && error.contains("voc rebuild --reencode"),
            "{error}"
        );
    }
}

#[test]
fn the_best_sentence_lifts_a_record() {
    let similarity = Similarity::new(&[1.0, 0.0]);
    let sentences: Vec<Vec<u8>> = [[0.0, 1.0], [0.8, 0.6], [0.8, 0.6]]
        .map(|v| QuantizedVector::new(&v).to_bytes())
        .into();
    let sentences = || sentences.iter().map(Vec::as_slice);
    let (index, score) = similarity.best_sentence(1, sentences()).unwrap().unwrap();
    assert_eq!(index, 1);
    assert!((score - 0.8).abs() < 0.01);
    assert_eq!(similarity.best_sentence(1, []).unwrap(), None);

    let reranked = rerank(
        &hits(&[(1, 0.6), (2, 0.5), (3, 0.4)]),
        &[(1, 0.4), (2, 0.9)].into(),
    );
    assert_eq!(reranked, hits(&[(2, 0.7), (1, 0.5), (3, 0.4)]));
}

#[test]
fn fusion_sums_reciprocal_ranks() {
    let lexical = hits(&[(1, 9.0), (2, 8.0)]);
    let semantic = hits(&[(3, 0.9), (1, 0.8), (4, 0.7)]);
    let fused = fuse(&lexical, &semantic, 10);
    assert_eq!(rows(&fused), [1, 3, 2, 4]);
    for (hit, expect) in
        fused
            .iter()
            .zip([1.0 / 61.0 + 1.0 / 62.0, 1.0 / 61.0, 1.0 / 62.0, 1.0 / 63.0])
    {
        assert!((hit.score - expect).abs() < 1e-7, "{hit:?}");
    }
    assert_eq!(rows(&fuse(&lexical, &semantic, 2)), [1, 3]);
    assert_eq!(
        rows(&fuse(&hits(&[(5, 1.0)]), &hits(&[(4, 1.0)]), 10)),
        [4, 5]
    );
    assert!(fuse(&[], &[], 10).is_empty());
}

proptest! {
    #[test]
    fn fusion_keeps_every_row_once_and_does_not_mind_the_order_of_lists(
        one in prop::collection::btree_set(0_u64..30, 0..10),
        other in prop::collection::btree_set(0_u64..30, 0..10),
    ) {
        let list = |rows: &std::collections::BTreeSet<u64>| {
            rows.iter().map(|row| Hit { row: *row, score: 0.0 }).collect::<Vec<_>>()
        };
        let fused = fuse(&list(&one), &list(&other), usize::MAX);
        prop_assert_eq!(&fused, &fuse(&list(&other), &list(&one), usize::MAX));
        let mut seen = rows(&fused);
        seen.sort_unstable();
        prop_assert_eq!(seen, one.union(&other).copied().collect::<Vec<_>>());
    }
}
