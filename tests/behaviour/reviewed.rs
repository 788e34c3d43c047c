//! What a review has found: each case was wrong once.

use crate::{
    accounts::cache,
    fixtures::{dead_letters, eventually, patient},
    logged::Log,
};
use cache_runtime::{Cache, CacheTx, Queue, repository, store::MemoryStore};
use serde::{Deserialize, Serialize};
use sqlx::{Sqlite, SqlitePool, sqlite::SqlitePoolOptions};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Item {
    id: i64,
    stock: i64,
    rev: i64,
}

impl From<(i64, i64, i64)> for Item {
    fn from((id, stock, rev): (i64, i64, i64)) -> Self {
        Self { id, stock, rev }
    }
}

#[derive(Clone)]
struct Items {
    db: SqlitePool,
    cache: Cache,
    loads: Arc<AtomicUsize>,
    failing: Arc<AtomicBool>,
    /// Writers pass one at a time as permits are given, after their statement.
    gate: Arc<Semaphore>,
    wrote: Arc<AtomicUsize>,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Items {
    #[cached(strategy = "read_through", key = "reviewed-item:<id>", version = <result.rev>)]
    async fn get(&self, id: i64) -> sqlx::Result<Item> {
        self.loads.fetch_add(1, SeqCst);
        let row: (i64, i64, i64) =
            sqlx::query_as("SELECT * FROM item WHERE id = ?").bind(id).fetch_one(&self.db).await?;
        Ok(Item::from(row))
    }

    #[cached(strategy = "write_through", key = "reviewed-item:<id>", version = <result.rev>)]
    async fn bump(&self, tx: &mut CacheTx<'_, Sqlite>, id: i64) -> sqlx::Result<Item> {
        let bump = "UPDATE item SET stock = stock + 1, rev = rev + 1 WHERE id = ? RETURNING *";
        let row: (i64, i64, i64) = sqlx::query_as(bump).bind(id).fetch_one(&mut ***tx).await?;
        Ok(Item::from(row))
    }

    #[cached(strategy = "read_through", key = "reviewed-near:<id>", level = "strict", l1_max_lag = "1h")]
    async fn near(&self, id: i64) -> sqlx::Result<i64> {
        self.loads.fetch_add(1, SeqCst);
        sqlx::query_scalar("SELECT stock FROM item WHERE id = ?").bind(id).fetch_one(&self.db).await
    }

    #[invalidates(near(id))]
    async fn restock(&self, id: i64, stock: i64) -> sqlx::Result<()> {
        let restock = sqlx::query("UPDATE item SET stock = ? WHERE id = ?");
        restock.bind(stock).bind(id).execute(&self.db).await?;
        self.wrote.fetch_add(1, SeqCst);
        self.gate.acquire().await.unwrap().forget();
        Ok(())
    }

    #[cached(strategy = "read_through", key = "reviewed-note:<id>")]
    async fn note(&self, id: i64) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT stock FROM item WHERE id = ?").bind(id).fetch_one(&self.db).await
    }

    #[cached(strategy = "write_behind", key = "reviewed-note:<id>", value = stock, unordered)]
    async fn jot(&self, id: i64, stock: i64) -> sqlx::Result<()> {
        if self.failing.load(SeqCst) {
            return Err(sqlx::Error::PoolTimedOut);
        }
        let jot = sqlx::query("UPDATE item SET stock = ? WHERE id = ?");
        jot.bind(stock).bind(id).execute(&self.db).await.map(drop)
    }
}

impl Items {
    async fn over(cache: Cache) -> Self {
        let db = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
        let table = "CREATE TABLE item (id INTEGER PRIMARY KEY, stock INTEGER, rev INTEGER); INSERT INTO item VALUES (1, 0, 1)";
        sqlx::raw_sql(table).execute(&db).await.unwrap();
        Self {
            db,
            cache,
            loads: Arc::default(),
            failing: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            wrote: Arc::default(),
        }
    }
}

/// The same rows without the readers and writers that are refused beside a write-behind function in one block.
struct Direct<'i>(&'i Items);

