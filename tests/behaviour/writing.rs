//! Writes: what is kept, what is dropped, and what becomes of writes that end badly.

use crate::{
    fixtures::{each_kind, eventually, shared, two_processes},
    repo::Repo,
};
use behaviour_tests::{Product, Products};
use cache_runtime::{Cache, Clock, store::MemoryStore};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::timeout;

#[tokio::test]
async fn a_write_through_leaves_its_value_in_a_single_process() {
    let products = Products::new(Cache::memory());
    products.reprice(1, 7).await.unwrap();
    let queries = products.db.queries();
    assert_eq!(products.find(1).await.unwrap().unwrap().price, 7);
    assert_eq!(products.db.queries(), queries);
}

#[tokio::test]
async fn a_write_through_leaves_its_value_to_every_process() {
    let (a, b) = two_processes().await;
    assert_eq!(b.find(1).await.unwrap().unwrap().price, 100);
    a.reprice(1, 7).await.unwrap();
    let queries = b.db.queries();
    assert_eq!(b.find(1).await.unwrap().unwrap().price, 7);
    assert_eq!(b.db.queries(), queries);
}

#[tokio::test]
async fn a_write_through_of_a_named_value_keeps_it() {
    let products = Products::new(Cache::memory());
    let product = Product { id: 50, category: "toys".into(), price: 1 };
    assert_eq!(products.find(50).await.unwrap(), None);
    products.replace(&product).await.unwrap();
    let queries = products.db.queries();
    assert_eq!(products.find(50).await.unwrap(), Some(product));
    assert_eq!(products.db.queries(), queries);
}

#[tokio::test]
async fn edges_on_the_result_drop_the_listing_the_row_is_in() {
    for (kind, products) in each_kind().await {
        products.browse("toys", 1).await.unwrap();
        products.browse("books", 1).await.unwrap();
        products.reprice(1, 7).await.unwrap(); // a toy
        let queries = products.db.queries();
        assert!(products.browse("toys", 1).await.unwrap().iter().any(|p| p.price == 7), "{kind}");
        products.browse("books", 1).await.unwrap();
        assert_eq!(products.db.queries(), queries + 1, "{kind}");
    }
}

#[tokio::test]
async fn a_write_around_drops_the_entry_and_the_absence_of_it() {
    for (kind, products) in each_kind().await {
        assert_eq!(products.find(77).await.unwrap(), None);
        let product = Product { id: 77, category: "toys".into(), price: 3 };
        products.import(&product).await.unwrap();
        assert_eq!(products.find(77).await.unwrap(), Some(product), "{kind}");
    }
}

#[tokio::test]
async fn a_failed_write_leaves_no_entry_and_returns_its_error() {
    for (kind, products) in each_kind().await {
        products.find(1).await.unwrap();
        products.db.fail(true);
        assert_eq!(products.reprice(1, 7).await.unwrap_err().0, "the database is down", "{kind}");
        products.db.fail(false);
        products.db.set_price(1, 9); // the statement had reached the database after all
        assert_eq!(products.find(1).await.unwrap().unwrap().price, 9, "{kind}");
    }
}

#[tokio::test]
async fn writers_that_overlap_leave_no_entry() {
    let products = Products::new(Cache::memory());
    products.db.hold_reads();
    let slow = tokio::spawn({
        let products = products.clone();
        async move { products.reprice_slowly(1, 1).await }
    });
    products.db.reads_reached(1).await;
    products.reprice(1, 2).await.unwrap();
    products.db.gate.add_permits(1_000);
    slow.await.unwrap().unwrap();
    let queries = products.db.queries();
    assert_eq!(products.find(1).await.unwrap().unwrap().price, 1, "the database's last word");
    assert_eq!(products.db.queries(), queries + 1, "nothing was kept");
}

#[tokio::test]
async fn nothing_is_kept_after_a_dropped_write_until_its_statement_can_no_longer_commit() {
    let (clock, hands) = Clock::manual();
    let products = Products::new(Cache::builder().clock(clock).build_memory());
    products.db.hold_reads();
    let write = tokio::spawn({
        let products = products.clone();
        async move { products.reprice_slowly(1, 7).await }
    });
    products.db.reads_reached(1).await;
    write.abort();
    assert!(write.await.unwrap_err().is_cancelled());
    products.db.gate.add_permits(1_000);
    assert_eq!(products.find(1).await.unwrap().unwrap().price, 100);
    products.db.set_price(1, 7); // the statement commits late
    assert_eq!(products.find(1).await.unwrap().unwrap().price, 7);
    let queries = products.db.queries();
    products.find(1).await.unwrap();
    assert_eq!(products.db.queries(), queries + 1, "held: not kept");
    hands.advance(Duration::from_secs(11));
    products.find(1).await.unwrap();
    products.find(1).await.unwrap();
    assert_eq!(products.db.queries(), queries + 2, "kept again after the hold");
}

