//! Many callers of one key: who loads, who waits, and what happens when the loader goes away.

use crate::fixtures::{each_kind, eventually, two_processes};
use behaviour_tests::{DbError, Products};
use cache_runtime::{Cache, cached};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Barrier;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_of_a_cold_key_run_its_body_once() {
    for (kind, products) in each_kind().await {
        products.db.hold_reads();
        let calls: Vec<_> = (0..10_000)
            .map(|_| {
                let products = products.clone();
                tokio::spawn(async move { products.find(1).await })
            })
            .collect();
        products.db.reads_reached(1).await;
        products.db.gate.add_permits(10_000);
        for call in calls {
            assert!(call.await.unwrap().unwrap().is_some());
        }
        assert_eq!(products.db.queries(), 1, "{kind}");
    }
}

#[tokio::test]
async fn a_follower_takes_over_when_its_leader_is_dropped() {
    for (kind, products) in each_kind().await {
        products.db.hold_reads();
        let leader = tokio::spawn({
            let products = products.clone();
            async move { products.find(1).await }
        });
        products.db.reads_reached(1).await;
        let followers: Vec<_> = (0..100)
            .map(|_| {
                let products = products.clone();
                tokio::spawn(async move { products.find(1).await })
            })
            .collect();
        tokio::task::yield_now().await;
        leader.abort();
        assert!(leader.await.unwrap_err().is_cancelled());
        products.db.reads_reached(1).await;
        products.db.gate.add_permits(1_000);
        for follower in followers {
            assert!(follower.await.unwrap().unwrap().is_some(), "{kind}");
        }
        assert_eq!(products.db.queries(), 2, "{kind}: exactly one follower runs its own body");
    }
}

#[tokio::test]
async fn nobody_hangs_when_every_leader_is_dropped_in_turn() {
    let products = Products::new(Cache::memory());
    products.db.hold_reads();
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let products = products.clone();
            tokio::spawn(async move { products.find(1).await })
        })
        .collect();
    for call in &calls {
        products.db.reads_reached(1).await;
        call.abort();
    }
    for call in calls {
        assert!(call.await.unwrap_err().is_cancelled());
    }
    assert_eq!(products.db.queries(), 20);
    assert_eq!(products.cache.stats().keys_in_motion, 0);
}

#[cached(strategy = "read_through", key = "panics:<id>", ttl = 60, skip(runs, met))]
async fn panics_once(cache: &Cache, id: u32, runs: Arc<AtomicUsize>, met: Arc<Barrier>) -> u32 {
    if runs.fetch_add(1, Ordering::SeqCst) == 0 {
        met.wait().await;
        panic!("the first body panics");
    }
    id * 10
}

#[tokio::test]
async fn a_follower_takes_over_when_its_leader_panics() {
    let cache = Cache::memory();
    let (runs, met) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(2)));
    let call = || {
        let (cache, runs, met) = (cache.clone(), runs.clone(), met.clone());
        tokio::spawn(async move { panics_once(&cache, 7, runs, met).await })
    };
    let leader = call();
    eventually("the leader's body", || runs.load(Ordering::SeqCst) == 1).await;
    let followers: Vec<_> = (0..50).map(|_| call()).collect();
    eventually("the followers to join", || cache.stats().keys_in_motion == 1).await;
    tokio::task::yield_now().await;
    met.wait().await;
    assert!(leader.await.unwrap_err().is_panic());
    for follower in followers {
        assert_eq!(follower.await.unwrap(), 70);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn errors_that_can_be_cloned_are_shared_with_everyone_who_waited() {
    let products = Products::new(Cache::memory());
    products.db.fail(true);
    let (a, b) = tokio::join!(products.find(1), products.find(1));
    assert_eq!(a.unwrap_err(), DbError("the database is down".into()));
    assert!(b.is_err());
    assert_eq!(products.db.queries(), 1);
}

/// An error that can't be cloned.
#[derive(Debug)]
struct Own;

#[cached(strategy = "read_through", key = "own:<id>", ttl = 60, skip(runs))]
async fn fails_alone(cache: &Cache, id: u32, runs: &AtomicUsize) -> Result<u32, Own> {
    runs.fetch_add(1, Ordering::SeqCst);
    tokio::task::yield_now().await;
    Err(Own)
}

#[tokio::test]
async fn errors_that_cannot_be_cloned_belong_to_the_caller_whose_body_failed() {
    let cache = Cache::memory();
    let runs = AtomicUsize::new(0);
    let (a, b) = tokio::join!(fails_alone(&cache, 1, &runs), fails_alone(&cache, 1, &runs));
    assert!(a.is_err() && b.is_err());
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[cached(strategy = "read_through", key = "left:<n>", ttl = 60, skip(met))]
async fn left(cache: &Cache, n: u32, met: Option<&Barrier>) -> u32 {
    if let Some(met) = met {
        met.wait().await;
    }
    Box::pin(right(cache, n, None)).await + 1
}

#[cached(strategy = "read_through", key = "right:<n>", ttl = 60, skip(met))]
async fn right(cache: &Cache, n: u32, met: Option<&Barrier>) -> u32 {
    if let Some(met) = met {
        met.wait().await;
        return Box::pin(left(cache, n, None)).await + 1;
    }
    n
}

#[tokio::test]
async fn loads_that_wait_for_each_other_do_not_deadlock() {
    let cache = Cache::memory();
    let met = Barrier::new(2);
    // Each leads one key and calls the other: without a way out both would follow for ever.
    let (a, b) = tokio::join!(left(&cache, 1, Some(&met)), right(&cache, 1, Some(&met)));
    assert!(a >= 2 && b >= 2, "{a} {b}");
}

#[cached(strategy = "read_through", key = "again:<n>", ttl = 60)]
async fn again(cache: &Cache, n: u32) -> u32 {
    if n == 0 { 0 } else { Box::pin(again(cache, n)).await.min(1) + 1 }
}

#[tokio::test]
async fn a_load_of_a_key_inside_its_own_load_runs_directly() {
    let cache = Cache::memory();
    // Infinitely recursive bodies are the user's own affair; this one ends because the inner call sees n == 0.
    assert_eq!(again(&cache, 0).await, 0);
}

#[tokio::test]
async fn two_processes_load_a_cold_key_once() {
    let (a, b) = two_processes().await;
    a.db.hold_reads();
    let call = |products: &Products| {
        let products = products.clone();
        tokio::spawn(async move { products.find(1).await })
    };
    let calls: Vec<_> = (0..50).flat_map(|_| [call(&a), call(&b)]).collect();
    a.db.reads_reached(1).await;
    a.db.gate.add_permits(1_000);
    for call in calls {
        assert!(call.await.unwrap().unwrap().is_some());
    }
    assert_eq!(a.db.queries(), 1);
}

#[tokio::test]
async fn cache_aside_does_not_wait_for_other_processes() {
    let (a, b) = two_processes().await;
    a.db.hold_reads();
    let first = tokio::spawn({
        let a = a.clone();
        async move { a.viewed(1).await }
    });
    a.db.reads_reached(1).await;
    let second = tokio::spawn({
        let b = b.clone();
        async move { b.viewed(1).await }
    });
    b.db.reads_reached(1).await;
    a.db.gate.add_permits(10);
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(a.db.queries(), 2);
}
