//! A store in this process, with the semantics of the Redis one.

use super::{
    Change, Claim, Clear, Cursor, Dead, Depth, Ear, Ended, EntryKey, Fill, FillOutcome, Lookup, NewWrite,
    Partition, Pending, Pulse, Put, QueuedWrite, Read, Reference, Replayed, Scanned, Seen, Settled, Store,
    StoreFuture, Taken, Target, Token, Told, Waiting, WriteQueue, Written,
};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Where a [`MemoryStore`] gets the time from: the time since the Unix epoch.
type MemoryClock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A store in this process, for tests and for simulating several processes that share one.
///
/// Clones share their content, and each is a process of its own: what one changes the others are told. It has no bound and no transport, so nothing fails; wrap it to make it fail.
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
pub struct MemoryStore {
    state: Arc<Mutex<Reference>>,
    clock: MemoryClock,
    ears: Ears,
    /// Tells what this clone has changed from what others have.
    origin: u64,
}

/// Those that listen, in all clones. Held while something is changed and told, so that nobody is told the time in between.
type Ears = Arc<Mutex<Vec<Weak<Listener>>>>;

struct Listener {
    ear: Arc<dyn Ear>,
    origin: u64,
}

impl MemoryStore {
    /// An empty store on the system's clock.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
    }

    /// An empty store on another clock, the time since the Unix epoch, so that tests decide when something expires.
    pub fn with_clock(clock: MemoryClock) -> Self {
        Self { state: Arc::default(), clock, ears: Arc::default(), origin: fastrand::u64(..) }
    }

    /// How many entries are stored and not expired.
    pub fn len(&self) -> usize {
        self.with(Reference::entries)
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks at the state, or changes it: a test may evict what it likes.
    pub fn with<R>(&self, change: impl FnOnce(&mut Reference, Duration) -> R) -> R {
        let now = (self.clock)();
        // A panic while the lock was held can only come from the allocator or from a test: the state is still whole.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner), now)
    }

    /// The same as an operation: nothing happens before it is polled.
    fn operation<'a, R>(
        &'a self,
        change: impl FnOnce(&mut Reference, Duration) -> R + Send + 'a,
    ) -> StoreFuture<'a, R> {
        Box::pin(async move { Ok(self.with(change)) })
    }

    /// The same for one that the others are told of.
    fn telling<'a, R>(
        &'a self,
        changes: impl Fn() -> Vec<Change> + Send + 'a,
        change: impl FnOnce(&mut Reference, Duration) -> R + Send + 'a,
    ) -> StoreFuture<'a, (R, Told)>
    where
        R: Send,
    {
        Box::pin(async move {
            let mut ears = self.ears.lock().unwrap_or_else(PoisonError::into_inner);
            let changed = self.with(|state, now| (change(state, now), Told(now)));
            ears.retain(|ear| ear.strong_count() > 0);
            let others = ears.iter().filter_map(Weak::upgrade).filter(|other| other.origin != self.origin);
            for other in others {
                changes().into_iter().for_each(|change| other.ear.changed(change));
            }
            Ok(changed)
        })
    }
}

impl Store for MemoryStore {
    fn read<'a>(&'a self, keys: &'a [EntryKey]) -> StoreFuture<'a, Vec<Read>> {
        self.operation(|state, now| keys.iter().map(|key| state.read(key, now)).collect())
    }

    fn acquire<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, Lookup> {
        self.operation(move |state, now| state.acquire(key, None, token, lease, now))
    }

    fn acquire_over<'a>(
        &'a self,
        key: &'a EntryKey,
        seen: &'a Seen,
        token: Token,
        lease: Duration,
    ) -> StoreFuture<'a, Lookup> {
        self.operation(move |state, now| state.acquire(key, Some(seen), token, lease, now))
    }

    fn renew<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, bool> {
        self.operation(move |state, now| state.renew(key, token, lease, now))
    }

    fn fill<'a>(&'a self, key: &'a EntryKey, fill: Fill) -> StoreFuture<'a, FillOutcome> {
        self.operation(move |state, now| state.fill(key, fill, now))
    }

    fn release<'a>(&'a self, key: &'a EntryKey, token: Token) -> StoreFuture<'a, ()> {
        self.operation(move |state, now| state.release(key, token, now))
    }

    fn invalidate<'a>(&'a self, targets: &'a [Target], hold: Option<Duration>) -> StoreFuture<'a, Told> {
        let invalidated = self.telling(
            || targets.iter().map(changed).collect(),
            move |state, now| state.invalidate(targets, hold, now),
        );
        Box::pin(async move { Ok(invalidated.await?.1) })
    }

    fn begin<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, ()> {
        let begun = self.telling(
            || targets.iter().map(changed).collect(),
            move |state, now| state.begin(targets, token, intent, now),
        );
        Box::pin(async move { begun.await.map(|_| ()) })
    }

    fn extend<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, bool> {
        self.operation(move |state, now| {
            // What is in one partition is decided together, as in Redis.
            let mut partitions = BTreeMap::<Partition, Vec<Target>>::new();
            for target in targets {
                partitions.entry(target.partition()).or_default().push(target.clone());
            }
            let mut open = true;
            for targets in partitions.values() {
                open &= state.extend(targets, token, intent, now);
            }
            open
        })
    }

    fn end<'a>(&'a self, written: &'a [Written], token: Token) -> StoreFuture<'a, (Vec<Ended>, Told)> {
        self.telling(
            || written.iter().map(|written| changed(&written.target)).collect(),
            move |state, now| state.end(written, token, now),
        )
    }

    fn clear<'a>(&'a self, scope: &'a Clear) -> StoreFuture<'a, (u64, Told)> {
        self.telling(|| vec![Change::Everything], move |state, now| state.clear(scope, now))
    }

    fn scan<'a>(&'a self, prefix: &'a str, from: Option<&'a Cursor>) -> StoreFuture<'a, Scanned> {
        self.operation(move |state, now| state.scan(prefix, from, now))
    }

    fn queue(&self) -> Option<&dyn WriteQueue> {
        Some(self)
    }

    fn pulse(&self) -> StoreFuture<'_, Pulse> {
        self.operation(|state, now| {
            Pulse::new(now, Partition::all().map(|partition| state.epoch(partition)).collect())
        })
    }

    fn follow(&self, ear: Arc<dyn Ear>) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let listener = Arc::new(Listener { ear, origin: self.origin });
            self.ears.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&listener));
            loop {
                {
                    let _nothing_is_being_told = self.ears.lock().unwrap_or_else(PoisonError::into_inner);
                    listener.ear.heard(listener.ear.now(), (self.clock)());
                }
                tokio::time::sleep(listener.ear.every()).await;
            }
        })
    }
}

