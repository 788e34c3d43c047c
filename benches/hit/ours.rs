//! The functions of ours that are measured.

use crate::{KEYS, bursts::Contender};
use cache_benches::{LoadError, Product};
use cache_runtime::{Cache, cached, repository};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

static LOADS: AtomicU64 = AtomicU64::new(0);

/// How often a body has run.
pub(crate) fn loads() -> u64 {
    LOADS.load(Ordering::Relaxed)
}

fn load(id: u64) -> Product {
    LOADS.fetch_add(1, Ordering::Relaxed);
    Product::new(id)
}

#[cached(key = "free:<id>", ttl = "1h")]
async fn free(cache: &Cache, id: u64) -> Result<Arc<Product>, LoadError> {
    Ok(Arc::new(load(id)))
}

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "1h")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>")]
    async fn shared(&self, id: i64) -> Result<Arc<Product>, LoadError> {
        Ok(Arc::new(load(id.cast_unsigned())))
    }

    #[cached(strategy = "read_through", key = "owned:<id>")]
    async fn owned(&self, id: i64) -> Result<Product, LoadError> {
        Ok(load(id.cast_unsigned()))
    }

    #[cached(strategy = "read_through", key = "browse:<category>:<page>")]
    async fn browse(&self, category: &str, page: u32) -> Result<Arc<Product>, LoadError> {
        Ok(Arc::new(load(u64::from(page) + category.len() as u64)))
    }

    #[cached(strategy = "refresh_ahead", key = "ahead:<id>", refresh_at = 0.8)]
    async fn ahead(&self, id: i64) -> Result<Arc<Product>, LoadError> {
        Ok(Arc::new(load(id.cast_unsigned())))
    }
}

impl Clone for Products {
    fn clone(&self) -> Self {
        Self { cache: self.cache.clone() }
    }
}

pub(crate) fn all() -> Vec<Contender> {
    // One cache each, as the peers have: the tables of one must not push another's out of the processor's caches.
    let cache = || Cache::builder().memory(1 << 30).build_memory();
    let products = || -> &'static Products { Box::leak(Box::new(Products { cache: cache() })) };
    let free_cache: &'static Cache = Box::leak(Box::new(cache()));
    let (shared, owned, browse, ahead) = (products(), products(), products(), products());
    let categories: Vec<String> = (0..KEYS / 100).map(|n| format!("category-{n:05}")).collect();
    let categories: &'static [String] = categories.leak();
    vec![
        Contender::of("ours: free function, u64 -> Arc", move |key| free(free_cache, u64::from(key))),
        Contender::of("ours: method, i64 -> Arc", move |key| shared.shared(i64::from(key))),
        Contender::of("ours: method, i64 -> T", move |key| owned.owned(i64::from(key))),
        Contender::of("ours: method, &str + u32 -> Arc", move |key| {
            browse.browse(&categories[(key / 100) as usize], key % 100)
        }),
        Contender::of("ours: refresh_ahead, i64 -> Arc", move |key| ahead.ahead(i64::from(key))),
    ]
}
