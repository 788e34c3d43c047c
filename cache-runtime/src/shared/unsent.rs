//! Invalidations that the store has not taken yet.
//!
//! While one waits, this process neither reads nor stores the key in the shared store. Other processes may read the old entry until it is
//! delivered, at worst until its ttl.

use crate::{
    key::Key,
    store::{Clear, Store, Target, Version},
};
use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// More than this many, and the whole namespace is cleared instead once the store is back.
const LIMIT: usize = 10_000;
/// How many are sent in one go.
const BATCH: usize = 256;

#[derive(Default)]
pub(crate) struct Unsent {
    targets: Mutex<HashMap<Target, Waiting>>,
    /// The length of `targets`, readable without its lock.
    count: AtomicUsize,
    overflowed: AtomicBool,
    /// Counts overflows, to tell one that came while an earlier one was being cleared.
    overflows: AtomicU64,
    sequence: AtomicU64,
}

#[derive(Clone, Copy)]
struct Waiting {
    hold: Option<Duration>,
    /// The newest version that was told.
    version: Option<Version>,
    /// Tells an invalidation from a later one of the same target.
    sequence: u64,
}

impl fmt::Debug for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsent")
            .field("count", &self.count)
            .field("overflowed", &self.overflowed)
            .finish_non_exhaustive()
    }
}

impl Unsent {
    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// Whether the store may hold an outdated entry for this key.
    pub(crate) fn concerns(&self, key: &Key, template: &'static str) -> bool {
        if self.overflowed.load(Ordering::Acquire) {
            return true;
        }
        if self.len() == 0 {
            return false;
        }
        let own = Target::Key {
            text: key.text.clone(),
            partition: key.partition,
            template: Cow::Borrowed(template),
            version: None,
        };
        let waiting = self.targets();
        waiting.contains_key(&own)
            || key.groups.iter().any(|group| waiting.contains_key(&Target::Group(group.clone())))
    }

    pub(crate) fn remember(&self, targets: Vec<Target>, hold: Option<Duration>) {
        let mut waiting = self.targets();
        for target in targets {
            let version = target.version();
            let target = target.without_version();
            // Clearing forbids nothing, so what needs a hold is remembered beyond the limit, within reason.
            let limit = if hold.is_some() { 2 * LIMIT } else { LIMIT };
            if waiting.len() >= limit && !waiting.contains_key(&target) {
                self.overflows.fetch_add(1, Ordering::AcqRel);
                self.overflowed.store(true, Ordering::Release);
                break;
            }
            let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
            let entry = waiting.entry(target).or_insert(Waiting { hold, version, sequence });
            *entry = Waiting { hold: entry.hold.max(hold), version: entry.version.max(version), sequence };
        }
        self.count.store(waiting.len(), Ordering::Release);
    }

    /// Sends everything that waits, oldest knowledge and all; stops at the first failure.
    pub(crate) async fn deliver(&self, store: &impl Store) {
        if self.overflowed.load(Ordering::Acquire) {
            let overflows = self.overflows.load(Ordering::Acquire);
            // Those with a hold are sent all the same: clearing forbids nothing.
            let known: Vec<(Target, u64)> = self
                .targets()
                .iter()
                .filter(|(_, waiting)| waiting.hold.is_none())
                .map(|(target, waiting)| (target.clone(), waiting.sequence))
                .collect();
            if store.clear(&Clear::Namespace).await.is_err() {
                return;
            }
            tracing::warn!("too many invalidations had been missed; the whole namespace was cleared");
            self.forget(&known);
            // Until here nothing of the namespace was read; what overflowed meanwhile needs another clearing.
            // The lock keeps one that overflows right now from being overlooked.
            let waiting = self.targets();
            if self.overflows.load(Ordering::Acquire) == overflows {
                self.overflowed.store(false, Ordering::Release);
            }
            drop(waiting);
        }
        while self.len() > 0 {
            let batch: Vec<(Target, Waiting)> = self
                .targets()
                .iter()
                .take(BATCH)
                .map(|(target, waiting)| (target.clone(), *waiting))
                .collect();
            let hold = batch.iter().filter_map(|(_, waiting)| waiting.hold).max();
            let targets: Vec<Target> =
                batch.iter().map(|(target, waiting)| target.clone().with_version(waiting.version)).collect();
            if store.invalidate(&targets, hold).await.is_err() {
                return;
            }
            self.forget(
                &batch.into_iter().map(|(target, waiting)| (target, waiting.sequence)).collect::<Vec<_>>(),
            );
        }
    }

    fn forget(&self, sent: &[(Target, u64)]) {
        let mut waiting = self.targets();
        for (target, sequence) in sent {
            if waiting.get(target).is_some_and(|w| w.sequence == *sequence) {
                waiting.remove(target);
            }
        }
        self.count.store(waiting.len(), Ordering::Release);
    }

    fn targets(&self) -> MutexGuard<'_, HashMap<Target, Waiting>> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
