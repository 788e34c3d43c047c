//! Where write-behind functions keep what they have acknowledged, and how it is flushed.

use crate::store::{MemoryStore, WriteQueue};
use std::{any::Any, fmt, sync::Arc, time::Duration};

/// Where write-behind functions keep what they have acknowledged, and how it is flushed.
///
/// | queue | an acknowledged write survives | who sees it before the database has it |
/// |---|---|---|
/// | [`Queue::redis_fsync`] | kills of this process and of Redis, and a power cut | every reader of the namespace |
/// | [`Queue::redis`] | kills of this process; of Redis and of the machine all but the last second or two | every reader of the namespace |
/// | [`Queue::sql`] | what the database's own commits survive | every reader with the same queue |
/// | [`Queue::memory`] | nothing: a killed process loses what it has not flushed | this process |
///
/// What each promises, and which test shows it, stands in `docs/write-behind.md`.
#[derive(Clone)]
pub struct Queue {
    pub(crate) kind: Kind,
    pub(crate) flush_every: Duration,
    pub(crate) max_delay: Duration,
    pub(crate) batch: usize,
    pub(crate) batch_bytes: usize,
    pub(crate) max_pending: usize,
    pub(crate) attempts: u32,
    pub(crate) drain: Duration,
    pub(crate) claim_lease: Duration,
    pub(crate) flush_timeout: Duration,
    pub(crate) halt: bool,
    pub(crate) flush_here: bool,
    pub(crate) assume_durable: bool,
    pub(crate) classify: Option<Classify>,
}

/// The name of the queue in the process.
const MEMORY: &str = "memory";

/// Makes a queue for a namespace.
type Make = Arc<dyn Fn(&str) -> Arc<dyn WriteQueue> + Send + Sync>;

#[derive(Clone)]
pub(crate) enum Kind {
    /// Part of the shared store.
    Shared {
        /// It must survive a kill of the store and a power cut.
        fsync: bool,
    },
    /// Beside the shared store, if there is one.
    Own { name: &'static str, make: Make },
}

/// Whose fault an error is, as far as the user's own error type tells.
pub(crate) type Classify = Arc<dyn Fn(&dyn Any) -> Option<Fault> + Send + Sync>;

/// What a failed flush means; see [`Queue::classify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The database was out of reach or busy: everything is tried again, for ever, with growing pauses.
    Transient,
    /// The database refused what was written: the write at fault is looked for, tried a few times, and becomes a dead letter.
    Permanent,
}

