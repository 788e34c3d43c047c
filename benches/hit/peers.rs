//! The peers, each as its documentation uses it.

use crate::{KEYS, TTL_SECS, bursts::Contender};
use cache_benches::{LoadError, Product};
use cachekit::{
    backend::{Backend, HealthStatus},
    error::BackendError,
    prelude::*,
};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
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

#[cached::macros::concurrent_cached(max_size = 400_000, ttl_secs = 3600, key = "u64", convert = { id })]
async fn sharded(id: u64) -> Result<Arc<Product>, LoadError> {
    Ok(Arc::new(load(id)))
}

#[cached::macros::concurrent_cached(max_size = 400_000, ttl_secs = 3600, key = "u64", convert = { id })]
async fn sharded_owned(id: u64) -> Result<Product, LoadError> {
    Ok(load(id))
}

#[cached::macros::concurrent_cached(max_size = 400_000, ttl_secs = 3600, key = "String",
    convert = { format!("browse:{category}:{page}") })]
async fn sharded_text(category: &str, page: u32) -> Result<Arc<Product>, LoadError> {
    Ok(Arc::new(load(u64::from(page) + category.len() as u64)))
}

#[cached::macros::cached(max_size = 400_000, ttl_secs = 3600, key = "u64", convert = { id })]
async fn locked(id: u64) -> Result<Arc<Product>, LoadError> {
    Ok(Arc::new(load(id)))
}

#[hitbox_fn::cached(prefix = "product")]
async fn boxed(id: u64) -> Result<Product, LoadError> {
    Ok(load(id))
}

#[cachekit(client = cache, ttl = 3600, interop = "get_product", namespace = "bench")]
async fn kit(cache: &CacheKit, id: u64) -> Result<Product, LoadError> {
    Ok(load(id))
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Raw engines; the first is the base of all ratios.
pub(crate) fn engines() -> Vec<Contender> {
    let capacity = u64::from(4 * KEYS);
    let ttl = Duration::from_secs(TTL_SECS);
    let quick: &quick_cache::sync::Cache<u64, Arc<Product>> =
        leak(quick_cache::sync::Cache::new(capacity as usize));
    let moka: &moka::future::Cache<u64, Arc<Product>> =
        leak(moka::future::Cache::builder().max_capacity(capacity).time_to_live(ttl).build());
    let foyer: &foyer::Cache<u64, Arc<Product>> = leak(foyer::CacheBuilder::new(capacity as usize).build());
    vec![
        Contender::of(crate::BASE, move |key| async move {
            let key = u64::from(key);
            quick.get(&key).unwrap_or_else(|| {
                let value = Arc::new(load(key));
                quick.insert(key, value.clone());
                value
            })
        }),
        Contender::of("moka::future u64 -> Arc, ttl", move |key| async move {
            let key = u64::from(key);
            match moka.get(&key).await {
                Some(value) => value,
                None => {
                    let value = Arc::new(load(key));
                    moka.insert(key, value.clone()).await;
                    value
                }
            }
        }),
        Contender::of("foyer u64 -> Arc, no ttl", move |key| async move {
            let key = u64::from(key);
            match foyer.get(&key) {
                Some(entry) => entry.value().clone(),
                None => foyer.insert(key, Arc::new(load(key))).value().clone(),
            }
        }),
    ]
}

/// Macros.
pub(crate) fn macros() -> Vec<Contender> {
    let categories: Vec<String> = (0..KEYS / 100).map(|n| format!("category-{n:05}")).collect();
    let categories: &'static [String] = categories.leak();
    let policy = hitbox::policy::PolicyConfig::builder().ttl(Duration::from_secs(TTL_SECS)).build();
    let boxes = leak(
        hitbox_fn::Cache::builder()
            .backend(hitbox_moka::MokaBackend::builder().max_entries(u64::from(4 * KEYS)).build())
            .policy(policy)
            .build(),
    );
    let kits = CacheKit::builder()
        .backend(Arc::new(Nowhere))
        .default_ttl(Duration::from_secs(TTL_SECS))
        .l1_capacity(4 * KEYS as usize)
        .swr_enabled(false)
        .build()
        .expect("a backend is all that it needs");
    let kits = leak(kits);
    vec![
        Contender::of("cached #[concurrent_cached], ttl + size, u64 -> Arc", move |key| {
            sharded(u64::from(key))
        }),
        Contender::of("cached #[concurrent_cached], ttl + size, u64 -> T", move |key| {
            sharded_owned(u64::from(key))
        }),
        Contender::of("cached #[concurrent_cached], ttl + size, String -> Arc", move |key| {
            sharded_text(&categories[(key / 100) as usize], key % 100)
        }),
        Contender::of("cached #[cached], ttl + size, u64 -> Arc", move |key| locked(u64::from(key))),
        Contender::of("hitbox-fn #[cached], moka, u64 -> T", move |key| async move {
            boxed(u64::from(key)).cache(boxes).await
        }),
        Contender::of("cachekit-rs #[cachekit], u64 -> T", move |key| kit(kits, u64::from(key))),
    ]
}

/// A shared store that keeps nothing, so that only the cache of the process answers.
struct Nowhere;

#[async_trait::async_trait]
impl Backend for Nowhere {
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(None)
    }

    async fn set(&self, _: &str, _: Vec<u8>, _: Option<Duration>) -> Result<(), BackendError> {
        Ok(())
    }

    async fn delete(&self, _: &str) -> Result<bool, BackendError> {
        Ok(false)
    }

    async fn exists(&self, _: &str) -> Result<bool, BackendError> {
        Ok(false)
    }

    async fn health(&self) -> Result<HealthStatus, BackendError> {
        Ok(HealthStatus {
            is_healthy: true,
            latency_ms: 0.0,
            backend_type: "none".to_owned(),
            details: HashMap::new(),
        })
    }
}
