//! Batches that don't end: a connection whose other end is gone may never say so.

use crate::{
    fixtures::{SqliteFile, dead_letters, eventually},
    logged::Log,
};
use cache_runtime::{Cache, CacheTx, Queue, repository};
use sqlx::{Sqlite, SqlitePool, sqlite::SqliteJournalMode};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::timeout;

const LONG: Duration = Duration::from_secs(20);
const LIMIT: Duration = Duration::from_millis(300);

/// Counters in a database, to which every delta arrives once.
#[derive(Clone)]
struct Counts {
    cache: Cache,
    db: SqlitePool,
    calls: Arc<AtomicU32>,
    /// So many calls write, and then hang.
    hang: Arc<AtomicU32>,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Counts {
    fn add(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
        (a.0, a.1 + b.1)
    }

    #[cached(strategy = "read_through", key = "hanging-count:<id>")]
    async fn count(&self, id: i64) -> sqlx::Result<Option<(i64, i64)>> {
        self.row(id).await
    }

    #[cached(strategy = "write_behind", key = "hanging-count:<d.0>", merge = Self::add, batch = Self::save)]
    async fn more(&self, d: (i64, i64)) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[(i64, i64)]) -> sqlx::Result<()> {
        self.calls.fetch_add(1, SeqCst);
        for (id, n) in batch {
            let add = "INSERT INTO count VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n";
            sqlx::query(add).bind(id).bind(n).execute(&mut ***tx).await?;
        }
        self.hang_once().await;
        Ok(())
    }

    #[cached(strategy = "write_behind", key = "hanging-tag:<id>", value = tag, unordered, batch = Self::save_tags)]
    async fn tag(&self, id: i64, tag: u32) -> sqlx::Result<()>;

    #[cached(strategy = "read_through", key = "hanging-tag:<id>")]
    async fn tagged(&self, id: i64) -> sqlx::Result<u32> {
        let _ = id;
        Ok(0)
    }

    async fn save_tags(&self, batch: &[(i64, u32)]) -> sqlx::Result<()> {
        assert!(!batch.is_empty());
        self.calls.fetch_add(1, SeqCst);
        self.hang_once().await;
        Ok(())
    }
}

impl Counts {
    async fn over(db: SqlitePool, queue: Queue) -> Self {
        let table = "CREATE TABLE IF NOT EXISTS count (id INTEGER PRIMARY KEY, n INTEGER)";
        sqlx::raw_sql(table).execute(&db).await.unwrap();
        let queue = queue.flush_every(Duration::from_millis(5)).flush_timeout(LIMIT);
        let cache = Cache::builder().write_behind(queue).build_memory();
        Self { cache, db, calls: Arc::default(), hang: Arc::default() }
    }

    async fn row(&self, id: i64) -> sqlx::Result<Option<(i64, i64)>> {
        sqlx::query_as("SELECT id, n FROM count WHERE id = ?").bind(id).fetch_optional(&self.db).await
    }

    async fn hang_once(&self) {
        if self.hang.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            std::future::pending::<()>().await;
        }
    }

    async fn attempts(&self) -> Vec<u64> {
        let failures = self.cache.write_behind().status().await.unwrap().failures;
        failures.into_iter().map(|failed| failed.attempts).collect()
    }
}

#[tokio::test]
async fn a_batch_that_hangs_is_dropped_after_a_while_and_written_again() {
    let (log, _guard) = Log::listen();
    let file = SqliteFile::new();
    let counts = Counts::over(file.pool().await, Queue::memory()).await;
    counts.hang.store(2, SeqCst);
    counts.tag(1, 1).await.unwrap();
    eventually("it hangs", || counts.calls.load(SeqCst) == 1).await;
    counts.more((1, 5)).await.unwrap();
    timeout(LONG, counts.cache.flush_all()).await.expect("a batch that hangs holds up everything").unwrap();
    assert_eq!(counts.row(1).await.unwrap(), Some((1, 5)));
    assert!(log.says("its `flush_timeout`"), "{:?}", log.lines());
    assert!(dead_letters(&counts.cache).is_empty());
}

#[tokio::test]
async fn a_transaction_that_hangs_before_its_commit_is_rolled_back_and_made_again() {
    let file = SqliteFile::new();
    let counts = Counts::over(file.pool().await, Queue::memory()).await;
    counts.hang.store(2, SeqCst);
    counts.more((1, 5)).await.unwrap();
    timeout(LONG, counts.cache.flush_all()).await.expect("a batch that hangs holds up everything").unwrap();
    assert_eq!((counts.calls.load(SeqCst), counts.row(1).await.unwrap()), (3, Some((1, 5))));
    assert_eq!(counts.attempts().await, [0]);
}

#[tokio::test]
async fn of_a_commit_that_hangs_the_database_is_asked_and_nothing_is_written_twice() {
    let (log, _guard) = Log::listen();
    let file = SqliteFile::new();
    // Without a log beside it a commit waits for whoever reads.
    let options =
        file.pool().await.connect_options().as_ref().clone().journal_mode(SqliteJournalMode::Delete);
    let db = SqlitePool::connect_with(options).await.unwrap();
    let counts = Counts::over(db.clone(), Queue::memory()).await;
    counts.more((1, 5)).await.unwrap();
    counts.cache.flush_all().await.unwrap();
    let mut reader = db.acquire().await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT * FROM count").execute(&mut *reader).await.unwrap();
    counts.more((1, 6)).await.unwrap();
    eventually("it isn't known", || log.says("it is not known whether a flush was committed")).await;
    eventually("nobody answers", || log.says("the database could not be asked")).await;
    assert!(counts.attempts().await[0] > 1);
    sqlx::raw_sql("COMMIT").execute(&mut *reader).await.unwrap();
    timeout(LONG, counts.cache.flush_all()).await.expect("the database is there again").unwrap();
    assert_eq!((counts.calls.load(SeqCst), counts.row(1).await.unwrap()), (2, Some((1, 11))));
    assert_eq!(counts.attempts().await, [0], "the database has it");
}
