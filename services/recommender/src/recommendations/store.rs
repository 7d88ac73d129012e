//! What outlives a restart of the recommendations: the last answers, and
//! feedback that is still to be sent. SQLite in a file of its own,
//! `recommendations.db` in the data directory.

use std::path::Path;
use std::time::{Duration, SystemTime};

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row as _, SqlitePool};

use super::{ProductCard, ProductRef};
use crate::recognition::TriggerProduct;
use crate::store::{OpenError, StoreError, from_micros, micros};

pub(crate) const FILE: &str = "recommendations.db";
/// Most answers that are kept, of all triggers and languages.
pub const MOST_ANSWERS: usize = 2000;
/// Most rows of feedback that wait.
pub const MOST_FEEDBACK: i64 = 10_000;

/// The database, open.
#[derive(Clone, Debug)]
pub struct RecommendationStore {
    pool: SqlitePool,
}

/// What an answer is kept by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The trigger product.
    pub trigger: TriggerProduct,
    /// A primary language subtag.
    pub language: String,
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAnswer {
    /// The cards, best first.
    pub cards: Vec<ProductCard>,
    /// When it came.
    pub fetched_at: SystemTime,
    /// How long it counts as fresh.
    pub fresh_for: Duration,
}

/// A row of feedback.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Its number.
    pub id: i64,
    /// Where the provider recommended it.
    pub slot: String,
    /// The start of its window, or when the card was touched.
    pub at: SystemTime,
    /// What it says.
    pub what: What,
    /// How often the provider refused it.
    pub refusals: u32,
}

/// What a row of feedback says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// So often cards came up, so many in all.
    Impressions {
        /// How often.
        impressions: u32,
        /// How many cards.
        items: u32,
    },
    /// This product was touched.
    Click(ProductRef),
}

impl RecommendationStore {
    /// Opens the database in `data_dir`, which exists.
    ///
    /// # Errors
    /// When the file can't be opened or brought up to date.
    pub async fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let path = data_dir.join(FILE);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(2));
        let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await;
        let pool = pool.map_err(|cause| OpenError::Database { path: path.clone(), cause })?;
        let migrations = sqlx::migrate!("migrations/recommendations").run(&pool).await;
        migrations.map_err(|cause| OpenError::Migrate { path, cause })?;
        Ok(Self { pool })
    }

    /// All answers of a scope. One that can't be read is left out: it will be
    /// fetched again.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn answers(&self, scope: &str) -> Result<Vec<(Key, KeptAnswer)>, StoreError> {
        let rows = sqlx::query("SELECT * FROM answers WHERE scope = ? ORDER BY fetched_at").bind(scope);
        Ok(rows.fetch_all(&self.pool).await?.iter().filter_map(|row| answer(row).ok()).collect())
    }

    /// Keeps an answer in place of the one before, and not more than
    /// [`MOST_ANSWERS`].
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn keep(&self, scope: &str, key: &Key, answer: &KeptAnswer) -> Result<(), StoreError> {
        let cards = serde_json::to_string(&answer.cards).expect("cards are plain data");
        let insert = "INSERT OR REPLACE INTO answers
                      (scope, origin, product_id, language, cards, fetched_at, fresh_for)
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        sqlx::query(insert)
            .bind(scope)
            .bind(&key.trigger.origin)
            .bind(&key.trigger.id)
            .bind(&key.language)
            .bind(cards)
            .bind(micros(answer.fetched_at))
            .bind(i64::try_from(answer.fresh_for.as_micros()).unwrap_or(i64::MAX))
            .execute(&self.pool)
            .await?;
        let trim = "DELETE FROM answers WHERE rowid IN
                    (SELECT rowid FROM answers ORDER BY fetched_at DESC LIMIT -1 OFFSET ?)";
        sqlx::query(trim).bind(MOST_ANSWERS as i64).execute(&self.pool).await?;
        Ok(())
    }

    /// Adds to the impressions of a window.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn add_impression(
        &self,
        scope: &str,
        slot: &str,
        window: SystemTime,
        items: u32,
    ) -> Result<(), StoreError> {
        let add = "INSERT INTO feedback
                   (scope, kind, slot, at, product_origin, product_id, impressions, items)
                   VALUES (?1, 'IMPRESSION', ?2, ?3, '', '', 1, ?4)
                   ON CONFLICT (scope, slot, at) WHERE kind = 'IMPRESSION'
                   DO UPDATE SET impressions = impressions + 1, items = items + ?4";
        sqlx::query(add).bind(scope).bind(slot).bind(micros(window)).bind(items).execute(&self.pool).await?;
        self.trim_feedback().await
    }

    /// Adds a click.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn add_click(
        &self,
        scope: &str,
        slot: &str,
        at: SystemTime,
        product: &ProductRef,
    ) -> Result<(), StoreError> {
        let add = "INSERT INTO feedback
                   (scope, kind, slot, at, product_origin, product_id, impressions, items)
                   VALUES (?, 'CLICK', ?, ?, ?, ?, 0, 0)";
        let add = sqlx::query(add).bind(scope).bind(slot).bind(micros(at));
        add.bind(&product.origin).bind(&product.id).execute(&self.pool).await?;
        self.trim_feedback().await
    }

    /// When the queue is full, the oldest go.
    async fn trim_feedback(&self) -> Result<(), StoreError> {
        let trim = "DELETE FROM feedback WHERE id IN
                    (SELECT id FROM feedback ORDER BY id DESC LIMIT -1 OFFSET ?)";
        let gone = sqlx::query(trim).bind(MOST_FEEDBACK).execute(&self.pool).await?.rows_affected();
        if gone > 0 {
            metrics::counter!("mirror_feedback_dropped_total", "why" => "full").increment(gone);
        }
        Ok(())
    }

    /// The oldest rows of a scope that are due: clicks, and impressions whose
    /// window began before `closed`.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn due(&self, scope: &str, closed: SystemTime, limit: u32) -> Result<Vec<Waiting>, StoreError> {
        let select =
            "SELECT * FROM feedback WHERE scope = ? AND (kind = 'CLICK' OR at <= ?) ORDER BY id LIMIT ?";
        let rows =
            sqlx::query(select).bind(scope).bind(micros(closed)).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(waiting).collect()
    }

    /// How many rows wait.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn waiting(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM feedback").fetch_one(&self.pool).await?;
        Ok(count.unsigned_abs())
    }

    /// A row has been told, or is given up.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn done(&self, id: i64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM feedback WHERE id = ?").bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// A part of a row's impressions has been told.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn told(&self, id: i64, impressions: u32, items: u32) -> Result<(), StoreError> {
        let update = "UPDATE feedback SET impressions = impressions - ?2, items = items - ?3 WHERE id = ?1";
        sqlx::query(update).bind(id).bind(impressions).bind(items).execute(&self.pool).await?;
        Ok(())
    }

    /// The provider refused a row.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn refused(&self, id: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE feedback SET refusals = refusals + 1 WHERE id = ?")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Feedback of other scopes is for nobody who could be asked now.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn drop_foreign_feedback(&self, scope: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM feedback WHERE scope <> ?").bind(scope).execute(&self.pool).await?;
        Ok(())
    }

    /// Closes it.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn answer(row: &SqliteRow) -> Result<(Key, KeptAnswer), sqlx::Error> {
    let cards: &str = row.try_get("cards")?;
    let key = Key {
        trigger: TriggerProduct { origin: row.try_get("origin")?, id: row.try_get("product_id")? },
        language: row.try_get("language")?,
    };
    let answer = KeptAnswer {
        cards: serde_json::from_str(cards).map_err(|error| sqlx::Error::Decode(error.into()))?,
        fetched_at: from_micros(row.try_get("fetched_at")?),
        fresh_for: Duration::from_micros(row.try_get::<i64, _>("fresh_for")?.unsigned_abs()),
    };
    Ok((key, answer))
}

