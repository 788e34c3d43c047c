//! Who loads, and who waits, when several callers miss the same key at once.
//!
//! A key that is being loaded has a [`Flight`]. The caller that holds its only permit leads: it runs its own body. The others wait for
//! the permit or for the outcome, whichever comes first, so when a leader is dropped or panics, exactly one of them gets the permit
//! and runs a body of its own, and nobody hangs.
//!
//! Invalidation detaches the flight from its key: it may still answer those who had joined it, its value is stored nowhere, and
//! callers that come later form the next flight.

mod stack;
mod table;

pub(crate) use table::{Flights, Joined, WriteEnd, WriteSeat};

use crate::{
    key::KeyId,
    l1::GroupStamp,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    value::AnyArc,
};
use std::{any::Any, fmt, future::Future, sync::OnceLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One load of one key.
pub(crate) struct Flight {
    id: KeyId,
    /// Held by the leader; closed once there is an outcome.
    lead: Arc<Semaphore>,
    /// Rises whenever the leader is about to look at the row or the entry, or to store it.
    stage: AtomicU32,
    /// A write that may still commit was open when it took off or when a body began: its value is kept nowhere.
    doubtful: AtomicBool,
    outcome: OnceLock<Landed>,
    /// Something was invalidated since it took off.
    detached: AtomicBool,
    /// The groups of the key when the latest body began.
    groups: Mutex<Option<Arc<[GroupStamp]>>>,
    /// How many callers take part in it. Falls only under the lock of the key, and rises there or beside a seat that is taken.
    seats: AtomicU32,
    /// Flights that the leader's body waits for.
    waits_for: Mutex<Vec<Weak<Flight>>>,
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight")
            .field("stage", &self.stage)
            .field("detached", &self.detached)
            .finish_non_exhaustive()
    }
}

/// What a load came to.
#[derive(Clone)]
pub(crate) enum Outcome {
    Value(AnyArc),
    Absent,
    /// The body failed; with the error where it can be shared.
    Failed(Option<Arc<dyn Any + Send + Sync>>),
}

/// Who may have the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Nothing outside this process can have changed it since, or there is nothing to change: everyone who joined.
    Everyone,
    /// Only callers that joined before this stage: later ones may have come after a write that the outcome doesn't show.
    JoinedBefore(Stage),
}

/// A moment in a flight, at which the leader looked at something or stored it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stage(u32);

struct Landed {
    outcome: Outcome,
    audience: Audience,
}

/// The caller that runs the body.
pub(crate) struct Leader {
    seat: Seat,
    _permit: OwnedSemaphorePermit,
}

/// A caller that waits for another one's body.
pub(crate) struct Follower {
    seat: Seat,
    /// Where the flight was when it joined.
    joined_at: Stage,
    _edge: WaitEdge,
}

/// What a follower gets.
pub(crate) enum Followed {
    Outcome(Outcome),
    /// The leader is gone; it is this caller's turn.
    Lead(Leader),
    /// The outcome isn't for callers that joined this late: begin again.
    Again,
}

/// Keeps a flight on the table as long as somebody sits in it.
struct Seat {
    flight: Arc<Flight>,
    table: Arc<Flights>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.table.leave(&self.flight);
    }
}

impl Flight {
    fn new(id: KeyId) -> Self {
        Self {
            id,
            lead: Arc::new(Semaphore::new(1)),
            stage: AtomicU32::new(0),
            doubtful: AtomicBool::new(false),
            outcome: OnceLock::new(),
            detached: AtomicBool::new(false),
            groups: Mutex::new(None),
            seats: AtomicU32::new(0),
            waits_for: Mutex::new(Vec::new()),
        }
    }

    fn detach(&self) {
        self.detached.store(true, Ordering::Release);
    }

    fn is_detached(&self) -> bool {
        self.detached.load(Ordering::Acquire)
    }

    /// Whether a group of the key was dropped since the body began.
    fn groups_hold(&self) -> bool {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.as_ref().is_none_or(|groups| crate::l1::all_current(groups))
    }

    fn doubt(&self) {
        self.doubtful.store(true, Ordering::Release);
    }

    /// Whether its value may be kept.
    fn is_certain(&self) -> bool {
        !self.doubtful.load(Ordering::Acquire) && self.groups_hold()
    }

    fn land(&self, outcome: Outcome, audience: Audience) {
        // A second outcome can't come: the permit is never given back after the first.
        let _ = self.outcome.set(Landed { outcome, audience });
        self.lead.close();
    }
}

