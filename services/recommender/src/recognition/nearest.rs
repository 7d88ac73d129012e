//! Search: the closest sample of each label, by cosine similarity. Exact.

use std::collections::BTreeMap;

use super::embedding::Embedding;
use super::gallery::{Gallery, LabelId, SampleId};

/// A label's closest sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest {
    /// The label.
    pub label: LabelId,
    /// Its sample closest to the query.
    pub sample: SampleId,
    /// Their cosine similarity, -1 to 1.
    pub similarity: f32,
}

/// Every label that has samples, with its closest one; best first. Labels that
/// are equally close stand in the order of their numbers.
#[must_use]
pub fn nearest_per_label(gallery: &Gallery, query: &Embedding) -> Vec<Nearest> {
    let mut best: BTreeMap<LabelId, Nearest> = BTreeMap::new();
    for sample in gallery.samples() {
        let similarity = dot(sample.values, query.values());
        let found = Nearest { label: sample.label, sample: sample.id, similarity };
        best.entry(sample.label)
            .and_modify(|best| {
                if similarity > best.similarity {
                    *best = found;
                }
            })
            .or_insert(found);
    }
    let mut ranked: Vec<_> = best.into_values().collect();
    ranked.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    ranked
}

/// Eight sums side by side, which the compiler turns into vector instructions;
/// one running sum it may not reorder.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0_f32; 8];
    for (a, b) in a8.iter().zip(b8) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::gallery::tests::gallery;
    use super::*;

    fn unit(values: &[f32]) -> Vec<f32> {
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        values.iter().map(|v| v / length).collect()
    }

    #[test]
    fn equally_close_labels_stand_by_number() {
        let gallery = gallery(2, &[(1, 9, &[1.0, 0.0]), (2, 4, &[1.0, 0.0]), (3, 4, &[1.0, 0.0])]);
        let found = nearest_per_label(&gallery, &Embedding::new(vec![1.0, 0.0]).unwrap());
        let order: Vec<_> = found.iter().map(|n| (n.label.get(), n.sample.get())).collect();
        assert_eq!(order, [(4, 2), (9, 1)]);
    }

    proptest! {
        /// Against the plainest possible search in double precision.
        #[test]
        fn finds_what_a_naive_search_finds(
            samples in proptest::collection::vec((1..6_i64, proptest::collection::vec(-1.0..1.0_f32, 11)), 1..40),
            query in proptest::collection::vec(-1.0..1.0_f32, 11),
        ) {
            prop_assume!(samples.iter().map(|(_, v)| v).chain([&query]).all(|v| v.iter().map(|x| x * x).sum::<f32>() > 0.1));
            let query = unit(&query);
            let samples: Vec<_> = samples.iter().map(|(label, values)| (*label, unit(values))).collect();
            let numbered: Vec<_> = samples.iter().enumerate().map(|(i, (label, v))| (i as i64 + 1, *label, v.as_slice())).collect();
            let found = nearest_per_label(&gallery(11, &numbered), &Embedding::new(query.clone()).unwrap());

            for nearest in &found {
                let naive = numbered.iter().filter(|(_, label, _)| *label == nearest.label.get())
                    .map(|(_, _, v)| v.iter().zip(&query).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>())
                    .fold(f64::NEG_INFINITY, f64::max);
                prop_assert!((f64::from(nearest.similarity) - naive).abs() < 1e-5);
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].similarity >= pair[1].similarity));
            let labels: std::collections::BTreeSet<_> = samples.iter().map(|(label, _)| *label).collect();
            prop_assert_eq!(found.len(), labels.len());
        }
    }
}
