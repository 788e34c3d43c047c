//! The state of everything: the database, the queue, and who is where.

use super::{
    Config, Event, Mutant,
    coverage::Coverage,
    queue::{Shared, Taken},
};
use std::sync::Arc;

/// The write that the direct writer makes; those that are enqueued are 1 to 4.
pub(crate) const DIRECT: u8 = 5;

/// The state of everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub(crate) shared: Arc<Shared>,
    pub(crate) row: Row,
    /// All writes that count, in their order; the row held 0 at first.
    pub(crate) order: Vec<u8>,
    pub(crate) accepted: Set,
    pub(crate) acked: Set,
    /// Given up: dead letters, discarded ones too, and what those had replaced.
    pub(crate) given_up: Set,
    /// What readers have returned.
    pub(crate) seen: Set,
    /// Which write has taken the place of each.
    pub(crate) replaced: [u8; 4],
    pub(crate) readers: [Reader; 2],
    pub(crate) writers: [Writer; 2],
    pub(crate) flushers: [Flusher; 2],
    pub(crate) direct: Directly,
    /// What was acknowledged before the direct writer began.
    pub(crate) before: Set,
    /// Whose claim has not ended: which flusher, in which of its lives.
    pub(crate) holds: Option<(u8, u8)>,
    /// What will be carried out, or not.
    pub(crate) late: Vec<Call>,
    pub(crate) left: Left,
    /// What the last step has broken.
    pub(crate) broke: Broke,
}

/// What the database has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    /// The last write; of deltas, which ones.
    pub(crate) value: u8,
    /// How often each write has arrived.
    pub(crate) arrived: [u8; 4],
    /// The progress row: the latest flusher's epoch, and its last batch.
    pub(crate) epoch: u64,
    pub(crate) number: u64,
}

/// Some writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Set(pub(crate) u8);

impl Set {
    pub(crate) fn of(write: u8) -> Self {
        Self(if write == 0 { 0 } else { 1 << (write - 1) })
    }

    pub(crate) fn has(self, write: u8) -> bool {
        self.0 & Self::of(write).0 != 0
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// What may still go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Left {
    pub(crate) clears: u8,
    pub(crate) crashes: u8,
    pub(crate) lost_claims: u8,
    pub(crate) late_writes: u8,
    pub(crate) unanswered_settlements: u8,
    pub(crate) late_settlements: u8,
    pub(crate) doubts: u8,
    pub(crate) failures: u8,
    pub(crate) refusals: u8,
    pub(crate) replays: u8,
    pub(crate) unread: u8,
}

/// Which promises a step has broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is so or not, independent of the others")]
pub(crate) struct Broke {
    pub(crate) order: bool,
    pub(crate) once: bool,
    pub(crate) acknowledged: bool,
    pub(crate) monotonic: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Reader {
    pub(crate) left: u8,
    pub(crate) at: At,
    /// What was acknowledged, and what had been returned, when its read began.
    pub(crate) acked: Set,
    pub(crate) seen: Set,
}

/// Where a reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum At {
    #[default]
    Rest,
    /// Nothing was pending when it asked the queue; then the store had nothing; then still nothing was pending.
    Looked,
    Missed,
    Asking,
    /// It loads, with the epoch of its lease.
    Loading(Option<u32>),
    Filling {
        epoch: u32,
        value: u8,
    },
    /// It waits until this version is flushed, then loads.
    Draining(u64),
    /// It is about to look which deltas wait, while nobody writes any of them; then to load what they are to be added to; then to look again, and to add them if
    /// nothing has changed. After some tries it waits for a flush first.
    Patient {
        tries: u8,
    },
    Basing {
        tries: u8,
        before: Waiting,
    },
    Adding {
        tries: u8,
        before: Waiting,
        base: u8,
    },
    /// It waits until this version is flushed, and what it loads then has all that it has to return.
    Flushing(u64),
    Flushed,
}

/// What a reader that adds deltas knows of those that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Waiting {
    pub(crate) oldest: u64,
    pub(crate) flushed: u64,
    pub(crate) moving: bool,
    pub(crate) many: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Writer {
    pub(crate) left: u8,
    pub(crate) doing: Doing,
}

/// What a writer that enqueues does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Doing {
    #[default]
    Rest,
    /// It got no answer.
    Asking,
    /// Its write is in a queue of its own, and it is to tell the store.
    Accepted,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Flusher {
    /// How often its process has died.
    pub(crate) life: u8,
    pub(crate) epoch: u64,
    pub(crate) work: Work,
    /// What is to be taken next in this round.
    pub(crate) then: Vec<Vec<u64>>,
    /// A broken variant settles this write at the end of the round.
    pub(crate) owed: Option<Taken>,
}

/// What a flusher does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Work {
    #[default]
    Rest,
    /// It has claimed the line, and may take writes.
    Free,
    /// It is about to ask the database for a batch.
    Asking(Batch),
    /// It is about to take these.
    Chosen(Vec<u64>),
    /// It is about to write a batch.
    Taken(Batch),
    /// It is about to settle it; where the store has to be told of what was written, that was done or not.
    Over { batch: Batch, came: Came, told: bool },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Batch {
    pub(crate) number: u64,
    pub(crate) writes: Vec<Taken>,
    /// A broken variant leaves the last write out.
    pub(crate) unread: bool,
}

impl Batch {
    pub(crate) fn written(&self) -> &[Taken] {
        &self.writes[..self.writes.len() - usize::from(self.unread)]
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.writes.iter().map(|(id, _, _)| *id).collect()
    }
}

/// What a batch came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Came {
    Written,
    /// Nothing is written.
    Back,
    /// Its first write is refused, and is to be tried again.
    Failed,
    /// Its first write is given up.
    Dead,
}

