//! Hits compared with the source, and differences followed until they end.

use crate::{
    fixtures::{eventually, others_run, patient},
    watched::Watched,
};
use cache_runtime::{Cache, Clock, ClockHands, Codec, Queue, store::MemoryStore};
use std::{sync::atomic::Ordering::SeqCst, time::Duration};
use test_servers::Redis;
use tokio::sync::Semaphore;

const FIND: &str = "Watched::find";
const SECOND: Duration = Duration::from_secs(1);

fn memory() -> (Watched, ClockHands) {
    let (clock, hands) = Clock::manual();
    (Watched::new(Cache::builder().clock(clock).build_memory()), hands)
}

/// A cache of each kind whose clock stands still until it is moved.
async fn each_kind() -> Vec<(&'static str, Watched, ClockHands)> {
    let (memory, memory_hands) = memory();
    let mut all = vec![("memory", memory, memory_hands)];
    for (kind, codec) in [("shared", Codec::Json), ("postcard", Codec::Postcard)] {
        let (clock, hands) = Clock::manual();
        let builder = Cache::builder().namespace("test").store(MemoryStore::new()).codec(codec);
        let cache = builder.clock(clock).deadlines(patient()).build().await.unwrap();
        all.push((kind, Watched::new(cache), hands));
    }
    all
}

/// Compared, different at once, after 1 s, 10 s and 60 s.
fn seen(watched: &Watched, function: &str) -> [u64; 5] {
    let stats = watched.stats(function);
    [
        stats.verified_hits,
        stats.inconsistent_hits,
        stats.inconsistent_after_1s,
        stats.inconsistent_after_10s,
        stats.inconsistent_after_60s,
    ]
}

async fn until(kind: &str, watched: &Watched, function: &str, expected: [u64; 5]) {
    eventually(&format!("{kind}: {expected:?}"), || seen(watched, function) == expected).await;
}

#[tokio::test]
async fn hits_that_say_what_the_source_says_are_counted_and_forgotten() {
    for (kind, watched, _hands) in each_kind().await {
        assert_eq!(watched.find(1).await.unwrap(), Some(1));
        watched.cache.settle().await;
        assert_eq!(watched.find(1).await.unwrap(), Some(1));
        until(kind, &watched, FIND, [1, 0, 0, 0, 0]).await;
        assert_eq!(watched.stats(FIND).inconsistent_per_million(SECOND), Some(0.0));
        assert_eq!(watched.stats(FIND).loads, 1, "a comparison is no load");
    }
}

#[tokio::test]
async fn a_difference_that_stays_is_counted_at_every_step() {
    for (kind, watched, hands) in each_kind().await {
        watched.find(1).await.unwrap();
        watched.cache.settle().await;
        watched.set(Some(2));
        assert_eq!(watched.find(1).await.unwrap(), Some(1));
        until(kind, &watched, FIND, [1, 1, 0, 0, 0]).await;
        let hits = watched.stats(FIND);
        // Settling waits for none of it.
        watched.cache.settle().await;
        hands.advance(SECOND);
        until(kind, &watched, FIND, [1, 1, 1, 0, 0]).await;
        hands.advance(9 * SECOND);
        until(kind, &watched, FIND, [1, 1, 1, 1, 0]).await;
        hands.advance(50 * SECOND);
        until(kind, &watched, FIND, [1, 1, 1, 1, 1]).await;
        let stats = watched.stats(FIND);
        assert_eq!(
            (stats.hits, stats.shared_hits),
            (hits.hits, hits.shared_hits),
            "{kind}: looking is no hit"
        );
        for (after, figure) in [(0, 1e6), (3, 1e6), (59, 1e6), (100, 1e6)] {
            assert_eq!(stats.inconsistent_per_million(after * SECOND), Some(figure));
        }
    }
}

