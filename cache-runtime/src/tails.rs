//! Who runs what must go on after the caller has left: fills, invalidations, releases, refreshes.
//!
//! A cache with a shared store owns one thread with a runtime of its own. Its I/O, deadlines and tails live there, so they outlive the
//! caller's future, the caller's runtime, and paused test time.

use crate::session;
use std::{
    fmt,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
};

/// How long dropping the last handle of a cache may wait for its tails.
const DRAIN_ON_DROP: Duration = Duration::from_secs(1);

/// Counts work that nobody waits for, so that `settle` can.
#[derive(Clone, Default)]
pub(crate) struct Tasks(Arc<Count>);

#[derive(Default)]
struct Count {
    active: AtomicUsize,
    idle: Notify,
}

/// One piece of work under way; over when dropped.
pub(crate) struct Running(Arc<Count>);

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").field("active", &self.0.active).finish()
    }
}

impl Tasks {
    pub(crate) fn begin(&self) -> Running {
        self.0.active.fetch_add(1, Ordering::AcqRel);
        Running(self.0.clone())
    }

    pub(crate) async fn idle(&self) {
        loop {
            let notified = self.0.idle.notified();
            if self.0.active.load(Ordering::Acquire) == 0 {
                return;
            }
            notified.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.active.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

/// The cache's own thread.
pub(crate) struct Background {
    handle: Handle,
    tasks: Tasks,
    thread: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").field("tasks", &self.tasks).finish_non_exhaustive()
    }
}

impl Background {
    /// Starts the thread.
    pub(crate) fn start(tasks: Tasks) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let drained = tasks.clone();
        let thread = std::thread::Builder::new().name("cache-background".to_owned()).spawn(move || {
            runtime.block_on(async {
                // Ends when the cache is dropped, whichever way.
                let _ = stopped.await;
                if tokio::time::timeout(DRAIN_ON_DROP, drained.idle()).await.is_err() {
                    tracing::warn!(
                        "a cache was dropped and its last invalidations or fills did not finish in time"
                    );
                }
            });
            // Not waiting for what can't be interrupted, such as a name lookup.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, tasks, thread: Mutex::new(Some((stop, thread))) })
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs work to its end, whatever becomes of the caller; as part of the caller's sessions.
    pub(crate) fn spawn<F>(&self, work: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let (running, work) = (self.tasks.begin(), session::along(work));
        self.handle.spawn(async move {
            let output = work.await;
            drop(running);
            output
        })
    }

    /// Runs work that nobody needs the end of: it stops with the cache.
    pub(crate) fn spawn_service<F>(&self, work: F) -> tokio::task::JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.handle.spawn(work)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = thread {
            let _ = stop.send(());
            // The thread itself may drop the last handle; then it ends by itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}
