//! The table `changes`: what was changed, taking it back, and erasing what was
//! deleted.
//!
//! A change leaves marks in the rows it touched (`created_by`, `deleted_by`) and
//! notes what it overwrote; both are enough to take it back. Changes are taken
//! back in the opposite order only, so each finds the rows as it left them.

use std::time::{Duration, SystemTime};

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::{Store, StoreError, from_micros, micros, now_micros};
use crate::recognition::{LabelId, SampleId};

/// How many of the last changes can be taken back.
const UNDOABLE_CHANGES: i64 = 1000;
/// For how long.
const UNDOABLE_FOR: Duration = Duration::from_secs(30 * 24 * 3600);
/// How many deleted samples are kept for it.
const DELETED_SAMPLES: i64 = 10_000;
/// A device without a clock begins in 1970; a change from before this time (in
/// 2020) has no age.
const CLOCK_NOT_SET: i64 = 1_577_836_800_000_000;
/// How many changes are remembered at all.
const REMEMBERED_CHANGES: i64 = 10_000;

/// A change's number.
pub type ChangeId = i64;

/// What kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A label was created.
    CreateLabel,
    /// A label's fields were changed.
    UpdateLabel,
    /// A label was deleted with its samples.
    DeleteLabel,
    /// Samples were added.
    AddSamples,
    /// A sample was given to another label.
    MoveSample,
    /// A sample was deleted.
    DeleteSample,
    /// An archive was read.
    Import,
    /// Another change was taken back.
    Undo,
}

const KINDS: [(ChangeKind, &str); 8] = [
    (ChangeKind::CreateLabel, "CREATE_LABEL"),
    (ChangeKind::UpdateLabel, "UPDATE_LABEL"),
    (ChangeKind::DeleteLabel, "DELETE_LABEL"),
    (ChangeKind::AddSamples, "ADD_SAMPLES"),
    (ChangeKind::MoveSample, "MOVE_SAMPLE"),
    (ChangeKind::DeleteSample, "DELETE_SAMPLE"),
    (ChangeKind::Import, "IMPORT"),
    (ChangeKind::Undo, "UNDO"),
];

impl ChangeKind {
    fn text(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).expect("all kinds are listed").1
    }

    fn from_text(text: &str) -> Result<Self, sqlx::Error> {
        let found = KINDS.iter().find(|(_, name)| *name == text);
        found
            .map(|(kind, _)| *kind)
            .ok_or_else(|| sqlx::Error::Decode(format!("no change kind '{text}'").into()))
    }
}

/// A change as the log shows it.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number.
    pub id: ChangeId,
    /// When it was made.
    pub at: SystemTime,
    /// Its kind.
    pub kind: ChangeKind,
    /// One sentence for people.
    pub summary: String,
    /// The undo that took it back.
    pub undone_by: Option<ChangeId>,
    /// Whether it can still be taken back.
    pub undoable: bool,
}

/// A change taken back.
#[derive(Debug)]
pub struct Undone {
    /// The undo.
    pub change: Change,
    /// The labels that it touched.
    pub labels: Vec<LabelId>,
    /// The samples that it touched.
    pub samples: Vec<SampleId>,
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Labels.
    pub labels: u64,
    /// Samples.
    pub samples: u64,
}

/// The fields that a change overwrote.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) enum Before {
    Label {
        id: i64,
        name: String,
        kind: String,
        product_id: String,
        /// Absent in what was noted before origins were.
        #[serde(default)]
        product_origin: String,
    },
    Sample {
        id: i64,
        label_id: i64,
    },
}

/// Notes a change, as part of the transaction that makes it, and erases what is
/// too old to come back.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    kind: ChangeKind,
    summary: &str,
    before: Option<&Before>,
) -> Result<ChangeId, StoreError> {
    let id = note(connection, kind, summary, before).await?;
    let_go(connection).await?;
    Ok(id)
}

async fn note(
    connection: &mut SqliteConnection,
    kind: ChangeKind,
    summary: &str,
    before: Option<&Before>,
) -> Result<ChangeId, StoreError> {
    let before = before.map(|before| serde_json::to_string(before).expect("plain data"));
    let insert = "INSERT INTO changes (at, kind, summary, before, undoable) VALUES (?, ?, ?, ?, ?)";
    let done = sqlx::query(insert)
        .bind(now_micros())
        .bind(kind.text())
        .bind(summary)
        .bind(before)
        .bind(kind != ChangeKind::Undo)
        .execute(&mut *connection)
        .await?;
    let id = done.last_insert_rowid();
    let forget = "DELETE FROM changes WHERE id <= ?";
    sqlx::query(forget).bind(id - REMEMBERED_CHANGES).execute(connection).await?;
    Ok(id)
}

