//! Learning: everything that recognition takes from the gallery as a whole, the
//! metric, the calibration, and how well each label does.
//!
//! To know how sure one can be, samples are judged as if they were new. Leaving
//! just the one out would flatter: a label's pictures are mostly taken one after
//! the other, and a twin of each is among the others. So each label's samples
//! are put in the order of the direction in which they differ most, and cut
//! into four parts; each part is judged by what the other three teach. What that
//! is worth is in `docs/decisions/0014-rejection.md`.

use std::collections::BTreeMap;

use faer::{Mat, MatRef};

use super::calibration::{Calibration, Judged, Scores};
use super::evaluation::Evaluation;
use super::features::features;
use super::gallery::{Gallery, LabelId};
use super::metric::Metric;

/// Parts that a label's samples are cut into.
const PARTS: usize = 4;

/// Most rows (views of samples) to learn the metric from; of more, every second,
/// third and so on sample is taken. More change nothing but the time it takes.
const MOST_ROWS: usize = 12_000;

/// What was learnt from a gallery at one moment.
#[derive(Debug)]
pub struct Learnt {
    /// The metric.
    pub metric: Metric,
    /// For each label with samples: [`Metric::covectors`] of its mean.
    pub covectors: BTreeMap<LabelId, Vec<f32>>,
    /// The calibration.
    pub calibration: Calibration,
    /// How well each label does.
    pub evaluation: Evaluation,
}

/// The gallery's samples as columns of features.
struct Columns {
    values: Mat<f32>,
    /// The place of each column's label among the labels.
    labels: Vec<usize>,
    /// The sample that each column is a view of.
    samples: Vec<usize>,
    /// Each sample's first column: the whole picture.
    whole: Vec<usize>,
    /// The part that each sample is judged in; `None` for one that can't be.
    parts: Vec<Option<usize>>,
}

/// Learns from all of `gallery`.
#[must_use]
pub fn learn(gallery: &Gallery, false_accept_rate: f64) -> Learnt {
    let (ids, means) = gallery.means();
    let columns = Columns::of(gallery, &ids);
    let metric = Metric::fit(columns.values.as_ref(), &columns.labels, means.as_ref());
    let covectors = metric.covectors(means.as_ref());
    let cross = (0..PARTS).map(|part| columns.judge(part, ids.len()));
    let verdicts: Vec<_> = cross.flatten().collect();
    let judged: Vec<_> = verdicts.iter().map(|verdict| verdict.judged).collect();

    let probes = gallery.probes();
    let probe_columns =
        columns_of(probes.iter().map(|probe| features(probe.values())), gallery.model().dimensions);
    let cosines = metric.cosines(probe_columns.as_ref(), covectors.as_ref());
    let probe_scores: Vec<_> = cosines.row_iter().filter_map(|row| top_two(row.iter().copied())).collect();
    let calibration =
        Calibration::fit(&judged, ids.len(), unrelated(gallery), &probe_scores, false_accept_rate);
    let evaluation = Evaluation::new(gallery, &ids, &verdicts, &calibration);
    let covectors = ids.into_iter().zip(covectors.col_iter().map(|column| column.iter().copied().collect()));
    Learnt { metric, covectors: covectors.collect(), calibration, evaluation }
}

