//! What happens when a reader is called of whose hits a share is compared with the source: `verify = 0.001`.
//!
//! `make` makes the reader's body once more, with owned arguments and terms of its own, so that it can run after the call.

use super::{
    Call,
    body::{Body, Loader, limited},
    hit,
    remote::Soft,
    sampler::{Sources, chosen, sample},
};
use crate::{
    Cache,
    error::Carrying,
    key::{Key, KeyBuilder},
    spec::Spec,
    terms::{Terms, loading},
    value::Shape,
};
use std::{future::Future, sync::Arc};

/// As [`hit`]; of a share of the hits the value is compared with what the source has.
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
    let returned = hit(slot, cache, spec, parts)?;
    if chosen(spec) {
        sample::<S, R>(cache, spec, KeyBuilder::rendered(parts), S::keep(&returned), Sources::of(make));
    }
    Some(returned)
}

/// The body a few times more, if this call was chosen to be compared should it be a hit of the shared store.
pub fn verifying<T, R>(spec: &'static Spec, make: impl Fn() -> (T, R)) -> Option<Sources<R>> {
    chosen(spec).then(|| Sources::of(&make))
}

/// As [`load`](super::load); with `sources` given, a value that the shared store has is compared with what the source has.
pub async fn load_verified<S, U, R, B>(
    _: S,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: U,
    sources: Option<Sources<R>>,
    body: B,
) -> S::Return
where
    S: Shape,
    S::Return: Send,
    U: Terms<S::Value>,
    R: Future<Output = S::Return> + Send + 'static,
    B: Body<S::Return>,
{
    let wanted = terms.wanted();
    let (body, again) = body.parts();
    let body = Loader::new(loading::<S, U>(spec, terms, body), again);
    let notice = |call: &Call<'_, S>, value: Option<&Arc<S::Value>>, _: Option<Soft>| {
        if let Some(sources) = sources {
            sample::<S, R>(cache, spec, call.key.clone(), value.cloned(), sources);
        }
        false
    };
    Call::<S>::new(&cache.0, spec, key).serve(wanted, body, notice).await
}

/// As [`load_verified`], and the body may take only as long as the function's `timeout`.
pub async fn load_verified_within<S, U, R, B>(
    Carrying(slot, carry): Carrying<S, S::Error>,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: U,
    sources: Option<Sources<R>>,
    body: B,
) -> S::Return
where
    S: Shape,
    S::Return: Send,
    U: Terms<S::Value>,
    R: Future<Output = S::Return> + Send + 'static,
    B: Body<S::Return>,
{
    load_verified(slot, cache, spec, key, terms, sources, limited::<S, B>(carry, spec, body)).await
}
