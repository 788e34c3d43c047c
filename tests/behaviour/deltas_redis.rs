//! Deltas in a real Redis, read by processes that flush none of them and never made one.

use crate::fixtures::patient;
use cache_runtime::{Cache, CacheTx, Queue, repository};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sqlx::{Sqlite, SqlitePool, sqlite::SqlitePoolOptions};
use std::time::Duration;
use test_servers::{Fsync, Redis};
use tokio::time::timeout;

const LONG: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    id: i64,
    n: i64,
}

#[derive(Clone)]
struct Tallies {
    cache: Cache,
    db: SqlitePool,
}

#[repository(cache = self.cache, db = self.db, ttl = "1h", negative_ttl = "1h")]
impl Tallies {
    #[cached(strategy = "read_through", key = "tally:<id>")]
    async fn tally(&self, id: i64) -> sqlx::Result<Option<Tally>> {
        let select = sqlx::query_scalar("SELECT n FROM tally WHERE id = ?").bind(id);
        Ok(select.fetch_optional(&self.db).await?.map(|n| Tally { id, n }))
    }

    #[cached(strategy = "write_behind", key = "tally:<more.id>", merge = Self::sum, batch = Self::save)]
    async fn count(&self, more: Tally) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Tally]) -> sqlx::Result<()> {
        let add = "INSERT INTO tally VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET n = tally.n + excluded.n";
        for Tally { id, n } in batch {
            sqlx::query(add).bind(id).bind(n).execute(&mut ***tx).await?;
        }
        Ok(())
    }

    fn sum(one: Tally, more: Tally) -> Tally {
        Tally { n: one.n + more.n, ..one }
    }
}

/// Another block, which reads the same key as something else.
#[derive(Clone)]
struct Numbers(Tallies);

#[repository(cache = self.0.cache, ttl = "1h")]
impl Numbers {
    #[cached(strategy = "read_through", key = "tally:<id>")]
    async fn number(&self, id: i64) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT n FROM tally WHERE id = ?").bind(id).fetch_one(&self.0.db).await
    }
}

/// A block whose types only its callers know.
#[derive(Clone)]
struct Kept<T> {
    cache: Cache,
    db: SqlitePool,
    base: T,
}

trait Adds: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    fn plus(self, more: Self) -> Self;
}

impl Adds for i64 {
    fn plus(self, more: Self) -> Self {
        self + more
    }
}

#[repository(cache = self.cache, db = self.db, ttl = "1h")]
impl<T: Adds> Kept<T> {
    #[cached(strategy = "read_through", key = "kept-sum")]
    async fn kept(&self) -> sqlx::Result<T> {
        Ok(self.base.clone())
    }

    #[cached(strategy = "write_behind", key = "kept-sum", merge = T::plus, batch = Self::save)]
    async fn keep(&self, more: T) -> sqlx::Result<()>;

    /// The database is down.
    async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[T]) -> sqlx::Result<()> {
        let _ = (tx, batch);
        Err(sqlx::Error::PoolTimedOut)
    }
}

async fn redis() -> Redis {
    Redis::builder().appendonly(Fsync::EverySecond).start().await
}

async fn db() -> SqlitePool {
    // One connection is one database in memory.
    let db = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let table = "CREATE TABLE tally (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO tally VALUES (1, 10)";
    sqlx::raw_sql(table).execute(&db).await.unwrap();
    db
}

/// A process that flushes nothing, and serves nothing.
async fn process(redis: &Redis) -> Cache {
    let builder = Cache::builder().namespace("deltas").redis(redis.url()).deadlines(patient());
    builder.write_behind(Queue::redis().flush_elsewhere()).build().await.unwrap()
}

#[tokio::test]
async fn a_process_that_never_served_the_function_reads_pending_deltas() {
    let (redis, db) = (redis().await, db().await);
    let writer = Tallies { cache: process(&redis).await, db: db.clone() };
    let reader = Tallies { cache: process(&redis).await, db: db.clone() };
    assert_eq!(reader.tally(1).await.unwrap(), Some(Tally { id: 1, n: 10 }));
    for n in [3, 4] {
        writer.count(Tally { id: 1, n }).await.unwrap();
        writer.count(Tally { id: 2, n }).await.unwrap();
    }
    for process in [&reader, &writer] {
        assert_eq!(process.tally(1).await.unwrap(), Some(Tally { id: 1, n: 17 }));
        assert_eq!(process.tally(2).await.unwrap(), Some(Tally { id: 2, n: 7 }), "there is no row yet");
    }
    let builder = Cache::builder().namespace("deltas").redis(redis.url()).deadlines(patient());
    let queue = Queue::redis().flush_every(Duration::from_millis(5));
    let flushing = builder.write_behind(queue).build().await.unwrap();
    let served = Tallies { cache: flushing.clone(), db: db.clone() };
    let _flusher = flushing.flusher().serve(served).spawn();
    timeout(LONG, flushing.flush_all()).await.expect("it flushes").unwrap();
    assert_eq!(reader.tally(1).await.unwrap(), Some(Tally { id: 1, n: 17 }), "the database has them once");
    assert_eq!(reader.tally(2).await.unwrap(), Some(Tally { id: 2, n: 7 }));
}

#[tokio::test]
async fn a_reader_of_another_type_gets_what_the_database_has() {
    let (redis, db) = (redis().await, db().await);
    let writer = Tallies { cache: process(&redis).await, db: db.clone() };
    let reader = Numbers(Tallies { cache: process(&redis).await, db });
    writer.count(Tally { id: 1, n: 3 }).await.unwrap();
    assert_eq!(reader.number(1).await.unwrap(), 10);
}

#[tokio::test]
async fn deltas_of_a_generic_block_are_known_where_it_is_served() {
    let (redis, db) = (redis().await, db().await);
    let kept = |cache| Kept { cache, db: db.clone(), base: 10_i64 };
    let writer = kept(process(&redis).await);
    let queue = Queue::redis().flush_every(Duration::from_mins(10));
    let builder = Cache::builder().namespace("deltas").redis(redis.url()).deadlines(patient());
    let reader = kept(builder.write_behind(queue).build().await.unwrap());
    writer.keep(3).await.unwrap();
    assert_eq!(reader.kept().await.unwrap(), 10, "this process has no idea what is pending");
    let _flusher = reader.cache.flusher().serve(reader.clone()).spawn();
    assert_eq!(reader.kept().await.unwrap(), 13);
}
