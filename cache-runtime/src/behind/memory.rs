//! The queue in this process: a map of what waits, and the order in which it came.

use super::{Pending, Put, WriteQueue};
use crate::{key::KeyId, value::AnyArc};
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A function's number and a key.
type Place = (usize, KeyId);

pub(super) struct MemoryQueue {
    state: Mutex<State>,
    max_pending: usize,
}

#[derive(Default)]
struct State {
    waiting: HashMap<Place, Pending>,
    order: VecDeque<Place>,
    /// The latest value of every waiting key, whichever function wrote it.
    values: HashMap<KeyId, (u64, AnyArc)>,
    dead: Vec<Dead>,
}

struct Dead {
    write: Pending,
    error: String,
    /// A newer write to the key is in the database.
    superseded: bool,
}

impl fmt::Debug for MemoryQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryQueue").field("waiting", &self.len()).finish_non_exhaustive()
    }
}

fn place(write: &Pending) -> Place {
    (write.spec.id(), write.id)
}

impl MemoryQueue {
    pub(super) fn new(max_pending: usize) -> Self {
        Self { state: Mutex::default(), max_pending }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn insert(&mut self, write: Pending) -> Put {
        let place = place(&write);
        self.values.insert(write.id, (write.version, write.value.clone()));
        match self.waiting.get_mut(&place) {
            Some(waiting) => {
                let since = waiting.since.min(write.since);
                *waiting = Pending { since, ..write };
                Put::Coalesced
            }
            None => {
                self.waiting.insert(place, write);
                self.order.push_back(place);
                Put::Queued
            }
        }
    }

    fn remove(&mut self, write: &Pending) {
        let place = place(write);
        match self.waiting.get_mut(&place) {
            Some(waiting) if waiting.version == write.version => {
                self.waiting.remove(&place);
                if self.values.get(&write.id).is_some_and(|(version, _)| *version == write.version) {
                    self.values.remove(&write.id);
                }
            }
            // A later one took its place; what that stands for has arrived up to this write.
            Some(waiting) => waiting.since = waiting.since.max(write.version + 1),
            None => {}
        }
    }
}

impl WriteQueue for MemoryQueue {
    fn put(&self, write: Box<Pending>) -> Result<Put, Box<Pending>> {
        let mut state = self.state();
        if state.waiting.len() >= self.max_pending && !state.waiting.contains_key(&place(&write)) {
            return Err(write);
        }
        Ok(state.insert(*write))
    }

    fn functions(&self) -> Vec<usize> {
        let mut functions = Vec::new();
        for &(function, _) in &self.state().order {
            if !functions.contains(&function) {
                functions.push(function);
            }
        }
        functions
    }

    fn next(&self, function: usize, most: usize) -> Vec<Pending> {
        let state = self.state();
        let mine = state.order.iter().filter(|(owner, _)| *owner == function);
        mine.take(most).filter_map(|place| state.waiting.get(place).cloned()).collect()
    }

    fn done(&self, written: &[Pending]) {
        let mut state = self.state();
        for write in written {
            state.remove(write);
            for dead in &mut state.dead {
                dead.superseded |= place(&dead.write) == place(write) && dead.write.version <= write.version;
            }
        }
        let State { order, waiting, .. } = &mut *state;
        order.retain(|place| waiting.contains_key(place));
    }

    fn failed(&self, writes: &[Pending]) {
        let mut state = self.state();
        for write in writes {
            if let Some(waiting) = state.waiting.get_mut(&place(write))
                && waiting.version == write.version
            {
                waiting.attempts += 1;
            }
        }
    }

    fn bury(&self, write: Pending, error: String) {
        let mut state = self.state();
        state.remove(&write);
        let State { order, waiting, .. } = &mut *state;
        order.retain(|place| waiting.contains_key(place));
        state.dead.push(Dead { write, error, superseded: false });
    }

    fn value(&self, id: KeyId) -> Option<AnyArc> {
        self.state().values.get(&id).map(|(_, value)| value.clone())
    }

    fn version(&self, id: KeyId) -> Option<u64> {
        self.state().values.get(&id).map(|(version, _)| *version)
    }

    fn waiting_for(&self, id: KeyId) -> Vec<Pending> {
        self.state().waiting.values().filter(|write| write.id == id).cloned().collect()
    }

    fn waits_for(&self, id: KeyId, version: u64) -> bool {
        self.state().waiting.values().any(|write| write.id == id && write.since <= version)
    }

    fn waits_up_to(&self, version: u64) -> bool {
        self.state().waiting.values().any(|write| write.since <= version)
    }

    fn len(&self) -> usize {
        self.state().waiting.len()
    }

    fn dead(&self) -> Vec<(Pending, String)> {
        self.state().dead.iter().map(|dead| (dead.write.clone(), dead.error.clone())).collect()
    }

    fn revive(&self, version: &mut dyn FnMut() -> u64) -> Vec<Pending> {
        let mut state = self.state();
        let mut revived = Vec::new();
        for mut dead in std::mem::take(&mut state.dead) {
            let room = state.waiting.len() < self.max_pending;
            if dead.superseded || !room || state.values.contains_key(&dead.write.id) {
                state.dead.push(dead);
                continue;
            }
            dead.write.version = version();
            dead.write.since = dead.write.version;
            dead.write.attempts = 0;
            state.insert(dead.write.clone());
            revived.push(dead.write);
        }
        revived
    }

    fn supersede(&self, id: KeyId) {
        for dead in self.state().dead.iter_mut().filter(|dead| dead.write.id == id) {
            dead.superseded = true;
        }
    }

    fn discard(&self) -> usize {
        std::mem::take(&mut self.state().dead).len()
    }
}
