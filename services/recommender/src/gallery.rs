//! The gallery that is in use: what recognition reads from memory, and every
//! change to it. A change goes to the database first and to memory when it is
//! on disk there, one after another, so the two never disagree.
//!
//! [`crate::learner`] keeps what was learnt from it up to date;
//! [`crate::model_change`] makes it anew for another model.

mod errors;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, Notify, watch};

use crate::dataset::archive::Archive;
use crate::recognition::evaluation::{Evaluation, Quality};
use crate::recognition::learning::{Learnt, learn};
use crate::recognition::{
    Embedding, Gallery, Label, LabelId, LabelKind, ModelKey, Recognition, SampleId, TriggerProduct, Views,
    recognise,
};
use crate::store::changes::{Change, ChangeId, Purged};
use crate::store::dataset::{MergeError, Merged};
use crate::store::labels::LabelChange;
use crate::store::models::StoredModel;
use crate::store::samples::{Added, NewSample, Sample};
use crate::store::{Store, StoreError};

use errors::OfStore;
pub use errors::{AddError, ForeignEmbedding};

/// Samples brought up to date at once, with recognition waiting.
const RESYNC_BATCH: usize = 200;
/// How often the log is tried to be emptied.
const LOG_RETRY: Duration = Duration::from_secs(1);
/// How often a database that can't be written is tried.
const WRITE_RETRY: Duration = Duration::from_secs(2);

/// See the module's text.
#[derive(Debug)]
pub struct Galleries {
    store: Store,
    current: RwLock<Option<Current>>,
    /// Held during a change, so that changes follow one another.
    changing: Mutex<()>,
    false_accept_rate: f64,
    /// Wakes the learner.
    pub(crate) learning_wanted: Notify,
    /// Wakes the task that embeds samples anew.
    pub(crate) embedding_wanted: Notify,
    status: watch::Sender<Status>,
    /// Changes with everything that is read from memory.
    changed: watch::Sender<()>,
    /// Why the database can't be written, in words.
    unwritable: watch::Sender<Option<String>>,
}

/// The gallery of the model in use.
#[derive(Debug)]
struct Current {
    gallery: Gallery,
    /// The model's name.
    model_id: String,
}

/// Whether pictures can be recognised.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// No model has been seen yet.
    NoModel,
    /// Samples are being embedded for another model; nothing is recognised before
    /// all are, because a label that is still missing would be taken for another.
    Preparing {
        /// Samples done.
        done: usize,
        /// Samples in all.
        total: usize,
    },
    /// They can.
    Ready,
    /// The database can't be read or written; in words.
    Failed(String),
}