#[tokio::test]
async fn a_difference_ends_with_its_entry() {
    for (kind, watched, hands) in each_kind().await {
        watched.find(1).await.unwrap();
        watched.cache.settle().await;
        watched.set(Some(2));
        watched.find(1).await.unwrap();
        until(kind, &watched, FIND, [1, 1, 0, 0, 0]).await;
        let reads = watched.reads();
        watched.find_entry(1).invalidate().await;
        hands.advance(60 * SECOND);
        others_run().await;
        assert_eq!((watched.reads(), seen(&watched, FIND)), (reads, [1, 1, 0, 0, 0]), "{kind}");
    }
}

#[tokio::test]
async fn a_difference_ends_when_the_cache_has_what_the_source_has() {
    for (kind, watched, hands) in each_kind().await {
        watched.find(1).await.unwrap();
        watched.cache.settle().await;
        watched.set(Some(2));
        watched.find(1).await.unwrap();
        until(kind, &watched, FIND, [1, 1, 0, 0, 0]).await;
        assert_eq!(watched.find_entry(1).refresh().await.unwrap(), Some(2));
        watched.cache.settle().await;
        let reads = watched.reads();
        hands.advance(SECOND);
        eventually("the look after 1 s", || watched.reads() == reads + 1).await;
        hands.advance(59 * SECOND);
        others_run().await;
        assert_eq!((watched.reads(), seen(&watched, FIND)), (reads + 1, [1, 1, 0, 0, 0]), "{kind}");
    }
}

#[tokio::test]
async fn rows_that_come_and_go_are_differences() {
    for (kind, watched, _hands) in each_kind().await {
        watched.set(None);
        assert_eq!(watched.find(1).await.unwrap(), None);
        watched.cache.settle().await;
        watched.find(1).await.unwrap();
        until(kind, &watched, FIND, [1, 0, 0, 0, 0]).await;
        watched.set(Some(1));
        assert_eq!(watched.find(1).await.unwrap(), None);
        until(kind, &watched, FIND, [2, 1, 0, 0, 0]).await;
    }
}

#[tokio::test]
async fn a_body_that_fails_compares_nothing() {
    for (kind, watched, _hands) in each_kind().await {
        watched.find(1).await.unwrap();
        watched.cache.settle().await;
        watched.row.failing.store(true, SeqCst);
        assert_eq!(watched.find(1).await.unwrap(), Some(1), "{kind}");
        eventually(kind, || watched.stats(FIND).failed_verifications == 1).await;
        assert_eq!(seen(&watched, FIND), [0; 5]);
        assert_eq!(watched.stats(FIND).inconsistent_per_million(SECOND), None);
    }
}

#[tokio::test]
async fn only_a_few_bodies_compare_at_once() {
    let (watched, _hands) = memory();
    watched.find(1).await.unwrap();
    watched.row.gate.forget_permits(Semaphore::MAX_PERMITS);
    for _ in 0..10 {
        watched.find(1).await.unwrap();
    }
    eventually("four reads", || watched.reads() == 5).await;
    assert_eq!(watched.stats(FIND).skipped_verifications, 6);
    watched.row.gate.add_permits(100);
    until("memory", &watched, FIND, [4, 0, 0, 0, 0]).await;
    watched.find(1).await.unwrap();
    until("memory", &watched, FIND, [5, 0, 0, 0, 0]).await;
}

#[tokio::test]
async fn a_difference_ends_when_a_write_of_its_key_begins() {
    const OWNED: &str = "Watched::owned";
    for (kind, watched, hands) in each_kind().await {
        watched.owned(1).await.unwrap();
        watched.cache.settle().await;
        watched.set(Some(7));
        watched.owned(1).await.unwrap();
        until(kind, &watched, OWNED, [1, 1, 0, 0, 0]).await;
        watched.row.writes.forget_permits(Semaphore::MAX_PERMITS);
        let writer = watched.clone();
        let writing = tokio::spawn(async move { writer.own(1, 2).await });
        eventually("the write has begun", || watched.cache.stats().keys_in_motion > 0).await;
        others_run().await;
        let reads = watched.reads();
        hands.advance(SECOND);
        others_run().await;
        watched.row.writes.add_permits(1);
        writing.await.unwrap().unwrap();
        hands.advance(59 * SECOND);
        others_run().await;
        assert_eq!(seen(&watched, OWNED), [1, 1, 0, 0, 0], "{kind}");
        // Beside a shared store the look may come after the write has ended, and finds what it has stored.
        assert!(kind != "memory" || watched.reads() == reads);
    }
}