#[tokio::test]
async fn a_dropped_write_is_held_in_the_shared_store() {
    let (a, b) = two_processes().await;
    b.find(1).await.unwrap();
    a.db.hold_reads();
    let write = tokio::spawn({
        let a = a.clone();
        async move { a.reprice_slowly(1, 7).await }
    });
    a.db.reads_reached(2).await;
    write.abort();
    assert!(write.await.unwrap_err().is_cancelled());
    a.cache.settle().await;
    a.db.gate.add_permits(1_000);
    assert_eq!(b.find(1).await.unwrap().unwrap().price, 100);
    b.db.set_price(1, 7);
    assert_eq!(b.find(1).await.unwrap().unwrap().price, 7, "the value read during the hold was not stored");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_too_long_ends_with_a_timeout() {
    let products = Products::new(Cache::memory());
    products.db.hold_reads();
    let error = products.spare(1).await.unwrap_err();
    assert!(error.0.contains("timeout"), "{error}");
}

#[tokio::test]
async fn clearing_drops_everything_and_keeps_loads_in_flight_out() {
    for (kind, products) in each_kind().await {
        products.find(1).await.unwrap();
        products.db.hold_reads();
        let reader = tokio::spawn({
            let products = products.clone();
            async move { products.find(2).await }
        });
        products.db.reads_reached(2).await;
        products.cache.clear().await.unwrap();
        products.db.gate.add_permits(1_000);
        reader.await.unwrap().unwrap();
        let queries = products.db.queries();
        products.find(1).await.unwrap();
        products.find(2).await.unwrap();
        assert_eq!(products.db.queries(), queries + 2, "{kind}");
    }
}

#[tokio::test]
async fn clearing_one_template_leaves_the_others_in_the_shared_store() {
    let (a, _) = two_processes().await;
    a.find(1).await.unwrap();
    a.browse("toys", 1).await.unwrap();
    a.cache.settle().await;
    assert_eq!(a.cache.clear_template("product:<id>").await.unwrap(), 1);
    let queries = a.db.queries();
    a.browse("toys", 1).await.unwrap();
    assert_eq!(a.db.queries(), queries);
    a.find(1).await.unwrap();
    assert_eq!(a.db.queries(), queries + 1);
}

#[tokio::test]
async fn dropping_the_cache_sends_what_is_on_its_way() {
    let (a, b) = two_processes().await;
    b.find(1).await.unwrap();
    let Products { db, cache } = a;
    let writer = Products { db, cache };
    writer.reprice(1, 7).await.unwrap();
    drop(writer);
    assert_eq!(b.find(1).await.unwrap().unwrap().price, 7);
    eventually("nothing in motion", || b.cache.stats().keys_in_motion == 0).await;
}

#[tokio::test]
async fn clearing_a_template_drops_its_long_keys() {
    let store = MemoryStore::new();
    let repo = Repo::new(shared(&store).await);
    let text = "x".repeat(2_000);
    repo.long(&text).await.unwrap();
    repo.cache.clear_template("long:<text>").await.unwrap();
    repo.set(Some(9));
    assert_eq!(repo.long(&text).await.unwrap(), 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settle_ends_under_traffic() {
    let store = MemoryStore::new();
    let products = Products::new(shared(&store).await);
    let stop = Arc::new(AtomicBool::new(false));
    let traffic: Vec<_> = (0..16)
        .map(|n| {
            let (products, stop) = (products.clone(), stop.clone());
            tokio::spawn(async move {
                let mut id = n * 1_000_000;
                while !stop.load(SeqCst) {
                    id += 1;
                    let _ = products.find(id).await;
                }
            })
        })
        .collect();
    eventually("traffic", || products.db.queries() > 100).await;
    let settled = timeout(Duration::from_secs(5), products.cache.settle()).await;
    stop.store(true, SeqCst);
    for t in traffic {
        t.await.unwrap();
    }
    assert!(settled.is_ok(), "settle() never ends while calls keep coming");
}
