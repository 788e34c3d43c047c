//! Callers of the write-behind side that leave while they wait.

use crate::{
    behind::{products, view},
    fixtures::{dead_letters, eventually, others_run},
    repo::Repo,
};
use behaviour_tests::{DbError, Products};
use cache_runtime::{Cache, Clock, ClockHands, Queue};
use std::{sync::atomic::Ordering::SeqCst, time::Duration};
use tokio::{sync::Semaphore, task::JoinHandle, time::timeout};

/// Nothing that is stuck takes less.
const LONG: Duration = Duration::from_secs(10);

/// Ends a task that waits.
async fn leaves<T: std::fmt::Debug>(caller: JoinHandle<T>) {
    assert!(!caller.is_finished(), "it has to wait");
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
}

/// A queue with room for two, full, and a database that takes nothing.
async fn full() -> Products {
    let products = products(Queue::memory().max_pending(2));
    products.db.fail(true);
    products.view(view(1, 1)).await.unwrap();
    products.view(view(2, 1)).await.unwrap();
    products
}

fn writer(products: &Products, id: i64) -> JoinHandle<Result<(), DbError>> {
    let products = products.clone();
    tokio::spawn(async move { products.view(view(id, 1)).await })
}

#[tokio::test]
async fn a_writer_that_leaves_while_it_waits_for_room_leaves_the_queue_as_it_was() {
    let products = full().await;
    let waiting = writer(&products, 3);
    others_run().await;
    leaves(waiting).await;
    assert_eq!(products.cache.stats().pending_writes, 2);
    assert_eq!(products.viewed(3).await.unwrap_err().0, "the database is down", "nobody sees its value");
    products.db.fail(false);
    timeout(LONG, products.cache.flush_all())
        .await
        .expect("a flush waits for a write that never was")
        .unwrap();
    let rows = [1_001, 1_002, 1_003].map(|id| products.db.price(id));
    assert_eq!(rows, [Some(1), Some(1), None]);
    let calls = products.cache.stats();
    let calls = calls.functions.iter().find(|f| f.function.ends_with("view")).unwrap();
    assert_eq!(calls.enqueued, 2);
    products.view(view(3, 2)).await.unwrap();
    products.view(view(4, 2)).await.unwrap();
    products.cache.flush_all().await.unwrap();
    assert_eq!((products.db.price(1_003), products.db.price(1_004)), (Some(2), Some(2)));
}

#[tokio::test]
async fn a_writer_that_leaves_takes_no_room_from_the_next() {
    let products = full().await;
    let (first, second) = (writer(&products, 3), writer(&products, 4));
    others_run().await;
    leaves(first).await;
    products.db.fail(false);
    timeout(LONG, second).await.expect("it is its turn").unwrap().unwrap();
    products.cache.flush_all().await.unwrap();
    assert_eq!((products.db.price(1_003), products.db.price(1_004)), (None, Some(1)));
}

/// A repository whose flush of row 1 has begun and is held, and its clock.
async fn held() -> (Repo, ClockHands) {
    let (clock, hands) = Clock::manual();
    let queue = Queue::memory().flush_every(Duration::from_millis(1));
    let repo = Repo::new(Cache::builder().clock(clock).write_behind(queue).build_memory());
    repo.state.slow_flush.forget_permits(Semaphore::MAX_PERMITS);
    repo.defer(1, 5).await.unwrap();
    eventually("a flush", || repo.state.flushes.load(SeqCst) == 1).await;
    (repo, hands)
}

/// Whatever left, everything still works.
async fn nothing_is_stuck(repo: &Repo, hands: &ClockHands) {
    assert_eq!(repo.cache.stats().pending_writes, 1);
    assert_eq!(repo.late(1).await.unwrap(), Some(5), "still acknowledged");
    repo.state.slow_flush.add_permits(1_000);
    timeout(LONG, repo.cache.flush_all()).await.expect("a later flush ends").unwrap();
    assert_eq!(repo.get(), Some(5));
    repo.defer(1, 6).await.unwrap();
    timeout(LONG, repo.remove_late(1)).await.expect("a later direct write ends").unwrap();
    timeout(LONG, repo.cache.flush_all()).await.expect("and another flush").unwrap();
    assert_eq!(repo.get(), Some(6));
    assert!(dead_letters(&repo.cache).is_empty());
    hands.advance(Duration::from_secs(11)); // a direct write that left may hold its key for ten
    assert_eq!(repo.late(1).await.unwrap(), Some(6));
    assert_eq!(repo.cache.stats().keys_in_motion, 0);
    repo.set(Some(7));
    assert_eq!(repo.late(1).await.unwrap(), Some(6), "kept again");
    assert_eq!(timeout(LONG, repo.cache.shutdown()).await.expect("it ends").unwritten, 0);
}

#[tokio::test]
async fn a_caller_that_leaves_in_a_flush_leaves_nothing_stuck() {
    let (repo, hands) = held().await;
    let cache = repo.cache.clone();
    let caller = tokio::spawn(async move { cache.flush_all().await });
    others_run().await;
    leaves(caller).await;
    nothing_is_stuck(&repo, &hands).await;
}

#[tokio::test]
async fn a_direct_write_that_leaves_while_it_waits_for_acknowledged_ones_leaves_nothing_stuck() {
    let (repo, hands) = held().await;
    let caller = tokio::spawn({
        let repo = repo.clone();
        async move { repo.remove_late(1).await }
    });
    others_run().await;
    leaves(caller).await;
    nothing_is_stuck(&repo, &hands).await;
}

#[tokio::test]
async fn a_reload_by_hand_that_leaves_while_it_waits_for_acknowledged_writes_leaves_nothing_stuck() {
    let (repo, hands) = held().await;
    let caller = tokio::spawn({
        let repo = repo.clone();
        async move { repo.late_entry(1).refresh().await }
    });
    others_run().await;
    leaves(caller).await;
    nothing_is_stuck(&repo, &hands).await;
}
