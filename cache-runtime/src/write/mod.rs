//! What happens when a writer is called.
//!
//! The body is the database write. What it makes outdated is dropped after it and before the call returns, by a tail that goes on when the
//! caller leaves. A body that is dropped half-way, or fails in a way that leaves its outcome open, may still commit: its keys are
//! dropped and nothing is stored under them for a while. At level strict it is also announced in the shared store before the body begins.

mod calls;
mod fenced;
mod guard;
mod intent;
mod tail;

use crate::{
    Cache, Cacheable,
    cache::{Function, Inner},
    edge::{Edge, Effects},
    flight::{WriteEnd, WriteSeat},
    key::{Key, KeyBuilder, KeyId},
    l1::{GroupStamp, L1Entry},
    observe::Counter,
    spec::Spec,
    store::{Kept, Version},
    terms::Terms,
    value::{BatchShape, Keys, Outcome, Shape},
};
pub use fenced::{invalidating_fenced, write_each_fenced, write_through_fenced, write_value_fenced};
use guard::Writing;
pub(crate) use guard::invalidate;
pub(crate) use guard::is_over;
use intent::Intent;
use std::{future::Future, sync::Arc};
pub(crate) use tail::Tail;

/// The writer's own key, as something to drop.
pub fn own_key(spec: &'static Spec, key: KeyBuilder) -> Edge {
    Edge::key(spec, key)
}

/// Runs a write and keeps the value it returns: in this process if there is no other, in the shared store if the write was announced there and no other overlapped it.
///
/// When the body fails or is dropped the entry is gone.
pub async fn write_through<S, T, F, G>(
    slot: S,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: T,
    effects: Effects,
    body: F,
    on_result: G,
) -> S::Return
where
    S: Shape,
    S::Error: 'static,
    T: Terms<S::Value>,
    F: Future<Output = S::Return>,
    G: FnOnce(&S::Inner, &mut Effects),
{
    calls::through(slot, cache, spec, key, terms, effects, Box::pin(body), on_result, None).await
}

/// As [`write_through`], for a function that names its value instead of returning it.
pub async fn write_value<S, V, T, F, G>(
    slot: S,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: T,
    value: V,
    effects: Effects,
    body: F,
    on_result: G,
) -> S::Return
where
    S: Outcome,
    S::Error: 'static,
    V: Cacheable,
    T: Terms<V>,
    F: Future<Output = S::Return>,
    G: FnOnce(&S::Inner, &mut Effects),
{
    calls::named(slot, cache, spec, key, terms, value, effects, Box::pin(body), on_result, None).await
}

/// As [`write_through`], for many keys in one write.
pub async fn write_each<S, I, T, F, G>(
    slot: S,
    cache: &Cache,
    spec: &'static Spec,
    key_of: impl Fn(&mut KeyBuilder, &I),
    elements: Vec<I>,
    terms: T,
    effects: Effects,
    body: F,
    on_result: G,
) -> S::Return
where
    S: BatchShape,
    S::Id: Keys<I>,
    S::Error: 'static,
    T: Terms<S::Value>,
    F: Future<Output = S::Return>,
    G: FnOnce(&S::Inner, &mut Effects),
{
    calls::each(slot, cache, spec, key_of, elements, terms, effects, Box::pin(body), on_result, None).await
}

/// Runs a write and drops what it makes outdated: `write_around` and `#[invalidates]`.
pub async fn invalidating<S, F, G>(
    slot: S,
    cache: &Cache,
    spec: &'static Spec,
    effects: Effects,
    body: F,
    on_result: G,
) -> S::Return
where
    S: Outcome,
    S::Error: 'static,
    F: Future<Output = S::Return>,
    G: FnOnce(&S::Inner, &mut Effects),
{
    calls::dropping(slot, cache, spec, effects, Box::pin(body), on_result, None).await
}

/// Runs the write of a write-behind function that may not wait, and drops the entry.
pub(crate) async fn at_once<S, F>(
    inner: &Arc<Inner>,
    function: &Function,
    key: Key,
    effects: Effects,
    body: F,
) -> S::Return
where
    S: Outcome,
    S::Error: 'static,
    F: Future<Output = S::Return>,
{
    function.counters.add(Counter::Bypass);
    let mut writing = Writing::begin(inner, function, effects).await;
    writing.own(key, function.spec).await;
    let returned = writing.run::<S, _>(body, None).await;
    writing.end::<S>(&returned).await;
    returned
}

/// Runs any write that makes one entry outdated, and drops the entry.
pub(crate) async fn around<T>(
    cache: &Cache,
    spec: &'static Spec,
    edge: Edge,
    body: impl Future<Output = T>,
) -> T {
    let inner = &cache.0;
    let Some(function) = inner.known_function(spec).filter(|_| inner.enabled) else {
        return body.await;
    };
    let mut effects = Effects::new();
    effects.push(edge);
    let mut writing = Writing::begin(inner, function, effects).await;
    let returned = writing.plain(body).await;
    writing.over().await;
    returned
}

/// Accepts a write into a queue beside the shared store: to that it is a direct write, announced and dropped like any other.
pub(crate) async fn queued<T, E>(
    inner: &Arc<Inner>,
    spec: &'static Spec,
    edge: Edge,
    accept: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let Some(function) = inner.known_function(spec) else { return accept.await };
    let mut effects = Effects::new();
    effects.push(edge);
    let mut writing = Writing::undrained(inner, function, effects);
    let accepted = writing.plain(accept).await;
    if accepted.is_ok() { writing.over().await } else { drop(writing) }
    accepted
}

/// Drops one key, here and in the shared store.
pub(crate) async fn drop_key(inner: &Inner, edge: Edge) {
    if let Some(remote) = &inner.remote {
        let (shared, target) = (remote.shared.clone(), edge.target());
        // The cache repeats what can't be sent now.
        let _ = remote.background.spawn(async move { shared.invalidate(vec![target], None).await }).await;
    }
    invalidate(inner, &edge, WriteEnd::Committed);
}

/// One key that a write owns until it ends.
struct Held {
    id: KeyId,
    edge: Edge,
    seat: WriteSeat,
    groups: Option<Arc<[GroupStamp]>>,
    /// What this process keeps.
    kept: Option<L1Entry>,
    /// What the shared store is to keep.
    stored: Option<Kept>,
    /// The row's version after the write.
    version: Option<Version>,
}
