//! How many bodies may run at once while the cache can't spare the database.

use std::{future::Future, sync::Arc};
use tokio::sync::Semaphore;

/// Bodies that may run at once while the shared store is out of reach, unless the builder says otherwise.
pub(crate) const DEFAULT_LOADS: usize = 64;

tokio::task_local! {
    static PLACE: ();
}

/// Limits loads when the shared store fails, so that its outage doesn't become the database's.
#[derive(Clone, Debug)]
pub(crate) struct LoadLimit(Arc<Semaphore>);

impl LoadLimit {
    pub(crate) fn new(loads: usize) -> Self {
        Self(Arc::new(Semaphore::new(loads.max(1))))
    }

    /// Runs a body in a place. A load inside a load that has one takes no second: everybody could end up waiting for theirs.
    pub(crate) async fn run<F: Future>(&self, body: F) -> F::Output {
        if has_place() {
            return body.await;
        }
        // The semaphore is never closed.
        let _place = self.0.acquire().await.ok();
        PLACE.scope((), body).await
    }
}

/// Whether the current task has a place. Then it must not wait for one that has still to get one.
pub(crate) fn has_place() -> bool {
    PLACE.try_with(|()| ()).is_ok()
}