/// Erases what is over one of the limits.
pub(super) async fn let_go(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let newest = newest(connection).await?.unwrap_or(0);
    let by_number = "SELECT id FROM changes WHERE kind <> 'UNDO' ORDER BY id DESC LIMIT 1 OFFSET ?";
    let by_number: Option<ChangeId> =
        sqlx::query_scalar(by_number).bind(UNDOABLE_CHANGES).fetch_optional(&mut *connection).await?;
    let since = micros(SystemTime::now().checked_sub(UNDOABLE_FOR).unwrap_or(SystemTime::UNIX_EPOCH));
    let by_age: Option<i64> = sqlx::query_scalar("SELECT MAX(id) FROM changes WHERE at < ? AND at > ?")
        .bind(since)
        .bind(CLOCK_NOT_SET)
        .fetch_one(&mut *connection)
        .await?;
    let by_size = "SELECT deleted_by FROM samples WHERE deleted_by IS NOT NULL
                   ORDER BY deleted_by DESC LIMIT 1 OFFSET ?";
    let by_size: Option<i64> =
        sqlx::query_scalar(by_size).bind(DELETED_SAMPLES).fetch_optional(&mut *connection).await?;
    // The change at hand can be taken back whatever its size.
    let by_size = by_size.unwrap_or(0).min(newest - 1);
    let too_old = by_number.unwrap_or(0).max(by_age.unwrap_or(0)).max(by_size);
    purge_through(connection, too_old).await?;
    Ok(())
}

async fn newest(connection: &mut SqliteConnection) -> Result<Option<ChangeId>, StoreError> {
    Ok(sqlx::query_scalar("SELECT MAX(id) FROM changes").fetch_one(connection).await?)
}

/// Whether more can be added to a change: nothing was changed since, and it can
/// still be taken back.
pub(super) async fn is_open(connection: &mut SqliteConnection, change: ChangeId) -> Result<bool, StoreError> {
    let select = "SELECT id = (SELECT MAX(id) FROM changes) AND undoable = 1 AND undone_by IS NULL
                  FROM changes WHERE id = ?";
    Ok(sqlx::query_scalar(select).bind(change).fetch_optional(connection).await?.unwrap_or(false))
}

async fn purge_through(connection: &mut SqliteConnection, change: ChangeId) -> Result<Purged, StoreError> {
    // Pictures and embeddings go with their samples.
    let samples = sqlx::query("DELETE FROM samples WHERE deleted_by <= ?").bind(change);
    let samples = samples.execute(&mut *connection).await?.rows_affected();
    let labels = sqlx::query("DELETE FROM labels WHERE deleted_by <= ?").bind(change);
    let labels = labels.execute(&mut *connection).await?.rows_affected();
    let settle = "UPDATE changes SET undoable = 0, before = NULL WHERE id <= ? AND undoable = 1";
    sqlx::query(settle).bind(change).execute(connection).await?;
    Ok(Purged { labels, samples })
}

