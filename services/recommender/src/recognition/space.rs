//! The embedding space for people to look at: three axes that show as much as
//! three can of how samples differ under the metric (principal components of the
//! whitened unit vectors), and where embeddings are on them.
//!
//! Axes keep the metric that they were chosen under, so that a point stays where
//! it is while the gallery grows and learns. When the gallery has
//! [outgrown](Axes::outgrown) them, new ones are chosen, and
//! [turned](Axes::turned) to where the points were.

use std::collections::BTreeMap;
use std::sync::Arc;

use faer::{Mat, MatRef, Side};

use super::embedding::Embedding;
use super::features::features;
use super::gallery::{Gallery, LabelId, SampleId};
use super::metric::Metric;
use super::verdict::{Outcome, Recognition};

/// Samples that axes are chosen from; more change little but the time it takes.
const LANDMARKS: usize = 400;
/// How far from the middle the landmark farthest out is.
const REACH: f32 = 0.9;
/// Below this share of the variance a direction is rounding, not a difference.
const NEGLIGIBLE: f32 = 1e-5;
/// Axes are looked at anew when the gallery has this many times the samples, or
/// this part of them, that they were chosen from.
const GROWTH: f32 = 1.25;
/// Axes that show less than this part of what new ones would are replaced.
const GOOD_ENOUGH: f32 = 0.85;
/// Between them lie frames in which nothing is recognised: the less likely, the
/// farther out.
const OUTSIDE: (f32, f32) = (1.15, 1.5);

/// A place in the map. Samples are within 1 of the middle.
pub type Point = [f32; 3];

/// See the module's text.
#[derive(Clone, Debug)]
pub struct Axes {
    metric: Arc<Metric>,
    /// Their covectors under the metric, in columns.
    covectors: Mat<f32>,
    /// Where the samples' middle would be.
    offset: Point,
    scale: f32,
    explained: f32,
    samples: usize,
    labels: Vec<LabelId>,
    /// Whether the metric was of the samples as they were.
    current: bool,
}

impl Axes {
    /// The best ones for the gallery as it is.
    #[must_use]
    pub fn choose(gallery: &Landmarks) -> Self {
        let Landmarks { metric, features, samples, labels, current } = gallery;
        let n = features.ncols();
        let all = metric.covectors(features.as_ref());
        let gram = gallery.gram();
        let total = trace(&gram);
        let mut weights = Mat::<f32>::zeros(n, 3);
        let mut shown = 0.0;
        // Without a difference there is nothing to decompose.
        if total > NEGLIGIBLE * n as f32
            && let Ok(found) = gram.self_adjoint_eigen(Side::Lower)
        {
            for axis in 0..n.min(3) {
                let at = n - 1 - axis;
                let value = found.S()[at];
                if value <= NEGLIGIBLE * total {
                    break;
                }
                shown += value;
                let vector = found.U().col(at);
                // Which way round an axis is says nothing; the same way at each start is calmer.
                let way = vector.iter().map(|v| v.powi(3)).sum::<f32>().signum();
                let mean = vector.iter().sum::<f32>() / n as f32;
                for i in 0..n {
                    weights[(i, axis)] = way * (vector[i] - mean) / value.sqrt();
                }
            }
        }
        let mut axes = Self {
            metric: Arc::clone(metric),
            covectors: &all * &weights,
            offset: [0.0; 3],
            scale: 1.0,
            explained: if total > 0.0 { (shown / total).clamp(0.0, 1.0) } else { 0.0 },
            samples: *samples,
            labels: labels.clone(),
            current: *current,
        };
        let raw = axes.raw(features.as_ref());
        axes.offset = std::array::from_fn(|axis| raw.iter().map(|p| p[axis]).sum::<f32>() / n.max(1) as f32);
        let farthest = raw.iter().map(|p| length(&less(p, &axes.offset))).fold(0.0, f32::max);
        axes.scale = if farthest > 1e-6 { REACH / farthest } else { 1.0 };
        axes
    }

    /// Whether the gallery is so different from the one they were chosen from that
    /// others may show much more of it.
    #[must_use]
    pub fn may_be_outgrown(&self, gallery: &Gallery) -> bool {
        let growth = gallery.len() as f32 / self.samples.max(1) as f32;
        !self.current || !(1.0 / GROWTH..GROWTH).contains(&growth) || labels_of(gallery) != self.labels
    }

    /// Whether `better`, chosen from `gallery`, shows much more of it.
    #[must_use]
    pub fn outgrown(&self, gallery: &Landmarks, better: &Self) -> bool {
        self.share_of(gallery) < GOOD_ENOUGH * better.explained
    }

