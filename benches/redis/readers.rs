//! The readers that are measured.

use crate::{BATCH, KEYS, callers::Contender};
use cache_benches::{LoadError, Product};
use cache_runtime::{Cache, repository};
use cachekit::prelude::*;
use redis::{AsyncCommands, aio::ConnectionManager};
use std::{collections::HashMap, sync::Arc, time::Duration};

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "1h")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>")]
    async fn find(&self, id: u64) -> Result<Product, LoadError> {
        Ok(Product::new(id))
    }

    #[cached(strategy = "read_through", key = "shared:<id>")]
    async fn shared(&self, id: u64) -> Result<Arc<Product>, LoadError> {
        Ok(Arc::new(Product::new(id)))
    }

    #[cached(strategy = "read_through", key = "product:<id>", each(id in ids))]
    async fn find_many(&self, ids: &[u64]) -> Result<HashMap<u64, Product>, LoadError> {
        Ok(ids.iter().map(|&id| (id, Product::new(id))).collect())
    }
}

#[cached::macros::concurrent_cached(redis = true, ttl_secs = 3600, cache_prefix_block = { "bench:product" },
    map_error = |e| LoadError(format!("{e:?}")))]
async fn cached_redis(id: u64) -> Result<Product, LoadError> {
    Ok(Product::new(id))
}

#[hitbox_fn::cached(prefix = "product")]
async fn boxed(id: u64) -> Result<Product, LoadError> {
    Ok(Product::new(id))
}

#[cachekit(client = cache, ttl = 3600, interop = "get_product", namespace = "bench")]
async fn kit(cache: &CacheKit, id: u64) -> Result<Product, LoadError> {
    Ok(Product::new(id))
}

async fn by_hand(mut redis: ConnectionManager, id: u32) -> Result<Product, LoadError> {
    let bytes: Vec<u8> =
        redis.get(format!("by-hand:product:{id}")).await.map_err(|e| LoadError(e.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|e| LoadError(e.to_string()))
}

async fn many_by_hand(mut redis: ConnectionManager, ids: &[u64]) -> Result<HashMap<u64, Product>, LoadError> {
    let keys: Vec<String> = ids.iter().map(|id| format!("by-hand:product:{id}")).collect();
    let found: Vec<Option<Vec<u8>>> = redis.mget(keys).await.map_err(|e| LoadError(e.to_string()))?;
    let mut products = HashMap::with_capacity(ids.len());
    for (id, bytes) in ids.iter().zip(found) {
        let bytes = bytes.ok_or_else(|| LoadError("absent".to_owned()))?;
        products.insert(*id, serde_json::from_slice(&bytes).map_err(|e| LoadError(e.to_string()))?);
    }
    Ok(products)
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

async fn manager(url: &str) -> &'static ConnectionManager {
    let client = redis::Client::open(url).expect("the server's own address is valid");
    leak(client.get_connection_manager().await.expect("the server answers"))
}

async fn products(url: &str) -> &'static Products {
    let cache = Cache::builder().namespace("bench").redis(url).build().await.expect("the options fit");
    leak(Products { cache })
}

/// Writes what the hand-written readers read.
pub(crate) async fn fill(url: &str) {
    let mut redis = manager(url).await.clone();
    for id in 0..KEYS {
        let json = serde_json::to_vec(&Product::new(u64::from(id))).expect("a product is JSON");
        let () =
            redis.set_ex(format!("by-hand:product:{id}"), json, 3_600).await.expect("the server answers");
    }
}

/// One key at a time; the first is the base.
pub(crate) async fn singles(url: &str) -> Vec<Contender> {
    let (hand, again, ours) = (manager(url).await, manager(url).await, products(url).await);
    let policy = hitbox::policy::PolicyConfig::builder().ttl(Duration::from_secs(3_600)).build();
    let mode = hitbox_redis::ConnectionMode::single(url);
    let backend =
        hitbox_redis::RedisBackend::builder().connection(mode).build().expect("the address is valid");
    let boxes = leak(hitbox_fn::Cache::builder().backend(backend).policy(policy).build());
    let kits =
        CacheKit::minimal(url).await.expect("the server answers").no_l1().build().expect("the options fit");
    let kits = leak(kits);
    vec![
        Contender::of("by hand: ConnectionManager GET + JSON", move |id| by_hand(hand.clone(), id)),
        Contender::of("by hand again (how far equals differ)", move |id| by_hand(again.clone(), id)),
        Contender::of("ours -> T", move |id| ours.find(u64::from(id))),
        Contender::of("ours -> Arc", move |id| ours.shared(u64::from(id))),
        Contender::of("cached #[concurrent_cached(redis)]", move |id| cached_redis(u64::from(id))),
        Contender::of("hitbox-fn #[cached], redis", move |id| async move {
            boxed(u64::from(id)).cache(boxes).await
        }),
        Contender::of("cachekit-rs #[cachekit], no L1", move |id| kit(kits, u64::from(id))),
    ]
}

/// A hundred keys at a time; the first is the base.
pub(crate) async fn batches(url: &str) -> Vec<Contender> {
    let (hand, again, ours) = (manager(url).await, manager(url).await, products(url).await);
    let ids = |start: u32| -> Vec<u64> {
        (0..BATCH as u64).map(|n| (u64::from(start) + n * 61) % u64::from(KEYS)).collect()
    };
    vec![
        Contender::of("by hand: ConnectionManager MGET + JSON", move |start| async move {
            many_by_hand(hand.clone(), &ids(start)).await
        }),
        Contender::of("by hand again (how far equals differ)", move |start| async move {
            many_by_hand(again.clone(), &ids(start)).await
        }),
        Contender::of("ours, each(id in ids)", move |start| async move { ours.find_many(&ids(start)).await }),
    ]
}