fn waiting(row: &SqliteRow) -> Result<Waiting, StoreError> {
    let what = if row.try_get::<&str, _>("kind")? == "CLICK" {
        What::Click(ProductRef { origin: row.try_get("product_origin")?, id: row.try_get("product_id")? })
    } else {
        What::Impressions { impressions: row.try_get("impressions")?, items: row.try_get("items")? }
    };
    Ok(Waiting {
        id: row.try_get("id")?,
        slot: row.try_get("slot")?,
        at: from_micros(row.try_get("at")?),
        what,
        refusals: row.try_get("refusals")?,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) async fn store() -> (tempfile::TempDir, RecommendationStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = RecommendationStore::open(folder.path()).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn a_damaged_answer_is_as_none() {
        let (_folder, store) = store().await;
        let answer = KeptAnswer {
            cards: vec![ProductCard { name: "Tea".to_owned(), ..ProductCard::default() }],
            fetched_at: SystemTime::UNIX_EPOCH + Duration::from_micros(1_700_000_000_000_001),
            fresh_for: Duration::from_secs(30),
        };
        let key = |id: &str| Key { trigger: id.into(), language: "en".to_owned() };
        for id in ["a", "b"] {
            store.keep("s", &key(id), &answer).await.unwrap();
        }
        sqlx::query("UPDATE answers SET cards = '[{' WHERE product_id = 'a'")
            .execute(&store.pool)
            .await
            .unwrap();
        assert_eq!(store.answers("s").await.unwrap(), [(key("b"), answer)]);
        assert!(store.answers("another tenant").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_full_queue_loses_its_oldest() {
        let (_folder, store) = store().await;
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO feedback (scope, kind, slot, at, product_origin, product_id, impressions, items)
                    SELECT 's', 'CLICK', '', i, '', 'P' || i, 0, 0 FROM n";
        sqlx::query(fill).bind(MOST_FEEDBACK).execute(&store.pool).await.unwrap();
        let product = ProductRef { origin: String::new(), id: "last".to_owned() };
        store.add_click("s", "", SystemTime::now(), &product).await.unwrap();
        assert_eq!(store.waiting().await.unwrap(), MOST_FEEDBACK.unsigned_abs());
        let first = &store.due("s", SystemTime::now(), 1).await.unwrap()[0];
        assert!(matches!(&first.what, What::Click(product) if product.id == "P2"));
    }
}
