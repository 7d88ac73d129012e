//! The gallery: all samples of one model, with their labels, and what was learnt
//! from them.
//!
//! A sample counts as soon as its change is settled: its label's mean moves at
//! once, under the metric there is. [`super::learning`] then learns anew from a
//! snapshot (a clone, which shares the vectors), and [`Gallery::adopt`] takes
//! that over.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use faer::Mat;

use super::calibration::Calibration;
use super::embedding::Embedding;
use super::evaluation::{Evaluation, Quality};
use super::features::{Views, mean_features};
use super::learning::Learnt;
use super::metric::Metric;
use super::rows::{Rounded, Rows};

/// A label's number; positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(i64);

/// A sample's number; positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SampleId(i64);

macro_rules! positive_id {
    ($name:ident) => {
        impl $name {
            /// `None` unless positive.
            #[must_use]
            pub fn new(id: i64) -> Option<Self> {
                (id > 0).then_some(Self(id))
            }

            /// The number.
            #[must_use]
            pub fn get(self) -> i64 {
                self.0
            }
        }
    };
}
positive_id!(LabelId);
positive_id!(SampleId);

impl LabelId {
    /// The smallest.
    pub(super) const MIN: Self = Self(1);
}

/// What a label stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// A product.
    Product,
    /// What is no product: recognised, and never shown.
    Background,
}

/// What a store owner named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its number.
    pub id: LabelId,
    /// Its name.
    pub name: String,
    /// What it stands for.
    pub kind: LabelKind,
    /// Its trigger product.
    pub product: TriggerProduct,
}

/// The product that a label stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TriggerProduct {
    /// Its origin system, as SAP Marketing Cloud names it; empty: this mirror's.
    pub origin: String,
    /// Its number there; empty: none.
    pub id: String,
}

impl From<&str> for TriggerProduct {
    /// A product of this mirror's origin.
    fn from(id: &str) -> Self {
        Self { origin: String::new(), id: id.to_owned() }
    }
}

/// Which model embeddings are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelKey {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Length of its embeddings.
    pub dimensions: usize,
}

/// All samples of one model. See the module's text.
#[derive(Clone, Debug)]
pub struct Gallery {
    model: ModelKey,
    labels: BTreeMap<LabelId, Label>,
    /// The samples' embeddings; what is known of each is at the same place in
    /// `samples`.
    rows: Rows,
    samples: Vec<SampleRow>,
    places: HashMap<SampleId, usize>,
    classes: BTreeMap<LabelId, Class>,
    probes: Arc<[Embedding]>,
    metric: Arc<Metric>,
    calibration: Calibration,
    evaluation: Arc<Evaluation>,
    /// Grows with every change to samples.
    revision: u64,
    /// The revision that was learnt from.
    learnt: u64,
    /// Shared with clones of this gallery, and with no other.
    identity: Arc<()>,
}

#[derive(Clone, Debug)]
struct SampleRow {
    id: SampleId,
    label: LabelId,
    closer: Arc<[Rounded]>,
}

/// A label's samples taken together.
#[derive(Clone, Debug)]
struct Class {
    /// Sum of the samples' mean features.
    sum: Vec<f64>,
    count: usize,
    /// See [`Metric::covectors`]; `None` until [`Gallery::settle`] finds it.
    covector: Option<Vec<f32>>,
    /// The revision of the last change.
    changed: u64,
}

impl Gallery {
    /// Without labels and samples. `probes` are embeddings of pictures that show
    /// nothing in particular.
    #[must_use]
    pub fn new(model: ModelKey, probes: Vec<Embedding>) -> Self {
        Self {
            labels: BTreeMap::new(),
            rows: Rows::new(model.dimensions),
            samples: Vec::new(),
            places: HashMap::new(),
            classes: BTreeMap::new(),
            probes: probes.into(),
            metric: Arc::new(Metric::plain(model.dimensions)),
            calibration: Calibration::fit(&[], 0, None, &[], 0.01),
            evaluation: Arc::default(),
            revision: 0,
            learnt: 0,
            identity: Arc::default(),
            model,
        }
    }

    /// Whose embeddings these are.
    #[must_use]
    pub fn model(&self) -> &ModelKey {
        &self.model
    }

