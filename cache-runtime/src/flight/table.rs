//! Which keys are being loaded or written in this process right now.

use super::{Audience, Flight, Follower, Leader, Outcome, Seat, Stage, WaitEdge, stack, would_deadlock};
use crate::{
    clock::{Clock, Moment},
    key::{AlreadyHashed, KeyId},
    sync::{
        Arc, FLIGHT_SHARDS, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use std::{collections::HashMap, fmt, time::Duration};

/// The keys in motion. Everything that must be atomic with an invalidation happens under a key's shard lock.
pub(crate) struct Flights {
    shards: Box<[Shard]>,
    /// Held while a nested load decides whether waiting would close a circle.
    circle: Mutex<()>,
    pub(super) clock: Clock,
}

#[derive(Default)]
struct Shard {
    keys: Mutex<HashMap<KeyId, KeyState, AlreadyHashed>>,
    /// Counts invalidations, for values read from the store without a flight.
    invalidations: AtomicU64,
}

/// A key that is being loaded or written, or that must not be stored for a while.
#[derive(Default)]
struct KeyState {
    flight: Option<Arc<Flight>>,
    writers: u32,
    /// Two writers overlapped: the order of their commits is unknown.
    contended: bool,
    /// Nothing is stored before this moment: a write whose outcome is unknown may still commit.
    held_until: Moment,
    /// No refresh begins before this moment: the last one failed.
    quiet_until: Moment,
}

/// How a caller that missed takes part.
pub(crate) enum Joined<H> {
    /// It is there by now.
    Hit(H),
    Lead(Leader),
    Follow(Follower),
    /// Waiting would never end: the key is being loaded by this very task, or by one that waits for it.
    Recursive,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteEnd {
    /// It committed.
    Committed,
    /// It failed, and won't commit anything later.
    Over,
    /// It may or may not have committed, and may still do so.
    Unknown,
}

/// A write under way; dropping it without an end means that the outcome is unknown.
pub(crate) struct WriteSeat {
    table: Arc<Flights>,
    id: KeyId,
    hold: Duration,
    ended: bool,
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").field("keys_in_motion", &self.len()).finish_non_exhaustive()
    }
}

impl Flights {
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        let shards = (0..FLIGHT_SHARDS).map(|_| Shard::default()).collect();
        Arc::new(Self { shards, circle: Mutex::new(()), clock })
    }

    /// Takes part in loading a key. `peek` looks once more whether it is there, atomically with the decision to lead.
    pub(crate) fn join<H>(self: &Arc<Self>, id: KeyId, peek: impl FnOnce() -> Option<H>) -> Joined<H> {
        let mine = if stack::is_nested() { stack::current() } else { Vec::new() };
        if mine.iter().any(|flight| flight.id == id) {
            return Joined::Recursive;
        }
        let mut keys = self.keys(id);
        let state = keys.entry(id).or_default();
        if let Some(flight) = &state.flight {
            if flight.groups_hold() {
                let seat = Seat::take(flight.clone(), self.clone());
                drop(keys);
                return self.follow(seat, mine);
            }
            flight.detach();
            state.flight = None;
        }
        if let Some(hit) = peek() {
            if state.is_idle(self.clock.now()) {
                keys.remove(&id);
            }
            return Joined::Hit(hit);
        }
        Joined::Lead(self.take_off(id, state))
    }

    /// Whether the key is being written in this process, or a write of it may still commit.
    pub(crate) fn is_written(&self, id: KeyId) -> bool {
        let now = self.clock.now();
        self.keys(id).get(&id).is_some_and(|state| state.writers > 0 || state.held_until > now)
    }

    /// Leads a load of the key unless somebody does already; for refreshes.
    pub(crate) fn try_lead(self: &Arc<Self>, id: KeyId) -> Option<Leader> {
        let mut keys = self.keys(id);
        let state = keys.entry(id).or_default();
        match &state.flight {
            Some(flight) if flight.groups_hold() => None,
            Some(_) | None if state.quiet_until > self.clock.now() => None,
            Some(_) | None => {
                if let Some(outdated) = state.flight.take() {
                    outdated.detach();
                }
                Some(self.take_off(id, state))
            }
        }
    }

    /// Leads a load of the key, whoever leads it now; `None` if this task does.
    pub(crate) fn take_over(self: &Arc<Self>, id: KeyId) -> Option<Leader> {
        if stack::current().iter().any(|flight| flight.id == id) {
            return None;
        }
        let mut keys = self.keys(id);
        let state = keys.entry(id).or_default();
        if let Some(earlier) = state.flight.take() {
            earlier.detach();
        }
        Some(self.take_off(id, state))
    }

    fn take_off(self: &Arc<Self>, id: KeyId, state: &mut KeyState) -> Leader {
        let flight = Arc::new(Flight::new(id));
        if state.held_until > self.clock.now() {
            flight.doubt();
        }
        state.flight = Some(flight.clone());
        let permit = flight.lead.clone().try_acquire_owned().expect("a new flight has its one permit");
        Leader { seat: Seat::take(flight, self.clone()), _permit: permit }
    }

    fn follow<H>(&self, seat: Seat, mine: Vec<Arc<Flight>>) -> Joined<H> {
        let flight = &seat.flight;
        let joined_at = Stage(flight.stage.load(Ordering::Acquire));
        let edge = if mine.is_empty() {
            WaitEdge::new(mine, flight)
        } else {
            let _one_at_a_time = self.circle.lock().unwrap_or_else(PoisonError::into_inner);
            if would_deadlock(flight, &mine) {
                return Joined::Recursive;
            }
            WaitEdge::new(mine, flight)
        };
        Joined::Follow(Follower { seat, joined_at, _edge: edge })
    }

    pub(super) fn land(
        &self,
        flight: &Arc<Flight>,
        outcome: Outcome,
        audience: Audience,
        store: impl FnOnce(KeyId),
    ) {
        let mut keys = self.keys(flight.id);
        if let Some(state) = keys.get_mut(&flight.id)
            && state.flight.as_ref().is_some_and(|current| Arc::ptr_eq(current, flight))
        {
            let now = self.clock.now();
            if state.writers == 0 && state.held_until <= now && flight.is_certain() {
                store(flight.id);
            }
            state.flight = None;
            if state.is_idle(now) {
                keys.remove(&flight.id);
            }
        }
        drop(keys);
        flight.land(outcome, audience);
    }

    /// Somebody leaves a flight; the last one takes it off the table.
    pub(super) fn leave(&self, flight: &Arc<Flight>) {
        let mut keys = self.keys(flight.id);
        // Nobody can join while the shard is locked.
        if flight.seats.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(state) = keys.get_mut(&flight.id)
            && state.flight.as_ref().is_some_and(|current| Arc::ptr_eq(current, flight))
        {
            state.flight = None;
            if state.is_idle(self.clock.now()) {
                keys.remove(&flight.id);
            }
        }
    }

    /// Ends what is known of a key: `remove` takes it out of L1, and a load in flight will be kept nowhere. With `hold`, neither will any
    /// load that begins before that time has passed.
    pub(crate) fn invalidate(&self, id: KeyId, hold: Option<Duration>, remove: impl FnOnce()) {
        let mut keys = self.keys(id);
        self.shard(id).invalidations.fetch_add(1, Ordering::AcqRel);
        remove();
        let now = self.clock.now();
        if let Some(hold) = hold {
            if keys.len() == keys.capacity() {
                keys.retain(|_, state| !state.is_idle(now));
            }
            let state = keys.entry(id).or_default();
            state.held_until = state.held_until.max(now.plus(hold));
        }
        if let Some(state) = keys.get_mut(&id) {
            // Its commit and that of an open write came in an order that nobody knows.
            state.contended |= state.writers > 0;
            if let Some(flight) = state.flight.take() {
                flight.detach();
            }
            if state.is_idle(now) {
                keys.remove(&id);
            }
        }
    }

    /// Lets no refresh of the key begin for a while.
    pub(crate) fn quiet(&self, id: KeyId, pause: Duration) {
        let mut keys = self.keys(id);
        let now = self.clock.now();
        if keys.len() == keys.capacity() {
            keys.retain(|_, state| !state.is_idle(now));
        }
        keys.entry(id).or_default().quiet_until = now.plus(pause);
    }

    /// Announces a write: until it ends, nothing is stored under the key. `remove` takes it out of L1.
    pub(crate) fn begin_write(
        self: &Arc<Self>,
        id: KeyId,
        hold: Duration,
        remove: impl FnOnce(),
    ) -> WriteSeat {
        let mut keys = self.keys(id);
        self.shard(id).invalidations.fetch_add(1, Ordering::AcqRel);
        let state = keys.entry(id).or_default();
        state.writers += 1;
        state.contended |= state.writers > 1;
        if let Some(flight) = state.flight.take() {
            flight.detach();
        }
        remove();
        WriteSeat { table: self.clone(), id, hold, ended: false }
    }

    /// How many invalidations this key's shard has seen.
    pub(crate) fn invalidations(&self, id: KeyId) -> u64 {
        self.shard(id).invalidations.load(Ordering::Acquire)
    }

    /// Runs `store` unless something was invalidated since `seen`, or the key is being written.
    pub(crate) fn store_if_unchanged(&self, id: KeyId, seen: u64, store: impl FnOnce()) {
        let keys = self.keys(id);
        let calm =
            keys.get(&id).is_none_or(|state| state.writers == 0 && state.held_until <= self.clock.now());
        if calm && self.shard(id).invalidations.load(Ordering::Acquire) == seen {
            store();
        }
    }

    /// Whether a load of the key is under way.
    pub(crate) fn is_loading(&self, id: KeyId) -> bool {
        self.keys(id).get(&id).is_some_and(|state| state.flight.is_some())
    }

    /// Detaches every flight, then empties L1 through `remove`.
    pub(crate) fn invalidate_all(&self, remove: impl FnOnce()) {
        for shard in &self.shards {
            let mut keys = shard.keys.lock().unwrap_or_else(PoisonError::into_inner);
            shard.invalidations.fetch_add(1, Ordering::AcqRel);
            for state in keys.values_mut() {
                // What made the flush necessary may have come after the commit of an open write.
                state.contended |= state.writers > 0;
                if let Some(flight) = state.flight.take() {
                    flight.detach();
                }
            }
        }
        remove();
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|s| s.keys.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    fn shard(&self, id: KeyId) -> &Shard {
        &self.shards[id.shard(FLIGHT_SHARDS)]
    }

    fn keys(&self, id: KeyId) -> MutexGuard<'_, HashMap<KeyId, KeyState, AlreadyHashed>> {
        // A panic under the lock can come only from a clone of a value that is being looked at, before any change.
        self.shard(id).keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyState {
    fn is_idle(&self, now: Moment) -> bool {
        self.flight.is_none() && self.writers == 0 && self.held_until <= now && self.quiet_until <= now
    }
}

impl WriteSeat {
    /// Ends the write. `keep` runs, atomically with any invalidation, if it committed and no other write overlapped it;
    /// otherwise `remove` does.
    pub(crate) fn end(mut self, end: WriteEnd, keep: impl FnOnce(), remove: impl FnOnce()) {
        self.finish(end, keep, remove);
    }

    fn finish(&mut self, end: WriteEnd, keep: impl FnOnce(), remove: impl FnOnce()) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let table = self.table.clone();
        let mut keys = table.keys(self.id);
        table.shard(self.id).invalidations.fetch_add(1, Ordering::AcqRel);
        let now = table.clock.now();
        let state = keys.entry(self.id).or_default();
        state.writers = state.writers.saturating_sub(1);
        // Loads that began while the write was open may have read either side of it.
        if let Some(flight) = state.flight.take() {
            flight.detach();
        }
        if end == WriteEnd::Unknown {
            state.held_until = state.held_until.max(now.plus(self.hold));
        }
        let sole = !state.contended && state.writers == 0 && state.held_until <= now;
        if end == WriteEnd::Committed && sole {
            keep();
        } else {
            remove();
        }
        if state.writers == 0 {
            state.contended = false;
        }
        if state.is_idle(now) {
            keys.remove(&self.id);
        }
    }
}

impl Drop for WriteSeat {
    fn drop(&mut self) {
        self.finish(WriteEnd::Unknown, || {}, || {});
    }
}
