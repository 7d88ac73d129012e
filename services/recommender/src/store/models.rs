//! The table `models`: whose embeddings are stored.

use sqlx::{Row as _, SqliteConnection};

use super::{Store, StoreError, now_micros};
use crate::recognition::{Embedding, ModelKey};

/// A model that embeddings are stored of.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredModel {
    /// Which one.
    pub key: ModelKey,
    /// Its name.
    pub id: String,
    /// Its embeddings of pictures that show nothing in particular.
    pub probes: Vec<Embedding>,
}

impl Store {
    /// The model used last; `None` before the first.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn last_model(&self) -> Result<Option<StoredModel>, StoreError> {
        let select = "SELECT fingerprint, id, dimensions, probes FROM models WHERE last_used_at > 0
                      ORDER BY last_used_at DESC LIMIT 1";
        let Some(row) = sqlx::query(select).fetch_optional(&self.pool).await? else { return Ok(None) };
        let dimensions: u32 = row.try_get("dimensions")?;
        let key = ModelKey { fingerprint: row.try_get("fingerprint")?, dimensions: dimensions as usize };
        let probes: Option<&[u8]> = row.try_get("probes")?;
        let probes = probes.unwrap_or_default().chunks_exact(key.dimensions * size_of::<f32>());
        // Damaged ones are missing until the service that has them is there.
        let probes = probes.filter_map(|bytes| Embedding::from_bytes(bytes).ok()).collect();
        Ok(Some(StoredModel { key, id: row.try_get("id")?, probes }))
    }

    /// Notes that `model` is in use now.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn use_model(
        &self,
        model: &ModelKey,
        id: &str,
        probes: &[Embedding],
    ) -> Result<(), StoreError> {
        let model = StoredModel { key: model.clone(), id: id.to_owned(), probes: probes.to_vec() };
        upsert(&mut *self.pool.acquire().await?, &model, Some(now_micros())).await
    }
}

/// Stores a model that is used at that time, or one that is only known of.
pub(super) async fn upsert(
    connection: &mut SqliteConnection,
    model: &StoredModel,
    used_at: Option<i64>,
) -> Result<(), StoreError> {
    let upsert = "INSERT INTO models (fingerprint, id, dimensions, last_used_at, probes)
                  VALUES (?1, ?2, ?3, COALESCE(?4, 0), ?5)
                  ON CONFLICT (fingerprint) DO UPDATE
                  SET last_used_at = ?4, id = excluded.id, dimensions = excluded.dimensions,
                      probes = excluded.probes
                  WHERE ?4 IS NOT NULL";
    sqlx::query(upsert)
        .bind(&model.key.fingerprint)
        .bind(&model.id)
        .bind(i64::try_from(model.key.dimensions).expect("at most 8192"))
        .bind(used_at)
        .bind(model.probes.iter().flat_map(Embedding::to_bytes).collect::<Vec<u8>>())
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::store;
    use super::*;

    #[tokio::test]
    async fn the_model_used_last_is_known_after_a_restart() {
        let (folder, store) = store().await;
        assert_eq!(store.last_model().await.unwrap(), None);
        let probes =
            vec![Embedding::new(vec![0.6, 0.8, 0.0]).unwrap(), Embedding::new(vec![1.0, 0.0, 0.0]).unwrap()];
        let [a, b] = ["a", "b"].map(|name| ModelKey { fingerprint: name.to_owned(), dimensions: 3 });
        store.use_model(&a, "a", &probes).await.unwrap();
        store.use_model(&b, "b", &[]).await.unwrap();
        store.use_model(&a, "a", &probes).await.unwrap();
        store.close().await;
        let store = Store::open(folder.path()).await.unwrap();
        let expected = StoredModel { key: a, id: "a".to_owned(), probes };
        assert_eq!(store.last_model().await.unwrap(), Some(expected));
    }
}
