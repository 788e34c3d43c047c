#![allow(missing_docs)]
use cache_runtime::{Cache, repository, store::MemoryStore, Queue};
use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
#[derive(Clone)]
struct R { cache: Cache, n: Arc<AtomicU32> }
#[repository(cache = self.cache, ttl = 60)]
impl R {
    #[cached(strategy = "read_through", key = "browse:<c>:<p>")]
    async fn browse(&self, c: &str, p: u32) -> u32 { let _ = (c, p); self.n.load(Ordering::SeqCst) }
    #[cached(strategy = "write_around", key = "browse:<c>:<p>")]
    async fn touch(&self, c: &str, p: u32) { let _ = (c, p); self.n.fetch_add(1, Ordering::SeqCst); }
    #[invalidates(browse(c, ..))]
    async fn drop_all(&self, c: &str) { let _ = c; }
}
#[derive(Clone)]
struct B { cache: Cache, n: Arc<AtomicU32> }
#[repository(cache = self.cache, ttl = 60)]
impl B {
    #[cached(strategy = "read_through", key = "{x:<c>}")]
    async fn get(&self, c: &str) -> u32 { let _ = c; self.n.load(Ordering::SeqCst) }
    #[cached(strategy = "write_around", key = "x:<c>")]
    async fn touch(&self, c: &str) { let _ = c; self.n.fetch_add(1, Ordering::SeqCst); }
}
#[derive(Debug)] struct E;
impl std::fmt::Display for E { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("e") } }
impl From<cache_runtime::Error> for E { fn from(_: cache_runtime::Error) -> Self { E } }
#[derive(Clone)]
struct W { cache: Cache, n: Arc<AtomicU32>, fail: Arc<AtomicU32> }
#[repository(cache = self.cache, ttl = 60)]
impl W {
    #[cached(strategy = "read_through", key = "w:<id>")]
    async fn get(&self, id: u32) -> Result<u32, E> { let _ = id; Ok(self.n.load(Ordering::SeqCst)) }
    #[cached(strategy = "write_behind", key = "w:<id>", value = v, batch = Self::save)]
    async fn put(&self, id: u32, v: u32) -> Result<(), E>;
    async fn save(&self, batch: &[(u32, u32)]) -> Result<(), E> {
        if self.fail.load(Ordering::SeqCst) == 1 && batch.iter().any(|b| b.0 == 1) { return Err(E); }
        for b in batch { if b.0 == 1 { self.n.store(b.1, Ordering::SeqCst); } } Ok(())
    }
}
#[tokio::test] async fn groups() {
    let r = R { cache: Cache::builder().namespace("t").store(MemoryStore::new()).build().await.unwrap(), n: Arc::default() };
    assert_eq!(r.browse("a", 1).await, 0);
    r.touch("a", 1).await;
    println!("GROUP after write_around: {} (expected 1)", r.browse("a", 1).await);
}
#[tokio::test] async fn braces() {
    let r = B { cache: Cache::builder().namespace("t").store(MemoryStore::new()).build().await.unwrap(), n: Arc::default() };
    assert_eq!(r.get("a").await, 0);
    r.touch("a").await;
    println!("BRACES after write_around: {} (expected 1)", r.get("a").await);
}
#[tokio::test] async fn replay() {
    let q = Queue::memory().attempts(1).flush_every(std::time::Duration::from_millis(5));
    let r = W { cache: Cache::builder().write_behind(q).build_memory(), n: Arc::default(), fail: Arc::default() };
    r.fail.store(1, Ordering::SeqCst);
    r.put(1, 5).await.unwrap();
    r.put(2, 5).await.unwrap();
    while r.cache.dead_letters().is_empty() { tokio::time::sleep(std::time::Duration::from_millis(5)).await; r.put(2, 5).await.unwrap(); }
    println!("after burial {}", r.get(1).await.unwrap());
    r.fail.store(0, Ordering::SeqCst);
    println!("replayed {}", r.cache.replay_dead_letters());
    println!("pending read {} (expected 5)", r.get(1).await.unwrap());
    r.cache.flush().await.unwrap();
    println!("db {} read after flush {} (expected 5)", r.n.load(Ordering::SeqCst), r.get(1).await.unwrap());
}
