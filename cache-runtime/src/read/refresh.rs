//! How an entry is reloaded before it expires, while everybody is answered from the old one.

use super::{
    Call, answer, answer_counting,
    body::{Body, Loader},
    fingerprint,
    lead::Replaces,
    remote,
    sampler::{Sources, chosen, sample},
};
use crate::{
    Cache,
    cache::Inner,
    flight::Leader,
    key::{Key, KeyBuilder, KeyId},
    mode::{self, Mode},
    observe::Counter,
    spec::Spec,
    terms::{Terms, loading},
    value::Shape,
};
use remote::{Leave, Soft};
use std::{future::Future, marker::PhantomData, sync::Arc};

/// As [`hit`](super::hit); past its soft expiry the entry is reloaded in the background by one caller.
#[inline]
pub fn hit_refreshing<S, K, M, T, R>(
    _: S,
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
    let inner = &*cache.0;
    if mode::current() != Mode::Usual {
        return None;
    }
    let id = fingerprint(spec, parts);
    let now = inner.clock.now();
    let function = inner.function::<S::Value>(spec);
    if !inner.near.answers(function.lag) {
        return None;
    }
    let entry = inner.l1.get(id)?;
    if entry.hard() <= now || !entry.groups_hold() {
        return None;
    }
    // Another process may have reloaded it: that is asked first.
    if entry.soft() <= now && inner.remote.is_some() {
        return None;
    }
    if entry.soft() <= now
        && !function.conflicting()
        && let Some(leader) = inner.flights.try_lead(id)
    {
        reload::<S, T, R>(cache, spec, KeyBuilder::rendered(parts), id, leader, Soft(None), make());
        return answer_counting::<S>(function, entry, |counters| counters.add(Counter::StaleHit));
    }
    let returned = answer::<S>(function, entry)?;
    if chosen(spec) {
        sample::<S, R>(cache, spec, KeyBuilder::rendered(parts), S::keep(&returned), Sources::of(make));
    }
    Some(returned)
}

/// As [`load`](super::load); what the shared store has past its soft expiry is reloaded in the background by one caller in the fleet.
pub fn load_refreshing<S, T, U, R, B>(
    slot: S,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: U,
    refresh: (T, R),
    body: B,
) -> impl Future<Output = S::Return>
where
    S: Shape,
    S::Return: Send,
    T: Terms<S::Value> + Send + 'static,
    U: Terms<S::Value>,
    R: Future<Output = S::Return> + Send + 'static,
    B: Body<S::Return>,
{
    // Not `async`: that would hold both bodies once more.
    load_refreshing_verified(slot, cache, spec, key, terms, refresh, None::<Sources<R>>, body)
}

/// As [`load_refreshing`]; with `sources` given, a value that is not reloaded is compared with what the source has.
pub async fn load_refreshing_verified<S, T, U, R, Q, B>(
    _: S,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: U,
    refresh: (T, R),
    sources: Option<Sources<Q>>,
    body: B,
) -> S::Return
where
    S: Shape,
    S::Return: Send,
    T: Terms<S::Value> + Send + 'static,
    U: Terms<S::Value>,
    R: Future<Output = S::Return> + Send + 'static,
    Q: Future<Output = S::Return> + Send + 'static,
    B: Body<S::Return>,
{
    let wanted = terms.wanted();
    let refresh = (refresh.0, Box::pin(refresh.1));
    let (body, again) = body.parts();
    let body = Loader::new(loading::<S, U>(spec, terms, body), again);
    let inner = &*cache.0;
    let call = Call::<S>::new(inner, spec, key);
    let notice = |call: &Call<'_, S>, value: Option<&Arc<S::Value>>, soft: Option<Soft>| {
        let Some(soft) = soft else {
            if let Some(sources) = sources {
                sample::<S, Q>(cache, spec, call.key.clone(), value.cloned(), sources);
            }
            return false;
        };
        if let Some(leader) = inner.flights.try_lead(call.id) {
            reload::<S, T, _>(cache, spec, call.key.clone(), call.id, leader, soft, refresh);
        }
        true
    };
    call.serve(wanted, body, notice).await
}

/// Reloads in the background, on the caller's runtime: the body's connections live there.
fn reload<S, T, R>(
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    id: KeyId,
    leader: Leader,
    soft: Soft,
    (terms, body): (T, R),
) where
    S: Shape,
    S::Return: Send,
    T: Terms<S::Value> + Send + 'static,
    R: Future<Output = S::Return> + Send + 'static,
{
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        // Without a runtime there is no background; the entry is loaded when it has expired.
        return;
    };
    let running = cache.0.tasks.begin();
    let inner: Arc<Inner> = cache.0.clone();
    runtime.spawn(async move {
        let _running = running;
        let function = inner.function_of::<S::Value>(spec);
        let call = Call::<S> { inner: &inner, function, id, key, unasked: false, slot: PhantomData };
        let lease = match &inner.remote {
            None => None,
            Some(remote) => match call.ask_leave(remote, soft.0.as_ref(), false).await {
                Leave::Granted(lease) => Some(lease),
                // Another process was faster, or nothing may be stored now.
                Leave::Found(_) | Leave::Pending { .. } | Leave::Without => return,
            },
        };
        function.counters.add(Counter::Refresh);
        // Nobody is waiting for the value itself; a failure is counted, and the next caller tries again.
        let body = loading::<S, T>(spec, terms, body);
        drop(call.load_and_land(leader, lease, body, Replaces::AnEntry).await);
    });
}
