//! What each kind of writer does, from the call to its return.

use super::guard::{Refusal, Writing};
use crate::{
    Cache,
    edge::Effects,
    key::{Key, KeyBuilder},
    observe::Counter,
    spec::Spec,
    terms::{Lives, Terms},
    value::{BatchShape, Keys, Outcome, Shape, View, forget},
};
use std::{future::Future, pin::Pin, sync::Arc};

/// Runs a write and keeps the value it returns, in a single process; drops the entry where other processes share it.
///
/// When the body fails or is dropped the entry is gone.
pub(super) async fn through<S, T, F, G>(
    _: S,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: T,
    effects: Effects,
    body: Pin<Box<F>>,
    on_result: G,
    refusal: Refusal<S::Error>,
) -> S::Return
where
    S: Shape,
    S::Error: 'static,
    T: Terms<S::Value>,
    F: Future<Output = S::Return>,
    G: FnOnce(&S::Inner, &mut Effects),
{
    let inner = &cache.0;
    let function = inner.function_of::<S::Value>(spec);
    if !inner.enabled {
        function.counters.add(Counter::Bypass);
        return body.await;
    }
    let mut writing = Writing::begin(inner, function, effects).await;
    writing.own(key, spec).await;
    let returned = writing.run::<S, _>(body, refusal).await;
    if let View::Value(result) = S::inner(&returned) {
        on_result(result, writing.effects());
    }
    if let (View::Value(value), Some(kept)) = (S::view(&returned), S::keep(&returned)) {
        writing.keep(0, value, || forget(kept), Lives::of(spec, &terms, value), terms.version(value));
    }
    writing.end::<S>(&returned).await;
    returned
}

/// As [`through`], for a function that names its value instead of returning it.
pub(super) async fn named<S, V, T, F, G>(
    _: S,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: T,
    value: V,
    effects: Effects,
    body: Pin<Box<F>>,
    on_result: G,
    refusal: Refusal<S::Error>,
) -> S::Return
where
    S: Outcome,
    S::Error: 'static,
    V: crate::Cacheable,
    T: Terms<V>,
    F: Future<Output = S::Return>,
    G: FnOnce(&S::Inner, &mut Effects),
{
    let inner = &cache.0;
    let function = inner.function_of::<V>(spec);
    if !inner.enabled {
        function.counters.add(Counter::Bypass);
        return body.await;
    }
    let mut writing = Writing::begin(inner, function, effects).await;
    writing.own(key, spec).await;
    let returned = writing.run::<S, _>(body, refusal).await;
    if let View::Value(result) = S::inner(&returned) {
        on_result(result, writing.effects());
        let (lives, version) = (Lives::of(spec, &terms, &value), terms.version(&value));
        let value = Arc::new(value);
        writing.keep(0, &*value, || forget(value.clone()), lives, version);
    }
    writing.end::<S>(&returned).await;
    returned
}

/// As [`through`], for many keys in one write.
pub(super) async fn each<S, I, T, F, G>(
    _: S,
    cache: &Cache,
    spec: &'static Spec,
    key_of: impl Fn(&mut KeyBuilder, &I),
    elements: Vec<I>,
    terms: T,
    effects: Effects,
    body: Pin<Box<F>>,
    on_result: G,
    refusal: Refusal<S::Error>,
) -> S::Return
where
    S: BatchShape,
    S::Id: Keys<I>,
    S::Error: 'static,
    T: Terms<S::Value>,
    F: Future<Output = S::Return>,
    G: FnOnce(&S::Inner, &mut Effects),
{
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
    let returned = writing.run::<S, _>(body, refusal).await;
    if let View::Value(result) = S::inner(&returned) {
        on_result(result, writing.effects());
    }
    for (at, id) in ids.iter().enumerate() {
        if let (Some(value), Some(kept)) = (S::find(&returned, id), S::keep(&returned, id)) {
            writing.keep(at, value, || forget(kept), Lives::of(spec, &terms, value), terms.version(value));
        }
    }
    writing.end::<S>(&returned).await;
    returned
}

/// Runs a write and drops what it makes outdated: `write_around` and `#[invalidates]`.
pub(super) async fn dropping<S, F, G>(
    _: S,
    cache: &Cache,
    spec: &'static Spec,
    effects: Effects,
    body: Pin<Box<F>>,
    on_result: G,
    refusal: Refusal<S::Error>,
) -> S::Return
where
    S: Outcome,
    S::Error: 'static,
    F: Future<Output = S::Return>,
    G: FnOnce(&S::Inner, &mut Effects),
{
    let inner = &cache.0;
    let function = inner.function::<()>(spec);
    if !inner.enabled {
        function.counters.add(Counter::Bypass);
        return body.await;
    }
    let mut writing = Writing::begin(inner, function, effects).await;
    let returned = writing.run::<S, _>(body, refusal).await;
    if let View::Value(result) = S::inner(&returned) {
        on_result(result, writing.effects());
    }
    writing.end::<S>(&returned).await;
    returned
}
