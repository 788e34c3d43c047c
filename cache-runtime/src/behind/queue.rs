//! The write-behind side of a cache: accepting writes, waiting for them, ending.

use super::{DeadLetter, Pending, Put, Queue, WriteQueue, flusher, memory::MemoryQueue};
use crate::{Error, Result, cache::Inner, error::ErrorKind, key::KeyId};
use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{runtime::Handle, sync::Notify};

/// How long a writer waits for room.
const ROOM: Duration = Duration::from_secs(1);
/// How long a direct write waits for what was acknowledged for its key before.
const DRAIN: Duration = Duration::from_secs(5);
/// How long it then waits for a flush under way.
const PAUSE: Duration = Duration::from_secs(1);

/// While it lives nothing is flushed.
pub(crate) type Paused = tokio::sync::OwnedMutexGuard<flusher::Failing>;

/// The write-behind side of a cache.
#[derive(Clone)]
pub(crate) struct Behind(Option<Arc<State>>);

pub(super) struct State {
    pub(super) queue: Box<dyn WriteQueue>,
    pub(super) options: Queue,
    /// The cache, once a write was accepted.
    inner: OnceLock<Weak<Inner>>,
    /// The flusher's task while something is pending: what is pending holds repositories, and those hold the cache.
    flusher: Mutex<Option<tokio::task::JoinHandle<()>>>,
    /// Also keeps flushes apart: order per key.
    pub(super) failing: Arc<tokio::sync::Mutex<flusher::Failing>>,
    versions: AtomicU64,
    /// Set under the lock of `flusher`.
    closed: AtomicBool,
    /// A flush is wanted now.
    pub(super) hurry: Notify,
    /// Writes have left the queue.
    pub(super) progress: Notify,
    pub(super) buried: AtomicU64,
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
                inner: OnceLock::new(),
                flusher: Mutex::default(),
                failing: Arc::default(),
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

    /// How long a shutdown may take.
    pub(crate) fn drain_time(&self) -> Duration {
        self.0.as_ref().map_or(Queue::memory().drain, |state| state.options.drain)
    }

