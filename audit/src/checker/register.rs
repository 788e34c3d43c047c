//! What may a read of this one row return?
//!
//! Events arrive in the order of time. A read is judged by what was known before it began: the highest version acknowledged, the highest
//! one seen by anybody, and so on, each kept as [`Stairs`]. So a read costs a few comparisons, however long the history is.

use super::stairs::{Stairs, Step};
use crate::{
    event::{Kind, Outcome, Seen},
    words::{Nanos, Promise},
};
use std::collections::HashMap;

/// How long after its caller left a write may still be going on: the database and the cache's tail work without it.
pub(super) const SETTLE: Nanos = 1_000_000_000;
/// The same after its process died: only the database goes on.
const SETTLE_DEAD: Nanos = 200_000_000;
/// A removal of unknown outcome that nobody could see by then did not happen.
const FORGET: Nanos = 60_000_000_000;

/// A row with a version.
#[derive(Debug)]
pub(super) struct Register {
    writes: HashMap<u64, Write>,
    /// Tokens of writes that have not ended.
    open: Vec<u64>,
    /// Removals whose version nobody knows.
    nameless_removals: Vec<u64>,
    last_removal: Option<u64>,
    acknowledged: Stairs,
    delivered: Stairs,
    finished: Stairs,
    seen: Stairs,
    own: HashMap<u32, Stairs>,
    /// When the latest invalidation that got through began, per process.
    sent: HashMap<u32, Nanos>,
    /// Acknowledged writes whose invalidation did not get through yet: process, when they were committed, and the step to come.
    unsent: Vec<(u32, Nanos, Step)>,
    readers: HashMap<(u32, u16), u64>,
}

/// A write, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) process: u32,
    pub(super) invoked: Nanos,
    pub(super) ended: Option<Nanos>,
    kind: Kind,
    version: Option<u64>,
    /// From when on it can no longer be under way, if nobody knows how it ended.
    given_up: Option<Nanos>,
}

/// One read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) process: u32,
    pub(super) reader: u16,
    pub(super) begin: Nanos,
    pub(super) end: Nanos,
    pub(super) seen: Seen,
}

/// What is to be said of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    /// It failed, or it can't be known.
    Unknown,
    Broken(Finding),
}

/// A read that returned what it should not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) promise: Promise,
    /// Since when the value was outdated.
    pub(super) since: Nanos,
    /// The write that was missed, or that nobody made.
    pub(super) token: u64,
    /// The same reader had already seen a newer version.
    pub(super) went_back: bool,
}

impl Default for Register {
    /// A row as it is made before the run: version 0, with everybody's knowledge.
    fn default() -> Self {
        let first = Write {
            process: 0,
            invoked: 0,
            ended: Some(0),
            kind: Kind::Put,
            version: Some(0),
            given_up: None,
        };
        Self {
            writes: HashMap::from([(0, first)]),
            open: Vec::new(),
            nameless_removals: Vec::new(),
            last_removal: None,
            acknowledged: Stairs::default(),
            delivered: Stairs::default(),
            finished: Stairs::default(),
            seen: Stairs::default(),
            own: HashMap::new(),
            sent: HashMap::new(),
            unsent: Vec::new(),
            readers: HashMap::new(),
        }
    }
}

impl Register {
    pub(super) fn invoked(&mut self, at: Nanos, process: u32, token: u64, kind: Kind) {
        let write = Write { process, invoked: at, ended: None, kind, version: None, given_up: None };
        self.writes.insert(token, write);
        self.open.push(token);
        if kind == Kind::Remove {
            self.nameless_removals.push(token);
        }
    }

    pub(super) fn ended(&mut self, at: Nanos, token: u64, outcome: Outcome) {
        self.open.retain(|other| *other != token);
        match outcome {
            Outcome::Unknown | Outcome::Refused => self.give_up(at, token, SETTLE),
            Outcome::Acknowledged { version, committed } => {
                let Some(write) = self.writes.get_mut(&token) else { return };
                write.ended = Some(at);
                let process = write.process;
                self.learn(token, version);
                let step = Step { version, since: at, token };
                self.acknowledged.add(step);
                self.own.entry(process).or_default().add(step);
                if self.sent.get(&process).is_some_and(|begin| *begin >= committed) {
                    self.delivered.add(step);
                } else {
                    self.unsent.push((process, committed, step));
                }
            }
        }
    }

    /// An invalidation that was sent at `begin` got through.
    pub(super) fn delivered(&mut self, at: Nanos, process: u32, begin: Nanos) {
        let latest = self.sent.entry(process).or_default();
        *latest = begin.max(*latest);
        let delivered = &mut self.delivered;
        self.unsent.retain(|(writer, committed, step)| {
            let is_it = *writer == process && begin >= *committed;
            if is_it {
                delivered.add(Step { since: at, ..*step });
            }
            !is_it
        });
    }

