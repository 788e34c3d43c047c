//! What is explored of write-behind: who takes part, and what may go wrong.

use super::Mutant;

/// Who takes part, and what may go wrong.
#[derive(Clone, Debug)]
pub struct Config {
    /// What it is called in tables.
    pub name: &'static str,
    /// The writers that enqueue.
    pub writers: Vec<Writing>,
    /// How many reads each reader makes, one after the other.
    pub reads: Vec<u8>,
    /// How many flushers there are, each in a process of its own.
    pub flushers: u8,
    /// Where the queue is.
    pub place: Place,
    /// A write may take the place of one that waits.
    pub coalesce: bool,
    /// A writer that writes directly.
    pub direct: Option<Direct>,
    /// How often a write may fail by itself before it is given up.
    pub attempts: u8,
    /// What is flushed stays in the store.
    pub stays: bool,
    /// What may go wrong.
    pub faults: Faults,
    /// What is broken on purpose.
    pub mutant: Option<Mutant>,
}

/// A writer that enqueues.
#[derive(Clone, Copy, Debug)]
pub struct Writing {
    /// How many writes it makes, one after the other.
    pub writes: u8,
    /// Of which function they are.
    pub function: u8,
    /// What they show.
    pub shows: Showing,
}

/// What a write shows while it is pending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Showing {
    /// Its value.
    #[default]
    Value,
    /// That the row is gone.
    Absent,
    /// A value of another type: readers can't be shown it.
    Other,
    /// That something is to be added to the row.
    Delta,
}

/// Where the queue is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Part of the shared store, whose entry shows what is pending.
    #[default]
    Inside,
    /// Beside it: readers ask the queue first.
    Beside,
}

/// A writer that writes directly: it waits for what is pending, writes, and then tells the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is so or not, independent of the others")]
pub struct Direct {
    /// It announces its write.
    pub strict: bool,
    /// It may give up waiting; then the flusher, which is in its process, pauses.
    pub gives_up: bool,
    /// Before it returns it waits until nothing is being flushed.
    pub waits: bool,
    /// Its process may die.
    pub crashes: bool,
}

/// What may go wrong: a number says how often.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// The store evicts what has a ttl, any number of times.
    pub eviction: bool,
    /// Somebody invalidates the key, any number of times.
    pub invalidations: bool,
    /// Somebody clears the namespace.
    pub clears: u8,
    /// Flushers die, between any two steps.
    pub crashes: u8,
    /// Claims end under living flushers.
    pub lost_claims: u8,
    /// Calls of writers aren't answered and are carried out later or never, or are carried out twice.
    pub late_writes: u8,
    /// Settlements aren't answered, and are carried out later or never.
    pub unanswered_settlements: u8,
    /// Settlements are carried out twice, the second time late.
    pub late_settlements: u8,
    /// Commits aren't answered.
    pub doubts: u8,
    /// The database fails for a moment.
    pub failures: u8,
    /// The database refuses a write.
    pub refusals: u8,
    /// Dead letters are replayed or discarded.
    pub replays: u8,
    /// A flusher can't read a write.
    pub unread: u8,
}

impl Writing {
    /// A writer of the first function that writes values.
    pub fn new(writes: u8) -> Self {
        Self { writes, function: 0, shows: Showing::Value }
    }

    /// It calls another function.
    #[must_use]
    pub fn other(self) -> Self {
        Self { function: 1, ..self }
    }

    /// It shows this.
    #[must_use]
    pub fn showing(self, shows: Showing) -> Self {
        Self { shows, ..self }
    }
}

impl Config {
    /// Two flushers, and nothing goes wrong.
    pub fn new(name: &'static str, writers: &[Writing], reads: &[u8]) -> Self {
        Self {
            name,
            writers: writers.to_vec(),
            reads: reads.to_vec(),
            flushers: 2,
            place: Place::Inside,
            coalesce: true,
            direct: None,
            attempts: 1,
            stays: true,
            faults: Faults::default(),
            mutant: None,
        }
    }

    /// With these faults.
    #[must_use]
    pub fn with(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// The same, broken.
    #[must_use]
    pub fn broken_by(self, mutant: Mutant) -> Self {
        Self { mutant: Some(mutant), ..self }
    }

    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    pub(crate) fn is_beside(&self) -> bool {
        self.place == Place::Beside
    }

    pub(crate) fn adds(&self) -> bool {
        self.writers.iter().any(|writing| writing.shows == Showing::Delta)
    }
}
