//! The gallery: all samples of one model, with their labels.

use std::collections::BTreeMap;

use super::embedding::Embedding;

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
    /// Its trigger product; empty for none.
    pub product_id: String,
}

/// Which model embeddings are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelKey {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Length of its embeddings.
    pub dimensions: usize,
}

/// All samples of one model. The embeddings lie one behind the other in one
/// piece of memory, so that a search reads straight through it.
#[derive(Clone, Debug)]
pub struct Gallery {
    model: ModelKey,
    labels: BTreeMap<LabelId, Label>,
    sample_ids: Vec<SampleId>,
    sample_labels: Vec<LabelId>,
    values: Vec<f32>,
}

/// One stored embedding, as the gallery shows it.
#[derive(Clone, Copy, Debug)]
pub struct SampleRef<'a> {
    /// Its number.
    pub id: SampleId,
    /// Its label.
    pub label: LabelId,
    /// Its embedding.
    pub values: &'a [f32],
}

impl Gallery {
    /// Without labels and samples.
    #[must_use]
    pub fn new(model: ModelKey) -> Self {
        Self {
            model,
            labels: BTreeMap::new(),
            sample_ids: Vec::new(),
            sample_labels: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Whose embeddings these are.
    #[must_use]
    pub fn model(&self) -> &ModelKey {
        &self.model
    }

    /// A label, if it is there.
    #[must_use]
    pub fn label(&self, id: LabelId) -> Option<&Label> {
        self.labels.get(&id)
    }

    /// How many samples a label has.
    #[must_use]
    pub fn sample_count(&self, label: LabelId) -> usize {
        self.sample_labels.iter().filter(|id| **id == label).count()
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sample_ids.len()
    }

    /// Whether there is nothing to compare with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sample_ids.is_empty()
    }

    /// The samples, in the order in which they were added.
    pub fn samples(&self) -> impl Iterator<Item = SampleRef<'_>> {
        let ids = self.sample_ids.iter().zip(&self.sample_labels);
        ids.zip(self.values.chunks_exact(self.model.dimensions)).map(|((id, label), values)| SampleRef {
            id: *id,
            label: *label,
            values,
        })
    }

    /// Adds a label, or replaces the one with its number.
    pub fn put_label(&mut self, label: Label) {
        self.labels.insert(label.id, label);
    }

    /// Removes a label and its samples.
    pub fn remove_label(&mut self, label: LabelId) {
        self.labels.remove(&label);
        self.retain(|sample| sample.label != label);
    }

    /// Adds a sample.
    ///
    /// # Panics
    /// When the embedding's length is not the model's, or the label is not
    /// there: both are checked where requests come in.
    pub fn add_sample(&mut self, id: SampleId, label: LabelId, embedding: &Embedding) {
        assert_eq!(embedding.values().len(), self.model.dimensions, "an embedding of this model");
        assert!(self.labels.contains_key(&label), "a label of this gallery");
        self.sample_ids.push(id);
        self.sample_labels.push(label);
        self.values.extend(embedding.values());
    }

    /// Removes a sample.
    pub fn remove_sample(&mut self, id: SampleId) {
        self.retain(|sample| sample.id != id);
    }

    fn retain(&mut self, keep: impl Fn(SampleRef<'_>) -> bool) {
        let kept: Vec<bool> = self.samples().map(keep).collect();
        let mut values = Vec::with_capacity(self.values.len());
        for (chunk, _) in
            self.values.chunks_exact(self.model.dimensions).zip(&kept).filter(|(_, kept)| **kept)
        {
            values.extend(chunk);
        }
        self.values = values;
        let mut flags = kept.iter();
        self.sample_ids.retain(|_| *flags.next().expect("a flag a sample"));
        let mut flags = kept.iter();
        self.sample_labels.retain(|_| *flags.next().expect("a flag a sample"));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn label(id: i64, kind: LabelKind) -> Label {
        Label { id: LabelId(id), name: format!("label {id}"), kind, product_id: format!("P-{id}") }
    }

    pub(crate) fn gallery(dimensions: usize, samples: &[(i64, i64, &[f32])]) -> Gallery {
        let mut gallery = Gallery::new(ModelKey { fingerprint: "test".to_owned(), dimensions });
        for (id, label_id, values) in samples {
            gallery.put_label(label(*label_id, LabelKind::Product));
            gallery.add_sample(SampleId(*id), LabelId(*label_id), &Embedding::new(values.to_vec()).unwrap());
        }
        gallery
    }

    #[test]
    fn removing_keeps_the_others_as_they_were() {
        let mut gallery = gallery(2, &[(1, 1, &[1.0, 0.0]), (2, 2, &[0.0, 1.0]), (3, 1, &[0.6, 0.8])]);
        gallery.remove_sample(SampleId(1));
        let left: Vec<_> =
            gallery.samples().map(|s| (s.id.get(), s.label.get(), s.values.to_vec())).collect();
        assert_eq!(left, [(2, 2, vec![0.0, 1.0]), (3, 1, vec![0.6, 0.8])]);
        gallery.remove_label(LabelId(1));
        assert_eq!(gallery.len(), 1);
        assert_eq!(gallery.sample_count(LabelId(1)), 0);
        assert!(gallery.label(LabelId(1)).is_none());
    }
}
