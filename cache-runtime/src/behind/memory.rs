//! The queue in this process: a map of what waits, and the order in which it came.

use super::{Pending, Put, WriteQueue};
use crate::{key::KeyId, value::AnyArc};
use std::{
    collections::{HashMap, HashSet, VecDeque},
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
    dead: Vec<(Pending, String)>,
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

impl WriteQueue for MemoryQueue {
    fn put(&self, write: Box<Pending>) -> Result<Put, Box<Pending>> {
        let mut state = self.state();
        let place = place(&write);
        if state.waiting.len() >= self.max_pending && !state.waiting.contains_key(&place) {
            return Err(write);
        }
        state.values.insert(write.id, (write.version, write.value.clone()));
        if let Some(waiting) = state.waiting.get_mut(&place) {
            *waiting = *write;
            return Ok(Put::Coalesced);
        }
        state.waiting.insert(place, *write);
        state.order.push_back(place);
        Ok(Put::Queued)
    }

    fn next(&self, most: usize) -> Vec<Pending> {
        let mut state = self.state();
        let Some(&(function, _)) = state.order.front() else {
            return Vec::new();
        };
        // The function goes to the end of the line, so that one that fails doesn't hold up the others.
        let (mine, others): (VecDeque<Place>, VecDeque<Place>) =
            state.order.drain(..).partition(|&(owner, _)| owner == function);
        state.order = others.into_iter().chain(mine.iter().copied()).collect();
        mine.iter().take(most).filter_map(|place| state.waiting.get(place).cloned()).collect()
    }

    fn done(&self, written: &[Pending]) {
        let mut state = self.state();
        let mut gone = HashSet::new();
        for write in written {
            let place = place(write);
            if state.waiting.get(&place).is_some_and(|waiting| waiting.version == write.version) {
                state.waiting.remove(&place);
                gone.insert(place);
                if state.values.get(&write.id).is_some_and(|(version, _)| *version == write.version) {
                    state.values.remove(&write.id);
                }
            }
        }
        state.order.retain(|place| !gone.contains(place));
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
        self.done(std::slice::from_ref(&write));
        self.state().dead.push((write, error));
    }

    fn value(&self, id: KeyId) -> Option<AnyArc> {
        self.state().values.get(&id).map(|(_, value)| value.clone())
    }

    fn len(&self) -> usize {
        self.state().waiting.len()
    }

    fn functions(&self) -> usize {
        self.state().order.iter().map(|(function, _)| function).collect::<HashSet<_>>().len()
    }

    fn waits_up_to(&self, version: u64) -> bool {
        self.state().waiting.values().any(|write| write.version <= version)
    }

    fn dead(&self) -> Vec<(Pending, String)> {
        self.state().dead.clone()
    }

    fn exhume(&self) -> Vec<Pending> {
        self.state().dead.drain(..).map(|(write, _)| write).collect()
    }
}
