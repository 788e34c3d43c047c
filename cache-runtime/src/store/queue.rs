//! What a write-behind queue does: keeps acknowledged writes until the database has them.
//!
//! A write is *pending* from its acknowledgement until it was flushed. Each partition is a line of its own: writes are flushed in the order in which
//! they came, by one flusher at a time, which holds the partition's *claim*. Taking a batch doesn't remove it: what was taken and
//! not settled is there for the next flusher, together with the number of the batch, under which the database may know it already.

use super::{EntryKey, Fingerprint, Partition, StoreFuture, Target, Token};
use bytes::Bytes;
use std::{fmt, sync::Arc, time::Duration};

/// Keeps acknowledged writes until the database has them.
///
/// As with [`Store`](super::Store), every operation may be repeated when its outcome isn't known, and nothing happens before a future is polled.
pub trait WriteQueue: fmt::Debug + Send + Sync {
    /// Accepts a write: from the answer on it is kept as safely as the queue promises, and shown to every reader of the store.
    ///
    /// Repeated with the same token within a minute it answers the same and changes nothing.
    fn enqueue<'a>(&'a self, write: &'a NewWrite) -> StoreFuture<'a, Put>;

    /// What is pending for a key.
    fn look<'a>(&'a self, key: &'a EntryKey) -> StoreFuture<'a, Option<Pending>>;

    /// Takes the claims of all partitions in which writes wait and that nobody else holds, and keeps those that `holder` has. Gives back those in which
    /// nothing waits any more, and those in `except`.
    fn claim<'a>(
        &'a self,
        holder: Token,
        lease: Duration,
        except: &'a [Partition],
    ) -> StoreFuture<'a, Vec<Claim>>;

    /// Gives all claims back.
    fn yield_claims(&self, holder: Token) -> StoreFuture<'_, ()>;

    /// The oldest writes of a partition after the one with this id, in order; those of halted keys are left out.
    fn peek(&self, partition: Partition, after: u64, most: usize) -> StoreFuture<'_, Vec<Waiting>>;

    /// These writes as they are now, as far as they are still there.
    fn fetch<'a>(&'a self, partition: Partition, ids: &'a [u64]) -> StoreFuture<'a, Vec<QueuedWrite>>;

    /// Takes these writes as one batch; `None` when the claim was lost, or an earlier holder's batch is not settled. What is taken stays in the queue
    /// until it is settled.
    fn take<'a>(&'a self, claim: &'a Claim, ids: &'a [u64]) -> StoreFuture<'a, Option<Taken>>;

    /// Says what became of writes; `false` when the claim was lost. With the number of a batch that batch is over then, and nothing is done if it is not the
    /// one that was taken last: a settlement that arrives late, or twice, doesn't end the next one. Without a number the batch that was taken last, if
    /// one is open, stays as it is: who takes over later finds it.
    fn settle<'a>(
        &'a self,
        claim: &'a Claim,
        number: Option<u64>,
        settled: &'a [Settled],
    ) -> StoreFuture<'a, bool>;

    /// A direct write to the key has committed. Pending writes up to this version become dead letters, since they are older; dead letters of the key that
    /// are [whole](NewWrite::is_whole) are superseded. Answers which became dead letters, oldest first.
    fn overtake<'a>(&'a self, key: &'a EntryKey, version: u64) -> StoreFuture<'a, Vec<QueuedWrite>>;

    /// What the partitions hold; those that hold nothing may be left out.
    fn depths(&self) -> StoreFuture<'_, Vec<Depth>>;

    /// The dead letters, oldest first within each partition.
    fn dead(&self) -> StoreFuture<'_, Vec<Dead>>;

    /// Queues a dead letter again, as if it were made now. A [whole](NewWrite::is_whole) one is refused when a later whole write of its key, or a direct
    /// one, is pending or was made, and while its key is halted; a delta is while a value is pending, and the other way round.
    fn replay(&self, partition: Partition, id: u64) -> StoreFuture<'_, Replayed>;

    /// Forgets a dead letter; `false` if there was none.
    fn discard(&self, partition: Partition, id: u64) -> StoreFuture<'_, bool>;

    /// Whether it is set up to keep what it acknowledges, as far as that is known now. With `assumed`, what can't be found out is taken to be so.
    fn fitness(&self, promise: Promise, assumed: bool) -> Fitness {
        let _ = (promise, assumed);
        Fitness::Fit
    }
}

/// Asserts at compile time that the trait stays object-safe.
const _: Option<&dyn WriteQueue> = None;

/// What an acknowledgement of a queue means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The store has it, and writes it to its disk in a moment.
    Received,
    /// The store has it on its disk.
    OnDisk,
}

/// Whether a queue can keep a [`Promise`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fitness {
    /// It can.
    Fit,
    /// That is not known yet, or can't be; and why. Nothing is accepted meanwhile.
    Unverified(String),
    /// It can't, and what has to be changed.
    Unfit(String),
}

/// A write to be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWrite {
    /// Tells a repeated call from another.
    pub token: Token,
    /// What it writes. The fingerprint is that of the value it shows.
    pub key: EntryKey,
    /// The function that was called, by its name and template.
    pub function: Arc<str>,
    /// The function's arguments, in the words of whoever flushes it.
    pub payload: Bytes,
    /// What readers get meanwhile.
    pub shows: Shows,
    /// How long the value may stay in the store once it was flushed; `None` for ever, zero not at all.
    pub ttl: Option<Duration>,
    /// It may take the place of a waiting write of the same function to the same key, which may be replaced, too; it is an event of its own otherwise.
    pub coalesce: bool,
    /// What is dropped once the database has it.
    pub drops: Vec<Target>,
    /// How many writes its partition may hold.
    pub most: u64,
}

