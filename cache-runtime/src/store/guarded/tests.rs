//! Does the guard end calls in time, and count what it should?

use super::*;
use crate::store::MemoryStore;
use futures_util::poll;
use std::sync::atomic::AtomicU64;

const LIMIT: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug)]
enum Mood {
    Answers,
    Fails(StoreErrorKind),
    Silent,
}

/// A store that answers a pulse as its mood has it.
#[derive(Clone, Debug)]
struct Moody {
    mood: Arc<Mutex<Mood>>,
    calls: Arc<AtomicU64>,
    inner: MemoryStore,
}

struct Bench {
    guarded: Guarded,
    store: Moody,
    millis: Arc<AtomicU64>,
}

fn bench() -> Bench {
    let store =
        Moody { mood: Arc::new(Mutex::new(Mood::Answers)), calls: Arc::default(), inner: MemoryStore::new() };
    let millis = Arc::new(AtomicU64::new(0));
    let hand = millis.clone();
    let deadlines = Deadlines { pulse: LIMIT, ..Deadlines::default() };
    let clock = move || Duration::from_millis(hand.load(Ordering::Relaxed));
    let guarded = Guarded::with_clock(Arc::new(store.clone()), deadlines, &Handle::current(), clock);
    Bench { guarded, store, millis }
}

impl Bench {
    fn mood(&self, mood: Mood) {
        *self.store.mood.lock().expect("nobody panics with it") = mood;
    }

    async fn pulse(&self) -> Option<StoreErrorKind> {
        self.guarded.pulse().await.err().map(|error| error.kind())
    }

    fn calls(&self) -> u64 {
        self.store.calls.load(Ordering::Relaxed)
    }

    /// Starts a call and leaves it alone for this long, then drops it.
    async fn begin_and_drop_after(&self, time: Duration) {
        let mut call = self.guarded.pulse();
        assert!(poll!(&mut call).is_pending());
        tokio::time::sleep(time).await;
    }

    async fn opened() -> Self {
        let bench = bench();
        bench.mood(Mood::Fails(StoreErrorKind::Connection));
        for _ in 0..5 {
            bench.pulse().await;
        }
        assert_eq!(bench.guarded.state(), BreakerState::Open);
        bench
    }
}

#[tokio::test]
async fn silent_store_is_given_up_at_the_deadline() {
    let bench = bench();
    bench.mood(Mood::Silent);
    let begin = Instant::now();
    assert_eq!(bench.pulse().await, Some(StoreErrorKind::Timeout));
    assert!(begin.elapsed() >= LIMIT);
}

#[tokio::test]
async fn failures_open_it_and_nothing_is_sent_any_more() {
    let bench = Bench::opened().await;
    let sent = bench.calls();
    assert_eq!(bench.pulse().await, Some(StoreErrorKind::BreakerOpen));
    assert_eq!(bench.calls(), sent);
}

#[tokio::test]
async fn answers_of_the_store_even_errors_are_signs_of_life() {
    let bench = bench();
    bench.mood(Mood::Fails(StoreErrorKind::Refused));
    for _ in 0..50 {
        assert_eq!(bench.pulse().await, Some(StoreErrorKind::Refused));
    }
    assert_eq!(bench.guarded.state(), BreakerState::Closed);
}

#[tokio::test]
async fn every_failure_of_the_link_counts() {
    for kind in [
        StoreErrorKind::Connection,
        StoreErrorKind::Timeout,
        StoreErrorKind::Unavailable,
        StoreErrorKind::Protocol,
    ] {
        let bench = bench();
        bench.mood(Mood::Fails(kind));
        for _ in 0..5 {
            assert_eq!(bench.pulse().await, Some(kind));
        }
        assert_eq!(bench.guarded.state(), BreakerState::Open);
    }
}

#[tokio::test]
async fn caller_who_leaves_after_the_deadline_leaves_a_failure() {
    let bench = bench();
    bench.mood(Mood::Silent);
    for _ in 0..4 {
        bench.begin_and_drop_after(LIMIT).await;
        assert_eq!(bench.guarded.state(), BreakerState::Closed);
    }
    bench.begin_and_drop_after(LIMIT).await;
    assert_eq!(bench.guarded.state(), BreakerState::Open);
}

#[tokio::test]
async fn caller_who_leaves_early_says_nothing_about_the_store() {
    let bench = bench();
    bench.mood(Mood::Silent);
    for _ in 0..50 {
        bench.begin_and_drop_after(Duration::ZERO).await;
    }
    drop(bench.guarded.pulse());
    assert_eq!(bench.guarded.state(), BreakerState::Closed);
}

