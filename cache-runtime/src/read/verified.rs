//! What happens when a reader is called of whose hits a share is compared with the source: `verify = 0.001`.
//!
//! `make` makes the reader's body once more, with owned arguments and terms of its own, so that it can run after the call.

use super::{hit, load, load_within};
use crate::{
    Cache,
    error::Carrying,
    key::{Key, KeyBuilder},
    spec::Spec,
    terms::Terms,
    value::Shape,
};
use std::future::Future;

/// One hit of a million.
const MILLION: u32 = 1_000_000;

/// As [`hit`]; of a share of the hits the value is compared with what the source has.
// STUB: compares nothing, until the runtime samples hits.
#[inline]
pub fn hit_verified<S, K, M, T, R>(
    slot: S,
    cache: &Cache,
    spec: &'static Spec,
    parts: &K,
    make: &M,
) -> Option<S::Return>
where
    S: Shape,
    K: Fn(&mut KeyBuilder),
    M: Fn() -> (T, R),
    S::Return: Send,
    T: Terms<S::Value> + Send + 'static,
    R: Future<Output = S::Return> + Send + 'static,
{
    let _ = make;
    hit(slot, cache, spec, parts)
}

/// The body once more, if this call was chosen to be compared should it be a hit of the shared store.
pub fn verifying<T, R>(spec: &'static Spec, make: impl Fn() -> (T, R)) -> Option<(T, R)> {
    spec.verify_ppm.filter(|share| fastrand::u32(..MILLION) < *share).map(|_| make())
}

/// As [`load`]; with `again` given, a value that the shared store has is compared with what the source has.
// STUB: compares nothing, until the runtime samples hits.
pub async fn load_verified<S, T, U, R, F>(
    slot: S,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: U,
    again: Option<(T, R)>,
    body: F,
) -> S::Return
where
    S: Shape,
    S::Return: Send,
    T: Terms<S::Value> + Send + 'static,
    U: Terms<S::Value>,
    R: Future<Output = S::Return> + Send + 'static,
    F: Future<Output = S::Return>,
{
    drop(again);
    load(slot, cache, spec, key, terms, body).await
}

/// As [`load_verified`], and the body may take only as long as the function's `timeout`.
// STUB: compares nothing, until the runtime samples hits.
pub async fn load_verified_within<S, T, U, R, F>(
    slot: Carrying<S, S::Error>,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: U,
    again: Option<(T, R)>,
    body: F,
) -> S::Return
where
    S: Shape,
    S::Return: Send,
    T: Terms<S::Value> + Send + 'static,
    U: Terms<S::Value>,
    R: Future<Output = S::Return> + Send + 'static,
    F: Future<Output = S::Return>,
{
    drop(again);
    load_within(slot, cache, spec, key, terms, body).await
}
