//! Writes that are acknowledged before the database has them.

use crate::{
    fixtures::{dead_letters, eventually, others_run},
    repo::{E, Repo},
};
use behaviour_tests::{Product, Products};
use cache_runtime::{Cache, Clock, Queue, repository};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

/// No deadlock takes less.
const LONG: Duration = Duration::from_secs(10);

pub(crate) fn products(queue: Queue) -> Products {
    Products::new(Cache::builder().write_behind(queue).build_memory())
}

pub(crate) fn view(id: i64, price: u32) -> Product {
    Product { id, category: "toys".into(), price }
}

#[tokio::test(start_paused = true)]
async fn a_pending_value_is_read_before_the_database_has_it() {
    let products = products(Queue::memory());
    products.view(view(1, 5)).await.unwrap();
    assert_eq!(products.db.price(1_001), None);
    assert_eq!(products.viewed(1).await.unwrap().unwrap().price, 5);
    products.cache.flush_all().await.unwrap();
    assert_eq!(products.db.price(1_001), Some(5));
    assert_eq!(products.viewed(1).await.unwrap().unwrap().price, 5);
}

#[tokio::test(start_paused = true)]
async fn writes_reach_the_database_by_themselves() {
    let products = products(Queue::memory());
    products.view(view(1, 5)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(products.db.price(1_001), Some(5));
    assert_eq!(products.cache.stats().pending_writes, 0);
}

#[tokio::test(start_paused = true)]
async fn writes_to_one_key_are_coalesced_and_flushed_together() {
    let products = products(Queue::memory());
    for price in 1..=10 {
        products.view(view(1, price)).await.unwrap();
        products.view(view(2, price)).await.unwrap();
    }
    products.cache.flush_all().await.unwrap();
    assert_eq!(*products.db.batches.lock().unwrap(), [2]);
    assert_eq!((products.db.price(1_001), products.db.price(1_002)), (Some(10), Some(10)));
    let function =
        products.cache.stats().functions.into_iter().find(|f| f.function.ends_with("view")).unwrap();
    assert_eq!((function.enqueued, function.coalesced, function.flushed), (20, 18, 2));
}

#[tokio::test(start_paused = true)]
async fn an_evicted_pending_value_is_still_read() {
    let products = Products::new(Cache::builder().memory(4_096).write_behind(Queue::memory()).build_memory());
    products.view(view(1, 5)).await.unwrap();
    for id in 1..2_000 {
        products.find(id).await.unwrap();
    }
    assert_eq!(products.viewed(1).await.unwrap().unwrap().price, 5);
    assert_eq!(products.db.price(1_001), None);
}

#[tokio::test(start_paused = true)]
async fn a_failed_flush_is_repeated_until_the_database_is_back() {
    let products = products(Queue::memory());
    products.view(view(1, 5)).await.unwrap();
    products.db.fail(true);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(products.cache.stats().pending_writes, 1);
    assert!(dead_letters(&products.cache).is_empty());
    let tries = products.db.queries();
    assert!(tries < 20, "backs off: {tries}");
    products.db.fail(false);
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(products.db.price(1_001), Some(5));
}

#[tokio::test]
async fn without_a_queue_a_write_behind_function_fails() {
    let products = Products::new(Cache::memory());
    let error = products.view(view(1, 5)).await.unwrap_err();
    assert!(error.0.contains("Queue::memory()"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_makes_writers_wait_and_then_write_themselves() {
    let products = products(Queue::memory().max_pending(2));
    products.db.fail(true);
    products.view(view(1, 1)).await.unwrap();
    products.view(view(2, 1)).await.unwrap();
    products.view(view(2, 2)).await.unwrap(); // the same key takes no more room
    let error = products.view(view(3, 1)).await.unwrap_err();
    assert!(error.0.contains("down"), "the database's own error: {error}");
    products.db.fail(false);
    products.view(view(3, 7)).await.unwrap();
    assert_eq!(products.viewed(3).await.unwrap().unwrap().price, 7);
    products.cache.flush_all().await.unwrap();
    assert_eq!((products.db.price(1_002), products.db.price(1_003)), (Some(2), Some(7)));
}

#[tokio::test(start_paused = true)]
async fn shutdown_drains_and_refuses_what_comes_later() {
    let products = products(Queue::memory());
    products.view(view(1, 5)).await.unwrap();
    let report = products.cache.shutdown().await;
    assert_eq!((report.unwritten, report.unsent_invalidations), (0, 0));
    assert_eq!(products.db.price(1_001), Some(5));
    assert!(products.view(view(2, 5)).await.unwrap_err().0.contains("shut down"));
}

#[tokio::test(start_paused = true)]
async fn shutdown_reports_what_the_database_did_not_take() {
    let products = products(Queue::memory().drain(Duration::from_secs(5)));
    products.view(view(1, 5)).await.unwrap();
    products.db.fail(true);
    assert_eq!(products.cache.shutdown().await.unwritten, 1);
}

#[tokio::test]
async fn a_cache_with_nothing_pending_is_dropped_with_its_last_handle() {
    let products = products(Queue::memory().flush_every(Duration::from_millis(1)));
    products.view(view(1, 5)).await.unwrap();
    products.cache.flush_all().await.unwrap();
    let db = products.db.clone();
    let rows = std::sync::Arc::downgrade(&db.0);
    drop((products, db));
    eventually("the repository to be dropped", || rows.strong_count() == 0).await;
}

#[tokio::test]
async fn a_refresh_does_not_hide_a_pending_write() {
    let repo = Repo::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_secs(60))).build_memory(),
    );
    repo.defer(1, 5).await.unwrap();
    assert_eq!(repo.late(1).await.unwrap(), Some(5));
    let _ = repo.late_entry(1).refresh().await;
    let during = repo.late(1).await.unwrap();
    repo.cache.flush_all().await.unwrap();
    assert_eq!((during, repo.late(1).await.unwrap()), (Some(5), Some(5)), "(while pending, after the flush)");
}

#[tokio::test]
async fn a_batch_function_that_panics_hangs_nobody() {
    let repo = Repo::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_millis(1))).build_memory(),
    );
    repo.state.panics.store(1, SeqCst);
    repo.defer(1, 5).await.unwrap();
    let flushed = timeout(LONG, repo.cache.flush_all()).await;
    assert!(flushed.is_ok(), "the flusher is dead and nobody starts another");
    assert_eq!(repo.get(), Some(5));
}

