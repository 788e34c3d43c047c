//! How a call learns that its time is over, at next to no cost and on a clock that isn't its caller's.
//!
//! All calls of a queue have the same length, so they end in the order in which they began: a queue is a list, and one
//! task on the cache's own runtime watches its front. A call costs one clock read and one short lock; nothing is
//! spawned for it and no timer is registered.

use futures_util::task::AtomicWaker;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    task::Waker,
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::Notify, task::JoinHandle};

/// The keeper looks no more often than this, so a deadline fires up to this much late.
const GRAIN: Duration = Duration::from_millis(5);
/// A deadline seen later than this was not seen for want of time.
const LATE: Duration = Duration::from_millis(15);

/// Deadlines of one length.
#[derive(Debug)]
pub(crate) struct DeadlineQueue {
    length: Duration,
    shared: Arc<Shared>,
    keeper: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    calls: Mutex<Calls>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Calls {
    in_order: VecDeque<(Instant, Arc<Slot>)>,
    keeper_sleeps: bool,
}

/// The deadline of one call.
#[derive(Debug)]
pub(crate) struct Deadline {
    at: Instant,
    slot: Arc<Slot>,
}

/// Whether a deadline has fired, as its caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fired {
    NotYet,
    InTime,
    /// Seen so long after its time that this process must have stood still: the answer may be there, unread.
    Late,
}

#[derive(Debug, Default)]
struct Slot {
    state: AtomicU8,
    waker: AtomicWaker,
}

const WAITING: u8 = 0;
const DONE: u8 = 1;
const FIRED: u8 = 2;

impl DeadlineQueue {
    /// A queue whose keeper runs on `runtime` until the queue is dropped.
    pub(crate) fn new(length: Duration, runtime: &Handle) -> Self {
        let shared = Arc::<Shared>::default();
        let keeper = runtime.spawn(keep(shared.clone()));
        Self { length, shared, keeper }
    }

    /// Starts a deadline now.
    pub(crate) fn start(&self) -> Deadline {
        let at = Instant::now() + self.length;
        let slot = Arc::<Slot>::default();
        let mut calls = self.shared.lock();
        // Finished calls leave in passing, so the keeper usually finds nothing to do.
        for _ in 0..2 {
            calls.in_order.pop_front_if(|(_, slot)| slot.state.load(Ordering::Relaxed) != WAITING);
        }
        calls.in_order.push_back((at, slot.clone()));
        let wake = std::mem::take(&mut calls.keeper_sleeps);
        drop(calls);
        if wake {
            self.shared.wake.notify_one();
        }
        Deadline { at, slot }
    }
}

impl Drop for DeadlineQueue {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Deadline {
    /// Whether it has fired; if not, `waker` is woken when it does.
    pub(crate) fn has_fired(&self, waker: &Waker) -> Fired {
        self.slot.waker.register(waker);
        if self.slot.state.load(Ordering::Acquire) != FIRED {
            Fired::NotYet
        } else if self.at.elapsed() < LATE {
            Fired::InTime
        } else {
            Fired::Late
        }
    }

    /// Whether it lies in the past, fired or not.
    pub(crate) fn is_over(&self) -> bool {
        self.slot.state.load(Ordering::Acquire) == FIRED || Instant::now() >= self.at
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.slot.state.store(DONE, Ordering::Relaxed);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Calls> {
        // Nothing in here panics while the lock is held but for the allocator, and the list stays whole then.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what is finished or over off the front; tells when to look again, or that the keeper may sleep.
    fn collect(&self, now: Instant, over: &mut Vec<Arc<Slot>>) -> Option<Duration> {
        let mut calls = self.lock();
        while let Some((at, slot)) = calls.in_order.front() {
            let waits = slot.state.load(Ordering::Relaxed) == WAITING;
            if waits && *at > now {
                return Some((*at - now).max(GRAIN));
            }
            if let Some((_, slot)) = calls.in_order.pop_front()
                && waits
            {
                over.push(slot);
            }
        }
        calls.keeper_sleeps = true;
        None
    }
}

async fn keep(shared: Arc<Shared>) {
    let mut over = Vec::new();
    loop {
        let next = shared.collect(Instant::now(), &mut over);
        for slot in over.drain(..) {
            // A call that finished in this moment has nothing to be told.
            if slot.state.compare_exchange(WAITING, FIRED, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                slot.waker.wake();
            }
        }
        match next {
            Some(time) => tokio::time::sleep(time).await,
            None => shared.wake.notified().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::task::{Context, Poll};

    async fn fired(deadline: &Deadline) {
        let poll = |cx: &mut Context<'_>| match deadline.has_fired(cx.waker()) {
            Fired::NotYet => Poll::Pending,
            Fired::InTime | Fired::Late => Poll::Ready(()),
        };
        poll_fn(poll).await;
    }

    #[tokio::test]
    async fn deadline_fires_when_its_time_is_over_and_not_before() {
        let queue = DeadlineQueue::new(Duration::from_millis(30), &Handle::current());
        let (begin, deadline) = (Instant::now(), queue.start());
        fired(&deadline).await;
        assert!(begin.elapsed() >= Duration::from_millis(30));
        assert!(deadline.is_over());
    }

    #[tokio::test]
    async fn queue_that_slept_wakes_for_the_next_call() {
        let queue = DeadlineQueue::new(Duration::from_millis(10), &Handle::current());
        for _ in 0..3 {
            fired(&queue.start()).await;
        }
    }

    #[tokio::test]
    async fn finished_calls_do_not_pile_up() {
        let queue = DeadlineQueue::new(Duration::from_mins(1), &Handle::current());
        for _ in 0..1_000 {
            drop(queue.start());
        }
        assert!(queue.shared.lock().in_order.len() <= 2);
    }

    #[test]
    fn deadline_ignores_the_paused_clock_of_its_caller() {
        let own = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let queue = DeadlineQueue::new(Duration::from_mins(1), own.handle());
        let callers = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        callers.expect("a runtime").block_on(async {
            let deadline = queue.start();
            tokio::time::sleep(Duration::from_hours(1)).await;
            assert!(!deadline.is_over());
        });
    }

    #[test]
    fn deadline_wakes_a_caller_on_another_runtime() {
        let own = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let queue = DeadlineQueue::new(Duration::from_millis(20), own.handle());
        let callers = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        callers.block_on(async { fired(&queue.start()).await });
    }
}
