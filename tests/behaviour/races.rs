//! Loads against writes: a value read before a write is never kept, and never given to a caller that came after it.

use crate::{
    fixtures::{each_kind, eventually, two_processes},
    repo::Repo,
};
use cache_runtime::{Cache, Clock};
use std::{sync::atomic::Ordering::SeqCst, time::Duration};
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_value_read_before_an_invalidation_is_not_kept() {
    for (kind, products) in each_kind().await {
        products.db.hold_reads();
        let reader = tokio::spawn({
            let products = products.clone();
            async move { products.find(1).await }
        });
        products.db.reads_reached(1).await; // it has read the old row, and is held
        products.reprice(1, 200).await.unwrap();
        products.db.gate.add_permits(1_000);
        let old = reader.await.unwrap().unwrap().unwrap();
        assert_eq!(old.price, 100, "{kind}: its read began before the write");
        assert_eq!(products.find(1).await.unwrap().unwrap().price, 200, "{kind}");
    }
}

#[tokio::test]
async fn a_caller_that_comes_after_a_write_does_not_get_the_older_value_of_a_flight() {
    for (kind, products) in each_kind().await {
        products.db.hold_reads();
        let early = tokio::spawn({
            let products = products.clone();
            async move { products.find(1).await }
        });
        products.db.reads_reached(1).await;
        products.reprice(1, 200).await.unwrap();
        let late = tokio::spawn({
            let products = products.clone();
            async move { products.find(1).await }
        });
        tokio::task::yield_now().await;
        products.db.gate.add_permits(1_000);
        assert_eq!(early.await.unwrap().unwrap().unwrap().price, 100, "{kind}");
        assert_eq!(late.await.unwrap().unwrap().unwrap().price, 200, "{kind}");
    }
}

#[tokio::test]
async fn a_follower_in_one_process_does_not_get_what_a_write_in_another_made_outdated() {
    let (reading, writing) = two_processes().await;
    reading.db.hold_reads();
    let leader = tokio::spawn({
        let reading = reading.clone();
        async move { reading.find(1).await }
    });
    reading.db.reads_reached(1).await;
    writing.reprice(1, 200).await.unwrap();
    // The write is acknowledged; this read begins after it and joins the older flight.
    let follower = tokio::spawn({
        let reading = reading.clone();
        async move { reading.find(1).await }
    });
    tokio::task::yield_now().await;
    reading.db.gate.add_permits(1_000);
    assert_eq!(leader.await.unwrap().unwrap().unwrap().price, 100);
    assert_eq!(follower.await.unwrap().unwrap().unwrap().price, 200);
    assert_eq!(reading.find(1).await.unwrap().unwrap().price, 200);
    let stats = reading.cache.stats();
    assert!(stats.functions.iter().any(|f| f.refused_fills == 1), "the stale fill was refused");
}

#[tokio::test]
async fn a_listing_loaded_before_a_group_was_dropped_is_not_kept() {
    for (kind, products) in each_kind().await {
        products.db.hold_reads();
        let reader = tokio::spawn({
            let products = products.clone();
            async move { products.browse("books", 1).await }
        });
        products.db.reads_reached(1).await;
        products.delete(2, "books").await.unwrap();
        let late = tokio::spawn({
            let products = products.clone();
            async move { products.browse("books", 1).await }
        });
        tokio::task::yield_now().await;
        products.db.gate.add_permits(1_000);
        assert!(reader.await.unwrap().unwrap().iter().any(|p| p.id == 2), "{kind}");
        assert!(late.await.unwrap().unwrap().iter().all(|p| p.id != 2), "{kind}");
        assert!(products.browse("books", 1).await.unwrap().iter().all(|p| p.id != 2), "{kind}");
    }
}

#[tokio::test]
async fn a_batch_read_before_a_write_keeps_nothing_of_it() {
    for (kind, products) in each_kind().await {
        products.db.hold_reads();
        let reader = tokio::spawn({
            let products = products.clone();
            async move { products.find_many(&[1, 2, 3]).await }
        });
        products.db.reads_reached(1).await;
        products.reprice(2, 200).await.unwrap();
        products.db.gate.add_permits(1_000);
        reader.await.unwrap().unwrap();
        let queries = products.db.queries();
        assert_eq!(products.find(2).await.unwrap().unwrap().price, 200, "{kind}");
        products.find(1).await.unwrap();
        products.find(3).await.unwrap();
        assert_eq!(products.db.queries(), queries, "the write left its value, the batch the others: {kind}");
    }
}

#[tokio::test]
async fn a_write_through_is_not_kept_over_a_write_around_that_overlapped() {
    let repo = Repo::new(Cache::memory());
    let slow = tokio::spawn({
        let repo = repo.clone();
        async move { repo.commit_and_wait(1, 2).await }
    });
    eventually("committed", || repo.state.written.load(SeqCst)).await;
    repo.around(1, 3).await.unwrap(); // commits later, acknowledged earlier
    repo.state.after_write.add_permits(1);
    slow.await.unwrap().unwrap();
    assert_eq!(repo.row(1).await.unwrap(), Some(3), "the older value was kept");
}

#[tokio::test]
async fn a_value_read_during_a_hold_is_not_kept_when_it_lands_after_it() {
    let (clock, hands) = Clock::manual();
    let repo = Repo::new(Cache::builder().clock(clock).build_memory());
    let write = tokio::spawn({
        let repo = repo.clone();
        async move { repo.commit_and_wait(1, 1).await }
    });
    eventually("written", || repo.state.written.load(SeqCst)).await;
    write.abort();
    let _ = write.await;
    hands.advance(Duration::from_secs(9));
    repo.state.before_return.forget_permits(Semaphore::MAX_PERMITS);
    let reader = tokio::spawn({
        let repo = repo.clone();
        async move { repo.row(1).await }
    });
    eventually("read", || repo.state.read.load(SeqCst)).await;
    repo.set(Some(7)); // the dropped statement commits, before its hold ends
    hands.advance(Duration::from_secs(2));
    repo.state.before_return.add_permits(1_000);
    assert_eq!(reader.await.unwrap().unwrap(), Some(1));
    assert_eq!(repo.row(1).await.unwrap(), Some(7), "the value read before the commit was kept");
}
