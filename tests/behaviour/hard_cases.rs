//! Failures that come together: refreshes, batches, flushes, outages.

use crate::fixtures::{eventually, shared};
use behaviour_tests::{Product, Products};
use cache_runtime::{Cache, Clock, Queue, cached, repository, store::MemoryStore};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::timeout;

fn p(id: i64, category: &str, price: u32) -> Product {
    Product { id, category: category.into(), price }
}

async fn dead(queue: Queue) -> Products {
    let products = Products::new(
        Cache::builder().write_behind(queue.attempts(1).flush_every(Duration::from_millis(1))).build_memory(),
    );
    products.view(p(1, "poison", 1)).await.unwrap();
    products.view(p(2, "toys", 1)).await.unwrap();
    eventually("dead", || products.cache.dead_letters().len() == 1).await;
    products
}

#[tokio::test]
async fn replay_keeps_dead_letters_that_find_no_room() {
    let products = dead(Queue::memory().max_pending(2)).await;
    products.db.fail(true);
    products.view(p(3, "toys", 1)).await.unwrap();
    products.view(p(4, "toys", 1)).await.unwrap();
    let replayed = products.cache.replay_dead_letters();
    assert_eq!(
        replayed + products.cache.dead_letters().len(),
        1,
        "replayed {replayed}; the rest must still be there"
    );
}

#[tokio::test]
async fn a_failing_refresh_is_not_repeated_by_every_caller() {
    let (clock, hands) = Clock::manual();
    let products = Products::new(Cache::builder().clock(clock).build_memory());
    products.home().await.unwrap();
    hands.advance(Duration::from_secs(53));
    products.db.fail(true);
    let before = products.db.queries();
    for _ in 0..200 {
        products.home().await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let tries = products.db.queries() - before;
    assert!(tries <= 20, "{tries} queries in about 0.2 s to a database that is down");
}

#[derive(Debug)]
struct Own;
#[cached(strategy = "read_through", key = "serial:<id>", ttl = 60, each(id in ids), skip(now, most))]
async fn many(
    cache: &Cache,
    ids: &[u32],
    now: &Arc<AtomicUsize>,
    most: &Arc<AtomicUsize>,
) -> Result<HashMap<u32, u32>, Own> {
    let _ = ids;
    let n = now.fetch_add(1, SeqCst) + 1;
    most.fetch_max(n, SeqCst);
    tokio::time::sleep(Duration::from_millis(50)).await;
    now.fetch_sub(1, SeqCst);
    Err(Own)
}

#[tokio::test]
async fn batches_that_followed_a_failure_do_not_queue_up_behind_each_other() {
    let cache = Cache::memory();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let begun = std::time::Instant::now();
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let (c, n, m) = (cache.clone(), now.clone(), most.clone());
            tokio::spawn(async move { many(&c, &[1], &n, &m).await.unwrap_err() })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    assert!(
        begun.elapsed() < Duration::from_millis(1_000),
        "40 callers of a body of 50 ms took {:?}",
        begun.elapsed()
    );
}

#[test]
fn a_flush_works_after_the_runtime_of_the_flusher_has_ended() {
    let one = tokio::runtime::Runtime::new().unwrap();
    let products = Products::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_secs(60))).build_memory(),
    );
    one.block_on(products.view(p(1, "toys", 1))).unwrap();
    drop(one);
    let two = tokio::runtime::Runtime::new().unwrap();
    two.block_on(async { timeout(Duration::from_secs(3), products.cache.flush()).await })
        .expect("hangs")
        .unwrap();
}

