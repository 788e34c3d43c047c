//! What happens when a cached reader is called.
//!
//! [`hit`] is the whole of it when the value is in this process. Otherwise [`load`] asks the shared store, then takes part in the key's
//! flight: it leads and runs the body, or follows and waits.

mod ahead;
mod body;
mod each;
mod lead;
mod refresh;
mod remote;
mod sampler;
mod sums;
mod verified;

pub use body::{Body, Copies, repeated};
pub use each::{ids, load_each};
pub use refresh::{hit_refreshing, load_refreshing, load_refreshing_verified};
pub use sampler::Sources;
pub(crate) use sampler::{Compared, Sampler};
pub use verified::{hit_verified, load_verified, load_verified_within, verifying};

use crate::store::{BreakerState, Seen, Store};
use crate::{
    Cache, Error,
    cache::{Function, Inner},
    clock,
    error::{Carrying, ErrorKind},
    flight::{Followed, Joined, Outcome as Landed},
    key::{Key, KeyBuilder, KeyId},
    l1::{GroupStamp, L1Entry},
    limit,
    mode::{self, Mode},
    observe::{Counter, Counters},
    spec::Spec,
    terms::{Loaded, Terms, loading},
    value::Shape,
};
use ahead::{Ahead, Undrained};
use body::{Loader, Loads, limited};
use lead::Replaces;
use remote::{Found, Leave};
use std::{future::Future, sync::Arc};
use sums::Waited;
use tracing::Instrument;

