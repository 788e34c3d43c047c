//! What the database does: one row, and beside it how far the flushers have come.

use super::{
    Event, Mutant,
    world::{Batch, Now, Set},
};

/// A batch and its progress, in one transaction.
pub(crate) struct Transaction<'b> {
    pub(crate) epoch: u64,
    pub(crate) batch: &'b Batch,
}

impl Now<'_> {
    /// Commits it; `false` if a later flusher was there.
    pub(crate) fn write(&mut self, transaction: &Transaction<'_>) -> bool {
        let Transaction { epoch, batch } = transaction;
        if *epoch < self.world.row.epoch && !self.config.is(Mutant::NoGuard) {
            self.saw(Event::Fenced);
            return false;
        }
        self.saw(Event::Committed);
        (self.world.row.epoch, self.world.row.number) = (*epoch, batch.number);
        for (_, _, write) in batch.written() {
            self.arrive(*write);
        }
        true
    }

    fn arrive(&mut self, write: u8) {
        let adds = self.config.adds();
        let world = &mut *self.world;
        let arrived = &mut world.row.arrived[usize::from(write) - 1];
        world.broke.once |= *arrived > 0;
        *arrived = arrived.saturating_add(1).min(2);
        if adds {
            world.row.value |= Set::of(write).0;
        } else {
            let given_up = world.given_up.has(write);
            world.broke.order |= given_up || world.place(write) < world.place(world.row.value);
            world.row.value = write;
        }
    }
}