#[tokio::test]
async fn a_direct_writer_does_not_wait_for_ever_for_a_write_the_database_refuses() {
    let repo = Repo::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_millis(1))).build_memory(),
    );
    repo.state.failing.store(true, SeqCst);
    repo.defer(1, 5).await.unwrap();
    timeout(Duration::from_secs(15), repo.remove_late(1))
        .await
        .expect("a writer hangs on a poison write")
        .unwrap();
}

#[tokio::test]
async fn flush_writes_out_what_was_coalesced_meanwhile() {
    let repo = Repo::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_millis(1))).build_memory(),
    );
    repo.state.slow_flush.forget_permits(Semaphore::MAX_PERMITS);
    repo.defer(1, 5).await.unwrap();
    eventually("flushing 5", || repo.state.flushes.load(SeqCst) == 1).await;
    repo.defer(1, 6).await.unwrap();
    let flush = tokio::spawn({
        let cache = repo.cache.clone();
        async move { cache.flush_all().await }
    });
    others_run().await;
    repo.defer(1, 7).await.unwrap(); // after flush() was called; replaces 6
    repo.defer(1, 8).await.unwrap();
    repo.state.slow_flush.add_permits(1); // 5 arrives
    eventually("flushing 7", || repo.state.flushes.load(SeqCst) == 2).await;
    others_run().await;
    assert!(
        !(flush.is_finished() && repo.get() == Some(5)),
        "flush() has returned and 6, acknowledged before it, is not in the database, nor is anything newer"
    );
    repo.state.slow_flush.add_permits(100);
}

#[test]
fn a_flush_works_after_the_runtime_of_the_flusher_has_ended() {
    let one = tokio::runtime::Runtime::new().unwrap();
    let products = Products::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_secs(60))).build_memory(),
    );
    one.block_on(products.view(view(1, 1))).unwrap();
    drop(one);
    let two = tokio::runtime::Runtime::new().unwrap();
    two.block_on(async { timeout(Duration::from_secs(3), products.cache.flush_all()).await })
        .expect("hangs")
        .unwrap();
}

#[tokio::test]
async fn shutdown_ends_although_a_refresh_hangs() {
    let (clock, hands) = Clock::manual();
    let queue = Queue::memory().drain(Duration::from_millis(300));
    let products = Products::new(Cache::builder().clock(clock).write_behind(queue).build_memory());
    products.home().await.unwrap();
    hands.advance(Duration::from_secs(53));
    products.db.hold_reads();
    products.home().await.unwrap(); // refreshes in the background, and the database hangs
    timeout(LONG, products.cache.shutdown()).await.expect("shutdown has no end");
}

#[derive(Clone)]
struct Two {
    cache: Cache,
    failing: Arc<AtomicBool>,
    stored: Arc<Mutex<HashMap<u32, u32>>>,
    inner_invalidate: Arc<AtomicBool>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Two {
    #[cached(strategy = "cache_aside", key = "good:<id>")]
    async fn good(&self, id: u32) -> Result<Option<u32>, E> {
        Ok(self.stored.lock().unwrap().get(&id).copied())
    }
    #[cached(strategy = "write_behind", key = "good:<id>", value = value, ttl = "1h", batch = Self::save_good, unordered)]
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
    #[cached(strategy = "write_behind", key = "bad:<id>", value = value, ttl = "1h", batch = Self::save_bad, unordered)]
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
    let mut worst = Duration::ZERO;
    for id in 100..110 {
        two.set_good(id, 1).await.unwrap();
        let at = tokio::time::Instant::now();
        while !two.stored.lock().unwrap().contains_key(&id) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        worst = worst.max(at.elapsed());
    }
    assert!(worst <= Duration::from_secs(5), "a healthy function's write waited {worst:?}");
}

#[tokio::test]
async fn a_batch_function_may_invalidate_what_it_writes() {
    let two = two(Queue::memory().flush_every(Duration::from_millis(1)));
    two.inner_invalidate.store(true, SeqCst);
    two.set_good(1, 1).await.unwrap();
    timeout(Duration::from_secs(3), two.cache.flush_all())
        .await
        .expect("the flusher waits for itself")
        .unwrap();
}