/// Mean cosine similarity between the network's probes.
fn unrelated(gallery: &Gallery) -> Option<f64> {
    let probes = gallery.probes();
    let pairs = probes.iter().enumerate().flat_map(|(i, a)| {
        probes[..i]
            .iter()
            .map(move |b| a.values().iter().zip(b.values()).map(|(a, b)| f64::from(a * b)).sum())
    });
    let (sum, count) = pairs.fold((0.0, 0), |(sum, count), pair: f64| (sum + pair, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// A sample judged without its part.
#[derive(Clone, Copy, Debug)]
pub(super) struct CrossVerdict {
    /// The place of the sample's label.
    pub(super) label: usize,
    /// The place of the label it was taken for.
    pub(super) best: usize,
    pub(super) judged: Judged,
}

impl Columns {
    fn of(gallery: &Gallery, ids: &[LabelId]) -> Self {
        let mut of_label: Vec<Vec<usize>> = vec![Vec::new(); ids.len()];
        let mut rows = 0;
        // In the order of their numbers: where samples lie depends on what was
        // deleted before them.
        for row in gallery.rows_by_number() {
            let label = ids.binary_search(&gallery.label_of(row)).expect("a label with samples");
            of_label[label].push(row);
            rows += 1 + gallery.closer(row).len();
        }
        let stride = rows.div_ceil(MOST_ROWS).max(1);
        let mut columns: Vec<Vec<f32>> = Vec::with_capacity(rows / stride);
        let mut result =
            Self { values: Mat::new(), labels: vec![], samples: vec![], whole: vec![], parts: vec![] };
        for (label, rows) in of_label.iter().enumerate() {
            // At least two of a label, so that none loses what differs within it.
            let stride = stride.min(rows.len().div_ceil(2)).max(1);
            let first = result.whole.len();
            for row in rows.iter().step_by(stride) {
                result.whole.push(columns.len());
                let views = gallery.closer(*row).iter().map(|view| features(&view.values()));
                columns.extend(std::iter::once(features(gallery.embedding(*row))).chain(views));
                result.labels.resize(columns.len(), label);
                result.samples.resize(columns.len(), result.whole.len() - 1);
            }
            let whole: Vec<&[f32]> = result.whole[first..].iter().map(|at| columns[*at].as_slice()).collect();
            result.parts.extend(parts(&whole));
        }
        result.values = columns_of(columns.into_iter(), gallery.model().dimensions);
        result
    }

    /// Judges the samples of `part` by all others.
    fn judge(&self, part: usize, labels: usize) -> Vec<CrossVerdict> {
        let of_part: Vec<usize> = (0..self.whole.len()).filter(|s| self.parts[*s] == Some(part)).collect();
        if of_part.is_empty() {
            return Vec::new();
        }
        let others: Vec<usize> =
            (0..self.labels.len()).filter(|at| self.parts[self.samples[*at]] != Some(part)).collect();
        let d = self.values.nrows();
        let pick = |at: &[usize]| Mat::from_fn(d, at.len(), |i, j| self.values[(i, at[j])]);
        let other_labels: Vec<usize> = others.iter().map(|at| self.labels[*at]).collect();
        let teaching = pick(&others);
        let means = means(teaching.as_ref(), &other_labels, labels);
        let metric = Metric::fit(teaching.as_ref(), &other_labels, means.as_ref());
        let covectors = metric.covectors(means.as_ref());
        let whole: Vec<usize> = of_part.iter().map(|sample| self.whole[*sample]).collect();
        let cosines = metric.cosines(pick(&whole).as_ref(), covectors.as_ref());
        let judge = |(row, at): (usize, &usize)| {
            let label = self.labels[*at];
            let cosines = cosines.row(row);
            let best = (0..labels).max_by(|a, b| cosines[*a].total_cmp(&cosines[*b]).then(b.cmp(a)))?;
            let strange = (0..labels).filter(|other| *other != label).map(|other| cosines[other]);
            let scores = top_two(cosines.iter().copied())?;
            let judged = Judged { scores, right: best == label, stranger: top_two(strange) };
            Some(CrossVerdict { label, best, judged })
        };
        whole.iter().enumerate().filter_map(judge).collect()
    }
}

fn columns_of(columns: impl Iterator<Item = Vec<f32>>, dimensions: usize) -> Mat<f32> {
    let values: Vec<f32> = columns.flatten().collect();
    MatRef::from_column_major_slice(&values, dimensions, values.len() / dimensions).to_owned()
}

fn means(columns: MatRef<'_, f32>, labels: &[usize], count: usize) -> Mat<f32> {
    let mut sums = Mat::<f32>::zeros(columns.nrows(), count);
    let mut counts = vec![0.0_f32; count];
    for (column, label) in columns.col_iter().zip(labels) {
        counts[*label] += 1.0;
        sums.col_mut(*label).iter_mut().zip(column.iter()).for_each(|(sum, value)| *sum += value);
    }
    for (sum, count) in sums.col_iter_mut().zip(counts) {
        sum.iter_mut().for_each(|value| *value /= count.max(1.0));
    }
    sums
}

fn top_two(scores: impl Iterator<Item = f32>) -> Option<Scores> {
    let (mut best, mut second) = (None, None);
    for score in scores {
        if best.is_none_or(|best| score > best) {
            second = best.replace(score);
        } else if second.is_none_or(|second| score > second) {
            second = Some(score);
        }
    }
    Some(Scores::new(best?, second))
}

/// Cuts a label's samples into parts along the direction in which they differ
/// most; a single one is in none.
fn parts(samples: &[&[f32]]) -> Vec<Option<usize>> {
    let n = samples.len();
    if n < 2 {
        return vec![None; n];
    }
    let along = along_main_direction(samples);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| along[*a].total_cmp(&along[*b]).then(a.cmp(b)));
    let mut parts = vec![None; n];
    for (rank, sample) in order.into_iter().enumerate() {
        parts[sample] = Some(rank * PARTS.min(n) / n);
    }
    parts
}

/// Where each sample lies along the first principal direction, by power
/// iteration from the sample that is farthest from the mean.
fn along_main_direction(samples: &[&[f32]]) -> Vec<f32> {
    let n = samples.len() as f32;
    let d = samples[0].len();
    let mean: Vec<f32> = (0..d).map(|i| samples.iter().map(|s| s[i]).sum::<f32>() / n).collect();
    let centred: Vec<Vec<f32>> =
        samples.iter().map(|s| s.iter().zip(&mean).map(|(value, mean)| value - mean).collect()).collect();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let farthest = centred.iter().max_by(|a, b| dot(a, a).total_cmp(&dot(b, b)));
    let mut direction = farthest.expect("at least two samples").clone();
    // Enough to tell the ends from the middle; the order need not be exact.
    for _ in 0..10 {
        let weights: Vec<f32> = centred.iter().map(|s| dot(s, &direction)).collect();
        let length = dot(&weights, &weights).sqrt().max(f32::MIN_POSITIVE);
        direction.fill(0.0);
        for (sample, weight) in centred.iter().zip(&weights) {
            direction.iter_mut().zip(sample).for_each(|(sum, value)| *sum += value * weight / length);
        }
    }
    centred.iter().map(|sample| dot(sample, &direction)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_along_what_differs_most() {
        let samples: Vec<Vec<f32>> = [5.0, -5.0, 1.1, 5.2, -5.1, 1.0, -1.0, -1.1]
            .iter()
            .map(|x| vec![*x, 0.01 * x * x, 1.0])
            .collect();
        let parts = parts(&samples.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let pairs = [(0, 3), (1, 4), (2, 5), (6, 7)].map(|(a, b)| (parts[a], parts[b]));
        assert!(pairs.iter().all(|(a, b)| a == b), "{parts:?}");
        let mut ends = [pairs[0].0, pairs[1].0];
        ends.sort();
        assert_eq!(ends, [Some(0), Some(3)]);
    }

    #[test]
    fn one_sample_is_in_no_part_and_two_are_in_two() {
        assert_eq!(parts(&[&[1.0, 0.0]]), [None]);
        let two = parts(&[&[1.0, 0.0], &[0.0, 1.0]]);
        assert!(two.iter().all(Option::is_some));
        assert_ne!(two[0], two[1]);
        let same = parts(&[&[1.0, 0.0], &[1.0, 0.0], &[1.0, 0.0]]);
        assert_eq!(same, [Some(0), Some(1), Some(2)], "as many parts as samples");
    }

    #[test]
    fn the_best_two_scores_are_found() {
        assert_eq!(top_two([0.1, 0.7, 0.4].into_iter()), Some(Scores::new(0.7, Some(0.4))));
        assert_eq!(top_two([0.7].into_iter()), Some(Scores::new(0.7, None)));
        assert_eq!(top_two(std::iter::empty()), None);
    }
}
