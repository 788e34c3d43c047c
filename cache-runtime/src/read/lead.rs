//! What the leader of a flight does: get leave, run the body, store the value, and let the followers have it.

use super::{Call, ahead::Ahead, body::Loads, remote};
use crate::{
    clock::{self, Moment},
    codec,
    edge::Edge,
    flight::{Audience, Leader, Outcome, Stage},
    l1::{GroupStamp, L1, L1Entry},
    observe::{Counter, Counters},
    spec::Strategy,
    store::{BreakerState, Fill, FillOutcome, Version},
    terms::{Lives, Loaded},
    value::{Shape, View, forget},
    write,
};
use remote::{Found, Lease, Leave};
use std::{future::Future, sync::Arc, time::Duration};

/// After a stale value stood in for a failed body, the body is left alone for this long.
const STALE_PAUSE: Duration = Duration::from_secs(30);
/// The same where other processes write: a write of theirs that ends the failure must not be hidden for long.
const STALE_PAUSE_SHARED: Duration = Duration::from_secs(1);
/// After a refresh failed, the next begins no sooner than this.
const REFRESH_PAUSE: Duration = Duration::from_secs(1);

impl<S: Shape> Call<'_, S> {
    /// Loads the key on behalf of everybody in the flight.
    pub(crate) async fn lead<F>(mut self, leader: Leader, body: F, found: Found<S::Value>) -> S::Return
    where
        F: Loads<S::Return>,
    {
        // A write acknowledged before this flight took off; a later one detaches it.
        match self.ahead().await {
            None => {}
            Some(Ahead::Unasked) => self.unasked = true,
            Some(ahead) => {
                // Those who wait ask the queue themselves.
                drop(leader);
                return Box::pin(self.answer_ahead(ahead, body)).await;
            }
        }
        if let Some(stale) = self.resting() {
            leader.land(Outcome::Value(forget(stale.clone())), Audience::Everyone, |_| ());
            return S::hit(stale);
        }
        let lease = match (&self.inner.remote, &found) {
            (Some(remote), Found::Nothing(seen)) => {
                let patient = self.function.spec.strategy != Strategy::CacheAside;
                // What is found now was there before those who join from here on.
                let stage = leader.stage();
                match self.ask_leave(remote, seen.as_ref(), patient).await {
                    Leave::Granted(lease) => Some(lease),
                    Leave::Without => None,
                    Leave::Pending { absent } => {
                        drop(leader);
                        // None: it was flushed meanwhile.
                        let ahead = if absent { Some(Ahead::Absent) } else { self.pending().await };
                        return match ahead {
                            Some(ahead) => Box::pin(self.answer_ahead(ahead, body)).await,
                            None => self.bypass(body).await,
                        };
                    }
                    Leave::Found(Found::Value(value, _)) => {
                        let outcome = Outcome::Value(forget(value.clone()));
                        leader.land(outcome, Audience::JoinedBefore(stage), |_| ());
                        self.function.counters.add(Counter::SharedHit);
                        return S::hit(value);
                    }
                    Leave::Found(_) => {
                        if let Some(absent) = S::absent() {
                            leader.land(Outcome::Absent, Audience::JoinedBefore(stage), |_| ());
                            self.function.counters.add(Counter::NegativeHit);
                            return absent;
                        }
                        None
                    }
                }
            }
            _ => None,
        };
        match &self.inner.remote {
            Some(remote) if remote.shared.store.state() != BreakerState::Closed => {
                self.inner.loads.run(self.load_and_land(leader, lease, body, Replaces::Nothing)).await
            }
            _ => self.load_and_land(leader, lease, body, Replaces::Nothing).await,
        }
    }

    /// Runs the body and ends the flight.
    pub(crate) async fn load_and_land<F>(
        &self,
        leader: Leader,
        lease: Option<Box<Lease>>,
        body: F,
        replaces: Replaces,
    ) -> S::Return
    where
        F: Future<Output = Loaded<S::Return>>,
    {
        if replaces == Replaces::Nothing {
            self.function.counters.add(Counter::Miss);
        }
        let groups = self.group_stamps();
        let seen = self.inner.flights.invalidations(self.id);
        let stage = leader.body_begins(groups.clone());
        let begun = clock::exact();
        let Loaded { returned, lives, version } = leader.run(self.run(body)).await;
        let lives = if self.unasked { Lives::Not } else { lives };
        let cost = clock::since(begun);
        if S::error(&returned).is_some() {
            if replaces == Replaces::AnEntry {
                self.inner.flights.quiet(self.id, REFRESH_PAUSE);
            } else if let Some(stale) = self.stale() {
                leader.land(Outcome::Value(forget(stale.clone())), Audience::Everyone, |_| ());
                return S::hit(stale);
            }
        }
        let landing = self.landing(leader, lease, &returned, (lives, version), cost, groups, stage);
        // What the body has seen makes the entry that was there outdated, stored or not.
        let stored = match &self.inner.remote {
            None => landing.land_here(),
            Some(remote) => {
                // From here on the caller may leave: the fill goes on, and the followers hear of it.
                match remote.background.spawn(landing.land()).await {
                    Ok(stored) => stored.counted(&self.function.counters),
                    Err(_gone) => false,
                }
            }
        };
        // An invalidation has dropped it already.
        let there = replaces == Replaces::AnEntry && self.inner.flights.invalidations(self.id) == seen;
        if there && S::error(&returned).is_none() && !stored {
            write::drop_key(self.inner, Edge::of(self.function.spec, self.key.clone())).await;
        }
        returned
    }

    /// Prepares the end of a flight: what everybody gets, what this process keeps, what the shared store is to keep.
    pub(crate) fn landing(
        &self,
        leader: Leader,
        lease: Option<Box<Lease>>,
        returned: &S::Return,
        (lives, version): (Lives, Option<Version>),
        cost: Duration,
        groups: Option<Arc<[GroupStamp]>>,
        stage: Stage,
    ) -> Landing {
        let outcome = match S::view(returned) {
            View::Value(_) => {
                S::keep(returned).map_or(Outcome::Absent, |value| Outcome::Value(forget(value)))
            }
            View::Absent => Outcome::Absent,
            View::Failed => Outcome::Failed(S::share_error(returned)),
        };
        if self.inner.remote.is_none() && leader.is_detached() {
            self.function.counters.add(Counter::FillRefused);
        }
        let kept = match &self.inner.remote {
            None => self.exact_entry(&outcome, returned, lives, groups),
            Some(_) => self.kept_beside(&outcome, returned, lives, groups),
        };
        let fill =
            lease.and_then(|lease| Some((self.encode(&lease, returned, lives, version, cost)?, lease)));
        Landing { leader, outcome, kept, fill, stage, l1: self.inner.l1.clone() }
    }

    /// What a single process keeps.
    fn exact_entry(
        &self,
        outcome: &Outcome,
        returned: &S::Return,
        lives: Lives,
        groups: Option<Arc<[GroupStamp]>>,
    ) -> Option<L1Entry> {
        let now = self.inner.clock.now();
        lives
            .is_stored()
            .then(|| local_entry::<S>(now, self.function.spec, outcome, returned, lives.time(), groups))
    }

    /// What this process keeps beside the shared store: what it may answer with while it hears of changes, and what stands in for bodies that will fail.
    fn kept_beside(
        &self,
        outcome: &Outcome,
        returned: &S::Return,
        lives: Lives,
        groups: Option<Arc<[GroupStamp]>>,
    ) -> Option<L1Entry> {
        let spec = self.function.spec;
        let (Outcome::Value(_), true) = (outcome, lives.is_stored()) else {
            return None;
        };
        let answers = self.function.lag.is_some();
        if !answers && spec.stale_if_error.is_none() {
            return None;
        }
        let now = self.inner.clock.now();
        let entry = local_entry::<S>(now, spec, outcome, returned, lives.time(), groups);
        Some(if answers { entry } else { entry.until(now) })
    }

    /// The last value, if it may still stand in for a body that has just failed; it does so for everybody for a while.
    fn stale(&self) -> Option<Arc<S::Value>> {
        self.function.spec.stale_if_error?;
        let seen = self.inner.flights.invalidations(self.id);
        let entry = self.inner.l1.get(self.id)?;
        let now = self.inner.clock.now();
        if entry.spare() <= now || !entry.groups_hold() {
            return None;
        }
        let value = entry.value.clone()?.downcast().ok()?;
        let entry = if self.inner.remote.is_none() {
            let until = entry.hard().max(now.plus(STALE_PAUSE).min(entry.spare()));
            entry.until(until)
        } else {
            let rest = now.plus(STALE_PAUSE_SHARED).min(entry.spare());
            entry.rest_until(rest)
        };
        self.inner.flights.store_if_unchanged(self.id, seen, || self.inner.l1.insert(self.id, entry));
        Some(value)
    }

    /// The last value, while it stands in for a body that failed a moment ago.
    fn resting(&self) -> Option<Arc<S::Value>> {
        self.function.spec.stale_if_error?;
        let entry = self.inner.l1.get(self.id)?;
        if entry.rest() <= self.inner.clock.now() || !entry.groups_hold() {
            return None;
        }
        self.function.counters.add(Counter::StaleHit);
        entry.value?.downcast().ok()
    }
}