#[tokio::test]
async fn one_probe_tries_after_the_rest_and_closes_it() {
    let bench = Bench::opened().await;
    let mut changes = bench.guarded.watch();
    bench.millis.store(1_300, Ordering::Relaxed);
    bench.mood(Mood::Silent);
    let mut probe = bench.guarded.pulse();
    assert!(poll!(&mut probe).is_pending());
    assert_eq!(*changes.borrow_and_update(), BreakerState::HalfOpen);
    assert_eq!(bench.pulse().await, Some(StoreErrorKind::BreakerOpen));
    drop(probe);
    bench.mood(Mood::Answers);
    assert_eq!(bench.pulse().await, None);
    assert!(changes.has_changed().expect("the guard lives"));
    assert_eq!(*changes.borrow_and_update(), BreakerState::Ramping);
    bench.millis.store(1_300 + 5_000, Ordering::Relaxed);
    assert_eq!(bench.guarded.state(), BreakerState::Closed);
    assert_eq!(bench.pulse().await, None);
    assert_eq!(*changes.borrow_and_update(), BreakerState::Closed);
}

#[tokio::test]
async fn probe_that_fails_lets_it_rest_again() {
    let bench = Bench::opened().await;
    bench.millis.store(1_300, Ordering::Relaxed);
    assert_eq!(bench.pulse().await, Some(StoreErrorKind::Connection));
    assert_eq!(bench.pulse().await, Some(StoreErrorKind::BreakerOpen));
    bench.millis.store(1_300 + 1_300, Ordering::Relaxed);
    assert_eq!(bench.pulse().await, Some(StoreErrorKind::Connection));
}

#[tokio::test]
async fn answer_that_is_there_counts_however_late_it_is_looked_at() {
    let bench = bench();
    bench.mood(Mood::Silent);
    let mut call = bench.guarded.pulse();
    assert!(poll!(&mut call).is_pending());
    bench.mood(Mood::Answers);
    tokio::time::sleep(2 * LIMIT).await;
    assert!(call.await.is_ok());
}

#[tokio::test]
async fn process_that_stood_still_does_not_blame_the_store() {
    let bench = bench();
    bench.mood(Mood::Silent);
    let mut call = bench.guarded.pulse();
    assert!(poll!(&mut call).is_pending());
    // Nothing on this runtime moves, neither the deadlines nor what would read the answer.
    std::thread::sleep(3 * LIMIT);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(poll!(&mut call).is_pending());
    bench.mood(Mood::Answers);
    assert!(call.await.is_ok());

    bench.mood(Mood::Silent);
    let mut call = bench.guarded.pulse();
    assert!(poll!(&mut call).is_pending());
    std::thread::sleep(3 * LIMIT);
    assert_eq!(call.await.expect_err("a moment later it counts").kind(), StoreErrorKind::Timeout);
}

impl Store for Moody {
    fn pulse(&self) -> StoreFuture<'_, Pulse> {
        Box::pin(async move {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let mood = std::future::poll_fn(|_| match *self.mood.lock().expect("nobody panics with it") {
                Mood::Silent => Poll::Pending,
                mood => Poll::Ready(mood),
            });
            match mood.await {
                Mood::Fails(kind) => Err(StoreError::new(kind, "pulse")),
                Mood::Answers | Mood::Silent => self.inner.pulse().await,
            }
        })
    }

    fn read<'a>(&'a self, keys: &'a [EntryKey]) -> StoreFuture<'a, Vec<Read>> {
        self.inner.read(keys)
    }

    fn acquire<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, Lookup> {
        self.inner.acquire(key, token, lease)
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
        self.inner.fill(key, fill)
    }

    fn release<'a>(&'a self, key: &'a EntryKey, token: Token) -> StoreFuture<'a, ()> {
        self.inner.release(key, token)
    }

    fn invalidate<'a>(&'a self, targets: &'a [Target], hold: Option<Duration>) -> StoreFuture<'a, Told> {
        self.inner.invalidate(targets, hold)
    }

    fn begin<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, ()> {
        self.inner.begin(targets, token, intent)
    }

    fn extend<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, bool> {
        self.inner.extend(targets, token, intent)
    }

    fn end<'a>(&'a self, written: &'a [Written], token: Token) -> StoreFuture<'a, (Vec<Ended>, Told)> {
        self.inner.end(written, token)
    }

    fn clear<'a>(&'a self, scope: &'a Clear) -> StoreFuture<'a, (u64, Told)> {
        self.inner.clear(scope)
    }

    fn follow(&self, ear: Arc<dyn Ear>) -> StoreFuture<'_, ()> {
        self.inner.follow(ear)
    }
}

/// The guard itself keeps the promises of what it guards.
#[cfg(feature = "conformance")]
#[tokio::test]
async fn guarded_store_keeps_every_promise() {
    use crate::conformance::{self, Subject};
    conformance::all(async || {
        let store = MemoryStore::new();
        let guarded = Guarded::new(Arc::new(store.clone()), Deadlines::default(), &Handle::current());
        Subject::in_real_time(guarded).beside(store)
    })
    .await;
}
