//! What a reader does: read, ask for a lease, load, store, answer.

use crate::{
    Config, Delivery, Event, Mutant, Step, World,
    shared::Leave,
    world::{At, Call, Doing, Now},
};

pub(crate) fn steps(config: &Config, world: &World, reader: usize, steps: &mut Vec<Step>) {
    let Some(me) = world.readers.get(reader) else { return };
    let late = world.late_left > 0;
    match me.at {
        At::Rest | At::Again => {
            if me.left > 0 {
                steps.push(Step::Read(reader, false));
                // In a process of its own it asks at once.
                if reader >= config.together {
                    steps.push(Step::Read(reader, true));
                }
            }
        }
        At::Missed => steps.push(Step::Join(reader)),
        At::Following { .. } => {}
        At::Leading { doing, .. } => {
            match doing {
                Doing::Ask => steps.extend([Step::Ask(reader, false), Step::Ask(reader, true)]),
                Doing::Load(_) => {
                    steps.push(Step::Load(reader, false));
                    if config.faults.replica && world.row > 1 {
                        steps.push(Step::Load(reader, true));
                    }
                }
                Doing::Fill { lease, .. } => {
                    steps.push(Step::Fill(reader, Delivery::Once));
                    if late && lease.is_some() {
                        steps.push(Step::Fill(reader, Delivery::Twice));
                        steps.push(Step::Fill(reader, Delivery::Unanswered));
                    }
                }
                Doing::Land { .. } => steps.push(Step::Land(reader)),
            }
            // From the fill on the caller may leave: the flight goes on.
            if config.faults.cancelled_loads && !matches!(doing, Doing::Land { .. }) {
                let mut followers = world.followers(reader).peekable();
                if followers.peek().is_none() {
                    steps.push(Step::Leave(reader, None));
                }
                steps.extend(followers.map(|follower| Step::Leave(reader, Some(follower))));
            }
        }
    }
}

impl Now<'_> {
    fn shares(&self, reader: usize) -> bool {
        reader < self.config.together
    }

    pub(crate) fn read(&mut self, reader: usize, gives_up: bool) {
        let (acked, seen) = (self.world.acked, self.world.seen);
        let me = &mut self.world.readers[reader];
        if me.at == At::Rest {
            (me.acked, me.seen) = (acked, seen);
        }
        if let Some(value) = self.world.store.read() {
            self.saw(Event::Hit);
            self.answer(reader, value);
        } else if self.shares(reader) {
            self.world.readers[reader].at = At::Missed;
        } else {
            self.world.readers[reader].at = At::Leading { stage: 0, doing: Doing::Ask };
            if !self.leave_is_decided(reader, gives_up) {
                // It has not begun: beginning later asks more of it.
                let me = &mut self.world.readers[reader];
                (me.at, me.acked, me.seen) = (At::Rest, 0, 0);
            }
        }
    }

    pub(crate) fn ask(&mut self, reader: usize, gives_up: bool) {
        self.leave_is_decided(reader, gives_up);
    }

    /// Asks for leave to load; `false` if it is still waiting.
    fn leave_is_decided(&mut self, reader: usize, gives_up: bool) -> bool {
        let (token, mutant) = (self.world.reader_token(reader), self.mutant());
        let stage = self.stage(reader);
        let doing = match self.world.store().acquire(token, mutant) {
            Leave::Granted { epoch } => {
                self.saw(Event::Granted);
                if self.config.is(Mutant::AcquireIsRepeated) && self.world.late_left > 0 {
                    self.world.post(Call::Acquire { token });
                }
                Doing::Load(Some(epoch))
            }
            Leave::Wait if !gives_up => {
                self.back(reader, stage);
                return false;
            }
            Leave::Wait => {
                self.saw(Event::GaveUp);
                Doing::Load(None)
            }
            Leave::Bypass => {
                self.saw(Event::Bypassed);
                Doing::Load(None)
            }
            Leave::Present(value) => {
                self.saw(Event::Found);
                let all = self.config.is(Mutant::FollowerServedWhatWasFoundBefore);
                Doing::Land { value, before: if all { u8::MAX } else { stage } }
            }
        };
        self.go_on(reader, doing);
        true
    }

    pub(crate) fn load(&mut self, reader: usize, old: bool) {
        let At::Leading { doing: Doing::Load(lease), .. } = self.world.readers[reader].at else { return };
        let stage = self.stage(reader);
        let value = self.world.row - u8::from(old);
        if lease.is_none() && !self.shares(reader) {
            self.answer(reader, value);
        } else {
            self.go_on(reader, Doing::Fill { lease, value, stage });
        }
    }

    pub(crate) fn fill(&mut self, reader: usize, delivery: Delivery) {
        let At::Leading { doing: Doing::Fill { lease, value, stage }, .. } = self.world.readers[reader].at
        else {
            return;
        };
        let filling = self.stage(reader);
        let mut stored = false;
        if let Some(epoch) = lease {
            let (token, mutant) = (self.world.reader_token(reader), self.mutant());
            let version = self.config.versions.then_some(value);
            if delivery.is_late() {
                self.world.post(Call::Fill { token, epoch, value, version });
            }
            if delivery.is_answered() {
                stored = self.world.store().fill(token, epoch, value, version, mutant);
                self.saw(if stored { Event::Filled } else { Event::Refused });
            }
        }
        if !self.shares(reader) {
            self.answer(reader, value);
            return;
        }
        let before = match self.mutant() {
            Some(Mutant::FollowerJoinedAfterTheFill) if stored => u8::MAX,
            Some(Mutant::FollowerJoinedAfterTheBodyBegan) if !stored && lease.is_none() => u8::MAX,
            Some(Mutant::FollowerServedARefusedFill) if lease.is_some() => filling,
            _ if stored => filling,
            _ => stage,
        };
        self.go_on(reader, Doing::Land { value, before });
    }

    /// A read returns.
    pub(crate) fn answer(&mut self, reader: usize, value: u8) {
        let me = &mut self.world.readers[reader];
        let broke = &mut self.world.broke;
        broke.acknowledged |= value < me.acked;
        broke.monotonic |= value < me.seen;
        (me.left, me.at, me.acked, me.seen) = (me.left - 1, At::Rest, 0, 0);
        self.world.seen = self.world.seen.max(value);
    }
}
