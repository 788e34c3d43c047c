//! Old values: refreshed before they expire, and standing in for bodies that fail.

use crate::{
    fixtures::{eventually, patient, shared},
    repo::{E, Repo},
};
use behaviour_tests::{DbError, Product, Products};
use cache_runtime::{Cache, Clock, repository, store::MemoryStore};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::timeout;

#[tokio::test]
async fn a_stale_entry_is_served_while_one_caller_refreshes() {
    let (clock, hands) = Clock::manual();
    let products = Products::new(Cache::builder().clock(clock).build_memory());
    let old = products.home().await.unwrap();
    hands.advance(Duration::from_secs(53)); // past 0.8 of 60 s, give or take a tenth; before the end
    products.db.hold_reads();
    for _ in 0..10 {
        let served = products.home().await.unwrap();
        assert!(Arc::ptr_eq(&old, &served));
    }
    products.db.reads_reached(2).await;
    assert_eq!(products.db.queries(), 2, "ten stale reads start one refresh");
    products.db.gate.add_permits(10);
    products.cache.settle().await;
    let new = products.home().await.unwrap();
    assert!(!Arc::ptr_eq(&old, &new));
    assert_eq!(products.db.queries(), 2);
}

#[tokio::test]
async fn a_refresh_is_stored_in_the_shared_store_too() {
    let millis = Arc::new(AtomicU64::new(1_000_000));
    let hand = millis.clone();
    let store = MemoryStore::with_clock(Arc::new(move || Duration::from_millis(hand.load(SeqCst))));
    let cache = Cache::builder().namespace("t").store(store).build().await.unwrap();
    let products = Products::new(cache.clone());
    products.home().await.unwrap();
    cache.settle().await;
    millis.fetch_add(53_000, SeqCst);
    // The cache learns of the store's time with its next pulse.
    eventually("a refresh", || {
        let reader = products.clone();
        tokio::spawn(async move { reader.home().await });
        products.db.queries() == 2
    })
    .await;
    cache.settle().await;
    let function = cache.stats().functions.into_iter().find(|f| f.function.ends_with("home")).unwrap();
    assert_eq!((function.loads, function.refreshes), (2, 1));
}

#[tokio::test]
async fn a_refresh_does_not_outlive_an_invalidation() {
    let (clock, hands) = Clock::manual();
    let products = Products::new(Cache::builder().clock(clock).build_memory());
    products.home().await.unwrap();
    hands.advance(Duration::from_secs(53));
    products.db.hold_reads();
    products.home().await.unwrap();
    products.db.reads_reached(2).await;
    products.home_entry().invalidate().await;
    products.db.gate.add_permits(100);
    products.cache.settle().await;
    products.home().await.unwrap();
    assert_eq!(
        products.db.queries(),
        3,
        "the refreshed value was read before the invalidation and is not kept"
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
async fn a_refresh_that_finds_no_row_leaves_no_entry() {
    for (kind, cache) in [("memory", Cache::memory()), ("shared", shared(&MemoryStore::new()).await)] {
        let repo = Repo::new(cache);
        assert_eq!(repo.row(1).await.unwrap(), Some(1));
        repo.set(None);
        assert_eq!(repo.row_entry(1).refresh().await.unwrap(), None);
        assert_eq!(repo.row(1).await.unwrap(), None, "{kind}");
    }
}

#[tokio::test]
async fn a_refresh_by_hand_that_gets_no_lease_leaves_no_old_entry() {
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

#[tokio::test]
async fn a_refresh_by_hand_that_gets_no_lease_leaves_no_old_entry_beside_memory_either() {
    let store = MemoryStore::new();
    let lagging = cache_runtime::Cache::builder()
        .namespace("test")
        .store(store.clone())
        .deadlines(crate::fixtures::patient())
        .l1_max_lag(std::time::Duration::from_secs(60));
    let a = Products::new(lagging.build().await.unwrap());
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

#[tokio::test]
async fn a_last_value_stands_in_for_a_body_that_fails() {
    let (clock, hands) = Clock::manual();
    let products = Products::new(Cache::builder().clock(clock).build_memory());
    products.spare(1).await.unwrap();
    hands.advance(Duration::from_secs(120));
    products.db.fail(true);
    assert_eq!(products.spare(1).await.unwrap().unwrap().price, 100);
    let queries = products.db.queries();
    assert!(products.spare(1).await.unwrap().is_some());
    assert_eq!(products.db.queries(), queries, "the body is left alone for a while");
    hands.advance(Duration::from_secs(2 * 3600));
    assert!(products.spare(1).await.is_err(), "no longer than `stale_if_error`");
}

#[tokio::test]
async fn a_body_that_fails_is_left_alone_over_a_shared_store_too() {
    for lag in [None, Some(std::time::Duration::from_secs(60))] {
        left_alone_over_a_shared_store(lag).await;
    }
}

async fn left_alone_over_a_shared_store(lag: Option<Duration>) {
    let (clock, hands) = Clock::manual();
    let millis = Arc::new(AtomicU64::new(1_000_000));
    let hand = millis.clone();
    let store = MemoryStore::with_clock(Arc::new(move || Duration::from_millis(hand.load(SeqCst))));
    let cache = Cache::builder().namespace("test").store(store).clock(clock).deadlines(patient());
    let cache = match lag {
        None => cache,
        Some(lag) => cache.l1_max_lag(lag),
    };
    let repo = Repo::new(cache.build().await.unwrap());
    repo.spared(1).await.unwrap();
    millis.fetch_add(1_300, SeqCst); // past its ttl
    hands.advance(Duration::from_millis(1_300));
    repo.state.failing.store(true, SeqCst);
    repo.spared(1).await.unwrap();
    let queries = repo.state.queries.load(SeqCst);
    for _ in 0..10 {
        repo.spared(1).await.unwrap();
    }
    assert_eq!(repo.state.queries.load(SeqCst), queries, "throttled for 30 s");
}
