//! How long a caller waits for a store, and whether the store is asked at all.

mod queue;

use super::{
    BreakerState, Clear, Cursor, Ear, Ended, EntryKey, Fill, FillOutcome, Lookup, Pulse, Read, Scanned, Seen,
    Store, StoreError, StoreErrorKind, StoreFuture, Target, Token, Told, WriteQueue, Written,
    breaker::{Admission, Breaker},
    deadline::{Deadline, DeadlineQueue, Fired},
};
use crate::session;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::watch};

/// How long each kind of operation may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlines {
    /// `read`; 50 ms.
    pub read: Duration,
    /// `acquire`, `renew` and `release`; 50 ms.
    pub lease: Duration,
    /// `fill`; 200 ms.
    pub fill: Duration,
    /// `begin`, `extend`, `end` and `invalidate`; 150 ms.
    pub fence: Duration,
    /// `pulse`, and one step of `scan`; 500 ms.
    pub pulse: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let millis = Duration::from_millis;
        Self {
            read: millis(50),
            lease: millis(50),
            fill: millis(200),
            fence: millis(150),
            pulse: millis(500),
        }
    }
}

/// A store with deadlines and a circuit breaker around it.
///
/// An operation that isn't answered in time ends with [`StoreErrorKind::Timeout`]: its outcome is unknown. Deadlines are kept on
/// the given runtime and on real time: a caller's paused clock doesn't fire them, and time in which the whole process stood still
/// is not held against the store. `clear` has none, it takes as long as
/// there are keys.
///
/// Failures of the link (no connection, no answer, no sense, not serving) count towards the breaker; an answer, even an error, is a
/// sign of life. A caller that goes away after the deadline has left a failure behind, although nobody saw it; one that goes away
/// earlier says nothing about the store. While the breaker is open every operation ends at once with
/// [`StoreErrorKind::BreakerOpen`] and nothing is sent.
///
/// What was changed is told to the [`Session`](crate::Session) of the task.
pub struct Guarded {
    inner: Arc<dyn Store>,
    circuit: Circuit,
    read: DeadlineQueue,
    lease: DeadlineQueue,
    fill: DeadlineQueue,
    fence: DeadlineQueue,
    pulse: DeadlineQueue,
    grace: DeadlineQueue,
}

/// How much longer a call may take whose deadline passed while this process stood still.
const GRACE: Duration = Duration::from_millis(10);

type BreakerClock = Box<dyn Fn() -> Duration + Send + Sync>;

impl Guarded {
    /// Guards `inner`; the deadlines are kept on `runtime`.
    pub fn new(inner: Arc<dyn Store>, deadlines: Deadlines, runtime: &Handle) -> Self {
        let start = Instant::now();
        Self::with_clock(inner, deadlines, runtime, move || start.elapsed())
    }

    /// The same with another clock for the breaker, so that tests decide how long it rests.
    pub fn with_clock(
        inner: Arc<dyn Store>,
        deadlines: Deadlines,
        runtime: &Handle,
        clock: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        let queue = |length| DeadlineQueue::new(length, runtime);
        Self {
            inner,
            circuit: Circuit::new(Box::new(clock)),
            read: queue(deadlines.read),
            lease: queue(deadlines.lease),
            fill: queue(deadlines.fill),
            fence: queue(deadlines.fence),
            pulse: queue(deadlines.pulse),
            grace: queue(GRACE),
        }
    }

    /// Whether the store is asked now.
    pub fn state(&self) -> BreakerState {
        self.circuit.state()
    }

    /// Follows the state as calls change it.
    ///
    /// The end of [`BreakerState::Ramping`] is seen with the first call after it; [`Guarded::state`] is exact.
    pub fn watch(&self) -> watch::Receiver<BreakerState> {
        self.circuit.changes.subscribe()
    }

    /// The store inside.
    pub fn inner(&self) -> &Arc<dyn Store> {
        &self.inner
    }

