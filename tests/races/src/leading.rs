//! Who leads when leaders and followers leave.

use super::{
    flight::{Joined, Leader},
    sync::{Arc, atomic::Ordering::SeqCst, step},
    world::{Kind, World, all, wait_and_leave},
};
use shuttle::future::block_on;

fn joins(world: &World) -> Joined<u64> {
    world.flights.join(world.id, || world.peek())
}

/// Joins, and leaves without an outcome.
fn leaves(world: &Arc<World>) {
    match joins(world) {
        Joined::Lead(leader) => drop::<Leader>(leader),
        Joined::Follow(follower) => block_on(wait_and_leave(follower)),
        Joined::Hit(_) => {}
        Joined::Recursive => unreachable!("nothing is nested here"),
    }
}

/// A leader is dropped while three others want the value.
pub fn a_dropped_leader() {
    let world = World::new(Kind::Single);
    let Joined::Lead(leader) = joins(&world) else { unreachable!("nobody else is there yet") };
    let readers = [(); 3].map(|()| world.spawn(|world| world.read()));
    let dropping = world.spawn(move |_| {
        step();
        drop(leader);
    });
    all(readers.into_iter().chain([dropping]));
    assert_eq!(world.bodies.load(SeqCst), 1, "one follower takes over, and the others get its value");
    assert_eq!(world.comes_to_rest(), Some(0));
}

/// The same with a follower that gives up, perhaps just when it is its turn.
pub fn a_follower_that_gives_up() {
    let world = World::new(Kind::Single);
    let readers = [(); 2].map(|()| world.spawn(|world| world.read()));
    all(readers.into_iter().chain([world.spawn(leaves), world.spawn(leaves)]));
    assert_eq!(world.bodies.load(SeqCst), 1);
    assert_eq!(world.comes_to_rest(), Some(0));
}

/// A leader is dropped while the key is invalidated and two wait.
pub fn a_dropped_leader_of_a_detached_flight() {
    let world = World::new(Kind::Single);
    let Joined::Lead(leader) = joins(&world) else { unreachable!("nobody else is there yet") };
    let readers = [(); 2].map(|()| world.spawn(|world| world.read()));
    let writer = world.spawn(|world| world.write_around());
    let dropping = world.spawn(move |_| {
        step();
        drop(leader);
    });
    all(readers.into_iter().chain([writer, dropping]));
    world.comes_to_rest();
}

/// Everybody leaves at once.
pub fn everybody_leaves() {
    let world = World::new(Kind::Single);
    all([(); 3].map(|()| world.spawn(leaves)));
    assert_eq!(world.comes_to_rest(), None);
}
