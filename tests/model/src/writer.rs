//! What a writer does: announce, commit, end, acknowledge; and what is left of one that nobody waits for any more.

use crate::{
    Config, Delivery, Event, Fence, Level, Mutant, Step, World, Writing,
    shared::Fate,
    world::{Call, Now, Work},
};
use cache_runtime::store::Token;

pub(crate) fn steps(config: &Config, world: &World, writer: usize, steps: &mut Vec<Step>) {
    let (Some(me), Some(writing)) = (world.writers.get(writer), config.writers.get(writer)) else { return };
    let late = world.late_left > 0;
    let deliveries = |step: fn(usize, Delivery) -> Step, all: &[Delivery], steps: &mut Vec<Step>| {
        steps.extend(all.iter().filter(|delivery| late || !delivery.is_late()).map(|d| step(writer, *d)));
    };
    // Who gets no answer from `end` or an invalidation repeats it, so being sent twice is all there is to it.
    let repeated = [Delivery::Once, Delivery::Twice];
    let strict = writing.level == Level::Strict;
    let lost = !world.store.known().writes.open.contains(&world.writer_token(writer));
    if let Work::Begun { answered: true } | Work::Committed { answered: true, .. } = me.doing
        && strict
        && lost
        && config.mutant != Some(Mutant::StrictWithoutBegin)
    {
        steps.push(Step::Renew(writer));
    }
    match me.doing {
        Work::Rest if me.left == 0 => {}
        Work::Rest if strict => {
            deliveries(Step::Begin, &[Delivery::Once, Delivery::Unanswered], steps);
            if config.faults.repeated_begins || config.is(Mutant::AnnouncementIsRepeated) {
                deliveries(Step::Begin, &[Delivery::Twice], steps);
            }
        }
        Work::Rest | Work::Begun { .. } => {
            steps.push(Step::Commit(writer));
            if config.faults.failed_writes {
                steps.push(Step::Fail(writer));
            }
            if config.faults.cancelled_writes {
                steps.push(Step::Drop(writer));
            }
            if config.faults.crashes {
                steps.push(Step::Crash(writer));
            }
        }
        Work::Committed { .. } | Work::OnceMore { .. } => {
            deliveries(Step::End, &repeated, steps);
            if config.faults.cut_off {
                deliveries(Step::End, &[Delivery::Unanswered], steps);
            }
            if config.faults.crashes {
                steps.push(Step::Crash(writer));
            }
        }
        Work::Unsent => steps.push(Step::Tail(writer, Delivery::Once)),
        Work::Left { pending, tail } => {
            if pending {
                steps.extend([Step::Decide(writer, true), Step::Decide(writer, false)]);
            }
            if tail {
                deliveries(Step::Tail, &repeated, steps);
                if config.faults.crashes {
                    steps.push(Step::Crash(writer));
                }
            }
        }
    }
}

impl World {
    /// Whether the write behind an intent or a hold may still commit, and whether its writer lives.
    pub(crate) fn stands_for(&self, token: Token) -> (bool, bool) {
        let mine = |at: &usize| token == self.writer_token(*at) || token == crate::shared::NOBODY;
        let work = || (0..self.writers.len()).filter(mine).map(|at| self.writers[at].doing);
        let pending = work().any(|work| match work {
            Work::Left { pending, tail } => pending && (token != crate::shared::NOBODY || !tail),
            _ => false,
        });
        let alive = token != crate::shared::NOBODY
            && work().any(|work| matches!(work, Work::Begun { .. } | Work::Committed { .. }));
        (pending, alive)
    }
}