impl Leader {
    /// The leader is about to look at the row or the entry, or to store it: who joins from now on comes later than this stage.
    pub(crate) fn stage(&self) -> Stage {
        Stage(self.seat.flight.stage.fetch_add(1, Ordering::AcqRel) + 1)
    }

    /// The value of the flight is about to be read from the database; remembers the groups as they are now.
    pub(crate) fn body_begins(&self, groups: Option<Arc<[GroupStamp]>>) -> Stage {
        let flight = &self.seat.flight;
        let now = self.seat.table.clock.now();
        if groups.as_ref().is_some_and(|groups| groups.iter().any(|group| group.is_held(now))) {
            flight.doubt();
        }
        *flight.groups.lock().unwrap_or_else(PoisonError::into_inner) = groups;
        self.stage()
    }

    /// Runs the body as part of this flight.
    pub(crate) async fn run<F: Future>(&self, body: F) -> F::Output {
        stack::within([self.seat.flight.clone()], body).await
    }

    /// Runs one body for all these flights.
    pub(crate) async fn run_for<F: Future>(leaders: &[&Self], body: F) -> F::Output {
        stack::within(leaders.iter().map(|leader| leader.seat.flight.clone()), body).await
    }

    /// Ends the flight. `store` runs, atomically with any invalidation, if the value may be kept in this process.
    pub(crate) fn land(self, outcome: Outcome, audience: Audience, store: impl FnOnce(KeyId)) {
        self.seat.table.land(&self.seat.flight, outcome, audience, store);
    }

    /// Whether something was invalidated since the flight took off.
    pub(crate) fn is_detached(&self) -> bool {
        self.seat.flight.is_detached()
    }
}

impl Follower {
    /// Waits for the outcome, or for the leader's place.
    pub(crate) async fn wait(self) -> Followed {
        let flight = &self.seat.flight;
        // The semaphore hands its permit to the longest waiting follower that still waits.
        match flight.lead.clone().acquire_owned().await {
            Ok(_permit) if flight.is_detached() => Followed::Again,
            Ok(permit) => Followed::Lead(Leader { seat: self.seat.again(), _permit: permit }),
            Err(_closed) => match flight.outcome.get() {
                Some(landed) if landed.audience.has(self.joined_at) => {
                    Followed::Outcome(landed.outcome.clone())
                }
                Some(_) | None => Followed::Again,
            },
        }
    }
}

impl Audience {
    fn has(self, joined_at: Stage) -> bool {
        match self {
            Self::Everyone => true,
            Self::JoinedBefore(stage) => joined_at.0 < stage.0,
        }
    }
}

impl Seat {
    /// One more seat; under the lock of the key unless the caller has one already.
    fn take(flight: Arc<Flight>, table: Arc<Flights>) -> Self {
        flight.seats.fetch_add(1, Ordering::AcqRel);
        Self { flight, table }
    }

    fn again(&self) -> Self {
        Self::take(self.flight.clone(), self.table.clone())
    }
}

/// Says that the current task's loads, inner and outer, wait for a flight, for as long as they do.
struct WaitEdge {
    from: Vec<Arc<Flight>>,
    to: Weak<Flight>,
}

impl WaitEdge {
    fn new(from: Vec<Arc<Flight>>, to: &Arc<Flight>) -> Self {
        let to = Arc::downgrade(to);
        for from in &from {
            from.waits_for.lock().unwrap_or_else(PoisonError::into_inner).push(to.clone());
        }
        Self { from, to }
    }
}

impl Drop for WaitEdge {
    fn drop(&mut self) {
        for from in &self.from {
            let mut waits = from.waits_for.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(at) = waits.iter().position(|to| to.ptr_eq(&self.to)) {
                waits.swap_remove(at);
            }
        }
    }
}

/// Whether waiting for `target` would, through the flights its leader waits for, be waiting for one of `mine`.
fn would_deadlock(target: &Arc<Flight>, mine: &[Arc<Flight>]) -> bool {
    let mut seen: Vec<Arc<Flight>> = Vec::new();
    let mut next = vec![target.clone()];
    while let Some(flight) = next.pop() {
        if mine.iter().any(|m| Arc::ptr_eq(m, &flight)) {
            return true;
        }
        if seen.iter().any(|s| Arc::ptr_eq(s, &flight)) {
            continue;
        }
        let waits = flight.waits_for.lock().unwrap_or_else(PoisonError::into_inner);
        next.extend(waits.iter().filter_map(Weak::upgrade));
        drop(waits);
        seen.push(flight);
    }
    false
}
