//! Measures the vector scan: rows per second of [`voc_index::VectorScan`], and of its inner
//! product alone, by simsimd and written as a plain loop.
//!
//! ```text
//! cargo run --release -p voc-index --example scan -- 1000000
//! ```
//!
//! The argument is the number of rows (default 200,000), each a vector of 384 dimensions,
//! the size of multilingual-e5-small. One thread.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use simsimd::SpatialSimilarity;
use voc_core::QuantizedVector;
use voc_index::VectorScan;

const DIMENSIONS: usize = 384;
const KEEP: usize = 200;
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args()
        .nth(1)
        .map_or(Ok(200_000), |text| text.parse::<usize>())?;
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let vectors: Vec<Vec<u8>> = (0..rows)
        .map(|_| QuantizedVector::new(&vector(&mut state)).to_bytes())
        .collect();
    let query = vector(&mut state);
    let levels = QuantizedVector::new(&query);

    report("scan, as used", rows, || {
        let mut scan = VectorScan::new(&query, KEEP);
        for (row, vector) in (0..).zip(&vectors) {
            scan.offer(row, vector)?;
        }
        Ok(scan.best().iter().map(|hit| hit.row as i64).sum())
    })?;
    let levels = levels.levels();
    report("simsimd alone", rows, || {
        let dot = |vector: &Vec<u8>| i8::dot(levels, bytemuck::cast_slice(&black_box(vector)[4..]));
        Ok(vectors.iter().filter_map(dot).sum::<f64>() as i64)
    })?;
    report("plain loop alone", rows, || {
        let dot = |vector: &Vec<u8>| i64::from(plain(levels, &black_box(vector)[4..]));
        Ok(vectors.iter().map(dot).sum())
    })
}

/// What the compiler makes of the sum of products without simsimd.
fn plain(query: &[i8], levels: &[u8]) -> i32 {
    let products = query.iter().zip(levels);
    products
        .map(|(a, b)| i32::from(*a) * i32::from(b.cast_signed()))
        .sum()
}

/// Runs `work` a few times and prints the best; the sum keeps it from being optimised away.
fn report(
    name: &str,
    rows: usize,
    work: impl Fn() -> Result<i64, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut best = f64::INFINITY;
    let mut sum = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        sum = work()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!(
        "{name}: {:.2} million rows/s ({rows} rows, checksum {sum})",
        rows as f64 / best / 1e6
    );
    Ok(())
}

/// A unit vector of pseudo-random numbers (xorshift).
fn vector(state: &mut u64) -> Vec<f32> {
    let mut next = || {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    let values: Vec<f32> = (0..DIMENSIONS).map(|_| next()).collect();
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    values.into_iter().map(|value| value / length).collect()
}
