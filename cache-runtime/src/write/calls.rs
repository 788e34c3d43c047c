//! What each kind of writer does, from the call to its return.
//!
//! With a `refusal`, `on_fence_fail = "reject"`, it is not run where it can't be announced.

use super::guard::Writing;
use crate::{
    Cache, Cacheable,
    edge::Effects,
    error::{Carries, Error},
    key::{Key, KeyBuilder},
    spec::Spec,
    terms::{Lives, Terms},
    value::{BatchShape, Keys, Outcome, Shape, View, forget},
};
use std::{future::Future, sync::Arc};

/// How a write is refused that could not be announced; where it isn't, it is made as at level lease.
pub type Refusal<E> = Option<fn(Error) -> E>;

/// Refuses with the error of a function that can carry one of ours. Whether it can is asked here alone: an `async fn` would ask once more at `.await`.
#[inline]
pub fn refusal<S: Outcome>(_: &S) -> Refusal<S::Error>
where
    S::Error: Carries,
{
    Some(S::Error::carry)
}

/// Runs a write and keeps the value it returns: in this process if there is no other, in the shared store if the write was announced there and no other overlapped it.
///
/// When the body fails or is dropped the entry is gone.
pub async fn write_through<S, T, F, G>(
    _: S,
    refusal: Refusal<S::Error>,
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
    let (inner, body) = (&cache.0, Box::pin(body));
    let Some(mut writing) = Writing::called(inner, inner.function_of::<S::Value>(spec), effects).await else {
        return body.await;
    };
    writing.own(key, spec).await;
    let returned = writing.run::<S, _>(body, refusal, on_result).await;
    if let (View::Value(value), Some(kept)) = (S::view(&returned), S::keep(&returned)) {
        writing.keep(0, value, || forget(kept), Lives::of(spec, &terms, value), terms.version(value));
    }
    writing.end::<S>(&returned).await;
    returned
}

/// As [`write_through`], for a function that names its value instead of returning it.
pub async fn write_value<S, V, T, F, G>(
    _: S,
    refusal: Refusal<S::Error>,
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
    let (inner, body) = (&cache.0, Box::pin(body));
    let Some(mut writing) = Writing::called(inner, inner.function_of::<V>(spec), effects).await else {
        return body.await;
    };
    writing.own(key, spec).await;
    let returned = writing.run::<S, _>(body, refusal, on_result).await;
    if let View::Value(_) = S::inner(&returned) {
        let (lives, version) = (Lives::of(spec, &terms, &value), terms.version(&value));
        let value = Arc::new(value);
        writing.keep(0, &*value, || forget(value.clone()), lives, version);
    }
    writing.end::<S>(&returned).await;
    returned
}

/// As [`write_through`], for many keys in one write.
pub async fn write_each<S, I, T, F, G>(
    _: S,
    refusal: Refusal<S::Error>,
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
    let (inner, body) = (&cache.0, Box::pin(body));
    let Some(mut writing) = Writing::called(inner, inner.function_of::<S::Value>(spec), effects).await else {
        return body.await;
    };
    let ids = S::Id::of(elements);
    for id in &ids {
        let mut key = KeyBuilder::new();
        key_of(&mut key, id.element());
        writing.own(key.finish(), spec).await;
    }
    let returned = writing.run::<S, _>(body, refusal, on_result).await;
    for (at, id) in ids.iter().enumerate() {
        if let (Some(value), Some(kept)) = (S::find(&returned, id), S::keep(&returned, id)) {
            writing.keep(at, value, || forget(kept), Lives::of(spec, &terms, value), terms.version(value));
        }
    }
    writing.end::<S>(&returned).await;
    returned
}

/// Runs a write and drops what it makes outdated: `write_around` and `#[invalidates]`.
pub async fn invalidating<S, F, G>(
    _: S,
    refusal: Refusal<S::Error>,
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
    let (inner, body) = (&cache.0, Box::pin(body));
    let Some(mut writing) = Writing::called(inner, inner.function::<()>(spec), effects).await else {
        return body.await;
    };
    let returned = writing.run::<S, _>(body, refusal, on_result).await;
    writing.end::<S>(&returned).await;
    returned
}
