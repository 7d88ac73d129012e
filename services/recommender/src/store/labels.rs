//! The table `labels`.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::changes::{Before, ChangeId, ChangeKind, record};
use super::{Store, StoreError, now_micros};
use crate::recognition::{Label, LabelId, LabelKind, TriggerProduct};

/// What UpdateLabel changes; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct LabelChange {
    /// The new name.
    pub name: Option<String>,
    /// The new kind.
    pub kind: Option<LabelKind>,
    /// The new trigger product's number.
    pub product_id: Option<String>,
    /// The new trigger product's origin.
    pub product_origin: Option<String>,
}

impl Store {
    /// All labels, by name.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn labels(&self) -> Result<Vec<Label>, StoreError> {
        all(&mut *self.pool.acquire().await?).await
    }

    /// Adds a label.
    ///
    /// # Errors
    /// When the name is taken, or SQLite fails.
    pub async fn insert_label(
        &self,
        name: &str,
        kind: LabelKind,
        product: impl Into<TriggerProduct> + Send,
    ) -> Result<Label, StoreError> {
        let mut transaction = self.write().await?;
        let summary = format!("Label '{name}' created");
        let change = record(&mut transaction, ChangeKind::CreateLabel, &summary, None).await?;
        let label = insert(&mut transaction, name, kind, product.into(), change).await?;
        transaction.commit().await?;
        Ok(label)
    }

    /// Changes a label; the answer is the label as it is then.
    ///
    /// # Errors
    /// When there is no such label, the name is taken, or SQLite fails.
    pub async fn update_label(&self, id: LabelId, change: LabelChange) -> Result<Label, StoreError> {
        let mut transaction = self.write().await?;
        let old = existing(&mut transaction, id).await?;
        let new = Label {
            id,
            name: change.name.unwrap_or_else(|| old.name.clone()),
            kind: change.kind.unwrap_or(old.kind),
            product: TriggerProduct {
                origin: change.product_origin.unwrap_or_else(|| old.product.origin.clone()),
                id: change.product_id.unwrap_or_else(|| old.product.id.clone()),
            },
        };
        if new == old {
            return Ok(old);
        }
        let summary = if new.name == old.name {
            format!("Label '{}' changed", old.name)
        } else {
            format!("Label '{}' renamed to '{}'", old.name, new.name)
        };
        let kind = kind_text(old.kind).to_owned();
        let TriggerProduct { origin: product_origin, id: product_id } = old.product;
        let before = Before::Label { id: id.get(), name: old.name, kind, product_id, product_origin };
        record(&mut transaction, ChangeKind::UpdateLabel, &summary, Some(&before)).await?;
        let update =
            "UPDATE labels SET name = ?2, name_key = ?3, kind = ?4, product_id = ?5, product_origin = ?6
                      WHERE id = ?1";
        sqlx::query(update)
            .bind(id.get())
            .bind(&new.name)
            .bind(new.name.to_lowercase())
            .bind(kind_text(new.kind))
            .bind(&new.product.id)
            .bind(&new.product.origin)
            .execute(&mut *transaction)
            .await
            .map_err(|error| name_taken(error, &new.name))?;
        transaction.commit().await?;
        Ok(new)
    }

    /// Deletes a label with all its samples, of any model; the answer is how
    /// many samples those were.
    ///
    /// # Errors
    /// When there is no such label, or SQLite fails.
    pub async fn delete_label(&self, id: LabelId) -> Result<u32, StoreError> {
        let mut transaction = self.write().await?;
        let label = existing(&mut transaction, id).await?;
        let summary = format!("Label '{}' deleted", label.name);
        let change = record(&mut transaction, ChangeKind::DeleteLabel, &summary, None).await?;
        let delete = "UPDATE samples SET deleted_by = ?1 WHERE label_id = ?2 AND deleted_by IS NULL";
        let samples = sqlx::query(delete).bind(change).bind(id.get()).execute(&mut *transaction).await?;
        let delete = sqlx::query("UPDATE labels SET deleted_by = ?1 WHERE id = ?2");
        delete.bind(change).bind(id.get()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(u32::try_from(samples.rows_affected()).unwrap_or(u32::MAX))
    }

    /// A label, if it is there.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn label(&self, id: LabelId) -> Result<Option<Label>, StoreError> {
        match existing(&mut *self.pool.acquire().await?, id).await {
            Ok(label) => Ok(Some(label)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Adds a label as part of a change.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    name: &str,
    kind: LabelKind,
    product: TriggerProduct,
    change: ChangeId,
) -> Result<Label, StoreError> {
    let insert =
        "INSERT INTO labels (name, name_key, kind, product_id, product_origin, created_at, created_by)
                  VALUES (?, ?, ?, ?, ?, ?, ?)";
    let done = sqlx::query(insert)
        .bind(name)
        .bind(name.to_lowercase())
        .bind(kind_text(kind))
        .bind(&product.id)
        .bind(&product.origin)
        .bind(now_micros())
        .bind(change)
        .execute(connection)
        .await
        .map_err(|error| name_taken(error, name))?;
    let id = LabelId::new(done.last_insert_rowid()).expect("SQLite numbers rows from 1");
    Ok(Label { id, name: name.to_owned(), kind, product })
}

/// All labels, by name.
pub(super) async fn all(connection: &mut SqliteConnection) -> Result<Vec<Label>, StoreError> {
    let select = "SELECT id, name, kind, product_id, product_origin FROM labels WHERE deleted_by IS NULL ORDER BY name_key";
    sqlx::query(select).fetch_all(connection).await?.iter().map(label).collect()
}

/// The label with this name, whatever its case.
pub(super) async fn by_name(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<Option<LabelId>, StoreError> {
    let select = "SELECT id FROM labels WHERE name_key = ? AND deleted_by IS NULL";
    let id: Option<i64> =
        sqlx::query_scalar(select).bind(name.to_lowercase()).fetch_optional(connection).await?;
    Ok(id.and_then(LabelId::new))
}

/// A label that has to be there.
pub(super) async fn existing(connection: &mut SqliteConnection, id: LabelId) -> Result<Label, StoreError> {
    let select =
        "SELECT id, name, kind, product_id, product_origin FROM labels WHERE id = ? AND deleted_by IS NULL";
    let row = sqlx::query(select).bind(id.get()).fetch_optional(connection).await?;
    label(&row.ok_or(StoreError::NotFound { what: "label", id: id.get() })?)
}

fn name_taken(error: sqlx::Error, name: &str) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => {
            StoreError::NameTaken(name.to_owned())
        }
        _ => error.into(),
    }
}

/// A kind as it is stored.
pub(crate) fn kind_text(kind: LabelKind) -> &'static str {
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
        product: TriggerProduct { origin: row.try_get("product_origin")?, id: row.try_get("product_id")? },
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
        assert_eq!(changed, Label { product: TriggerProduct::default(), ..hat.clone() });
        let rename = LabelChange {
            name: Some("Cap".to_owned()),
            kind: Some(LabelKind::Background),
            ..Default::default()
        };
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
