//! Who writes out what was acknowledged, when, and what happens when the database doesn't take it.

use super::{
    DeadLetter, Pending, Put, Queue, WriteQueue,
    failure::{Failure, FailureKind},
    memory::MemoryQueue,
};
use crate::{Error, Result, cache::Inner, error::ErrorKind, key::KeyId};
use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;
use tracing::Instrument;

const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);
/// How long a writer waits for room.
const ROOM: Duration = Duration::from_secs(1);

/// The write-behind side of a cache.
#[derive(Clone)]
pub(crate) struct Behind(Option<Arc<State>>);

struct State {
    queue: Box<dyn WriteQueue>,
    options: Queue,
    /// The flusher's task while something is pending: what is pending holds repositories, and those hold the cache.
    flusher: Mutex<Option<tokio::task::JoinHandle<()>>>,
    /// One flush at a time: order per key.
    flushing: tokio::sync::Mutex<u32>,
    versions: AtomicU64,
    closed: AtomicBool,
    /// A flush is wanted now.
    hurry: Notify,
    /// Writes have left the queue.
    progress: Notify,
    buried: AtomicU64,
}

impl fmt::Debug for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Behind").field(&self.0.as_ref().map(|state| &state.queue)).finish()
    }
}

impl Behind {
    pub(crate) fn new(options: Option<Queue>) -> Self {
        Self(options.map(|options| {
            Arc::new(State {
                queue: Box::new(MemoryQueue::new(options.max_pending)),
                options,
                flusher: Mutex::default(),
                flushing: tokio::sync::Mutex::new(0),
                versions: AtomicU64::new(1),
                closed: AtomicBool::new(false),
                hurry: Notify::new(),
                progress: Notify::new(),
                buried: AtomicU64::new(0),
            })
        }))
    }

    pub(crate) fn pending_count(&self) -> usize {
        self.0.as_ref().map_or(0, |state| state.queue.len())
    }

    /// The acknowledged value of a key that the database doesn't have yet.
    pub(crate) fn pending<V: Send + Sync + 'static>(&self, id: KeyId) -> Option<Arc<V>> {
        self.0.as_ref()?.queue.value(id)?.downcast().ok()
    }

    /// Accepts a write. When it returns, readers of this process see the value.
    pub(super) async fn accept(
        &self,
        inner: &Arc<Inner>,
        write: Pending,
        visible: impl Fn(&Pending),
    ) -> Result<Put> {
        let Some(state) = &self.0 else {
            return Err(Error::new(
                ErrorKind::NoQueue,
                format!(
                    "`{}` is write_behind and the cache has no queue: name one, such as \
                     `Cache::builder().write_behind(Queue::memory())`, which loses what is not flushed when the process is killed",
                    write.spec.function
                ),
            ));
        };
        let mut write = Box::new(write);
        let deadline = tokio::time::Instant::now() + ROOM;
        loop {
            if state.closed.load(Ordering::Acquire) {
                return Err(Error::new(
                    ErrorKind::Closed,
                    "the cache was shut down and takes no more writes",
                ));
            }
            write.version = state.versions.fetch_add(1, Ordering::AcqRel);
            let room = state.progress.notified();
            match state.accept(inner, write, &visible) {
                Ok(put) => return Ok(put),
                Err(refused) => write = refused,
            }
            state.hurry.notify_one();
            if tokio::time::timeout_at(deadline, room).await.is_err() {
                return Err(Error::new(
                    ErrorKind::QueueFull,
                    format!("{} writes are pending, as many as the queue takes", state.options.max_pending),
                ));
            }
        }
    }

    /// Writes out everything acknowledged so far.
    pub(crate) async fn flush(&self) -> Result<()> {
        let Some(state) = &self.0 else {
            return Ok(());
        };
        let buried = state.buried.load(Ordering::Acquire);
        let last = state.versions.load(Ordering::Acquire);
        state.wait_until(|queue| !queue.waits_up_to(last)).await;
        match state.buried.load(Ordering::Acquire) - buried {
            0 => Ok(()),
            lost => Err(Error::new(
                ErrorKind::Flush,
                format!("{lost} writes were given up; see `Cache::dead_letters`"),
            )),
        }
    }

    /// Writes out one key, if it is pending.
    pub(crate) async fn drain(&self, id: KeyId) {
        if let Some(state) = &self.0 {
            state.wait_until(|queue| queue.value(id).is_none()).await;
        }
    }

    /// Takes no more writes, flushes for the drain time, and returns how many writes are left.
    pub(crate) async fn shutdown(&self) -> usize {
        let Some(state) = &self.0 else {
            return 0;
        };
        state.closed.store(true, Ordering::Release);
        // The writes that are left are counted below, whether time ran out or they were given up.
        let _ = tokio::time::timeout(state.options.drain, self.flush()).await;
        let left = state.queue.len();
        if left > 0 {
            tracing::error!(left, "acknowledged writes did not reach the database before shutdown");
        }
        left
    }

    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        let dead = self.0.as_ref().map(|state| state.queue.dead()).unwrap_or_default();
        dead.into_iter()
            .map(|(write, error)| DeadLetter {
                function: write.spec.function,
                key: write.key.as_str().to_owned(),
                error,
                attempts: write.attempts,
            })
            .collect()
    }

    /// Queues the dead letters again, except where a newer write waits.
    pub(crate) fn replay(&self, inner: &Arc<Inner>) -> usize {
        let Some(state) = &self.0 else {
            return 0;
        };
        let mut replayed = 0;
        for mut write in state.queue.exhume() {
            write.attempts = 0;
            if state.queue.value(write.id).is_none() && state.accept(inner, Box::new(write), &|_| ()).is_ok()
            {
                replayed += 1;
            }
        }
        replayed
    }

    /// Forgets the dead letters.
    pub(crate) fn discard(&self) -> usize {
        self.0.as_ref().map_or(0, |state| state.queue.exhume().len())
    }
}

