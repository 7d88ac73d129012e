//! The gallery that is in use: what recognition reads from memory, and every
//! change to it. A change goes to the database first and to memory when it is
//! on disk there, one after another, so the two never disagree.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use crate::recognition::{
    Embedding, Gallery, Label, LabelId, LabelKind, ModelKey, Recognition, SampleId, recognise,
};
use crate::store::labels::LabelChange;
use crate::store::samples::{NewSample, Sample};
use crate::store::{Store, StoreError};

/// See the module's text.
#[derive(Debug)]
pub struct Galleries {
    store: Store,
    /// `None` until a model has been seen for the first time.
    current: RwLock<Option<Gallery>>,
    /// Held during a change, so that changes follow one another.
    changing: Mutex<()>,
    unknown_threshold: f32,
}

/// An embedding that can't be compared with the gallery's.
#[derive(Debug, thiserror::Error)]
pub enum ForeignEmbedding {
    /// Nothing is known about the model yet.
    #[error(
        "the model in use isn't known yet, the inference service has not been reached since the first start; try again"
    )]
    NoModel,
    /// Of another model.
    #[error("it is of model {got}; the model in use is {expected}")]
    Model {
        /// The embedding's fingerprint.
        got: String,
        /// The gallery's.
        expected: String,
    },
    /// Of another length.
    #[error("it has {got} values; the model in use gives {expected}")]
    Dimensions {
        /// The embedding's length.
        got: usize,
        /// The gallery's.
        expected: usize,
    },
}

