//! What becomes of events that the database refused, once it takes them.

use crate::databases::SqliteFile;
use cache_runtime::{Cache, CacheTx, Queue, repository};
use sqlx::{Executor, Sqlite, SqlitePool};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// A log of events, of which a key has several; a database that is told to takes none.
#[derive(Clone, Debug)]
struct Log {
    cache: Cache,
    db: SqlitePool,
    refuses: Arc<AtomicBool>,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Log {
    #[cached(strategy = "write_behind", key = "event:<event.0>", value = event, coalesce = false, batch = Self::save)]
    async fn append(&self, event: (i64, i64)) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[(i64, i64)]) -> sqlx::Result<()> {
        for (id, content) in batch {
            let content = if self.refuses.load(Ordering::Relaxed) { -1 } else { *content };
            let insert = sqlx::query("INSERT INTO log (id, content) VALUES (?, ?)");
            insert.bind(id).bind(content).execute(&mut ***tx).await?;
        }
        Ok(())
    }
}

impl Log {
    async fn new(db: SqlitePool, queue: Queue) -> Self {
        let table =
            "CREATE TABLE log (n INTEGER PRIMARY KEY, id INTEGER, content INTEGER CHECK (content >= 0))";
        db.execute(table).await.expect("the table");
        let queue = queue.attempts(1).flush_every(Duration::from_millis(10));
        Self { cache: Cache::builder().write_behind(queue).build_memory(), db, refuses: Arc::default() }
    }

    async fn dead(&self) -> usize {
        self.cache.write_behind().dead_letters().await.expect("the queue answers").len()
    }
}

async fn all_dead_events_of_a_key_are_replayed(db: SqlitePool, queue: Queue) {
    let log = Log::new(db, queue).await;
    log.refuses.store(true, Ordering::Relaxed);
    for content in [1, 2] {
        log.append((1, content)).await.expect("it is accepted");
    }
    let begun = Instant::now();
    while log.dead().await < 2 {
        assert!(begun.elapsed() < Duration::from_secs(30), "the database refuses both");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    log.refuses.store(false, Ordering::Relaxed);
    // One by one: what is flushed of the first, and what comes meanwhile, is nothing against the second.
    let dead = log.cache.write_behind().dead_letters().await.expect("the queue answers");
    for (letter, later) in dead.iter().zip([3, 4]) {
        assert!(log.cache.write_behind().replay(letter).await.expect("the queue answers"));
        log.cache.flush_all().await.expect("the database takes them");
        log.append((1, later)).await.expect("it is accepted");
        log.cache.flush_all().await.expect("the database takes them");
    }
    assert_eq!(log.dead().await, 0);
    let all: Vec<i64> = sqlx::query_scalar("SELECT content FROM log ORDER BY n")
        .fetch_all(&log.db)
        .await
        .expect("the database answers");
    assert_eq!(all, [1, 3, 2, 4]);
}

#[tokio::test]
async fn all_dead_events_of_a_key_are_replayed_by_a_queue_in_memory() {
    let file = SqliteFile::new();
    all_dead_events_of_a_key_are_replayed(file.pool(4).await, Queue::memory()).await;
}

#[tokio::test]
async fn all_dead_events_of_a_key_are_replayed_by_a_queue_in_sqlite() {
    let file = SqliteFile::new();
    let pool = file.pool(4).await;
    all_dead_events_of_a_key_are_replayed(pool.clone(), Queue::sql(&pool)).await;
}