/// Whether a load was asked for although there may be an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replaces {
    Nothing,
    AnEntry,
}

/// The end of a flight, with what is still to be stored.
pub(crate) struct Landing {
    leader: Leader,
    outcome: Outcome,
    kept: Option<L1Entry>,
    fill: Option<(Fill, Box<Lease>)>,
    /// The body's.
    stage: Stage,
    l1: Arc<L1>,
}

impl Landing {
    /// Ends a flight in a single process, where storing can't fail and nothing comes in between unnoticed. Returns whether the value is stored.
    pub(crate) fn land_here(self) -> bool {
        self.finish(Audience::Everyone)
    }

    /// Stores the value in the shared store, then ends the flight.
    pub(crate) async fn land(mut self) -> Stored {
        let filling = self.leader.stage();
        let stored = match self.fill.take() {
            Some((fill, lease)) => Some(lease.fill(fill).await),
            None => None,
        };
        let counter = match stored {
            Some(Ok(FillOutcome::Stored)) => {
                self.finish(Audience::JoinedBefore(filling));
                return Stored::Yes;
            }
            Some(Ok(FillOutcome::Refused)) => Stored::No(Some(Counter::FillRefused)),
            Some(Err(_)) => Stored::No(Some(Counter::FillFailed)),
            None => Stored::No(None),
        };
        // Stored nowhere: something may have been invalidated after the body read the value.
        self.kept = None;
        let audience = match self.outcome {
            Outcome::Failed(_) => Audience::Everyone,
            Outcome::Value(_) | Outcome::Absent => Audience::JoinedBefore(self.stage),
        };
        self.finish(audience);
        counter
    }