impl State {
    /// Queues a write and sees to it that somebody will flush it.
    fn accept(
        self: &Arc<Self>,
        inner: &Arc<Inner>,
        write: Box<Pending>,
        visible: &impl Fn(&Pending),
    ) -> Result<Put, Box<Pending>> {
        // Held over both, so that the flusher can't leave in between.
        let mut flusher = self.flusher();
        let seen = write.clone();
        let put = self.queue.put(write)?;
        visible(&seen);
        if flusher.as_ref().is_none_or(tokio::task::JoinHandle::is_finished) {
            // On the caller's runtime: the database's connections live there.
            let (state, inner) = (self.clone(), Arc::downgrade(inner));
            *flusher = Some(tokio::spawn(async move { state.run(inner).await }));
        }
        drop(flusher);
        if self.queue.len() >= self.options.batch {
            self.hurry.notify_one();
        }
        Ok(put)
    }

    fn flusher(&self) -> MutexGuard<'_, Option<tokio::task::JoinHandle<()>>> {
        self.flusher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hurries the flusher until the queue is as wanted.
    async fn wait_until(&self, reached: impl Fn(&dyn WriteQueue) -> bool) {
        loop {
            let progress = self.progress.notified();
            if reached(&*self.queue) {
                return;
            }
            self.hurry.notify_one();
            progress.await;
        }
    }

    /// Flushes until nothing is pending.
    async fn run(self: Arc<Self>, inner: Weak<Inner>) {
        let mut next = Next::After(self.options.flush_every);
        loop {
            match next {
                // Either enough time has passed for others to be flushed along, or somebody waits.
                Next::After(pause) => tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = self.hurry.notified() => {}
                },
                // However much somebody waits: the database has just failed.
                Next::BackOff(pause) => tokio::time::sleep(pause).await,
            }
            next = self.flush_once(&inner).await;
            self.progress.notify_waiters();
            let mut flusher = self.flusher();
            if self.queue.len() == 0 {
                *flusher = None;
                return;
            }
        }
    }

    /// Writes one batch of every function; returns when to go on.
    async fn flush_once(&self, inner: &Weak<Inner>) -> Next {
        // Held over the database's work on purpose: two flushes at once could write one key out of order.
        let mut failures = self.flushing.lock().await;
        let mut failed = false;
        for _ in 0..self.queue.functions() {
            let batch = self.queue.next(self.options.batch);
            failed |= !self.write(inner, batch).await;
        }
        if failed {
            *failures = failures.saturating_add(1);
            let back_off = FIRST_BACK_OFF.saturating_mul(1 << (*failures - 1).min(16)).min(LONGEST_BACK_OFF);
            return Next::BackOff(back_off.mul_f64(0.5 + fastrand::f64() / 2.0));
        }
        *failures = 0;
        if self.queue.len() >= self.options.batch {
            return Next::After(Duration::ZERO);
        }
        Next::After(self.options.flush_every)
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
            match handler(&batch).instrument(span).await {
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
    }

    async fn give_up(&self, inner: &Weak<Inner>, write: Pending, failure: Failure) {
        tracing::error!(
            function = write.spec.function,
            attempts = write.attempts,
            error = %failure.message,
            "an acknowledged write was given up; it is a dead letter"
        );
        self.queue.bury(write.clone(), failure.message);
        self.buried.fetch_add(1, Ordering::AcqRel);
        if let Some(inner) = inner.upgrade() {
            write.after_burial(&inner).await;
        }
    }
}

/// When the flusher goes on.
enum Next {
    /// After this, or as soon as somebody waits.
    After(Duration),
    /// Not before this.
    BackOff(Duration),
}
