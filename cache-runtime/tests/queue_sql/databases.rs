//! The databases of these tests.

use sqlx::{
    Any, AnyPool, PgPool, Pool, SqlitePool,
    any::AnyPoolOptions,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    env, fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use test_servers::Postgres;

static FILES: AtomicU32 = AtomicU32::new(0);

/// A SQLite file of its own, gone with this value.
pub(crate) struct SqliteFile(PathBuf);

impl SqliteFile {
    pub(crate) fn new() -> Self {
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("queue-sql-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the database");
        Self(folder)
    }

    fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new().filename(self.0.join("queue.db")).create_if_missing(true)
    }

    /// In WAL mode.
    pub(crate) async fn pool(&self, connections: u32) -> SqlitePool {
        let options = self
            .options()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(60));
        SqlitePoolOptions::new().max_connections(connections).connect_with(options).await.expect("a pool")
    }

    /// In WAL mode, on the disk before a commit is answered.
    pub(crate) async fn safe_pool(&self, connections: u32) -> SqlitePool {
        let options = self
            .options()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(60));
        SqlitePoolOptions::new().max_connections(connections).connect_with(options).await.expect("a pool")
    }

    /// With a rollback journal, and connections that don't wait for each other by themselves.
    pub(crate) async fn impatient_pool(&self, connections: u32) -> SqlitePool {
        let options = self
            .options()
            .journal_mode(SqliteJournalMode::Delete)
            .synchronous(SqliteSynchronous::Off)
            .busy_timeout(Duration::ZERO);
        SqlitePoolOptions::new().max_connections(connections).connect_with(options).await.expect("a pool")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}?mode=rwc", self.0.join("queue.db").display())
    }
}

impl Drop for SqliteFile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) async fn postgres(server: &Postgres) -> PgPool {
    PgPoolOptions::new().max_connections(20).connect(&server.url()).await.expect("a pool")
}

pub(crate) async fn any(url: &str) -> AnyPool {
    sqlx::any::install_default_drivers();
    let pool: Pool<Any> = AnyPoolOptions::new().max_connections(8).connect(url).await.expect("a pool");
    pool
}
