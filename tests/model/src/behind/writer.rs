//! What writers do: one that enqueues, and one that writes directly.

use super::{
    Config, Delivery, Event, Mutant, Step, World,
    world::{Call, DIRECT, Directly, Doing, Now, Set, Work},
};
use cache_runtime::store::Put;

pub(crate) fn steps(config: &Config, world: &World, writer: usize, steps: &mut Vec<Step>) {
    let Some(me) = world.writers.get(writer) else { return };
    match me.doing {
        Doing::Rest if me.left == 0 => {}
        Doing::Rest => {
            steps.push(Step::Enqueue(writer, Delivery::Once));
            if world.left.late_writes > 0 && !config.is_beside() {
                steps.push(Step::Enqueue(writer, Delivery::Twice));
                steps.push(Step::Enqueue(writer, Delivery::Unanswered));
            }
        }
        Doing::Asking => steps.extend([Step::Enqueue(writer, Delivery::Once), Step::GiveUp(writer)]),
        Doing::Accepted => steps.push(Step::Tell(writer)),
    }
}

pub(crate) fn direct_steps(config: &Config, world: &World, steps: &mut Vec<Step>) {
    let Some(direct) = config.direct else { return };
    match world.direct {
        Directly::Never => {}
        Directly::Over => {
            if world.shared.open_writes() {
                steps.push(Step::Expire);
            }
        }
        Directly::Draining(version) => {
            if world.shared.look().is_none_or(|pending| pending.flushed >= version) {
                steps.push(Step::Directly);
            } else if direct.gives_up && !world.is_flushing() {
                steps.push(Step::DirectlyUndrained);
            }
        }
        Directly::Undecided => steps.extend([Step::Decide(true), Step::Decide(false)]),
        Directly::Rest | Directly::Ready(_) => steps.push(Step::Directly),
        Directly::Announced(_) | Directly::Committed(_) | Directly::Overtaken => {
            let moving = world.shared.look().is_some_and(|pending| pending.moving);
            if !(direct.waits && world.direct == Directly::Overtaken && moving) {
                steps.push(Step::Directly);
            }
            if direct.crashes {
                steps.push(Step::DirectCrash);
            }
        }
    }
}

impl World {
    /// A batch is being written.
    pub(crate) fn is_flushing(&self) -> bool {
        self.flushers.iter().any(|flusher| {
            matches!(flusher.work, Work::Taken(_) | Work::Over { .. }) || !flusher.then.is_empty()
        })
    }
}

impl Now<'_> {
    fn write_of(&self, writer: usize) -> u8 {
        let made = self.config.writers[writer].writes - self.world.writers[writer].left;
        1 + 2 * u8::try_from(writer).unwrap_or_default() + made
    }

    pub(crate) fn enqueue(&mut self, writer: usize, delivery: Delivery) {
        let write = self.write_of(writer);
        if delivery != Delivery::Once {
            self.world.left.late_writes -= 1;
            self.world.post(Call::Enqueue { write });
        }
        if delivery == Delivery::Unanswered {
            self.world.writers[writer].doing = Doing::Asking;
            return;
        }
        let again = self.world.writers[writer].doing == Doing::Asking;
        self.accept(write, again);
        if self.config.is_beside() {
            self.world.writers[writer].doing = Doing::Accepted;
        } else {
            self.acknowledge(writer, write);
        }
    }

    fn acknowledge(&mut self, writer: usize, write: u8) {
        self.acknowledged(write);
        self.over(writer);
    }

    fn over(&mut self, writer: usize) {
        let me = &mut self.world.writers[writer];
        (me.left, me.doing) = (me.left - 1, Doing::Rest);
    }

    /// The queue carries out an enqueue.
    pub(crate) fn accept(&mut self, write: u8, again: bool) {
        let last = self.world.shared.waiting().last().map(|waiting| waiting.payload[0]);
        let moving = self.world.shared.look().is_some_and(|pending| pending.moving);
        let config = self.config;
        let put = self.world.shared().enqueue(write, again, config);
        if self.world.accepted.has(write) {
            self.saw(Event::Repeated);
            return;
        }
        self.world.accepted = self.world.accepted.with(Set::of(write));
        self.world.order.push(write);
        if let (Put::Coalesced(_), Some(last)) = (put, last) {
            self.saw(if moving { Event::Replaced } else { Event::Coalesced });
            self.world.replaced[usize::from(last) - 1] = write;
        }
    }

    /// It got no answer and asks no more: whether the write is accepted stays open.
    pub(crate) fn give_up(&mut self, writer: usize) {
        self.over(writer);
    }

    /// To the store, an enqueue beside it is a direct write.
    pub(crate) fn tell(&mut self, writer: usize) {
        let mutant = self.mutant();
        self.world.shared().invalidate(mutant);
        self.acknowledge(writer, self.write_of(writer));
    }

    pub(crate) fn directly(&mut self) {
        let strict = self.config.direct.is_some_and(|direct| direct.strict);
        let mutant = self.mutant();
        self.world.direct = match self.world.direct {
            Directly::Rest => {
                self.world.before = self.world.acked;
                let drains = mutant != Some(Mutant::DirectWriterDoesNotDrain);
                match self.world.shared.look().filter(|_| drains) {
                    Some(pending) => {
                        self.saw(Event::DirectWaited);
                        Directly::Draining(pending.version)
                    }
                    None => Directly::Ready(0),
                }
            }
            Directly::Draining(_) => Directly::Ready(0),
            Directly::Ready(left) => {
                if strict {
                    self.world.shared().begin();
                }
                Directly::Announced(left)
            }
            Directly::Announced(left) => {
                self.commit_directly();
                Directly::Committed(left)
            }
            Directly::Committed(left) => {
                if mutant != Some(Mutant::NothingIsOvertaken) {
                    self.world.shared().overtake(left);
                    self.note_the_dead();
                }
                Directly::Overtaken
            }
            Directly::Overtaken => {
                if strict {
                    self.world.shared().end();
                } else {
                    self.world.shared().invalidate(mutant);
                }
                self.acknowledged(DIRECT);
                Directly::Over
            }
            other @ (Directly::Never | Directly::Undecided | Directly::Over) => other,
        };
    }

    /// It comes after what the database has, and after what was acknowledged before it began.
    fn commit_directly(&mut self) {
        let world = &mut *self.world;
        let after = world.place(world.row.value).max(world.latest(world.before));
        world.order.insert(after + 1, DIRECT);
        world.row.value = DIRECT;
        world.before = Set::default();
    }

    /// It waits no longer, and keeps the flushers away until it has committed.
    pub(crate) fn directly_undrained(&mut self) {
        if let Directly::Draining(version) = self.world.direct {
            self.world.direct = Directly::Ready(version);
        }
    }

    pub(crate) fn direct_crash(&mut self) {
        self.world.direct = match self.world.direct {
            Directly::Announced(_) => Directly::Undecided,
            _ => Directly::Over,
        };
    }

    pub(crate) fn decide(&mut self, commits: bool) {
        if commits {
            self.commit_directly();
        }
        self.world.direct = Directly::Over;
    }
}
