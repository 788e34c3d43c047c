//! What a process that answers from its memory knows of what others write, on a store in memory.

use crate::{
    around::{Around, Wrapped},
    fixtures::{eventually, patient, shared},
    shelf::Shelf,
    slow_store::held_back,
};
use cache_runtime::{
    Cache, CacheBuilder, Clock, Session,
    store::{Ear, MemoryStore, Store, StoreFuture},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

const LAG: Duration = Duration::from_secs(60);

fn near(store: impl Store) -> CacheBuilder {
    Cache::builder().namespace("test").store(store).deadlines(patient()).l1_max_lag(LAG)
}

/// Two processes that answer from their memories.
async fn two() -> (Shelf, Shelf) {
    let store = MemoryStore::new();
    let a = Shelf::new(near(store.clone()).build().await.unwrap());
    let b = a.beside(near(store.clone()).build().await.unwrap());
    (a, b)
}

#[tokio::test]
async fn a_write_elsewhere_drops_the_entry_here_and_no_other() {
    let (a, b) = two().await;
    for id in 1..=2 {
        a.item(id).await.unwrap();
        a.item(id).await.unwrap();
    }
    assert_eq!(a.hits("item"), 2, "answered from this process");
    b.put(1, 7).await.unwrap();
    assert_eq!(a.item(1).await.unwrap(), 7);
    assert_eq!(a.item(2).await.unwrap(), 0);
    assert_eq!(a.hits("item"), 3);
}

#[tokio::test]
async fn what_is_found_in_the_store_is_kept_one_by_one_and_in_batches() {
    let (a, b) = two().await;
    b.items(&[1, 2, 3]).await.unwrap();
    a.item(1).await.unwrap();
    a.items(&[1, 2, 3]).await.unwrap();
    assert_eq!(a.hits("items"), 1, "one of them was here");
    a.items(&[1, 2, 3]).await.unwrap();
    assert_eq!(a.hits("items"), 4);
    assert_eq!(a.loads(), 3);
    b.put(2, 9).await.unwrap();
    assert_eq!(a.items(&[1, 2, 3]).await.unwrap()[&2], 9);
}

#[tokio::test]
async fn a_group_dropped_elsewhere_is_dropped_here() {
    let (a, b) = two().await;
    for page in 1..=3 {
        a.page(1, page).await.unwrap();
        a.page(1, page).await.unwrap();
    }
    assert_eq!(a.hits("page"), 3);
    b.rewrite(1, 10).await.unwrap();
    for page in 1..=3 {
        assert_eq!(a.page(1, page).await.unwrap(), 10 + page);
    }
}

#[tokio::test]
async fn a_cleared_namespace_is_cleared_here() {
    let (a, b) = two().await;
    a.item(1).await.unwrap();
    a.set(1, 5);
    b.cache.clear().await.unwrap();
    assert_eq!(a.item(1).await.unwrap(), 5);
}

#[tokio::test]
async fn own_writes_are_exact() {
    let (a, b) = two().await;
    for value in 1..200 {
        let writer = if value % 3 == 0 { &b } else { &a };
        writer.put(1, value).await.unwrap();
        assert_eq!(writer.item(1).await.unwrap(), value);
        assert_eq!(a.item(1).await.unwrap(), value);
        assert_eq!(b.item(1).await.unwrap(), value);
    }
    assert!(a.hits("item") > 50, "{}", a.hits("item"));
}

#[tokio::test]
async fn an_entry_read_before_a_message_came_is_not_kept() {
    let store = MemoryStore::new();
    let (slow, gates) = held_back(&store);
    let a = Shelf::new(near(slow).build().await.unwrap());
    let b = a.beside(shared(&store).await);
    b.item(1).await.unwrap();
    gates.read.arm();
    let reader = tokio::spawn({
        let a = a.clone();
        async move { a.item(1).await }
    });
    eventually("read, not yet answered", || gates.read.reached.load(SeqCst) == 1).await;
    b.put(1, 7).await.unwrap();
    gates.read.open.add_permits(1);
    assert_eq!(reader.await.unwrap().unwrap(), 0, "it began before the write");
    assert_eq!(a.item(1).await.unwrap(), 7);
}

#[tokio::test]
async fn a_value_stored_before_a_message_came_is_not_kept() {
    let store = MemoryStore::new();
    let (slow, gates) = held_back(&store);
    let a = Shelf::new(near(slow).build().await.unwrap());
    let b = a.beside(shared(&store).await);
    gates.fill.arm();
    let leader = tokio::spawn({
        let a = a.clone();
        async move { a.item(1).await }
    });
    eventually("filled, not yet answered", || gates.fill.reached.load(SeqCst) == 1).await;
    b.put(1, 7).await.unwrap();
    gates.fill.open.add_permits(1);
    assert_eq!(leader.await.unwrap().unwrap(), 0, "it began before the write");
    assert_eq!(a.item(1).await.unwrap(), 7);
}

#[tokio::test]
async fn strict_templates_are_answered_from_here_only_where_a_function_says_so() {
    let (a, b) = two().await;
    for _ in 0..3 {
        a.sum(1).await.unwrap();
        a.near_sum(1).await.unwrap();
    }
    assert_eq!(a.hits("sum"), 0, "although the entry is here");
    assert_eq!(a.hits("near_sum"), 2);
    b.set_sum(1, 7).await.unwrap();
    assert_eq!(a.near_sum(1).await.unwrap(), 7);
    assert_eq!(a.sum(1).await.unwrap(), 7);
}

#[tokio::test]
async fn a_function_with_a_lag_of_its_own_needs_none_of_the_cache() {
    let store = MemoryStore::new();
    let a = Shelf::new(shared(&store).await);
    let b = a.beside(shared(&store).await);
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while a.hits("near_sum") == 0 {
        a.near_sum(1).await.unwrap();
        a.item(1).await.unwrap();
        assert!(std::time::Instant::now() < end, "never answered from here");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(a.hits("item"), 0, "others are not");
    b.set_sum(1, 7).await.unwrap();
    assert_eq!(a.near_sum(1).await.unwrap(), 7);
}

#[tokio::test]
async fn an_entry_is_not_kept_here_longer_than_in_the_store() {
    let millis = Arc::new(AtomicU64::new(1_000_000));
    let hand = millis.clone();
    let store = MemoryStore::with_clock(Arc::new(move || Duration::from_millis(hand.load(SeqCst))));
    let (clock, hands) = Clock::manual();
    let pass = |seconds: u64| {
        millis.fetch_add(1_000 * seconds, SeqCst);
        hands.advance(Duration::from_secs(seconds));
    };
    let b = Shelf::new(shared(&store).await);
    b.item(1).await.unwrap();
    // It lives for five minutes, give or take a tenth, and most of that passes before it is found.
    pass(200);
    let a = b.beside(near(store.clone()).clock(clock).build().await.unwrap());
    a.item(1).await.unwrap();
    a.item(1).await.unwrap();
    assert_eq!((a.hits("item"), a.loads()), (1, 1));
    pass(140);
    a.set(1, 9);
    assert_eq!(a.item(1).await.unwrap(), 9);
}

/// A store that never tells what others change, although it says that it has told everything up to the moment it was followed.
#[derive(Debug)]
struct Deaf(MemoryStore);

impl Around for Deaf {
    fn inner(&self) -> &MemoryStore {
        &self.0
    }

    fn follow(&self, ear: Arc<dyn Ear>) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            ear.heard(ear.now(), self.0.pulse().await?.time);
            std::future::pending().await
        })
    }
}

