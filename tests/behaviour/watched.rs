//! A repository of whose hits every one is compared with its row.

use crate::repo::E;
use cache_runtime::{Cache, FunctionStats, repository};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};
use tokio::sync::Semaphore;

#[derive(Clone)]
#[must_use]
pub(crate) struct Watched {
    pub(crate) cache: Cache,
    pub(crate) row: Arc<Row>,
}

pub(crate) struct Row {
    value: Mutex<Option<u32>>,
    pub(crate) failing: AtomicBool,
    pub(crate) reads: AtomicUsize,
    /// Reads pass as permits are given, after they have read.
    pub(crate) gate: Semaphore,
    pub(crate) writes: Semaphore,
}

impl Watched {
    pub(crate) fn new(cache: Cache) -> Self {
        let row = Row {
            value: Mutex::new(Some(1)),
            failing: false.into(),
            reads: 0.into(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            writes: Semaphore::new(Semaphore::MAX_PERMITS),
        };
        Self { cache, row: Arc::new(row) }
    }

    /// Changes the row behind the cache's back.
    pub(crate) fn set(&self, value: Option<u32>) {
        *self.row.value.lock().unwrap() = value;
    }

    pub(crate) fn reads(&self) -> usize {
        self.row.reads.load(SeqCst)
    }

    pub(crate) fn stats(&self, function: &str) -> FunctionStats {
        let stats = self.cache.stats();
        stats.functions.into_iter().find(|stats| stats.function == function).unwrap()
    }

    async fn read(&self) -> Result<Option<u32>, E> {
        self.row.reads.fetch_add(1, SeqCst);
        let value = *self.row.value.lock().unwrap();
        self.row.gate.acquire().await.unwrap().forget();
        if self.row.failing.load(SeqCst) { Err(E("down".into())) } else { Ok(value) }
    }
}

#[repository(cache = self.cache, ttl = "5m", verify = 1.0)]
impl Watched {
    #[cached(strategy = "read_through", key = "watched:<id>", negative_ttl = 300)]
    pub(crate) async fn find(&self, id: u32) -> Result<Option<u32>, E> {
        self.read().await
    }

    #[cached(strategy = "refresh_ahead", key = "ahead:<id>")]
    pub(crate) async fn ahead(&self, id: u32) -> Result<Option<u32>, E> {
        self.read().await
    }

    #[cached(strategy = "read_through", key = "limited:<id>", timeout = "1h")]
    pub(crate) async fn limited(&self, id: u32) -> Result<Option<u32>, E> {
        self.read().await
    }

    /// What it caches is made of what another reader caches.
    #[cached(strategy = "read_through", key = "outer:<id>")]
    pub(crate) async fn outer(&self, id: u32) -> Result<Option<u32>, E> {
        self.find(id).await
    }

    #[cached(strategy = "write_around", key = "watched:<id>")]
    pub(crate) async fn write(&self, id: u32, value: u32) -> Result<(), E> {
        self.row.writes.acquire().await.unwrap().forget();
        self.set(Some(value));
        Ok(())
    }

    #[cached(strategy = "read_through", key = "owned:<id>")]
    pub(crate) async fn owned(&self, id: u32) -> Result<Option<u32>, E> {
        self.read().await
    }

    #[cached(strategy = "write_through", key = "owned:<id>")]
    pub(crate) async fn own(&self, id: u32, value: u32) -> Result<u32, E> {
        self.row.writes.acquire().await.unwrap().forget();
        self.set(Some(value));
        Ok(value)
    }

    #[cached(strategy = "read_through", key = "later:<id>")]
    pub(crate) async fn later(&self, id: u32) -> Result<Option<u32>, E> {
        self.read().await
    }

    #[cached(strategy = "write_behind", key = "later:<id>", value = value, ttl = "1h", batch = Self::save, unordered)]
    pub(crate) async fn defer(&self, id: u32, value: u32) -> Result<(), E>;
    async fn save(&self, batch: &[(u32, u32)]) -> Result<(), E> {
        self.row.writes.acquire().await.unwrap().forget();
        for (_, value) in batch {
            self.set(Some(*value));
        }
        Ok(())
    }
}
