//! Acknowledged writes that the database refuses.

use crate::{
    behind::{products, view},
    fixtures::{dead_letters, eventually},
};
use behaviour_tests::{Product, Products};
use cache_runtime::{Cache, Queue};
use std::time::Duration;

fn p(id: i64, category: &str, price: u32) -> Product {
    Product { id, category: category.into(), price }
}

/// A repository with one dead letter, for row 1.
async fn dead(queue: Queue) -> Products {
    let products = Products::new(
        Cache::builder().write_behind(queue.attempts(1).flush_every(Duration::from_millis(1))).build_memory(),
    );
    products.view(p(1, "poison", 1)).await.unwrap();
    products.view(p(2, "toys", 1)).await.unwrap();
    eventually("dead", || dead_letters(&products.cache).len() == 1).await;
    products
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
    let dead = dead_letters(&products.cache);
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].key.as_str(), dead[0].attempts), ("view:1", 5));
    assert!(dead[0].error.contains("refuses"));
    assert_eq!(products.viewed(1).await.unwrap(), None, "readers see what the database has");
    assert_eq!(products.cache.write_behind().replay_all().await.unwrap(), 1);
    assert!(dead_letters(&products.cache).is_empty());
    assert_eq!(products.cache.stats().pending_writes, 1);
}

#[tokio::test]
async fn replay_keeps_dead_letters_that_a_newer_write_has_superseded() {
    let products = dead(Queue::memory()).await;
    products.view(p(1, "toys", 9)).await.unwrap(); // newer, and it arrives
    products.cache.flush_all().await.unwrap();
    assert_eq!(
        products.cache.write_behind().replay_all().await.unwrap(),
        0,
        "a newer write to the key is in the database; the dead letter is replayed over it"
    );
    assert_eq!(dead_letters(&products.cache).len(), 1);
    products.cache.flush_all().await.unwrap();
    assert_eq!(products.db.price(1_001), Some(9));
}

#[tokio::test]
async fn replayed_writes_are_seen_once_they_are_in_the_database() {
    let products = Products::new(
        Cache::builder()
            .write_behind(Queue::memory().attempts(1).flush_every(Duration::from_millis(1)))
            .build_memory(),
    );
    products.view(p(1, "toys", 1)).await.unwrap();
    products.cache.flush_all().await.unwrap();
    products.view(p(1, "poison", 7)).await.unwrap();
    products.view(p(2, "toys", 1)).await.unwrap();
    eventually("dead", || dead_letters(&products.cache).len() == 1).await;
    assert_eq!(products.viewed(1).await.unwrap().unwrap().price, 1);
    assert_eq!(products.cache.write_behind().replay_all().await.unwrap(), 1);
    // acknowledged again: readers should see the pending value
    assert_eq!(products.viewed(1).await.unwrap().unwrap().price, 7, "a pending value is what readers get");
}
