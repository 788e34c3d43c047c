//! What the cache asks of a shared store (L2), whatever the store is.
//!
//! A [`Store`] keeps encoded entries and the small control state that makes fills safe: leases, announced writes and
//! generations. It knows nothing of types, codecs or functions. Two implementations pass the same public
//! conformance suite: [`MemoryStore`] for tests and simulations of several processes, and `RedisStore`. What both do is
//! written down as a state machine, [`Reference`].

mod breaker;
mod changes;
mod deadline;
mod guarded;
mod memory;
mod queue;
#[cfg(feature = "redis")]
mod redis;
mod reference;
mod types;

pub use breaker::BreakerState;
pub use changes::{Change, Ear, Told};
pub use guarded::{Deadlines, Guarded};
pub use memory::MemoryStore;
pub use queue::{
    Batch, Claim, Dead, Depth, Fitness, NewWrite, Pending, Promise, Put, QueuedWrite, Replayed, Settled,
    Shown, Shows, Taken, Waiting, WriteQueue,
};
#[cfg(feature = "redis")]
pub use redis::{
    Durability, DurabilityFacts, DurabilityLevel, NamespaceError, PhysicalKeys, RedisConfigError,
    RedisOptions, RedisStore, refusal,
};
pub use reference::{Known, KnownLine, KnownWrites, Overlap, Reference};
pub use types::{
    Clear, Cursor, Ended, EntryKey, Fill, FillOutcome, Fingerprint, Group, Kept, Lookup, Partition, Pulse,
    Read, Scanned, ScannedKey, Seen, Stamp, StoreError, StoreErrorKind, Target, Token, Version, Written,
};

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

/// A boxed future, so that [`Store`] stays object-safe.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A shared store of encoded entries.
///
/// Every operation is idempotent: the caller may repeat one whose outcome it doesn't know. Implementations
/// never retry by themselves and never wait for longer than their transport does; deadlines and the circuit
/// breaker are wrapped around them by the cache. Nothing happens before a future is polled; dropping it later doesn't
/// call back what was sent.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Reads entries and the generations of their groups, in the order asked.
    ///
    /// One key without groups is one `GET`; anything else is one `MGET` per slot (one altogether where slots don't
    /// matter). Nothing is changed and no script runs.
    fn read<'a>(&'a self, keys: &'a [EntryKey]) -> StoreFuture<'a, Vec<Read>>;

    /// After a miss: asks for permission to load and store `key`. Repeating it with the same token gives the same answer.
    fn acquire<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, Lookup>;

    /// The same for a caller that read an entry and can't use it, or wants a younger one: wrong stamps, epoch,
    /// format or checksum, or past its soft expiry. As long as exactly that entry is there it counts as missing.
    ///
    /// It stays readable until the fill replaces it.
    fn acquire_over<'a>(
        &'a self,
        key: &'a EntryKey,
        seen: &'a Seen,
        token: Token,
        lease: Duration,
    ) -> StoreFuture<'a, Lookup>;

    /// Extends a lease that is still held; `false` when it was lost or invalidated.
    fn renew<'a>(&'a self, key: &'a EntryKey, token: Token, lease: Duration) -> StoreFuture<'a, bool>;

    /// Stores an entry if `token` still holds the lease, nothing was invalidated since it was granted, no write is open, and its version is
    /// not older than the last one that a write has told.
    fn fill<'a>(&'a self, key: &'a EntryKey, fill: Fill) -> StoreFuture<'a, FillOutcome>;

    /// Gives a lease back without storing (the load failed).
    fn release<'a>(&'a self, key: &'a EntryKey, token: Token) -> StoreFuture<'a, ()>;

    /// Drops entries (every variant of the value type) and their leases; drops whole groups by moving their generation.
    ///
    /// With `hold`, nothing may be stored under the dropped keys until that time has passed: the statement behind the
    /// invalidation may still commit.
    fn invalidate<'a>(&'a self, targets: &'a [Target], hold: Option<Duration>) -> StoreFuture<'a, Told>;

    /// Announces a write before it is made: drops as [`Store::invalidate`] does, and nothing is stored under these keys and
    /// groups until the write has ended, or `intent` has passed. Repeating it with the same token extends it; a writer that had an answer and
    /// repeats it all the same must not have its entry stored at the end, since something may have come in between.
    fn begin<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, ()>;

    /// Extends an announced write that is still open everywhere; `false` when it was lost somewhere. What is lost is not announced again.
    fn extend<'a>(&'a self, targets: &'a [Target], token: Token, intent: Duration) -> StoreFuture<'a, bool>;

    /// Ends a write, announced or not: drops what it made outdated, or stores the entry that takes its place. Answers in the order asked.
    ///
    /// An entry is stored if the write was announced until now and no other is open, and either none overlapped it, or all that did
    /// have told their versions and none is newer. A repeated end finds no announcement, and drops.
    fn end<'a>(&'a self, written: &'a [Written], token: Token) -> StoreFuture<'a, (Vec<Ended>, Told)>;

    /// Drops everything in the scope, and every load in flight for it; returns how many entries were deleted.
    fn clear<'a>(&'a self, scope: &'a Clear) -> StoreFuture<'a, (u64, Told)>;

    /// One step of a walk over the keys that begin with `prefix`, from the beginning without a cursor.
    ///
    /// A walk to its end finds every entry at least once that was stored when it began and still is; of what comes and goes meanwhile it may find
    /// any. A step may find nothing and yet not be the last. Stores that can't walk their keys refuse, as this does unless it is written.
    fn scan<'a>(&'a self, prefix: &'a str, from: Option<&'a Cursor>) -> StoreFuture<'a, Scanned> {
        let _ = (prefix, from);
        Box::pin(async { Err(StoreError::new(StoreErrorKind::Refused, "scan")) })
    }

    /// The write-behind queue that is part of this store, if it has one: what waits in it is shown by the store's own entries.
    fn queue(&self) -> Option<&dyn WriteQueue> {
        None
    }

    /// The store's clock and the partition epochs; doubles as the health check.
    ///
    /// An epoch only ever grows, so an entry from a later epoch than the one known here is good: somebody moved it since.
    fn pulse(&self) -> StoreFuture<'_, Pulse>;

    /// Tells `ear` of every change that others make, until it can't any more: it never ends well.
    ///
    /// Told is what [`Store::begin`], [`Store::end`], [`Store::invalidate`] and [`Store::clear`] of other handles on the store change; nothing is told of fills,
    /// leases and what expires. Changes made before it was called are not told; between calls, nothing is. [`Ear::heard`] says up to when nothing was missed;
    /// until the first of these, nothing is sure. It ends with [`StoreErrorKind::Refused`] where listening is not allowed, and with another error
    /// when the link to the store is lost or falls silent.
    fn follow(&self, ear: Arc<dyn Ear>) -> StoreFuture<'_, ()>;
}

/// Asserts at compile time that the trait stays object-safe.
const _: Option<&dyn Store> = None;
