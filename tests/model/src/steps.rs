//! What can happen next.

use crate::{Config, World, coverage::Coverage, faults, reader, writer};
use cache_runtime::store::Token;
use stateright::{Model, Property};
use std::sync::Arc;

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A reader reads the entry. One that has no process to share asks for a lease at once if there is none; with `true` it gives up
    /// waiting for another's.
    Read(usize, bool),
    /// It joins a flight, or leads one.
    Join(usize),
    /// It asks for a lease; with `true` it gives up waiting for another's.
    Ask(usize, bool),
    /// Its body reads the row; with `true` as it was before the last commit.
    Load(usize, bool),
    /// It stores what it loaded.
    Fill(usize, Delivery),
    /// It ends its flight.
    Land(usize),
    /// It is dropped while it leads; the follower named takes over.
    Leave(usize, Option<usize>),
    /// A writer announces its write.
    Begin(usize, Delivery),
    /// It finds its intent lost, and announces it again.
    Renew(usize),
    /// Its statement commits.
    Commit(usize),
    /// Its statement fails, and won't commit later.
    Fail(usize),
    /// It ends its write, or invalidates, and acknowledges.
    End(usize, Delivery),
    /// Its caller is gone.
    Drop(usize),
    /// Its process dies.
    Crash(usize),
    /// What a dropped writer leaves behind invalidates.
    Tail(usize, Delivery),
    /// The statement of a writer that is gone commits, or won't.
    Decide(usize, bool),
    /// A call that was not answered, or was sent twice, is carried out.
    Late(usize),
    /// A call that was not answered is never carried out.
    Lost(usize),
    /// An intent or a hold ends.
    Expire(Token),
    /// The entry is evicted.
    LoseEntry,
    /// The lease ends.
    LoseLease,
    /// The floor is forgotten.
    LoseFloor,
    /// Everything in the store is lost.
    Flush,
}

/// How often a call is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Once, and answered.
    Once,
    /// Once, answered, and once more later.
    Twice,
    /// Later, if ever; nobody answers.
    Unanswered,
}

impl Delivery {
    pub(crate) fn is_late(self) -> bool {
        self != Self::Once
    }

    pub(crate) fn is_answered(self) -> bool {
        self != Self::Unanswered
    }
}

/// A configuration with all its states.
pub(crate) struct Protocol {
    pub(crate) config: Config,
    pub(crate) coverage: Arc<Coverage>,
}

impl Model for Protocol {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(&self.config)]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        for reader in 0..self.config.reads.len() {
            reader::steps(&self.config, world, reader, steps);
        }
        for writer in 0..self.config.writers.len() {
            writer::steps(&self.config, world, writer, steps);
        }
        faults::steps(&self.config, world, steps);
    }

    fn next_state(&self, last: &World, step: Step) -> Option<World> {
        let mut world = last.clone();
        world.broke = crate::world::Broke::default();
        let now =
            &mut crate::world::Now { config: &self.config, coverage: &self.coverage, world: &mut world };
        match step {
            Step::Read(reader, gives_up) => now.read(reader, gives_up),
            Step::Join(reader) => now.join(reader),
            Step::Ask(reader, gives_up) => now.ask(reader, gives_up),
            Step::Load(reader, old) => now.load(reader, old),
            Step::Fill(reader, delivery) => now.fill(reader, delivery),
            Step::Land(reader) => now.land(reader),
            Step::Leave(reader, next) => now.leave(reader, next),
            Step::Begin(writer, delivery) => now.begin(writer, delivery),
            Step::Renew(writer) => now.renew(writer),
            Step::Commit(writer) => now.commit(writer),
            Step::Fail(writer) => now.fail(writer),
            Step::End(writer, delivery) => now.end(writer, delivery),
            Step::Drop(writer) => now.drop_writer(writer),
            Step::Crash(writer) => now.crash(writer),
            Step::Tail(writer, delivery) => now.tail(writer, delivery),
            Step::Decide(writer, commits) => now.decide(writer, commits),
            Step::Late(at) => now.late(at, true),
            Step::Lost(at) => now.late(at, false),
            Step::Expire(token) => now.world.store().lose_write(token, self.config.mutant),
            Step::LoseEntry => now.lose(crate::shared::Shared::lose_entry),
            Step::LoseLease => now.lose(crate::shared::Shared::lose_lease),
            Step::LoseFloor => now.lose(crate::shared::Shared::lose_floor),
            Step::Flush => now.flush(),
        }
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("P1", |_, world: &World| !world.has_a_stale_entry()),
            Property::always("P2", |_, world: &World| !world.broke.acknowledged),
            Property::always("P3", |_, world: &World| !world.broke.monotonic),
        ]
    }
}
