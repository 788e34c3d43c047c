//! Who loads the rest of a batch, and what becomes of it?

use super::{Batch, Newer, Open, sources::Next};
use crate::{
    clock,
    edge::Edge,
    flight::{Audience, Followed, Follower, Joined, Leader, Outcome as Landed},
    limit,
    mode::Mode,
    observe::Counter,
    read::{
        lead::Landing,
        remote::{Found, Lease, Leave},
    },
    store::BreakerState,
    terms::{Lives, Terms},
    value::{BatchShape, Outcome, forget},
    write,
};
use futures_util::future::join_all;
use std::{future::Future, sync::Arc};
use tracing::Instrument;

/// Who loads which ids.
pub(super) struct Joins<I> {
    pub(super) led: Vec<(Open<I>, Leader)>,
    pub(super) followed: Vec<(Open<I>, Follower)>,
    pub(super) direct: Vec<Open<I>>,
}

impl<S, T> Batch<'_, S, T>
where
    S: BatchShape,
    T: Terms<S::Value>,
{
    /// Takes part in the flights of all open ids.
    pub(super) fn join(&mut self, open: Vec<Open<S::Id>>) -> Joins<S::Id> {
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
    pub(super) async fn load<B, F>(
        &mut self,
        led: Vec<(Open<S::Id>, Leader)>,
        direct: Vec<Open<S::Id>>,
        body: &B,
    ) -> Result<(), S::Return>
    where
        B: Fn(Vec<S::Id>) -> F,
        F: Future<Output = S::Return>,
    {
        let load = self.open(led).await;
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
            let kept = if here.newer == Newer::Perhaps { (Lives::Not, kept.1) } else { kept };
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

    /// Takes what is there of the flights that this call leads, and gets leave to load the others.
    async fn open(
        &mut self,
        led: Vec<(Open<S::Id>, Leader)>,
    ) -> Vec<(Open<S::Id>, Leader, Option<Box<Lease>>)> {
        // What is found now was there before those who join from here on.
        let stages: Vec<_> = led.iter().map(|(_, leader)| leader.stage()).collect();
        let leases = join_all(led.iter().map(|(here, _)| self.leave(here))).await;
        // Acknowledged before the flight took off; a later write detaches it. Those who wait ask for themselves.
        let pending = self.pending(led.iter().map(|(here, _)| here)).await;
        let mut load = Vec::with_capacity(led.len());
        let mut unanswered = Vec::new();
        for ((((mut here, leader), leave), stage), ahead) in
            led.into_iter().zip(leases).zip(stages).zip(pending)
        {
            match self.take_ahead(&mut here, ahead) {
                Next::Answered => continue,
                Next::Added => {
                    self.adding.push(here);
                    continue;
                }
                Next::Loaded => {}
            }
            match leave {
                Leave::Pending { absent: true } => {}
                Leave::Pending { absent: false } => unanswered.push((here, leader)),
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
        // The store says that something is pending, and the queue what.
        let calls: Vec<_> = unanswered.iter().map(|(here, _)| self.call(here)).collect();
        let pending = join_all(calls.iter().map(crate::read::Call::pending)).await;
        drop(calls);
        for ((mut here, leader), ahead) in unanswered.into_iter().zip(pending) {
            // It may be flushed by now, and dropped meanwhile: it isn't kept.
            let flushed = ahead.is_none();
            match self.take_ahead(&mut here, ahead) {
                Next::Answered => {}
                Next::Added => self.adding.push(here),
                Next::Loaded => {
                    if flushed {
                        here.newer = Newer::Perhaps;
                    }
                    load.push((here, leader, None));
                }
            }
        }
        self.flush(load.iter_mut().map(|(here, ..)| here)).await;
        load
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
    pub(super) async fn follow(
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
}