    /// These axes for a gallery that they still show well.
    #[must_use]
    pub fn kept_for(&self, gallery: &Landmarks) -> Self {
        let Landmarks { samples, labels, current, .. } = gallery;
        let (labels, explained) = (labels.clone(), self.share_of(gallery));
        Self { explained, samples: *samples, labels, current: *current, ..self.clone() }
    }

    /// Turned, and mirrored where that helps, so that points that were at `before`
    /// come as close to it as they can.
    #[must_use]
    pub fn turned(mut self, points: &[(Point, Point)]) -> Self {
        // Orthogonal Procrustes: with now' before = U S V', the turn is U V'.
        let product =
            Mat::from_fn(3, 3, |i, j| points.iter().map(|(before, now)| now[i] * before[j]).sum::<f32>());
        let Ok(found) = product.svd() else { return self };
        let turn: Mat<f32> = found.U() * found.V().transpose();
        self.covectors = &self.covectors * &turn;
        self.offset = std::array::from_fn(|j| (0..3).map(|i| self.offset[i] * turn[(i, j)]).sum());
        self
    }

    /// Where samples with these embeddings are.
    #[must_use]
    pub fn places(&self, embeddings: &[Vec<f32>]) -> Vec<Point> {
        let columns: Vec<_> = embeddings.iter().map(|values| features(values)).collect();
        let features = Mat::from_fn(self.covectors.nrows(), columns.len(), |i, j| columns[j][i]);
        self.raw(features.as_ref()).iter().map(|point| within(self.settled(point))).collect()
    }

    /// Where a frame is. One in which nothing is recognised is outside, in its
    /// direction: on three axes it might otherwise lie among samples that it is far
    /// from. `None` while there are no samples.
    #[must_use]
    pub fn place_of(&self, frame: &Embedding, recognition: &Recognition) -> Option<Point> {
        let inside = *self.places(&[frame.values().to_vec()]).first()?;
        match recognition.outcome {
            Outcome::Untrained => None,
            Outcome::Known(_) | Outcome::Background(_) => Some(inside),
            Outcome::Unknown => {
                let share = recognition.confidence / recognition.threshold.max(1e-6);
                let (nearest, farthest) = OUTSIDE;
                let radius = farthest - (farthest - nearest) * share.clamp(0.0, 1.0);
                let length = length(&inside);
                let direction = if length > 1e-6 { inside.map(|v| v / length) } else { [0.0, 1.0, 0.0] };
                Some(direction.map(|v| v * radius))
            }
        }
    }

    /// The share of the samples' variance that they show.
    #[must_use]
    pub fn explained(&self) -> f32 {
        self.explained
    }

    /// Which share of the samples' variance, as their gallery's metric sees it now,
    /// lies along these axes, whatever metric they were chosen under.
    fn share_of(&self, gallery: &Landmarks) -> f32 {
        let gram = gallery.gram();
        let total = trace(&gram);
        if total <= NEGLIGIBLE * gram.nrows() as f32 {
            return 0.0;
        }
        let raw = self.raw(gallery.features.as_ref());
        let mut along: Vec<Vec<f32>> = Vec::new();
        for axis in 0..3 {
            let mean = raw.iter().map(|point| point[axis]).sum::<f32>() / raw.len() as f32;
            let mut values: Vec<f32> = raw.iter().map(|point| point[axis] - mean).collect();
            // What the axes before show already.
            for other in &along {
                let part = dot(&values, other);
                values.iter_mut().zip(other).for_each(|(value, other)| *value -= part * other);
            }
            let length = dot(&values, &values).sqrt();
            if length > 1e-5 {
                values.iter_mut().for_each(|value| *value /= length);
                along.push(values);
            }
        }
        let shown = |values: &Vec<f32>| {
            let products = gram.col_iter().map(|column| column.iter().zip(values).map(|(a, b)| a * b).sum());
            values.iter().zip(products).map(|(value, product): (_, f32)| value * product).sum::<f32>()
        };
        (along.iter().map(shown).sum::<f32>() / total).clamp(0.0, 1.0)
    }

    /// Cosines with the axes.
    fn raw(&self, features: MatRef<'_, f32>) -> Vec<Point> {
        let cosines = self.metric.cosines(features, self.covectors.as_ref());
        cosines.row_iter().map(|row| [row[0], row[1], row[2]]).collect()
    }

    fn settled(&self, raw: &Point) -> Point {
        less(raw, &self.offset).map(|v| v * self.scale)
    }
}

