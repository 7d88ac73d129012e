//! The database: SQLite in one file, `mirror.db` in the data directory.
//!
//! Write-ahead log with `synchronous = FULL`: what a call acknowledged is on
//! disk, also after kill -9 or a pulled plug. Migrations in `migrations/gallery/` run
//! at start. One module a table: [`labels`], [`models`], [`samples`] (with
//! `pictures`), [`embeddings`], [`changes`]; [`dataset`] is all of them together.

pub mod changes;
pub mod dataset;
pub mod embeddings;
pub mod labels;
pub mod models;
pub mod samples;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Sqlite, SqlitePool, Transaction};

pub(crate) const FILE: &str = "mirror.db";

const CONNECTIONS: u32 = 3;

/// The database, open.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
}

/// The database can't be opened. Each names the place.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory can't be made or written.
    #[error("can't write to the data directory {}: {cause}; set MIRROR_DATA_DIR to a directory that this user may write", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// SQLite can't open the file.
    #[error("can't open the database {}: {cause}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        cause: sqlx::Error,
    },
    /// The file is of another program, damaged, or of a newer version.
    #[error("can't bring the database {} up to date: {cause}", path.display())]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        cause: sqlx::migrate::MigrateError,
    },
}

/// A change or a question that the database didn't take.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No row with that number.
    #[error("there is no {what} {id}")]
    NotFound {
        /// "label" or "sample".
        what: &'static str,
        /// The number asked for.
        id: i64,
    },
    /// Another label has that name.
    #[error("there is a label '{0}' already; choose another name")]
    NameTaken(String),
    /// No change is left to take back.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// Another change would be taken back than was meant.
    #[error("change_id: another change, {newest}, came after it; see ListChanges")]
    NotNewest {
        /// The one that would be taken back.
        newest: i64,
    },
    /// No space is left.
    #[error("the disk is full; nothing was changed. Make space in the data directory and try again")]
    DiskFull,
    /// Another program holds the file, and did for some seconds.
    #[error("the database is being used by others; nothing was changed. Try again")]
    Busy,
    /// The file or its directory has become read-only.
    #[error(
        "the database can't be written; nothing was changed. Make the data directory writable and try again"
    )]
    ReadOnly,
    /// SQLite failed.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether it is the database that fails, whatever was asked of it.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::DiskFull | Self::ReadOnly | Self::Database(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        // The low byte is the kind, the others say more.
        match code.map(|code| code & 0xff) {
            _ if matches!(error, sqlx::Error::PoolTimedOut) => Self::Busy,
            Some(5 | 6) => Self::Busy,
            Some(8) => Self::ReadOnly,
            Some(13) => Self::DiskFull,
            _ => Self::Database(error),
        }
    }
}

impl Store {
    /// Opens the database in `data_dir`, made if absent, and brings it up to
    /// date.
    ///
    /// # Errors
    /// When the directory can't be written, or the file can't be opened or
    /// brought up to date.
    pub async fn open(data_dir: &Path) -> Result<Self, OpenError> {
        probe_directory(data_dir)
            .map_err(|cause| OpenError::Directory { path: data_dir.to_owned(), cause })?;
        let path = data_dir.join(FILE);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // A deleted picture is overwritten, not only unlinked.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            // When the disk is full SQLite itself rolls back, and the driver goes
            // on believing that the transaction is open: such a connection is
            // closed. What it was still to do comes before the ping.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options)
            .await
            .map_err(|cause| OpenError::Database { path: path.clone(), cause })?;
        sqlx::migrate!("migrations/gallery")
            .run(&pool)
            .await
            .map_err(|cause| OpenError::Migrate { path, cause })?;
        let store = Self { pool };
        // A mirror that nobody teaches any more lets old things go as well.
        if let Err(error) = store.let_go_of_old().await {
            tracing::warn!(%error, "What was deleted long ago is still kept");
        }
        Ok(store)
    }