    /// Embeddings of pictures that show nothing in particular.
    #[must_use]
    pub fn probes(&self) -> &[Embedding] {
        &self.probes
    }

    /// A label, if it is there.
    #[must_use]
    pub fn label(&self, id: LabelId) -> Option<&Label> {
        self.labels.get(&id)
    }

    /// How many labels there are.
    #[must_use]
    pub fn label_count(&self) -> usize {
        self.labels.len()
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// How many samples a label has.
    #[must_use]
    pub fn sample_count(&self, label: LabelId) -> usize {
        self.classes.get(&label).map_or(0, |class| class.count)
    }

    /// Whether a sample is there.
    #[must_use]
    pub fn has_sample(&self, id: SampleId) -> bool {
        self.places.contains_key(&id)
    }

    /// What was learnt last.
    #[must_use]
    pub fn evaluation(&self) -> &Evaluation {
        &self.evaluation
    }

    /// How well a label does, unless it was changed after that was learnt.
    #[must_use]
    pub fn quality(&self, label: LabelId) -> Option<&Quality> {
        let class = self.classes.get(&label)?;
        self.evaluation.labels.get(&label).filter(|_| class.changed <= self.learnt)
    }

    /// Whether what was learnt is of the samples as they are now.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.learnt == self.revision
    }

    /// Adds a label, or replaces the one with its number.
    pub fn put_label(&mut self, label: Label) {
        self.labels.insert(label.id, label);
    }

    /// Removes a label and its samples.
    pub fn remove_label(&mut self, label: LabelId) {
        self.labels.remove(&label);
        let samples = self.samples.iter().filter(|sample| sample.label == label).map(|sample| sample.id);
        for sample in samples.collect::<Vec<_>>() {
            self.remove_sample(sample);
        }
    }

    /// Adds a sample; one that is there already is replaced. Counts from
    /// [`settle`](Self::settle) on, as all that is done to samples.
    ///
    /// # Panics
    /// When an embedding's length is not the model's, or the label is not
    /// there: both are checked where requests come in.
    pub fn add_sample(&mut self, id: SampleId, label: LabelId, views: &Views) {
        assert!(self.labels.contains_key(&label), "a label of this gallery");
        self.remove_sample(id);
        self.places.insert(id, self.samples.len());
        self.rows.push(views.whole.values());
        let closer: Arc<[_]> = views.closer.iter().map(|view| Rounded::new(view.values())).collect();
        self.samples.push(SampleRow { id, label, closer });
        let features = self.features_of(self.samples.len() - 1);
        self.count(label, &features, 1);
    }

    /// Removes a sample, if it is there.
    pub fn remove_sample(&mut self, id: SampleId) {
        let Some(place) = self.places.remove(&id) else { return };
        let features = self.features_of(place);
        self.rows.swap_remove(place);
        let removed = self.samples.swap_remove(place);
        if let Some(moved) = self.samples.get(place) {
            self.places.insert(moved.id, place);
        }
        self.count(removed.label, &features, -1);
    }

    /// Gives a sample, if it is there, to another label.
    ///
    /// # Panics
    /// When the label is not there: it is checked where requests come in.
    pub fn move_sample(&mut self, id: SampleId, label: LabelId) {
        assert!(self.labels.contains_key(&label), "a label of this gallery");
        let Some(place) = self.places.get(&id).copied() else { return };
        let features = self.features_of(place);
        let before = std::mem::replace(&mut self.samples[place].label, label);
        self.count(before, &features, -1);
        self.count(label, &features, 1);
    }

    /// The sum is over what is stored, so that what was added can be taken off.
    fn features_of(&self, place: usize) -> Vec<f64> {
        let closer: Vec<_> = self.closer(place).iter().map(Rounded::values).collect();
        mean_features(std::iter::once(self.rows.row(place)).chain(closer.iter().map(Vec::as_slice)))
    }

    fn count(&mut self, label: LabelId, features: &[f64], by: i8) {
        self.revision += 1;
        let class = self.classes.entry(label).or_insert_with(|| Class {
            sum: vec![0.0; features.len()],
            count: 0,
            covector: None,
            changed: 0,
        });
        class.count = class.count.strict_add_signed(by.into());
        if class.count == 0 {
            self.classes.remove(&label);
            return;
        }
        class.changed = self.revision;
        for (sum, value) in class.sum.iter_mut().zip(features) {
            *sum += f64::from(by) * value;
        }
        class.covector = None;
    }

