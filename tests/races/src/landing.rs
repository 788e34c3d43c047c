//! What is left in the memory, and who is answered, when a load meets a write.

use super::{
    flight::{Audience, Followed, Joined, Outcome},
    sync::{Arc, Mutex, PoisonError},
    world::{Kind, World, all, loaded},
};
use shuttle::future::block_on;

/// Two readers load while a writer commits and invalidates, and reads again.
pub fn load_against_invalidation() {
    let world = World::new(Kind::Single);
    let writer = world.spawn(|world| {
        world.write_around();
        world.read();
    });
    all([world.spawn(|world| world.read()), world.spawn(|world| world.read()), writer]);
    world.comes_to_rest();
}

/// A body has read the row, then it was changed. Its landing meets the invalidation; few enough steps to try every order.
pub fn one_landing_against_one_invalidation() {
    let world = World::new(Kind::Single);
    let Joined::Lead(leader) = world.flights.join(world.id, || None::<u64>) else {
        unreachable!("nobody else is there")
    };
    leader.body_begins(None);
    let version = world.select();
    world.commit();
    let invalidation = world.spawn(|world| world.flights.invalidate(world.id, None, || world.remove()));
    let outcome = Outcome::Value(Arc::new(version));
    leader.land(outcome, Audience::Everyone, |_| world.keep(version, None));
    all([invalidation]);
    assert_eq!(world.comes_to_rest(), None);
}

/// A value is read from the shared store and kept here, while another process writes and its message arrives.
pub fn backfill_against_message() {
    let world = World::new(Kind::Single);
    let backfill = |world: &Arc<World>| {
        let seen = world.flights.invalidations(world.id);
        let found = world.select();
        world.flights.store_if_unchanged(world.id, seen, || world.keep(found, None));
    };
    let message = |world: &Arc<World>| {
        world.commit();
        world.flights.invalidate(world.id, None, || world.remove());
    };
    all([world.spawn(backfill), world.spawn(backfill), world.spawn(message)]);
    world.comes_to_rest();
}

/// The same, while this process writes.
pub fn backfill_against_own_write() {
    let world = World::new(Kind::Single);
    let backfill = |world: &Arc<World>| {
        let seen = world.flights.invalidations(world.id);
        let found = world.select();
        world.flights.store_if_unchanged(world.id, seen, || world.keep(found, None));
    };
    let write = |world: &Arc<World>| world.write_through(world.begin_write());
    all([world.spawn(backfill), world.spawn(write), world.spawn(|world| world.read())]);
    world.comes_to_rest();
}

/// An entry of a shared store, and how often it was invalidated.
#[derive(Default)]
struct Store(Mutex<(Option<u64>, u64)>);

impl Store {
    fn get(&self) -> (Option<u64>, u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a value unless something was invalidated since.
    fn fill(&self, value: u64, lease: u64) -> bool {
        let mut entry = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let granted = entry.1 == lease;
        if granted {
            entry.0 = Some(value);
        }
        granted
    }

    fn invalidate(&self) {
        let mut entry = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *entry = (None, entry.1 + 1);
    }
}

/// Reads through a shared store and without memory, while another process writes: its message hasn't come, so the flight isn't detached.
pub fn fill_against_a_write_elsewhere() {
    let world = World::new(Kind::Single);
    let store = Arc::new(Store::default());
    let reader = |store: Arc<Store>| {
        move |world: &Arc<World>| {
            let floor = world.floor();
            let read = block_on(through(world, &store));
            assert!(read >= floor, "read {read} after {floor} was acknowledged");
        }
    };
    let writer = world.spawn({
        let store = store.clone();
        move |world| {
            let version = world.commit();
            store.invalidate();
            world.acknowledge(version);
        }
    });
    let readers = [(); 3].map(|()| world.spawn(reader(store.clone())));
    all(readers.into_iter().chain([writer]));
    assert_eq!(world.flights.len(), 0);
}

async fn through(world: &World, store: &Store) -> u64 {
    loop {
        let (found, lease) = store.get();
        if let Some(found) = found {
            return found;
        }
        let leader = match world.flights.join(world.id, || None::<u64>) {
            Joined::Lead(leader) => leader,
            Joined::Follow(follower) => match follower.wait().await {
                Followed::Outcome(outcome) => return loaded(outcome),
                Followed::Lead(leader) => leader,
                Followed::Again => continue,
            },
            Joined::Hit(_) | Joined::Recursive => unreachable!("there is no memory, and nothing is nested"),
        };
        let began = leader.body_begins(None);
        let version = world.select();
        let filling = leader.stage();
        let stage = if store.fill(version, lease) { filling } else { began };
        leader.land(Outcome::Value(Arc::new(version)), Audience::JoinedBefore(stage), |_| ());
        return version;
    }
}
