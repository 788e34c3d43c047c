//! Races around one answer of the shared store that is held back.

use crate::{
    around::{Around, Wrapped},
    fixtures::{eventually, others_run, patient, shared},
    repo::Repo,
};
use cache_runtime::{
    Cache, Queue,
    store::{EntryKey, Fill, FillOutcome, Lookup, MemoryStore, Read, Store, StoreFuture, Token},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// A store that holds back one answer of an operation.
#[derive(Clone, Debug)]
pub(crate) struct Slow {
    inner: MemoryStore,
    gates: Arc<Gates>,
}

#[derive(Debug, Default)]
pub(crate) struct Gates {
    pub(crate) read: Gate,
    pub(crate) acquire: Gate,
    pub(crate) fill: Gate,
}

#[derive(Debug)]
pub(crate) struct Gate {
    armed: AtomicBool,
    pub(crate) reached: AtomicUsize,
    pub(crate) open: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self { armed: false.into(), reached: 0.into(), open: Semaphore::new(0) }
    }
}

impl Gate {
    pub(crate) fn arm(&self) {
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

/// This store, held back at the gates.
pub(crate) fn held_back(store: &MemoryStore) -> (Wrapped<Slow>, Arc<Gates>) {
    let gates = Arc::<Gates>::default();
    (Wrapped(Slow { inner: store.clone(), gates: gates.clone() }), gates)
}

impl Around for Slow {
    fn inner(&self) -> &MemoryStore {
        &self.inner
    }

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

    fn fill<'a>(&'a self, key: &'a EntryKey, fill: Fill) -> StoreFuture<'a, FillOutcome> {
        Box::pin(async move {
            let r = self.inner.fill(key, fill).await;
            self.gates.fill.pass().await;
            r
        })
    }
}

/// A process whose store can be held back, another one with the same store, and the gates.
async fn over_slow(lag: Option<Duration>) -> (Repo, Repo, Arc<Gates>) {
    let store = MemoryStore::new();
    let (slow, gates) = held_back(&store);
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
    others_run().await;
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
    others_run().await;
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
    let (slow, gates) = held_back(&store);
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
        begun.elapsed() < Duration::from_secs(2),
        "{:?}: waits for the lease of a caller that is gone",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_write_between_an_entry_and_its_source_is_no_drift() {
    let (a, b, gates) = over_slow(None).await;
    a.row(1).await.unwrap();
    a.cache.settle().await;
    gates.read.arm();
    let walking = a.clone();
    let reconciled = tokio::spawn(async move {
        let entry_of = |key: &str| Some(walking.row_entry(Repo::row_args(key)?.0));
        walking.cache.reconcile("row:<id>", entry_of).repair(true).run().await.unwrap()
    });
    eventually("the entry was read", || gates.read.reached.load(SeqCst) == 1).await;
    b.around(1, 2).await.unwrap();
    gates.read.open.add_permits(1);
    let report = reconciled.await.unwrap();
    assert_eq!((report.walked, report.drifted, report.repaired, report.skipped.gone), (1, 0, 0, 1));
    assert_eq!(a.row(1).await.unwrap(), Some(2));
}
