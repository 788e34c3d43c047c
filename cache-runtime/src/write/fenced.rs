//! What happens when a writer is called that is refused where it can't be announced: `on_fence_fail = "reject"`.
//!
//! Each takes a slot whose error can carry one of ours, and is otherwise the function whose name it begins with.

use super::calls;
use crate::{
    Cache, Cacheable,
    edge::Effects,
    error::Carrying,
    key::{Key, KeyBuilder},
    spec::Spec,
    terms::Terms,
    value::{BatchShape, Keys, Outcome, Shape},
};
use std::future::Future;

/// As [`write_through`](super::write_through), and refused with an error where the write can't be announced.
pub async fn write_through_fenced<S, T, F, G>(
    Carrying(slot, carry): Carrying<S, S::Error>,
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
    calls::through(slot, cache, spec, key, terms, effects, Box::pin(body), on_result, Some(carry)).await
}

/// As [`write_value`](super::write_value), and refused with an error where the write can't be announced.
pub async fn write_value_fenced<S, V, T, F, G>(
    Carrying(slot, carry): Carrying<S, S::Error>,
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
    calls::named(slot, cache, spec, key, terms, value, effects, Box::pin(body), on_result, Some(carry)).await
}

/// As [`write_each`](super::write_each), and refused with an error where the write can't be announced.
pub async fn write_each_fenced<S, I, T, F, G>(
    Carrying(slot, carry): Carrying<S, S::Error>,
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
    calls::each(slot, cache, spec, key_of, elements, terms, effects, Box::pin(body), on_result, Some(carry))
        .await
}

/// As [`invalidating`](super::invalidating), and refused with an error where the write can't be announced.
pub async fn invalidating_fenced<S, F, G>(
    Carrying(slot, carry): Carrying<S, S::Error>,
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
    calls::dropping(slot, cache, spec, effects, Box::pin(body), on_result, Some(carry)).await
}