impl WriteQueue for MemoryStore {
    fn enqueue<'a>(&'a self, write: &'a NewWrite) -> StoreFuture<'a, Put> {
        let EntryKey { text, partition, .. } = &write.key;
        let change = || vec![Change::Key { text: text.clone(), partition: *partition }];
        let enqueued = self.telling(change, |state, now| state.enqueue(write, now));
        Box::pin(async move { Ok(enqueued.await?.0) })
    }

    fn look<'a>(&'a self, key: &'a EntryKey) -> StoreFuture<'a, Option<Pending>> {
        self.operation(|state, _| state.look(key))
    }

    fn claim<'a>(
        &'a self,
        holder: Token,
        lease: Duration,
        except: &'a [Partition],
    ) -> StoreFuture<'a, Vec<Claim>> {
        self.operation(move |state, now| state.claim(holder, lease, except, now))
    }

    fn yield_claims(&self, holder: Token) -> StoreFuture<'_, ()> {
        self.operation(move |state, _| state.yield_claims(holder))
    }

    fn peek(&self, partition: Partition, after: u64, most: usize) -> StoreFuture<'_, Vec<Waiting>> {
        self.operation(move |state, _| state.peek(partition, after, most))
    }

    fn fetch<'a>(&'a self, partition: Partition, ids: &'a [u64]) -> StoreFuture<'a, Vec<QueuedWrite>> {
        self.operation(move |state, _| state.fetch(partition, ids))
    }

    fn take<'a>(&'a self, claim: &'a Claim, ids: &'a [u64]) -> StoreFuture<'a, Option<Taken>> {
        self.operation(|state, now| state.take(claim, ids, now))
    }

    fn settle<'a>(
        &'a self,
        claim: &'a Claim,
        number: Option<u64>,
        settled: &'a [Settled],
    ) -> StoreFuture<'a, bool> {
        self.operation(move |state, now| state.settle(claim, number, settled, now))
    }

    fn overtake<'a>(&'a self, key: &'a EntryKey, version: u64) -> StoreFuture<'a, Vec<QueuedWrite>> {
        self.operation(move |state, now| state.overtake(key, version, now))
    }

    fn depths(&self) -> StoreFuture<'_, Vec<Depth>> {
        self.operation(|state, _| state.depths())
    }

    fn dead(&self) -> StoreFuture<'_, Vec<Dead>> {
        self.operation(|state, _| state.dead())
    }

    fn replay(&self, partition: Partition, id: u64) -> StoreFuture<'_, Replayed> {
        self.operation(move |state, now| state.replay(partition, id, now))
    }

    fn discard(&self, partition: Partition, id: u64) -> StoreFuture<'_, bool> {
        self.operation(move |state, now| state.discard(partition, id, now))
    }
}

fn changed(target: &Target) -> Change {
    match target {
        Target::Key { text, partition, .. } => Change::Key { text: text.clone(), partition: *partition },
        Target::Group(group) => Change::Group(group.clone()),
    }
}

impl Clone for MemoryStore {
    fn clone(&self) -> Self {
        let (state, clock, ears) = (self.state.clone(), self.clock.clone(), self.ears.clone());
        Self { state, clock, ears, origin: fastrand::u64(..) }
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
    use crate::conformance::{self, Subject, queue::QueueSubject};
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    /// A store, and what lets its time pass.
    fn store() -> (MemoryStore, impl Fn(Duration) -> std::pin::Pin<Box<std::future::Ready<()>>>) {
        let millis = Arc::new(AtomicU64::new(1_000_000));
        let hand = millis.clone();
        let store = MemoryStore::with_clock(Arc::new(move || Duration::from_millis(hand.load(Relaxed))));
        let pass = move |time: Duration| {
            millis.fetch_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Relaxed);
            Box::pin(std::future::ready(()))
        };
        (store, pass)
    }

    #[tokio::test]
    async fn memory_store_keeps_every_promise() {
        conformance::all(async || {
            let (store, pass) = store();
            Subject::new(store.clone(), move |time| pass(time)).beside(store)
        })
        .await;
    }

    #[tokio::test]
    async fn memory_store_keeps_every_promise_of_a_queue() {
        conformance::queue::all(async || {
            let (store, pass) = store();
            QueueSubject::new(store.clone(), move |time| pass(time)).part_of(store)
        })
        .await;
    }
}