impl Galleries {
    /// Starts with the gallery of the model used last.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn open(store: Store, unknown_threshold: f32) -> Result<Self, StoreError> {
        let galleries =
            Self { store, current: RwLock::new(None), changing: Mutex::new(()), unknown_threshold };
        if let Some(model) = galleries.store.last_model().await? {
            galleries.load(model).await?;
        }
        Ok(galleries)
    }

    /// Changes to the gallery of `model`, unless it is in use already; `id` is
    /// the model's name.
    ///
    /// # Errors
    /// When SQLite fails; the gallery in use stays.
    pub async fn use_model(&self, model: ModelKey, id: &str) -> Result<(), StoreError> {
        let _changing = self.changing.lock().await;
        self.store.use_model(&model, id).await?;
        if self.model().as_ref() != Some(&model) {
            self.load(model).await?;
        }
        Ok(())
    }

    async fn load(&self, model: ModelKey) -> Result<(), StoreError> {
        let mut gallery = Gallery::new(model.clone());
        for label in self.store.labels().await? {
            gallery.put_label(label);
        }
        for (id, label, embedding) in self.store.embeddings(&model.fingerprint, model.dimensions).await? {
            gallery.add_sample(id, label, &embedding);
        }
        tracing::info!(model = model.fingerprint, samples = gallery.len(), "Gallery loaded");
        metrics::gauge!("mirror_gallery_samples").set(gallery.len() as f64);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(gallery);
        Ok(())
    }

    /// The model whose gallery is in use.
    #[must_use]
    pub fn model(&self) -> Option<ModelKey> {
        self.read(|gallery| gallery.map(|gallery| gallery.model().clone()))
    }

    /// Checks that an embedding can be compared with the gallery's.
    ///
    /// # Errors
    /// Says what is different.
    pub fn check(&self, fingerprint: &str, dimensions: usize) -> Result<(), ForeignEmbedding> {
        let model = self.model().ok_or(ForeignEmbedding::NoModel)?;
        if model.fingerprint != fingerprint {
            return Err(ForeignEmbedding::Model { got: fingerprint.to_owned(), expected: model.fingerprint });
        }
        if model.dimensions != dimensions {
            return Err(ForeignEmbedding::Dimensions { got: dimensions, expected: model.dimensions });
        }
        Ok(())
    }

    /// The verdict for an embedding of model `fingerprint`.
    ///
    /// # Errors
    /// When it is not of the model in use, which may have changed just now.
    pub fn recognise(&self, fingerprint: &str, query: &Embedding) -> Result<Recognition, ForeignEmbedding> {
        self.check(fingerprint, query.values().len())?;
        self.read(|gallery| match gallery.filter(|gallery| gallery.model().fingerprint == fingerprint) {
            Some(gallery) => Ok(recognise(gallery, query, self.unknown_threshold)),
            None => Err(ForeignEmbedding::NoModel),
        })
    }

    /// A label of the gallery in use.
    #[must_use]
    pub fn label(&self, id: LabelId) -> Option<Label> {
        self.read(|gallery| gallery?.label(id).cloned())
    }

    /// How many samples of the model in use a label has.
    #[must_use]
    pub fn sample_count(&self, label: LabelId) -> usize {
        self.read(|gallery| gallery.map_or(0, |gallery| gallery.sample_count(label)))
    }

    /// All labels, by name.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn labels(&self) -> Result<Vec<Label>, StoreError> {
        self.store.labels().await
    }

    /// Adds a label.
    ///
    /// # Errors
    /// When the name is taken, or SQLite fails.
    pub async fn create_label(
        self: &Arc<Self>,
        name: String,
        kind: LabelKind,
        product_id: String,
    ) -> Result<Label, StoreError> {
        self.to_the_end(async move |galleries| {
            let label = galleries.store.insert_label(&name, kind, &product_id).await?;
            galleries.change(|gallery| gallery.put_label(label.clone()));
            tracing::info!(label = label.name, "Label created");
            Ok(label)
        })
        .await
    }

    /// Changes a label.
    ///
    /// # Errors
    /// When there is no such label, the name is taken, or SQLite fails.
    pub async fn update_label(
        self: &Arc<Self>,
        id: LabelId,
        change: LabelChange,
    ) -> Result<Label, StoreError> {
        self.to_the_end(async move |galleries| {
            let label = galleries.store.update_label(id, change).await?;
            galleries.change(|gallery| gallery.put_label(label.clone()));
            tracing::info!(label = label.name, "Label changed");
            Ok(label)
        })
        .await
    }

    /// Deletes a label with its samples; the answer is how many those were.
    ///
    /// # Errors
    /// When there is no such label, or SQLite fails.
    pub async fn delete_label(self: &Arc<Self>, id: LabelId) -> Result<u32, StoreError> {
        self.to_the_end(async move |galleries| {
            let samples = galleries.store.delete_label(id).await?;
            galleries.change(|gallery| gallery.remove_label(id));
            tracing::info!(label = id.get(), samples, "Label deleted");
            Ok(samples)
        })
        .await
    }

    /// Adds all of `samples`, of model `fingerprint`, or none.
    ///
    /// # Errors
    /// When the model in use has changed, a label is gone, or SQLite fails.
    pub async fn add_samples(
        self: &Arc<Self>,
        fingerprint: String,
        samples: Vec<NewSample>,
    ) -> Result<Vec<Sample>, AddError> {
        self.to_the_end(async move |galleries| {
            for sample in &samples {
                galleries.check(&fingerprint, sample.embedding.values().len())?;
            }
            let stored = galleries.store.insert_samples(&fingerprint, &samples).await?;
            galleries.change(|gallery| {
                for (stored, new) in stored.iter().zip(&samples) {
                    gallery.add_sample(stored.id, stored.label, &new.embedding);
                }
            });
            tracing::info!(samples = stored.len(), "Samples added");
            Ok(stored)
        })
        .await
    }

    /// Deletes a sample.
    ///
    /// # Errors
    /// When there is no such sample, or SQLite fails.
    pub async fn delete_sample(self: &Arc<Self>, id: SampleId) -> Result<(), StoreError> {
        self.to_the_end(async move |galleries| {
            galleries.store.delete_sample(id).await?;
            galleries.change(|gallery| gallery.remove_sample(id));
            tracing::info!(sample = id.get(), "Sample deleted");
            Ok(())
        })
        .await
    }

    /// Runs a change after those before it, and to its end also when the caller
    /// gives up: one that is in the database and not in memory would show only
    /// after a restart.
    async fn to_the_end<T, F>(self: &Arc<Self>, change: impl FnOnce(Arc<Self>) -> F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let galleries = Arc::clone(self);
        let change = change(Arc::clone(self));
        let running = tokio::spawn(async move {
            let _changing = galleries.changing.lock().await;
            change.await
        });
        running.await.expect("a change does not panic")
    }

    /// Samples of the model in use, newest first; see [`Store::samples`].
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn samples(
        &self,
        label: Option<LabelId>,
        before: Option<SampleId>,
        limit: u32,
        with_pictures: bool,
    ) -> Result<Vec<Sample>, StoreError> {
        match self.model() {
            Some(model) => self.store.samples(&model.fingerprint, label, before, limit, with_pictures).await,
            None => Ok(Vec::new()),
        }
    }

    fn read<T>(&self, read: impl FnOnce(Option<&Gallery>) -> T) -> T {
        read(self.current.read().unwrap_or_else(PoisonError::into_inner).as_ref())
    }

    fn change(&self, change: impl FnOnce(&mut Gallery)) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(gallery) = current.as_mut() {
            change(gallery);
            metrics::gauge!("mirror_gallery_samples").set(gallery.len() as f64);
        }
    }
}

