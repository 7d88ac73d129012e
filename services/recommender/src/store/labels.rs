//! The table `labels`.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, now_micros};
use crate::recognition::{Label, LabelId, LabelKind};

/// What UpdateLabel changes; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct LabelChange {
    /// The new name.
    pub name: Option<String>,
    /// The new kind.
    pub kind: Option<LabelKind>,
    /// The new trigger product.
    pub product_id: Option<String>,
}

impl Store {
    /// All labels, by name.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn labels(&self) -> Result<Vec<Label>, StoreError> {
        let rows = sqlx::query("SELECT id, name, kind, product_id FROM labels ORDER BY name_key")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(label).collect()
    }

    /// Adds a label.
    ///
    /// # Errors
    /// When the name is taken, or SQLite fails.
    pub async fn insert_label(
        &self,
        name: &str,
        kind: LabelKind,
        product_id: &str,
    ) -> Result<Label, StoreError> {
        let insert =
            "INSERT INTO labels (name, name_key, kind, product_id, created_at) VALUES (?, ?, ?, ?, ?)";
        let done = sqlx::query(insert)
            .bind(name)
            .bind(name.to_lowercase())
            .bind(kind_text(kind))
            .bind(product_id)
            .bind(now_micros())
            .execute(&self.pool)
            .await
            .map_err(|error| name_taken(error, name))?;
        let id = LabelId::new(done.last_insert_rowid()).expect("SQLite numbers rows from 1");
        Ok(Label { id, name: name.to_owned(), kind, product_id: product_id.to_owned() })
    }

    /// Changes a label; the answer is the label as it is then.
    ///
    /// # Errors
    /// When there is no such label, the name is taken, or SQLite fails.
    pub async fn update_label(&self, id: LabelId, change: LabelChange) -> Result<Label, StoreError> {
        let update = "UPDATE labels SET name = COALESCE(?2, name), name_key = COALESCE(?3, name_key),
                          kind = COALESCE(?4, kind), product_id = COALESCE(?5, product_id)
                      WHERE id = ?1
                      RETURNING id, name, kind, product_id";
        let name = change.name.as_deref();
        let row = sqlx::query(update)
            .bind(id.get())
            .bind(name)
            .bind(name.map(str::to_lowercase))
            .bind(change.kind.map(kind_text))
            .bind(change.product_id.as_deref())
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| name_taken(error, name.unwrap_or_default()))?;
        label(&row.ok_or(StoreError::NotFound { what: "label", id: id.get() })?)
    }

    /// Deletes a label with all its samples, of any model; the answer is how
    /// many samples those were.
    ///
    /// # Errors
    /// When there is no such label, or SQLite fails.
    pub async fn delete_label(&self, id: LabelId) -> Result<u32, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // The samples go with the label by the foreign key.
        let samples: u32 = sqlx::query_scalar("SELECT COUNT(*) FROM samples WHERE label_id = ?")
            .bind(id.get())
            .fetch_one(&mut *transaction)
            .await?;
        let done =
            sqlx::query("DELETE FROM labels WHERE id = ?").bind(id.get()).execute(&mut *transaction).await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "label", id: id.get() });
        }
        transaction.commit().await?;
        Ok(samples)
    }
}

fn name_taken(error: sqlx::Error, name: &str) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => {
            StoreError::NameTaken(name.to_owned())
        }
        _ => error.into(),
    }
}

fn kind_text(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Product => "PRODUCT",
        LabelKind::Background => "BACKGROUND",
    }
}

fn label(row: &SqliteRow) -> Result<Label, StoreError> {
    let kind = if row.try_get::<&str, _>("kind")? == "BACKGROUND" {
        LabelKind::Background
    } else {
        LabelKind::Product
    };
    Ok(Label {
        id: LabelId::new(row.try_get("id")?).expect("AUTOINCREMENT numbers rows from 1"),
        name: row.try_get("name")?,
        kind,
        product_id: row.try_get("product_id")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::store;
    use super::*;

    #[tokio::test]
    async fn names_are_unique_whatever_their_case() {
        let (_folder, store) = store().await;
        store.insert_label("Käse", LabelKind::Product, "").await.unwrap();
        let error = store.insert_label("KÄSE", LabelKind::Product, "").await.unwrap_err();
        assert!(matches!(error, StoreError::NameTaken(name) if name == "KÄSE"));
    }

    #[tokio::test]
    async fn an_update_leaves_what_it_does_not_name() {
        let (_folder, store) = store().await;
        let hat = store.insert_label("Hat", LabelKind::Product, "HAT-1").await.unwrap();
        let change = LabelChange { product_id: Some(String::new()), ..Default::default() };
        let changed = store.update_label(hat.id, change).await.unwrap();
        assert_eq!(changed, Label { product_id: String::new(), ..hat.clone() });
        let rename =
            LabelChange { name: Some("Cap".to_owned()), kind: Some(LabelKind::Background), product_id: None };
        store.update_label(hat.id, rename).await.unwrap();
        let labels = store.labels().await.unwrap();
        assert_eq!((labels[0].name.as_str(), labels[0].kind), ("Cap", LabelKind::Background));
    }

    #[tokio::test]
    async fn a_number_is_never_used_twice() {
        let (_folder, store) = store().await;
        let first = store.insert_label("a", LabelKind::Product, "").await.unwrap();
        store.delete_label(first.id).await.unwrap();
        let second = store.insert_label("a", LabelKind::Product, "").await.unwrap();
        assert!(second.id > first.id);
        assert!(matches!(
            store.delete_label(first.id).await,
            Err(StoreError::NotFound { what: "label", .. })
        ));
    }
}
