//! Ours, on each queue.

use crate::{
    rows::{self, Db, Row},
    writers::{Flow, Writes},
};
use cache_runtime::{Cache, CacheTx, Queue, repository};
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

#[derive(Clone)]
pub(crate) struct InPostgres {
    db: PgPool,
    cache: Cache,
}

#[allow(deprecated, reason = "nobody reads what is measured here")]
#[repository(cache = self.cache, db = self.db, ttl = "1h")]
impl InPostgres {
    #[cached(strategy = "write_behind", key = "postgres-row:<row.id>", value = row, batch = Self::save)]
    async fn put(&self, row: Row) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Postgres>, batch: &[Row]) -> sqlx::Result<()> {
        rows::postgres(tx, batch).await
    }
}

#[derive(Clone)]
pub(crate) struct InSqlite {
    db: SqlitePool,
    cache: Cache,
}

#[allow(deprecated, reason = "nobody reads what is measured here")]
#[repository(cache = self.cache, db = self.db, ttl = "1h")]
impl InSqlite {
    #[cached(strategy = "write_behind", key = "sqlite-row:<row.id>", value = row, batch = Self::save)]
    async fn put(&self, row: Row) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Row]) -> sqlx::Result<()> {
        rows::sqlite(tx, batch).await
    }
}

/// A repository over its database.
enum Rows {
    Postgres(InPostgres),
    Sqlite(InSqlite),
}

/// A repository and its cache.
pub(crate) struct Behind {
    namespace: String,
    rows: Rows,
}

/// Where writes wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    RedisFsync,
    Redis,
    Sql,
    Memory,
}

impl Behind {
    /// A cache of its own over these. `drains` is off to see what the acknowledgement costs alone.
    pub(crate) async fn new(kind: Kind, url: &str, db: &Db, drains: bool) -> Self {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        // A namespace of its own: a queue in tables may still have what nobody drained.
        let namespace = format!("run-{}", RUNS.fetch_add(1, Ordering::Relaxed));
        Self::over(namespace, kind, url, db, drains).await
    }

    async fn over(namespace: String, kind: Kind, url: &str, db: &Db, drains: bool) -> Self {
        let queue = match (kind, db) {
            (Kind::RedisFsync, _) => Queue::redis_fsync(),
            (Kind::Redis, _) => Queue::redis(),
            (Kind::Memory, _) => Queue::memory(),
            (Kind::Sql, Db::Postgres(pool)) => Queue::sql(pool),
            (Kind::Sql, Db::Sqlite(pool)) => Queue::sql(pool),
        };
        let queue = if drains { queue } else { queue.flush_elsewhere().max_pending(100_000_000) };
        let builder = Cache::builder().namespace(&*namespace).write_behind(queue);
        let cache = match kind {
            Kind::RedisFsync | Kind::Redis => builder.redis(url).build().await,
            Kind::Sql | Kind::Memory => builder.build().await,
        };
        let cache = cache.expect("the options fit");
        let rows = match db.clone() {
            Db::Postgres(db) => Rows::Postgres(InPostgres { db, cache }),
            Db::Sqlite(db) => Rows::Sqlite(InSqlite { db, cache }),
        };
        Self { namespace, rows }
    }

    /// Another process, in effect, which begins to flush what this one has accepted.
    pub(crate) async fn flushed_by_another(&self, kind: Kind, url: &str, db: &Db) {
        let other = Self::over(self.namespace.clone(), kind, url, db, true).await;
        let flusher = other.cache().flusher();
        let flusher = match &other.rows {
            Rows::Postgres(rows) => flusher.serve(rows.clone()),
            Rows::Sqlite(rows) => flusher.serve(rows.clone()),
        };
        let _running = flusher.spawn();
        other.cache().flush_all().await.expect("every write is valid");
    }

    fn cache(&self) -> &Cache {
        match &self.rows {
            Rows::Postgres(rows) => &rows.cache,
            Rows::Sqlite(rows) => &rows.cache,
        }
    }
}

impl Writes for Behind {
    fn write(&self, row: Row) -> Flow<'_, ()> {
        Box::pin(async move {
            match &self.rows {
                Rows::Postgres(rows) => rows.put(row).await,
                Rows::Sqlite(rows) => rows.put(row).await,
            }
            .expect("the write is accepted");
        })
    }

    fn drained(self: Arc<Self>) -> Flow<'static, ()> {
        Box::pin(async move { self.cache().flush_all().await.expect("every write is valid") })
    }
}