impl Now<'_> {
    fn writing(&self, writer: usize) -> Writing {
        self.config.writers[writer]
    }

    fn set(&mut self, writer: usize, doing: Work) {
        self.world.writers[writer].doing = doing;
    }

    /// The write is over, and the next has another token.
    fn over(&mut self, writer: usize) {
        let me = &mut self.world.writers[writer];
        (me.left, me.doing) = (me.left - 1, Work::Rest);
    }

    /// Something was written in this writer's process.
    fn written_here(&mut self, writer: usize) {
        if self.writing(writer).inside {
            self.detach();
        }
    }

    pub(crate) fn begin(&mut self, writer: usize, delivery: Delivery) {
        let (token, mutant) = (self.world.writer_token(writer), self.mutant());
        self.written_here(writer);
        if delivery.is_late() {
            self.world.post(Call::Begin { token });
        }
        if delivery.is_answered() && mutant != Some(Mutant::StrictWithoutBegin) {
            self.world.store().begin(token, mutant);
        }
        if !delivery.is_answered() && self.config.fence == Fence::Reject {
            self.over(writer);
        } else {
            self.set(writer, Work::Begun { answered: delivery.is_answered() });
        }
    }

    /// From here on readers are kept off again; what happened in between isn't known.
    pub(crate) fn renew(&mut self, writer: usize) {
        let (token, mutant) = (self.world.writer_token(writer), self.mutant());
        self.world.store().begin(token, mutant);
        let sure = mutant == Some(Mutant::ReannouncedWriterStores);
        match &mut self.world.writers[writer].doing {
            Work::Begun { answered } | Work::Committed { answered, .. } => *answered = sure,
            Work::Rest | Work::OnceMore { .. } | Work::Unsent | Work::Left { .. } => {}
        }
    }

    pub(crate) fn commit(&mut self, writer: usize) {
        let answered = !matches!(self.world.writers[writer].doing, Work::Begun { answered: false });
        self.world.row += 1;
        let version = self.world.row;
        self.set(writer, Work::Committed { version, answered });
    }

    pub(crate) fn fail(&mut self, writer: usize) {
        if self.writing(writer).level == Level::Strict {
            let (token, mutant) = (self.world.writer_token(writer), self.mutant());
            self.world.store().end(token, None, None, mutant);
        }
        self.written_here(writer);
        self.over(writer);
    }

    pub(crate) fn end(&mut self, writer: usize, delivery: Delivery) {
        let (version, answered) = match self.world.writers[writer].doing {
            Work::Committed { version, answered } => (version, answered),
            Work::OnceMore { version } => (version, true),
            Work::Rest | Work::Begun { .. } | Work::Unsent | Work::Left { .. } => return,
        };
        let (token, mutant, writing) = (self.world.writer_token(writer), self.mutant(), self.writing(writer));
        let told = writing.versioned.then_some(version);
        let call = match writing.level {
            Level::Lease => Call::Invalidate { hold: false, version: told },
            Level::Strict => {
                // Nobody knows when an announcement without an answer was carried out, or will be.
                let sure = answered || mutant == Some(Mutant::UnansweredWriterStores);
                Call::End { token, version: told, kept: sure.then_some(version) }
            }
        };
        if delivery.is_late() {
            self.world.post(call);
        }
        if !delivery.is_answered() {
            self.world.acked = self.world.acked.max(version);
            self.set(writer, Work::Unsent);
            return;
        }
        let store = self.world.store();
        match (call, mutant) {
            (_, Some(Mutant::BlindWriteThrough)) => store.put(version),
            (_, Some(Mutant::SetIfNewer)) => {
                if store.read().is_none_or(|value| value < version) {
                    store.put(version);
                }
            }
            (Call::End { token, version, kept }, _) => match store.end(token, version, kept, mutant) {
                Fate::Nothing => {}
                Fate::Dropped => self.saw(Event::Dropped),
                Fate::Kept { overlapped } => {
                    self.saw(if overlapped { Event::KeptNewest } else { Event::Kept });
                }
            },
            (other, _) => store.carry_out(other, mutant),
        }
        self.written_here(writer);
        let first = matches!(self.world.writers[writer].doing, Work::Committed { .. });
        if first && mutant == Some(Mutant::DelayedDoubleDelete) {
            self.set(writer, Work::OnceMore { version });
            return;
        }
        self.world.acked = self.world.acked.max(version);
        self.over(writer);
    }

    /// The caller is gone; what it leaves behind sees to the rest.
    pub(crate) fn drop_writer(&mut self, writer: usize) {
        self.set(writer, Work::Left { pending: true, tail: true });
    }

    /// The process is gone. A statement that had not committed still may.
    pub(crate) fn crash(&mut self, writer: usize) {
        let pending = match self.world.writers[writer].doing {
            Work::Rest | Work::Begun { .. } => true,
            Work::Committed { .. } | Work::OnceMore { .. } | Work::Unsent => false,
            Work::Left { pending, .. } => pending,
        };
        self.left(writer, pending, false);
    }

    pub(crate) fn tail(&mut self, writer: usize, delivery: Delivery) {
        let (pending, hold) = match self.world.writers[writer].doing {
            Work::Left { pending, .. } => (pending, true),
            _ => (false, false),
        };
        let (token, mutant) = (self.world.writer_token(writer), self.mutant());
        let call = match mutant {
            Some(Mutant::DroppedWriterEndsAtOnce) => Call::End { token, version: None, kept: None },
            Some(Mutant::DroppedWriterPlacesNoHold) => Call::Invalidate { hold: false, version: None },
            _ => Call::Invalidate { hold, version: None },
        };
        if delivery.is_late() {
            self.world.post(call);
        }
        self.world.store().carry_out(call, mutant);
        self.written_here(writer);
        self.left(writer, pending, false);
    }

    pub(crate) fn decide(&mut self, writer: usize, commits: bool) {
        let Work::Left { tail, .. } = self.world.writers[writer].doing else { return };
        self.world.row += u8::from(commits);
        self.left(writer, false, tail);
    }

    fn left(&mut self, writer: usize, pending: bool, tail: bool) {
        if pending || tail {
            self.set(writer, Work::Left { pending, tail });
        } else {
            self.over(writer);
        }
    }
}
