//! What goes wrong in the store and on the way to it.

use crate::{Config, Event, Step, World, shared::Shared, world::Now};

pub(crate) fn steps(config: &Config, world: &World, steps: &mut Vec<Step>) {
    let known = world.store.known();
    for token in known.writes.open {
        let (pending, alive) = world.stands_for(token);
        let in_time = !pending || config.faults.short_holds;
        if in_time && (!alive || config.faults.lost_intents) {
            steps.push(Step::Expire(token));
        }
    }
    for at in 0..world.late.len() {
        steps.extend([Step::Late(at), Step::Lost(at)]);
    }
    let faults = &config.faults;
    let there = [
        (faults.eviction && world.store.read().is_some(), Step::LoseEntry),
        (faults.lost_leases && known.lease.is_some(), Step::LoseLease),
        (faults.lost_floors && known.writes.floor.is_some(), Step::LoseFloor),
        (world.flushes_left > 0, Step::Flush),
    ];
    steps.extend(there.into_iter().filter_map(|(there, step)| there.then_some(step)));
}

impl Now<'_> {
    pub(crate) fn late(&mut self, at: usize, arrives: bool) {
        let call = self.world.late.remove(at);
        if arrives {
            self.saw(Event::Late);
            let mutant = self.mutant();
            self.world.store().carry_out(call, mutant);
        }
    }

    pub(crate) fn lose(&mut self, what: fn(&mut Shared) -> bool) {
        what(self.world.store());
    }

    pub(crate) fn flush(&mut self) {
        self.world.flushes_left -= 1;
        self.world.store().lose_everything();
    }
}
