//! How many bodies run at once while the shared store is out of reach.

use crate::{
    around::{Around, Wrapped},
    fixtures::{eventually, others_run},
};
use cache_runtime::{
    Cache, cached,
    store::{MemoryStore, StoreError, StoreErrorKind, StoreFuture},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

/// No deadlock takes less.
const LONG: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct OwnError;

struct Tree {
    gate_a: Semaphore,
    gate_b: Semaphore,
    a: AtomicUsize,
    b: AtomicUsize,
}

#[cached(strategy = "read_through", key = "leaf", ttl = 60, skip(tree))]
async fn leaf(cache: &Cache, tree: &Arc<Tree>) -> Result<u32, OwnError> {
    tree.b.fetch_add(1, SeqCst);
    tree.gate_b.acquire().await.unwrap().forget();
    Err(OwnError)
}

#[cached(strategy = "read_through", key = "root", ttl = 60, skip(tree))]
async fn root(cache: &Cache, tree: &Arc<Tree>) -> Result<u32, OwnError> {
    if tree.a.fetch_add(1, SeqCst) == 0 {
        tree.gate_a.acquire().await.unwrap().forget();
        return Err(OwnError);
    }
    leaf(cache, tree).await
}

#[tokio::test]
async fn a_body_under_the_load_limit_takes_no_second_place() {
    let cache = Cache::builder().load_limit(1).build_memory();
    let tree = Arc::new(Tree {
        gate_a: Semaphore::new(0),
        gate_b: Semaphore::new(0),
        a: AtomicUsize::new(0),
        b: AtomicUsize::new(0),
    });
    let spawn_root = || {
        let (c, t) = (cache.clone(), tree.clone());
        tokio::spawn(async move { root(&c, &t).await })
    };
    let leading_leaf = {
        let (c, t) = (cache.clone(), tree.clone());
        tokio::spawn(async move { leaf(&c, &t).await })
    };
    let leader = spawn_root();
    eventually("both lead", || tree.a.load(SeqCst) == 1 && tree.b.load(SeqCst) == 1).await;
    let follower = spawn_root();
    others_run().await;
    tree.gate_a.add_permits(1);
    leader.await.unwrap().unwrap_err();
    eventually("the follower runs its own body", || tree.a.load(SeqCst) == 2).await;
    others_run().await;
    tree.gate_b.add_permits(100);
    leading_leaf.await.unwrap().unwrap_err();
    timeout(LONG, follower)
        .await
        .expect("it holds the only place and waits for a second one")
        .unwrap()
        .unwrap_err();
}

/// A store that is out of reach.
#[derive(Debug)]
struct Down(MemoryStore);

impl Around for Down {
    fn inner(&self) -> &MemoryStore {
        &self.0
    }

    fn pass<'a, T: Send + 'a>(&'a self, _: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async { Err(StoreError::new(StoreErrorKind::Connection, "down")) })
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
    let cache = Cache::builder()
        .namespace("t")
        .store(Wrapped(Down(MemoryStore::new())))
        .load_limit(1)
        .build()
        .await
        .unwrap();
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
    others_run().await; // it leads, and waits for a place
    nest.gate.add_permits(1);
    timeout(Duration::from_secs(10), async {
        root.await.unwrap();
        leaf.await.unwrap()
    })
    .await
    .expect("deadlock: the holder of the place follows the one that waits for it");
}
