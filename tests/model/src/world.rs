//! The state of everything: the row, the store, and who is where.

use crate::{Config, Event, Mutant, coverage::Coverage, shared::Shared};
use cache_runtime::store::Token;
use std::sync::Arc;

/// The state of everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub(crate) store: Arc<Shared>,
    /// What the row holds: the number of its last commit, from 1.
    pub(crate) row: u8,
    /// The newest write that was acknowledged.
    pub(crate) acked: u8,
    /// The newest value that a read has returned.
    pub(crate) seen: u8,
    pub(crate) readers: [Reader; 3],
    pub(crate) writers: [Writer; 3],
    /// Who leads the flight that a reader of the shared process would join.
    pub(crate) aloft: Option<u8>,
    /// Calls that will be carried out, or not.
    pub(crate) late: Vec<Call>,
    /// How many more calls may come late.
    pub(crate) late_left: u8,
    pub(crate) flushes_left: u8,
    /// What the last step has broken.
    pub(crate) broke: Broke,
}

/// Which promises a step has broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Broke {
    /// A read returned less than what was acknowledged before it began.
    pub(crate) acknowledged: bool,
    /// A read returned less than what another had returned before it began.
    pub(crate) monotonic: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Reader {
    pub(crate) left: u8,
    pub(crate) at: At,
    /// What was acknowledged, and what had been seen, when its read began.
    pub(crate) acked: u8,
    pub(crate) seen: u8,
}

/// Where a reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum At {
    /// Between two reads.
    #[default]
    Rest,
    /// Sent away by a flight: about to look again.
    Again,
    /// It found nothing, and is about to join a flight.
    Missed,
    /// It waits for another reader of its process.
    Following { leader: u8, joined: u8 },
    /// It leads a flight.
    Leading { stage: u8, doing: Doing },
}

/// What a leader does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Doing {
    Ask,
    Load(Lease),
    /// The body began at `stage`.
    Fill {
        lease: Lease,
        value: u8,
        stage: u8,
    },
    /// The outcome is for those who joined before `before`.
    Land {
        value: u8,
        before: u8,
    },
}

/// The epoch of a lease that was granted.
pub(crate) type Lease = Option<u32>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Writer {
    pub(crate) left: u8,
    pub(crate) doing: Work,
}

/// What a writer does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Work {
    #[default]
    Rest,
    /// It was announced, or nobody has answered.
    Begun {
        answered: bool,
    },
    Committed {
        version: u8,
        answered: bool,
    },
    /// A broken variant deletes once more.
    OnceMore {
        version: u8,
    },
    /// It has acknowledged, and is still to invalidate.
    Unsent,
    /// Nobody waits for it any more. Its statement may be pending, and its process may still have to see to that.
    Left {
        pending: bool,
        tail: bool,
    },
}

/// What is sent to the store, and may arrive late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Call {
    Acquire { token: Token },
    Fill { token: Token, epoch: u32, value: u8, version: Option<u8> },
    Invalidate { hold: bool, version: Option<u8> },
    Begin { token: Token },
    End { token: Token, version: Option<u8>, kept: Option<u8> },
}

impl World {
    pub(crate) fn new(config: &Config) -> Self {
        let mut world = Self {
            store: Arc::default(),
            row: 1,
            acked: 1,
            seen: 1,
            readers: Default::default(),
            writers: Default::default(),
            aloft: None,
            late: Vec::new(),
            late_left: config.faults.late_calls,
            flushes_left: config.faults.flushes,
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

    pub(crate) fn store(&mut self) -> &mut Shared {
        Arc::make_mut(&mut self.store)
    }

    /// A token is never used twice.
    pub(crate) fn reader_token(&self, reader: usize) -> Token {
        Token(0x100 + 0x10 * reader as u128 + u128::from(self.readers[reader].left))
    }

    pub(crate) fn writer_token(&self, writer: usize) -> Token {
        Token(0x10 + 0x10 * writer as u128 + u128::from(self.writers[writer].left))
    }

    /// Nobody does anything, nothing is on its way, and no write is open or held.
    pub(crate) fn is_quiet(&self) -> bool {
        self.late.is_empty()
            && self.readers.iter().all(|reader| reader.at == At::Rest)
            && self.writers.iter().all(|writer| writer.doing == Work::Rest)
            && self.store.known().writes.open.is_empty()
    }

    /// An old entry is there, and nothing will take it away.
    pub(crate) fn has_a_stale_entry(&self) -> bool {
        self.store.read().is_some_and(|value| value != self.row) && self.is_quiet()
    }

    pub(crate) fn post(&mut self, call: Call) {
        self.late.push(call);
        self.late.sort_unstable();
        self.late_left -= 1;
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
