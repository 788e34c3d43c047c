//! What is known about a run: one event per record, ordered by time.

use crate::words::{Fault, Level, Nanos, Via};

/// One entry of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// When it was over, or happened. Events of one process come in this order.
    pub(crate) at: Nanos,
    /// The process it happened in; each start of a worker is a process of its own.
    pub(crate) process: u32,
    pub(crate) what: What,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A read that began at `begin` and is over.
    Read { level: Level, via: Via, key: u16, reader: u16, begin: Nanos, seen: Seen },
    /// A write is about to begin.
    Invoked { level: Level, key: u16, token: u64, kind: Kind },
    /// A write's call has returned, or was dropped.
    Ended { level: Level, key: u16, token: u64, outcome: Outcome },
    /// The shared store, asked from `begin` on, has taken the invalidation of a key.
    Delivered { level: Level, key: u16, begin: Nanos },
    /// A call to the shared store failed, or was given up at its deadline.
    Missed,
    /// What the process has counted since its start.
    Counted { hits: u64, reads: u64 },
    /// Nothing; the process lives.
    Tick,
    /// A process is gone, and with it everything it was doing.
    Died(u32),
    /// Something is broken from now on.
    Broken(Fault),
    /// It is whole again.
    Mended(Fault),
}

/// What a read returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The row.
    Row { version: u64, token: u64 },
    /// That there is no row.
    Absent,
    /// An error.
    Failed,
}

/// What a write does to its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Put,
    Remove,
}

/// How a write ended, as far as its caller knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It returned; its body had at `committed`.
    Acknowledged { version: u64, committed: Nanos },
    /// Its caller left, or it failed: it may have been done, or may be done later.
    Unknown,
    /// The cache refused it.
    Refused,
}