/// Samples could not be added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Not of the model in use.
    #[error(transparent)]
    Foreign(#[from] ForeignEmbedding),
    /// The database didn't take them.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::store;

    fn model(name: &str) -> ModelKey {
        ModelKey { fingerprint: name.to_owned(), dimensions: 2 }
    }

    fn sample(label: LabelId, values: [f32; 2]) -> NewSample {
        NewSample { label, embedding: Embedding::new(values.to_vec()).unwrap(), picture: None }
    }

    #[tokio::test]
    async fn each_model_has_its_own_gallery() {
        let (_folder, store) = store().await;
        let galleries = Arc::new(Galleries::open(store, 0.8).await.unwrap());
        assert!(matches!(galleries.check("a", 2), Err(ForeignEmbedding::NoModel)));
        galleries.use_model(model("a"), "a").await.unwrap();
        let hat = galleries.create_label("Hat".to_owned(), LabelKind::Product, String::new()).await.unwrap();
        galleries.add_samples("a".to_owned(), vec![sample(hat.id, [1.0, 0.0])]).await.unwrap();
        assert_eq!(galleries.sample_count(hat.id), 1);

        galleries.use_model(model("b"), "b").await.unwrap();
        assert_eq!(galleries.sample_count(hat.id), 0);
        assert!(galleries.label(hat.id).is_some());
        let foreign = galleries.add_samples("a".to_owned(), vec![sample(hat.id, [1.0, 0.0])]).await;
        assert!(matches!(foreign, Err(AddError::Foreign(ForeignEmbedding::Model { .. }))));
        assert!(matches!(galleries.check("b", 3), Err(ForeignEmbedding::Dimensions { got: 3, expected: 2 })));

        galleries.use_model(model("a"), "a").await.unwrap();
        assert_eq!(galleries.sample_count(hat.id), 1);
    }

    #[tokio::test]
    async fn what_was_taught_is_recognised_after_a_restart_and_before_inference_is_there() {
        let (folder, store) = store().await;
        let galleries = Arc::new(Galleries::open(store, 0.8).await.unwrap());
        galleries.use_model(model("a"), "a").await.unwrap();
        let hat = galleries.create_label("Hat".to_owned(), LabelKind::Product, String::new()).await.unwrap();
        galleries.add_samples("a".to_owned(), vec![sample(hat.id, [1.0, 0.0])]).await.unwrap();
        drop(galleries);
        let galleries =
            Arc::new(Galleries::open(Store::open(folder.path()).await.unwrap(), 0.8).await.unwrap());
        let query = Embedding::new(vec![1.0, 0.0]).unwrap();
        let verdict = galleries.recognise("a", &query).unwrap();
        assert_eq!(verdict.outcome, crate::recognition::Outcome::Known(hat.id));
    }
}
