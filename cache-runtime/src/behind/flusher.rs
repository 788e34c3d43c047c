//! Who writes out what was acknowledged, when, and what happens when the database doesn't take it.

use super::{
    Pending,
    failure::{Failure, FailureKind},
    queue::State,
};
use crate::cache::Inner;
use futures_util::FutureExt;
use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};
use tokio::time::Instant;
use tracing::Instrument;

const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);

tokio::task_local! {
    static FLUSHING: ();
}

/// Whether the current task is a batch function or a deferred body: then what is pending must not be waited for.
pub(super) fn is_flushing() -> bool {
    FLUSHING.try_with(|()| ()).is_ok()
}

/// The functions whose last flush failed, and how long each is left alone.
pub(crate) type Failing = HashMap<usize, BackOff>;

pub(crate) struct BackOff {
    failures: u32,
    until: Instant,
}

impl BackOff {
    fn again(failing: &mut Failing, function: usize) {
        let failures = failing.get(&function).map_or(0, |back_off| back_off.failures).saturating_add(1);
        let longest = FIRST_BACK_OFF.saturating_mul(1 << (failures - 1).min(16)).min(LONGEST_BACK_OFF);
        let until = Instant::now() + longest.mul_f64(0.5 + fastrand::f64() / 2.0);
        failing.insert(function, Self { failures, until });
    }
}

impl State {
    /// Flushes until nothing is pending.
    pub(super) async fn run(self: Arc<Self>, inner: Weak<Inner>) {
        let mut pause = self.options.flush_every;
        loop {
            // Either enough time has passed for others to be flushed along, or somebody waits.
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.hurry.notified() => {}
            }
            pause = self.flush_once(&inner).await;
            let mut flusher = self.flusher();
            if self.queue.len() == 0 {
                *flusher = None;
                return;
            }
        }
    }

    /// Writes one batch of every function that isn't left alone; returns how long to wait unless somebody is in a hurry.
    async fn flush_once(&self, inner: &Weak<Inner>) -> Duration {
        // Held over the database's work on purpose: two flushes at once could write one key out of order.
        let mut failing = self.failing.lock().await;
        let mut more = false;
        for function in self.queue.functions() {
            if failing.get(&function).is_some_and(|back_off| back_off.until > Instant::now()) {
                continue;
            }
            let batch = self.queue.next(function, self.options.batch);
            more |= batch.len() == self.options.batch;
            if self.write(inner, batch).await {
                failing.remove(&function);
            } else {
                BackOff::again(&mut failing, function);
            }
        }
        if more {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let retry = failing.values().map(|back_off| back_off.until.saturating_duration_since(now)).min();
        retry.unwrap_or(self.options.flush_every).min(self.options.flush_every)
    }

    /// Writes one batch of one function, looking for the writes at fault when it fails; `false` when it should be tried again later.
    async fn write(&self, inner: &Weak<Inner>, batch: Vec<Pending>) -> bool {
        let Some(handler) = batch.last().map(|latest| latest.handler.clone()) else {
            return true;
        };
        let mut written = Vec::new();
        let mut refused: Vec<(Pending, Failure)> = Vec::new();
        let mut later = false;
        let mut open = vec![batch];
        while let Some(mut batch) = open.pop() {
            let span = tracing::debug_span!(
                "cache.flush",
                function = batch.first().map_or("", |write| write.spec.function),
                writes = batch.len(),
            );
            let flushed = FLUSHING.scope((), async { handler(&batch).await }.instrument(span));
            let flushed =
                AssertUnwindSafe(flushed).catch_unwind().await.unwrap_or_else(|_| Err(Failure::panicked()));
            match flushed {
                Ok(()) => {
                    self.settle(inner, &batch).await;
                    written.extend(batch);
                }
                Err(failure) if failure.kind == FailureKind::Transient => {
                    tracing::warn!(error = %failure.message, writes = batch.len(), "a flush failed and will be repeated");
                    later = true;
                }
                Err(failure) if batch.len() == 1 => refused.extend(batch.pop().map(|write| (write, failure))),
                Err(_) => {
                    let second = batch.split_off(batch.len() / 2);
                    open.push(second);
                    open.push(batch);
                }
            }
        }
        // An error that doesn't tell whose fault it is counts against a write only while others pass.
        let (guilty, doubtful): (Vec<_>, Vec<_>) = refused
            .into_iter()
            .partition(|(_, failure)| failure.kind == FailureKind::Permanent || !written.is_empty());
        later |= !doubtful.is_empty();
        self.queue.failed(&guilty.iter().map(|(write, _)| write.clone()).collect::<Vec<_>>());
        for (mut write, failure) in guilty {
            write.attempts += 1;
            if write.attempts < self.options.attempts {
                later = true;
            } else {
                self.give_up(inner, write, failure).await;
            }
        }
        !later
    }

    /// The database has these.
    async fn settle(&self, inner: &Weak<Inner>, written: &[Pending]) {
        if let Some(inner) = inner.upgrade() {
            for write in written {
                write.after_flush(&inner).await;
            }
        }
        self.queue.done(written);
        self.progress.notify_waiters();
    }

    /// Takes a write out of the queue; it is a dead letter from now on.
    pub(super) async fn bury(&self, inner: &Weak<Inner>, write: Pending, error: String) {
        self.queue.bury(write.clone(), error);
        self.buried.fetch_add(1, Ordering::AcqRel);
        if let Some(inner) = inner.upgrade() {
            write.after_burial(&inner).await;
        }
        self.progress.notify_waiters();
    }

    async fn give_up(&self, inner: &Weak<Inner>, write: Pending, failure: Failure) {
        tracing::error!(
            function = write.spec.function,
            attempts = write.attempts,
            error = %failure.message,
            "an acknowledged write was given up; it is a dead letter"
        );
        self.bury(inner, write, failure.message).await;
    }
}
