//! The store and the queue: the reference, and what a broken variant does to it.

use super::{Config, Mutant, Showing, world::Waiting};
use bytes::Bytes;
use cache_runtime::store::{
    Claim, Clear, EntryKey, Fill, FillOutcome, Fingerprint, KnownLine, Lookup, NewWrite, Partition, Pending,
    Put, QueuedWrite, Reference, Replayed, Settled, Shown, Shows, Target, Token, Written,
};
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

/// Nothing ends by itself: that an end comes is a step of its own.
const NOW: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_hours(1);
const DIRECT: Token = Token(1);

static PARTITION: LazyLock<Partition> = LazyLock::new(|| Partition::of("k"));
static KEY: LazyLock<EntryKey> = LazyLock::new(|| key(1));
static OTHER: LazyLock<EntryKey> = LazyLock::new(|| key(2));
static FUNCTIONS: LazyLock<[Arc<str>; 2]> = LazyLock::new(|| ["f".into(), "g".into()]);

/// An entry says which write it shows, and where an entry has its state, that it is pending.
static PENDING: [[u8; 4]; 16] = entries(3);
static CLEAN: [[u8; 4]; 16] = entries(1);

const fn entries(state: u8) -> [[u8; 4]; 16] {
    let mut entries = [[0, 0, 0, state]; 16];
    let mut value = 0;
    while value < 16 {
        entries[value as usize][0] = value;
        value += 1;
    }
    entries
}

fn key(fingerprint: u64) -> EntryKey {
    EntryKey {
        text: "k".into(),
        partition: *PARTITION,
        template: "k".into(),
        fingerprint: Fingerprint(fingerprint),
        groups: Vec::new(),
    }
}

/// The state of the store and the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Shared {
    store: Reference,
    /// A queue of its own.
    beside: Option<Reference>,
    /// How often everything was cleared.
    epoch: u32,
    /// An entry that a broken variant put there, past the reference; it hides the reference's.
    forced: Option<u8>,
    /// A broken variant has taken what is pending out of the readers' sight.
    hidden: bool,
    /// How often a broken variant has forgotten a token.
    forgotten: u8,
}

/// What asking for leave to load answers.
pub(crate) enum Leave {
    Granted { epoch: u32 },
    Wait,
    Bypass,
    Present(u8),
    Pending { absent: bool },
}

/// What is pending, as a reader of the queue is shown it.
pub(crate) enum Ahead {
    Write(u8),
    /// It has to be flushed, or added.
    Unshown,
}

/// A write that was taken: its id, its version, and which one it is.
pub(crate) type Taken = (u64, u64, u8);

impl Shared {
    pub(crate) fn new(config: &Config) -> Self {
        Self { beside: config.is_beside().then(Reference::default), ..Self::default() }
    }

    fn queue(&self) -> &Reference {
        self.beside.as_ref().unwrap_or(&self.store)
    }

    fn queue_mut(&mut self) -> &mut Reference {
        self.beside.as_mut().unwrap_or(&mut self.store)
    }

    fn entry(&self) -> Option<Bytes> {
        self.store.known(&KEY).entry
    }

    /// What a reader finds.
    pub(crate) fn read(&self) -> Option<u8> {
        self.forced.or_else(|| self.entry().filter(|_| !self.hidden).map(|entry| entry[0]))
    }

    /// An entry that says it is pending, and nothing is.
    pub(crate) fn leaks(&self) -> bool {
        self.look().is_none() && self.entry().is_some_and(|entry| entry[3] == 3)
    }

    /// Something is pending, and no write of it waits.
    pub(crate) fn holds_nothing(&self) -> bool {
        self.look().is_some_and(|pending| !pending.halted) && self.line().waiting.is_empty()
    }

    pub(crate) fn look(&self) -> Option<Pending> {
        self.queue().look(&KEY)
    }

    /// What a reader of the queue is shown, if anything is pending.
    pub(crate) fn ahead(&self, latest: u8) -> Option<Ahead> {
        match self.look().filter(|_| !self.hidden)?.shows {
            Shown::Value(entry) => Some(Ahead::Write(entry[0])),
            Shown::Absent => Some(Ahead::Write(latest)),
            _ => Some(Ahead::Unshown),
        }
    }

