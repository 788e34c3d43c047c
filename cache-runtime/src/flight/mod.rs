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

pub(crate) use stack::is_nested;
pub(crate) use table::{Flights, Joined, WriteEnd, WriteSeat};

use crate::{clock::Moment, key::KeyId, l1::GroupStamp, value::AnyArc};
use std::{
    any::Any,
    fmt,
    future::Future,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One load of one key.
pub(crate) struct Flight {
    id: KeyId,
    /// Held by the leader; closed once there is an outcome.
    lead: Arc<Semaphore>,
    /// How many bodies have begun in this flight.
    bodies: AtomicU32,
    outcome: OnceLock<Landed>,
    /// Something was invalidated since it took off.
    detached: AtomicBool,
    /// The groups of the key when the latest body began.
    groups: Mutex<Option<Arc<[GroupStamp]>>>,
    /// Flights that the leader's body waits for.
    waits_for: Mutex<Vec<Weak<Flight>>>,
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight")
            .field("bodies", &self.bodies)
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
    /// It was stored, or nothing outside this process can have changed it: everyone who joined.
    Everyone,
    /// The fill was refused or its answer is unknown: only callers that joined before the body began.
    JoinedBefore,
}

struct Landed {
    outcome: Outcome,
    audience: Audience,
    /// Which body of the flight it was, counted from 1.
    body: u32,
}

/// The caller that runs the body.
pub(crate) struct Leader {
    seat: Seat,
    _permit: OwnedSemaphorePermit,
}

/// A caller that waits for another one's body.
pub(crate) struct Follower {
    seat: Seat,
    /// How many bodies had begun when it joined.
    joined_at: u32,
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
            bodies: AtomicU32::new(0),
            outcome: OnceLock::new(),
            detached: AtomicBool::new(false),
            groups: Mutex::new(None),
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

    /// Whether a write to a group of the key may still commit.
    fn groups_held(&self, now: Moment) -> bool {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.as_ref().is_some_and(|groups| groups.iter().any(|group| group.is_held(now)))
    }

    fn land(&self, outcome: Outcome, audience: Audience) {
        let body = self.bodies.load(Ordering::Acquire);
        // A second outcome can't come: the permit is never given back after the first.
        let _ = self.outcome.set(Landed { outcome, audience, body });
        self.lead.close();
    }
}

impl Leader {
    /// The value of the flight is about to be read from the database; remembers the groups as they are now.
    pub(crate) fn body_begins(&self, groups: Option<Arc<[GroupStamp]>>) {
        *self.seat.flight.groups.lock().unwrap_or_else(PoisonError::into_inner) = groups;
        self.seat.flight.bodies.fetch_add(1, Ordering::AcqRel);
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
                Some(landed) if landed.audience == Audience::Everyone || self.joined_at < landed.body => {
                    Followed::Outcome(landed.outcome.clone())
                }
                Some(_) | None => Followed::Again,
            },
        }
    }
}

impl Seat {
    fn again(&self) -> Self {
        Self { flight: self.flight.clone(), table: self.table.clone() }
    }
}

/// Says that the current task's innermost load waits for `flight`, for as long as it does.
struct WaitEdge {
    from: Option<Arc<Flight>>,
    to: Weak<Flight>,
}

impl WaitEdge {
    fn new(from: Option<Arc<Flight>>, to: &Arc<Flight>) -> Self {
        let to = Arc::downgrade(to);
        if let Some(from) = &from {
            from.waits_for.lock().unwrap_or_else(PoisonError::into_inner).push(to.clone());
        }
        Self { from, to }
    }
}

impl Drop for WaitEdge {
    fn drop(&mut self) {
        if let Some(from) = &self.from {
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
