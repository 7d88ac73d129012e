//! The tables `samples` and `pictures`.

use std::time::SystemTime;

use futures::TryStreamExt as _;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, from_micros, now_micros};
use crate::recognition::{Embedding, LabelId, SampleId};

/// A sample that is to be stored.
#[derive(Debug)]
pub struct NewSample {
    /// Its label.
    pub label: LabelId,
    /// Its embedding.
    pub embedding: Embedding,
    /// The small picture to keep with it, a JPEG.
    pub picture: Option<Vec<u8>>,
}

/// A stored sample without its embedding.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its number.
    pub id: SampleId,
    /// Its label.
    pub label: LabelId,
    /// When it was stored.
    pub created_at: SystemTime,
    /// The kept picture, when it was asked for and there is one.
    pub picture: Option<Vec<u8>>,
}

impl Store {
    /// Stores all of `samples` or none. When this returns they are on disk.
    ///
    /// # Errors
    /// When a label isn't there any more, or SQLite fails.
    pub async fn insert_samples(
        &self,
        model: &str,
        samples: &[NewSample],
    ) -> Result<Vec<Sample>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let created_at = now_micros();
        let mut stored = Vec::with_capacity(samples.len());
        for sample in samples {
            let insert = "INSERT INTO samples (label_id, model_fingerprint, embedding, created_at) VALUES (?, ?, ?, ?)";
            let done = sqlx::query(insert)
                .bind(sample.label.get())
                .bind(model)
                .bind(sample.embedding.to_bytes())
                .bind(created_at)
                .execute(&mut *transaction)
                .await
                .map_err(|error| label_gone(error, sample.label))?;
            let id = done.last_insert_rowid();
            if let Some(picture) = &sample.picture {
                sqlx::query("INSERT INTO pictures (sample_id, jpeg) VALUES (?, ?)")
                    .bind(id)
                    .bind(picture)
                    .execute(&mut *transaction)
                    .await?;
            }
            stored.push(Sample {
                id: SampleId::new(id).expect("SQLite numbers rows from 1"),
                label: sample.label,
                created_at: from_micros(created_at),
                picture: None,
            });
        }
        transaction.commit().await?;
        Ok(stored)
    }

    /// Samples of `model` and, if given, `label`, newest first: at most
    /// `limit`, from those older than `before`.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn samples(
        &self,
        model: &str,
        label: Option<LabelId>,
        before: Option<SampleId>,
        limit: u32,
        with_pictures: bool,
    ) -> Result<Vec<Sample>, StoreError> {
        let select = "SELECT s.id, s.label_id, s.created_at, CASE WHEN ?5 THEN p.jpeg END AS jpeg
                      FROM samples s LEFT JOIN pictures p ON p.sample_id = s.id
                      WHERE s.model_fingerprint = ?1 AND (?2 IS NULL OR s.label_id = ?2) AND s.id < ?3
                      ORDER BY s.id DESC LIMIT ?4";
        let rows = sqlx::query(select)
            .bind(model)
            .bind(label.map(LabelId::get))
            .bind(before.map_or(i64::MAX, SampleId::get))
            .bind(limit)
            .bind(with_pictures)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(sample).collect()
    }

    /// Every sample of `model` with its embedding, oldest first. One whose
    /// embedding is damaged or not `dimensions` long is left out and logged.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn embeddings(
        &self,
        model: &str,
        dimensions: usize,
    ) -> Result<Vec<(SampleId, LabelId, Embedding)>, StoreError> {
        let select = "SELECT id, label_id, embedding FROM samples WHERE model_fingerprint = ? ORDER BY id";
        let mut rows = sqlx::query(select).bind(model).fetch(&self.pool);
        let mut embeddings = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let (id, label) = ids(&row)?;
            match Embedding::from_bytes(row.try_get("embedding")?) {
                Ok(embedding) if embedding.values().len() == dimensions => {
                    embeddings.push((id, label, embedding))
                }
                _ => {
                    tracing::error!(sample = id.get(), "Stored embedding is damaged; the sample is not used")
                }
            }
        }
        Ok(embeddings)
    }

    /// Deletes a sample and its picture.
    ///
    /// # Errors
    /// When there is no such sample, or SQLite fails.
    pub async fn delete_sample(&self, id: SampleId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM samples WHERE id = ?").bind(id.get()).execute(&self.pool).await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "sample", id: id.get() });
        }
        Ok(())
    }
}

