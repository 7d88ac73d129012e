//! The database as a whole: reading all of it at one moment for an export, and
//! merging an archive into it.

use std::collections::{HashMap, HashSet};

use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, Sqlite, SqliteConnection, Transaction};

use super::changes::{ChangeKind, record};
use super::models::{StoredModel, upsert};
use super::samples::{NewSample, insert};
use super::{Store, StoreError, labels, samples};
use crate::dataset::archive::{Archive, ArchiveError, SampleData};
use crate::recognition::{Label, LabelId, ModelKey, SampleId, Views};

/// Everything as it was at one moment, whatever is written meanwhile.
#[derive(Debug)]
pub struct Snapshot {
    transaction: Transaction<'static, Sqlite>,
}

/// What there is.
#[derive(Debug)]
pub struct Contents {
    /// The models that have seen samples.
    pub models: Vec<StoredModel>,
    /// The labels, by name.
    pub labels: Vec<Label>,
    /// The samples, oldest first.
    pub samples: Vec<StoredSample>,
}

/// A stored sample without its data.
#[derive(Debug)]
pub struct StoredSample {
    /// Its number.
    pub id: SampleId,
    /// Its label.
    pub label: LabelId,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Whether a picture is kept.
    pub has_picture: bool,
    /// For each model that has seen it: its fingerprint, and how many views.
    pub rows: Vec<(String, u64)>,
}

impl Snapshot {
    /// What there is.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn contents(&mut self) -> Result<Contents, StoreError> {
        let select = "SELECT fingerprint, id, dimensions FROM models m
                      WHERE EXISTS (SELECT 1 FROM embeddings e JOIN samples s ON s.id = e.sample_id
                                    WHERE e.model_fingerprint = m.fingerprint AND e.views IS NOT NULL
                                      AND s.deleted_by IS NULL)
                      ORDER BY fingerprint";
        let mut models = Vec::new();
        for row in sqlx::query(select).fetch_all(&mut *self.transaction).await? {
            let dimensions: u32 = row.try_get("dimensions")?;
            let key = ModelKey { fingerprint: row.try_get("fingerprint")?, dimensions: dimensions as usize };
            models.push(StoredModel { key, id: row.try_get("id")?, probes: Vec::new() });
        }
        let bytes: HashMap<&str, u64> =
            models.iter().map(|m| (m.key.fingerprint.as_str(), 4 * m.key.dimensions as u64)).collect();
        let labels = labels::all(&mut self.transaction).await?;
        let select = "SELECT s.id, s.label_id, s.created_at, p.sample_id IS NOT NULL AS has_picture
                      FROM samples s LEFT JOIN pictures p ON p.sample_id = s.id
                      WHERE s.deleted_by IS NULL ORDER BY s.id";
        let mut samples = Vec::new();
        let mut places = HashMap::new();
        for row in sqlx::query(select).fetch_all(&mut *self.transaction).await? {
            let (id, label) = samples::ids(&row)?;
            places.insert(id, samples.len());
            let (created_at, has_picture) = (row.try_get("created_at")?, row.try_get("has_picture")?);
            samples.push(StoredSample { id, label, created_at, has_picture, rows: Vec::new() });
        }
        let select = "SELECT sample_id, model_fingerprint, LENGTH(views) AS bytes FROM embeddings
                      WHERE views IS NOT NULL ORDER BY sample_id, model_fingerprint";
        for row in sqlx::query(select).fetch_all(&mut *self.transaction).await? {
            let model: String = row.try_get("model_fingerprint")?;
            let place = SampleId::new(row.try_get("sample_id")?).and_then(|id| places.get(&id));
            if let (Some(place), Some(length)) = (place, bytes.get(model.as_str())) {
                let count = u64::try_from(row.try_get::<i64, _>("bytes")?).unwrap_or(0) / length;
                samples[*place].rows.push((model, count));
            }
        }
        Ok(Contents { models, labels, samples })
    }

    /// What a model sees in a sample: 32-bit floats, little-endian, one view after
    /// the other.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn views(&mut self, sample: SampleId, model: &str) -> Result<Vec<u8>, StoreError> {
        let select = "SELECT views FROM embeddings WHERE sample_id = ? AND model_fingerprint = ?";
        let select = sqlx::query_scalar(select).bind(sample.get()).bind(model);
        Ok(select.fetch_one(&mut *self.transaction).await?)
    }

    /// A sample's picture.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn picture(&mut self, sample: SampleId) -> Result<Option<Vec<u8>>, StoreError> {
        let select = "SELECT jpeg FROM pictures WHERE sample_id = ?";
        Ok(sqlx::query_scalar(select).bind(sample.get()).fetch_optional(&mut *self.transaction).await?)
    }
}

/// What a merge has brought.
#[derive(Debug, Default)]
pub struct Merged {
    /// New labels.
    pub labels: Vec<LabelId>,
    /// New samples.
    pub samples: Vec<SampleId>,
    /// How many samples the labels had already.
    pub known: u32,
    /// New samples that the model in use has not seen, and will from their
    /// pictures.
    pub pending: u32,
    /// New samples that wait for their model.
    pub ignored: u32,
}

