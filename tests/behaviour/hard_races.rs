//! Races and circles that took some finding.

use crate::fixtures::{eventually, shared};
use behaviour_tests::{Product, Products, conflicting};
use cache_runtime::{
    Cache, Clock, Queue, cached, repository,
    store::{
        Clear, Deadlines, EntryKey, Fill, FillOutcome, Lookup, MemoryStore, Pulse, Read, Seen, Store,
        StoreFuture, Target, Token,
    },
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

const LONG: Duration = Duration::from_secs(3);

// ---- 1: batches

#[tokio::test]
async fn two_batches_that_take_over_do_not_wait_for_each_other() {
    let products = Products::new(Cache::memory());
    products.db.hold_reads();
    let batch = |ids: &'static [i64]| {
        let products = products.clone();
        tokio::spawn(async move { products.find_many(ids).await })
    };
    let leader = batch(&[1, 2]);
    products.db.reads_reached(1).await;
    let (b, c) = (batch(&[1, 2]), batch(&[2, 1]));
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    leader.abort();
    let _ = leader.await;
    products.db.gate.add_permits(1_000);
    let both = async {
        b.await.unwrap().unwrap();
        c.await.unwrap().unwrap();
    };
    timeout(LONG, both).await.expect("two followers each lead one key and wait for the other's: deadlock");
}

// ---- 2: circle through an outer frame

#[derive(Default)]
struct Nodes {
    runs: [AtomicUsize; 4],
    in_two: AtomicBool,
    in_three: AtomicBool,
}
struct Steps {
    nodes: Nodes,
    two: Semaphore,
    three: Semaphore,
}

#[cached(strategy = "read_through", key = "node:<id>", ttl = 60, skip(steps))]
async fn node(cache: &Cache, id: u32, steps: &Arc<Steps>) -> u32 {
    if steps.nodes.runs[id as usize].fetch_add(1, SeqCst) > 0 {
        return id;
    }
    match id {
        1 => Box::pin(node(cache, 2, steps)).await,
        2 => {
            steps.nodes.in_two.store(true, SeqCst);
            steps.two.acquire().await.unwrap().forget();
            Box::pin(node(cache, 3, steps)).await
        }
        _ => {
            steps.nodes.in_three.store(true, SeqCst);
            steps.three.acquire().await.unwrap().forget();
            Box::pin(node(cache, 1, steps)).await
        }
    }
}

#[tokio::test]
async fn a_circle_through_an_outer_load_is_noticed() {
    let cache = Cache::memory();
    let steps = Arc::new(Steps { nodes: Nodes::default(), two: Semaphore::new(0), three: Semaphore::new(0) });
    let run = |id| {
        let (cache, steps) = (cache.clone(), steps.clone());
        tokio::spawn(async move { node(&cache, id, &steps).await })
    };
    let (one, three) = (run(1), run(3));
    eventually("both inside", || steps.nodes.in_two.load(SeqCst) && steps.nodes.in_three.load(SeqCst)).await;
    steps.two.add_permits(1);
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    steps.three.add_permits(1);
    timeout(LONG, async {
        one.await.unwrap();
        three.await.unwrap();
    })
    .await
    .expect("deadlock: the edge hangs on the innermost frame only");
}

// ---- 3: load limit

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
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    tree.gate_a.add_permits(1);
    leader.await.unwrap().unwrap_err();
    eventually("the follower runs its own body", || tree.a.load(SeqCst) == 2).await;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    tree.gate_b.add_permits(100);
    leading_leaf.await.unwrap().unwrap_err();
    timeout(LONG, follower)
        .await
        .expect("it holds the only place and waits for a second one")
        .unwrap()
        .unwrap_err();
}

// ---- 4..: one small repository

#[derive(Clone)]
struct Repo {
    cache: Cache,
    state: Arc<State>,
}

struct State {
    value: Mutex<Option<u32>>,
    after_write: Semaphore,
    before_return: Semaphore,
    written: AtomicBool,
    read: AtomicBool,
    panics: AtomicUsize,
    failing: AtomicBool,
    queries: AtomicUsize,
    flushes: AtomicUsize,
    slow_flush: Semaphore,
}

