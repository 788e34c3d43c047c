//! Stored entries compared with their source.

use crate::fixtures::{eventually, others_run, patient, shared};
use behaviour_tests::Products;
use bytes_of::entry_of_another_type;
use cache_runtime::{Cache, Entry, ErrorKind, Reconciled, store::MemoryStore};
use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    time::Duration,
};
use test_servers::Redis;

type Found = Result<Option<behaviour_tests::Product>, behaviour_tests::DbError>;

fn entry<'p>(products: &'p Products, key: &str) -> Option<Entry<'p, Found>> {
    let (id,) = Products::find_args(key)?;
    Some(products.find_entry(id))
}

async fn reconcile(products: &Products, repair: bool) -> Reconciled {
    let walk = products.cache.reconcile("product:<id>", |key| entry(products, key));
    walk.repair(repair).run().await.unwrap()
}

/// Products whose first twelve rows are cached, two of them absent; and other keys beside them.
async fn warm(cache: Cache) -> Products {
    let products = Products::new(cache);
    for id in (1..=10).chain([404, 405]) {
        products.find(id).await.unwrap();
    }
    products.home().await.unwrap();
    products.browse("books", 1).await.unwrap();
    products.cache.settle().await;
    products
}

#[tokio::test]
async fn drift_is_reported_and_repaired_only_when_asked() {
    let store = MemoryStore::new();
    let products = warm(shared(&store).await).await;
    let clean = reconcile(&products, false).await;
    assert_eq!((clean.walked, clean.compared, clean.equal, clean.drifted), (12, 12, 12, 0));
    products.db.set_price(3, 7);
    products.db.set_price(5, 7);
    let stored = store.len();
    let mut drifted = reconcile(&products, false).await;
    drifted.drifted_keys.sort();
    assert_eq!((drifted.equal, drifted.drifted, drifted.repaired), (10, 2, 0));
    assert_eq!(drifted.drifted_keys, ["product:3", "product:5"]);
    assert_eq!(store.len(), stored, "looking changes nothing");
    assert_eq!(products.find(3).await.unwrap().unwrap().price, 100);
    let repaired = reconcile(&products, true).await;
    assert_eq!((repaired.drifted, repaired.repaired), (2, 2));
    assert_eq!(store.len(), stored - 2, "repaired is dropped, not written");
    assert_eq!(products.find(3).await.unwrap().unwrap().price, 7);
    assert_eq!(reconcile(&products, false).await.drifted, 0);
}

#[tokio::test]
async fn a_difference_that_passes_is_no_drift() {
    let products = warm(shared(&MemoryStore::new()).await).await;
    products.db.set_price(3, 7);
    let looks = AtomicUsize::new(0);
    let report = products
        .cache
        .reconcile("product:<id>", |key| {
            // As a write that has committed, and tells the store between two looks.
            if key == "product:3" && looks.fetch_add(1, SeqCst) == 1 {
                products.db.set_price(3, 100);
            }
            entry(&products, key)
        })
        .run();
    let report = report.await.unwrap();
    assert_eq!((report.equal, report.drifted), (12, 0));
    assert_eq!(looks.load(SeqCst), 2);
}

#[tokio::test]
async fn pages_of_groups_are_compared_and_dropped_pages_are_gone() {
    let products = warm(shared(&MemoryStore::new()).await).await;
    for page in 2..=5 {
        products.browse("books", page).await.unwrap();
    }
    products.browse("toys", 1).await.unwrap();
    products.cache.settle().await;
    products.reprice(2, 1).await.unwrap(); // drops the pages of books
    products.browse("books", 9).await.unwrap();
    products.cache.settle().await;
    products.db.set_price(1, 3); // on the page of toys
    let walk = products.cache.reconcile("browse:<category>:<page>", |key| {
        let (category, page) = Products::browse_args(key)?;
        Some(products.browse_entry(&category, page))
    });
    let report = walk.run().await.unwrap();
    assert_eq!((report.walked, report.skipped.gone, report.equal, report.drifted), (7, 5, 1, 1));
    assert_eq!(report.drifted_keys, ["browse:toys:1"]);
}