    /// The acknowledged value of a key that the database doesn't have yet.
    pub(crate) fn pending<V: Send + Sync + 'static>(&self, id: KeyId) -> Option<Arc<V>> {
        self.0.as_ref()?.queue.value(id)?.downcast().ok()
    }

    /// Whether the database doesn't have the latest write to a key yet.
    pub(crate) fn is_pending(&self, id: KeyId) -> bool {
        self.0.as_ref().is_some_and(|state| state.queue.value(id).is_some())
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
            write.version = state.versions.fetch_add(1, Ordering::AcqRel);
            write.since = write.version;
            let room = state.progress.notified();
            match state.accept(inner, write, &visible) {
                Ok(put) => return Ok(put),
                Err(Refused::Closed) => {
                    return Err(Error::new(
                        ErrorKind::Closed,
                        "the cache was shut down and takes no more writes",
                    ));
                }
                Err(Refused::Full(refused)) => write = refused,
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

    /// Writes out what was acknowledged for a key so far; returns the latest write that the database did not take in time.
    pub(crate) async fn drain(&self, id: KeyId) -> Option<u64> {
        let state = self.0.as_ref()?;
        let version = state.queue.version(id)?;
        if flusher::is_flushing() {
            return None;
        }
        let drained = state.wait_until(|queue| !queue.waits_for(id, version));
        tokio::time::timeout(DRAIN, drained).await.is_err().then_some(version)
    }

    /// The latest write to a key that waits.
    pub(crate) fn waiting(&self, id: KeyId) -> Option<u64> {
        self.0.as_ref()?.queue.version(id)
    }

    /// Lets nothing be flushed while the guard lives; `None` if a flush under way doesn't end in time.
    pub(crate) async fn pause(&self) -> Option<Paused> {
        let flushing = self.0.as_ref()?.failing.clone();
        tokio::time::timeout(PAUSE, flushing.lock_owned()).await.ok()
    }

    /// A direct write to the key has committed. What was acknowledged before it, up to this version, and did not reach the database becomes a
    /// dead letter: written later, it would undo the direct write. To be called while flushes are paused.
    pub(crate) async fn overtaken(&self, inner: &Arc<Inner>, id: KeyId, version: u64) {
        let Some(state) = &self.0 else {
            return;
        };
        for write in state.queue.waiting_for(id).into_iter().filter(|write| write.version <= version) {
            tracing::error!(
                function = write.spec.function,
                "an acknowledged write was overtaken by a direct write to its key; it is a dead letter"
            );
            state
                .bury(&Arc::downgrade(inner), write, "a direct write to the key overtook it".to_owned())
                .await;
        }
    }

    /// A direct write to the key has committed: dead letters of the key are older.
    pub(crate) fn supersede(&self, id: KeyId) {
        if let Some(state) = &self.0 {
            state.queue.supersede(id);
        }
    }

    /// Takes no more writes, flushes for the drain time, and returns how many writes are left.
    pub(crate) async fn shutdown(&self) -> usize {
        let Some(state) = &self.0 else {
            return 0;
        };
        {
            let _no_write_is_being_accepted = state.flusher();
            state.closed.store(true, Ordering::Release);
        }
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

    /// Queues the dead letters again that no newer write has superseded, as far as there is room; returns them.
    pub(crate) fn replay(&self) -> Vec<Pending> {
        let Some(state) = &self.0 else {
            return Vec::new();
        };
        let mut flusher = state.flusher();
        let revived = state.queue.revive(&mut || state.versions.fetch_add(1, Ordering::AcqRel));
        state.ensure(&mut flusher);
        revived
    }

    /// Forgets the dead letters.
    pub(crate) fn discard(&self) -> usize {
        self.0.as_ref().map_or(0, |state| state.queue.discard())
    }
}

enum Refused {
    Closed,
    Full(Box<Pending>),
}

impl State {
    /// Queues a write and sees to it that somebody will flush it.
    fn accept(
        self: &Arc<Self>,
        inner: &Arc<Inner>,
        write: Box<Pending>,
        visible: &impl Fn(&Pending),
    ) -> Result<Put, Refused> {
        // Held over all of it, so that the flusher can't leave and the cache can't be shut down in between.
        let mut flusher = self.flusher();
        if self.closed.load(Ordering::Acquire) {
            return Err(Refused::Closed);
        }
        self.inner.get_or_init(|| Arc::downgrade(inner));
        let seen = write.clone();
        let put = self.queue.put(write).map_err(Refused::Full)?;
        visible(&seen);
        self.ensure(&mut flusher);
        drop(flusher);
        if self.queue.len() >= self.options.batch {
            self.hurry.notify_one();
        }
        Ok(put)
    }

    /// Starts the flusher unless it runs; on the caller's runtime, because the database's connections live there.
    fn ensure(self: &Arc<Self>, flusher: &mut Option<tokio::task::JoinHandle<()>>) {
        let runs = flusher.as_ref().is_some_and(|task| !task.is_finished());
        if runs || self.queue.len() == 0 {
            return;
        }
        // Outside of a runtime the next flush or write starts it.
        if let (Ok(runtime), Some(inner)) = (Handle::try_current(), self.inner.get()) {
            *flusher = Some(runtime.spawn(self.clone().run(inner.clone())));
        }
    }

    pub(super) fn flusher(&self) -> MutexGuard<'_, Option<tokio::task::JoinHandle<()>>> {
        self.flusher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hurries the flusher until the queue is as wanted.
    async fn wait_until(self: &Arc<Self>, reached: impl Fn(&dyn WriteQueue) -> bool) {
        loop {
            let progress = self.progress.notified();
            if reached(&*self.queue) {
                return;
            }
            self.ensure(&mut self.flusher());
            self.hurry.notify_one();
            // Looks again now and then: the runtime that the flusher runs on may end at any time.
            let _ = tokio::time::timeout(self.options.flush_every, progress).await;
        }
    }
}