#[repository(cache = self.0.cache, ttl = "5m")]
impl Direct<'_> {
    #[allow(deprecated)]
    #[cached(strategy = "write_around", key = "reviewed-note:<id>")]
    async fn set_in(&self, tx: &mut CacheTx<'_, Sqlite>, id: i64, stock: i64) -> sqlx::Result<()> {
        let set = sqlx::query("UPDATE item SET stock = ? WHERE id = ?");
        set.bind(stock).bind(id).execute(&mut ***tx).await.map(drop)
    }
}

#[tokio::test]
async fn a_rolled_back_version_keeps_no_row_out() {
    let store = MemoryStore::new();
    let items = Items::over(cache(store.clone(), patient(), crate::accounts::INTENT).await).await;
    let mut tx = items.cache.begin(&items.db).await.unwrap();
    assert_eq!(items.bump(&mut tx, 1).await.unwrap().rev, 2);
    tx.rollback().await.unwrap();
    assert_eq!(items.get(1).await.unwrap().rev, 1);
    items.loads.store(0, SeqCst);
    assert_eq!(items.get(1).await.unwrap().rev, 1);
    assert_eq!(items.loads.load(SeqCst), 0, "it was stored");
}

#[tokio::test]
async fn the_memory_of_a_writer_does_not_answer_while_its_strict_write_is_open() {
    let store = MemoryStore::new();
    let items = Items::over(cache(store.clone(), patient(), crate::accounts::INTENT).await).await;
    // It is kept once this process hears what others write.
    let begun = std::time::Instant::now();
    while items.cache.stats().entries == 0 {
        assert_eq!(items.near(1).await.unwrap(), 0);
        assert!(begun.elapsed() < Duration::from_secs(20), "it answers from memory");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    items.gate.forget_permits(Semaphore::MAX_PERMITS);
    let writing = tokio::spawn({
        let items = items.clone();
        async move { items.restock(1, 7).await }
    });
    eventually("the commit", || items.wrote.load(SeqCst) == 1).await;
    // Others read the new row by now.
    assert_eq!(items.near(1).await.unwrap(), 7);
    items.gate.add_permits(1);
    writing.await.unwrap().unwrap();
    assert_eq!(items.near(1).await.unwrap(), 7);
}

#[tokio::test]
async fn a_transaction_overtakes_what_write_behind_could_not_write() {
    let (log, _guard) = Log::listen();
    let queue = Queue::memory().flush_every(Duration::from_millis(1));
    let items = Items::over(Cache::builder().write_behind(queue).build_memory()).await;
    items.failing.store(true, SeqCst);
    items.jot(1, 5).await.unwrap();
    assert_eq!(items.note(1).await.unwrap(), 5, "acknowledged");
    let mut tx = items.cache.begin(&items.db).await.unwrap();
    Direct(&items).set_in(&mut tx, 1, 9).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(items.note(1).await.unwrap(), 9, "committed later");
    let letters = dead_letters(&items.cache);
    assert_eq!(letters.len(), 1, "it was never written, and is not lost");
    let about =
        |line: &String| line.starts_with("ERROR") && line.contains(&format!("id=\"{}\"", letters[0].id()));
    let said: Vec<_> = log.lines().into_iter().filter(about).collect();
    assert!(said.len() == 1 && said[0].contains("Items::jot") && said[0].contains("overtook"), "{said:?}");
    let counted: u64 = items.cache.stats().functions.iter().map(|function| function.dead_letters).sum();
    assert_eq!(counted, 1);
    items.failing.store(false, SeqCst);
    items.cache.flush_all().await.unwrap();
    assert_eq!(items.note(1).await.unwrap(), 9);
}

#[tokio::test]
async fn a_transaction_that_is_rolled_back_overtakes_nothing() {
    let queue = Queue::memory().flush_every(Duration::from_millis(1));
    let items = Items::over(Cache::builder().write_behind(queue).build_memory()).await;
    items.failing.store(true, SeqCst);
    items.jot(1, 5).await.unwrap();
    let mut tx = items.cache.begin(&items.db).await.unwrap();
    Direct(&items).set_in(&mut tx, 1, 9).await.unwrap();
    tx.rollback().await.unwrap();
    items.failing.store(false, SeqCst);
    items.cache.flush_all().await.unwrap();
    assert_eq!(items.note(1).await.unwrap(), 5);
    assert!(dead_letters(&items.cache).is_empty());
}