impl Repo {
    fn new(cache: Cache) -> Self {
        Self {
            cache,
            state: Arc::new(State {
                value: Mutex::new(Some(1)),
                after_write: Semaphore::new(0),
                before_return: Semaphore::new(Semaphore::MAX_PERMITS),
                written: false.into(),
                read: false.into(),
                panics: 0.into(),
                failing: false.into(),
                queries: 0.into(),
                flushes: 0.into(),
                slow_flush: Semaphore::new(Semaphore::MAX_PERMITS),
            }),
        }
    }
    fn get(&self) -> Option<u32> {
        *self.state.value.lock().unwrap()
    }
    fn set(&self, value: Option<u32>) {
        *self.state.value.lock().unwrap() = value;
    }
}

#[derive(Clone, Debug)]
struct E(String);
impl std::fmt::Display for E {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl From<cache_runtime::Error> for E {
    fn from(e: cache_runtime::Error) -> Self {
        E(e.to_string())
    }
}

#[repository(cache = self.cache, ttl = "5m")]
impl Repo {
    #[cached(strategy = "read_through", key = "row:<id>")]
    async fn row(&self, id: u32) -> Result<Option<u32>, E> {
        let value = self.get();
        self.state.read.store(true, SeqCst);
        self.state.before_return.acquire().await.unwrap().forget();
        Ok(value)
    }
    #[cached(strategy = "write_through", key = "row:<id>")]
    async fn commit_and_wait(&self, id: u32, value: u32) -> Result<u32, E> {
        self.set(Some(value));
        self.state.written.store(true, SeqCst);
        self.state.after_write.acquire().await.unwrap().forget();
        Ok(value)
    }
    #[cached(strategy = "write_around", key = "row:<id>")]
    async fn around(&self, id: u32, value: u32) -> Result<(), E> {
        self.set(Some(value));
        Ok(())
    }
    #[cached(strategy = "cache_aside", key = "late:<id>")]
    async fn late(&self, id: u32) -> Result<Option<u32>, E> {
        Ok(self.get())
    }
    #[cached(strategy = "write_behind", key = "late:<id>", value = value, ttl = "1h", batch = Self::save)]
    async fn defer(&self, id: u32, value: u32) -> Result<(), E>;
    async fn save(&self, batch: &[(u32, u32)]) -> Result<(), E> {
        self.state.flushes.fetch_add(1, SeqCst);
        if self.state.panics.load(SeqCst) > 0 {
            self.state.panics.fetch_sub(1, SeqCst);
            panic!("a batch function panics");
        }
        if self.state.failing.load(SeqCst) {
            return Err(E("refused".into()));
        }
        self.state.slow_flush.acquire().await.unwrap().forget();
        for (_, value) in batch {
            self.set(Some(*value));
        }
        Ok(())
    }
    #[invalidates(late(id))]
    async fn remove_late(&self, id: u32) -> Result<(), E> {
        Ok(())
    }

    #[cached(strategy = "read_through", key = "spare2:<id>", ttl = 1, stale_if_error = "1h")]
    async fn spared(&self, id: u32) -> Result<u32, E> {
        self.state.queries.fetch_add(1, SeqCst);
        if self.state.failing.load(SeqCst) {
            return Err(E("down".into()));
        }
        Ok(self.get().unwrap_or_default())
    }
    #[cached(strategy = "read_through", key = "long:<text>")]
    async fn long(&self, text: &str) -> Result<u32, E> {
        Ok(self.get().unwrap_or_default())
    }

    #[cached(strategy = "read_through", key = "list:<group>:<page>")]
    async fn list(&self, group: u32, page: u32) -> Result<u32, E> {
        Ok(self.get().unwrap_or_default())
    }
    #[invalidates(list(group, ..))]
    async fn change_list(&self, group: u32, value: u32) -> Result<(), E> {
        self.set(Some(value));
        Ok(())
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

#[tokio::test]
async fn a_refresh_does_not_hide_a_pending_write() {
    let repo = Repo::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_secs(60))).build_memory(),
    );
    repo.defer(1, 5).await.unwrap();
    assert_eq!(repo.late(1).await.unwrap(), Some(5));
    let _ = repo.late_entry(1).refresh().await;
    let during = repo.late(1).await.unwrap();
    repo.cache.flush().await.unwrap();
    assert_eq!((during, repo.late(1).await.unwrap()), (Some(5), Some(5)), "(while pending, after the flush)");
}