    /// [`Store::read`] without a box around it: the one operation that every hit pays for.
    pub(crate) fn reading<'a>(
        &'a self,
        keys: &'a [EntryKey],
    ) -> impl Future<Output = Result<Vec<Read>, StoreError>> + 'a {
        self.call("read", Some(&self.read), self.inner.read(keys))
    }

    fn call<'a, T: 'a>(
        &'a self,
        operation: &'static str,
        queue: Option<&'a DeadlineQueue>,
        work: StoreFuture<'a, T>,
    ) -> Call<'a, T> {
        Call {
            work,
            operation,
            queue,
            grace: Some(&self.grace),
            circuit: &self.circuit,
            progress: Progress::New,
        }
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded")
            .field("inner", &self.inner)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// One operation under way.
struct Call<'a, T> {
    work: StoreFuture<'a, T>,
    operation: &'static str,
    queue: Option<&'a DeadlineQueue>,
    /// Given once.
    grace: Option<&'a DeadlineQueue>,
    circuit: &'a Circuit,
    progress: Progress,
}

enum Progress {
    New,
    Sent { as_what: Admission, deadline: Option<Deadline> },
    Done,
}

impl<T> Future for Call<'_, T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Progress::New = this.progress {
            let as_what = this.circuit.admit();
            if as_what == Admission::Refuse {
                this.progress = Progress::Done;
                return Poll::Ready(Err(StoreError::new(StoreErrorKind::BreakerOpen, this.operation)));
            }
            this.progress = Progress::Sent { as_what, deadline: None };
        }
        let outcome = ready!(this.poll_until_deadline(cx));
        if let Progress::Sent { as_what, .. } = this.progress {
            match &outcome {
                Err(error) if is_failure(error.kind()) => this.circuit.failed(as_what),
                Ok(_) | Err(_) => this.circuit.succeeded(as_what),
            }
        }
        this.progress = Progress::Done;
        Poll::Ready(outcome)
    }
}

impl<T> Call<'_, T> {
    fn poll_until_deadline(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, StoreError>> {
        // An answer that is there counts, however late it is looked at.
        if let Poll::Ready(outcome) = self.work.as_mut().poll(cx) {
            return Poll::Ready(outcome);
        }
        let (Progress::Sent { deadline, .. }, Some(queue)) = (&mut self.progress, self.queue) else {
            return Poll::Pending;
        };
        let mut fired = deadline.get_or_insert_with(|| queue.start()).has_fired(cx.waker());
        if fired == Fired::Late
            && let Some(grace) = self.grace.take()
        {
            // The store is not to blame before the answer had a chance to be read.
            fired = deadline.insert(grace.start()).has_fired(cx.waker());
        }
        match fired {
            Fired::NotYet => Poll::Pending,
            Fired::InTime | Fired::Late => {
                Poll::Ready(Err(StoreError::new(StoreErrorKind::Timeout, self.operation)))
            }
        }
    }
}

impl<T> Drop for Call<'_, T> {
    fn drop(&mut self) {
        if let Progress::Sent { as_what, deadline } = &self.progress {
            if deadline.as_ref().is_some_and(Deadline::is_over) {
                self.circuit.failed(*as_what);
            } else {
                self.circuit.abandoned(*as_what);
            }
        }
    }
}

fn is_failure(kind: StoreErrorKind) -> bool {
    match kind {
        StoreErrorKind::Connection
        | StoreErrorKind::Timeout
        | StoreErrorKind::Unavailable
        | StoreErrorKind::Protocol => true,
        StoreErrorKind::Refused | StoreErrorKind::BreakerOpen => false,
    }
}

/// The breaker, shared between calls.
struct Circuit {
    breaker: Mutex<Breaker>,
    /// Nothing to remember: calls pass, and succeed, without taking the lock.
    pristine: AtomicBool,
    clock: BreakerClock,
    changes: watch::Sender<BreakerState>,
}

impl Circuit {
    fn new(clock: BreakerClock) -> Self {
        Self {
            breaker: Mutex::new(Breaker::new()),
            pristine: AtomicBool::new(true),
            clock,
            changes: watch::Sender::new(BreakerState::Closed),
        }
    }

    fn state(&self) -> BreakerState {
        self.lock().state((self.clock)())
    }

    #[inline]
    fn admit(&self) -> Admission {
        if self.pristine.load(Ordering::Relaxed) { Admission::Pass } else { self.update(Breaker::admit) }
    }

    #[inline]
    fn succeeded(&self, as_what: Admission) {
        if !self.pristine.load(Ordering::Relaxed) {
            self.update(|breaker, now| breaker.succeeded(as_what, now));
        }
    }

