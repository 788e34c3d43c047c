//! Writes that are acknowledged before the database has them.

use crate::fixtures::eventually;
use behaviour_tests::{Product, Products};
use cache_runtime::{Cache, Queue};
use std::time::Duration;

fn products(queue: Queue) -> Products {
    Products::new(Cache::builder().write_behind(queue).build_memory())
}

fn view(id: i64, price: u32) -> Product {
    Product { id, category: "toys".into(), price }
}

#[tokio::test(start_paused = true)]
async fn a_pending_value_is_read_before_the_database_has_it() {
    let products = products(Queue::memory());
    products.view(view(1, 5)).await.unwrap();
    assert_eq!(products.db.price(1_001), None);
    assert_eq!(products.viewed(1).await.unwrap().unwrap().price, 5);
    products.cache.flush().await.unwrap();
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
    products.cache.flush().await.unwrap();
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
    assert!(products.cache.dead_letters().is_empty());
    let tries = products.db.queries();
    assert!(tries < 20, "backs off: {tries}");
    products.db.fail(false);
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(products.db.price(1_001), Some(5));
}

#[tokio::test(start_paused = true)]
async fn a_write_the_database_refuses_becomes_a_dead_letter_and_holds_up_nobody() {
    let products = products(Queue::memory());
    products.view(Product { category: "poison".into(), ..view(1, 5) }).await.unwrap();
    for id in 2..=9 {
        products.view(view(id, 5)).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(products.db.price(1_009), Some(5));
    for id in 2..100 {
        products.view(view(id, 6)).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let dead = products.cache.dead_letters();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].key.as_str(), dead[0].attempts), ("view:1", 5));
    assert!(dead[0].error.contains("refuses"));
    assert_eq!(products.viewed(1).await.unwrap(), None, "readers see what the database has");
    assert_eq!(products.cache.replay_dead_letters(), 1);
    assert!(products.cache.dead_letters().is_empty());
    assert_eq!(products.cache.stats().pending_writes, 1);
}

#[tokio::test]
async fn without_a_queue_a_write_behind_function_fails() {
    let products = Products::new(Cache::memory());
    let error = products.view(view(1, 5)).await.unwrap_err();
    assert!(error.0.contains("Queue::memory()"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_makes_writers_wait_and_then_fail() {
    let products = products(Queue::memory().max_pending(2));
    products.db.fail(true);
    products.view(view(1, 1)).await.unwrap();
    products.view(view(2, 1)).await.unwrap();
    products.view(view(2, 2)).await.unwrap(); // the same key takes no more room
    let error = products.view(view(3, 1)).await.unwrap_err();
    assert!(error.0.contains("pending"), "{error}");
    products.db.fail(false);
    products.cache.flush().await.unwrap();
    products.view(view(3, 1)).await.unwrap();
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
    products.cache.flush().await.unwrap();
    let db = products.db.clone();
    let rows = std::sync::Arc::downgrade(&db.0);
    drop((products, db));
    eventually("the repository to be dropped", || rows.strong_count() == 0).await;
}
