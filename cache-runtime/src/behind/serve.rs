//! How an application says which repositories a process flushes for.

use super::{Repository, deferred::Served, state::State};
use crate::Cache;
use std::{fmt, sync::Arc};

/// The functions that this process is to flush, until it is spawned: [`Cache::flusher`].
#[must_use = "nothing is flushed before `spawn`"]
#[derive(Debug)]
pub struct Flusher {
    cache: Cache,
    served: Served,
}

/// A flusher of this process. Dropped, it goes on until nothing is left that was accepted here; [`Cache::shutdown`] ends it.
#[must_use = "it serves until it is dropped: keep it for as long as the process is to flush"]
pub struct RunningFlusher(Option<Arc<State>>);

impl Cache {
    /// Flushes what write-behind functions have acknowledged, whichever process has: after a restart, or in a process of its own.
    ///
    /// A process that calls a write-behind function flushes for that function from then on, for as long as something waits. What a killed process has left is
    /// flushed by whoever serves the function: serve every repository with write-behind functions at the start. Any number of processes may serve
    /// the same ones; each partition is flushed by one at a time.
    ///
    /// ```
    /// # use cache_runtime::{Cache, Queue, repository};
    /// # #[derive(Clone)]
    /// # struct Carts { cache: Cache }
    /// # #[repository(cache = self.cache, ttl = "1h")]
    /// # impl Carts {
    /// #     #[cached(strategy = "write_behind", key = "cart:<id>", value = items, unordered)]
    /// #     async fn put(&self, id: i64, items: u32) -> Result<(), cache_runtime::Error> { Ok(()) }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> cache_runtime::Result<()> {
    /// let cache = Cache::builder().write_behind(Queue::memory()).build().await?;
    /// let carts = Carts { cache: cache.clone() };
    /// let flusher = cache.flusher().serve(carts.clone()).spawn();
    /// // .. serve requests ..
    /// cache.shutdown().await;
    /// # drop(flusher);
    /// # Ok(())
    /// # }
    /// ```
    pub fn flusher(&self) -> Flusher {
        Flusher { cache: self.clone(), served: Served::default() }
    }
}

impl Flusher {
    /// Adds the write-behind functions of a repository.
    pub fn serve(mut self, repository: impl Repository) -> Self {
        repository.hand_over(&mut self.served);
        self
    }

    /// Begins to flush, on the runtime of the caller, and sees at once to what waits already.
    pub fn spawn(self) -> RunningFlusher {
        let Self { cache, served } = self;
        RunningFlusher(cache.0.behind.spawn(&cache.0, served))
    }
}

impl Drop for RunningFlusher {
    fn drop(&mut self) {
        if let Some(state) = &self.0 {
            state.leave();
        }
    }
}

impl fmt::Debug for RunningFlusher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningFlusher").finish_non_exhaustive()
    }
}
