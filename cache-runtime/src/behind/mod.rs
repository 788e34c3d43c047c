//! Writes that are acknowledged before the database has them.
//!
//! A [`Queue`] keeps what was acknowledged; the flusher ([`flusher`]) writes it out in batches through the functions' own batch functions
//! or bodies. Readers of this process see a pending value from its acknowledgement on.

mod enqueue;
mod failure;
mod flusher;
mod memory;
mod queue;
#[cfg(feature = "sqlx")]
pub(crate) mod sql;

pub use enqueue::enqueue;
pub(crate) use enqueue::show;
pub(crate) use queue::{Behind, Paused};

use crate::{
    edge::Effects,
    key::{Key, KeyId},
    spec::Spec,
    terms::Lives,
    value::AnyArc,
};
use failure::Failure;
use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

/// Where write-behind functions keep what they have acknowledged.
///
/// | queue | survives | readers that see a pending value |
/// |---|---|---|
/// | [`Queue::memory`] | nothing: a killed process loses what it has not flushed | this process |
#[derive(Clone, Debug)]
pub struct Queue {
    pub(crate) flush_every: Duration,
    pub(crate) batch: usize,
    pub(crate) max_pending: usize,
    pub(crate) attempts: u32,
    pub(crate) drain: Duration,
}

impl Queue {
    /// A queue in this process: **it loses what is not flushed when the process is killed.** A clean end goes through
    /// [`Cache::shutdown`](crate::Cache::shutdown), which flushes.
    pub fn memory() -> Self {
        Self {
            flush_every: Duration::from_millis(250),
            batch: 1_000,
            max_pending: 100_000,
            attempts: 5,
            drain: Duration::from_secs(30),
        }
    }

    /// How long a write waits for others to be flushed with; 250 ms unless given.
    #[must_use]
    pub fn flush_every(mut self, interval: Duration) -> Self {
        self.flush_every = interval;
        self
    }

    /// How many keys are flushed together at most; 1,000 unless given.
    #[must_use]
    pub fn batch(mut self, keys: usize) -> Self {
        self.batch = keys.max(1);
        self
    }

    /// How many keys may be pending; 100,000 unless given. A writer beyond that waits a second, then fails.
    #[must_use]
    pub fn max_pending(mut self, keys: usize) -> Self {
        self.max_pending = keys.max(1);
        self
    }

    /// How often a write that fails on its own, while others pass, is tried before it becomes a dead letter; 5 unless given.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long [`Cache::shutdown`](crate::Cache::shutdown) flushes; 30 s unless given.
    #[must_use]
    pub fn drain(mut self, limit: Duration) -> Self {
        self.drain = limit;
        self
    }
}

/// Writes a batch of one function.
pub(crate) type Handler = Arc<dyn Fn(&[Pending]) -> Flushed + Send + Sync>;

type Flushed = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// One acknowledged write.
#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) spec: &'static Spec,
    pub(crate) id: KeyId,
    pub(crate) key: Key,
    /// What readers get.
    pub(crate) value: AnyArc,
    /// What the batch function or the deferred body gets.
    pub(crate) payload: AnyArc,
    /// What is dropped once the database has it.
    pub(crate) effects: Effects,
    /// Writes a batch of the function.
    pub(crate) handler: Handler,
    /// Estimated bytes of the value.
    pub(crate) weight: u32,
    /// How long readers may be answered from memory once the database has it.
    pub(crate) lives: Lives,
    /// The oldest write that this one stands for: those it replaced never reached the database.
    pub(crate) since: u64,
    /// Rises with every write; tells a write from a later one to the same key.
    pub(crate) version: u64,
    pub(crate) attempts: u32,
}

/// Keeps acknowledged writes until the database has them. The place for queues that survive the process.
pub(crate) trait WriteQueue: fmt::Debug + Send + Sync {
    /// Accepts a write; one that waits for the same key and function is replaced. `Err` gives it back when the queue is full.
    fn put(&self, write: Box<Pending>) -> Result<Put, Box<Pending>>;
    /// The functions with waiting writes, oldest write first.
    fn functions(&self) -> Vec<usize>;
    /// The oldest writes of a function; they stay in the queue until [`WriteQueue::done`].
    fn next(&self, function: usize, most: usize) -> Vec<Pending>;
    /// The database has these. Those that were replaced meanwhile stay.
    fn done(&self, written: &[Pending]);
    /// These failed by themselves once more.
    fn failed(&self, writes: &[Pending]);
    /// Gives up on a write.
    fn bury(&self, write: Pending, error: String);
    /// The value that readers get for a key.
    fn value(&self, id: KeyId) -> Option<AnyArc>;
    /// The latest write to a key that waits.
    fn version(&self, id: KeyId) -> Option<u64>;
    /// The writes to a key that wait.
    fn waiting_for(&self, id: KeyId) -> Vec<Pending>;
    /// Whether a write to the key up to this version waits, or one that took its place.
    fn waits_for(&self, id: KeyId, version: u64) -> bool;
    /// Whether any write up to this version waits, or one that took its place.
    fn waits_up_to(&self, version: u64) -> bool;
    /// How many writes wait.
    fn len(&self) -> usize;
    /// What was given up.
    fn dead(&self) -> Vec<(Pending, String)>;
    /// Queues what was given up again, under new versions, unless a newer write to the key waits or was written, as far as there is room.
    fn revive(&self, version: &mut dyn FnMut() -> u64) -> Vec<Pending>;
    /// What was given up for this key is not to be revived.
    fn supersede(&self, id: KeyId);
    /// Forgets what was given up.
    fn discard(&self) -> usize;
}

/// What became of a write that was put into a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    Queued,
    Coalesced,
}

/// A write that was given up: acknowledged, and not in the database.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The function that was called.
    pub function: &'static str,
    /// The key it wrote.
    pub key: String,
    /// The last error, as text.
    pub error: String,
    /// How often it was tried.
    pub attempts: u32,
}