#[tokio::test]
async fn a_refresh_that_finds_no_row_leaves_no_entry() {
    for (kind, cache) in [("memory", Cache::memory()), ("shared", shared(&MemoryStore::new()).await)] {
        let repo = Repo::new(cache);
        assert_eq!(repo.row(1).await.unwrap(), Some(1));
        repo.set(None);
        assert_eq!(repo.row_entry(1).refresh().await.unwrap(), None);
        assert_eq!(repo.row(1).await.unwrap(), None, "{kind}");
    }
}

#[tokio::test]
async fn a_batch_function_that_panics_hangs_nobody() {
    let repo = Repo::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_millis(1))).build_memory(),
    );
    repo.state.panics.store(1, SeqCst);
    repo.defer(1, 5).await.unwrap();
    let flushed = timeout(LONG, repo.cache.flush()).await;
    assert!(flushed.is_ok(), "the flusher is dead and nobody starts another");
    assert_eq!(repo.get(), Some(5));
}

#[tokio::test]
async fn a_direct_writer_does_not_wait_for_ever_for_a_write_the_database_refuses() {
    let repo = Repo::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_millis(1))).build_memory(),
    );
    repo.state.failing.store(true, SeqCst);
    repo.defer(1, 5).await.unwrap();
    timeout(Duration::from_secs(15), repo.remove_late(1))
        .await
        .expect("a writer hangs on a poison write")
        .unwrap();
}

#[tokio::test]
async fn replay_keeps_what_the_queue_does_not_take_and_newer_values() {
    let repo = Repo::new(
        Cache::builder()
            .write_behind(Queue::memory().attempts(1).flush_every(Duration::from_millis(1)).max_pending(2))
            .build_memory(),
    );
    // poison: only while others pass does it count; use one bad row among good ones
    let products = Products::new(
        Cache::builder()
            .write_behind(Queue::memory().attempts(1).flush_every(Duration::from_millis(1)))
            .build_memory(),
    );
    let p = |id, category: &str, price| Product { id, category: category.into(), price };
    products.view(p(1, "poison", 1)).await.unwrap();
    products.view(p(2, "toys", 1)).await.unwrap();
    eventually("dead", || products.cache.dead_letters().len() == 1).await;
    products.view(p(1, "toys", 9)).await.unwrap(); // newer, and it arrives
    products.cache.flush().await.unwrap();
    assert_eq!(
        products.cache.replay_dead_letters(),
        0,
        "a newer write to the key is in the database; the dead letter is replayed over it"
    );
    drop(repo);
}