    /// Ends a change: labels whose samples it touched count as they are now.
    pub fn settle(&mut self) {
        for class in self.classes.values_mut().filter(|class| class.covector.is_none()) {
            class.place_under(&self.metric);
        }
    }

    /// Takes over what was learnt from a clone of this gallery, unless something
    /// newer was learnt already.
    pub fn adopt(&mut self, snapshot: &Self, mut learnt: Learnt) {
        if !Arc::ptr_eq(&self.identity, &snapshot.identity) || snapshot.revision < self.learnt {
            return;
        }
        self.metric = Arc::new(learnt.metric);
        self.calibration = learnt.calibration;
        self.evaluation = Arc::new(learnt.evaluation);
        self.learnt = snapshot.revision;
        for (label, class) in &mut self.classes {
            match learnt.covectors.remove(label).filter(|_| class.changed <= snapshot.revision) {
                Some(covector) => class.covector = Some(covector),
                None => class.place_under(&self.metric),
            }
        }
    }

    /// The metric in use.
    #[must_use]
    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// The same, to be kept.
    #[must_use]
    pub fn shared_metric(&self) -> Arc<Metric> {
        Arc::clone(&self.metric)
    }

    /// The row of a sample, if it is there.
    #[must_use]
    pub fn row_of(&self, id: SampleId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The calibration in use.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The embeddings, one a sample.
    #[must_use]
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The sample in a row.
    #[must_use]
    pub fn sample_at(&self, row: usize) -> SampleId {
        self.samples[row].id
    }

    /// The label of a row's sample.
    #[must_use]
    pub fn label_of(&self, row: usize) -> LabelId {
        self.samples[row].label
    }

    /// A row's embedding.
    #[must_use]
    pub fn embedding(&self, row: usize) -> &[f32] {
        self.rows.row(row)
    }

    /// The views of a row's sample seen closer, rounded.
    #[must_use]
    pub fn closer(&self, row: usize) -> &[Rounded] {
        &self.samples[row].closer
    }

    /// All rows in the order of their samples' numbers.
    #[must_use]
    pub fn rows_by_number(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.samples.len()).collect();
        rows.sort_by_key(|row| self.samples[*row].id);
        rows
    }

    /// The labels that have samples, and the mean of each one's features in a
    /// column.
    #[must_use]
    pub fn means(&self) -> (Vec<LabelId>, Mat<f32>) {
        let classes: Vec<_> = self.classes.values().collect();
        let means = Mat::from_fn(self.model.dimensions, classes.len(), |i, j| {
            (classes[j].sum[i] / classes[j].count as f64) as f32
        });
        (self.classes.keys().copied().collect(), means)
    }

    /// The labels that have samples, each with its [`Metric::covectors`].
    pub fn covectors(&self) -> impl Iterator<Item = (LabelId, &[f32])> {
        self.classes.iter().filter_map(|(label, class)| Some((*label, class.covector.as_deref()?)))
    }
}