/// What the direct writer does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Directly {
    #[default]
    Never,
    Rest,
    /// It waits until this version is flushed.
    Draining(u64),
    /// Nothing older is pending, or up to this version, and the flushers pause.
    Ready(u64),
    Announced(u64),
    Committed(u64),
    Overtaken,
    /// Its process has died, and its statement is undecided.
    Undecided,
    Over,
}

impl Directly {
    pub(crate) fn pauses(self) -> bool {
        matches!(self, Self::Ready(left) | Self::Announced(left) | Self::Committed(left) if left > 0)
    }
}

/// What may be carried out late.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Call {
    Enqueue { write: u8 },
    Commit { epoch: u64, batch: Batch },
    Settle { epoch: u64, batch: Batch, came: Came },
}

impl World {
    pub(crate) fn new(config: &Config) -> Self {
        let faults = &config.faults;
        let mut world = Self {
            shared: Arc::new(Shared::new(config)),
            row: Row::default(),
            order: vec![0],
            accepted: Set::default(),
            acked: Set::default(),
            given_up: Set::default(),
            seen: Set::default(),
            replaced: [0; 4],
            readers: Default::default(),
            writers: Default::default(),
            flushers: Default::default(),
            direct: if config.direct.is_some() { Directly::Rest } else { Directly::Never },
            before: Set::default(),
            holds: None,
            late: Vec::new(),
            left: Left {
                clears: faults.clears,
                crashes: faults.crashes,
                lost_claims: faults.lost_claims,
                late_writes: faults.late_writes,
                unanswered_settlements: faults.unanswered_settlements,
                late_settlements: faults.late_settlements,
                doubts: faults.doubts,
                failures: faults.failures,
                refusals: faults.refusals,
                replays: faults.replays,
                unread: faults.unread,
            },
            broke: Broke::default(),
        };
        for (reader, reads) in world.readers.iter_mut().zip(&config.reads) {
            reader.left = *reads;
        }
        for (writer, writing) in world.writers.iter_mut().zip(&config.writers) {
            writer.left = writing.writes;
        }
        world
    }

    pub(crate) fn shared(&mut self) -> &mut Shared {
        Arc::make_mut(&mut self.shared)
    }

    pub(crate) fn place(&self, write: u8) -> usize {
        self.order.iter().position(|other| *other == write).unwrap_or_default()
    }

    /// The place of the latest of some writes.
    pub(crate) fn latest(&self, some: Set) -> usize {
        self.order.iter().rposition(|write| some.has(*write)).unwrap_or_default()
    }

    pub(crate) fn post(&mut self, call: Call) {
        self.late.push(call);
        self.late.sort_unstable();
    }

    /// Nobody does anything, nothing is on its way, and nothing waits.
    pub(crate) fn is_drained(&self) -> bool {
        self.is_idle() && self.shared.look().is_none() && {
            let line = self.shared.line();
            line.waiting.is_empty() && line.batch.is_none()
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.late.is_empty()
            && self.writers.iter().all(|writer| writer.doing == Doing::Rest)
            && self.flushers.iter().all(|flusher| flusher.work == Work::Rest)
            && matches!(self.direct, Directly::Never | Directly::Rest | Directly::Over)
    }

    /// An acknowledged write, or one that was accepted all the same, is neither in the database nor a dead letter; or the database doesn't end
    /// with the last.
    pub(crate) fn has_lost(&self, config: &Config) -> bool {
        if !self.is_drained() {
            return false;
        }
        let arrived = |mut write: u8| loop {
            if self.row.arrived[usize::from(write) - 1] > 0 || self.given_up.has(write) {
                return true;
            }
            write = self.replaced[usize::from(write) - 1];
            if write == 0 {
                return false;
            }
        };
        let lost = (1..=4).any(|write| self.accepted.has(write) && !arrived(write));
        lost || (!config.adds() && self.order.last() != Some(&self.row.value))
    }

    /// The store shows what the database has not, and nothing says that it is pending; or nothing will ever flush what it shows.
    pub(crate) fn has_a_leak(&self) -> bool {
        let shared = &self.shared;
        if shared.leaks() || shared.holds_nothing() {
            return true;
        }
        let telling = self.writers.iter().any(|writer| writer.doing == Doing::Accepted)
            || matches!(self.direct, Directly::Committed(_) | Directly::Overtaken)
            || shared.open_writes();
        !telling && shared.look().is_none() && shared.read().is_some_and(|value| value != self.row.value)
    }
}

/// A state that is changed by a step.
pub(crate) struct Now<'a> {
    pub(crate) config: &'a Config,
    pub(crate) coverage: &'a Coverage,
    pub(crate) world: &'a mut World,
}

impl Now<'_> {
    pub(crate) fn saw(&self, event: Event) {
        self.coverage.saw(event);
    }

    pub(crate) fn mutant(&self) -> Option<Mutant> {
        self.config.mutant
    }
}