fn label_gone(error: sqlx::Error, label: LabelId) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.is_foreign_key_violation() => {
            StoreError::NotFound { what: "label", id: label.get() }
        }
        _ => error.into(),
    }
}

fn ids(row: &SqliteRow) -> Result<(SampleId, LabelId), StoreError> {
    let sample = SampleId::new(row.try_get("id")?).expect("AUTOINCREMENT numbers rows from 1");
    let label = LabelId::new(row.try_get("label_id")?).expect("a foreign key to a row's number");
    Ok((sample, label))
}

fn sample(row: &SqliteRow) -> Result<Sample, StoreError> {
    let (id, label) = ids(row)?;
    let created_at = from_micros(row.try_get("created_at")?);
    Ok(Sample { id, label, created_at, picture: row.try_get("jpeg")? })
}

#[cfg(test)]
mod tests {
    use super::super::tests::store;
    use super::*;
    use crate::recognition::{LabelKind, ModelKey};

    fn new(label: LabelId, values: &[f32], picture: Option<&[u8]>) -> NewSample {
        NewSample {
            label,
            embedding: Embedding::new(values.to_vec()).unwrap(),
            picture: picture.map(<[u8]>::to_vec),
        }
    }

    async fn taught() -> (tempfile::TempDir, Store, LabelId) {
        let (folder, store) = store().await;
        let model = ModelKey { fingerprint: "m".to_owned(), dimensions: 2 };
        store.use_model(&model, "m").await.unwrap();
        let label = store.insert_label("Hat", LabelKind::Product, "").await.unwrap().id;
        let samples = [new(label, &[1.0, 0.0], Some(b"jpeg")), new(label, &[0.6, 0.8], None)];
        store.insert_samples("m", &samples).await.unwrap();
        (folder, store, label)
    }

    #[tokio::test]
    async fn what_was_acknowledged_is_there_after_a_restart_without_a_clean_stop() {
        let (folder, store, label) = taught().await;
        // A second opening while the first is still open is what a restart
        // after kill -9 sees: the log is not folded in.
        let again = Store::open(folder.path()).await.unwrap();
        let embeddings = again.embeddings("m", 2).await.unwrap();
        assert_eq!(embeddings.len(), 2);
        assert_eq!((embeddings[1].1, embeddings[1].2.values()), (label, [0.6, 0.8].as_slice()));
        drop(store);
    }

    #[tokio::test]
    async fn pages_are_newest_first_and_pictures_come_when_asked_for() {
        let (_folder, store, label) = taught().await;
        let first = store.samples("m", Some(label), None, 1, true).await.unwrap();
        assert!(first[0].picture.is_none());
        let second = store.samples("m", None, Some(first[0].id), 5, true).await.unwrap();
        assert_eq!(second.len(), 1);
        assert_eq!(second[0].picture.as_deref(), Some(b"jpeg".as_slice()));
        assert!(store.samples("m", None, None, 5, false).await.unwrap()[1].picture.is_none());
        assert!(store.samples("another", None, None, 5, false).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn all_samples_of_a_call_are_stored_or_none() {
        let (_folder, store, label) = taught().await;
        let gone = LabelId::new(999).unwrap();
        let error =
            store.insert_samples("m", &[new(label, &[1.0, 0.0], None), new(gone, &[1.0, 0.0], None)]).await;
        assert!(matches!(error, Err(StoreError::NotFound { what: "label", id: 999 })));
        assert_eq!(store.embeddings("m", 2).await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_label_takes_its_samples_and_pictures_with_it() {
        let (_folder, store, label) = taught().await;
        assert_eq!(store.delete_label(label).await.unwrap(), 2);
        assert!(store.embeddings("m", 2).await.unwrap().is_empty());
        let pictures: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM pictures").fetch_one(&store.pool).await.unwrap();
        assert_eq!(pictures, 0);
    }
}