    /// A transaction that writes: it has the write lock from the start, so it
    /// never fails for what another one wrote in between.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Writes something that changes nothing, to find out whether it can be written.
    ///
    /// # Errors
    /// When it can't.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&self.pool).await?;
        let write = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}"));
        sqlx::query(write).execute(&self.pool).await?;
        Ok(())
    }

    async fn let_go_of_old(&self) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        changes::let_go(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Closes it, so that the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// SQLite's own error for a read-only directory doesn't say so.
fn probe_directory(data_dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(data_dir)?;
    let probe = data_dir.join(".writable");
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(probe)
}

fn now_micros() -> i64 {
    micros(SystemTime::now())
}

/// Microseconds since 1970, as all times are stored.
pub(crate) fn micros(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A stored time.
pub(crate) fn from_micros(micros: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::recognition::LabelKind;

    pub(crate) async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn a_directory_that_can_not_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Store::open(&file.path().join("below")).await.unwrap_err().to_string();
        assert!(
            error.contains(&*file.path().to_string_lossy()) && error.contains("MIRROR_DATA_DIR"),
            "{error}"
        );
    }

    /// Runs `pragma` on every connection of the pool.
    pub(crate) async fn on_all_connections(store: &Store, pragma: &'static str) {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(store.pool.acquire().await.unwrap());
        }
        for connection in &mut connections {
            sqlx::query(pragma).execute(&mut **connection).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_full_disk_changes_nothing_and_says_so() {
        let (_folder, store) = store().await;
        store.insert_label("Hat", LabelKind::Product, "").await.unwrap();
        // SQLite gives the same error at its own limit as at the disk's end.
        on_all_connections(&store, "PRAGMA max_page_count = 1").await;
        let long = "x".repeat(200_000);
        let error = store.insert_label("Cap", LabelKind::Product, long.as_str()).await.unwrap_err();
        assert!(matches!(error, StoreError::DiskFull), "{error}");
        assert_eq!(store.labels().await.unwrap().len(), 1);
        assert_eq!(store.changes(None, 10).await.unwrap().len(), 1);
        on_all_connections(&store, "PRAGMA max_page_count = 1000000").await;
        for name in ["Cap", "Scarf", "Glove", "Belt"] {
            store.insert_label(name, LabelKind::Product, long.as_str()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_read_only_database_says_so_and_can_still_be_read() {
        let (_folder, store) = store().await;
        store.insert_label("Hat", LabelKind::Product, "").await.unwrap();
        on_all_connections(&store, "PRAGMA query_only = ON").await;
        let error = store.insert_label("Cap", LabelKind::Product, "").await.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly), "{error}");
        assert_eq!(store.labels().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_locked_database_is_waited_for_and_then_said_to_be_busy() {
        let (folder, store) = store().await;
        store.insert_label("Hat", LabelKind::Product, "").await.unwrap();
        on_all_connections(&store, "PRAGMA busy_timeout = 50").await;
        let other = Store::open(folder.path()).await.unwrap();
        let held = other.write().await.unwrap();
        let error = store.insert_label("Cap", LabelKind::Product, "").await.unwrap_err();
        assert!(matches!(error, StoreError::Busy), "{error}");
        assert_eq!(store.labels().await.unwrap().len(), 1, "readers are not in the way");
        held.rollback().await.unwrap();
        store.insert_label("Cap", LabelKind::Product, "").await.unwrap();
    }

    /// What a database of the first version keeps when it is brought up to date.
    #[tokio::test]
    async fn an_older_database_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new().filename(folder.path().join(FILE)).create_if_missing(true);
        let pool = SqlitePoolOptions::new().connect_with(options.foreign_keys(true)).await.unwrap();
        let mut first = sqlx::migrate!("migrations/gallery");
        first.migrations = first.migrations.iter().take(1).cloned().collect::<Vec<_>>().into();
        first.run(&pool).await.unwrap();
        let fill = "INSERT INTO labels (id, name, name_key, kind, product_id, created_at)
                        VALUES (3, 'Hat', 'hat', 'PRODUCT', 'P', 7), (9, 'Gone', 'gone', 'PRODUCT', '', 7);
                    DELETE FROM labels WHERE id = 9;
                    INSERT INTO models VALUES ('m', 'm', 1, 5);
                    INSERT INTO samples (id, label_id, model_fingerprint, embedding, created_at)
                        VALUES (4, 3, 'm', x'0000803f', 8);
                    INSERT INTO pictures VALUES (4, x'ffd8');";
        sqlx::raw_sql(fill).execute(&pool).await.unwrap();
        pool.close().await;

        let store = Store::open(folder.path()).await.unwrap();
        let labels = store.labels().await.unwrap();
        assert_eq!((labels.len(), labels[0].id.get(), labels[0].name.as_str()), (1, 3, "Hat"));
        let model = store.last_model().await.unwrap().unwrap();
        let embeddings = store.embeddings(&model.key).await.unwrap();
        assert_eq!((embeddings[0].0.get(), embeddings[0].2.whole.values()), (4, [1.0].as_slice()));
        assert_eq!(store.picture(embeddings[0].0).await.unwrap().unwrap(), [0xff, 0xd8]);
        let next = store.insert_label("Gone", LabelKind::Product, "").await.unwrap();
        assert!(next.id.get() > 9, "a number is never used twice");
        assert_eq!(store.delete_label(labels[0].id).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), [b'x'; 4096]).unwrap();
        let error = Store::open(folder.path()).await.unwrap_err().to_string();
        assert!(error.contains(FILE), "{error}");
    }
}
