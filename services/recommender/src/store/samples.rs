//! The tables `samples` and `pictures`.

use std::collections::HashMap;
use std::time::SystemTime;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::changes::{Before, ChangeId, ChangeKind, is_open, record};
use super::labels::existing;
use super::{Store, StoreError, from_micros, now_micros};
use crate::recognition::{LabelId, SampleId, Views};

/// A sample that is to be stored, beside what models see in it.
#[derive(Debug)]
pub struct NewSample {
    /// Its label.
    pub label: LabelId,
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
    /// Whether the model in use has no embedding of it and can't get one.
    pub ignored: bool,
}

/// Samples that were stored by a change.
#[derive(Debug)]
pub struct Added {
    /// The change.
    pub change: ChangeId,
    /// The samples.
    pub samples: Vec<Sample>,
}

impl Store {
    /// Stores all of `samples` or none. When this returns they are on disk.
    /// They are part of the change `before` if that is still the newest one, so
    /// that what is captured in one go is undone in one go.
    ///
    /// # Errors
    /// When a label isn't there any more, or SQLite fails.
    pub async fn insert_samples(
        &self,
        model: &str,
        samples: &[(NewSample, Views)],
        before: Option<ChangeId>,
    ) -> Result<Added, StoreError> {
        let mut transaction = self.write().await?;
        let change = match before {
            Some(change) if is_open(&mut transaction, change).await? => change,
            _ => record(&mut transaction, ChangeKind::AddSamples, "", None).await?,
        };
        let mut stored = Vec::with_capacity(samples.len());
        let model = model.to_owned();
        for (sample, views) in samples {
            existing(&mut transaction, sample.label).await?;
            let views = [(&model, views)];
            stored.push(insert(&mut transaction, sample, &views, now_micros(), change).await?);
        }
        summarise(&mut transaction, change).await?;
        transaction.commit().await?;
        Ok(Added { change, samples: stored })
    }

    /// Samples and, if given, of `label`, newest first: at most `limit`, from those
    /// older than `before`.
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
        let select = format!(
            "{SELECT} WHERE s.deleted_by IS NULL AND (?2 IS NULL OR s.label_id = ?2) AND s.id < ?3
             ORDER BY s.id DESC LIMIT ?5"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(select))
            .bind(model)
            .bind(label.map(LabelId::get))
            .bind(before.map_or(i64::MAX, SampleId::get))
            .bind(with_pictures)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(sample).collect()
    }

    /// One sample.
    ///
    /// # Errors
    /// When there is no such sample, or SQLite fails.
    pub async fn sample(&self, model: &str, id: SampleId, with_picture: bool) -> Result<Sample, StoreError> {
        let select = format!("{SELECT} WHERE s.deleted_by IS NULL AND s.id = ?2");
        let row =
            sqlx::query(sqlx::AssertSqlSafe(select)).bind(model).bind(id.get()).bind(0).bind(with_picture);
        let row = row.fetch_optional(&self.pool).await?;
        sample(&row.ok_or(StoreError::NotFound { what: "sample", id: id.get() })?)
    }

