//! What can happen next.

use super::{
    Config, Event, World,
    coverage::Coverage,
    database::Transaction,
    flusher, reader,
    world::{Broke, Call, Now, Set, Work},
    writer,
};
use stateright::{Model, Property};
use std::sync::Arc;

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A writer enqueues, or asks again.
    Enqueue(usize, Delivery),
    /// It got no answer and asks no more.
    GiveUp(usize),
    /// Its write is in the queue, and it tells the store beside.
    Tell(usize),
    /// A reader begins; with `true` it gives up waiting for another's lease.
    Read(usize, bool),
    /// It takes its next step; with `true` it gives up waiting.
    GoOn(usize, bool),
    /// A flusher claims the line.
    Claim(u8),
    /// It asks the database for a batch that it, or an earlier one, is in doubt about.
    Ask(u8),
    /// It chooses the first write that waits, or with `true` all that can go together.
    Choose(u8, bool),
    /// It takes what it has chosen.
    Take(u8),
    /// Its transaction commits, or is refused.
    Commit(u8),
    /// Its transaction commits or not, and nobody answers.
    Doubt(u8),
    /// The database fails for a moment.
    Fail(u8),
    /// The database refuses its batch.
    Refuse(u8),
    /// It can't read the last write of its batch, and leaves it to others.
    Skip(u8),
    /// It can't read the first write of its batch, and gives it up.
    Bury(u8),
    /// It tells the store beside the queue what was written.
    Announce(u8),
    /// It settles its batch.
    Settle(u8, Delivery),
    /// Its process dies.
    Crash(u8),
    /// A claim ends before its time.
    LoseClaim,
    /// The direct writer takes its next step.
    Directly,
    /// It waits no longer for what is pending.
    DirectlyUndrained,
    /// Its process dies.
    DirectCrash,
    /// Its statement commits all the same, or not.
    Decide(bool),
    /// Its announcement ends.
    Expire,
    /// A call that was not answered, or was sent twice, is carried out.
    Late(usize),
    /// It is never carried out.
    Lost(usize),
    /// The entry is evicted.
    LoseEntry,
    /// Somebody invalidates the key.
    Invalidate,
    /// Somebody clears the namespace.
    Clear,
    /// A dead letter is replayed.
    Replay(u64),
    /// A dead letter is discarded.
    Discard(u64),
}

/// How often a call is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Once, and at once.
    Once,
    /// At once, and a second time later or never.
    Twice,
    /// Later or never, and nobody answers.
    Unanswered,
}

pub(crate) struct Behind {
    pub(crate) config: Config,
    pub(crate) coverage: Arc<Coverage>,
}

impl Behind {
    fn faults(&self, world: &World, steps: &mut Vec<Step>) {
        let faults = &self.config.faults;
        for at in 0..world.late.len() {
            steps.extend([Step::Late(at), Step::Lost(at)]);
        }
        if let Some((flusher, life)) = world.holds {
            let holder = &world.flushers[usize::from(flusher)];
            let dead = holder.life != life;
            if dead || (world.left.lost_claims > 0 && holder.work != Work::Rest) {
                steps.push(Step::LoseClaim);
            }
        }
        if faults.eviction && world.shared.read().is_some() {
            steps.push(Step::LoseEntry);
        }
        if faults.invalidations {
            steps.push(Step::Invalidate);
        }
        if world.left.clears > 0 {
            steps.push(Step::Clear);
        }
        if world.left.replays > 0 {
            for (id, _) in world.shared.dead() {
                steps.extend([Step::Replay(id), Step::Discard(id)]);
            }
        }
    }

    fn steps(&self, world: &World, steps: &mut Vec<Step>) {
        for reader in 0..self.config.reads.len() {
            reader::steps(&self.config, world, reader, steps);
        }
        for writer in 0..self.config.writers.len() {
            writer::steps(&self.config, world, writer, steps);
        }
        for flusher in 0..self.config.flushers {
            flusher::steps(world, flusher, steps);
        }
        writer::direct_steps(&self.config, world, steps);
        self.faults(world, steps);
    }

