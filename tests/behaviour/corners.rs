//! Corners in which promises were broken once: refreshes that overlap, conflicts, generics, computed times.

use crate::{
    around::{Around, Wrapped},
    fixtures::{dead_letters, eventually, patient},
};
use behaviour_tests::{
    DbError,
    conflicting::{here::Here, there::There},
};
use cache_runtime::{
    Cache, Clock, Codec, Error, Queue, cached, repository,
    store::{EntryKey, Fill, FillOutcome, MemoryStore, Store, StoreFuture},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

#[derive(Clone)]
struct Things {
    cache: Cache,
    loads: Arc<AtomicUsize>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Things {
    #[cached(strategy = "read_through", key = "thing:<id>")]
    async fn find(&self, id: i64) -> Result<Option<i64>, Error> {
        self.loads.fetch_add(1, SeqCst);
        Ok(Some(id))
    }

    #[cached(strategy = "read_through", key = "thing:home")]
    async fn home(&self) -> Result<Option<i64>, Error> {
        self.loads.fetch_add(1, SeqCst);
        Ok(Some(0))
    }
}

#[tokio::test]
async fn templates_that_the_block_allows_because_of_their_types_are_no_conflict_at_run_time() {
    let things = Things { cache: Cache::memory(), loads: Arc::default() };
    things.find(1).await.unwrap();
    things.home().await.unwrap();
    things.home().await.unwrap();
    assert_eq!(things.cache.conflicts(), [""; 0]);
    assert_eq!(things.loads.load(SeqCst), 2);
}

/// A cache whose write-behind functions wait until they are asked for.
fn deferring() -> Cache {
    Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_hours(1))).build_memory()
}

#[tokio::test]
async fn a_reader_in_conflict_sees_what_was_acknowledged_before_it_came() {
    let cache = deferring();
    let here = Here::new(&cache);
    let there = There { row: here.row.clone() };
    here.hear(1, 2).await.expect("it is accepted");
    assert_eq!(there.heard(1).await, "2", "acknowledged before this read began");
}