/// Samples that axes are chosen from: each label has its share.
#[derive(Debug)]
pub struct Landmarks {
    metric: Arc<Metric>,
    features: Mat<f32>,
    samples: usize,
    labels: Vec<LabelId>,
    current: bool,
}

impl Landmarks {
    /// Those of `gallery`.
    #[must_use]
    pub fn of(gallery: &Gallery) -> Self {
        let rows = shares(gallery, LANDMARKS);
        let columns: Vec<_> = rows.iter().map(|row| features(gallery.embedding(*row))).collect();
        Self {
            metric: gallery.shared_metric(),
            features: Mat::from_fn(gallery.model().dimensions, columns.len(), |i, j| columns[j][i]),
            samples: gallery.len(),
            labels: labels_of(gallery),
            current: gallery.is_current(),
        }
    }

    /// Their cosines under the metric, as seen from their own middle.
    fn gram(&self) -> Mat<f32> {
        let all = self.metric.covectors(self.features.as_ref());
        centred(self.metric.cosines(self.features.as_ref(), all.as_ref()).as_ref())
    }
}

/// Rows of at most about `limit` samples, of each label its share and at least
/// one. Which ones depends on their numbers alone, so that they stay the same
/// while others come.
#[must_use]
pub fn shares(gallery: &Gallery, limit: usize) -> Vec<usize> {
    let mut of_label: BTreeMap<LabelId, Vec<usize>> = BTreeMap::new();
    for row in gallery.rows_by_number() {
        of_label.entry(gallery.label_of(row)).or_default().push(row);
    }
    if gallery.len() > limit {
        for rows in of_label.values_mut() {
            let share = (rows.len() * limit / gallery.len()).max(1);
            rows.sort_by_key(|row| scattered(gallery.sample_at(*row)));
            rows.truncate(share);
        }
    }
    of_label.into_values().flatten().collect()
}

