//! What is explored: who takes part, and what may go wrong.

use crate::Mutant;

/// Who takes part, and what may go wrong.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What it is called in tables.
    pub name: &'static str,
    /// The writers.
    pub writers: Vec<Writing>,
    /// How many reads each reader makes, one after the other.
    pub reads: Vec<u8>,
    /// So many of the readers, the first ones, share a process and its flights; each of the others has its own.
    pub together: usize,
    /// Readers know the version of the row they load.
    pub versions: bool,
    /// What happens when a write can't be announced.
    pub fence: Fence,
    /// What may go wrong.
    pub faults: Faults,
    /// What is broken on purpose.
    pub mutant: Option<Mutant>,
}

/// A writer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Writing {
    /// Its level.
    pub level: Level,
    /// It knows the version of the row it has written.
    pub versioned: bool,
    /// It lives in the process of those readers who share one.
    pub inside: bool,
    /// How many writes it makes, one after the other.
    pub writes: u8,
}

/// How a write reaches the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Commit, invalidate, acknowledge.
    #[default]
    Lease,
    /// Begin, commit, end, acknowledge.
    Strict,
}

/// What a strict writer does when nobody answers its announcement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fence {
    /// It goes on, and stores nothing.
    #[default]
    Proceed,
    /// It gives up.
    Reject,
}

/// What may go wrong: each at any time and any number of times, unless a number says otherwise.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each fault is there or not, independent of the others")]
pub struct Faults {
    /// The store evicts the entry.
    pub eviction: bool,
    /// Leases end while their load lives.
    pub lost_leases: bool,
    /// The oldest version that may be stored is forgotten.
    pub lost_floors: bool,
    /// The intent of a live writer ends.
    pub lost_intents: bool,
    /// A writer's process dies.
    pub crashes: bool,
    /// A writer's future is dropped while its statement runs.
    pub cancelled_writes: bool,
    /// Intents and holds end before the statement behind them is decided.
    pub short_holds: bool,
    /// A body fails, and it is known that nothing was written.
    pub failed_writes: bool,
    /// A leader's future is dropped.
    pub cancelled_loads: bool,
    /// Bodies read from a replica that lacks the last commit.
    pub replica: bool,
    /// Writers repeat an announcement that was answered, under the same token.
    pub repeated_begins: bool,
    /// A writer gets no answer to its end, acknowledges all the same, and invalidates later.
    pub cut_off: bool,
    /// So many calls are carried out twice, or not answered; at any later time.
    pub late_calls: u8,
    /// So many times everything in the store is lost.
    pub flushes: u8,
}

impl Writing {
    /// A writer of this level, in a process of its own, that writes once.
    pub fn new(level: Level) -> Self {
        Self { level, versioned: false, inside: false, writes: 1 }
    }

    /// It knows versions.
    #[must_use]
    pub fn versioned(self) -> Self {
        Self { versioned: true, ..self }
    }

    /// It lives with the readers.
    #[must_use]
    pub fn inside(self) -> Self {
        Self { inside: true, ..self }
    }

    /// It writes twice.
    #[must_use]
    pub fn twice(self) -> Self {
        Self { writes: 2, ..self }
    }
}

impl Config {
    /// The same, broken.
    #[must_use]
    pub fn broken_by(self, mutant: Mutant) -> Self {
        Self { mutant: Some(mutant), ..self }
    }

    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }
}
