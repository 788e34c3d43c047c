//! Caches to try promises on.

use behaviour_tests::Products;
use cache_runtime::{
    Cache,
    store::{Deadlines, MemoryStore},
};
use futures_util::FutureExt as _;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// A cache in this process, and one over a shared store.
pub(crate) async fn each_kind() -> Vec<(&'static str, Products)> {
    vec![
        ("memory", Products::new(Cache::memory())),
        ("shared", Products::new(shared(&MemoryStore::new()).await)),
    ]
}

/// A process that shares `store` with others.
pub(crate) async fn shared(store: &MemoryStore) -> Cache {
    Cache::builder().namespace("test").store(store.clone()).deadlines(patient()).build().await.unwrap()
}

/// Two processes that share a store and a database.
pub(crate) async fn two_processes() -> (Products, Products) {
    let store = MemoryStore::new();
    let a = Products::new(shared(&store).await);
    let b = Products { db: a.db.clone(), cache: shared(&store).await };
    (a, b)
}

/// Lets everything else that can run, run, until `reached`.
pub(crate) async fn eventually(what: &str, mut reached: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !reached() {
        assert!(Instant::now() < end, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The dead letters of a queue in this process, which answers at once.
pub(crate) fn dead_letters(cache: &cache_runtime::Cache) -> Vec<cache_runtime::DeadLetter> {
    cache.write_behind().dead_letters().now_or_never().expect("it is in this process").unwrap()
}

/// Lets the tasks of this thread run until they wait for something.
pub(crate) async fn others_run() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// Deadlines for tests of what is kept, on machines that are busy with other tests: a read that takes too long is no hit.
pub(crate) fn patient() -> Deadlines {
    let mut deadlines = Deadlines::default();
    deadlines.read = Duration::from_secs(10);
    deadlines.lease = Duration::from_secs(10);
    deadlines.fill = Duration::from_secs(10);
    deadlines.fence = Duration::from_secs(2);
    deadlines
}

/// A database in a file of its own, so that each pool, and each of its connections, is somebody of its own.
pub(crate) struct SqliteFile(PathBuf);

impl SqliteFile {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("cache-{}-{}.db", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) async fn pool(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new()
            .filename(&self.0)
            .create_if_missing(true)
            .busy_timeout(Duration::from_secs(20))
            .journal_mode(SqliteJournalMode::Wal);
        SqlitePool::connect_with(options).await.unwrap()
    }
}

impl Drop for SqliteFile {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", self.0.display()));
        }
    }
}
