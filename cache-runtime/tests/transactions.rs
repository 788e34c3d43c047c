//! Do readers that take a transaction leave the cache alone while it is open, however its type is written?
#![allow(missing_docs)]

use cache_runtime::{Cache, CacheTx, Transaction, cached, repository};
use sqlx::{Sqlite, SqlitePool};

type Tx<'t> = CacheTx<'t, Sqlite>;

#[derive(Clone)]
struct Counts {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Counts {
    #[cached(strategy = "read_through", key = "count:<id>")]
    async fn by_type(&self, id: i64, tx: &mut CacheTx<'_, Sqlite>) -> sqlx::Result<i64> {
        count(id, tx).await
    }

    #[cached(key = "count:<id>")]
    async fn by_alias(&self, id: i64, tx: &mut Tx<'_>) -> sqlx::Result<i64> {
        count(id, tx).await
    }

    #[cached(key = "count:<id>", skip(tx))]
    async fn skipped(&self, id: i64, tx: &mut Tx<'_>) -> sqlx::Result<i64> {
        count(id, tx).await
    }

    #[cached(key = "count:<id>")]
    async fn generic<T: Transaction>(&self, id: i64, tx: &mut T) -> sqlx::Result<i64> {
        let _ = tx;
        Ok(id)
    }

    #[cached(key = "count:<id>", skip(trace))]
    async fn traced(&self, id: i64, trace: &mut Vec<i64>) -> sqlx::Result<i64> {
        trace.push(id);
        Ok(id)
    }
}

#[cached(key = "alone:<id>", ttl = "5m")]
async fn alone(cache: &Cache, id: i64, tx: &mut Tx<'_>) -> sqlx::Result<i64> {
    count(id, tx).await
}

async fn count(id: i64, tx: &mut Tx<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT ?").bind(id).fetch_one(&mut ***tx).await
}

/// How often bodies ran, and how many hits there were.
fn ran(cache: &Cache) -> (u64, u64) {
    let stats = cache.stats();
    stats.functions.iter().fold((0, 0), |(loads, hits), f| (loads + f.loads, hits + f.hits))
}

#[tokio::test]
async fn readers_in_a_transaction_neither_look_up_nor_fill() {
    let cache = Cache::memory();
    let pool = SqlitePool::connect("sqlite::memory:").await.expect("a database");
    let counts = Counts { cache: cache.clone() };
    let mut tx = cache.begin(&pool).await.expect("a transaction");
    for _ in 0..2 {
        assert_eq!(counts.by_type(1, &mut tx).await.expect("a number"), 1);
        assert_eq!(counts.by_alias(1, &mut tx).await.expect("a number"), 1);
        assert_eq!(counts.skipped(1, &mut tx).await.expect("a number"), 1);
        assert_eq!(counts.generic(1, &mut tx).await.expect("a number"), 1);
        assert_eq!(alone(&cache, 1, &mut tx).await.expect("a number"), 1);
    }
    assert_eq!(ran(&cache), (10, 0));
}

#[tokio::test]
async fn what_is_skipped_and_no_transaction_changes_nothing() {
    let cache = Cache::memory();
    let counts = Counts { cache: cache.clone() };
    let mut trace = Vec::new();
    for _ in 0..3 {
        assert_eq!(counts.traced(7, &mut trace).await.expect("a number"), 7);
    }
    assert_eq!((trace, ran(&cache)), (vec![7], (1, 2)));
}
