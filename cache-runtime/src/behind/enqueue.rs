//! What happens when a write-behind function is called, and when its write has arrived.

use super::{Flushed, Handler, Pending, Put, failure::Failure};
use crate::{
    Cache,
    cache::Inner,
    clock::Moment,
    codec,
    edge::{Edge, Effects},
    error::Carrying,
    flight::WriteEnd,
    key::{Key, KeyId},
    l1::L1Entry,
    observe::Counter,
    spec::Spec,
    terms::{Lives, Terms},
    value::{AnyArc, Outcome},
    write,
};
use std::{fmt, future::Future, sync::Arc};

/// Acknowledges a write: readers of this process see the value when it returns, and the database gets it later.
///
/// Cancelling it before it returns leaves it open whether the write was accepted.
///
/// # Errors
///
/// When the cache has no queue, the queue is full, or the cache was shut down: nothing was accepted then.
pub async fn enqueue<S, V, T, P, H, F>(
    Carrying(_, carry): Carrying<S, S::Error>,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: T,
    value: V,
    payload: P,
    effects: Effects,
    flush: H,
) -> S::Return
where
    S: Outcome<Inner = ()>,
    S::Return: Send,
    S::Error: fmt::Display + 'static,
    V: crate::Cacheable,
    T: Terms<V>,
    P: Clone + Send + Sync + 'static,
    H: Fn(Vec<P>) -> F + Send + Sync + 'static,
    F: Future<Output = S::Return> + Send + 'static,
{
    let inner = &cache.0;
    if !inner.enabled {
        return flush(vec![payload]).await;
    }
    let function = inner.function_of::<V>(spec);
    if function.conflicting() {
        // Readers that it disagrees with would not see what is pending.
        return write::at_once::<S, _>(inner, function, key, effects, flush(vec![payload])).await;
    }
    let pending = Pending {
        spec,
        id: key.id(spec.family_number()),
        key,
        payload: Arc::new(payload),
        effects,
        handler: handler::<S, P, H, F>(flush),
        weight: codec::estimate(&value),
        lives: Lives::of(spec, &terms, &value),
        value: Arc::new(value),
        version: 0,
        since: 0,
        attempts: 0,
    };
    let accepted = inner.behind.accept(inner, pending, |write| show(inner, write)).await;
    match accepted {
        Ok(put) => {
            function.counters.add(Counter::Enqueued);
            if put == Put::Coalesced {
                function.counters.add(Counter::Coalesced);
            }
            S::ok(())
        }
        Err(error) => S::fail(carry(error)),
    }
}

/// Lets readers of this process see a pending value.
pub(crate) fn show(inner: &Arc<Inner>, write: &Pending) {
    let groups = (!write.key.groups.is_empty()).then(|| {
        write.key.groups.iter().map(|group| inner.groups.stamp(KeyId::of_group(&group.text))).collect()
    });
    let now = inner.clock.now();
    let hard = match write.lives {
        Lives::Forever => Moment::NEVER,
        Lives::For(time) => now.plus(time),
        Lives::Not => now,
    };
    let entry = L1Entry::new(Some(write.value.clone()), hard, write.weight, groups);
    inner.flights.invalidate(write.id, None, || {
        if inner.near.is_exact() {
            inner.l1.insert(write.id, entry);
        } else {
            inner.l1.remove(write.id);
        }
    });
}

fn handler<S, P, H, F>(flush: H) -> Handler
where
    S: Outcome,
    S::Error: fmt::Display + 'static,
    P: Clone + Send + Sync + 'static,
    H: Fn(Vec<P>) -> F + Send + Sync + 'static,
    F: Future<Output = S::Return> + Send + 'static,
    S::Return: Send,
{
    Arc::new(move |batch: &[Pending]| -> Flushed {
        let flushed = flush(batch.iter().filter_map(|write| payload(&write.payload)).collect());
        Box::pin(async move { S::error(&flushed.await).map_or(Ok(()), |error| Err(Failure::of(error))) })
    })
}

fn payload<P: Clone + 'static>(payload: &AnyArc) -> Option<P> {
    payload.downcast_ref::<P>().cloned()
}

impl Pending {
    /// The database has it: drops what that made outdated.
    pub(super) async fn after_flush(&self, inner: &Arc<Inner>) {
        // Loads that began before the database had it read an older row; the entry itself has the value.
        self.settle(inner, Counter::Flushed, || inner.flights.invalidate(self.id, None, || ())).await;
    }

    /// It was given up: readers get what the database has.
    pub(super) async fn after_burial(&self, inner: &Arc<Inner>) {
        let own = || write::invalidate(inner, &self.own_edge(), WriteEnd::Committed);
        self.settle(inner, Counter::DeadLetter, own).await;
    }

    /// Drops the edges, here and in the shared store; a write that was given up may have arrived all the same.
    async fn settle(&self, inner: &Arc<Inner>, counter: Counter, own: impl FnOnce()) {
        self.drop_shared(inner).await;
        own();
        for edge in self.effects.edges() {
            write::invalidate(inner, edge, WriteEnd::Committed);
        }
        if let Some(function) = inner.known_function(self.spec) {
            function.counters.add(counter);
        }
    }

    async fn drop_shared(&self, inner: &Arc<Inner>) {
        let Some(remote) = &inner.remote else {
            return;
        };
        let own = self.own_edge();
        let targets = std::iter::once(&own).chain(self.effects.edges()).map(Edge::target).collect();
        let shared = remote.shared.clone();
        // The cache repeats what can't be sent now.
        let _ = remote.background.spawn(async move { shared.invalidate(targets, None).await }).await;
    }

    fn own_edge(&self) -> Edge {
        Edge::of(self.spec, self.key.clone())
    }
}
