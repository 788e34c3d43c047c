//! When the flusher of this process runs, what it is handed, and how it ends.

use super::{
    accept::ROOM,
    deferred::{Handler, Served},
    flusher::Flushing,
    state::{Behind, PAUSE, State},
    waiting::WaitingFunction,
};
use crate::{cache::Inner, spec::Spec, store::Token};
use std::{
    collections::HashMap,
    sync::{Arc, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};
use tokio::{runtime::Handle, task::JoinHandle, time::Instant};

#[derive(Default)]
pub(super) struct Flusher {
    pub(super) handlers: HashMap<Arc<str>, Arc<Handler>>,
    task: Option<JoinHandle<()>>,
    /// Somebody has wanted it since it looked at the queue last: what it saw may be out of date.
    wanted: bool,
    /// Until then the queue may accept a write whose caller has left, or got no answer.
    pub(super) open_until: Option<Instant>,
    /// Flushers that the application has spawned: while there are any, the handlers stay.
    pub(super) spawned: usize,
}

/// Keeps the handler of a call until its write is in the queue.
pub(super) struct Serving(Arc<State>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.entering.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Behind {
    /// Sees to it that somebody flushes the function that is called.
    pub(super) fn serve(
        &self,
        inner: &Arc<Inner>,
        spec: &'static Spec,
        handler: impl FnOnce() -> Handler,
    ) -> Option<Serving> {
        let state = self.state()?;
        state.entering.fetch_add(1, Ordering::AcqRel);
        let serving = Serving(state.clone());
        state.inner.get_or_init(|| Arc::downgrade(inner));
        if state.options.flush_here {
            let name = spec.queued_as();
            let mut flusher = state.flusher();
            if !flusher.handlers.contains_key(name) {
                flusher.handlers.insert(name.clone(), Arc::new(handler().telling(&state.failures)));
            }
        }
        Some(serving)
    }

    /// Serves these functions until the guard is dropped.
    pub(super) fn spawn(&self, inner: &Arc<Inner>, served: Served) -> Option<Arc<State>> {
        let state = self.state()?;
        state.inner.get_or_init(|| Arc::downgrade(inner));
        {
            let mut flusher = state.flusher();
            flusher.spawned += 1;
            for handler in served.0 {
                let name = handler.spec.queued_as().clone();
                flusher.handlers.insert(name, Arc::new(handler.telling(&state.failures)));
            }
        }
        state.ensure();
        state.hurry.notify_one();
        Some(state.clone())
    }

    /// Takes no more writes, flushes for the drain time, and returns how many writes are left, and of which functions that nobody here serves.
    pub(crate) async fn shutdown(&self) -> (usize, Vec<WaitingFunction>) {
        let Some(state) = self.state() else { return (0, Vec::new()) };
        state.closed.store(true, Ordering::Release);
        // The writes that are left are counted below, whether time ran out or they were given up. Nobody waits for others here.
        let _ = tokio::time::timeout(state.options.drain, state.flush_all(Duration::ZERO)).await;
        let left = state.count().await.unwrap_or_else(|_| state.pending.load(Ordering::Acquire));
        let unserved = match left {
            0 => None,
            _ => tokio::time::timeout(ROOM, state.unserved()).await.ok().and_then(Result::ok),
        };
        let unserved = unserved.unwrap_or_default().into_iter().map(|one| state.described(one));
        let unserved: Vec<_> = unserved.collect();
        state.end().await;
        let private = state.options.is_private();
        let others: u64 = unserved.iter().map(|one| one.writes).sum();
        for WaitingFunction { function, writes, .. } in unserved.iter().filter(|_| !private) {
            if state.options.flush_here {
                tracing::warn!(%function, writes, "acknowledged writes wait for a function that this process doesn't serve");
            } else {
                tracing::info!(%function, writes, "acknowledged writes are left to other processes");
            }
        }
        let left = if private { left } else { left.saturating_sub(others) };
        if left > 0 {
            tracing::error!(
                left,
                safe = !private,
                "acknowledged writes did not reach the database before shutdown"
            );
        }
        (usize::try_from(left).unwrap_or(usize::MAX), unserved)
    }
}

impl State {
    /// Starts the flusher unless it runs; on the caller's runtime, because the database's connections live there.
    pub(super) fn ensure(self: &Arc<Self>) {
        let mut flusher = self.flusher();
        flusher.wanted = true;
        let runs = flusher.task.as_ref().is_some_and(|task| !task.is_finished());
        if runs || flusher.handlers.is_empty() {
            return;
        }
        // Outside of a runtime the next flush or write starts it.
        if let Ok(runtime) = Handle::try_current() {
            flusher.task = Some(runtime.spawn(Flushing::new(self.clone()).run()));
        }
    }

    /// The flusher is about to look at the queue: who wants something from here on may not be seen by it.
    pub(super) fn looks(&self) {
        self.unseen.store(0, Ordering::Release);
        self.flusher().wanted = false;
    }

    /// Names a flusher that begins.
    pub(super) fn new_holder(&self) -> Token {
        let holder = Token::random();
        *self.holder.lock().unwrap_or_else(PoisonError::into_inner) = Some(holder);
        holder
    }

    /// In whose name the flusher holds claims, while it runs.
    pub(super) fn holding(&self) -> Option<Token> {
        let runs = self.flusher().task.as_ref().is_some_and(|task| !task.is_finished());
        let holder = *self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        holder.filter(|_| runs)
    }

    /// The flusher has nothing left to do: forgets what it was handed, unless somebody still wants it.
    pub(super) fn rest(&self) -> bool {
        let mut flusher = self.flusher();
        let open = flusher.open_until.is_some_and(|until| until > Instant::now());
        if open || flusher.wanted || flusher.spawned > 0 || self.entering.load(Ordering::Acquire) > 0 {
            return false;
        }
        flusher.handlers.clear();
        flusher.task = None;
        true
    }

    /// One flusher that the application has spawned ends.
    pub(super) fn leave(&self) {
        let mut flusher = self.flusher();
        flusher.spawned = flusher.spawned.saturating_sub(1);
        self.hurry.notify_one();
    }

    /// Ends the flusher at once, between two batches, forgets what it was handed, and gives its claims back.
    async fn end(&self) {
        let task = {
            let mut flusher = self.flusher();
            flusher.handlers.clear();
            flusher.task.take()
        };
        if let Some(task) = task {
            let paused = tokio::time::timeout(PAUSE, self.flushing.write()).await;
            task.abort();
            drop(paused);
            // It panicked, or was aborted: either way it holds nothing any more.
            let _ = task.await;
        }
        let holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(holder) = holder
            && !matches!(tokio::time::timeout(ROOM, self.queue().yield_claims(holder)).await, Ok(Ok(())))
        {
            tracing::debug!("the claims could not be given back, and end by themselves");
        }
    }

    pub(super) fn flusher(&self) -> MutexGuard<'_, Flusher> {
        // Maps are whole whatever panicked beside them.
        self.flusher.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Queue,
        behind::accept::{ARRIVAL, Offering},
    };

    fn state() -> Arc<State> {
        let behind = Behind::new(Some(Queue::memory()), "resting", None);
        behind.state().expect("it has a queue").clone()
    }

    #[test]
    fn flusher_that_is_wanted_since_it_looked_does_not_rest() {
        let state = state();
        state.looks();
        state.ensure();
        assert!(!state.rest(), "what it saw may be out of date");
        state.looks();
        assert!(state.rest());
    }

    #[tokio::test(start_paused = true)]
    async fn flusher_waits_for_a_write_that_nobody_waits_for_any_more() {
        let state = state();
        drop(Offering { state: &state, answered: true });
        assert!(state.rest());
        drop(Offering { state: &state, answered: false });
        state.looks();
        assert!(!state.rest(), "it may still arrive");
        tokio::time::advance(ARRIVAL).await;
        assert!(state.rest());
    }

    #[test]
    fn every_flusher_has_a_name_of_its_own() {
        let state = state();
        assert_ne!(state.new_holder(), state.new_holder());
    }
}