impl NewWrite {
    /// Whether it replaces all that was written to its key before: it is neither a delta nor an event. Only such a write is of no use any more
    /// once a later one was made, and only such a one makes it so.
    pub fn is_whole(&self) -> bool {
        self.coalesce && self.shows != Shows::Delta
    }
}

/// What readers get while a write is pending.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shows {
    /// This entry, whose state says that it is pending.
    Value(Bytes),
    /// The row is gone.
    Absent,
    /// What the database has, combined with the payloads of all pending writes of the key.
    Delta,
}

/// What became of [`WriteQueue::enqueue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Put {
    /// It waits, under this version.
    Queued(u64),
    /// It took the place of a write that waited, under this version.
    Coalesced(u64),
    /// There is no room: nothing was done.
    Full,
    /// The key is halted, since an earlier write to it can't be flushed: nothing was done.
    Halted,
    /// A delta can't wait beside a whole value: the key has to be flushed first. Nothing was done.
    Mixed,
}

/// What is pending for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The latest write.
    pub version: u64,
    /// The latest write that was flushed since something is pending; zero if none was.
    pub flushed: u64,
    /// The place of its oldest delta; zero if it shows something else. It changes when what was pending is over, whatever is pending then.
    pub oldest: u64,
    /// A flusher has taken a write of this key: the database may have it by now.
    pub moving: bool,
    /// What readers get.
    pub shows: Shown,
    /// No write to it is accepted, since an earlier one can't be flushed.
    pub halted: bool,
}

/// What readers of a key in a certain variant get.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shown {
    /// This entry.
    Value(Bytes),
    /// The row is gone.
    Absent,
    /// What the database has, combined with these.
    Deltas(Vec<Bytes>),
    /// A value of another variant: it has to be flushed, then loaded.
    Other(Fingerprint),
}

/// The right to flush a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What may be flushed.
    pub partition: Partition,
    /// Rises with every new holder. The database keeps it too, so that an earlier holder can't write any more.
    pub epoch: u64,
    /// The batch that an earlier holder took and did not settle: nothing is taken before it is settled.
    pub unfinished: Option<Batch>,
}

/// A batch that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Batch {
    /// Under which the database knows it; never used twice in a partition.
    pub number: u64,
    /// The epoch of the claim under which it was taken.
    pub epoch: u64,
    /// Whose writes it holds.
    pub function: Arc<str>,
    /// The ids of its writes, and their versions when they were taken.
    pub writes: Vec<(u64, u64)>,
}

/// A write that waits, without its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its place: those with greater ids came later.
    pub id: u64,
    /// The function that was called.
    pub function: Arc<str>,
    /// The key it writes.
    pub key: Arc<str>,
    /// About how long its payload is.
    pub bytes: u32,
}

/// What [`WriteQueue::take`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The number of the batch.
    pub number: u64,
    /// The writes that were still there, in the order asked.
    pub writes: Vec<QueuedWrite>,
}

/// A write as the queue keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QueuedWrite {
    /// Its place.
    pub id: u64,
    /// Rises with every write to the partition.
    pub version: u64,
    /// The function that was called.
    pub function: Arc<str>,
    /// The key it writes.
    pub key: Arc<str>,
    /// The function's arguments.
    pub payload: Bytes,
    /// What is dropped once the database has it.
    pub drops: Vec<Target>,
    /// How often it failed by itself.
    pub attempts: u32,
}

/// What became of a write that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settled {
    /// The database has it. A write that took its place meanwhile stays.
    Done {
        /// Which write.
        id: u64,
        /// Its version when it was taken.
        version: u64,
    },
    /// It failed by itself, and will be tried again.
    Failed {
        /// Which write.
        id: u64,
        /// Its version when it was taken.
        version: u64,
    },
    /// It was given up, unless another took its place meanwhile.
    Dead {
        /// Which write.
        id: u64,
        /// Its version when it was taken.
        version: u64,
        /// Why.
        error: String,
        /// What is pending for its key stays, and nothing more is accepted for it.
        halt: bool,
    },
}

/// What a partition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// The partition.
    pub partition: Partition,
    /// How many writes wait.
    pub writes: u64,
    /// The place of the oldest; ids are microseconds of the queue's clock, or greater.
    pub oldest: Option<u64>,
    /// The place that was given last.
    pub newest: u64,
    /// How many dead letters there are.
    pub dead: u64,
}

/// A write that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dead {
    /// Where it was.
    pub partition: Partition,
    /// The write.
    pub write: QueuedWrite,
    /// The last error.
    pub error: String,
    /// When it was enqueued, and when it was given up, on the queue's clock.
    pub times: (Duration, Duration),
    /// Its key is halted until it is replayed or discarded.
    pub halted: bool,
    /// A later write that replaces it was made, so it isn't replayed. Never set of events and deltas.
    pub superseded: bool,
}

/// What became of [`WriteQueue::replay`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replayed {
    /// It waits again.
    Queued,
    /// A newer write to its key was made, or is in its way: it stays where it is.
    Superseded,
    /// There is none.
    Gone,
}