    fn failed(&self, as_what: Admission) {
        self.update(|breaker, now| breaker.failed(as_what, now, fastrand::f64()));
    }

    fn abandoned(&self, as_what: Admission) {
        if as_what == Admission::Probe {
            self.update(|breaker, now| breaker.abandoned(as_what, now));
        }
    }

    fn update<R>(&self, change: impl FnOnce(&mut Breaker, Duration) -> R) -> R {
        let now = (self.clock)();
        let mut breaker = self.lock();
        let result = change(&mut breaker, now);
        self.pristine.store(breaker.is_pristine(), Ordering::Relaxed);
        let state = breaker.state(now);
        self.changes.send_if_modified(|seen| std::mem::replace(seen, state) != state);
        result
    }

    fn lock(&self) -> MutexGuard<'_, Breaker> {
        // The state machine doesn't panic, so what a poisoned lock holds is whole.
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Guarded {
    fn read<'a>(&'a self, keys: &'a [EntryKey]) -> StoreFuture<'a, Vec<Read>> {
        Box::pin(self.call("read", Some(&self.read), self.inner.read(keys)))
    }

    fn acquire<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, Lookup> {
        Box::pin(self.call("acquire", Some(&self.lease), self.inner.acquire(key, token, lease)))
    }

    fn acquire_over<'a>(
        &'a self,
        key: &'a EntryKey,
        seen: &'a Seen,
        token: Token,
        lease: Duration,
    ) -> StoreFuture<'a, Lookup> {
        Box::pin(self.call("acquire", Some(&self.lease), self.inner.acquire_over(key, seen, token, lease)))
    }

    fn renew<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, bool> {
        Box::pin(self.call("renew", Some(&self.lease), self.inner.renew(key, token, lease)))
    }

    fn fill<'a>(&'a self, key: &'a EntryKey, fill: Fill) -> StoreFuture<'a, FillOutcome> {
        Box::pin(self.call("fill", Some(&self.fill), self.inner.fill(key, fill)))
    }

    fn release<'a>(&'a self, key: &'a EntryKey, token: Token) -> StoreFuture<'a, ()> {
        Box::pin(self.call("release", Some(&self.lease), self.inner.release(key, token)))
    }

    fn invalidate<'a>(&'a self, targets: &'a [Target], hold: Option<Duration>) -> StoreFuture<'a, Told> {
        let call = self.call("invalidate", Some(&self.fence), self.inner.invalidate(targets, hold));
        Box::pin(async move { call.await.inspect(|told| session::raise(*told)) })
    }

    fn begin<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, ()> {
        Box::pin(self.call("begin", Some(&self.fence), self.inner.begin(targets, token, intent)))
    }

    fn extend<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, bool> {
        Box::pin(self.call("extend", Some(&self.fence), self.inner.extend(targets, token, intent)))
    }

    fn end<'a>(&'a self, written: &'a [Written], token: Token) -> StoreFuture<'a, (Vec<Ended>, Told)> {
        let call = self.call("end", Some(&self.fence), self.inner.end(written, token));
        Box::pin(async move { call.await.inspect(|(_, told)| session::raise(*told)) })
    }

    fn clear<'a>(&'a self, scope: &'a Clear) -> StoreFuture<'a, (u64, Told)> {
        let call = self.call("clear", None, self.inner.clear(scope));
        Box::pin(async move { call.await.inspect(|(_, told)| session::raise(*told)) })
    }

    fn scan<'a>(&'a self, prefix: &'a str, from: Option<&'a Cursor>) -> StoreFuture<'a, Scanned> {
        Box::pin(self.call("scan", Some(&self.pulse), self.inner.scan(prefix, from)))
    }

    fn queue(&self) -> Option<&dyn WriteQueue> {
        self.inner.queue().is_some().then_some(self)
    }

    fn pulse(&self) -> StoreFuture<'_, Pulse> {
        Box::pin(self.call("pulse", Some(&self.pulse), self.inner.pulse()))
    }

    /// Without a deadline and past the breaker: it has a link of its own, and says itself when that is lost.
    fn follow(&self, ear: Arc<dyn Ear>) -> StoreFuture<'_, ()> {
        self.inner.follow(ear)
    }
}

#[cfg(test)]
mod tests;
