//! What is left in the memory when everything is dropped while it is being filled.

use super::{
    sync::Arc,
    world::{Kind, World, all},
};

/// Somebody changes the row behind the cache's back, and then has everything dropped.
fn change_and_flush(world: &Arc<World>) {
    let version = world.commit();
    world.flights.invalidate_all(|| world.clear());
    world.acknowledge(version);
}

/// Loads and landings.
pub fn flush_against_loads() {
    let world = World::new(Kind::Single);
    let flush = world.spawn(|world| {
        change_and_flush(world);
        world.read();
    });
    all([world.spawn(|world| world.read()), world.spawn(|world| world.read()), flush]);
    world.comes_to_rest();
}

/// Values read from the shared store without a flight.
pub fn flush_against_backfill() {
    let world = World::new(Kind::Single);
    let backfill = |world: &Arc<World>| {
        let seen = world.flights.invalidations(world.id);
        let found = world.select();
        world.flights.store_if_unchanged(world.id, seen, || world.keep(found, None));
    };
    all([world.spawn(backfill), world.spawn(backfill), world.spawn(change_and_flush)]);
    world.comes_to_rest();
}

/// A write under way, which committed before the row was changed behind its back.
pub fn flush_against_an_open_write() {
    let world = World::new(Kind::Single);
    let write = |world: &Arc<World>| world.write_through(world.begin_write());
    all([world.spawn(write), world.spawn(change_and_flush)]);
    world.comes_to_rest();
}
