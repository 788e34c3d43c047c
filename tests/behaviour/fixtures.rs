//! Caches to try promises on.

use behaviour_tests::Products;
use cache_runtime::{Cache, store::MemoryStore};
use std::time::{Duration, Instant};

/// A cache in this process, and one over a shared store.
pub(crate) async fn each_kind() -> Vec<(&'static str, Products)> {
    vec![("memory", Products::new(Cache::memory())), ("shared", Products::new(shared(&MemoryStore::new()).await))]
}

/// A process that shares `store` with others.
pub(crate) async fn shared(store: &MemoryStore) -> Cache {
    Cache::builder().namespace("test").store(store.clone()).build().await.unwrap()
}

/// Two processes that share a store and a database.
pub(crate) async fn two_processes() -> (Products, Products) {
    let store = MemoryStore::new();
    let a = Products::new(shared(&store).await);
    let b = Products { db: a.db.clone(), cache: shared(&store).await };
    (a, b)
}

/// Lets everything else that can run, run, until `reached`.
pub(crate) async fn eventually(what: &str, mut reached: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !reached() {
        assert!(Instant::now() < end, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
