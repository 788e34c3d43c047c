//! A repository over a table in memory that counts what it is asked and can be made to wait.
#![allow(missing_docs)]
// Batch functions are async by contract; this database answers at once.
#![allow(clippy::unused_async)]

pub mod conflicting;
pub mod listed;
pub mod listing;

use cache_runtime::{Cache, repository};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::Semaphore;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub id: i64,
    pub category: String,
    pub price: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbError(pub String);

impl std::fmt::Display for DbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<cache_runtime::Error> for DbError {
    fn from(error: cache_runtime::Error) -> Self {
        Self(error.to_string())
    }
}

/// The table.
#[derive(Clone)]
pub struct Db(pub Arc<Table>);

pub struct Table {
    rows: Mutex<HashMap<i64, Product>>,
    pub queries: AtomicUsize,
    /// The sizes of the batches flushed.
    pub batches: Mutex<Vec<usize>>,
    pub failing: std::sync::atomic::AtomicBool,
    /// Reads pass one at a time as permits are given, after they have read; unlimited by default.
    pub gate: Semaphore,
    /// One permit for every read that has read, whether or not it may pass.
    pub reading: Semaphore,
}

impl std::ops::Deref for Db {
    type Target = Table;
    fn deref(&self) -> &Table {
        &self.0
    }
}

impl Default for Db {
    fn default() -> Self {
        let rows = (1..=20)
            .map(|id| {
                (id, Product { id, category: if id % 2 == 0 { "books" } else { "toys" }.into(), price: 100 })
            })
            .collect();
        Self(Arc::new(Table {
            rows: Mutex::new(rows),
            queries: AtomicUsize::new(0),
            batches: Mutex::default(),
            failing: false.into(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            reading: Semaphore::new(0),
        }))
    }
}

impl Db {
    /// From now on reads wait, after they have read, until permits are added to `gate`.
    pub fn hold_reads(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub fn queries(&self) -> usize {
        self.queries.load(Ordering::SeqCst)
    }

    /// Waits until this many more reads have read.
    pub async fn reads_reached(&self, reads: u32) {
        self.reading.acquire_many(reads).await.unwrap().forget();
    }

    /// Changes a row behind the cache's back.
    pub fn set_price(&self, id: i64, price: u32) {
        if let Some(row) = self.rows.lock().unwrap().get_mut(&id) {
            row.price = price;
        }
    }

    pub fn price(&self, id: i64) -> Option<u32> {
        self.rows.lock().unwrap().get(&id).map(|row| row.price)
    }

    pub fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    async fn read<T>(&self, read: impl FnOnce(&HashMap<i64, Product>) -> T) -> Result<T, DbError> {
        self.queries.fetch_add(1, Ordering::SeqCst);
        if self.failing.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
            return Err(DbError("the database is down".into()));
        }
        let value = read(&self.rows.lock().unwrap());
        self.reading.add_permits(1);
        self.gate.acquire().await.unwrap().forget();
        Ok(value)
    }

    fn write<T>(&self, write: impl FnOnce(&mut HashMap<i64, Product>) -> T) -> Result<T, DbError> {
        self.queries.fetch_add(1, Ordering::SeqCst);
        if self.failing.load(Ordering::SeqCst) {
            return Err(DbError("the database is down".into()));
        }
        Ok(write(&mut self.rows.lock().unwrap()))
    }
}

#[derive(Clone)]
#[must_use]
pub struct Products {
    pub db: Db,
    pub cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>", negative_ttl = 30)]
    pub async fn find(&self, id: i64) -> Result<Option<Product>, DbError> {
        self.db.read(|rows| rows.get(&id).cloned()).await
    }

    #[cached(strategy = "read_through", key = "product:<id>", each(id in ids), negative_ttl = 30)]
    pub async fn find_many(&self, ids: &[i64]) -> Result<HashMap<i64, Product>, DbError> {
        self.db.read(|rows| ids.iter().filter_map(|id| Some((*id, rows.get(id)?.clone()))).collect()).await
    }