impl Queue {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            flush_every: Duration::from_millis(250),
            max_delay: Duration::from_secs(5),
            batch: 1_000,
            batch_bytes: 1 << 20,
            max_pending: 100_000,
            attempts: 5,
            drain: Duration::from_secs(30),
            claim_lease: Duration::from_secs(10),
            flush_timeout: Duration::from_secs(60),
            halt: false,
            flush_here: true,
            assume_durable: false,
            classify: None,
        }
    }

    /// A queue in this process: **it loses what is not flushed when the process is killed.** A clean end goes through
    /// [`Cache::shutdown`](crate::Cache::shutdown), which flushes.
    pub fn memory() -> Self {
        Self::own(MEMORY, |_| Arc::new(MemoryStore::new()))
    }

    /// A queue in the cache's Redis, at its safest: a write is acknowledged when it is on Redis' disk. Needs `appendonly yes`, `appendfsync always`,
    /// `no-appendfsync-on-rewrite no` and no `allkeys-*` eviction, which is verified at every connect; until it is, writes are refused.
    ///
    /// Also the queue inside any other [`Store`](crate::store::Store) that has one.
    pub fn redis_fsync() -> Self {
        Self::new(Kind::Shared { fsync: true })
    }

    /// As [`Queue::redis_fsync`], but acknowledged when Redis has it in memory: a kill of Redis, or of its machine, may lose the last second or two. Needs
    /// `appendonly yes`, `appendfsync everysec` or `always`, `no-appendfsync-on-rewrite no` and no `allkeys-*` eviction.
    pub fn redis() -> Self {
        Self::new(Kind::Shared { fsync: false })
    }

    /// A queue in tables of a database: SQLite, PostgreSQL, or `sqlx::Any` over either; best the one that the functions write to. The tables are those of
    /// [`schema_sql`](crate::schema_sql), and are made when they are missing.
    ///
    /// A write is acknowledged when it is committed there, so it is as safe as that: SQLite in WAL mode with `synchronous = NORMAL` may lose the last commits in a power
    /// cut, though not when the process is killed. Every process with the same database and namespace shares the queue.
    #[cfg(feature = "sqlx")]
    pub fn sql<DB: crate::SqlDatabase>(pool: &sqlx::Pool<DB>) -> Self {
        let pool = pool.clone();
        Self::own("sql", move |namespace| Arc::new(super::sql::SqlQueue::new(pool.clone(), namespace)))
    }

    /// Whether no other process can see what is in it.
    pub(crate) fn is_private(&self) -> bool {
        matches!(self.kind, Kind::Own { name: MEMORY, .. })
    }

    pub(crate) fn own<Q: WriteQueue + 'static>(
        name: &'static str,
        make: impl Fn(&str) -> Arc<Q> + Send + Sync + 'static,
    ) -> Self {
        Self::new(Kind::Own { name, make: Arc::new(move |namespace| make(namespace)) })
    }

    /// How long a write waits for others to be flushed with; 250 ms unless given.
    #[must_use]
    pub fn flush_every(mut self, interval: Duration) -> Self {
        self.flush_every = interval;
        self
    }

    /// How old a pending write may be before that is reported, as a warning and in [`WriteBehindStatus`](crate::WriteBehindStatus); 5 s unless given.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// How many writes are flushed together at most; 1,000 unless given.
    #[must_use]
    pub fn batch(mut self, writes: usize) -> Self {
        self.batch = writes.max(1);
        self
    }

    /// How many bytes of arguments are flushed together at most, unless one write alone has more; 1 MiB unless given.
    #[must_use]
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.batch_bytes = bytes;
        self
    }

    /// How many writes may be pending; 100,000 unless given. In Redis each of the 64 partitions may hold a 64th of it. A writer that finds no room waits for up to
    /// a second and then writes to the database itself, after what is pending for its key; if the database doesn't take that within five seconds, the write is refused with
    /// [`ErrorKind::QueueFull`](crate::ErrorKind::QueueFull).
    #[must_use]
    pub fn max_pending(mut self, writes: usize) -> Self {
        self.max_pending = writes.max(1);
        self
    }

    /// How often a write that fails by itself is tried before it is given up and becomes a dead letter; 5 unless given.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long [`Cache::shutdown`](crate::Cache::shutdown) flushes; 30 s unless given.
    #[must_use]
    pub fn drain(mut self, time: Duration) -> Self {
        self.drain = time;
        self
    }

    /// How long a flusher that gives no sign of life keeps the partitions it flushes; 10 s unless given. It gives one each third of that.
    ///
    /// What a killed process has taken is flushed by another after this time. A live process that stands still for longer loses its partitions, which costs a
    /// batch and harms nothing: what it writes late is refused by the database, where the batch function has a transaction.
    #[must_use]
    pub fn claim_lease(mut self, length: Duration) -> Self {
        self.claim_lease = length.max(Duration::from_millis(100));
        self
    }

    /// How long one call of a batch function, its commit included, may take; 60 s unless given. So may the question what the database has.
    ///
    /// A connection whose other end is gone may never say so. A batch that takes longer is dropped and written again after a pause, and others are flushed meanwhile. Where it has
    /// a transaction nothing is written twice: one that was not to be committed yet is rolled back, and of one that was the database is asked whether it has it. A batch that
    /// always takes longer is never written: give more than the slowest takes, or make [`Queue::batch`] smaller.
    #[must_use]
    pub fn flush_timeout(mut self, time: Duration) -> Self {
        self.flush_timeout = time.max(Duration::from_millis(100));
        self
    }

    /// A write that is given up halts its key: readers go on seeing it, and further writes to the key, direct ones included, are refused until it is replayed or discarded.
    /// Without this its key shows what the database has.
    #[must_use]
    pub fn halt_on_dead_letters(mut self) -> Self {
        self.halt = true;
        self
    }

    /// This process only accepts writes: others flush them, with [`Cache::flusher`](crate::Cache::flusher).
    #[must_use]
    pub fn flush_elsewhere(mut self) -> Self {
        self.flush_here = false;
        self
    }

    /// Takes it from you that Redis keeps what it acknowledges, where `CONFIG GET` is forbidden and nothing can be verified.
    #[must_use]
    pub fn assume_durable(mut self) -> Self {
        self.assume_durable = true;
        self
    }

    /// Tells whose fault the errors of your own types are; `None` for those that don't tell. Errors of sqlx are known.
    ///
    /// The error is that of the batch function or deferred body; look with `downcast_ref`.
    #[must_use]
    pub fn classify(mut self, classify: impl Fn(&dyn Any) -> Option<Fault> + Send + Sync + 'static) -> Self {
        self.classify = Some(Arc::new(classify));
        self
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.kind {
            Kind::Shared { fsync: true } => "redis_fsync",
            Kind::Shared { fsync: false } => "redis",
            Kind::Own { name, .. } => name,
        };
        f.debug_struct("Queue")
            .field("kind", &name)
            .field("flush_every", &self.flush_every)
            .field("batch", &self.batch)
            .field("max_pending", &self.max_pending)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
