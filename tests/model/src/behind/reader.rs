//! What a reader does: read, ask for a lease, load, store, answer; and what it does when something is pending.

use super::{
    Config, Event, Mutant, Step, World,
    queue::{Ahead, Leave},
    world::{At, Now, Set, Waiting},
};
use cache_runtime::store::Token;

/// How often a reader loads what deltas are to be added to before it waits for a flush.
const TRIES: u8 = 2;

pub(crate) fn steps(config: &Config, world: &World, reader: usize, steps: &mut Vec<Step>) {
    let Some(me) = world.readers.get(reader) else { return };
    match me.at {
        At::Rest => {
            if me.left > 0 {
                steps.push(Step::Read(reader, false));
                if !config.is_beside() && world.shared.lease() {
                    steps.push(Step::Read(reader, true));
                }
            }
        }
        // A patient one may give up waiting for what moves, and wait for the flush instead.
        At::Looked
        | At::Missed
        | At::Loading(_)
        | At::Filling { .. }
        | At::Patient { .. }
        | At::Basing { .. }
        | At::Adding { .. }
        | At::Flushed => {
            steps.push(Step::GoOn(reader, false));
        }
        At::Asking => steps.extend([Step::GoOn(reader, false), Step::GoOn(reader, true)]),
        At::Draining(version) => {
            if world.shared.look().is_none_or(|pending| pending.flushed >= version) {
                steps.push(Step::GoOn(reader, false));
            }
        }
        At::Flushing(version) => {
            if world.shared.look().is_none_or(|pending| pending.flushed >= version) {
                steps.push(Step::GoOn(reader, false));
            }
        }
    }
}

