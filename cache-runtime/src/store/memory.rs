//! A store in this process, with the semantics of the Redis one.

use super::{
    Clear, EntryKey, Fill, FillOutcome, Group, Lookup, Partition, Pulse, Read, Seen, Stamp, Store,
    StoreFuture, Target, Token,
};
use bytes::Bytes;
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Where a [`MemoryStore`] gets the time from: the time since the Unix epoch.
type MemoryClock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A store in this process, for tests and for simulating several processes that share one.
///
/// Clones share their content. It has no bound and no transport, so nothing fails; wrap it to make it fail.
///
/// ```
/// use cache_runtime::store::MemoryStore;
/// use std::{sync::{Arc, atomic::{AtomicU64, Ordering::Relaxed}}, time::Duration};
///
/// let millis = Arc::new(AtomicU64::new(1));
/// let hand = millis.clone();
/// let store = MemoryStore::with_clock(Arc::new(move || Duration::from_millis(hand.load(Relaxed))));
/// millis.fetch_add(300_000, Relaxed); // five minutes later
/// # drop(store);
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    clock: MemoryClock,
}

#[derive(Default)]
struct State {
    entries: HashMap<(Place, u16), Entry>,
    leases: HashMap<Place, Lease>,
    holds: HashMap<Held, Duration>,
    generations: HashMap<Place, Stamp>,
    epochs: HashMap<Partition, u32>,
    variants: HashMap<String, HashSet<u16>>,
    /// Nothing expires before this.
    next_end: Option<Duration>,
}

/// Where a key or a group lives: one text in two partitions is two of them.
type Place = (Partition, Arc<str>);

struct Entry {
    bytes: Bytes,
    ends: Option<Duration>,
}

struct Lease {
    token: Token,
    ends: Duration,
    epoch: u32,
    stored: bool,
}

#[derive(PartialEq, Eq, Hash)]
enum Held {
    Key(Place),
    Group(Place),
}

impl MemoryStore {
    /// An empty store on the system's clock.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
    }

    /// An empty store on another clock, the time since the Unix epoch, so that tests decide when something expires.
    pub fn with_clock(clock: MemoryClock) -> Self {
        Self { state: Arc::default(), clock }
    }

    /// How many entries are stored and not expired.
    pub fn len(&self) -> usize {
        self.now_and_state().1.entries.len()
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Locks the state and drops what has expired: every operation begins like this.
    fn now_and_state(&self) -> (Duration, MutexGuard<'_, State>) {
        let now = (self.clock)();
        // A panic while the lock was held can only come from the clock or the allocator: the state is still whole.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.expire(now);
        (now, state)
    }

    fn acquire_unless(&self, key: &EntryKey, seen: Option<&Seen>, token: Token, lease: Duration) -> Lookup {
        let (now, mut state) = self.now_and_state();
        if state.is_held(key) {
            return Lookup::Bypass;
        }
        let read = state.read(key);
        if read.entry.as_deref().is_some_and(|entry| !seen.is_some_and(|seen| seen.is(entry))) {
            return Lookup::Present(read);
        }
        let epoch = state.epoch(key.partition);
        if let Some(other) = state.leases.get(&place(key))
            && other.token != token
            && other.epoch == epoch
            && !other.stored
        {
            return Lookup::Wait(other.ends.saturating_sub(now));
        }
        let ends = state.ends_at(now + lease);
        state.leases.insert(place(key), Lease { token, ends, epoch, stored: false });
        let stamps = key.groups.iter().map(|group| state.stamp_or_new(group)).collect();
        Lookup::Granted { epoch, stamps }
    }
}

impl State {
    fn expire(&mut self, now: Duration) {
        if self.next_end.is_none_or(|next| next > now) {
            return;
        }
        self.entries.retain(|_, entry| entry.ends.is_none_or(|ends| ends > now));
        self.leases.retain(|_, lease| lease.ends > now);
        self.holds.retain(|_, ends| *ends > now);
        let ends = self.entries.values().filter_map(|entry| entry.ends);
        self.next_end = ends
            .chain(self.leases.values().map(|lease| lease.ends))
            .chain(self.holds.values().copied())
            .min();
    }

    fn ends_at(&mut self, end: Duration) -> Duration {
        self.next_end = Some(self.next_end.map_or(end, |next| next.min(end)));
        end
    }

    fn read(&self, key: &EntryKey) -> Read {
        Read {
            entry: self.entries.get(&(place(key), short(key))).map(|entry| entry.bytes.clone()),
            stamps: key.groups.iter().map(|group| self.stamp(group)).collect(),
        }
    }

    fn stamp(&self, group: &Group) -> Stamp {
        self.generations.get(&home(group)).copied().unwrap_or_default()
    }

    fn stamp_or_new(&mut self, group: &Group) -> Stamp {
        *self.generations.entry(home(group)).or_insert_with(|| Stamp(fastrand::u64(1..)))
    }

    fn epoch(&self, partition: Partition) -> u32 {
        self.epochs.get(&partition).copied().unwrap_or_default()
    }

    fn is_held(&self, key: &EntryKey) -> bool {
        self.holds.contains_key(&Held::Key(place(key)))
            || key.groups.iter().any(|group| self.holds.contains_key(&Held::Group(home(group))))
    }

    fn hold(&mut self, what: Held, until: Option<Duration>) {
        if let Some(until) = until {
            self.ends_at(until);
            let ends = self.holds.entry(what).or_default();
            *ends = until.max(*ends);
        }
    }