/// A table that refuses writes for now.
#[derive(Clone)]
struct Refusing {
    cache: Cache,
    rows: Arc<Mutex<HashMap<u32, String>>>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Refusing {
    #[cached(key = "row:<n>")]
    async fn read(&self, n: u32) -> Result<Option<String>, Error> {
        Ok(self.rows.lock().unwrap().get(&n).cloned())
    }

    #[cached(key = "row:<n>", each(n in ns))]
    async fn read_many(&self, ns: &[u32]) -> Result<HashMap<u32, String>, Error> {
        let rows = self.rows.lock().unwrap();
        Ok(ns.iter().filter_map(|n| Some((*n, rows.get(n)?.clone()))).collect())
    }

    #[cached(strategy = "write_behind", key = "row:<n>", value = text, batch = Self::save, unordered)]
    async fn write(&self, n: u32, text: String) -> Result<(), DbError>;

    async fn save(&self, batch: &[(u32, String)]) -> Result<(), DbError> {
        let _ = batch;
        Err(DbError("not now".to_owned()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_returns_nothing_older_than_an_acknowledged_write() {
    let table = Refusing { cache: deferring(), rows: Arc::default() };
    table.write(1, "new".to_owned()).await.unwrap();
    assert_eq!(table.read(1).await.unwrap().as_deref(), Some("new"));
    let many = Cache::refresh(table.read_many(&[1])).await.unwrap();
    let one = Cache::refresh(table.read(1)).await.unwrap();
    let handle = table.read_entry(1).refresh().await.unwrap();
    assert_eq!(
        (table.cache.stats().pending_writes, dead_letters(&table.cache).len()),
        (1, 0),
        "still to come"
    );
    assert_eq!(many.get(&1).map(String::as_str), Some("new"));
    assert_eq!(handle.as_deref(), Some("new"), "entry handle");
    assert_eq!(one.as_deref(), Some("new"), "acknowledged, if not written");
}

#[tokio::test(start_paused = true)]
async fn a_bypass_of_many_waits_for_what_is_pending_once_not_once_for_each() {
    let table = Refusing { cache: deferring(), rows: Arc::default() };
    let all: Vec<u32> = (0..20).collect();
    for n in &all {
        table.write(*n, "new".to_owned()).await.unwrap();
    }
    let begun = tokio::time::Instant::now();
    Cache::bypass(table.read_many(&all)).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[derive(Clone)]
struct Entities<T> {
    kind: &'static str,
    cache: Cache,
    loads: Arc<AtomicUsize>,
    of: std::marker::PhantomData<fn() -> T>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl<T: From<u8> + Clone + cache_runtime::Cacheable> Entities<T> {
    #[cached(strategy = "read_through", key = "entity:<self.kind>:<id>")]
    async fn find(&self, id: u8) -> Result<Option<T>, Error> {
        self.loads.fetch_add(1, SeqCst);
        Ok(Some(T::from(id)))
    }
}

#[tokio::test]
async fn two_instantiations_of_a_generic_repository_whose_keys_differ_are_both_cached() {
    fn of<T>(kind: &'static str, cache: &Cache) -> Entities<T> {
        Entities { kind, cache: cache.clone(), loads: Arc::default(), of: std::marker::PhantomData }
    }
    let cache = Cache::memory();
    let (small, large) = (of::<u8>("small", &cache), of::<u64>("large", &cache));
    for _ in 0..2 {
        small.find(1).await.unwrap();
        large.find(1).await.unwrap();
    }
    assert_eq!((small.loads.load(SeqCst), large.loads.load(SeqCst)), (1, 1));
}

#[derive(Clone)]
struct Twins {
    cache: Cache,
    loads: Arc<AtomicUsize>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Twins {
    #[cfg(any())]
    #[cached(key = "twin:old:<id>")]
    async fn find(&self, id: u8) -> u8 {
        id
    }

    #[cached(key = "twin:<id>")]
    async fn find(&self, id: u8) -> u8 {
        self.loads.fetch_add(1, SeqCst);
        id
    }
}

#[tokio::test]
async fn a_function_beside_one_that_cfg_takes_out_is_cached() {
    let twins = Twins { cache: Cache::memory(), loads: Arc::default() };
    twins.find(1).await;
    twins.find(1).await;
    assert_eq!(twins.loads.load(SeqCst), 1);
}

#[derive(Clone)]
struct Scoped {
    tenant: u32,
    cache: Cache,
    loads: Arc<AtomicUsize>,
}

#[repository(scope = <self.tenant>, cache = self.cache, ttl = "5m")]
impl Scoped {
    #[cached(key = "product:<id>")]
    async fn product(&self, id: u32) -> u32 {
        self.loads.fetch_add(1, SeqCst);
        id
    }
}

#[derive(Clone)]
struct Unscoped {
    cache: Cache,
    loads: Arc<AtomicUsize>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Unscoped {
    #[cached(key = "browse:<category>:<page>")]
    async fn browse(&self, category: &str, page: u32) -> u32 {
        let _ = category;
        self.loads.fetch_add(1, SeqCst);
        page
    }
}

#[tokio::test]
async fn a_scope_that_is_a_number_leaves_other_repositories_alone() {
    let cache = Cache::memory();
    let scoped = Scoped { tenant: 7, cache: cache.clone(), loads: Arc::default() };
    let unscoped = Unscoped { cache: cache.clone(), loads: Arc::default() };
    scoped.product(1).await;
    unscoped.browse("toys", 1).await;
    unscoped.browse("toys", 1).await;
    assert_eq!(unscoped.loads.load(SeqCst), 1);
}

/// A row whose reads wait at a gate after they have read.
#[derive(Clone)]
struct Gated {
    cache: Cache,
    row: Arc<AtomicU32>,
    failing: Arc<Mutex<bool>>,
    read: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Gated {
    #[cached(strategy = "read_through", key = "gated:<id>")]
    async fn find(&self, id: u32) -> Result<u32, Error2> {
        let _ = id;
        if *self.failing.lock().unwrap() {
            return Err(Error2);
        }
        let value = self.row.load(SeqCst);
        self.read.fetch_add(1, SeqCst);
        self.gate.acquire().await.unwrap().forget();
        Ok(value)
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Error2;

impl Gated {
    async fn with_an_old_entry(cache: Cache) -> Self {
        let gated = Self {
            cache,
            row: Arc::new(1.into()),
            failing: Arc::default(),
            read: Arc::default(),
            gate: Arc::new(Semaphore::new(1)),
        };
        assert_eq!(gated.find(1).await, Ok(1));
        gated.row.store(2, SeqCst); // behind the cache's back: that is what refresh is for
        gated
    }

    /// A refresh that has read the row, and waits.
    async fn refreshing(&self) -> tokio::task::JoinHandle<Result<u32, Error2>> {
        let (this, reads) = (self.clone(), self.read.load(SeqCst));
        let task = tokio::spawn(async move { Cache::refresh(this.find(1)).await });
        eventually("it has read", || self.read.load(SeqCst) > reads).await;
        task
    }
}

#[tokio::test]
async fn what_a_refresh_returned_is_there_though_a_later_refresh_was_cancelled() {
    let gated = Gated::with_an_old_entry(Cache::memory()).await;
    let first = gated.refreshing().await;
    let second = gated.refreshing().await;
    second.abort();
    let _ = second.await;
    gated.gate.add_permits(10);
    assert_eq!(first.await.unwrap(), Ok(2));
    assert_eq!(gated.find(1).await, Ok(2), "the refresh had returned the new value before this read began");
}

#[tokio::test]
async fn what_a_refresh_returned_is_there_though_a_later_refresh_failed() {
    let gated = Gated::with_an_old_entry(Cache::memory()).await;
    let first = gated.refreshing().await;
    *gated.failing.lock().unwrap() = true;
    assert_eq!(Cache::refresh(gated.find(1)).await, Err(Error2));
    *gated.failing.lock().unwrap() = false;
    gated.gate.add_permits(10);
    assert_eq!(first.await.unwrap(), Ok(2));
    assert_eq!(gated.find(1).await, Ok(2), "the refresh had returned the new value before this read began");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Token {
    text: String,
    max_age_ms: u64,
}

#[derive(Clone)]
struct Tokens {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Tokens {
    #[cached(strategy = "read_through", key = "token:<n>", ttl = |token| Duration::from_millis(token.max_age_ms))]
    async fn token(&self, n: u32) -> Result<Token, Error> {
        Ok(Token { text: format!("{n}"), max_age_ms: 300 })
    }
}

#[tokio::test]
async fn a_value_found_in_the_shared_store_is_not_kept_longer_than_its_computed_ttl() {
    let store = MemoryStore::new();
    let near = |store: &MemoryStore| {
        Cache::builder()
            .namespace("test")
            .store(store.clone())
            .deadlines(patient())
            .l1_max_lag(Duration::from_secs(60))
    };
    let a = Tokens { cache: near(&store).build().await.unwrap() };
    let b = Tokens { cache: near(&store).build().await.unwrap() };
    a.token(1).await.unwrap();
    b.token(1).await.unwrap(); // found in the store, kept here
    let end = std::time::Instant::now() + Duration::from_millis(1_000);
    eventually("the ttl has passed", || std::time::Instant::now() > end).await;
    assert!(a.token_entry(1).peek().await.is_none(), "gone where it was stored");
    assert!(b.token_entry(1).peek().await.is_none(), "and where it was found");
}

/// Reads nothing: as in postcard, where nothing is written for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Marker;

impl<'de> Deserialize<'de> for Marker {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

// alone: the inventory explores it only once it was called
#[cached(key = "markers:<n>", ttl = 60)]
async fn markers(cache: &Cache, n: u32) -> Vec<Marker> {
    let _ = n;
    vec![Marker]
}

#[test]
fn a_list_of_what_reads_nothing_has_a_schema() {
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let cache = Cache::builder().namespace("test").store(MemoryStore::new()).codec(Codec::Postcard);
            markers(&cache.build().await.unwrap(), 1).await;
        });
        done.send(()).unwrap();
    });
    ended.recv_timeout(Duration::from_secs(10)).expect("exploring it comes to an end");
}

static EXPLORED: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Serialize)]
struct Counted;

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        EXPLORED.fetch_add(1, SeqCst);
        <()>::deserialize(deserializer).map(|()| Self)
    }
}

#[derive(Clone)]
struct Counting {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Counting {
    #[cached(key = "counted:<n>")]
    async fn counted(&self, n: u32) -> Counted {
        let _ = n;
        Counted
    }
}

#[test]
fn the_inventory_explores_a_type_once() {
    let inventory = cache_runtime::inventory();
    let _ = inventory.conflicts();
    let _ = Counting { cache: Cache::disabled() };
    assert!(
        EXPLORED.load(SeqCst) <= 2,
        "{} times for {} functions",
        EXPLORED.load(SeqCst),
        inventory.functions().len()
    );
}

/// A store in which nothing can be stored for a while.
#[derive(Clone, Debug)]
struct Unfilling {
    inner: MemoryStore,
    refuses: Arc<AtomicU32>,
}

impl Around for Unfilling {
    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    fn fill<'a>(&'a self, key: &'a EntryKey, fill: Fill) -> StoreFuture<'a, FillOutcome> {
        Box::pin(async move {
            match self.refuses.load(SeqCst) {
                0 => self.inner.fill(key, fill).await,
                1 => Ok(FillOutcome::Refused),
                _ => std::future::pending().await, // until the deadline
            }
        })
    }
}

#[tokio::test]
async fn a_refresh_that_could_not_be_stored_leaves_no_older_entry() {
    let store = Unfilling { inner: MemoryStore::new(), refuses: Arc::default() };
    let cache = Cache::builder().namespace("test").store(Wrapped(store.clone())).build().await.unwrap();
    let gated = Gated::with_an_old_entry(cache).await;
    gated.gate.add_permits(10);
    store.refuses.store(2, SeqCst);
    assert_eq!(Cache::refresh(gated.find(1)).await, Ok(2));
    store.refuses.store(0, SeqCst);
    gated.cache.settle().await;
    assert_eq!(gated.find(1).await, Ok(2), "what a refresh returned is for everybody");
}

#[derive(Clone)]
struct Sparing {
    cache: Cache,
    row: Arc<Mutex<Result<Option<String>, Error2>>>,
}

#[repository(cache = self.cache, ttl = 60)]
impl Sparing {
    #[cached(strategy = "read_through", key = "sparing:<n>", stale_if_error = "1h", unless = |text| text == "draft")]
    async fn find(&self, n: u32) -> Result<Option<String>, Error2> {
        let _ = n;
        self.row.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_failed_body_brings_back_no_value_that_a_load_found_replaced() {
    for (what, newer) in [("left out", Some("draft".to_owned())), ("absent", None)] {
        let (clock, hands) = Clock::manual();
        let cache = Cache::builder().clock(clock).build_memory();
        let sparing = Sparing { cache, row: Arc::new(Mutex::new(Ok(Some("published".to_owned())))) };
        sparing.find(1).await.unwrap();
        hands.advance(Duration::from_secs(70));
        *sparing.row.lock().unwrap() = Ok(newer.clone());
        assert_eq!(sparing.find(1).await, Ok(newer), "{what}");
        *sparing.row.lock().unwrap() = Err(Error2);
        assert_ne!(
            sparing.find(1).await,
            Ok(Some("published".to_owned())),
            "{what}: this is known to be outdated"
        );
    }
}
