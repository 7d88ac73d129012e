//! The database: SQLite in one file, `mirror.db` in the data directory.
//!
//! Write-ahead log with `synchronous = FULL`: what a call acknowledged is on
//! disk, also after kill -9 or a pulled plug. Migrations in `migrations/` run
//! at start. One module a table: [`labels`], [`models`], [`samples`].

pub mod labels;
pub mod models;
pub mod samples;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

const FILE: &str = "mirror.db";

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
    /// SQLite failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
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
            .max_connections(3)
            .connect_with(options)
            .await
            .map_err(|cause| OpenError::Database { path: path.clone(), cause })?;
        sqlx::migrate!().run(&pool).await.map_err(|cause| OpenError::Migrate { path, cause })?;
        Ok(Self { pool })
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

/// Microseconds since 1970, as all times are stored.
fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A stored time.
fn from_micros(micros: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

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

    #[tokio::test]
    async fn a_file_that_is_no_database_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), [b'x'; 4096]).unwrap();
        let error = Store::open(folder.path()).await.unwrap_err().to_string();
        assert!(error.contains(FILE), "{error}");
    }
}