    /// What a reader that adds deltas looks at; `None` if nothing waits.
    pub(crate) fn deltas_wait(&self) -> Option<Waiting> {
        let pending = self.look()?;
        let many = self.deltas().len();
        Some(Waiting { oldest: pending.oldest, flushed: pending.flushed, moving: pending.moving, many })
    }

    /// Which deltas are pending.
    pub(crate) fn deltas(&self) -> Vec<u8> {
        match self.look().filter(|_| !self.hidden).map(|pending| pending.shows) {
            Some(Shown::Deltas(deltas)) => deltas.iter().map(|delta| delta[0]).collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn line(&self) -> KnownLine {
        self.queue().known_line(*PARTITION)
    }

    pub(crate) fn open_writes(&self) -> bool {
        !self.store.known(&KEY).writes.open.is_empty()
    }

    pub(crate) fn lease(&self) -> bool {
        self.store.known(&KEY).lease.is_some()
    }

    /// The writes that wait, in order.
    pub(crate) fn waiting(&self) -> Vec<QueuedWrite> {
        self.queue().fetch(*PARTITION, &self.line().waiting)
    }

    pub(crate) fn enqueue(&mut self, write: u8, again: bool, config: &Config) -> Put {
        let writing = config.writers[usize::from(write - 1) / 2];
        let forgets = again && config.is(Mutant::TokensAreForgotten);
        self.forgotten += u8::from(forgets);
        let key = if writing.shows == Showing::Other { &*OTHER } else { &*KEY };
        let new = NewWrite {
            token: Token(
                0x10 + u128::from(write) + 0x100 * u128::from(if forgets { self.forgotten } else { 0 }),
            ),
            key: key.clone(),
            function: FUNCTIONS[usize::from(writing.function)].clone(),
            payload: payload(write),
            shows: match writing.shows {
                Showing::Value | Showing::Other => {
                    Shows::Value(Bytes::from_static(&PENDING[usize::from(write)]))
                }
                Showing::Absent => Shows::Absent,
                Showing::Delta => Shows::Delta,
            },
            ttl: Some(if config.stays { LONG } else { Duration::ZERO }),
            coalesce: config.coalesce,
            drops: Vec::new(),
            most: 100,
        };
        let before = self.queue().known_line(*PARTITION).waiting.len();
        let put = self.queue_mut().enqueue(&new, NOW);
        if before != self.line().waiting.len() || matches!(put, Put::Coalesced(_)) {
            (self.forced, self.hidden) = (None, false);
        }
        put
    }

    pub(crate) fn acquire(&mut self, token: Token, mutant: Option<Mutant>) -> Leave {
        if let Some(value) = self.forced {
            return Leave::Present(value);
        }
        let pending = self.beside.is_none() && self.look().is_some();
        if pending && mutant == Some(Mutant::NothingPendingIsShown) {
            return Leave::Bypass;
        }
        if pending && self.hidden {
            return match mutant {
                Some(Mutant::PendingEndsWithItsTtl) => Leave::Granted { epoch: self.epoch },
                _ => Leave::Bypass,
            };
        }
        match self.store.acquire(&KEY, None, token, LONG, NOW) {
            Lookup::Granted { epoch, .. } => Leave::Granted { epoch },
            Lookup::Wait(_) => Leave::Wait,
            Lookup::Present(read) => Leave::Present(read.entry.map_or(0, |entry| entry[0])),
            Lookup::Pending { absent } => Leave::Pending { absent },
            _ => Leave::Bypass,
        }
    }

    pub(crate) fn fill(&mut self, token: Token, epoch: u32, value: u8, mutant: Option<Mutant>) -> bool {
        let pending = self.look().is_some();
        let forced = match mutant {
            Some(Mutant::FillWhilePending) => pending,
            Some(Mutant::PendingEndsWithItsTtl) => pending && self.hidden,
            _ => false,
        };
        if forced {
            self.forced = Some(value);
            return true;
        }
        let entry = Bytes::from_static(&CLEAN[usize::from(value)]);
        let fill = Fill { token, entry, ttl: Some(LONG), epoch, stamps: Vec::new(), version: None };
        self.store.fill(&KEY, fill, NOW) == FillOutcome::Stored
    }

    pub(crate) fn claim(&mut self, holder: Token) -> Option<Claim> {
        self.queue_mut().claim(holder, LONG, &[], NOW).pop()
    }

    pub(crate) fn take(&mut self, epoch: u64, ids: &[u64]) -> Option<(u64, Vec<Taken>)> {
        let taken = self.queue_mut().take(&claim(epoch), ids, NOW)?;
        let writes = taken.writes.iter().map(|write| (write.id, write.version, write.payload[0])).collect();
        Some((taken.number, writes))
    }

    /// What became of the writes of a batch; `false` when the claim was lost. Nothing happens when another is open.
    pub(crate) fn settle(
        &mut self,
        epoch: u64,
        number: u64,
        settled: &[Settled],
        mutant: Option<Mutant>,
    ) -> bool {
        let line = self.line();
        let epoch = if mutant == Some(Mutant::AnyClaimSettles) { line.epoch } else { epoch };
        let any = [Some(Mutant::AnyClaimSettles), Some(Mutant::AnyBatchIsSettled)].contains(&mutant);
        let open = line.batch.filter(|_| any);
        let number = open.map_or(number, |batch| batch.number);
        let mut settled = settled.to_vec();
        if mutant == Some(Mutant::SettledWithoutComparing) {
            let waiting = self.waiting();
            for settled in &mut settled {
                if let Settled::Done { id, version } = settled
                    && let Some(write) = waiting.iter().find(|write| write.id == *id)
                {
                    *version = write.version;
                }
            }
        }
        let shown = self.entry().filter(|_| self.look().is_some());
        let done = self.queue_mut().settle(&claim(epoch), Some(number), &settled, NOW);
        if self.look().is_none() {
            self.hidden = false;
            let flushed = matches!(settled.last(), Some(Settled::Done { .. }));
            let dropped = self.entry().is_none() && flushed && !self.open_writes();
            if let Some(entry) = shown.filter(|_| dropped && mutant == Some(Mutant::StaysAfterADirectWrite)) {
                self.forced = Some(entry[0]);
            }
        }
        done
    }

    pub(crate) fn invalidate(&mut self, mutant: Option<Mutant>) {
        self.forced = None;
        self.hidden |= mutant == Some(Mutant::InvalidationDropsPending) && self.look().is_some();
        self.store.invalidate(&[target()], None, NOW);
    }

    pub(crate) fn clear(&mut self, mutant: Option<Mutant>) {
        self.forced = None;
        self.epoch += 1;
        self.hidden |= mutant == Some(Mutant::ClearDropsPending) && self.look().is_some();
        self.store.clear(&Clear::Namespace, NOW);
    }

    pub(crate) fn begin(&mut self) {
        self.forced = None;
        self.store.begin(&[target()], DIRECT, LONG, NOW);
    }

    pub(crate) fn end(&mut self) {
        self.forced = None;
        self.store.end(&[Written { target: target(), kept: None }], DIRECT, NOW);
    }

    pub(crate) fn overtake(&mut self, version: u64) {
        self.queue_mut().overtake(&KEY, version, NOW);
    }

    /// The dead letters that could be replayed or discarded: their places, and which writes they are.
    pub(crate) fn dead(&self) -> Vec<(u64, u8)> {
        self.queue().dead().iter().map(|dead| (dead.write.id, dead.write.payload[0])).collect()
    }

    pub(crate) fn replay(&mut self, id: u64) -> bool {
        self.queue_mut().replay(*PARTITION, id, NOW) == Replayed::Queued
    }

    pub(crate) fn discard(&mut self, id: u64) {
        self.queue_mut().discard(*PARTITION, id, NOW);
    }

    /// The store evicts the entry.
    pub(crate) fn lose_entry(&mut self, mutant: Option<Mutant>) {
        let evicts = [Some(Mutant::PendingIsEvicted), Some(Mutant::PendingEndsWithItsTtl)];
        if self.forced.take().is_none() && !self.store.lose_entry(&KEY) {
            self.hidden |= evicts.contains(&mutant) && self.look().is_some();
        }
    }

    pub(crate) fn lose_write(&mut self) {
        self.store.lose_write(&KEY, DIRECT);
    }

    pub(crate) fn lose_claim(&mut self) {
        self.queue_mut().lose_claim(*PARTITION);
    }
}

fn claim(epoch: u64) -> Claim {
    Claim { partition: *PARTITION, epoch, unfinished: None }
}

fn payload(write: u8) -> Bytes {
    Bytes::from_static(&CLEAN[usize::from(write)])
}

fn target() -> Target {
    Target::Key {
        text: KEY.text.clone(),
        partition: KEY.partition,
        template: KEY.template.clone(),
        version: None,
    }
}
