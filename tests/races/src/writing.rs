//! What entry is left when writes of one key meet.

use super::{
    flight::WriteEnd,
    sync::Arc,
    world::{Kind, World, all},
};

fn write(world: &Arc<World>) {
    world.write_through(world.begin_write());
}

/// Two writers that overlap, whatever the order of their commits.
pub fn two_overlapping_writers() {
    let world = World::new(Kind::Single);
    let seats = [world.begin_write(), world.begin_write()];
    all(seats.map(|seat| world.spawn(move |world| world.write_through(seat))));
    assert_eq!(world.comes_to_rest(), None, "nobody knows which row is newer");
}

/// Three writers that may overlap or not, and a reader.
pub fn three_writers_and_a_reader() {
    let world = World::new(Kind::Single);
    let writers = [(); 3].map(|()| world.spawn(write));
    all(writers.into_iter().chain([world.spawn(|world| world.read())]));
    world.comes_to_rest();
}

/// One writer among readers.
pub fn a_sole_writer() {
    let world = World::new(Kind::Single);
    all([world.spawn(|world| world.read()), world.spawn(write), world.spawn(|world| world.read())]);
    assert_eq!(world.comes_to_rest(), Some(1));
}

/// A write, and another one that reaches the key by an edge before it ends.
pub fn an_edge_within_a_write() {
    let world = World::new(Kind::Single);
    let seat = world.begin_write();
    let writer = world.spawn(move |world| world.write_through(seat));
    all([writer, world.spawn(|world| world.write_around())]);
    assert_eq!(world.comes_to_rest(), None, "nobody knows which row is newer");
}

/// A write that ended without anybody knowing how; its statement commits later.
pub fn an_unknown_write() {
    let world = World::new(Kind::Single);
    let seat = world.begin_write();
    let writer = world.spawn(move |world| {
        drop(seat);
        world.commit();
    });
    all([world.spawn(|world| world.read()), world.spawn(|world| world.read()), writer]);
    world.settles();
}

/// A write that failed for certain: the row is as it was.
pub fn a_failed_write() {
    let world = World::new(Kind::Single);
    let writer = world.spawn(|world| {
        let seat = world.begin_write();
        seat.end(WriteEnd::Over, || unreachable!("nothing was committed"), || world.remove());
    });
    all([writer, world.spawn(write), world.spawn(|world| world.read())]);
    world.comes_to_rest();
}