/// The value for this key, if this process may answer.
#[inline]
pub fn hit<S, K>(_: S, cache: &Cache, spec: &'static Spec, parts: &K) -> Option<S::Return>
where
    S: Shape,
    K: Fn(&mut KeyBuilder),
{
    let inner = &*cache.0;
    if mode::current() != Mode::Usual {
        return None;
    }
    // Before the look-up, which waits for memory: none of it depends on what is found there.
    let now = inner.clock.now();
    let function = inner.function::<S::Value>(spec);
    if !inner.near.answers(function.lag) {
        return None;
    }
    let entry = inner.l1.get(fingerprint(spec, parts))?;
    if entry.hard() <= now || !entry.groups_hold() {
        return None;
    }
    answer::<S>(function, entry)
}

/// The name of a key, without rendering it.
#[inline]
fn fingerprint(spec: &'static Spec, parts: impl Fn(&mut KeyBuilder)) -> KeyId {
    let mut key = KeyBuilder::fingerprint();
    parts(&mut key);
    key.id(spec.family_number())
}

/// Turns an entry of this process into the function's return value.
#[inline]
fn answer<S: Shape>(function: &Function, entry: L1Entry) -> Option<S::Return> {
    answer_counting::<S>(function, entry, Counters::hit)
}

/// The same, counting a value in this way.
#[inline]
fn answer_counting<S: Shape>(
    function: &Function,
    entry: L1Entry,
    count: impl FnOnce(&Counters),
) -> Option<S::Return> {
    if function.conflicting() {
        return None;
    }
    match entry.value {
        Some(value) => {
            // Another type under the same key is no hit.
            let value = value.downcast::<S::Value>().ok()?;
            count(&function.counters);
            Some(S::hit(value))
        }
        None => {
            let absent = S::absent()?;
            function.counters.add(Counter::NegativeHit);
            Some(absent)
        }
    }
}

/// Answers a call that this process could not answer at once.
///
/// Cancelling it is harmless: a follower takes the leader's place, and a fill that has begun is finished by the cache.
pub async fn load<S, T, B>(_: S, cache: &Cache, spec: &'static Spec, key: Key, terms: T, body: B) -> S::Return
where
    S: Shape,
    T: Terms<S::Value>,
    B: Body<S::Return>,
{
    let wanted = terms.wanted();
    let (body, again) = body.parts();
    let body = Loader::new(loading::<S, T>(spec, terms, body), again);
    let call = Call::<S>::new(&cache.0, spec, key);
    call.serve(wanted, body, |_, _, _| false).await
}

/// As [`load`], and the body may take only as long as the function's `timeout`.
pub async fn load_within<S, T, B>(
    Carrying(slot, carry): Carrying<S, S::Error>,
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    terms: T,
    body: B,
) -> S::Return
where
    S: Shape,
    T: Terms<S::Value>,
    B: Body<S::Return>,
{
    load(slot, cache, spec, key, terms, limited::<S, B>(carry, spec, body)).await
}

/// Runs a body for as long as the function's `timeout` lets it.
async fn within<S: Shape>(
    carry: fn(Error) -> S::Error,
    spec: &'static Spec,
    body: impl Future<Output = S::Return>,
) -> S::Return {
    let Some(limit) = spec.timeout else {
        return body.await;
    };
    match tokio::time::timeout(limit, body).await {
        Ok(returned) => returned,
        Err(_elapsed) => {
            let message = format!("`{}` took longer than its timeout of {limit:?}", spec.function);
            S::fail(carry(Error::new(ErrorKind::Timeout, message)))
        }
    }
}

/// One call of a reader.
pub(crate) struct Call<'c, S> {
    pub(crate) inner: &'c Inner,
    pub(crate) function: &'c Function,
    pub(crate) key: Key,
    pub(crate) id: KeyId,
    /// The write-behind queue didn't say what is pending: what is loaded is for those who wait now, and for nobody later.
    pub(crate) unasked: bool,
    pub(crate) slot: std::marker::PhantomData<S>,
}

impl<'c, S: Shape> Call<'c, S> {
    pub(crate) fn new(inner: &'c Inner, spec: &'static Spec, key: Key) -> Self {
        let function = inner.function_of::<S::Value>(spec);
        let (id, slot) = (key.id(spec.family_number()), std::marker::PhantomData);
        Self { inner, function, id, key, unasked: false, slot }
    }

    /// Answers the way the task wants it; with `wanted` unset the function itself wants to be left alone.
    ///
    /// What the shared store has for it is noticed: the value, or that the row is absent. `notice` tells whether it reloads the entry.
    async fn serve<F, N>(self, wanted: bool, body: F, notice: N) -> S::Return
    where
        F: Loads<S::Return>,
        N: FnOnce(&Self, Option<&Arc<S::Value>>, Option<remote::Soft>) -> bool,
    {
        match (wanted, mode::current()) {
            (true, Mode::Usual) => self.answer(body, notice).await,
            (true, Mode::Refresh) => self.reload(body).await,
            (true, Mode::Bypass) | (false, _) => {
                // What was acknowledged for the key must not be missing from what the body reads.
                match self.undrained().await {
                    Undrained::Answer(acknowledged) => acknowledged,
                    Undrained::Deltas => Box::pin(self.combined(body, Waited::InVain)).await,
                    Undrained::Nothing | Undrained::Unshown => self.bypass(body).await,
                }
            }
        }
    }

    async fn answer<F, N>(self, body: F, notice: N) -> S::Return
    where
        F: Loads<S::Return>,
        N: FnOnce(&Self, Option<&Arc<S::Value>>, Option<remote::Soft>) -> bool,
    {
        if !self.inner.enabled || self.function.conflicting() {
            // What the other function has acknowledged can't be shown, for its type is another: the body must find it.
            self.drain().await;
            return self.bypass(body).await;
        }
        match self.ahead().await {
            // Asked again before a body runs.
            None | Some(Ahead::Unasked) => {}
            Some(ahead) => return Box::pin(self.answer_ahead(ahead, body)).await,
        }
        let mut body = Some(body);
        loop {
            let found = self.ask_store().await;
            match found {
                Found::Value(value, soft) => {
                    let reloading = notice(&self, Some(&value), soft);
                    self.function.counters.add(if reloading {
                        Counter::StaleHit
                    } else {
                        Counter::SharedHit
                    });
                    return S::hit(value);
                }
                Found::Absent => {
                    if let Some(absent) = S::absent() {
                        notice(&self, None, None);
                        self.function.counters.add(Counter::NegativeHit);
                        return absent;
                    }
                }
                Found::Nothing(_) | Found::Unreachable => {}
            }
            match self.inner.flights.join(self.id, || self.peek()) {
                Joined::Hit(entry) => {
                    if let Some(returned) = answer::<S>(self.function, entry) {
                        return returned;
                    }
                    return self.bypass(take(&mut body)).await;
                }
                Joined::Lead(leader) => return self.lead(leader, take(&mut body), found).await,
                // Whoever has a place must not wait for somebody who may have to wait for one.
                Joined::Follow(_) if limit::has_place() => return self.bypass(take(&mut body)).await,
                Joined::Follow(follower) => match follower.wait().await {
                    Followed::Outcome(outcome) => {
                        self.function.counters.add(Counter::Miss);
                        if let Some(returned) = self.followed(outcome) {
                            self.function.counters.add(Counter::Follow);
                            return returned;
                        }
                        // The leader's error was its own: this caller finds out for itself, a few at a time.
                        return self.inner.loads.run(self.run(take(&mut body))).await.returned;
                    }
                    Followed::Lead(leader) => return self.lead(leader, take(&mut body), found).await,
                    Followed::Again => {}
                },
                Joined::Recursive => return self.bypass(take(&mut body)).await,
            }
        }
    }

    /// What the cache has, without loading.
    pub(crate) async fn look(&self) -> Option<S::Return> {
        if !self.inner.enabled || self.function.conflicting() {
            return None;
        }
        match self.ahead().await {
            Some(Ahead::Value(value)) => return Some(S::hit(value)),
            Some(Ahead::Absent) => return S::absent(),
            Some(Ahead::Deltas | Ahead::Unshown) => return None,
            Some(Ahead::Unasked) | None => {}
        }
        if let Some(entry) = self.peek() {
            return answer::<S>(self.function, entry);
        }
        match self.ask_store().await {
            Found::Value(value, _) => Some(S::hit(value)),
            Found::Absent => S::absent(),
            Found::Nothing(_) | Found::Unreachable => None,
        }
    }

    /// Runs a body and stores its value, whatever is cached now.
    pub(crate) async fn reload<F: Future<Output = Loaded<S::Return>>>(self, body: F) -> S::Return {
        if !self.inner.enabled || self.function.conflicting() {
            return self.bypass(body).await;
        }
        // An acknowledged write is newer than what the body would read.
        match self.undrained().await {
            Undrained::Nothing => {}
            Undrained::Answer(acknowledged) => return acknowledged,
            // What the body reads may be older than that, so it is not kept.
            Undrained::Deltas | Undrained::Unshown => return self.bypass(body).await,
        }
        // Nobody may be left waiting for this body by a leader that has begun before it: end that flight first.
        let Some(leader) = self.inner.flights.take_over(self.id) else {
            return self.bypass(body).await;
        };
        let lease = match &self.inner.remote {
            None => None,
            Some(remote) => {
                let keys = [Inner::entry_key::<S::Value>(self.function, &self.key)];
                let there = remote
                    .shared
                    .store
                    .read(&keys)
                    .await
                    .ok()
                    .and_then(|reads| reads.into_iter().next()?.entry);
                match self.ask_leave(remote, there.as_ref().map(Seen::new).as_ref(), false).await {
                    Leave::Granted(lease) => Some(lease),
                    Leave::Found(_) | Leave::Pending { .. } | Leave::Without => None,
                }
            }
        };
        let loading = self.load_and_land(leader, lease, body, Replaces::AnEntry);
        match &self.inner.remote {
            Some(remote) if remote.shared.store.state() != BreakerState::Closed => {
                self.inner.loads.run(loading).await
            }
            _ => loading.await,
        }
    }

    /// The entry of this process, if it may answer now.
    fn peek(&self) -> Option<L1Entry> {
        if !self.inner.near.answers(self.function.lag) {
            return None;
        }
        let entry = self.inner.l1.get(self.id)?;
        let usable = match &entry.value {
            Some(value) => value.is::<S::Value>(),
            None => S::absent().is_some(),
        };
        (usable && entry.hard() > self.inner.clock.now() && entry.groups_hold()).then_some(entry)
    }

    /// What a follower returns for its leader's outcome; `None` when it needs a body of its own.
    fn followed(&self, outcome: Landed) -> Option<S::Return> {
        match outcome {
            Landed::Value(value) => value.downcast().ok().map(S::hit),
            Landed::Absent => S::absent(),
            Landed::Failed(error) => error.and_then(|error| S::shared_error(&*error)),
        }
    }

    async fn bypass<F: Future<Output = Loaded<S::Return>>>(&self, body: F) -> S::Return {
        self.function.counters.add(Counter::Bypass);
        self.run(body).await.returned
    }

    /// Runs a body and counts it.
    pub(crate) async fn run<F: Future<Output = Loaded<S::Return>>>(&self, body: F) -> Loaded<S::Return> {
        let begun = clock::exact();
        self.function.counters.add(Counter::Load);
        let span = tracing::debug_span!(
            "cache.load",
            function = self.function.spec.function,
            template = self.function.spec.template,
            strategy = self.function.spec.strategy.as_str(),
        );
        let loaded = body.instrument(span).await;
        self.function.counters.load_took(clock::since(begun).as_secs_f64());
        if S::error(&loaded.returned).is_some() {
            self.function.counters.add(Counter::LoadFailed);
        }
        loaded
    }

    /// Where the counters of the key's groups stand.
    pub(crate) fn group_stamps(&self) -> Option<Arc<[GroupStamp]>> {
        self.inner.group_stamps(&self.key)
    }
}

/// Takes the body, which the loop in [`Call::answer`] gives to exactly one place before it returns.
fn take<F>(body: &mut Option<F>) -> F {
    body.take().expect("every use of the body ends the call")
}