impl Galleries {
    /// Starts with the gallery of the model used last. `false_accept_rate` is the
    /// share of unrelated pictures that may be taken for a label.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn open(store: Store, false_accept_rate: f64) -> Result<Self, StoreError> {
        let galleries = Self {
            store,
            current: RwLock::new(None),
            changing: Mutex::new(()),
            false_accept_rate,
            learning_wanted: Notify::new(),
            embedding_wanted: Notify::new(),
            status: watch::Sender::new(Status::NoModel),
            changed: watch::Sender::new(()),
            unwritable: watch::Sender::new(None),
        };
        if let Some(model) = galleries.store.last_model().await? {
            galleries.load(model).await?;
        }
        Ok(galleries)
    }

    /// Whether pictures can be recognised, and each change of that.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Each change of the gallery in use.
    #[must_use]
    pub fn changes_in_memory(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Why the database can't be written, in words; `None` when it can.
    #[must_use]
    pub fn unwritable(&self) -> watch::Receiver<Option<String>> {
        self.unwritable.subscribe()
    }

    /// Notes how a change went with the database; after a failure it is tried until
    /// it can be written again.
    fn note<T>(self: &Arc<Self>, result: &Result<T, impl OfStore>) {
        let failed = match result.as_ref().map_err(OfStore::of_store) {
            Ok(_) => None,
            Err(Some(error)) if error.is_failure() => Some(error.to_string()),
            // What was asked wrongly says nothing about the database.
            Err(_) => return,
        };
        let mut before = None;
        self.unwritable.send_if_modified(|old| {
            before = std::mem::replace(old, failed.clone());
            before != failed
        });
        if failed.is_some() && before.is_none() {
            let galleries = Arc::clone(self);
            tokio::spawn(async move {
                while galleries.unwritable.borrow().is_some() {
                    tokio::time::sleep(WRITE_RETRY).await;
                    if galleries.store.try_writing().await.is_ok() {
                        galleries.unwritable.send_replace(None);
                    }
                }
            });
        }
    }

    /// Says how a change of the model goes, or that it failed.
    pub(crate) fn set_status(&self, status: Status) {
        self.status.send_if_modified(|old| std::mem::replace(old, status.clone()) != status);
    }

    /// Changes to the gallery of `model`, unless it is in use already.
    ///
    /// # Errors
    /// When SQLite fails; the gallery in use stays.
    pub async fn use_model(&self, model: StoredModel) -> Result<(), StoreError> {
        let _changing = self.changing.lock().await;
        let same = self.read(|current| {
            let gallery = &current?.gallery;
            Some(*gallery.model() == model.key && gallery.probes() == model.probes)
        });
        // Nothing is written then: what is in memory is of use also when the
        // database is not.
        if same == Some(true) {
            return Ok(());
        }
        self.store.use_model(&model.key, &model.id, &model.probes).await?;
        self.load(model).await
    }

    async fn load(&self, model: StoredModel) -> Result<(), StoreError> {
        let mut gallery = Gallery::new(model.key.clone(), model.probes);
        for label in self.store.labels().await? {
            gallery.put_label(label);
        }
        for (id, label, views) in self.store.embeddings(&model.key).await? {
            gallery.add_sample(id, label, &views);
        }
        let pending = self.store.pending(&model.key.fingerprint).await?.len();
        if pending == 0 {
            gallery = self.learnt(gallery).await;
        }
        let samples = gallery.len();
        tracing::info!(model = model.id, samples, pending, "Gallery loaded");
        metrics::gauge!("mirror_gallery_samples").set(samples as f64);
        if pending > 0 {
            self.set_status(Status::Preparing { done: samples, total: samples + pending });
        }
        let current = Current { gallery, model_id: model.id };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(current);
        self.changed.send_replace(());
        if pending == 0 {
            self.set_status(Status::Ready);
        }
        Ok(())
    }

    /// `gallery`, learnt from.
    async fn learnt(&self, mut gallery: Gallery) -> Gallery {
        let rate = self.false_accept_rate;
        let learning = tokio::task::spawn_blocking(move || {
            let snapshot = gallery.clone();
            gallery.adopt(&snapshot, learn(&snapshot, rate));
            gallery
        });
        learning.await.expect("learning does not panic")
    }

    /// Learns anew if anything was changed since the last time; the answer is
    /// whether it was. Not while the gallery is incomplete: that is done once at the
    /// end.
    pub(crate) async fn relearn(&self) -> bool {
        if matches!(*self.status.borrow(), Status::Preparing { .. }) {
            return false;
        }
        let snapshot = self.read(|current| {
            let gallery = &current?.gallery;
            (!gallery.is_current()).then(|| gallery.clone())
        });
        let Some(snapshot) = snapshot else { return false };
        let rate = self.false_accept_rate;
        let learning = tokio::task::spawn_blocking(move || {
            let learnt = learn(&snapshot, rate);
            (snapshot, learnt)
        });
        let (snapshot, learnt): (Gallery, Learnt) = learning.await.expect("learning does not panic");
        self.change(|gallery| {
            gallery.adopt(&snapshot, learnt);
        });
        true
    }

    /// Samples that still have to be embedded for `model`.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) async fn pending(&self, model: &ModelKey) -> Result<Vec<SampleId>, StoreError> {
        self.store.pending(&model.fingerprint).await
    }

    /// The picture of a sample that has to be embedded.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) async fn picture(&self, sample: SampleId) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.picture(sample).await
    }

    /// Takes over what `model` sees in a sample's picture; `None` when it could
    /// not be embedded.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(crate) async fn put_embedding(
        self: &Arc<Self>,
        model: ModelKey,
        sample: SampleId,
        views: Option<Views>,
    ) -> Result<(), StoreError> {
        self.to_the_end(async move |galleries| {
            galleries.store.put_embedding(&model.fingerprint, sample, views.as_ref()).await?;
            galleries.resync(&[], &[sample]).await;
            Ok(())
        })
        .await
    }

    /// All samples of the model in use are embedded: recognition begins.
    pub(crate) async fn complete(&self, model: &ModelKey) {
        let _changing = self.changing.lock().await;
        let gallery = self.read(|current| current.map(|current| current.gallery.clone()));
        if let Some(gallery) = gallery.filter(|gallery| gallery.model() == model) {
            let gallery = self.learnt(gallery).await;
            self.change(|current| *current = gallery);
            self.set_status(Status::Ready);
        }
    }

    /// The model whose gallery is in use.
    #[must_use]
    pub fn model(&self) -> Option<ModelKey> {
        self.read(|current| current.map(|current| current.gallery.model().clone()))
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
    /// When it is not of the model in use, which may have changed just now, or the
    /// gallery is not complete.
    pub fn recognise(&self, fingerprint: &str, query: &Embedding) -> Result<Recognition, ForeignEmbedding> {
        self.check(fingerprint, query.values().len())?;
        if let Status::Preparing { done, total } = *self.status.borrow() {
            return Err(ForeignEmbedding::Preparing { done, total });
        }
        let start = std::time::Instant::now();
        let recognition = self.read(|current| {
            let gallery = &current?.gallery;
            (gallery.model().fingerprint == fingerprint).then(|| recognise(gallery, query))
        });
        metrics::histogram!("mirror_classify_seconds").record(start.elapsed());
        recognition.ok_or(ForeignEmbedding::NoModel)
    }

    /// The plain cosine similarity with a label's closest sample; `None` when it has
    /// none, or of this length.
    #[must_use]
    pub fn similarity(&self, label: LabelId, query: &Embedding) -> Option<f32> {
        self.read(|current| {
            let gallery = &current?.gallery;
            if gallery.model().dimensions != query.values().len() {
                return None;
            }
            let scan = gallery.rows().scan(query.values());
            scan.nearest(1, |row| gallery.label_of(row) == label).first().map(|hit| hit.similarity)
        })
    }

    /// A label of the gallery in use.
    #[must_use]
    pub fn label(&self, id: LabelId) -> Option<Label> {
        self.read(|current| current?.gallery.label(id).cloned())
    }

    /// How many samples of the model in use a label has, and how well it does with
    /// them.
    #[must_use]
    pub fn standing(&self, label: LabelId) -> (usize, Option<Quality>) {
        self.read(|current| {
            current.map_or((0, None), |current| {
                (current.gallery.sample_count(label), current.gallery.quality(label).cloned())
            })
        })
    }

    /// The gallery in use in figures.
    #[must_use]
    pub fn figures(&self) -> Option<Figures> {
        self.read(|current| {
            let Current { gallery, model_id } = current?;
            Some(Figures {
                model: gallery.model().clone(),
                model_id: model_id.clone(),
                labels: gallery.label_count(),
                samples: gallery.len(),
                current: gallery.is_current(),
                threshold: gallery.calibration().threshold,
            })
        })
    }

    /// How well the gallery does now. Waits for what is still to be learnt.
    pub async fn evaluation(&self) -> Evaluation {
        self.relearn().await;
        self.read(|current| current.map(|current| current.gallery.evaluation().clone()).unwrap_or_default())
    }

    /// All labels, by name.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn labels(&self) -> Result<Vec<Label>, StoreError> {
        self.store.labels().await
    }

    /// For each label that has some: how many of its samples wait for their model.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn ignored_counts(&self) -> Result<HashMap<LabelId, u32>, StoreError> {
        match self.model() {
            Some(model) => self.store.ignored_counts(&model.fingerprint).await,
            None => Ok(HashMap::new()),
        }
    }

    /// Adds a label.
    ///
    /// # Errors
    /// When the name is taken, or SQLite fails.
    pub async fn create_label(
        self: &Arc<Self>,
        name: String,
        kind: LabelKind,
        product: TriggerProduct,
    ) -> Result<Label, StoreError> {
        self.to_the_end(async move |galleries| {
            let label = galleries.store.insert_label(&name, kind, product).await?;
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

    /// Adds all of `samples`, of model `fingerprint`, or none. They are part of
    /// the change `before` if nothing was changed since.
    ///
    /// # Errors
    /// When the model in use has changed, a label is gone, or SQLite fails.
    pub async fn add_samples(
        self: &Arc<Self>,
        fingerprint: String,
        samples: Vec<(NewSample, Views)>,
        before: Option<ChangeId>,
    ) -> Result<Added, AddError> {
        self.to_the_end(async move |galleries| {
            for (_, views) in &samples {
                galleries.check(&fingerprint, views.whole.values().len())?;
            }
            let added = galleries.store.insert_samples(&fingerprint, &samples, before).await?;
            galleries.change(|gallery| {
                for (stored, (_, views)) in added.samples.iter().zip(&samples) {
                    gallery.add_sample(stored.id, stored.label, views);
                }
            });
            tracing::info!(samples = added.samples.len(), "Samples added");
            Ok(added)
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

    /// Gives a sample to another label.
    ///
    /// # Errors
    /// When there is no such sample or label, or SQLite fails.
    pub async fn move_sample(self: &Arc<Self>, id: SampleId, label: LabelId) -> Result<Sample, StoreError> {
        self.to_the_end(async move |galleries| {
            let model = galleries.model().map(|model| model.fingerprint).unwrap_or_default();
            let moved = galleries.store.move_sample(&model, id, label).await?;
            galleries.change(|gallery| gallery.move_sample(id, label));
            tracing::info!(sample = id.get(), label = label.get(), "Sample moved");
            Ok(moved)
        })
        .await
    }

    /// Takes the newest change back that isn't taken back yet; with `only`, if it is
    /// this one.
    ///
    /// # Errors
    /// When there is none or another one, or SQLite fails.
    pub async fn undo_last(self: &Arc<Self>, only: Option<ChangeId>) -> Result<Change, StoreError> {
        self.to_the_end(async move |galleries| {
            let undone = galleries.store.undo_last(only).await?;
            galleries.resync(&undone.labels, &undone.samples).await;
            // What comes back may be from before another model came.
            galleries.embedding_wanted.notify_one();
            tracing::info!(change = undone.change.summary, "Change undone");
            Ok(undone.change)
        })
        .await
    }

    /// Changes, newest first; see [`Store::changes`].
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn changes(&self, before: Option<ChangeId>, limit: u32) -> Result<Vec<Change>, StoreError> {
        self.store.changes(before, limit).await
    }

    /// Erases what was deleted.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn purge_deleted(self: &Arc<Self>) -> Result<Purged, StoreError> {
        let purged = self.to_the_end(async move |galleries| galleries.store.purge_deleted().await).await?;
        tracing::info!(labels = purged.labels, samples = purged.samples, "Deleted things erased");
        // Who reads at the moment (an export) holds the log; it is emptied after that.
        let store = self.store.clone();
        if !store.empty_log().await? {
            tokio::spawn(async move {
                while matches!(store.empty_log().await, Ok(false)) {
                    tokio::time::sleep(LOG_RETRY).await;
                }
            });
        }
        Ok(purged)
    }

    /// Merges an archive into what was taught, as one change; see [`Store::merge`].
    ///
    /// # Errors
    /// When the archive can't be read any more or SQLite fails; nothing was changed
    /// then.
    pub async fn merge(
        self: &Arc<Self>,
        mut archive: Archive,
        keep_pictures: bool,
    ) -> Result<Merged, MergeError> {
        self.to_the_end(async move |galleries| {
            let model = galleries.model().map(|model| model.fingerprint).unwrap_or_default();
            let merged = galleries.store.merge(&mut archive, &model, keep_pictures).await?;
            galleries.resync(&merged.labels, &merged.samples).await;
            galleries.embedding_wanted.notify_one();
            tracing::info!(labels = merged.labels.len(), samples = merged.samples.len(), "Archive merged");
            Ok(merged)
        })
        .await
    }

    /// Brings rows of the gallery in memory to what the database has. If that can't
    /// be read, the gallery is read anew as a whole as soon as it can.
    async fn resync(&self, labels: &[LabelId], samples: &[SampleId]) {
        if let Err(error) = self.try_resync(labels, samples).await {
            tracing::error!(%error, "Gallery in memory is behind the database; it is read anew");
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = None;
            self.set_status(Status::Failed(error.to_string()));
            self.embedding_wanted.notify_one();
        }
    }

    async fn try_resync(&self, labels: &[LabelId], samples: &[SampleId]) -> Result<(), StoreError> {
        let Some(model) = self.model() else { return Ok(()) };
        for id in labels {
            let label = self.store.label(*id).await?;
            self.change(|gallery| match label {
                Some(label) => gallery.put_label(label),
                None => gallery.remove_label(*id),
            });
        }
        for ids in samples.chunks(RESYNC_BATCH) {
            let mut batch = Vec::with_capacity(ids.len());
            for id in ids {
                batch.push((*id, self.store.embedding(&model, *id).await?));
            }
            self.change(|gallery| {
                for (id, sample) in batch {
                    match sample {
                        Some((label, views)) => gallery.add_sample(id, label, &views),
                        None => gallery.remove_sample(id),
                    }
                }
            });
        }
        Ok(())
    }

    /// Runs a change after those before it, and to its end also when the caller
    /// gives up: one that is in the database and not in memory would show only
    /// after a restart.
    async fn to_the_end<T, E, F>(self: &Arc<Self>, change: impl FnOnce(Arc<Self>) -> F) -> Result<T, E>
    where
        T: Send + 'static,
        E: OfStore + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let galleries = Arc::clone(self);
        let change = change(Arc::clone(self));
        let running = tokio::spawn(async move {
            let _changing = galleries.changing.lock().await;
            change.await
        });
        let result = running.await.expect("a change does not panic");
        self.note(&result);
        result
    }

    /// Samples, newest first; see [`Store::samples`].
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

    /// A sample; see [`Store::sample`].
    ///
    /// # Errors
    /// When there is no such sample, or SQLite fails.
    pub async fn sample(&self, id: SampleId, with_picture: bool) -> Result<Sample, StoreError> {
        let model = self.model().map(|model| model.fingerprint).unwrap_or_default();
        self.store.sample(&model, id, with_picture).await
    }

    /// The embedding of a sample that counts.
    #[must_use]
    pub fn embedding_of(&self, id: SampleId) -> Option<(ModelKey, Vec<f32>)> {
        self.look(|gallery| {
            let values = gallery.embedding(gallery.row_of(id)?).to_vec();
            Some((gallery.model().clone(), values))
        })?
    }

    /// The database, for what only reads.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What `read` takes from the gallery in use; a short look, as changes wait for
    /// it. `None` when no model was seen yet.
    pub(crate) fn look<T>(&self, read: impl FnOnce(&Gallery) -> T) -> Option<T> {
        self.read(|current| current.map(|current| read(&current.gallery)))
    }

    fn read<T>(&self, read: impl FnOnce(Option<&Current>) -> T) -> T {
        read(self.current.read().unwrap_or_else(PoisonError::into_inner).as_ref())
    }

    fn change(&self, change: impl FnOnce(&mut Gallery)) {
        if let Some(current) = self.current.write().unwrap_or_else(PoisonError::into_inner).as_mut() {
            change(&mut current.gallery);
            current.gallery.settle();
            metrics::gauge!("mirror_gallery_samples").set(current.gallery.len() as f64);
            if !current.gallery.is_current() {
                self.learning_wanted.notify_one();
            }
            self.changed.send_replace(());
        }
    }
}

/// The gallery in use in figures.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Its model.
    pub model: ModelKey,
    /// The model's name.
    pub model_id: String,
    /// How many labels.
    pub labels: usize,
    /// How many samples.
    pub samples: usize,
    /// Whether what was learnt is of the samples as they are.
    pub current: bool,
    /// The least confidence with which a label is said.
    pub threshold: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognition::Outcome;
    use crate::store::tests::{on_all_connections, store};

    fn model(name: &str) -> StoredModel {
        let key = ModelKey { fingerprint: name.to_owned(), dimensions: 2 };
        StoredModel { key, id: name.to_owned(), probes: Vec::new() }
    }

    fn sample(label: LabelId, values: [f32; 2]) -> (NewSample, Views) {
        (NewSample { label, picture: None }, Embedding::new(values.to_vec()).unwrap().into())
    }

    async fn label(galleries: &Arc<Galleries>, name: &str) -> LabelId {
        galleries.create_label(name.to_owned(), LabelKind::Product, "".into()).await.unwrap().id
    }

    fn outcome(galleries: &Galleries, values: [f32; 2]) -> Outcome {
        galleries.recognise("a", &Embedding::new(values.to_vec()).unwrap()).unwrap().outcome
    }

    #[tokio::test]
    async fn each_model_has_its_own_gallery() {
        let (_folder, store) = store().await;
        let galleries = Arc::new(Galleries::open(store, 0.01).await.unwrap());
        assert!(matches!(galleries.check("a", 2), Err(ForeignEmbedding::NoModel)));
        galleries.use_model(model("a")).await.unwrap();
        let hat = label(&galleries, "Hat").await;
        galleries.add_samples("a".to_owned(), vec![sample(hat, [1.0, 0.0])], None).await.unwrap();
        assert_eq!(galleries.standing(hat).0, 1);

        galleries.use_model(model("b")).await.unwrap();
        assert_eq!(galleries.standing(hat).0, 0);
        assert_eq!(galleries.ignored_counts().await.unwrap(), HashMap::from([(hat, 1)]));
        let foreign = galleries.add_samples("a".to_owned(), vec![sample(hat, [1.0, 0.0])], None).await;
        assert!(matches!(foreign, Err(AddError::Foreign(ForeignEmbedding::Model { .. }))));
        assert!(matches!(galleries.check("b", 3), Err(ForeignEmbedding::Dimensions { got: 3, expected: 2 })));

        galleries.use_model(model("a")).await.unwrap();
        assert_eq!(galleries.standing(hat).0, 1);
    }

    #[tokio::test]
    async fn what_was_taught_is_recognised_after_a_restart_and_before_inference_is_there() {
        let (folder, store) = store().await;
        let galleries = Arc::new(Galleries::open(store, 0.01).await.unwrap());
        galleries.use_model(model("a")).await.unwrap();
        let hat = label(&galleries, "Hat").await;
        galleries.add_samples("a".to_owned(), vec![sample(hat, [1.0, 0.0])], None).await.unwrap();
        drop(galleries);
        let store = Store::open(folder.path()).await.unwrap();
        let galleries = Galleries::open(store, 0.01).await.unwrap();
        assert_eq!(outcome(&galleries, [1.0, 0.0]), Outcome::Known(hat));
        assert!(galleries.figures().unwrap().current);
    }

    #[tokio::test]
    async fn a_database_that_can_not_be_written_is_told_until_it_can() {
        let (_folder, store) = store().await;
        let galleries = Arc::new(Galleries::open(store.clone(), 0.01).await.unwrap());
        let mut told = galleries.unwritable();
        label(&galleries, "Hat").await;
        on_all_connections(&store, "PRAGMA query_only = ON").await;
        galleries.create_label("Cap".to_owned(), LabelKind::Product, "".into()).await.unwrap_err();
        assert!(told.borrow_and_update().as_ref().is_some_and(|why| why.contains("can't be written")));
        on_all_connections(&store, "PRAGMA query_only = OFF").await;
        tokio::time::timeout(Duration::from_secs(60), told.wait_for(Option::is_none)).await.unwrap().unwrap();
        // What was asked wrongly is no trouble of the database.
        galleries.create_label("Hat".to_owned(), LabelKind::Product, "".into()).await.unwrap_err();
        assert_eq!(*told.borrow(), None);
        label(&galleries, "Cap").await;
    }

    #[tokio::test]
    async fn memory_follows_every_kind_of_undo() {
        let (_folder, store) = store().await;
        let galleries = Arc::new(Galleries::open(store, 0.01).await.unwrap());
        galleries.use_model(model("a")).await.unwrap();
        let (hat, cap) = (label(&galleries, "Hat").await, label(&galleries, "Cap").await);
        let samples = vec![sample(hat, [1.0, 0.0]), sample(cap, [0.0, 1.0])];
        let added = galleries.add_samples("a".to_owned(), samples, None).await.unwrap();
        galleries.move_sample(added.samples[0].id, cap).await.unwrap();
        assert_eq!(galleries.standing(cap).0, 2);
        galleries.delete_sample(added.samples[1].id).await.unwrap();
        galleries.delete_label(cap).await.unwrap();
        assert_eq!(outcome(&galleries, [1.0, 0.0]), Outcome::Untrained);

        galleries.undo_last(None).await.unwrap();
        assert_eq!((galleries.label(cap).unwrap().name.as_str(), galleries.standing(cap).0), ("Cap", 1));
        galleries.undo_last(None).await.unwrap();
        assert_eq!(galleries.standing(cap).0, 2);
        galleries.undo_last(None).await.unwrap();
        assert_eq!((galleries.standing(hat).0, galleries.standing(cap).0), (1, 1));
        assert_eq!(outcome(&galleries, [1.0, 0.0]), Outcome::Known(hat));
        galleries.undo_last(None).await.unwrap();
        assert_eq!(galleries.figures().unwrap().samples, 0);
        galleries.undo_last(None).await.unwrap();
        galleries.undo_last(None).await.unwrap();
        assert!(galleries.label(hat).is_none());
        assert!(matches!(galleries.undo_last(None).await, Err(StoreError::NothingToUndo)));
    }
}
