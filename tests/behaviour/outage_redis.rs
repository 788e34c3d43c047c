//! Redis that is down at the start, dies later, or swallows everything: calls succeed, and soon.

use crate::fixtures::{eventually, patient};
use behaviour_tests::Products;
use cache_runtime::{Cache, Error, repository};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use test_servers::{Proxy, Redis};

/// Far more than a call may cost, far less than the seconds that a missing deadline costs.
const SOON: Duration = Duration::from_millis(900);

async fn products(url: String) -> Products {
    Products::new(Cache::builder().namespace("outage").redis(url).build().await.unwrap())
}

async fn every_call_succeeds_soon(products: &Products) {
    for id in 1..=20 {
        let begun = Instant::now();
        assert!(products.find(id).await.unwrap().is_some());
        assert!(begun.elapsed() < SOON, "a read took {:?}", begun.elapsed());
        let begun = Instant::now();
        products.reprice(id, 7).await.unwrap();
        assert!(begun.elapsed() < SOON, "a write took {:?}", begun.elapsed());
    }
}

async fn works_again(products: &Products) {
    eventually("hits", || {
        let reader = products.clone();
        tokio::spawn(async move { reader.find(3).await });
        let stats = products.cache.stats();
        stats.unsent_invalidations == 0 && stats.functions.iter().any(|f| f.shared_hits > 5)
    })
    .await;
}

#[tokio::test]
async fn redis_down_at_the_start_costs_no_call_and_heals() {
    let redis = Redis::start().await;
    let url = redis.url();
    redis.kill9();
    let products = products(url).await;
    every_call_succeeds_soon(&products).await;
    redis.restart_on_same_port().await;
    works_again(&products).await;
}

#[tokio::test]
async fn redis_that_dies_costs_no_call_and_heals() {
    let redis = Redis::start().await;
    let products = products(redis.url()).await;
    products.find(1).await.unwrap();
    redis.kill9();
    every_call_succeeds_soon(&products).await;
    redis.restart_on_same_port().await;
    works_again(&products).await;
}

#[tokio::test]
async fn a_black_hole_costs_no_call_and_heals() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let products = products(proxy.url()).await;
    products.find(1).await.unwrap();
    proxy.black_hole();
    every_call_succeeds_soon(&products).await;
    proxy.pass();
    works_again(&products).await;
}

#[tokio::test]
async fn a_write_during_an_outage_is_seen_here_at_once_and_elsewhere_after_it() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let cut_off = products(proxy.url()).await;
    let other = Products { db: cut_off.db.clone(), cache: products(redis.url()).await.cache };
    assert_eq!(other.find(1).await.unwrap().unwrap().price, 100);
    proxy.refuse();
    cut_off.reprice(1, 7).await.unwrap();
    assert_eq!(
        cut_off.find(1).await.unwrap().unwrap().price,
        7,
        "this process bypasses what it could not invalidate"
    );
    assert!(cut_off.cache.stats().unsent_invalidations > 0);
    proxy.pass();
    eventually("the invalidation to be delivered", || cut_off.cache.stats().unsent_invalidations == 0).await;
    assert_eq!(other.find(1).await.unwrap().unwrap().price, 7);
    assert_eq!(cut_off.find(1).await.unwrap().unwrap().price, 7);
}

/// Rows of a table that two processes share.
#[derive(Clone)]
struct Rows {
    cache: Cache,
    table: Arc<Mutex<HashMap<u32, u32>>>,
    reads: Arc<AtomicUsize>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Rows {
    #[cached(strategy = "read_through", key = "row:<id>")]
    async fn row(&self, id: u32) -> Result<u32, Error> {
        self.reads.fetch_add(1, SeqCst);
        Ok(self.table.lock().unwrap().get(&id).copied().unwrap_or_default())
    }

    #[cached(strategy = "read_through", key = "row:<id>", each(id in ids))]
    async fn many(&self, ids: &[u32]) -> Result<HashMap<u32, u32>, Error> {
        self.reads.fetch_add(1, SeqCst);
        let rows = self.table.lock().unwrap();
        Ok(ids.iter().map(|id| (*id, rows.get(id).copied().unwrap_or_default())).collect())
    }

    #[invalidates(row(id))]
    async fn set(&self, id: u32, value: u32) -> Result<(), Error> {
        self.table.lock().unwrap().insert(id, value);
        Ok(())
    }
}

/// More than a cache remembers one by one.
const MISSED: u32 = 10_000;
/// Rows that both processes have read before the outage.
const READ: u32 = 3_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_read_from_redis_before_it_is_cleared_of_more_invalidations_than_are_remembered() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let build = |url: String| Cache::builder().namespace("outage").redis(url).deadlines(patient()).build();
    let cut_off =
        Rows { cache: build(proxy.url()).await.unwrap(), table: Arc::default(), reads: Arc::default() };
    let other = Rows { cache: build(redis.url()).await.unwrap(), ..cut_off.clone() };
    let read: Vec<u32> = (1..=READ).collect();
    for ids in read.chunks(500) {
        cut_off.many(ids).await.unwrap();
    }
    cut_off.cache.settle().await;

    proxy.refuse();
    // First those that are remembered, then rows that Redis has.
    for id in READ + 1..=READ + MISSED {
        cut_off.row_entry(id).invalidate().await;
    }
    assert_eq!(cut_off.cache.stats().unsent_invalidations, u64::from(MISSED));
    for id in 1..=READ {
        cut_off.set(id, 7).await.unwrap();
    }
    assert_eq!(cut_off.row(1).await.unwrap(), 7);
    assert_eq!(other.row(1).await.unwrap(), 0, "Redis has the old row, and nobody could tell it");

    // Slow enough for clearing to take a while, during which the cut-off process goes on reading.
    proxy.delay(Duration::from_millis(10));
    let (cleared, readers) = (Arc::new(AtomicBool::new(false)), 4);
    let readers: Vec<_> = (0..readers)
        .map(|reader| {
            let (rows, cleared) = (cut_off.clone(), cleared.clone());
            tokio::spawn(async move {
                let mut id = reader;
                while !cleared.load(SeqCst) {
                    id = (id + 4) % READ;
                    assert_eq!(rows.row(id + 1).await.unwrap(), 7, "row {}", id + 1);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    eventually("the clearing", || cut_off.cache.stats().unsent_invalidations == 0).await;
    for id in 1..=READ {
        assert_eq!(other.row(id).await.unwrap(), 7, "row {id}, in the other process");
    }
    cleared.store(true, SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    for ids in read.chunks(500) {
        assert!(cut_off.many(ids).await.unwrap().values().all(|row| *row == 7));
    }

    proxy.pass();
    let reads = cut_off.reads.load(SeqCst);
    for id in 1..=10 {
        assert_eq!(cut_off.row(id).await.unwrap(), 7);
    }
    assert_eq!(cut_off.reads.load(SeqCst), reads, "it reads from Redis again");
    cut_off.set(1, 8).await.unwrap();
    assert_eq!((cut_off.row(1).await.unwrap(), other.row(1).await.unwrap()), (8, 8));
}