    /// Takes long enough for every process of a fleet to miss.
    #[cached(strategy = "read_through", key = "slow:<id>")]
    pub async fn slow(&self, id: i64) -> Result<Option<Product>, DbError> {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        self.db.read(|rows| rows.get(&id).cloned()).await
    }

    #[cached(strategy = "read_through", key = "spare:<id>", ttl = 60, stale_if_error = "1h", timeout = "5s")]
    pub async fn spare(&self, id: i64) -> Result<Option<Product>, DbError> {
        self.db.read(|rows| rows.get(&id).cloned()).await
    }

    #[cached(strategy = "read_through", key = "browse:<category>:<page>")]
    pub async fn browse(&self, category: &str, page: u32) -> Result<Arc<Vec<Product>>, DbError> {
        let _ = page;
        self.db
            .read(|rows| Arc::new(rows.values().filter(|p| p.category == category).cloned().collect()))
            .await
    }

    #[cached(strategy = "write_through", ttl = 300, key = "product:<id>", invalidates(browse(result.category, ..)))]
    pub async fn reprice(&self, id: i64, price: u32) -> Result<Product, DbError> {
        self.db
            .write(|rows| {
                let row = rows.get_mut(&id)?;
                row.price = price;
                Some(row.clone())
            })?
            .ok_or_else(|| DbError("no such product".into()))
    }

    #[cached(strategy = "write_around", key = "product:<product.id>")]
    pub async fn import(&self, product: &Product) -> Result<(), DbError> {
        self.db.write(|rows| rows.insert(product.id, product.clone())).map(|_| ())
    }

    #[cached(strategy = "refresh_ahead", key = "home", ttl = 60, refresh_at = 0.8)]
    pub async fn home(&self) -> Result<Arc<Vec<Product>>, DbError> {
        self.db.read(|rows| Arc::new(rows.values().cloned().collect())).await
    }

    #[cached(strategy = "write_behind", key = "view:<p.id>", value = p, ttl = "1h", batch = Self::save_views, unordered)]
    pub async fn view(&self, p: Product) -> Result<(), DbError>;

    async fn save_views(&self, batch: &[Product]) -> Result<(), DbError> {
        if batch.iter().any(|p| p.category == "poison") {
            return Err(DbError("a row the database refuses".into()));
        }
        self.db.batches.lock().unwrap().push(batch.len());
        self.db.write(|rows| {
            rows.extend(batch.iter().map(|p| (1_000 + p.id, p.clone())));
        })
    }

    #[cached(strategy = "cache_aside", key = "view:<id>")]
    pub async fn viewed(&self, id: i64) -> Result<Option<Product>, DbError> {
        self.db.read(|rows| rows.get(&(1_000 + id)).cloned()).await
    }

    /// Waits inside the write until the gate lets it pass.
    #[cached(strategy = "write_through", key = "product:<id>")]
    pub async fn reprice_slowly(&self, id: i64, price: u32) -> Result<Product, DbError> {
        self.db.read(|_| ()).await?;
        self.db
            .write(|rows| {
                rows.get_mut(&id).map(|row| {
                    row.price = price;
                    row.clone()
                })
            })?
            .ok_or_else(|| DbError("no such product".into()))
    }

    #[cached(strategy = "write_through", key = "product:<product.id>", value = product)]
    pub async fn replace(&self, product: &Product) -> Result<(), DbError> {
        self.db.write(|rows| rows.insert(product.id, product.clone())).map(|_| ())
    }

    #[invalidates(find(id), browse(category, ..))]
    pub async fn delete(&self, id: i64, category: &str) -> Result<(), DbError> {
        self.db.write(|rows| rows.remove(&id)).map(|_| ())
    }
}

impl Products {
    pub fn new(cache: Cache) -> Self {
        Self { db: Db::default(), cache }
    }
}
