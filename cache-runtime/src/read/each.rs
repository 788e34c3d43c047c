//! What happens when a batch reader is called: what is there is taken from where it is, and one body loads the rest.

use super::{Call, lead::Landing, remote};
use crate::{
    Cache,
    cache::{Function, Inner},
    clock,
    edge::Edge,
    flight::{Audience, Followed, Follower, Joined, Leader, Outcome as Landed},
    key::{AlreadyHashed, Key, KeyBuilder, KeyId},
    limit,
    mode::{self, Mode},
    observe::Counter,
    spec::Spec,
    store::{BreakerState, Seen},
    terms::{Lives, Terms},
    value::{BatchShape, Keys, One, Outcome, Shape, forget},
    write,
};
use futures_util::future::join_all;
use remote::{Found, Leave};
use std::{collections::HashSet, future::Future, marker::PhantomData, sync::Arc};
use tracing::Instrument;

/// The ids of a batch, owned.
pub fn ids<T: Clone>(ids: &[T]) -> Vec<T> {
    ids.to_vec()
}

/// Answers a batch, whose elements are the keys of the map. Cancelling it is harmless, as for a single load.
pub fn load_each<S, I, T, B, F>(
    _: S,
    cache: &Cache,
    spec: &'static Spec,
    elements: Vec<I>,
    key_of: impl Fn(&mut KeyBuilder, &I),
    terms: T,
    body: B,
) -> impl Future<Output = S::Return>
where
    S: BatchShape,
    S::Id: Keys<I>,
    S::Value: crate::Cacheable,
    T: Terms<S::Value>,
    B: Fn(Vec<I>) -> F,
    F: Future<Output = S::Return>,
{
    let key_of = move |key: &mut KeyBuilder, id: &S::Id| key_of(key, id.element());
    load_ids::<S, T, _, F>(cache, spec, S::Id::of(elements), key_of, terms, move |ids| {
        body(S::Id::elements(ids))
    })
}

/// Answers a batch. `body` gets the ids that nobody else has or is loading; it runs again only for those whose loader failed.
///
/// Cancelling it is harmless, as for a single load.
async fn load_ids<S, T, B, F>(
    cache: &Cache,
    spec: &'static Spec,
    ids: Vec<S::Id>,
    key_of: impl Fn(&mut KeyBuilder, &S::Id),
    terms: T,
    body: B,
) -> S::Return
where
    S: BatchShape,
    T: Terms<S::Value>,
    B: Fn(Vec<S::Id>) -> F,
    F: Future<Output = S::Return>,
{
    let inner = &*cache.0;
    let function = inner.function_of::<S::Value>(spec);
    let wanted = terms.wanted() && !function.conflicting();
    let mode = if wanted { mode::current() } else { Mode::Bypass };
    if !inner.enabled {
        function.counters.add(Counter::Bypass);
        function.counters.add(Counter::Load);
        return Box::pin(body(ids)).await;
    }
    let mut batch = Batch {
        inner,
        function,
        terms,
        mode,
        found: Vec::new(),
        returned: None::<S::Return>,
        shape: PhantomData::<S>,
    };
    let mut open = batch.in_process(ids, key_of).await;
    if mode == Mode::Bypass {
        return batch.bypass(open, &body).await;
    }
    batch.in_store(&mut open).await;
    if mode == Mode::Usual {
        function.counters.add_many(Counter::Miss, open.len() as u64);
    }
    let mut followed = Vec::new();
    while !open.is_empty() || !followed.is_empty() {
        let mine = batch.join(open);
        followed.extend(mine.followed);
        // Loads come before waits: who leads and waits at once may be waited for in turn.
        if let Err(failed) = batch.load(mine.led, mine.direct, &body).await {
            return failed;
        }
        open = match batch.follow(&mut followed).await {
            Ok(open) => open,
            Err(failed) => return failed,
        };
    }
    batch.finish()
}

/// One batch under way.
struct Batch<'c, S: BatchShape, T> {
    inner: &'c Inner,
    function: &'c Function,
    terms: T,
    mode: Mode,
    found: Vec<(S::Id, Arc<S::Value>)>,
    /// What the first body returned; the rest is added to it.
    returned: Option<S::Return>,
    shape: PhantomData<S>,
}

/// One id that has still to be answered.
struct Open<I> {
    id: I,
    name: KeyId,
    key: Key,
    /// The entry of the shared store that could not be used.
    seen: Option<Seen>,
    /// Whether the shared store may be asked for leave.
    reachable: bool,
    /// Leadership that a follower was handed.
    leader: Option<Leader>,
    /// Its leader's error was its own: this caller finds out for itself.
    alone: bool,
}

