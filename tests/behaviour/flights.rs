//! Many callers of one key: who loads, who waits, and what happens when the loader goes away.

use crate::fixtures::{each_kind, eventually, others_run, two_processes};
use behaviour_tests::{DbError, Products};
use cache_runtime::{Cache, cached};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    sync::{Barrier, Semaphore},
    time::timeout,
};

/// No deadlock takes less.
const LONG: Duration = Duration::from_secs(10);

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
    if runs.fetch_add(1, SeqCst) == 0 {
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
    eventually("the leader's body", || runs.load(SeqCst) == 1).await;
    let followers: Vec<_> = (0..50).map(|_| call()).collect();
    eventually("the followers to join", || cache.stats().keys_in_motion == 1).await;
    tokio::task::yield_now().await;
    met.wait().await;
    assert!(leader.await.unwrap_err().is_panic());
    for follower in followers {
        assert_eq!(follower.await.unwrap(), 70);
    }
    assert_eq!(runs.load(SeqCst), 2);
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
    runs.fetch_add(1, SeqCst);
    tokio::task::yield_now().await;
    Err(Own)
}

#[tokio::test]
async fn errors_that_cannot_be_cloned_belong_to_the_caller_whose_body_failed() {
    let cache = Cache::memory();
    let runs = AtomicUsize::new(0);
    let (a, b) = tokio::join!(fails_alone(&cache, 1, &runs), fails_alone(&cache, 1, &runs));
    assert!(a.is_err() && b.is_err());
    assert_eq!(runs.load(SeqCst), 2);
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

#[tokio::test]
async fn two_batches_that_take_over_do_not_wait_for_each_other() {
    let products = Products::new(Cache::memory());
    products.db.hold_reads();
    let batch = |ids: &'static [i64]| {
        let products = products.clone();
        tokio::spawn(async move { products.find_many(ids).await })
    };
    let leader = batch(&[1, 2]);
    products.db.reads_reached(1).await;
    let (b, c) = (batch(&[1, 2]), batch(&[2, 1]));
    others_run().await;
    leader.abort();
    let _ = leader.await;
    products.db.gate.add_permits(1_000);
    let both = async {
        b.await.unwrap().unwrap();
        c.await.unwrap().unwrap();
    };
    timeout(LONG, both).await.expect("two followers each lead one key and wait for the other's: deadlock");
}

#[derive(Default)]
struct Nodes {
    runs: [AtomicUsize; 4],
    in_two: AtomicBool,
    in_three: AtomicBool,
}
struct Steps {
    nodes: Nodes,
    two: Semaphore,
    three: Semaphore,
}

#[cached(strategy = "read_through", key = "node:<id>", ttl = 60, skip(steps))]
async fn node(cache: &Cache, id: u32, steps: &Arc<Steps>) -> u32 {
    if steps.nodes.runs[id as usize].fetch_add(1, SeqCst) > 0 {
        return id;
    }
    match id {
        1 => Box::pin(node(cache, 2, steps)).await,
        2 => {
            steps.nodes.in_two.store(true, SeqCst);
            steps.two.acquire().await.unwrap().forget();
            Box::pin(node(cache, 3, steps)).await
        }
        _ => {
            steps.nodes.in_three.store(true, SeqCst);
            steps.three.acquire().await.unwrap().forget();
            Box::pin(node(cache, 1, steps)).await
        }
    }
}

#[tokio::test]
async fn a_circle_through_an_outer_load_is_noticed() {
    let cache = Cache::memory();
    let steps = Arc::new(Steps { nodes: Nodes::default(), two: Semaphore::new(0), three: Semaphore::new(0) });
    let run = |id| {
        let (cache, steps) = (cache.clone(), steps.clone());
        tokio::spawn(async move { node(&cache, id, &steps).await })
    };
    let (one, three) = (run(1), run(3));
    eventually("both inside", || steps.nodes.in_two.load(SeqCst) && steps.nodes.in_three.load(SeqCst)).await;
    steps.two.add_permits(1);
    others_run().await;
    steps.three.add_permits(1);
    timeout(LONG, async {
        one.await.unwrap();
        three.await.unwrap();
    })
    .await
    .expect("deadlock: the edge hangs on the innermost frame only");
}

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

#[tokio::test(start_paused = true)]
async fn batches_that_followed_a_failure_do_not_queue_up_behind_each_other() {
    let cache = Cache::memory();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let begun = tokio::time::Instant::now();
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