    /// Everything that the process was doing has ended somehow.
    pub(super) fn died(&mut self, at: Nanos, process: u32) {
        let open = std::mem::take(&mut self.open);
        let (its, others) =
            open.into_iter().partition(|token| self.writes.get(token).is_some_and(|w| w.process == process));
        self.open = others;
        let its: Vec<u64> = its;
        for token in its {
            self.give_up(at, token, SETTLE_DEAD);
        }
        self.own.remove(&process);
        self.readers.retain(|(owner, _), _| *owner != process);
    }

    pub(super) fn read(&mut self, read: &Reading) -> Verdict {
        let version = match read.seen {
            Seen::Failed => return Verdict::Unknown,
            Seen::Row { version, token } => {
                if self.writes.get(&token).is_none_or(|write| write.version.is_some_and(|v| v != version)) {
                    return Verdict::Broken(Finding {
                        promise: Promise::Written,
                        since: read.begin,
                        token,
                        went_back: false,
                    });
                }
                self.learn(token, version);
                self.give_up_known(read.end, token);
                version
            }
            Seen::Absent => match self.absent_since(read.end) {
                Ok(version) => version,
                Err(verdict) => return verdict.with(read),
            },
        };
        let broken = self.outdated(version, read);
        let reader = self.readers.entry((read.process, read.reader)).or_default();
        let went_back = *reader > version;
        if let Seen::Row { token, .. } = read.seen {
            *reader = version.max(*reader);
            self.seen.add(Step { version, since: read.end, token });
        }
        match broken {
            None => Verdict::Good,
            Some((promise, step)) => {
                Verdict::Broken(Finding { promise, since: step.since, token: step.token, went_back })
            }
        }
    }

    /// The write with this token.
    pub(super) fn write(&self, token: u64) -> Option<&Write> {
        self.writes.get(&token)
    }

    /// The first promise, from the firmest to the weakest, that a read of this version breaks.
    fn outdated(&self, version: u64, read: &Reading) -> Option<(Promise, Step)> {
        let own = self.own.get(&read.process).and_then(|own| own.outdated(version, read.begin));
        let by = |promise, stairs: &Stairs| stairs.outdated(version, read.begin).map(|step| (promise, step));
        own.map(|step| (Promise::Own, step))
            .or_else(|| by(Promise::Acknowledged, &self.delivered))
            .or_else(|| by(Promise::CutOff, &self.acknowledged))
            .or_else(|| by(Promise::Finished, &self.finished))
            .or_else(|| by(Promise::Order, &self.seen))
    }

    /// The latest version that "there is no row" can mean.
    fn absent_since(&mut self, now: Nanos) -> Result<u64, Nowhere> {
        let writes = &self.writes;
        self.nameless_removals.retain(|token| {
            writes.get(token).is_some_and(|w| w.ended.is_none_or(|ended| ended + FORGET > now))
        });
        if !self.nameless_removals.is_empty() {
            return Err(Nowhere::Unknown);
        }
        self.last_removal.ok_or(Nowhere::Never)
    }

    /// Somebody has learnt which version a write made.
    fn learn(&mut self, token: u64, version: u64) {
        let Some(write) = self.writes.get_mut(&token) else { return };
        if write.version.replace(version).is_none() && write.kind == Kind::Remove {
            self.nameless_removals.retain(|other| *other != token);
            self.last_removal = self.last_removal.max(Some(version));
        }
    }

    /// A write has ended without anybody knowing how.
    fn give_up(&mut self, at: Nanos, token: u64, settle: Nanos) {
        if let Some(write) = self.writes.get_mut(&token) {
            write.ended = Some(at);
            write.given_up = Some(at + settle);
        }
        self.give_up_known(at, token);
    }

    /// If it was done after all, it counts once it can no longer be under way.
    fn give_up_known(&mut self, at: Nanos, token: u64) {
        if let Some(Write { given_up: Some(over), version: Some(version), .. }) = self.writes.get(&token) {
            let since = at.max(*over);
            self.finished.add(Step { version: *version, since, token });
        }
    }
}

/// Why "there is no row" has no version.
enum Nowhere {
    Unknown,
    Never,
}

impl Nowhere {
    fn with(self, read: &Reading) -> Verdict {
        match self {
            Self::Unknown => Verdict::Unknown,
            Self::Never => Verdict::Broken(Finding {
                promise: Promise::Written,
                since: read.begin,
                token: 0,
                went_back: false,
            }),
        }
    }
}
