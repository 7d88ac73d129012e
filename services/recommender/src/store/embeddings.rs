//! The table `embeddings`: what each model sees in each sample.

use futures::TryStreamExt as _;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::samples::ids;
use super::{Store, StoreError};
use crate::recognition::{LabelId, ModelKey, SampleId, Views};

impl Store {
    /// Every sample that `model` has embedded, oldest first. One whose embedding
    /// is damaged is left out and logged.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn embeddings(&self, model: &ModelKey) -> Result<Vec<(SampleId, LabelId, Views)>, StoreError> {
        let select = "SELECT s.id, s.label_id, e.views FROM embeddings e JOIN samples s ON s.id = e.sample_id
                      WHERE e.model_fingerprint = ? AND e.views IS NOT NULL AND s.deleted_by IS NULL
                      ORDER BY s.id";
        let mut rows = sqlx::query(select).bind(&model.fingerprint).fetch(&self.pool);
        let mut embeddings = Vec::new();
        while let Some(row) = rows.try_next().await? {
            embeddings.extend(embedding(&row, model)?);
        }
        Ok(embeddings)
    }

    /// A sample with its label and what `model` sees in it; `None` for one that
    /// isn't there or that it hasn't embedded.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn embedding(
        &self,
        model: &ModelKey,
        sample: SampleId,
    ) -> Result<Option<(LabelId, Views)>, StoreError> {
        let select = "SELECT s.id, s.label_id, e.views FROM samples s JOIN embeddings e ON e.sample_id = s.id
                      WHERE s.id = ? AND s.deleted_by IS NULL AND e.model_fingerprint = ?
                        AND e.views IS NOT NULL";
        let select = sqlx::query(select).bind(sample.get()).bind(&model.fingerprint);
        let Some(row) = select.fetch_optional(&self.pool).await? else { return Ok(None) };
        Ok(embedding(&row, model)?.map(|(_, label, views)| (label, views)))
    }

    /// Samples with a picture that `model` has not embedded yet.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn pending(&self, model: &str) -> Result<Vec<SampleId>, StoreError> {
        let select = "SELECT s.id FROM samples s JOIN pictures p ON p.sample_id = s.id
                      WHERE s.deleted_by IS NULL
                        AND NOT EXISTS (SELECT 1 FROM embeddings e
                                        WHERE e.sample_id = s.id AND e.model_fingerprint = ?)
                      ORDER BY s.id";
        let ids: Vec<i64> = sqlx::query_scalar(select).bind(model).fetch_all(&self.pool).await?;
        Ok(ids.into_iter().filter_map(SampleId::new).collect())
    }

    /// Stores what `model` sees in a sample's picture; `None` when it could not be
    /// embedded, so that it is not tried again. Of a sample that was erased in
    /// the meantime nothing is stored.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn put_embedding(
        &self,
        model: &str,
        sample: SampleId,
        views: Option<&Views>,
    ) -> Result<(), StoreError> {
        let insert = "INSERT OR REPLACE INTO embeddings (sample_id, model_fingerprint, views)
                      SELECT id, ?2, ?3 FROM samples WHERE id = ?1";
        let insert = sqlx::query(insert).bind(sample.get()).bind(model).bind(views.map(Views::to_bytes));
        insert.execute(&self.pool).await?;
        Ok(())
    }
}

/// `None`, and a line in the log, for one that is damaged.
fn embedding(row: &SqliteRow, model: &ModelKey) -> Result<Option<(SampleId, LabelId, Views)>, StoreError> {
    let (id, label) = ids(row)?;
    let views = Views::from_bytes(row.try_get("views")?, model.dimensions);
    if views.is_none() {
        tracing::error!(sample = id.get(), "Stored embedding is damaged; the sample is not used");
    }
    Ok(views.map(|views| (id, label, views)))
}