#[tokio::test]
async fn a_session_reads_what_it_has_written_in_another_process() {
    let store = MemoryStore::new();
    let a = Shelf::new(near(Wrapped(Deaf(store.clone()))).build().await.unwrap());
    let b = a.beside(near(store.clone()).build().await.unwrap());
    a.item(1).await.unwrap();
    let session = Session::new();
    session.scope(async { a.item(1).await }).await.unwrap();
    assert_eq!(a.hits("item"), 1, "a session that has written nothing is answered from here");
    assert!(session.is_empty());
    session.scope(b.put(1, 7)).await.unwrap();
    assert!(!session.is_empty());
    assert_eq!(a.item(1).await.unwrap(), 0, "nobody was told, and the lag is long");
    let carried: Session = session.to_string().parse().unwrap();
    assert_eq!(carried.scope(a.item(1)).await.unwrap(), 7);
    assert_eq!(carried.scope(a.items(&[1])).await.unwrap()[&1], 7);
}

#[tokio::test]
async fn a_session_is_answered_from_here_once_this_process_has_heard() {
    let (a, b) = two().await;
    let session = Session::new();
    session.scope(b.put(1, 7)).await.unwrap();
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while a.hits("item") == 0 {
        assert_eq!(session.scope(a.item(1)).await.unwrap(), 7);
        assert!(std::time::Instant::now() < end, "never answered from here");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_session_stays_empty_in_a_single_process() {
    let shelf = Shelf::new(Cache::memory());
    let session = Session::new();
    session.scope(shelf.put(1, 7)).await.unwrap();
    assert!(session.is_empty());
    assert_eq!(session.scope(shelf.item(1)).await.unwrap(), 7);
}