#[tokio::test]
async fn flush_writes_out_what_was_coalesced_meanwhile() {
    let repo = Repo::new(
        Cache::builder().write_behind(Queue::memory().flush_every(Duration::from_millis(1))).build_memory(),
    );
    repo.state.slow_flush.forget_permits(Semaphore::MAX_PERMITS);
    repo.defer(1, 5).await.unwrap();
    eventually("flushing 5", || repo.state.flushes.load(SeqCst) == 1).await;
    repo.defer(1, 6).await.unwrap();
    let flush = tokio::spawn({
        let cache = repo.cache.clone();
        async move { cache.flush().await }
    });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    repo.defer(1, 7).await.unwrap(); // after flush() was called; replaces 6
    repo.defer(1, 8).await.unwrap();
    repo.state.slow_flush.add_permits(1); // 5 arrives
    eventually("flushing 7", || repo.state.flushes.load(SeqCst) == 2).await;
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert!(
        !(flush.is_finished() && repo.get() == Some(5)),
        "flush() has returned and 6, acknowledged before it, is not in the database, nor is anything newer"
    );
    repo.state.slow_flush.add_permits(100);
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

#[tokio::test]
async fn a_body_that_fails_is_left_alone_over_a_shared_store_too() {
    let repo = Repo::new(shared(&MemoryStore::new()).await);
    repo.spared(1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    repo.state.failing.store(true, SeqCst);
    repo.spared(1).await.unwrap();
    let queries = repo.state.queries.load(SeqCst);
    for _ in 0..10 {
        repo.spared(1).await.unwrap();
    }
    assert_eq!(repo.state.queries.load(SeqCst), queries, "throttled for 30 s");
}

// ---- conflicts

#[tokio::test]
async fn a_conflicting_writer_still_invalidates() {
    let (cache, row) = (Cache::memory(), AtomicU32::new(1));
    assert_eq!(conflicting::read(&cache, 1, &row).await, 1);
    conflicting::write(&cache, 1, &row, 2).await;
    assert_eq!(conflicting::read(&cache, 1, &row).await, 2, "the bypassing writer left the old entry");
}

// ---- slow answers of the store

#[derive(Clone, Debug)]
struct Slow {
    inner: MemoryStore,
    gates: Arc<Gates>,
}
#[derive(Debug, Default)]
struct Gates {
    read: Gate,
    acquire: Gate,
    fill: Gate,
}
#[derive(Debug)]
struct Gate {
    armed: AtomicBool,
    reached: AtomicUsize,
    open: Semaphore,
}
impl Default for Gate {
    fn default() -> Self {
        Self { armed: false.into(), reached: 0.into(), open: Semaphore::new(0) }
    }
}
impl Gate {
    fn arm(&self) {
        self.armed.store(true, SeqCst);
    }
    /// Holds one answer back.
    async fn pass(&self) {
        if self.armed.swap(false, SeqCst) {
            self.reached.fetch_add(1, SeqCst);
            self.open.acquire().await.unwrap().forget();
        }
    }
}

impl Store for Slow {
    fn read<'a>(&'a self, keys: &'a [EntryKey]) -> StoreFuture<'a, Vec<Read>> {
        Box::pin(async move {
            let r = self.inner.read(keys).await;
            self.gates.read.pass().await;
            r
        })
    }
    fn acquire<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, Lookup> {
        Box::pin(async move {
            let r = self.inner.acquire(key, token, lease).await;
            self.gates.acquire.pass().await;
            r
        })
    }
    fn acquire_over<'a>(
        &'a self,
        key: &'a EntryKey,
        seen: &'a Seen,
        token: Token,
        lease: Duration,
    ) -> StoreFuture<'a, Lookup> {
        self.inner.acquire_over(key, seen, token, lease)
    }
    fn renew<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, bool> {
        self.inner.renew(key, token, lease)
    }
    fn fill<'a>(&'a self, key: &'a EntryKey, fill: Fill) -> StoreFuture<'a, FillOutcome> {
        Box::pin(async move {
            let r = self.inner.fill(key, fill).await;
            self.gates.fill.pass().await;
            r
        })
    }
    fn release<'a>(&'a self, key: &'a EntryKey, token: Token) -> StoreFuture<'a, ()> {
        self.inner.release(key, token)
    }
    fn invalidate<'a>(&'a self, targets: &'a [Target], hold: Option<Duration>) -> StoreFuture<'a, ()> {
        self.inner.invalidate(targets, hold)
    }
    fn clear<'a>(&'a self, scope: &'a Clear) -> StoreFuture<'a, u64> {
        self.inner.clear(scope)
    }
    fn pulse(&self) -> StoreFuture<'_, Pulse> {
        self.inner.pulse()
    }
}

fn patient() -> Deadlines {
    let mut d = Deadlines::default();
    (d.read, d.lease, d.fill) = (LONG, LONG, LONG);
    d
}

async fn over_slow(lag: Option<Duration>) -> (Repo, Repo, Arc<Gates>) {
    let store = MemoryStore::new();
    let slow = Slow { inner: store.clone(), gates: Arc::default() };
    let gates = slow.gates.clone();
    let mut builder = Cache::builder().namespace("test").store(slow).deadlines(patient());
    if let Some(lag) = lag {
        builder = builder.l1_max_lag(lag);
    }
    let a = Repo::new(builder.build().await.unwrap());
    let b = Repo { cache: shared(&store).await, state: a.state.clone() };
    (a, b, gates)
}