    /// Returns whether this process keeps the value.
    fn finish(self, audience: Audience) -> bool {
        let Self { leader, outcome, kept, l1, .. } = self;
        let mut inserted = false;
        let failed = matches!(outcome, Outcome::Failed(_));
        leader.land(outcome, audience, |id| match kept {
            Some(entry) => {
                l1.insert(id, entry);
                inserted = true;
            }
            // What the body has seen makes an expired entry outdated: it must not stand in for a later failure.
            None if !failed => l1.remove(id),
            None => {}
        });
        inserted
    }
}

/// Whether the shared store has the value of a flight. Nothing is kept in this process that it doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Yes,
    /// With what is to be counted.
    No(Option<Counter>),
}

impl Stored {
    /// Counts what became of it.
    pub(crate) fn counted(self, counters: &Counters) -> bool {
        if let Self::No(Some(counter)) = self {
            counters.add(counter);
        }
        self == Self::Yes
    }
}

/// An entry of this process.
pub(crate) fn local_entry<S: Shape>(
    now: Moment,
    spec: &crate::spec::Spec,
    outcome: &Outcome,
    returned: &S::Return,
    lives: Option<Duration>,
    groups: Option<Arc<[GroupStamp]>>,
) -> L1Entry {
    let value = match outcome {
        Outcome::Value(value) => Some(value.clone()),
        Outcome::Absent | Outcome::Failed(_) => None,
    };
    let weight = match S::view(returned) {
        View::Value(value) => codec::estimate(value),
        View::Absent | View::Failed => 0,
    };
    let hard = lives.map_or(Moment::NEVER, |lives| now.plus(lives));
    let soft = match (lives, spec.refresh_at) {
        (Some(lives), Some(part)) if value.is_some() => now.plus(lives.mul_f64(part)),
        _ => Moment::NEVER,
    };
    let spare = match (spec.stale_if_error, hard) {
        (Some(longer), hard) if hard != Moment::NEVER && value.is_some() => hard.plus(longer),
        _ => hard,
    };
    L1Entry::new(value, hard, weight, groups).reload_from(soft).spare_until(spare)
}
