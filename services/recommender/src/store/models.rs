//! The table `models`: whose embeddings are stored.

use sqlx::Row as _;

use super::{Store, StoreError, now_micros};
use crate::recognition::ModelKey;

impl Store {
    /// The model used last; `None` before the first.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn last_model(&self) -> Result<Option<ModelKey>, StoreError> {
        let row =
            sqlx::query("SELECT fingerprint, dimensions FROM models ORDER BY last_used_at DESC LIMIT 1")
                .fetch_optional(&self.pool)
                .await?;
        let key = |row: sqlx::sqlite::SqliteRow| -> Result<ModelKey, StoreError> {
            let dimensions: u32 = row.try_get("dimensions")?;
            Ok(ModelKey { fingerprint: row.try_get("fingerprint")?, dimensions: dimensions as usize })
        };
        row.map(key).transpose()
    }

    /// Notes that `model` is in use now.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn use_model(&self, model: &ModelKey, id: &str) -> Result<(), StoreError> {
        let upsert = "INSERT INTO models (fingerprint, id, dimensions, last_used_at) VALUES (?, ?, ?, ?)
                      ON CONFLICT (fingerprint) DO UPDATE SET last_used_at = excluded.last_used_at";
        sqlx::query(upsert)
            .bind(&model.fingerprint)
            .bind(id)
            .bind(i64::try_from(model.dimensions).expect("at most 8192"))
            .bind(now_micros())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::store;
    use super::*;

    #[tokio::test]
    async fn the_model_used_last_is_known_after_a_restart() {
        let (folder, store) = store().await;
        assert_eq!(store.last_model().await.unwrap(), None);
        let [a, b] = ["a", "b"].map(|name| ModelKey { fingerprint: name.to_owned(), dimensions: 3 });
        store.use_model(&a, "a").await.unwrap();
        store.use_model(&b, "b").await.unwrap();
        store.use_model(&a, "a").await.unwrap();
        store.close().await;
        let store = Store::open(folder.path()).await.unwrap();
        assert_eq!(store.last_model().await.unwrap(), Some(a));
    }
}