    fn fill(&mut self, key: &EntryKey, fill: Fill, now: Duration) -> FillOutcome {
        let epoch = self.epoch(key.partition);
        let held = self.is_held(key);
        let stamps: Vec<_> = key.groups.iter().map(|group| self.stamp(group)).collect();
        let Some(lease) = self.leases.get_mut(&place(key)).filter(|lease| lease.token == fill.token && !held)
        else {
            return FillOutcome::Refused;
        };
        if lease.stored {
            return FillOutcome::Stored;
        }
        if epoch != fill.epoch || lease.epoch != epoch || stamps != fill.stamps || stamps.contains(&Stamp(0))
        {
            return FillOutcome::Refused;
        }
        lease.stored = true;
        self.variants.entry(key.template.to_string()).or_default().insert(short(key));
        let ends = fill.ttl.map(|ttl| self.ends_at(now + ttl));
        self.entries.insert((place(key), short(key)), Entry { bytes: fill.entry, ends });
        FillOutcome::Stored
    }

    fn invalidate(&mut self, target: &Target, until: Option<Duration>) {
        match target {
            Target::Key { text, partition, template } => {
                let place = (*partition, text.clone());
                self.leases.remove(&place);
                for variant in self.variants.get(template.as_ref()).into_iter().flatten() {
                    self.entries.remove(&(place.clone(), *variant));
                }
                self.hold(Held::Key(place), until);
            }
            Target::Group(group) => {
                self.generations.remove(&home(group));
                self.hold(Held::Group(home(group)), until);
            }
        }
    }

    fn clear(&mut self, scope: &Clear) -> usize {
        let before = self.entries.len();
        match scope {
            Clear::Prefix { prefix, matches, template } => {
                let dropped = |text: &str| text.starts_with(prefix.as_ref()) && matches(template, text);
                self.leases.retain(|(_, text), _| !dropped(text));
                self.entries.retain(|((_, text), _), _| !dropped(text));
            }
            Clear::Namespace => {
                Partition::all().for_each(|partition| *self.epochs.entry(partition).or_default() += 1);
                self.entries.clear();
            }
        }
        before - self.entries.len()
    }
}

fn place(key: &EntryKey) -> Place {
    (key.partition, key.text.clone())
}

fn home(group: &Group) -> Place {
    (group.partition, group.text.clone())
}

/// The part of the fingerprint that tells variants apart.
fn short(key: &EntryKey) -> u16 {
    key.fingerprint.short()
}

impl Store for MemoryStore {
    fn read<'a>(&'a self, keys: &'a [EntryKey]) -> StoreFuture<'a, Vec<Read>> {
        Box::pin(async move {
            let (_, state) = self.now_and_state();
            Ok(keys.iter().map(|key| state.read(key)).collect())
        })
    }

    fn acquire<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, Lookup> {
        Box::pin(async move { Ok(self.acquire_unless(key, None, token, lease)) })
    }

    fn acquire_over<'a>(
        &'a self,
        key: &'a EntryKey,
        seen: &'a Seen,
        token: Token,
        lease: Duration,
    ) -> StoreFuture<'a, Lookup> {
        Box::pin(async move { Ok(self.acquire_unless(key, Some(seen), token, lease)) })
    }

    fn renew<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let (now, mut state) = self.now_and_state();
            let (epoch, ends) = (state.epoch(key.partition), state.ends_at(now + lease));
            let Some(held) = state.leases.get_mut(&place(key)) else { return Ok(false) };
            if held.token != token || held.stored || held.epoch != epoch {
                return Ok(false);
            }
            held.ends = ends;
            Ok(true)
        })
    }

    fn fill<'a>(&'a self, key: &'a EntryKey, fill: Fill) -> StoreFuture<'a, FillOutcome> {
        Box::pin(async move {
            let (now, mut state) = self.now_and_state();
            Ok(state.fill(key, fill, now))
        })
    }

    fn release<'a>(&'a self, key: &'a EntryKey, token: Token) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let (_, mut state) = self.now_and_state();
            if state.leases.get(&place(key)).is_some_and(|lease| lease.token == token && !lease.stored) {
                state.leases.remove(&place(key));
            }
            Ok(())
        })
    }

    fn invalidate<'a>(&'a self, targets: &'a [Target], hold: Option<Duration>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let (now, mut state) = self.now_and_state();
            let until = hold.map(|hold| now + hold);
            for target in targets {
                state.invalidate(target, until);
            }
            Ok(())
        })
    }

    fn clear<'a>(&'a self, scope: &'a Clear) -> StoreFuture<'a, u64> {
        Box::pin(async move { Ok(self.now_and_state().1.clear(scope) as u64) })
    }

    fn pulse(&self) -> StoreFuture<'_, Pulse> {
        Box::pin(async move {
            let (now, state) = self.now_and_state();
            Ok(Pulse::new(now, Partition::all().map(|partition| state.epoch(partition)).collect()))
        })
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("entries", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "conformance"))]
mod tests {
    use super::*;
    use crate::conformance::{self, Subject};
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    fn subject() -> Subject {
        let millis = Arc::new(AtomicU64::new(1_000_000));
        let hand = millis.clone();
        let store = MemoryStore::with_clock(Arc::new(move || Duration::from_millis(hand.load(Relaxed))));
        Subject::new(store, move |time| {
            millis.fetch_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Relaxed);
            Box::pin(std::future::ready(()))
        })
    }

    #[tokio::test]
    async fn memory_store_keeps_every_promise() {
        conformance::all(async || subject()).await;
    }
}
