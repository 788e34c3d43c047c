//! How many bodies may run at once while the cache can't spare the database.

use crate::flight;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies that may run at once while the shared store is out of reach, unless the builder says otherwise.
pub(crate) const DEFAULT_LOADS: usize = 64;

/// Limits loads when the shared store fails, so that its outage doesn't become the database's.
#[derive(Clone, Debug)]
pub(crate) struct LoadLimit(Arc<Semaphore>);

impl LoadLimit {
    pub(crate) fn new(loads: usize) -> Self {
        Self(Arc::new(Semaphore::new(loads.max(1))))
    }

    /// Waits for a place. A load inside a load has one already: taking two could leave everybody waiting for the second.
    pub(crate) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if flight::is_nested() {
            return None;
        }
        // The semaphore is never closed.
        self.0.clone().acquire_owned().await.ok()
    }
}
