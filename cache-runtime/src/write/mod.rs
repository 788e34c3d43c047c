//! What happens when a writer is called.
//!
//! The body is the database write. What it makes outdated is dropped after it and before the call returns, by a tail that goes on when the
//! caller leaves. A body that is dropped half-way, or fails in a way that leaves its outcome open, may still commit: its keys are
//! dropped and nothing is stored under them for a while.

mod fenced;
mod guard;

use crate::{
    Cache,
    cache::{Function, Inner},
    codec,
    edge::{Edge, Effects},
    flight::{WriteEnd, WriteSeat},
    key::{Key, KeyBuilder, KeyId},
    l1::{GroupStamp, L1Entry},
    observe::Counter,
    spec::Spec,
    terms::{Lives, Terms},
    value::{BatchShape, Keys, Outcome, Shape, View, forget},
};
pub use fenced::{invalidating_fenced, write_each_fenced, write_through_fenced, write_value_fenced};
use guard::Writing;
pub(crate) use guard::invalidate;
use std::{future::Future, sync::Arc};

/// The writer's own key, as something to drop.
pub fn own_key(spec: &'static Spec, key: KeyBuilder) -> Edge {
    Edge::key(spec, key)
}

/// Runs a write and keeps the value it returns, in a single process; drops the entry where other processes share it.
///
/// When the body fails or is dropped the entry is gone.
pub async fn write_through<S, T, F, G>(
    _: S,
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
    let body = Box::pin(body);
    let inner = &cache.0;
    let function = inner.function_of::<S::Value>(spec);
    if !inner.enabled {
        function.counters.add(Counter::Bypass);
        return body.await;
    }
    let mut writing = Writing::begin(inner, function, effects).await;
    writing.own(key, spec).await;
    let returned = writing.run::<S, _>(body).await;
    if let View::Value(result) = S::inner(&returned) {
        on_result(result, writing.effects());
    }
    if let (View::Value(value), Some(kept)) = (S::view(&returned), S::keep(&returned)) {
        writing.keep(0, forget(kept), codec::estimate(value), Lives::of(spec, &terms, value));
    }
    writing.end::<S>(&returned).await;
    returned
}

/// As [`write_through`], for a function that names its value instead of returning it.
pub async fn write_value<S, V, T, F, G>(
    _: S,
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
    V: crate::Cacheable,
    T: Terms<V>,
    F: Future<Output = S::Return>,
    G: FnOnce(&S::Inner, &mut Effects),
{
    let body = Box::pin(body);
    let inner = &cache.0;
    let function = inner.function_of::<V>(spec);
    if !inner.enabled {
        function.counters.add(Counter::Bypass);
        return body.await;
    }
    let mut writing = Writing::begin(inner, function, effects).await;
    writing.own(key, spec).await;
    let returned = writing.run::<S, _>(body).await;
    if let View::Value(result) = S::inner(&returned) {
        on_result(result, writing.effects());
        let (weight, lives) = (codec::estimate(&value), Lives::of(spec, &terms, &value));
        writing.keep(0, Arc::new(value), weight, lives);
    }
    writing.end::<S>(&returned).await;
    returned
}

/// As [`write_through`], for many keys in one write.
pub async fn write_each<S, I, T, F, G>(
    _: S,
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
    let body = Box::pin(body);
    let inner = &cache.0;
    let function = inner.function_of::<S::Value>(spec);
    if !inner.enabled {
        function.counters.add(Counter::Bypass);
        return body.await;
    }
    let mut writing = Writing::begin(inner, function, effects).await;
    let ids = S::Id::of(elements);
    for id in &ids {
        let mut key = KeyBuilder::new();
        key_of(&mut key, id.element());
        writing.own(key.finish(), spec).await;
    }
    let returned = writing.run::<S, _>(body).await;
    if let View::Value(result) = S::inner(&returned) {
        on_result(result, writing.effects());
    }
    for (at, id) in ids.iter().enumerate() {
        if let (Some(value), Some(kept)) = (S::find(&returned, id), S::keep(&returned, id)) {
            writing.keep(at, forget(kept), codec::estimate(value), Lives::of(spec, &terms, value));
        }
    }
    writing.end::<S>(&returned).await;
    returned
}

/// Runs a write and drops what it makes outdated: `write_around` and `#[invalidates]`.
pub async fn invalidating<S, F, G>(
    _: S,
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
    let body = Box::pin(body);
    let inner = &cache.0;
    let function = inner.function::<()>(spec);
    if !inner.enabled {
        function.counters.add(Counter::Bypass);
        return body.await;
    }
    let mut writing = Writing::begin(inner, function, effects).await;
    let returned = writing.run::<S, _>(body).await;
    if let View::Value(result) = S::inner(&returned) {
        on_result(result, writing.effects());
    }
    writing.end::<S>(&returned).await;
    returned
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
    let returned = writing.run::<S, _>(body).await;
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
    let writing = Writing::begin(inner, function, effects).await;
    let returned = body.await;
    writing.over().await;
    returned
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
    kept: Option<L1Entry>,
}