/// A merge failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The archive can't be read any more.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The database didn't take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Everything as it is now.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // SQLite takes its snapshot with the first read.
        sqlx::query("SELECT 1 FROM labels LIMIT 1").fetch_optional(&mut *transaction).await?;
        Ok(Snapshot { transaction })
    }

    /// Merges an archive, as one change: a label that is there by name stays as it
    /// is and gets the samples that it doesn't have; others are created. `model` is
    /// the one in use; without `keep_pictures` only those pictures are kept that it
    /// has not seen yet.
    ///
    /// # Errors
    /// When the archive can't be read any more or SQLite fails; nothing is changed
    /// then.
    pub async fn merge(
        &self,
        archive: &mut Archive,
        model: &str,
        keep_pictures: bool,
    ) -> Result<Merged, MergeError> {
        let mut transaction = self.write().await?;
        let change = record(&mut transaction, ChangeKind::Import, "", None).await?;
        let mut merged = Merged::default();
        for model in &archive.models {
            upsert(&mut transaction, model, None).await?;
            let here = "SELECT dimensions FROM models WHERE fingerprint = ?";
            let here = sqlx::query_scalar(here).bind(&model.key.fingerprint).fetch_one(&mut *transaction);
            let here: u32 = here.await.map_err(StoreError::from)?;
            if here as usize != model.key.dimensions {
                let why = format!("model '{}' has {here} dimensions here", model.key.fingerprint);
                return Err(ArchiveError::Index(why).into());
            }
        }
        let mut places = Vec::with_capacity(archive.labels.len());
        let mut known = HashMap::new();
        for label in &archive.labels {
            let id = match labels::by_name(&mut transaction, &label.name).await? {
                Some(id) => {
                    known.insert(id, marks_of(&mut transaction, id).await?);
                    id
                }
                None => {
                    let new = labels::insert(
                        &mut transaction,
                        &label.name,
                        label.kind,
                        label.product.clone(),
                        change,
                    );
                    let id = new.await?.id;
                    merged.labels.push(id);
                    id
                }
            };
            places.push(id);
        }
        for number in 0..archive.samples.len() {
            let label = places[archive.samples[number].label];
            let created_at = archive.samples[number].created_at;
            let SampleData { picture, views } = archive.read_sample(number)?;
            let seen = views.iter().any(|(place, _)| archive.models[*place].key.fingerprint == model);
            let picture = picture.filter(|_| keep_pictures || !seen);
            let views: Vec<_> =
                views.iter().map(|(place, views)| (&archive.models[*place].key.fingerprint, views)).collect();
            let marks =
                marks(picture.as_deref(), views.iter().map(|(model, views)| (model.as_str(), *views)));
            let before = known.entry(label).or_default();
            if marks.iter().any(|mark| before.contains(mark)) {
                merged.known += 1;
                continue;
            }
            before.extend(marks);
            if !views.iter().any(|(of, _)| *of == model) {
                *if picture.is_some() { &mut merged.pending } else { &mut merged.ignored } += 1;
            }
            let sample = NewSample { label, picture };
            merged.samples.push(insert(&mut transaction, &sample, &views, created_at, change).await?.id);
        }
        if merged.labels.is_empty() && merged.samples.is_empty() {
            transaction.rollback().await.map_err(StoreError::from)?;
            return Ok(merged);
        }
        let summary =
            format!("Import: {} labels and {} samples added", merged.labels.len(), merged.samples.len());
        let update = sqlx::query("UPDATE changes SET summary = ?1 WHERE id = ?2").bind(summary).bind(change);
        update.execute(&mut *transaction).await.map_err(StoreError::from)?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(merged)
    }
}

/// What a sample is known again by: its picture, and what each model sees in it.
type Mark = [u8; 32];

fn marks<'a>(picture: Option<&[u8]>, views: impl Iterator<Item = (&'a str, &'a Views)>) -> Vec<Mark> {
    let picture = picture.map(|picture| mark("", picture));
    picture.into_iter().chain(views.map(|(model, views)| mark(model, &views.whole.to_bytes()))).collect()
}

fn mark(model: &str, bytes: &[u8]) -> Mark {
    Sha256::new().chain_update(model).chain_update([0]).chain_update(bytes).finalize().into()
}

async fn marks_of(connection: &mut SqliteConnection, label: LabelId) -> Result<HashSet<Mark>, StoreError> {
    let mut found = HashSet::new();
    let select = "SELECT p.jpeg FROM samples s JOIN pictures p ON p.sample_id = s.id
                  WHERE s.label_id = ? AND s.deleted_by IS NULL";
    let mut rows = sqlx::query(select).bind(label.get()).fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        found.insert(mark("", row.try_get("jpeg")?));
    }
    drop(rows);
    let select = "SELECT e.model_fingerprint, m.dimensions, e.views
                  FROM samples s JOIN embeddings e ON e.sample_id = s.id
                  JOIN models m ON m.fingerprint = e.model_fingerprint
                  WHERE s.label_id = ? AND s.deleted_by IS NULL AND e.views IS NOT NULL";
    let mut rows = sqlx::query(select).bind(label.get()).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let views: &[u8] = row.try_get("views")?;
        let whole = views.get(..4 * row.try_get::<u32, _>("dimensions")? as usize).unwrap_or(views);
        found.insert(mark(row.try_get("model_fingerprint")?, whole));
    }
    Ok(found)
}