    /// Something waits, and nothing will ever happen to it.
    fn is_stuck(&self, world: &World) -> bool {
        if !world.is_idle() || world.is_drained() {
            return false;
        }
        let mut steps = Vec::new();
        self.steps(world, &mut steps);
        let moves = |step: &Step| !matches!(step, Step::LoseEntry | Step::Invalidate | Step::Clear);
        !steps.iter().any(moves)
    }
}

impl Now<'_> {
    fn late(&mut self, at: usize, arrives: bool) {
        let call = self.world.late.remove(at);
        if !arrives {
            return;
        }
        self.saw(Event::Late);
        match call {
            Call::Enqueue { write } => self.accept(write, true),
            Call::Commit { epoch, batch } => {
                self.write(&Transaction { epoch, batch: &batch });
            }
            Call::Settle { epoch, batch, came } => {
                self.settled(epoch, &batch, came);
            }
        }
    }

    fn lose_claim(&mut self) {
        let Some((flusher, life)) = self.world.holds.take() else { return };
        if self.flusher(flusher).life == life {
            self.world.left.lost_claims -= 1;
        }
        self.world.shared().lose_claim();
    }

    fn replay(&mut self, id: u64) {
        self.world.left.replays -= 1;
        let write = self.world.shared.dead().into_iter().find(|(dead, _)| *dead == id);
        if !self.world.shared().replay(id) {
            return;
        }
        self.saw(Event::Replayed);
        if let Some((_, write)) = write {
            let world = &mut *self.world;
            world.given_up = world.given_up.without(Set::of(write));
            world.order.push(write);
            self.acknowledged(write);
        }
    }
}

impl Model for Behind {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(&self.config)]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        self.steps(world, steps);
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        world.broke = Broke::default();
        let now = &mut Now { config: &self.config, coverage: &self.coverage, world: &mut world };
        let mutant = now.mutant();
        match step {
            Step::Enqueue(writer, delivery) => now.enqueue(writer, delivery),
            Step::GiveUp(writer) => now.give_up(writer),
            Step::Tell(writer) => now.tell(writer),
            Step::Read(reader, gives_up) => now.read(reader, gives_up),
            Step::GoOn(reader, gives_up) => now.go_on(reader, gives_up),
            Step::Claim(flusher) => now.claim(flusher),
            Step::Ask(flusher) => now.ask_the_database(flusher),
            Step::Choose(flusher, all) => now.choose(flusher, all),
            Step::Take(flusher) => now.take(flusher),
            Step::Commit(flusher) => now.commit(flusher),
            Step::Doubt(flusher) => now.doubt(flusher),
            Step::Fail(flusher) => now.fail(flusher),
            Step::Refuse(flusher) => now.refuse(flusher),
            Step::Skip(flusher) => now.skip(flusher),
            Step::Bury(flusher) => now.bury(flusher),
            Step::Announce(flusher) => now.announce(flusher),
            Step::Settle(flusher, delivery) => now.settle(flusher, delivery),
            Step::Crash(flusher) => now.crash(flusher),
            Step::LoseClaim => now.lose_claim(),
            Step::Directly => now.directly(),
            Step::DirectlyUndrained => now.directly_undrained(),
            Step::DirectCrash => now.direct_crash(),
            Step::Decide(commits) => now.decide(commits),
            Step::Expire => now.world.shared().lose_write(),
            Step::Late(at) => now.late(at, true),
            Step::Lost(at) => now.late(at, false),
            Step::LoseEntry => now.world.shared().lose_entry(mutant),
            Step::Invalidate => now.world.shared().invalidate(mutant),
            Step::Clear => {
                now.world.left.clears -= 1;
                now.world.shared().clear(mutant);
            }
            Step::Replay(id) => now.replay(id),
            Step::Discard(id) => {
                now.world.left.replays -= 1;
                now.world.shared().discard(id);
            }
        }
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("W1", |model: &Self, world: &World| {
                !world.has_lost(&model.config) && !model.is_stuck(world)
            }),
            Property::always("W2", |_, world: &World| !world.broke.order),
            Property::always("W3", |_, world: &World| !world.broke.once),
            Property::always("W4", |_, world: &World| !world.broke.acknowledged),
            Property::always("W5", |_, world: &World| !world.broke.monotonic),
            Property::always("W6", |_, world: &World| !world.has_a_leak()),
        ]
    }
}