#[derive(Clone)]
struct Two {
    cache: Cache,
    failing: Arc<AtomicBool>,
    stored: Arc<Mutex<HashMap<u32, u32>>>,
    inner_invalidate: Arc<AtomicBool>,
}
#[derive(Clone, Debug)]
struct E(String);
impl std::fmt::Display for E {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl From<cache_runtime::Error> for E {
    fn from(e: cache_runtime::Error) -> Self {
        E(e.to_string())
    }
}

#[repository(cache = self.cache, ttl = "5m")]
impl Two {
    #[cached(strategy = "cache_aside", key = "good:<id>")]
    async fn good(&self, id: u32) -> Result<Option<u32>, E> {
        Ok(self.stored.lock().unwrap().get(&id).copied())
    }
    #[cached(strategy = "write_behind", key = "good:<id>", value = value, ttl = "1h", batch = Self::save_good)]
    async fn set_good(&self, id: u32, value: u32) -> Result<(), E>;
    async fn save_good(&self, batch: &[(u32, u32)]) -> Result<(), E> {
        if self.inner_invalidate.load(SeqCst) {
            for (id, _) in batch {
                self.drop_good(*id).await?;
            }
        }
        self.stored.lock().unwrap().extend(batch.iter().copied());
        Ok(())
    }
    #[invalidates(good(id))]
    async fn drop_good(&self, id: u32) -> Result<(), E> {
        Ok(())
    }
    #[cached(strategy = "write_behind", key = "bad:<id>", value = value, ttl = "1h", batch = Self::save_bad)]
    async fn set_bad(&self, id: u32, value: u32) -> Result<(), E>;
    async fn save_bad(&self, batch: &[(u32, u32)]) -> Result<(), E> {
        if self.failing.load(SeqCst) {
            return Err(E("table is locked".into()));
        }
        self.stored.lock().unwrap().extend(batch.iter().copied());
        Ok(())
    }
    #[cached(strategy = "cache_aside", key = "bad:<id>")]
    async fn bad(&self, id: u32) -> Result<Option<u32>, E> {
        Ok(self.stored.lock().unwrap().get(&id).copied())
    }
}

fn two(queue: Queue) -> Two {
    Two {
        cache: Cache::builder().write_behind(queue).build_memory(),
        failing: Arc::new(true.into()),
        stored: Arc::default(),
        inner_invalidate: Arc::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_that_fails_does_not_hold_up_another() {
    let two = two(Queue::memory());
    two.set_bad(1, 1).await.unwrap();
    tokio::time::sleep(Duration::from_secs(120)).await;
    let begun = tokio::time::Instant::now();
    let mut worst = Duration::ZERO;
    for id in 100..110 {
        two.set_good(id, 1).await.unwrap();
        let at = tokio::time::Instant::now();
        while !two.stored.lock().unwrap().contains_key(&id) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        worst = worst.max(at.elapsed());
    }
    let _ = begun;
    assert!(worst <= Duration::from_secs(5), "a healthy function's write waited {worst:?}");
}

#[tokio::test]
async fn a_batch_function_may_invalidate_what_it_writes() {
    let two = two(Queue::memory().flush_every(Duration::from_millis(1)));
    two.inner_invalidate.store(true, SeqCst);
    two.set_good(1, 1).await.unwrap();
    timeout(Duration::from_secs(3), two.cache.flush()).await.expect("the flusher waits for itself").unwrap();
}

#[tokio::test]
async fn replayed_writes_are_seen_once_they_are_in_the_database() {
    let products = Products::new(
        Cache::builder()
            .write_behind(Queue::memory().attempts(1).flush_every(Duration::from_millis(1)))
            .build_memory(),
    );
    products.view(p(1, "toys", 1)).await.unwrap();
    products.cache.flush().await.unwrap();
    products.view(p(1, "poison", 7)).await.unwrap();
    products.view(p(2, "toys", 1)).await.unwrap();
    eventually("dead", || products.cache.dead_letters().len() == 1).await;
    assert_eq!(products.viewed(1).await.unwrap().unwrap().price, 1);
    assert_eq!(products.cache.replay_dead_letters(), 1);
    // acknowledged again: readers should see the pending value
    assert_eq!(products.viewed(1).await.unwrap().unwrap().price, 7, "a pending value is what readers get");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settle_ends_under_traffic() {
    let store = MemoryStore::new();
    let products = Products::new(shared(&store).await);
    let stop = Arc::new(AtomicBool::new(false));
    let traffic: Vec<_> = (0..16)
        .map(|n| {
            let (products, stop) = (products.clone(), stop.clone());
            tokio::spawn(async move {
                let mut id = n * 1_000_000;
                while !stop.load(SeqCst) {
                    id += 1;
                    let _ = products.find(id).await;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let settled = timeout(Duration::from_secs(5), products.cache.settle()).await;
    stop.store(true, SeqCst);
    for t in traffic {
        t.await.unwrap();
    }
    assert!(settled.is_ok(), "settle() never ends while calls keep coming");
}

#[test]
fn replaying_outside_a_runtime_does_not_panic() {
    let rt = tokio::runtime::Runtime::new().unwrap();
    let products = rt.block_on(dead(Queue::memory()));
    rt.block_on(products.cache.flush()).ok();
    products.cache.replay_dead_letters();
}

// ---- the load limit while the store is out of reach

use cache_runtime::store::{
    Clear, EntryKey, Fill, FillOutcome, Lookup, Pulse, Read, Seen, Store, StoreError, StoreErrorKind,
    StoreFuture, Target, Token,
};
use tokio::sync::Semaphore;

#[derive(Debug)]
struct Down;
fn down<'a, T: Send + 'a>() -> StoreFuture<'a, T> {
    Box::pin(async { Err(StoreError::new(StoreErrorKind::Connection, "down")) })
}
impl Store for Down {
    fn read<'a>(&'a self, _: &'a [EntryKey]) -> StoreFuture<'a, Vec<Read>> {
        down()
    }
    fn acquire<'a>(&'a self, _: &'a EntryKey, _: Token, _: Duration) -> StoreFuture<'a, Lookup> {
        down()
    }
    fn acquire_over<'a>(
        &'a self,
        _: &'a EntryKey,
        _: &'a Seen,
        _: Token,
        _: Duration,
    ) -> StoreFuture<'a, Lookup> {
        down()
    }
    fn renew<'a>(&'a self, _: &'a EntryKey, _: Token, _: Duration) -> StoreFuture<'a, bool> {
        down()
    }
    fn fill<'a>(&'a self, _: &'a EntryKey, _: Fill) -> StoreFuture<'a, FillOutcome> {
        down()
    }
    fn release<'a>(&'a self, _: &'a EntryKey, _: Token) -> StoreFuture<'a, ()> {
        down()
    }
    fn invalidate<'a>(&'a self, _: &'a [Target], _: Option<Duration>) -> StoreFuture<'a, ()> {
        down()
    }
    fn clear<'a>(&'a self, _: &'a Clear) -> StoreFuture<'a, u64> {
        down()
    }
    fn pulse(&self) -> StoreFuture<'_, Pulse> {
        down()
    }
}

struct Nest {
    gate: Semaphore,
    outer: AtomicUsize,
    leaf: AtomicUsize,
}

#[cached(strategy = "read_through", key = "o-leaf", ttl = 60, skip(nest))]
async fn o_leaf(cache: &Cache, nest: &Arc<Nest>) -> u32 {
    u32::try_from(nest.leaf.fetch_add(1, SeqCst)).unwrap()
}

#[cached(strategy = "read_through", key = "o-root:<id>", ttl = 60, skip(nest))]
async fn o_root(cache: &Cache, id: u32, nest: &Arc<Nest>) -> u32 {
    nest.outer.fetch_add(1, SeqCst);
    nest.gate.acquire().await.unwrap().forget();
    o_leaf(cache, nest).await
}

#[tokio::test]
async fn a_leader_that_waits_for_a_place_holds_up_nobody_who_has_one() {
    let cache = Cache::builder().namespace("t").store(Down).load_limit(1).build().await.unwrap();
    let nest = Arc::new(Nest { gate: Semaphore::new(0), outer: 0.into(), leaf: 0.into() });
    let warm = Arc::new(Nest { gate: Semaphore::new(100), outer: 0.into(), leaf: 0.into() });
    for id in 100..110 {
        o_root(&cache, id, &warm).await;
    } // opens the breaker
    let root = {
        let (c, n) = (cache.clone(), nest.clone());
        tokio::spawn(async move { o_root(&c, 1, &n).await })
    };
    eventually("the root has the place", || nest.outer.load(SeqCst) == 1).await;
    let leaf = {
        let (c, n) = (cache.clone(), nest.clone());
        tokio::spawn(async move { o_leaf(&c, &n).await })
    };
    tokio::time::sleep(Duration::from_millis(50)).await; // it leads, and waits for a place
    nest.gate.add_permits(1);
    timeout(Duration::from_secs(10), async {
        root.await.unwrap();
        leaf.await.unwrap()
    })
    .await
    .expect("deadlock: the holder of the place follows the one that waits for it");
}

// ---- stale_if_error beside refresh_ahead

#[derive(Clone)]
struct Fresh {
    cache: Cache,
    mode: Arc<AtomicUsize>,
}
#[repository(cache = self.cache)]
impl Fresh {
    #[cached(strategy = "refresh_ahead", key = "fresh", ttl = 3600, refresh_at = 0.5, stale_if_error = "1h")]
    async fn fresh(&self) -> Result<u32, E> {
        match self.mode.load(SeqCst) {
            0 => Ok(1),
            1 => Err(E("down".into())),
            _ => std::future::pending().await,
        }
    }
    #[cached(strategy = "read_through", key = "plain:<id>", ttl = 3600)]
    async fn plain(&self, id: u32) -> Result<u32, E> {
        Ok(u32::try_from(self.mode.load(SeqCst)).unwrap())
    }
}

#[tokio::test]
async fn a_failed_refresh_does_not_shorten_the_life_of_the_entry() {
    let (clock, hands) = Clock::manual();
    let fresh = Fresh { cache: Cache::builder().clock(clock).build_memory(), mode: Arc::default() };
    fresh.fresh().await.unwrap();
    hands.advance(Duration::from_secs(2_100)); // past its soft expiry, at least 1,140 s before its hard one
    fresh.mode.store(1, SeqCst);
    fresh.fresh().await.unwrap();
    fresh.cache.settle().await;
    fresh.mode.store(2, SeqCst);
    hands.advance(Duration::from_secs(60));
    timeout(Duration::from_secs(2), fresh.fresh())
        .await
        .expect("the caller waits for a body although the entry was good for another quarter of an hour")
        .unwrap();
}

#[tokio::test]
async fn a_refresh_by_hand_that_gets_no_lease_leaves_no_old_entry() {
    use behaviour_tests::DbError;
    let store = MemoryStore::new();
    let a = Products::new(shared(&store).await);
    let b = Products { db: a.db.clone(), cache: shared(&store).await };
    a.find(1).await.unwrap();
    // B refreshes by hand, and is slow; its body has read the old row.
    b.db.hold_reads();
    let slow = tokio::spawn({
        let b = b.clone();
        async move { b.find_entry(1).refresh().await }
    });
    b.db.reads_reached(2).await;
    a.db.set_price(1, 9); // the application learns of a change elsewhere, and refreshes
    let second = tokio::spawn({
        let a = a.clone();
        async move { a.find_entry(1).refresh().await }
    });
    a.db.reads_reached(1).await;
    a.db.gate.add_permits(1_000);
    let _: Result<Option<Product>, DbError> = slow.await.unwrap();
    assert_eq!(second.await.unwrap().unwrap().unwrap().price, 9);
    assert_eq!(
        a.find(1).await.unwrap().unwrap().price,
        9,
        "refresh() has returned 9, and the entry says otherwise"
    );
}
