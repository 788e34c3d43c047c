//! What is answered of a group that is dropped while its pages are loaded.

use super::{
    shared::HOLD,
    sync::Arc,
    world::{Kind, World, all},
};
use std::time::Duration;

/// A write that makes the pages of a group outdated.
fn write_and_drop_group(world: &Arc<World>) {
    let version = world.commit();
    world.groups.invalidate(world.group, None);
    world.acknowledge(version);
}

/// Two readers, of which one may take its stamp at any moment, and a writer that reads again.
pub fn pages_against_dropping() {
    let world = World::new(Kind::Paged);
    let writer = world.spawn(|world| {
        write_and_drop_group(world);
        world.read();
    });
    all([world.spawn(|world| world.read()), world.spawn(|world| world.read()), writer]);
    world.comes_to_rest();
}

/// The same with two writers, when nobody knows the group before.
pub fn pages_against_two_writers() {
    let world = World::new(Kind::Paged);
    let writers = [(); 2].map(|()| world.spawn(write_and_drop_group));
    all(writers.into_iter().chain([world.spawn(|world| world.read()), world.spawn(|world| world.read())]));
    world.comes_to_rest();
}

/// A writer left without knowing whether its statement commits; it does so later. What is loaded until then is not kept.
pub fn pages_against_an_unknown_write() {
    let world = World::new(Kind::Paged);
    let writer = world.spawn(|world| {
        world.groups.invalidate(world.group, Some(world.clock.now().plus(HOLD)));
        world.commit();
    });
    all([world.spawn(|world| world.read()), world.spawn(|world| world.read()), writer]);
    world.comes_to_rest();
}

/// Two writers left without knowing, one a while after the other.
pub fn two_unknown_writes() {
    let world = World::new(Kind::Paged);
    let hold = |seconds| {
        move |world: &Arc<World>| {
            let until = world.clock.now().plus(Duration::from_secs(seconds));
            world.groups.invalidate(world.group, Some(until));
        }
    };
    all([world.spawn(hold(11)), world.spawn(hold(13))]);
    let between = world.clock.now().plus(Duration::from_secs(12));
    assert!(world.groups.stamp(world.group).is_held(between), "the longer hold was forgotten");
}