    /// For each label that has some: how many of its samples `model` has not
    /// embedded and can't.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn ignored_counts(&self, model: &str) -> Result<HashMap<LabelId, u32>, StoreError> {
        let select = "SELECT s.label_id, COUNT(*) AS ignored FROM samples s
                      LEFT JOIN embeddings e ON e.sample_id = s.id AND e.model_fingerprint = ?1
                      LEFT JOIN pictures p ON p.sample_id = s.id
                      WHERE s.deleted_by IS NULL AND e.views IS NULL
                        AND (p.sample_id IS NULL OR e.sample_id IS NOT NULL)
                      GROUP BY s.label_id";
        let rows = sqlx::query(select).bind(model).fetch_all(&self.pool).await?;
        let count = |row: &SqliteRow| {
            let label = LabelId::new(row.try_get("label_id")?).expect("a foreign key to a row's number");
            Ok((label, row.try_get("ignored")?))
        };
        rows.iter().map(count).collect()
    }

    /// A sample's kept picture, if it has one.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn picture(&self, id: SampleId) -> Result<Option<Vec<u8>>, StoreError> {
        let select = "SELECT jpeg FROM pictures WHERE sample_id = ?";
        Ok(sqlx::query_scalar(select).bind(id.get()).fetch_optional(&self.pool).await?)
    }

    /// Deletes a sample; the answer is its label.
    ///
    /// # Errors
    /// When there is no such sample, or SQLite fails.
    pub async fn delete_sample(&self, id: SampleId) -> Result<LabelId, StoreError> {
        let mut transaction = self.write().await?;
        let label = label_of(&mut transaction, id).await?;
        let name = existing(&mut transaction, label).await?.name;
        let summary = format!("A sample of '{name}' deleted");
        let change = record(&mut transaction, ChangeKind::DeleteSample, &summary, None).await?;
        let delete = sqlx::query("UPDATE samples SET deleted_by = ?1 WHERE id = ?2");
        delete.bind(change).bind(id.get()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(label)
    }

    /// Gives a sample to another label.
    ///
    /// # Errors
    /// When there is no such sample or label, or SQLite fails.
    pub async fn move_sample(&self, model: &str, id: SampleId, to: LabelId) -> Result<Sample, StoreError> {
        let mut transaction = self.write().await?;
        let from = label_of(&mut transaction, id).await?;
        let to_name = existing(&mut transaction, to).await?.name;
        if from != to {
            let from_name = existing(&mut transaction, from).await?.name;
            let summary = format!("A sample moved from '{from_name}' to '{to_name}'");
            let before = Before::Sample { id: id.get(), label_id: from.get() };
            record(&mut transaction, ChangeKind::MoveSample, &summary, Some(&before)).await?;
            let update = sqlx::query("UPDATE samples SET label_id = ?2 WHERE id = ?1");
            update.bind(id.get()).bind(to.get()).execute(&mut *transaction).await?;
        }
        let select = format!("{SELECT} WHERE s.id = ?2 AND NOT ?4");
        let row = sqlx::query(sqlx::AssertSqlSafe(select)).bind(model).bind(id.get()).bind(0).bind(false);
        let moved = sample(&row.fetch_one(&mut *transaction).await?)?;
        transaction.commit().await?;
        Ok(moved)
    }
}

/// ?1 is the model, ?4 whether pictures are wanted.
const SELECT: &str = "SELECT s.id, s.label_id, s.created_at, CASE WHEN ?4 THEN p.jpeg END AS jpeg,
         e.views IS NULL AND (p.sample_id IS NULL OR e.sample_id IS NOT NULL) AS ignored
     FROM samples s
     LEFT JOIN pictures p ON p.sample_id = s.id
     LEFT JOIN embeddings e ON e.sample_id = s.id AND e.model_fingerprint = ?1";

/// Stores a sample with what each model sees in it, as part of a change.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    sample: &NewSample,
    views: &[(&String, &Views)],
    created_at: i64,
    change: ChangeId,
) -> Result<Sample, StoreError> {
    let insert = "INSERT INTO samples (label_id, created_at, created_by) VALUES (?, ?, ?)";
    let insert = sqlx::query(insert).bind(sample.label.get()).bind(created_at).bind(change);
    let id = insert.execute(&mut *connection).await?.last_insert_rowid();
    for (model, views) in views {
        let insert = "INSERT INTO embeddings (sample_id, model_fingerprint, views) VALUES (?, ?, ?)";
        let insert = sqlx::query(insert).bind(id).bind(model.as_str()).bind(views.to_bytes());
        insert.execute(&mut *connection).await?;
    }
    if let Some(picture) = &sample.picture {
        let insert = sqlx::query("INSERT INTO pictures (sample_id, jpeg) VALUES (?, ?)");
        insert.bind(id).bind(picture).execute(connection).await?;
    }
    Ok(Sample {
        id: SampleId::new(id).expect("SQLite numbers rows from 1"),
        label: sample.label,
        created_at: from_micros(created_at),
        picture: None,
        ignored: false,
    })
}

