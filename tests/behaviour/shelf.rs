//! A repository whose readers are answered from memory beside a shared store.

use cache_runtime::{Cache, repository};
use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

#[derive(Clone)]
pub(crate) struct Shelf {
    rows: Arc<Mutex<HashMap<u32, u32>>>,
    loads: Arc<AtomicUsize>,
    pub(crate) cache: Cache,
}

impl Shelf {
    pub(crate) fn new(cache: Cache) -> Self {
        Self { rows: Arc::default(), loads: Arc::default(), cache }
    }

    /// Another process with the same database.
    pub(crate) fn beside(&self, cache: Cache) -> Self {
        Self { cache, ..self.clone() }
    }

    pub(crate) fn loads(&self) -> usize {
        self.loads.load(SeqCst)
    }

    /// How often a function was answered from this process.
    pub(crate) fn hits(&self, function: &str) -> u64 {
        let stats = self.cache.stats();
        let name = format!("::{function}");
        let named = |f: &str| f == function || f.ends_with(&name);
        stats.functions.iter().filter(|f| named(f.function)).map(|f| f.hits).sum()
    }

    /// Changes a row behind the caches' backs.
    pub(crate) fn set(&self, id: u32, value: u32) {
        self.rows.lock().unwrap().insert(id, value);
    }

    fn get(&self, id: u32) -> u32 {
        self.loads.fetch_add(1, SeqCst);
        self.rows.lock().unwrap().get(&id).copied().unwrap_or_default()
    }
}

#[repository(cache = self.cache, ttl = "5m")]
impl Shelf {
    #[cached(strategy = "read_through", key = "item:<id>")]
    pub(crate) async fn item(&self, id: u32) -> io::Result<u32> {
        Ok(self.get(id))
    }

    #[cached(strategy = "read_through", key = "item:<id>", each(id in ids))]
    pub(crate) async fn items(&self, ids: &[u32]) -> io::Result<HashMap<u32, u32>> {
        Ok(ids.iter().map(|id| (*id, self.get(*id))).collect())
    }

    #[cached(strategy = "write_around", key = "item:<id>")]
    pub(crate) async fn put(&self, id: u32, value: u32) -> io::Result<()> {
        self.set(id, value);
        Ok(())
    }

    #[cached(strategy = "read_through", key = "page:<id>:<page>")]
    pub(crate) async fn page(&self, id: u32, page: u32) -> io::Result<u32> {
        Ok(self.get(id) + page)
    }

    #[invalidates(page(id, ..))]
    pub(crate) async fn rewrite(&self, id: u32, value: u32) -> io::Result<()> {
        self.set(id, value);
        Ok(())
    }

    #[cached(strategy = "refresh_ahead", key = "ahead:<id>", ttl = 60, refresh_at = 0.5)]
    pub(crate) async fn ahead(&self, id: u32) -> io::Result<u32> {
        Ok(self.get(id))
    }

    // strict, by its writer
    #[cached(strategy = "read_through", key = "sum:<id>")]
    pub(crate) async fn sum(&self, id: u32) -> io::Result<u32> {
        Ok(self.get(id))
    }

    #[cached(strategy = "read_through", key = "sum:<id>", l1_max_lag = "60s")]
    pub(crate) async fn near_sum(&self, id: u32) -> io::Result<u32> {
        Ok(self.get(id))
    }

    #[cached(strategy = "write_through", key = "sum:<id>")]
    pub(crate) async fn set_sum(&self, id: u32, value: u32) -> io::Result<u32> {
        self.set(id, value);
        Ok(value)
    }
}