/// Numbers that are next to each other become numbers that are anywhere
/// (Fibonacci hashing).
fn scattered(id: SampleId) -> u64 {
    id.get().unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Those that have samples.
fn labels_of(gallery: &Gallery) -> Vec<LabelId> {
    gallery.covectors().map(|(label, _)| label).collect()
}

/// `gram` as it were if the points' mean were 0.
fn centred(gram: MatRef<'_, f32>) -> Mat<f32> {
    let n = gram.nrows();
    let means: Vec<f32> = gram.col_iter().map(|column| column.iter().sum::<f32>() / n as f32).collect();
    let mean = means.iter().sum::<f32>() / n.max(1) as f32;
    // The cosines are symmetric but for rounding.
    Mat::from_fn(n, n, |i, j| (gram[(i, j)] + gram[(j, i)]) / 2.0 - means[i] - means[j] + mean)
}

fn trace(gram: &Mat<f32>) -> f32 {
    (0..gram.nrows()).map(|i| gram[(i, i)]).sum()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn less(point: &Point, other: &Point) -> Point {
    std::array::from_fn(|axis| point[axis] - other[axis])
}

fn length(point: &Point) -> f32 {
    point.iter().map(|v| v * v).sum::<f32>().sqrt()
}

fn within(point: Point) -> Point {
    let length = length(&point);
    if length > 1.0 { point.map(|v| v / length) } else { point }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::gallery::tests::{gallery, relearn};
    use super::*;

    const DIMENSIONS: usize = 12;

    fn unit(mut values: Vec<f32>) -> Vec<f32> {
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        values.iter_mut().for_each(|v| *v /= length);
        values
    }

    /// Samples of a label are around a corner of their own.
    fn sample(label: i64, number: i64) -> Vec<f32> {
        let noise = |i: usize| ((number * 37 + i as i64 * 17) % 19) as f32 / 19.0 - 0.5;
        unit((0..DIMENSIONS).map(|i| f32::from(u8::from(i as i64 == label)) + 0.3 * noise(i)).collect())
    }

    fn of_labels(labels: i64, each: i64) -> Gallery {
        let samples: Vec<_> =
            (0..labels * each).map(|n| (n + 1, n % labels + 1, sample(n % labels + 1, n))).collect();
        let borrowed: Vec<_> =
            samples.iter().map(|(id, label, values)| (*id, *label, values.as_slice())).collect();
        let mut gallery = gallery(DIMENSIONS, &borrowed);
        relearn(&mut gallery);
        gallery
    }

    fn all(gallery: &Gallery) -> Vec<Vec<f32>> {
        gallery.rows_by_number().into_iter().map(|row| gallery.embedding(row).to_vec()).collect()
    }

    fn distance(a: &Point, b: &Point) -> f32 {
        length(&less(a, b))
    }

    #[test]
    fn labels_are_apart_and_their_samples_together() {
        let gallery = of_labels(4, 8);
        let axes = Axes::choose(&Landmarks::of(&gallery));
        let places = axes.places(&all(&gallery));
        let middle = |label: usize| -> Point {
            let of: Vec<_> = places.iter().skip(label).step_by(4).collect();
            std::array::from_fn(|axis| of.iter().map(|p| p[axis]).sum::<f32>() / of.len() as f32)
        };
        for label in 0..4 {
            let within = places.iter().skip(label).step_by(4).map(|p| distance(p, &middle(label)));
            let spread = within.fold(0.0, f32::max);
            for other in (0..4).filter(|other| *other != label) {
                assert!(distance(&middle(label), &middle(other)) > 2.0 * spread, "{label} and {other}");
            }
        }
        assert!(axes.explained() > 0.5, "{}", axes.explained());
        assert!(places.iter().all(|place| length(place) <= 1.0));
    }

    #[test]
    fn the_axes_show_what_they_say_and_no_others_show_more() {
        let gallery = of_labels(5, 6);
        let landmarks = Landmarks::of(&gallery);
        let axes = Axes::choose(&landmarks);
        assert!((axes.explained() - axes.share_of(&landmarks)).abs() < 1e-3);
        // The first axis shows the most, and they are not alike.
        let raw = axes.raw(landmarks.features.as_ref());
        let variance = |axis: usize| {
            let mean = raw.iter().map(|p| p[axis]).sum::<f32>() / raw.len() as f32;
            raw.iter().map(|p| (p[axis] - mean).powi(2)).sum::<f32>()
        };
        assert!(variance(0) >= variance(1) && variance(1) >= variance(2) && variance(2) > 0.0);
        let along = |a: usize, b: usize| {
            raw.iter().map(|p| (p[a] - axes.offset[a]) * (p[b] - axes.offset[b])).sum::<f32>()
        };
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            assert!(along(a, b).abs() < 1e-2 * variance(2).max(0.1), "{a} and {b}: {}", along(a, b));
        }
    }

    #[test]
    fn a_new_sample_moves_no_other() {
        let mut gallery = of_labels(4, 8);
        let axes = Axes::choose(&Landmarks::of(&gallery));
        let before = axes.places(&all(&gallery));
        let label = LabelId::new(1).unwrap();
        let views = Embedding::new(sample(1, 99)).unwrap().into();
        gallery.add_sample(SampleId::new(99).unwrap(), label, &views);
        gallery.settle();
        relearn(&mut gallery);
        assert!(!axes.may_be_outgrown(&gallery));
        assert_eq!(axes.places(&all(&gallery))[..before.len()], before);
    }

    #[test]
    fn new_axes_are_turned_to_where_the_points_were() {
        let small = of_labels(3, 8);
        let old = Axes::choose(&Landmarks::of(&small));
        let grown = of_labels(3, 12);
        let landmarks = Landmarks::of(&grown);
        assert!(old.may_be_outgrown(&grown));
        let new = Axes::choose(&landmarks);
        let pairs = |axes: &Axes| -> Vec<(Point, Point)> {
            old.places(&all(&small)).into_iter().zip(axes.places(&all(&small))).collect()
        };
        let moved = |axes: &Axes| pairs(axes).iter().map(|(a, b)| distance(a, b)).sum::<f32>();
        let turned = new.clone().turned(&pairs(&new));
        assert!(moved(&turned) <= moved(&new) + 1e-3);
        // A turn moves nothing nearer or farther.
        let (a, b) = (new.places(&all(&grown)), turned.places(&all(&grown)));
        for i in 1..a.len() {
            assert!((distance(&a[0], &a[i]) - distance(&b[0], &b[i])).abs() < 1e-3);
        }
        // Mirrored by hand, it finds its way back.
        let mirrored = Axes {
            covectors: Mat::from_fn(DIMENSIONS, 3, |i, j| {
                if j == 0 { -new.covectors[(i, j)] } else { new.covectors[(i, j)] }
            }),
            offset: [-new.offset[0], new.offset[1], new.offset[2]],
            ..new.clone()
        };
        let back: Vec<_> = new.places(&all(&grown)).into_iter().zip(mirrored.places(&all(&grown))).collect();
        let back = mirrored.turned(&back).places(&all(&grown));
        assert!(back.iter().zip(&a).all(|(x, y)| distance(x, y) < 1e-3));
    }

    #[test]
    fn axes_that_do_not_show_a_new_label_are_outgrown() {
        let old = Axes::choose(&Landmarks::of(&of_labels(2, 8)));
        let gallery = of_labels(7, 8);
        let landmarks = Landmarks::of(&gallery);
        let better = Axes::choose(&landmarks);
        assert!(old.outgrown(&landmarks, &better));
        assert!(!better.outgrown(&landmarks, &better));
        assert!(!better.kept_for(&landmarks).may_be_outgrown(&gallery));
    }

    /// Labels differ a little, and all pictures a lot by their light: what the first
    /// label's axes show is the light, and much of it.
    #[test]
    fn axes_that_show_the_light_give_way_to_those_that_show_the_labels() {
        let picture = |label: i64, number: i64| {
            let light = |i: i64| ((number * 29 + i * 13) % 17) as f32 / 17.0 - 0.5;
            let value = |i: i64| {
                if i < 9 { f32::from(u8::from(i == label)) * 0.25 + 0.02 * light(i) } else { 1.5 * light(i) }
            };
            unit((0..DIMENSIONS as i64).map(value).collect())
        };
        let of = |labels: i64| {
            let all: Vec<_> =
                (0..labels * 12).map(|n| (n + 1, n % labels + 1, picture(n % labels + 1, n))).collect();
            let borrowed: Vec<_> =
                all.iter().map(|(id, label, values)| (*id, *label, values.as_slice())).collect();
            gallery(DIMENSIONS, &borrowed)
        };
        let old = Axes::choose(&Landmarks::of(&of(1)));
        let grown = of(6);
        let landmarks = Landmarks::of(&grown);
        let better = Axes::choose(&landmarks);
        assert!(old.explained() > better.explained(), "{} {}", old.explained(), better.explained());
        assert!(old.outgrown(&landmarks, &better));
    }

    #[test]
    fn axes_of_a_metric_that_was_not_learnt_yet_are_looked_at_again() {
        let mut gallery = of_labels(4, 8);
        gallery.remove_sample(SampleId::new(1).unwrap());
        gallery.settle();
        let early = Axes::choose(&Landmarks::of(&gallery));
        assert!(early.may_be_outgrown(&gallery));
        relearn(&mut gallery);
        assert!(!early.kept_for(&Landmarks::of(&gallery)).may_be_outgrown(&gallery));
    }

    #[test]
    fn what_is_not_recognised_is_outside() {
        let gallery = of_labels(4, 8);
        let axes = Axes::choose(&Landmarks::of(&gallery));
        let frame = Embedding::new(sample(1, 5)).unwrap();
        let known = super::super::recognise(&gallery, &frame);
        assert!(length(&axes.place_of(&frame, &known).unwrap()) <= 1.0);
        let unknown = |confidence| Recognition {
            outcome: Outcome::Unknown,
            confidence,
            threshold: 0.5,
            ..known.clone()
        };
        let radius = |confidence| length(&axes.place_of(&frame, &unknown(confidence)).unwrap());
        assert!((radius(0.0) - OUTSIDE.1).abs() < 1e-4 && (radius(0.5) - OUTSIDE.0).abs() < 1e-4);
        assert!(radius(0.1) > radius(0.4));
        assert_eq!(axes.place_of(&frame, &Recognition::untrained()), None);
    }

    #[test]
    fn few_samples_are_no_trouble() {
        for (labels, each) in [(0, 0), (1, 1), (1, 2), (2, 1), (1, 5)] {
            let gallery = of_labels(labels, each);
            let axes = Axes::choose(&Landmarks::of(&gallery));
            for place in axes.places(&all(&gallery)) {
                assert!(place.iter().all(|v| v.is_finite()) && length(&place) <= 1.0);
            }
            assert!((0.0..=1.0).contains(&axes.explained()));
        }
    }

    proptest! {
        #[test]
        fn shares_are_fair_and_stay(labels in 1_i64..6, each in 1_i64..40, limit in 1_usize..60) {
            let gallery = of_labels(labels, each);
            let rows = shares(&gallery, limit);
            prop_assert!(rows.len() <= limit.max(labels as usize).max(1) || gallery.len() <= limit);
            for label in 1..=labels {
                let of_label = rows.iter().filter(|row| gallery.label_of(**row).get() == label).count();
                prop_assert!(of_label >= 1);
            }
            prop_assert_eq!(&rows, &shares(&gallery, limit));
        }
    }
}