impl Class {
    fn place_under(&mut self, metric: &Metric) {
        let mean = Mat::from_fn(self.sum.len(), 1, |i, _| (self.sum[i] / self.count as f64) as f32);
        self.covector = Some(metric.covectors(mean.as_ref()).col(0).iter().copied().collect());
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::learning::learn;
    use super::*;

    pub(crate) fn label(id: i64, kind: LabelKind) -> Label {
        Label {
            id: LabelId(id),
            name: format!("label {id}"),
            kind,
            product: format!("P-{id}").as_str().into(),
        }
    }

    pub(crate) fn views(values: &[f32]) -> Views {
        Embedding::new(values.to_vec()).unwrap().into()
    }

    pub(crate) fn gallery(dimensions: usize, samples: &[(i64, i64, &[f32])]) -> Gallery {
        let mut gallery = Gallery::new(ModelKey { fingerprint: "test".to_owned(), dimensions }, Vec::new());
        for (id, label_id, values) in samples {
            gallery.put_label(label(*label_id, LabelKind::Product));
            gallery.add_sample(SampleId(*id), LabelId(*label_id), &views(values));
        }
        relearn(&mut gallery);
        gallery
    }

    pub(crate) fn relearn(gallery: &mut Gallery) {
        let snapshot = gallery.clone();
        gallery.adopt(&snapshot, learn(&snapshot, 0.01));
        assert!(gallery.is_current());
    }

    fn contents(gallery: &Gallery) -> Vec<(i64, i64, Vec<f32>)> {
        let row = |row: usize| {
            (gallery.sample_at(row).get(), gallery.label_of(row).get(), gallery.embedding(row).to_vec())
        };
        gallery.rows_by_number().into_iter().map(row).collect()
    }

    #[test]
    fn removing_and_moving_keeps_the_others_as_they_were() {
        let mut gallery = gallery(2, &[(1, 1, &[1.0, 0.0]), (2, 2, &[0.0, 1.0]), (3, 1, &[0.6, 0.8])]);
        gallery.remove_sample(SampleId(1));
        assert_eq!(contents(&gallery), [(2, 2, vec![0.0, 1.0]), (3, 1, vec![0.6, 0.8])]);
        gallery.move_sample(SampleId(3), LabelId(2));
        assert_eq!(contents(&gallery), [(2, 2, vec![0.0, 1.0]), (3, 2, vec![0.6, 0.8])]);
        assert_eq!((gallery.sample_count(LabelId(1)), gallery.sample_count(LabelId(2))), (0, 2));
        gallery.remove_label(LabelId(2));
        assert!(
            gallery.is_empty() && gallery.label(LabelId(2)).is_none() && gallery.covectors().count() == 0
        );
    }

    /// Whatever way a gallery came about, what is learnt from it is the same.
    #[test]
    fn the_order_of_changes_leaves_no_trace() {
        let at = |angle: f32| [angle.cos(), angle.sin(), 0.0];
        let points: Vec<_> = (0..12_i64).map(|i| (i + 1, i % 3 + 1, at(i as f32 * 0.5))).collect();
        let samples: Vec<_> = points.iter().map(|(id, label, p)| (*id, *label, p.as_slice())).collect();
        let straight = gallery(3, &samples);
        let mut detour = gallery(3, &samples[..6]);
        detour.put_label(label(9, LabelKind::Product));
        detour.add_sample(SampleId(77), LabelId(9), &views(&at(2.0)));
        detour.remove_sample(SampleId(2));
        for (id, label, values) in samples[6..].iter().chain([&samples[1]]) {
            detour.add_sample(SampleId(*id), LabelId(*label), &views(values));
        }
        detour.move_sample(SampleId(4), LabelId(9));
        detour.move_sample(SampleId(4), LabelId(1));
        detour.remove_label(LabelId(9));
        relearn(&mut detour);
        assert_eq!(contents(&detour), contents(&straight));
        for ((a, x), (b, y)) in straight.covectors().zip(detour.covectors()) {
            assert_eq!(a, b);
            assert!(x.iter().zip(y).all(|(x, y)| (x - y).abs() < 1e-4), "{x:?} {y:?}");
        }
        assert!((straight.calibration().threshold - detour.calibration().threshold).abs() < 1e-4);
    }

    #[test]
    fn what_changed_while_learning_is_placed_under_the_new_metric() {
        let mut gallery = gallery(2, &[(1, 1, &[1.0, 0.0]), (2, 1, &[0.9, 0.435_89]), (3, 2, &[0.0, 1.0])]);
        let snapshot = gallery.clone();
        let learnt = learn(&snapshot, 0.01);
        gallery.add_sample(SampleId(4), LabelId(2), &views(&[-0.6, 0.8]));
        gallery.adopt(&snapshot, learnt);
        assert!(!gallery.is_current() && gallery.quality(LabelId(2)).is_none());
        let (_, means) = gallery.means();
        let expected = gallery.metric().covectors(means.as_ref());
        for (column, (_, covector)) in gallery.covectors().enumerate() {
            assert!(covector.iter().enumerate().all(|(i, v)| (v - expected[(i, column)]).abs() < 1e-6));
        }
    }
}