/// Says in words what samples a change has added by now.
async fn summarise(connection: &mut SqliteConnection, change: ChangeId) -> Result<(), StoreError> {
    let select = "SELECT l.name, COUNT(*) AS count FROM samples s JOIN labels l ON l.id = s.label_id
                  WHERE s.created_by = ? GROUP BY l.id ORDER BY l.name_key";
    let rows = sqlx::query(select).bind(change).fetch_all(&mut *connection).await?;
    let mut counts = Vec::with_capacity(rows.len());
    for row in &rows {
        counts.push((row.try_get::<String, _>("name")?, row.try_get::<i64, _>("count")?));
    }
    let total: i64 = counts.iter().map(|(_, count)| count).sum();
    let samples = if total == 1 { "1 sample".to_owned() } else { format!("{total} samples") };
    let summary = match counts.as_slice() {
        [(name, _)] => format!("{samples} added to '{name}'"),
        labels => format!("{samples} added to {} labels", labels.len()),
    };
    let update = sqlx::query("UPDATE changes SET summary = ?1 WHERE id = ?2");
    update.bind(summary).bind(change).execute(connection).await?;
    Ok(())
}

async fn label_of(connection: &mut SqliteConnection, id: SampleId) -> Result<LabelId, StoreError> {
    let select = "SELECT label_id FROM samples WHERE id = ? AND deleted_by IS NULL";
    let label: Option<i64> = sqlx::query_scalar(select).bind(id.get()).fetch_optional(connection).await?;
    label.and_then(LabelId::new).ok_or(StoreError::NotFound { what: "sample", id: id.get() })
}

pub(super) fn ids(row: &SqliteRow) -> Result<(SampleId, LabelId), StoreError> {
    let sample = SampleId::new(row.try_get("id")?).expect("AUTOINCREMENT numbers rows from 1");
    let label = LabelId::new(row.try_get("label_id")?).expect("a foreign key to a row's number");
    Ok((sample, label))
}

fn sample(row: &SqliteRow) -> Result<Sample, StoreError> {
    let (id, label) = ids(row)?;
    let created_at = from_micros(row.try_get("created_at")?);
    Ok(Sample { id, label, created_at, picture: row.try_get("jpeg")?, ignored: row.try_get("ignored")? })
}

#[cfg(test)]
mod tests {
    use super::super::tests::store;
    use super::*;
    use crate::recognition::{Embedding, LabelKind, ModelKey};

    fn new(label: LabelId, values: &[f32], picture: Option<&[u8]>) -> (NewSample, Views) {
        let views = Embedding::new(values.to_vec()).unwrap().into();
        (NewSample { label, picture: picture.map(<[u8]>::to_vec) }, views)
    }

    fn model() -> ModelKey {
        ModelKey { fingerprint: "m".to_owned(), dimensions: 2 }
    }

    async fn taught() -> (tempfile::TempDir, Store, LabelId) {
        let (folder, store) = store().await;
        store.use_model(&model(), "m", &[]).await.unwrap();
        let label = store.insert_label("Hat", LabelKind::Product, "").await.unwrap().id;
        let samples = [new(label, &[1.0, 0.0], Some(b"jpeg")), new(label, &[0.6, 0.8], None)];
        store.insert_samples("m", &samples, None).await.unwrap();
        (folder, store, label)
    }

    #[tokio::test]
    async fn what_was_acknowledged_is_there_after_a_restart_without_a_clean_stop() {
        let (folder, store, label) = taught().await;
        // A second opening while the first is still open is what a restart
        // after kill -9 sees: the log is not folded in.
        let again = Store::open(folder.path()).await.unwrap();
        let embeddings = again.embeddings(&model()).await.unwrap();
        assert_eq!(embeddings.len(), 2);
        assert_eq!((embeddings[1].1, embeddings[1].2.whole.values()), (label, [0.6, 0.8].as_slice()));
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
    }