#[tokio::test]
async fn acknowledged_writes_are_not_compared_before_the_database_has_them() {
    let (clock, _hands) = Clock::manual();
    let watched = Watched::new(Cache::builder().clock(clock).write_behind(Queue::memory()).build_memory());
    watched.row.writes.forget_permits(Semaphore::MAX_PERMITS);
    watched.defer(1, 9).await.unwrap();
    assert_eq!(watched.later(1).await.unwrap(), Some(9));
    others_run().await;
    assert_eq!((seen(&watched, "Watched::later"), watched.reads()), ([0; 5], 0));
    watched.row.writes.add_permits(10);
    watched.cache.flush_all().await.unwrap();
    assert_eq!(watched.later(1).await.unwrap(), Some(9));
    until("memory", &watched, "Watched::later", [1, 0, 0, 0, 0]).await;
}

#[tokio::test]
async fn every_strategy_of_readers_is_compared() {
    for (kind, watched, _hands) in each_kind().await {
        for _ in 0..2 {
            watched.ahead(1).await.unwrap();
            watched.limited(1).await.unwrap();
            watched.cache.settle().await;
        }
        until(kind, &watched, "Watched::ahead", [1, 0, 0, 0, 0]).await;
        until(kind, &watched, "Watched::limited", [1, 0, 0, 0, 0]).await;
    }
}

#[tokio::test]
async fn the_source_is_the_database_and_not_another_reader() {
    for (kind, watched, _hands) in each_kind().await {
        watched.outer(1).await.unwrap();
        watched.cache.settle().await;
        watched.set(Some(2));
        assert_eq!(watched.outer(1).await.unwrap(), Some(1));
        until(kind, &watched, "Watched::outer", [1, 1, 0, 0, 0]).await;
    }
}

#[tokio::test]
async fn a_shutdown_ends_what_is_being_followed() {
    let (watched, hands) = memory();
    watched.find(1).await.unwrap();
    watched.set(Some(2));
    watched.find(1).await.unwrap();
    until("memory", &watched, FIND, [1, 1, 0, 0, 0]).await;
    let row = std::sync::Arc::downgrade(&watched.row);
    watched.cache.shutdown().await;
    drop(watched);
    eventually("nothing holds the repository", || row.strong_count() == 0).await;
    hands.advance(SECOND);
}

#[tokio::test]
async fn another_process_that_writes_by_hand_is_noticed_on_redis() {
    let redis = Redis::start().await;
    let (clock, hands) = Clock::manual();
    let cache = Cache::builder().namespace("verify").redis(redis.url()).clock(clock).deadlines(patient());
    let watched = Watched::new(cache.build().await.unwrap());
    // On a busy machine Redis may take longer to connect than the builder waits.
    while watched.find_entry(1).peek().await.is_none() {
        watched.find(1).await.unwrap();
        watched.cache.settle().await;
    }
    watched.set(Some(2));
    assert_eq!(watched.find(1).await.unwrap(), Some(1));
    until("redis", &watched, FIND, [1, 1, 0, 0, 0]).await;
    hands.advance(10 * SECOND);
    until("redis", &watched, FIND, [1, 1, 1, 1, 0]).await;
    watched.write(1, 3).await.unwrap();
    hands.advance(50 * SECOND);
    others_run().await;
    assert_eq!(seen(&watched, FIND), [1, 1, 1, 1, 0]);
}