impl Store {
    /// Changes, newest first: at most `limit`, from those before `before`.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn changes(&self, before: Option<ChangeId>, limit: u32) -> Result<Vec<Change>, StoreError> {
        let select = "SELECT id, at, kind, summary, undone_by, undoable FROM changes
                      WHERE id < ? ORDER BY id DESC LIMIT ?";
        let rows =
            sqlx::query(select).bind(before.unwrap_or(i64::MAX)).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(change).collect()
    }

    /// Takes the newest change back that isn't taken back yet; with `only`, if it is
    /// this one.
    ///
    /// # Errors
    /// When there is none or another one, or SQLite fails.
    pub async fn undo_last(&self, only: Option<ChangeId>) -> Result<Undone, StoreError> {
        let mut transaction = self.write().await?;
        let_go(&mut transaction).await?;
        let newest = "SELECT id, kind, summary, before FROM changes
                      WHERE undoable = 1 AND undone_by IS NULL ORDER BY id DESC LIMIT 1";
        let row = sqlx::query(newest).fetch_optional(&mut *transaction).await?;
        let row = row.ok_or(StoreError::NothingToUndo)?;
        let undone: ChangeId = row.try_get("id")?;
        if only.is_some_and(|only| only != undone) {
            return Err(StoreError::NotNewest { newest: undone });
        }
        let kind = ChangeKind::from_text(row.try_get("kind")?)?;
        let summary = format!("Undone: {}", row.try_get::<&str, _>("summary")?);
        let before: Option<String> = row.try_get("before")?;
        let touched = "SELECT id FROM labels WHERE created_by = ?1 OR deleted_by = ?1";
        let mut labels: Vec<i64> =
            sqlx::query_scalar(touched).bind(undone).fetch_all(&mut *transaction).await?;
        let touched = "SELECT id FROM samples WHERE created_by = ?1 OR deleted_by = ?1";
        let mut samples: Vec<i64> =
            sqlx::query_scalar(touched).bind(undone).fetch_all(&mut *transaction).await?;

        // What is too old goes with the next change: this one needs what it brings
        // back.
        let undo = note(&mut transaction, ChangeKind::Undo, &summary, None).await?;
        let mark = "UPDATE changes SET undone_by = ?1 WHERE id = ?2";
        sqlx::query(mark).bind(undo).bind(undone).execute(&mut *transaction).await?;
        match kind {
            ChangeKind::CreateLabel | ChangeKind::AddSamples | ChangeKind::Import => {
                // At once and for good: nothing takes an undo back.
                for delete in
                    ["DELETE FROM samples WHERE created_by = ?", "DELETE FROM labels WHERE created_by = ?"]
                {
                    sqlx::query(delete).bind(undone).execute(&mut *transaction).await?;
                }
            }
            ChangeKind::DeleteLabel | ChangeKind::DeleteSample => {
                for restore in [
                    "UPDATE labels SET deleted_by = NULL WHERE deleted_by = ?",
                    "UPDATE samples SET deleted_by = NULL WHERE deleted_by = ?",
                ] {
                    sqlx::query(restore).bind(undone).execute(&mut *transaction).await?;
                }
            }
            ChangeKind::UpdateLabel | ChangeKind::MoveSample => {
                let before = before.as_deref().map(serde_json::from_str).transpose();
                let before = before.map_err(|error| sqlx::Error::Decode(error.into()))?;
                match before.ok_or_else(|| sqlx::Error::Decode("nothing noted to go back to".into()))? {
                    Before::Label { id, name, kind, product_id, product_origin } => {
                        let restore =
                            "UPDATE labels SET name = ?2, name_key = ?3, kind = ?4, product_id = ?5,
                                       product_origin = ?6 WHERE id = ?1";
                        let restore = sqlx::query(restore).bind(id).bind(&name).bind(name.to_lowercase());
                        restore
                            .bind(kind)
                            .bind(product_id)
                            .bind(product_origin)
                            .execute(&mut *transaction)
                            .await?;
                        labels.push(id);
                    }
                    Before::Sample { id, label_id } => {
                        let restore = sqlx::query("UPDATE samples SET label_id = ?2 WHERE id = ?1");
                        restore.bind(id).bind(label_id).execute(&mut *transaction).await?;
                        samples.push(id);
                    }
                }
            }
            ChangeKind::Undo => return Err(sqlx::Error::Decode("an undo is never undoable".into()).into()),
        }
        let select = "SELECT id, at, kind, summary, undone_by, undoable FROM changes WHERE id = ?";
        let change = change(&sqlx::query(select).bind(undo).fetch_one(&mut *transaction).await?)?;
        transaction.commit().await?;
        let labels = labels.into_iter().filter_map(LabelId::new).collect();
        let samples = samples.into_iter().filter_map(SampleId::new).collect();
        Ok(Undone { change, labels, samples })
    }

    /// Erases everything that was deleted. No change so far can be taken back then.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn purge_deleted(&self) -> Result<Purged, StoreError> {
        let mut transaction = self.write().await?;
        let purged = purge_through(&mut transaction, ChangeId::MAX).await?;
        transaction.commit().await?;
        Ok(purged)
    }

    /// Empties the write-ahead log, in which what was erased still is; the answer is
    /// whether that went. It waits some seconds for those who read.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn empty_log(&self) -> Result<bool, StoreError> {
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.pool).await?;
        Ok(row.try_get::<i64, _>("busy")? == 0)
    }
}

