//! The readers that are rushed, each as its documentation protects it from a stampede.

use crate::LOADER;
use cache_benches::{LoadError, Product};
use cache_runtime::{Cache, repository};
use cachekit::{
    BackendError,
    backend::{Backend, HealthStatus},
    prelude::*,
};
use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

static LOADS: AtomicU64 = AtomicU64::new(0);

/// How often a loader has begun.
pub(crate) fn loads() -> u64 {
    LOADS.load(Ordering::Relaxed)
}

async fn load(id: u64) -> Product {
    LOADS.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(LOADER).await;
    Product::new(id)
}

type Flow = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A way to get a value by its key.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    call: Box<dyn Fn(u64) -> Flow>,
}

impl Reader {
    fn of<F, Fut>(name: &'static str, call: F) -> Self
    where
        F: Fn(u64) -> Fut + Copy + Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: Send,
    {
        let call = move |key| -> Flow {
            Box::pin(async move {
                std::hint::black_box(call(key).await);
            })
        };
        Self { name, call: Box::new(call) }
    }

    pub(crate) fn call(&self, key: u64) -> Flow {
        (self.call)(key)
    }
}

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "1h")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>")]
    async fn find(&self, id: u64) -> Result<Arc<Product>, LoadError> {
        Ok(Arc::new(load(id).await))
    }
}

#[cached::macros::cached(max_size = 400_000, ttl_secs = 3600, key = "u64", convert = { id }, sync_writes = "by_key")]
async fn by_key(id: u64) -> Result<Arc<Product>, LoadError> {
    Ok(Arc::new(load(id).await))
}

#[cached::macros::concurrent_cached(max_size = 400_000, ttl_secs = 3600, key = "u64", convert = { id })]
async fn sharded(id: u64) -> Result<Arc<Product>, LoadError> {
    Ok(Arc::new(load(id).await))
}

#[hitbox_fn::cached(prefix = "product")]
async fn boxed(id: u64) -> Result<Product, LoadError> {
    Ok(load(id).await)
}

#[cachekit(client = cache, ttl = 3600, interop = "get_product", namespace = "bench")]
async fn kit(cache: &CacheKit, id: u64) -> Result<Product, LoadError> {
    Ok(load(id).await)
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// All readers; the first is the floor.
pub(crate) fn all() -> Vec<Reader> {
    let ttl = Duration::from_secs(3_600);
    let ours = leak(Products { cache: Cache::builder().memory(1 << 30).build_memory() });
    let moka: &moka::future::Cache<u64, Arc<Product>> =
        leak(moka::future::Cache::builder().max_capacity(400_000).time_to_live(ttl).build());
    let quick: &quick_cache::sync::Cache<u64, Arc<Product>> = leak(quick_cache::sync::Cache::new(400_000));
    let policy = hitbox::policy::PolicyConfig::builder()
        .ttl(ttl)
        .concurrency(1.try_into().expect("1 isn't 0"))
        .build();
    let boxes = leak(
        hitbox_fn::Cache::builder()
            .backend(hitbox_moka::MokaBackend::builder().max_entries(400_000).build())
            .policy(policy)
            .concurrency_manager(
                hitbox::concurrency::BroadcastConcurrencyManager::<Result<Product, LoadError>>::new(),
            )
            .build(),
    );
    let kits = CacheKit::builder()
        .backend(Arc::new(Nowhere))
        .default_ttl(ttl)
        .l1_capacity(400_000)
        .swr_enabled(false)
        .build()
        .expect("a backend is all that it needs");
    let kits = leak(kits);
    vec![
        Reader::of("floor: every task sleeps as long as the loader", |_| tokio::time::sleep(LOADER)),
        Reader::of("ours, read_through", move |id| ours.find(id)),
        Reader::of("moka::future get_with", move |id| {
            moka.get_with(id, async move { Arc::new(load(id).await) })
        }),
        Reader::of("quick_cache get_or_insert_async", move |id| async move {
            quick.get_or_insert_async(&id, async move { Ok::<_, LoadError>(Arc::new(load(id).await)) }).await
        }),
        Reader::of("cached #[cached(sync_writes = \"by_key\")]", by_key),
        Reader::of("cached #[concurrent_cached]", sharded),
        Reader::of("hitbox-fn #[cached], BroadcastConcurrencyManager", move |id| async move {
            boxed(id).cache(boxes).await
        }),
        Reader::of("cachekit-rs #[cachekit]", move |id| kit(kits, id)),
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