#[tokio::test]
async fn a_follower_that_joined_after_the_fill_was_carried_out_looks_again() {
    let (a, b, gates) = over_slow(None).await;
    gates.fill.arm();
    let leader = tokio::spawn({
        let a = a.clone();
        async move { a.row(1).await }
    });
    eventually("filled, not yet answered", || gates.fill.reached.load(SeqCst) == 1).await;
    b.around(1, 2).await.unwrap(); // acknowledged
    let late = tokio::spawn({
        let a = a.clone();
        async move { a.row(1).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    gates.fill.open.add_permits(1);
    assert_eq!(leader.await.unwrap().unwrap(), Some(1));
    assert_eq!(late.await.unwrap().unwrap(), Some(2), "it began after the write was acknowledged");
}

#[tokio::test]
async fn a_follower_does_not_get_what_its_leader_found_before_it_joined() {
    let (a, b, gates) = over_slow(None).await;
    gates.read.arm();
    let leader = tokio::spawn({
        let a = a.clone();
        async move { a.row(1).await }
    });
    eventually("missed", || gates.read.reached.load(SeqCst) == 1).await;
    b.row(1).await.unwrap(); // B fills 1
    gates.acquire.arm();
    gates.read.open.add_permits(1);
    eventually("found by acquire, not yet answered", || gates.acquire.reached.load(SeqCst) == 1).await;
    b.around(1, 2).await.unwrap(); // acknowledged
    let late = tokio::spawn({
        let a = a.clone();
        async move { a.row(1).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    gates.acquire.open.add_permits(1);
    assert_eq!(leader.await.unwrap().unwrap(), Some(1));
    assert_eq!(late.await.unwrap().unwrap(), Some(2), "it began after the write was acknowledged");
}

#[tokio::test]
async fn a_page_read_before_its_group_was_dropped_here_is_not_kept_here() {
    let (a, b, gates) = over_slow(Some(Duration::from_secs(60))).await;
    b.list(1, 1).await.unwrap();
    gates.read.arm();
    let reader = tokio::spawn({
        let a = a.clone();
        async move { a.list(1, 1).await }
    });
    eventually("read, not yet answered", || gates.read.reached.load(SeqCst) == 1).await;
    a.change_list(1, 2).await.unwrap(); // this very process
    gates.read.open.add_permits(1);
    assert_eq!(reader.await.unwrap().unwrap(), 1);
    assert_eq!(a.list(1, 1).await.unwrap(), 2, "writes of this process are always seen at once");
}

#[tokio::test]
async fn an_old_value_found_while_a_write_is_acknowledged_here_is_not_kept_over_it() {
    // write-behind, shared store with l1_max_lag: the reader misses the pending value by a moment.
    let store = MemoryStore::new();
    let slow = Slow { inner: store.clone(), gates: Arc::default() };
    let gates = slow.gates.clone();
    let cache = Cache::builder()
        .namespace("test")
        .store(slow)
        .deadlines(patient())
        .l1_max_lag(Duration::from_secs(60))
        .write_behind(Queue::memory().flush_every(Duration::from_secs(60)))
        .build()
        .await
        .unwrap();
    let repo = Repo::new(cache);
    gates.read.arm();
    let reader = tokio::spawn({
        let repo = repo.clone();
        async move { repo.late(1).await }
    });
    eventually("missed", || gates.read.reached.load(SeqCst) == 1).await;
    repo.defer(1, 5).await.unwrap(); // acknowledged
    gates.read.open.add_permits(1);
    let _ = reader.await.unwrap().unwrap();
    assert_eq!(
        repo.late(1).await.unwrap(),
        Some(5),
        "readers of this process see it from its acknowledgement on"
    );
}

#[tokio::test]
async fn a_leader_dropped_while_it_asks_for_leave_holds_up_nobody() {
    let (a, _b, gates) = over_slow(None).await;
    gates.acquire.arm();
    let leader = tokio::spawn({
        let a = a.clone();
        async move { a.row(1).await }
    });
    eventually("granted, not yet answered", || gates.acquire.reached.load(SeqCst) == 1).await;
    leader.abort();
    let _ = leader.await;
    let begun = std::time::Instant::now();
    a.row(1).await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_millis(500),
        "{:?}: waits for the lease of a caller that is gone",
        begun.elapsed()
    );
}

#[tokio::test]
async fn shutdown_ends_although_a_refresh_hangs() {
    let (clock, hands) = Clock::manual();
    let queue = Queue::memory().drain(Duration::from_millis(300));
    let products = Products::new(Cache::builder().clock(clock).write_behind(queue).build_memory());
    products.home().await.unwrap();
    hands.advance(Duration::from_secs(53));
    products.db.hold_reads();
    products.home().await.unwrap(); // refreshes in the background, and the database hangs
    timeout(LONG, products.cache.shutdown()).await.expect("shutdown has no end");
}