#[tokio::test]
async fn what_cannot_be_compared_is_skipped_and_counted() {
    let store = MemoryStore::new();
    let products = warm(shared(&store).await).await;
    entry_of_another_type(&store, "product:6").await;
    entry_of_another_type(&store, "product:no-number").await;
    let report = reconcile(&products, true).await;
    assert_eq!((report.walked, report.equal), (14, 12));
    assert_eq!((report.skipped.other_types, report.skipped.unparsable), (1, 1));
    let wrong = products.cache.reconcile("home", |key| entry(&products, key)).run().await.unwrap();
    assert_eq!((wrong.walked, wrong.skipped.unparsable), (1, 1));
    products.db.fail(true);
    let failed = reconcile(&products, true).await;
    assert_eq!((failed.skipped.failed, failed.drifted, failed.repaired), (12, 0, 0));
}

#[tokio::test]
async fn the_walk_tells_how_far_it_is_and_keeps_its_pace() {
    let products = warm(shared(&MemoryStore::new()).await).await;
    let told = AtomicU64::new(0);
    let begun = std::time::Instant::now();
    let walk = products.cache.reconcile("product:<id>", |key| entry(&products, key)).pace(100).concurrency(2);
    let report = walk.progress(|so_far| assert_eq!(told.fetch_add(1, SeqCst) + 1, so_far.walked)).run().await;
    assert_eq!((report.unwrap().walked, told.load(SeqCst)), (12, 12));
    assert!(begun.elapsed() >= Duration::from_millis(120), "a hundred a second");
}

#[tokio::test]
async fn a_walk_that_is_dropped_stops() {
    let products = warm(shared(&MemoryStore::new()).await).await;
    let reads = products.db.queries();
    products.db.hold_reads();
    let walking = products.clone();
    let walk = tokio::spawn(async move {
        walking.cache.reconcile("product:<id>", |key| entry(&walking, key)).concurrency(3).run().await
    });
    eventually("three bodies", || products.db.queries() == reads + 3).await;
    walk.abort();
    assert!(walk.await.unwrap_err().is_cancelled());
    products.db.gate.add_permits(100);
    others_run().await;
    assert_eq!(products.db.queries(), reads + 3);
    assert_eq!(products.cache.stats().keys_in_motion, 0);
}

#[tokio::test]
async fn a_single_process_has_nothing_to_walk_and_says_so() {
    let products = Products::new(Cache::memory());
    let walk = products.cache.reconcile("product:<id>", |key| entry(&products, key));
    assert_eq!(walk.run().await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn thousands_of_keys_are_walked_on_redis() {
    // More than one step of a scan, and few enough to be walked within the 30 s for which absent rows are kept.
    const KEYS: i64 = 1_500;
    let redis = Redis::start().await;
    let build = || Cache::builder().namespace("walk").redis(redis.url()).deadlines(patient()).build();
    let (a, b) = (build().await.unwrap(), build().await.unwrap());
    let products = Products::new(a.clone());
    // On a busy machine a load may outlive its lease, and is not stored then.
    let ids: Vec<i64> = (1..=KEYS).collect();
    loop {
        let queries = products.db.queries();
        for ids in ids.chunks(100) {
            products.find_many(ids).await.unwrap();
        }
        a.settle().await;
        if products.db.queries() == queries {
            break;
        }
    }
    products.browse("books", 1).await.unwrap();
    a.settle().await;
    for id in [2, 11, 20] {
        products.db.set_price(id, 1);
    }
    let elsewhere = Products { db: products.db.clone(), cache: b };
    let mut report = reconcile(&elsewhere, true).await;
    report.drifted_keys.sort();
    assert_eq!(report.drifted_keys, ["product:11", "product:2", "product:20"]);
    assert!(report.walked >= KEYS.unsigned_abs(), "{report:?}");
    assert_eq!((report.equal, report.repaired), (report.walked - 3, 3), "{report:?}");
    assert_eq!(products.find(11).await.unwrap().unwrap().price, 1);
}

mod bytes_of {
    //! An entry that no function of this program has stored.

    use cache_runtime::store::{EntryKey, Fill, Fingerprint, Lookup, MemoryStore, Partition, Store, Token};
    use std::time::Duration;

    pub(super) async fn entry_of_another_type(store: &MemoryStore, text: &str) {
        let key = EntryKey {
            text: text.into(),
            partition: Partition::of(text),
            template: "product:<>".into(),
            fingerprint: Fingerprint(1),
            groups: Vec::new(),
        };
        let (token, lease) = (Token::random(), Duration::from_secs(3));
        let Lookup::Granted { epoch, stamps } = store.acquire(&key, token, lease).await.unwrap() else {
            panic!("nobody else loads it");
        };
        let fill = Fill { token, entry: "other".into(), ttl: None, epoch, stamps, version: None };
        store.fill(&key, fill).await.unwrap();
    }
}