    #[tokio::test]
    async fn one_sample_comes_with_what_is_asked_for_until_it_is_deleted() {
        let (_folder, store, label) = taught().await;
        let id = store.samples("m", Some(label), None, 5, false).await.unwrap()[1].id;
        let sample = store.sample("m", id, true).await.unwrap();
        assert_eq!((sample.label, sample.picture.as_deref()), (label, Some(b"jpeg".as_slice())));
        assert!(store.sample("m", id, false).await.unwrap().picture.is_none());
        store.delete_sample(id).await.unwrap();
        let gone = store.sample("m", id, true).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "sample", .. })));
    }

    #[tokio::test]
    async fn another_model_waits_for_pictures_and_ignores_what_has_none() {
        let (_folder, store, label) = taught().await;
        let seen = store.samples("another", None, None, 5, false).await.unwrap();
        assert_eq!(seen.iter().map(|sample| sample.ignored).collect::<Vec<_>>(), [true, false]);
        assert_eq!(store.ignored_counts("another").await.unwrap(), HashMap::from([(label, 1)]));
        assert_eq!(store.pending("another").await.unwrap(), [seen[1].id]);
        assert!(store.pending("m").await.unwrap().is_empty());

        let other = ModelKey { fingerprint: "another".to_owned(), dimensions: 1 };
        store.use_model(&other, "another", &[]).await.unwrap();
        let views = Embedding::new(vec![1.0]).unwrap().into();
        store.put_embedding("another", seen[1].id, Some(&views)).await.unwrap();
        assert!(store.pending("another").await.unwrap().is_empty());
        assert_eq!(store.embedding(&other, seen[1].id).await.unwrap(), Some((label, views)));
        // A picture that can't be embedded is not tried for ever.
        store.put_embedding("another", seen[1].id, None).await.unwrap();
        assert!(store.pending("another").await.unwrap().is_empty());
        assert_eq!(store.ignored_counts("another").await.unwrap(), HashMap::from([(label, 2)]));
    }

    #[tokio::test]
    async fn all_samples_of_a_call_are_stored_or_none() {
        let (_folder, store, label) = taught().await;
        let gone = LabelId::new(999).unwrap();
        let samples = [new(label, &[1.0, 0.0], None), new(gone, &[1.0, 0.0], None)];
        let error = store.insert_samples("m", &samples, None).await;
        assert!(matches!(error, Err(StoreError::NotFound { what: "label", id: 999 })));
        assert_eq!(store.embeddings(&model()).await.unwrap().len(), 2);
        assert_eq!(store.changes(None, 10).await.unwrap().len(), 2, "not even a change is noted");
    }

    #[tokio::test]
    async fn what_is_captured_in_one_go_is_one_change() {
        let (_folder, store, label) = taught().await;
        let first = store.insert_samples("m", &[new(label, &[1.0, 0.0], None)], None).await.unwrap();
        let next = [new(label, &[0.8, 0.6], None)];
        let second = store.insert_samples("m", &next, Some(first.change)).await.unwrap();
        assert_eq!(second.change, first.change);
        assert_eq!(store.changes(None, 1).await.unwrap()[0].summary, "2 samples added to 'Hat'");
        // Something else was changed in between.
        store.delete_sample(first.samples[0].id).await.unwrap();
        let third = store.insert_samples("m", &next, Some(first.change)).await.unwrap();
        assert!(third.change > first.change);
    }

    #[tokio::test]
    async fn a_label_takes_its_samples_with_it() {
        let (_folder, store, label) = taught().await;
        assert_eq!(store.delete_label(label).await.unwrap(), 2);
        assert!(store.embeddings(&model()).await.unwrap().is_empty());
        let gone = store.insert_samples("m", &[new(label, &[1.0, 0.0], None)], None).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "label", .. })));
    }
}