fn change(row: &SqliteRow) -> Result<Change, StoreError> {
    let undone_by = row.try_get("undone_by")?;
    Ok(Change {
        id: row.try_get("id")?,
        at: from_micros(row.try_get("at")?),
        kind: ChangeKind::from_text(row.try_get("kind")?)?,
        summary: row.try_get("summary")?,
        undone_by,
        undoable: row.try_get::<bool, _>("undoable")? && undone_by.is_none(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::labels::LabelChange;
    use super::super::samples::NewSample;
    use super::super::tests::store;
    use super::*;
    use crate::recognition::{Embedding, LabelKind, ModelKey, Views};

    fn model() -> ModelKey {
        ModelKey { fingerprint: "m".to_owned(), dimensions: 2 }
    }

    fn sample(label: LabelId) -> (NewSample, Views) {
        let views = Embedding::new(vec![0.6, 0.8]).unwrap().into();
        (NewSample { label, picture: Some(b"jpeg".to_vec()) }, views)
    }

    /// Everything that is there, in words.
    async fn contents(store: &Store) -> Vec<String> {
        let labels = store.labels().await.unwrap();
        let labels = labels.iter().map(|l| format!("{} {} {:?} {:?}", l.id.get(), l.name, l.kind, l.product));
        let samples = store.embeddings(&model()).await.unwrap();
        let samples = samples.iter().map(|(id, label, _)| format!("sample {} of {}", id.get(), label.get()));
        labels.chain(samples).collect()
    }

    async fn step(store: &Store, kind: u8, which: usize) -> Result<(), StoreError> {
        let labels = store.labels().await?;
        let label = labels.get(which % labels.len().max(1)).map(|label| label.id);
        let samples = store.samples("m", None, None, 100, false).await?;
        let sample_id = samples.get(which % samples.len().max(1)).map(|sample| sample.id);
        match (kind, label, sample_id) {
            (0, ..) => drop(store.insert_label(&format!("L{which}"), LabelKind::Product, "P").await?),
            (1, Some(label), _) => {
                drop(store.insert_samples("m", &[sample(label), sample(label)], None).await?);
            }
            (2, Some(label), _) => {
                let kind = Some(LabelKind::Background).filter(|_| which.is_multiple_of(2));
                let change = LabelChange { name: Some(format!("R{which}")), kind, ..Default::default() };
                drop(store.update_label(label, change).await?);
            }
            (3, Some(label), _) => drop(store.delete_label(label).await?),
            (4, _, Some(id)) => drop(store.delete_sample(id).await?),
            (5, Some(label), Some(id)) => drop(store.move_sample("m", id, label).await?),
            _ => {}
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Taking everything back leads through every state there was.
        #[test]
        fn undo_goes_back_step_by_step(steps in proptest::collection::vec((0..6_u8, 0..7_usize), 1..40)) {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let (_folder, store) = store().await;
                store.use_model(&model(), "m", &[]).await.unwrap();
                let mut states = vec![contents(&store).await];
                for (kind, which) in steps {
                    let changes = store.changes(None, 1).await.unwrap().first().map(|change| change.id);
                    // A name that is taken is refused, and then nothing was changed.
                    let _ = step(&store, kind, which).await;
                    let now = store.changes(None, 1).await.unwrap().first().map(|change| change.id);
                    if now == changes {
                        assert_eq!(&contents(&store).await, states.last().unwrap());
                    } else {
                        states.push(contents(&store).await);
                    }
                }
                while states.len() > 1 {
                    let undone = store.undo_last(None).await.unwrap();
                    assert!(undone.change.summary.starts_with("Undone: "), "{}", undone.change.summary);
                    states.pop();
                    assert_eq!(&contents(&store).await, states.last().unwrap());
                }
                assert!(matches!(store.undo_last(None).await, Err(StoreError::NothingToUndo)));
            });
        }
    }

    #[tokio::test]
    async fn the_log_says_what_was_done_and_what_was_taken_back() {
        let (_folder, store) = store().await;
        store.use_model(&model(), "m", &[]).await.unwrap();
        let hat = store.insert_label("Hat", LabelKind::Product, "").await.unwrap().id;
        store.insert_samples("m", &[sample(hat), sample(hat)], None).await.unwrap();
        let rename = LabelChange { name: Some("Cap".to_owned()), ..Default::default() };
        store.update_label(hat, rename).await.unwrap();
        store.undo_last(None).await.unwrap();
        let log = store.changes(None, 10).await.unwrap();
        let words: Vec<_> = log.iter().map(|change| change.summary.as_str()).collect();
        assert_eq!(
            words,
            [
                "Undone: Label 'Hat' renamed to 'Cap'",
                "Label 'Hat' renamed to 'Cap'",
                "2 samples added to 'Hat'",
                "Label 'Hat' created",
            ]
        );
        assert_eq!(log.iter().map(|change| change.undoable).collect::<Vec<_>>(), [false, false, true, true]);
        assert_eq!(log[1].undone_by, Some(log[0].id));
        let page = store.changes(Some(log[1].id), 1).await.unwrap();
        assert_eq!(page[0].id, log[2].id);
    }

    #[tokio::test]
    async fn what_is_purged_is_gone_and_nothing_before_it_can_be_undone() {
        let (folder, store) = store().await;
        store.use_model(&model(), "m", &[]).await.unwrap();
        let secret = b"a picture that must not be found again, not even in free pages of the file";
        let hat = store.insert_label("Hat", LabelKind::Product, "").await.unwrap().id;
        let (new, views) = sample(hat);
        let new = NewSample { picture: Some(secret.to_vec()), ..new };
        store.insert_samples("m", &[(new, views)], None).await.unwrap();
        store.delete_label(hat).await.unwrap();
        assert_eq!(store.purge_deleted().await.unwrap(), Purged { labels: 1, samples: 1 });
        assert!(store.empty_log().await.unwrap());
        assert!(matches!(store.undo_last(None).await, Err(StoreError::NothingToUndo)));
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
        store.insert_label("Hat", LabelKind::Product, "").await.unwrap();
        store.undo_last(None).await.unwrap();
        assert!(store.labels().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn old_changes_and_too_many_deleted_samples_are_let_go() {
        let (_folder, store) = store().await;
        store.use_model(&model(), "m", &[]).await.unwrap();
        let hat = store.insert_label("Hat", LabelKind::Product, "").await.unwrap().id;
        let added = store.insert_samples("m", &[sample(hat)], None).await.unwrap();
        store.delete_sample(added.samples[0].id).await.unwrap();
        // As if all that had been long ago.
        sqlx::query("UPDATE changes SET at = 1600000000000000").execute(&store.pool).await.unwrap();
        store.insert_label("Cap", LabelKind::Product, "").await.unwrap();
        let rows: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM samples").fetch_one(&store.pool).await.unwrap();
        assert_eq!(rows, 0);
        store.undo_last(None).await.unwrap();
        assert!(matches!(store.undo_last(None).await, Err(StoreError::NothingToUndo)));

        let many: Vec<_> = (0..DELETED_SAMPLES / 2 + 1).map(|_| sample(hat)).collect();
        for _ in 0..2 {
            let cap = store.insert_label("Cap", LabelKind::Product, "").await.unwrap().id;
            let many: Vec<_> = many.iter().map(|(_, views)| (sample(cap).0, views.clone())).collect();
            store.insert_samples("m", &many, None).await.unwrap();
            store.delete_label(cap).await.unwrap();
        }
        // The second delete can be taken back, the first can't any more.
        for left in [many.len(), 0, 0] {
            store.undo_last(None).await.unwrap();
            assert_eq!(store.embeddings(&model()).await.unwrap().len(), left);
        }
        assert!(matches!(store.undo_last(None).await, Err(StoreError::NothingToUndo)));
    }

    #[tokio::test]
    async fn a_single_delete_of_any_size_comes_back() {
        let (_folder, store) = store().await;
        store.use_model(&model(), "m", &[]).await.unwrap();
        let hat = store.insert_label("Hat", LabelKind::Product, "").await.unwrap().id;
        let many: Vec<_> = (0..=DELETED_SAMPLES).map(|_| sample(hat)).collect();
        store.insert_samples("m", &many, None).await.unwrap();
        store.delete_label(hat).await.unwrap();
        store.undo_last(None).await.unwrap();
        assert_eq!(store.embeddings(&model()).await.unwrap().len(), many.len());
    }

    #[tokio::test]
    async fn what_was_added_and_taken_back_takes_no_room_from_what_can_be_undone() {
        let (_folder, store) = store().await;
        store.use_model(&model(), "m", &[]).await.unwrap();
        let hat = store.insert_label("Hat", LabelKind::Product, "").await.unwrap().id;
        let many: Vec<_> = (0..=DELETED_SAMPLES).map(|_| sample(hat)).collect();
        store.insert_samples("m", &many, None).await.unwrap();
        store.undo_last(None).await.unwrap();
        let rows: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM samples").fetch_one(&store.pool).await.unwrap();
        assert_eq!(rows, 0);
        store.undo_last(None).await.unwrap();
        assert!(store.labels().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn undos_do_not_use_up_what_can_be_undone() {
        let (_folder, store) = store().await;
        for number in 0..UNDOABLE_CHANGES {
            store.insert_label(&number.to_string(), LabelKind::Product, "").await.unwrap();
        }
        for _ in 0..UNDOABLE_CHANGES {
            store.undo_last(None).await.unwrap();
        }
        assert!(store.labels().await.unwrap().is_empty());
    }
}