impl Now<'_> {
    /// A read begins. One of a key without anything pending beside the store asks for a lease at once.
    pub(crate) fn read(&mut self, reader: usize, gives_up: bool) {
        let (acked, seen) = (self.world.acked, self.world.seen);
        let me = &mut self.world.readers[reader];
        (me.acked, me.seen) = (acked, seen);
        if self.config.is_beside() {
            if !self.looked(reader) {
                self.at(reader, At::Looked);
            }
        } else if let Some(value) = self.world.shared.read().filter(|_| !self.is_blind()) {
            self.saw(if self.world.shared.look().is_some() { Event::Ahead } else { Event::Hit });
            self.answer(reader, value);
        } else if !self.ask(reader, gives_up) {
            // It has not begun: beginning later asks more of it.
            let me = &mut self.world.readers[reader];
            (me.at, me.acked, me.seen) = (At::Rest, Set::default(), Set::default());
        }
    }

    /// Something is pending, and a broken variant doesn't show it.
    fn is_blind(&self) -> bool {
        self.config.is(Mutant::NothingPendingIsShown) && self.world.shared.look().is_some()
    }

    fn at(&mut self, reader: usize, at: At) {
        self.world.readers[reader].at = at;
    }

    /// Asks the queue; `false` if nothing is pending.
    fn looked(&mut self, reader: usize) -> bool {
        if self.config.is(Mutant::NothingPendingIsShown) {
            return false;
        }
        let latest = self.world.order.last().copied().unwrap_or_default();
        match self.world.shared.ahead(latest) {
            None => return false,
            Some(Ahead::Write(write)) => {
                self.saw(Event::Ahead);
                self.answer(reader, write);
            }
            Some(Ahead::Unshown) => self.pending(reader),
        }
        true
    }

    /// Something is pending that can't be shown as it is.
    fn pending(&mut self, reader: usize) {
        let at = match self.world.shared.look() {
            Some(_) if self.config.adds() => At::Patient { tries: 0 },
            Some(pending) => At::Draining(pending.version),
            None => At::Loading(None),
        };
        self.at(reader, at);
    }

    /// Asks for leave to load; `false` if it is still waiting.
    fn ask(&mut self, reader: usize, gives_up: bool) -> bool {
        let (token, mutant) = (self.reader_token(reader), self.mutant());
        match self.world.shared().acquire(token, mutant) {
            Leave::Granted { epoch } => self.at(reader, At::Loading(Some(epoch))),
            Leave::Wait if !gives_up => return false,
            Leave::Wait | Leave::Bypass => self.at(reader, At::Loading(None)),
            Leave::Present(value) => self.answer(reader, value),
            Leave::Pending { absent: true } => {
                self.saw(Event::Absent);
                let latest = self.world.order.last().copied().unwrap_or_default();
                self.answer(reader, latest);
            }
            Leave::Pending { absent: false } => self.pending(reader),
        }
        true
    }

    pub(crate) fn go_on(&mut self, reader: usize, gives_up: bool) {
        match self.world.readers[reader].at {
            At::Rest => {}
            At::Looked => match self.world.shared.read() {
                Some(value) => {
                    self.saw(Event::Hit);
                    self.answer(reader, value);
                }
                None => self.at(reader, At::Missed),
            },
            At::Missed => {
                if !self.looked(reader) {
                    self.at(reader, At::Asking);
                }
            }
            At::Asking => {
                self.ask(reader, gives_up);
            }
            At::Loading(None) | At::Flushed => self.answer(reader, self.world.row.value),
            At::Loading(Some(epoch)) => {
                let value = self.world.row.value;
                self.at(reader, At::Filling { epoch, value });
            }
            At::Filling { epoch, value } => {
                let (token, mutant) = (self.reader_token(reader), self.mutant());
                let stored = self.world.shared().fill(token, epoch, value, mutant);
                self.saw(if stored { Event::Filled } else { Event::Refused });
                self.answer(reader, value);
            }
            At::Draining(_) => {
                self.saw(Event::Drained);
                self.at(reader, At::Loading(None));
            }
            At::Patient { tries } => {
                let at = match self.world.shared.deltas_wait() {
                    // All that was acknowledged is in the database.
                    None => At::Flushed,
                    Some(before) if before.moving || tries == TRIES => {
                        At::Flushing(self.world.shared.look().map_or(0, |pending| pending.version))
                    }
                    Some(before) => At::Basing { tries, before },
                };
                self.at(reader, at);
            }
            At::Basing { tries, before } => {
                let base = self.world.row.value;
                self.at(reader, At::Adding { tries, before, base });
            }
            At::Adding { tries, before, base } => {
                let after = self.world.shared.deltas_wait();
                if after.is_some_and(|after| self.follows(after, before)) {
                    self.saw(Event::Added);
                    self.add(reader, base);
                } else if self.config.is(Mutant::SumsAreNotCompared) {
                    self.add(reader, base);
                } else {
                    self.saw(Event::LoadedAgain);
                    self.at(reader, At::Patient { tries: tries + 1 });
                }
            }
            At::Flushing(_) => {
                self.saw(Event::Drained);
                self.at(reader, At::Flushed);
            }
        }
    }

    /// What waited before waits still, and nobody has written any of it.
    fn follows(&self, after: Waiting, before: Waiting) -> bool {
        let oldest = after.oldest == before.oldest || self.config.is(Mutant::DeltasAreOnlyCounted);
        oldest && after.flushed == before.flushed && !after.moving && after.many >= before.many
    }

    fn add(&mut self, reader: usize, base: u8) {
        let mut sum = base;
        for delta in self.world.shared.deltas() {
            self.world.broke.acknowledged |= Set(sum).has(delta);
            sum |= Set::of(delta).0;
        }
        self.answer(reader, sum);
    }

    /// A token is never used twice.
    fn reader_token(&self, reader: usize) -> Token {
        Token(0x1000 + 0x10 * reader as u128 + u128::from(self.world.readers[reader].left))
    }

    /// A read returns.
    fn answer(&mut self, reader: usize, value: u8) {
        let me = self.world.readers[reader];
        let (older, write) = if self.config.adds() {
            let misses = |some: Set| some.without(Set(value)) != Set::default();
            ([misses(me.acked), misses(me.seen)], Set(value))
        } else {
            let place = self.world.place(value);
            ([me.acked, me.seen].map(|some| place < self.world.latest(some)), Set::of(value))
        };
        let world = &mut *self.world;
        world.broke.acknowledged |= older[0];
        world.broke.monotonic |= older[1];
        let me = &mut world.readers[reader];
        (me.left, me.at, me.acked, me.seen) = (me.left - 1, At::Rest, Set::default(), Set::default());
        world.seen = world.seen.with(write.without(world.given_up));
        self.world.seen = self.newest(self.world.seen);
    }
}
