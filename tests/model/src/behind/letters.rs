//! What counts of the writes: what was acknowledged and must be seen, and what was given up.

use super::{
    Event,
    world::{Now, Set},
};

impl Now<'_> {
    /// Something may have become a dead letter.
    pub(crate) fn note_the_dead(&mut self) {
        for (_, write) in self.world.shared.dead() {
            if self.world.given_up.has(write) {
                continue;
            }
            self.saw(Event::GivenUp);
            let mut dead = Set::of(write);
            for _ in 0..3 {
                for (earlier, by) in (1..).zip(self.world.replaced) {
                    // What has arrived itself isn't lost with its successor.
                    let arrived = self.world.row.arrived[earlier - 1] > 0;
                    if by != 0 && dead.has(by) && !arrived {
                        dead = dead.with(Set(1 << (earlier - 1)));
                    }
                }
            }
            let world = &mut *self.world;
            world.given_up = world.given_up.with(dead);
            world.order.retain(|write| !dead.has(*write));
            (world.acked, world.seen) = (world.acked.without(dead), world.seen.without(dead));
            world.before = world.before.without(dead);
            for reader in &mut world.readers {
                (reader.acked, reader.seen) = (reader.acked.without(dead), reader.seen.without(dead));
            }
        }
    }

    pub(crate) fn acknowledged(&mut self, write: u8) {
        if !self.world.given_up.has(write) {
            self.world.acked = self.newest(self.world.acked.with(Set::of(write)));
        }
    }

    /// Where nothing can be given up, only the latest of what is to be seen matters.
    pub(crate) fn newest(&self, some: Set) -> Set {
        let gives_up = self.config.faults.refusals > 0
            || self.config.faults.unread > 0
            || self.config.direct.is_some_and(|direct| direct.gives_up);
        if gives_up || self.config.adds() {
            return some;
        }
        Set::of(self.world.order[self.world.latest(some)])
    }
}
