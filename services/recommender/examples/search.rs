//! The gallery's search on vectors from a file, timed: what `deploy/bench.sh
//! search` sets beside other libraries.
//!
//!     search VECTORS QUERIES DIMENSIONS COUNT REPEATS
//!
//! Both files have 32-bit floats, little-endian, one vector after the other. Prints
//! one line of JSON: the time of each query in microseconds, in passes over all
//! queries, and for each query the rows found.

use std::time::Instant;

use anyhow::{Context as _, bail};
use mirror_recommender::recognition::rows::Rows;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [vectors, queries, dimensions, count, repeats] = arguments.as_slice() else {
        bail!("search VECTORS QUERIES DIMENSIONS COUNT REPEATS");
    };
    let number = |text: &str| text.parse::<usize>().with_context(|| format!("'{text}' is no number"));
    let (dimensions, count, repeats) = (number(dimensions)?, number(count)?, number(repeats)?);
    let (vectors, queries) = (read(vectors)?, read(queries)?);
    let mut rows = Rows::new(dimensions);
    vectors.chunks_exact(dimensions).for_each(|vector| rows.push(vector));
    drop(vectors);

    let mut microseconds = Vec::new();
    let mut neighbours = Vec::new();
    for pass in 0..repeats {
        for query in queries.chunks_exact(dimensions) {
            let start = Instant::now();
            let hits = rows.nearest(query, count);
            microseconds.push(start.elapsed().as_secs_f64() * 1e6);
            if pass == 0 {
                neighbours.push(hits.iter().map(|hit| hit.row).collect::<Vec<_>>());
            }
        }
    }
    println!("{}", serde_json::json!({ "microseconds": microseconds, "neighbours": neighbours }));
    Ok(())
}

fn read(path: &str) -> anyhow::Result<Vec<f32>> {
    let bytes = std::fs::read(path).with_context(|| format!("can't read {path}"))?;
    Ok(bytes.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value)).collect())
}
