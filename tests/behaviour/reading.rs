//! Reads: hits, absent values, expiry, refreshes, groups, batches.

use crate::fixtures::each_kind;
use behaviour_tests::Products;
use cache_runtime::{Cache, Clock, Codec, cached, store::MemoryStore};
use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

#[tokio::test]
async fn a_second_read_needs_no_query() {
    for (kind, products) in each_kind().await {
        let first = products.find(1).await.unwrap();
        let second = products.find(1).await.unwrap();
        assert_eq!(first, second, "{kind}");
        assert_eq!(products.db.queries(), 1, "{kind}");
    }
}

#[tokio::test]
async fn absent_rows_are_cached_for_their_own_ttl() {
    let (clock, hands) = Clock::manual();
    let products = Products::new(Cache::builder().clock(clock).build_memory());
    assert_eq!(products.find(404).await.unwrap(), None);
    assert_eq!(products.find(404).await.unwrap(), None);
    assert_eq!(products.db.queries(), 1);
    hands.advance(Duration::from_secs(31));
    assert_eq!(products.find(404).await.unwrap(), None);
    assert_eq!(products.db.queries(), 2);
}

#[tokio::test]
async fn absent_rows_are_cached_in_the_shared_store() {
    for (kind, products) in each_kind().await {
        for _ in 0..3 {
            assert_eq!(products.find(404).await.unwrap(), None, "{kind}");
        }
        assert_eq!(products.db.queries(), 1, "{kind}");
    }
}

#[tokio::test]
async fn without_negative_ttl_absent_rows_are_not_cached() {
    for (kind, products) in each_kind().await {
        assert_eq!(products.viewed(1).await.unwrap(), None, "{kind}");
        assert_eq!(products.viewed(1).await.unwrap(), None, "{kind}");
        assert_eq!(products.db.queries(), 2, "{kind}");
    }
}

#[tokio::test]
async fn entries_expire_after_their_ttl_give_or_take_a_tenth() {
    let (clock, hands) = Clock::manual();
    let products = Products::new(Cache::builder().clock(clock).build_memory());
    products.find(1).await.unwrap();
    hands.advance(Duration::from_secs(269));
    products.find(1).await.unwrap();
    assert_eq!(products.db.queries(), 1);
    hands.advance(Duration::from_secs(62));
    products.find(1).await.unwrap();
    assert_eq!(products.db.queries(), 2);
}

#[tokio::test]
async fn errors_are_never_cached() {
    for (kind, products) in each_kind().await {
        products.db.fail(true);
        assert!(products.find(1).await.is_err(), "{kind}");
        products.db.fail(false);
        assert!(products.find(1).await.unwrap().is_some(), "{kind}");
    }
}

