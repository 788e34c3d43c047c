//! What a batch that is being written knows of itself.

use super::deferred::Lane;
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

tokio::task_local! {
    static SCOPE: Arc<Scope>;
}

/// The batch that the current task writes.
#[derive(Debug)]
#[cfg_attr(not(feature = "sqlx"), allow(dead_code))]
pub(crate) struct Scope {
    pub(crate) namespace: Arc<str>,
    lanes: Vec<Lane>,
    fenced: AtomicBool,
    committing: AtomicBool,
}

impl Scope {
    pub(super) fn new(namespace: Arc<str>, lanes: Vec<Lane>) -> Arc<Self> {
        Arc::new(Self {
            namespace,
            lanes,
            fenced: AtomicBool::new(false),
            committing: AtomicBool::new(false),
        })
    }

    /// Of each partition, the epoch of its claim and the number of the batch.
    #[cfg(feature = "sqlx")]
    pub(crate) fn lanes(&self) -> Vec<(crate::store::Partition, u64, u64)> {
        self.lanes.iter().map(|lane| (lane.partition, lane.epoch, lane.number)).collect()
    }

    /// Another flusher has taken over a partition of this batch, and the database knows it.
    #[cfg(feature = "sqlx")]
    pub(crate) fn fence(&self) {
        self.fenced.store(true, Ordering::Release);
    }

    pub(super) fn is_fenced(&self) -> bool {
        self.fenced.load(Ordering::Acquire)
    }

    /// From now on the transaction of this batch may be committed.
    #[cfg(feature = "sqlx")]
    pub(crate) fn commits(&self) {
        self.committing.store(true, Ordering::Release);
    }

    pub(super) fn may_be_committed(&self) -> bool {
        self.committing.load(Ordering::Acquire)
    }

    pub(super) async fn run<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        SCOPE.scope(self, future).await
    }
}

/// The batch that the current task writes, if it writes one.
#[cfg(feature = "sqlx")]
pub(crate) fn current() -> Option<Arc<Scope>> {
    SCOPE.try_with(Arc::clone).ok()
}

/// Whether another flusher has taken over what the current task writes.
pub(super) fn is_fenced() -> bool {
    SCOPE.try_with(|scope| scope.is_fenced()).unwrap_or(false)
}

/// Whether the current task is a batch function or a deferred body: then what is pending must not be waited for.
pub(crate) fn is_flushing() -> bool {
    SCOPE.try_with(|_| ()).is_ok()
}