impl<I> Open<I> {
    fn open_alone(mut self, open: &mut Vec<Self>) {
        self.alone = true;
        open.push(self);
    }
}

struct Joins<I> {
    led: Vec<(Open<I>, Leader)>,
    followed: Vec<(Open<I>, Follower)>,
    direct: Vec<Open<I>>,
}

impl<S, T> Batch<'_, S, T>
where
    S: BatchShape,
    T: Terms<S::Value>,
{
    /// Takes what this process has; each id once.
    async fn in_process(
        &mut self,
        ids: Vec<S::Id>,
        key_of: impl Fn(&mut KeyBuilder, &S::Id),
    ) -> Vec<Open<S::Id>> {
        let mut names = HashSet::with_capacity_and_hasher(ids.len(), AlreadyHashed);
        let mut open = Vec::with_capacity(ids.len());
        for id in ids {
            let key = KeyBuilder::rendered(|key| key_of(key, &id));
            let name = key.id(self.function.spec.family_number());
            if names.insert(name) {
                open.push(Open { id, name, key, seen: None, reachable: true, leader: None, alone: false });
            }
        }
        if self.mode != Mode::Usual {
            // An acknowledged write is newer than what the body would read: what the database doesn't take in time is the answer.
            join_all(open.iter().map(|here| self.inner.behind.drain(here.name))).await;
        }
        let local = self.mode == Mode::Usual;
        open.retain(|here| !(self.take_pending(here) || (local && self.take_local(here))));
        open
    }

    fn take_pending(&mut self, here: &Open<S::Id>) -> bool {
        let Some(pending) = self.inner.behind.pending::<S::Value>(here.name) else {
            return false;
        };
        self.function.counters.hit();
        self.found.push((here.id.clone(), pending));
        true
    }

    /// Runs the body for what is open, and stores nothing.
    async fn bypass<B, F>(mut self, open: Vec<Open<S::Id>>, body: &B) -> S::Return
    where
        B: Fn(Vec<S::Id>) -> F,
        F: Future<Output = S::Return>,
    {
        self.function.counters.add(Counter::Bypass);
        if open.is_empty() && !self.found.is_empty() {
            return self.finish();
        }
        self.function.counters.add(Counter::Load);
        let returned = Box::pin(body(open.into_iter().map(|here| here.id).collect())).await;
        if <S as Outcome>::error(&returned).is_some() {
            self.function.counters.add(Counter::LoadFailed);
            return returned;
        }
        self.take(returned);
        self.finish()
    }

    fn take_local(&mut self, open: &Open<S::Id>) -> bool {
        match self.call(open).peek() {
            Some(entry) => match entry.value {
                Some(value) => match value.downcast() {
                    Ok(value) => {
                        self.function.counters.hit();
                        self.found.push((open.id.clone(), value));
                        true
                    }
                    Err(_) => false,
                },
                None => {
                    self.function.counters.add(Counter::NegativeHit);
                    true
                }
            },
            None => false,
        }
    }

    /// Takes what the shared store has: one read for all ids.
    async fn in_store(&mut self, open: &mut Vec<Open<S::Id>>) {
        let Some(remote) = &self.inner.remote else {
            return;
        };
        let shared = &remote.shared;
        let template = self.function.spec.family();
        for here in open.iter_mut() {
            here.reachable = !shared.unsent.concerns(&here.key, template);
        }
        let asked: Vec<usize> = (0..open.len()).filter(|&at| open[at].reachable).collect();
        if asked.is_empty() {
            return;
        }
        let keys: Vec<_> =
            asked.iter().map(|&at| Inner::entry_key::<S::Value>(self.function, &open[at].key)).collect();
        let keeping: Vec<_> = match self.mode {
            Mode::Usual => asked.iter().map(|&at| self.call(&open[at]).keeping()).collect(),
            // What is found is replaced.
            Mode::Bypass | Mode::Refresh => Vec::new(),
        };
        let timing = self.function.counters.time_a_read();
        let reads = shared.store.reading(&keys).await;
        self.function.counters.store_took(timing);
        let reads = match reads {
            Ok(reads) => reads,
            Err(error) => {
                tracing::debug!(%error, function = self.function.spec.function, "the shared store was not read");
                self.function.counters.add(Counter::StoreError);
                asked.iter().for_each(|&at| open[at].reachable = false);
                return;
            }
        };
        let mut answered = vec![false; open.len()];
        self.found.reserve(asked.len());
        let (mut hits, mut absent) = (0, 0);
        let keeping = keeping.into_iter().chain(std::iter::repeat_with(|| None));
        for ((at, read), keeping) in asked.into_iter().zip(reads).zip(keeping) {
            let here = &mut open[at];
            let found = match self.mode {
                Mode::Usual | Mode::Bypass => self.call(here).understand_and_keep(shared, read, keeping),
                Mode::Refresh => Found::Nothing(read.entry.as_ref().map(Seen::new)),
            };
            match found {
                Found::Value(value, _) => {
                    hits += 1;
                    self.found.push((here.id.clone(), value));
                    answered[at] = true;
                }
                Found::Absent => {
                    absent += 1;
                    answered[at] = true;
                }
                Found::Nothing(seen) => here.seen = seen,
                Found::Unreachable => here.reachable = false,
            }
        }
        self.function.counters.add_many(Counter::SharedHit, hits);
        self.function.counters.add_many(Counter::NegativeHit, absent);
        let mut answered = answered.into_iter();
        open.retain(|_| !answered.next().unwrap_or_default());
    }

    /// Takes part in the flights of all open ids.
    fn join(&mut self, open: Vec<Open<S::Id>>) -> Joins<S::Id> {
        let mut joins = Joins { led: Vec::new(), followed: Vec::new(), direct: Vec::new() };
        for mut here in open {
            if let Some(leader) = here.leader.take() {
                joins.led.push((here, leader));
                continue;
            }
            if here.alone {
                joins.direct.push(here);
                continue;
            }
            if self.mode == Mode::Refresh {
                // Nobody may be left waiting for this body by a leader that has begun before it: end that flight first.
                match self.inner.flights.take_over(here.name) {
                    Some(leader) => joins.led.push((here, leader)),
                    None => joins.direct.push(here),
                }
                continue;
            }
            match self.inner.flights.join(here.name, || self.call(&here).peek()) {
                Joined::Hit(_) if self.take_local(&here) => {}
                Joined::Hit(_) | Joined::Recursive => joins.direct.push(here),
                Joined::Lead(leader) => joins.led.push((here, leader)),
                Joined::Follow(_) if limit::has_place() => joins.direct.push(here),
                Joined::Follow(follower) => joins.followed.push((here, follower)),
            }
        }
        joins
    }

    /// Runs one body for everything that nobody else loads, and ends those flights.
    async fn load<B, F>(
        &mut self,
        led: Vec<(Open<S::Id>, Leader)>,
        direct: Vec<Open<S::Id>>,
        body: &B,
    ) -> Result<(), S::Return>
    where
        B: Fn(Vec<S::Id>) -> F,
        F: Future<Output = S::Return>,
    {
        // What is found now was there before those who join from here on.
        let stages: Vec<_> = led.iter().map(|(_, leader)| leader.stage()).collect();
        let leases = join_all(led.iter().map(|(here, _)| self.leave(here))).await;
        let mut load = Vec::with_capacity(led.len());
        for (((here, leader), leave), stage) in led.into_iter().zip(leases).zip(stages) {
            if let Some(pending) = self.inner.behind.pending::<S::Value>(here.name) {
                // Acknowledged before the flight took off; a later write detaches it.
                leader.land(Landed::Value(forget(pending.clone())), Audience::Everyone, |_| ());
                self.found.push((here.id, pending));
                continue;
            }
            match leave {
                // Loaded before this call, perhaps.
                Leave::Found(_) if self.mode == Mode::Refresh => load.push((here, leader, None)),
                Leave::Found(Found::Value(value, _)) => {
                    let outcome = Landed::Value(forget(value.clone()));
                    leader.land(outcome, Audience::JoinedBefore(stage), |_| ());
                    self.found.push((here.id, value));
                }
                Leave::Found(Found::Absent) => {
                    leader.land(Landed::Absent, Audience::JoinedBefore(stage), |_| ());
                }
                Leave::Granted(lease) => load.push((here, leader, Some(lease))),
                Leave::Found(_) | Leave::Without => load.push((here, leader, None)),
            }
        }
        let ids: Vec<S::Id> =
            load.iter().map(|(here, ..)| &here.id).chain(direct.iter().map(|d| &d.id)).cloned().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let groups: Vec<_> = load.iter().map(|(here, ..)| self.call(here).group_stamps()).collect();
        let stages: Vec<_> = load
            .iter()
            .zip(&groups)
            .map(|((_, leader, _), groups)| leader.body_begins(groups.clone()))
            .collect();
        let leaders: Vec<&Leader> = load.iter().map(|(_, leader, _)| leader).collect();
        let begun = clock::exact();
        self.function.counters.add(Counter::Load);
        let span = tracing::debug_span!(
            "cache.load",
            function = self.function.spec.function,
            template = self.function.spec.template,
            strategy = self.function.spec.strategy.as_str(),
            ids = ids.len(),
        );
        let running = Leader::run_for(&leaders, Box::pin(body(ids)).instrument(span));
        let limited = direct.iter().any(|here| here.alone)
            || self.inner.remote.as_ref().is_some_and(|r| r.shared.store.state() != BreakerState::Closed);
        let returned = if limited { self.inner.loads.run(running).await } else { running.await };
        let cost = clock::since(begun);
        self.function.counters.load_took(cost.as_secs_f64());
        if <S as Outcome>::error(&returned).is_some() {
            self.function.counters.add(Counter::LoadFailed);
            let error = S::share_error(&returned);
            for (_, leader, _) in load {
                leader.land(Landed::Failed(error.clone()), Audience::Everyone, |_| ());
            }
            return Err(returned);
        }
        let mut landings = Vec::with_capacity(load.len());
        let mut edges = Vec::with_capacity(load.len());
        for (((here, leader, lease), groups), stage) in load.into_iter().zip(groups).zip(stages) {
            let kept = match S::find(&returned, &here.id) {
                Some(value) => (Lives::of(self.function.spec, &self.terms, value), self.terms.version(value)),
                None => (Lives::absent(self.function.spec), None),
            };
            let value: Option<Arc<S::Value>> = S::keep(&returned, &here.id);
            let landing = self.call(&here).landing(leader, lease, &value, kept, cost, groups, stage);
            edges.push((self.mode == Mode::Refresh).then(|| Edge::of(self.function.spec, here.key)));
            landings.push(landing);
        }
        let stored: Vec<bool> = if let Some(remote) = &self.inner.remote {
            let landed = remote
                .background
                .spawn(async move { join_all(landings.into_iter().map(Landing::land)).await })
                .await;
            landed.unwrap_or_default().into_iter().map(|one| one.counted(&self.function.counters)).collect()
        } else {
            landings.into_iter().map(Landing::land_here).collect()
        };
        // What the body has seen makes the entries that were there outdated, stored or not.
        let stored = stored.into_iter().chain(std::iter::repeat(false));
        for (edge, _) in edges.into_iter().zip(stored).filter(|(_, stored)| !stored) {
            if let Some(edge) = edge {
                write::drop_key(self.inner, edge).await;
            }
        }
        self.take(returned);
        Ok(())
    }

    async fn leave(&self, here: &Open<S::Id>) -> Leave<S::Value> {
        match &self.inner.remote {
            Some(remote) if here.reachable => {
                self.call(here).ask_leave(remote, here.seen.as_ref(), false).await
            }
            _ => Leave::Without,
        }
    }

    /// Waits for what others load, up to the first one that has to be loaded here; returns those.
    async fn follow(
        &mut self,
        followed: &mut Vec<(Open<S::Id>, Follower)>,
    ) -> Result<Vec<Open<S::Id>>, S::Return> {
        let mut open = Vec::new();
        while let Some((mut here, follower)) = followed.pop() {
            match follower.wait().await {
                Followed::Outcome(Landed::Value(value)) => match value.downcast() {
                    Ok(value) => {
                        self.function.counters.add(Counter::Follow);
                        self.found.push((here.id, value));
                    }
                    Err(_) => here.open_alone(&mut open),
                },
                Followed::Outcome(Landed::Absent) => self.function.counters.add(Counter::Follow),
                Followed::Outcome(Landed::Failed(error)) => {
                    match error.and_then(|error| S::shared_error(&*error)) {
                        Some(failed) => return Err(failed),
                        None => here.open_alone(&mut open),
                    }
                }
                Followed::Lead(leader) => {
                    here.leader = Some(leader);
                    open.push(here);
                    break;
                }
                Followed::Again => open.push(here),
            }
        }
        Ok(open)
    }

    fn take(&mut self, returned: S::Return) {
        if self.returned.is_none() {
            self.returned = Some(returned);
            return;
        }
        for id in S::ids(&returned) {
            if let Some(value) = S::keep(&returned, &id) {
                self.found.push((id, value));
            }
        }
    }

    fn finish(self) -> S::Return {
        let found = self.found.into_iter();
        match self.returned {
            Some(mut returned) => {
                S::extend(&mut returned, found);
                returned
            }
            None => S::collect(found),
        }
    }

    /// One id, as a call that returns `Option<Arc<V>>`.
    fn call(&self, here: &Open<S::Id>) -> Call<'_, One<S::Value>> {
        Call {
            inner: self.inner,
            function: self.function,
            key: here.key.clone(),
            id: here.name,
            slot: PhantomData,
        }
    }
}

const _: fn() = || {
    fn is_shape<S: Shape>() {}
    is_shape::<One<u8>>();
};