#[tokio::test]
async fn shared_values_are_shared_and_not_cloned() {
    let products = Products::new(Cache::memory());
    let first = products.browse("books", 1).await.unwrap();
    let second = products.browse("books", 1).await.unwrap();
    assert!(Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn dropping_a_group_drops_all_its_pages_and_no_others() {
    for (kind, products) in each_kind().await {
        for page in 1..=3 {
            products.browse("books", page).await.unwrap();
            products.browse("toys", page).await.unwrap();
        }
        assert_eq!(products.db.queries(), 6, "{kind}");
        products.delete(2, "books").await.unwrap();
        for page in 1..=3 {
            assert!(products.browse("books", page).await.unwrap().iter().all(|p| p.id != 2), "{kind}");
            products.browse("toys", page).await.unwrap();
        }
        assert_eq!(products.db.queries(), 6 + 1 + 3, "{kind}");
    }
}

#[tokio::test]
async fn a_batch_loads_only_what_is_missing() {
    for (kind, products) in each_kind().await {
        products.find(1).await.unwrap();
        let many = products.find_many(&[1, 2, 3, 404, 2]).await.unwrap();
        assert_eq!(many.len(), 3, "{kind}");
        assert_eq!(products.db.queries(), 2, "{kind}");
        assert_eq!(products.find_many(&[1, 2, 3, 404]).await.unwrap(), many, "{kind}");
        assert!(products.find(3).await.unwrap().is_some());
        assert_eq!(products.find(404).await.unwrap(), None);
        assert_eq!(products.db.queries(), 2, "{kind}: singles and batches share entries, absent ones, too");
        assert!(products.find_many(&[]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn concurrent_batches_load_each_id_once() {
    for (kind, products) in each_kind().await {
        products.db.hold_reads();
        let ids: Vec<i64> = (1..=10).collect();
        let calls: Vec<_> = (0..50)
            .map(|_| {
                let (products, ids) = (products.clone(), ids.clone());
                tokio::spawn(async move { products.find_many(&ids).await })
            })
            .collect();
        products.db.reads_reached(1).await;
        products.db.gate.add_permits(1_000);
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().len(), 10, "{kind}");
        }
        let function =
            products.cache.stats().functions.into_iter().find(|f| f.function.ends_with("find_many")).unwrap();
        assert!(function.loads <= 2, "{kind}: {function:?}");
    }
}

#[tokio::test]
async fn postcard_entries_come_back() {
    let cache = Cache::builder()
        .namespace("t")
        .codec(Codec::Postcard)
        .store(MemoryStore::new())
        .build()
        .await
        .unwrap();
    let products = Products::new(cache);
    let first = products.find(1).await.unwrap();
    assert_eq!(products.find(1).await.unwrap(), first);
    assert_eq!(products.db.queries(), 1);
}

#[tokio::test]
async fn a_disabled_cache_runs_every_body() {
    let products = Products::new(Cache::disabled());
    for _ in 0..3 {
        products.find(1).await.unwrap();
        products.browse("books", 1).await.unwrap();
    }
    products.reprice(1, 5).await.unwrap();
    assert_eq!(products.find(1).await.unwrap().unwrap().price, 5);
    assert_eq!(products.db.queries(), 8);
}

#[tokio::test]
async fn the_budget_bounds_what_is_kept() {
    let products = Products::new(Cache::builder().memory(32 << 10).build_memory());
    for id in 0..5_000 {
        products.find(id).await.unwrap();
    }
    let stats = products.cache.stats();
    assert!(stats.bytes <= 32 << 10, "{stats:?}");
    assert!(stats.entries > 20, "{stats:?}");
}

#[tokio::test]
async fn l1_beside_a_shared_store_lags_no_longer_than_told() {
    let store = MemoryStore::new();
    let (clock, hands) = Clock::manual();
    let build = || Cache::builder().namespace("t").store(store.clone()).l1_max_lag(Duration::from_secs(1));
    let a = Products::new(build().clock(clock).build().await.unwrap());
    let b = Products { db: a.db.clone(), cache: build().build().await.unwrap() };
    a.find(1).await.unwrap();
    a.find(1).await.unwrap();
    b.reprice(1, 7).await.unwrap();
    hands.advance(Duration::from_millis(1_001));
    assert_eq!(a.find(1).await.unwrap().unwrap().price, 7);
    // Its own writes are seen at once.
    a.reprice(1, 8).await.unwrap();
    assert_eq!(a.find(1).await.unwrap().unwrap().price, 8);
}

#[tokio::test]
async fn futures_of_cached_functions_stay_small() {
    let products = Products::new(Cache::memory());
    // Loads inside loads multiply what each adds.
    let sizes = [
        size_of_val(&products.find(1)),
        size_of_val(&products.browse("books", 1)),
        size_of_val(&products.home()),
        size_of_val(&products.find_many(&[1])),
        size_of_val(&products.reprice(1, 1)),
        size_of_val(&products.delete(1, "books")),
    ];
    assert!(sizes.iter().all(|&size| size < 4_096), "{sizes:?}");
}

static CACHE: LazyLock<Cache> = LazyLock::new(Cache::memory);
static LOADS: AtomicUsize = AtomicUsize::new(0);

#[cached(key = "greeting:<name>", ttl = 60, cache = CACHE)]
async fn greeting(name: &str) -> String {
    LOADS.fetch_add(1, Ordering::Relaxed);
    format!("hello {name}")
}

#[tokio::test]
async fn a_free_function_uses_the_lazy_cache_of_the_process() {
    assert_eq!(greeting("ada").await, "hello ada");
    assert_eq!(greeting("ada").await, "hello ada");
    assert_eq!(LOADS.load(Ordering::Relaxed), 1);
}
