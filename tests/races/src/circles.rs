//! Whether loads that need each other ever wait for themselves.

use super::{
    flight::{Audience, Followed, Joined, Leader, Outcome},
    key::KeyId,
    sync::Arc,
    world::{Kind, World, all, key},
};
use shuttle::future::block_on;

/// Loads the first of these keys; the body of each loads the next.
async fn nested(world: &World, keys: &[u64]) {
    let Some((&first, rest)) = keys.split_first() else { return };
    let id: KeyId = key(first);
    let body = || Box::pin(nested(world, rest));
    let lead = async |leader: Leader| {
        leader.body_begins(None);
        leader.run(body()).await;
        leader.land(Outcome::Value(Arc::new(0_u64)), Audience::Everyone, |_| ());
    };
    loop {
        match world.flights.join(id, || None::<u64>) {
            Joined::Lead(leader) => return lead(leader).await,
            Joined::Follow(follower) => match follower.wait().await {
                Followed::Outcome(_) => return,
                Followed::Lead(leader) => return lead(leader).await,
                Followed::Again => {}
            },
            Joined::Recursive => return body().await,
            Joined::Hit(_) => unreachable!("nothing is kept here"),
        }
    }
}

fn run(paths: &'static [&'static [u64]]) {
    let world = World::new(Kind::Single);
    let threads: Vec<_> =
        paths.iter().map(|keys| world.spawn(|world| block_on(nested(world, keys)))).collect();
    all(threads);
    world.comes_to_rest();
}

/// One loads a for b, the other b for a.
pub fn two_loads_that_need_each_other() {
    run(&[&[1, 2], &[2, 1]]);
}

/// Three in a circle.
pub fn three_loads_in_a_circle() {
    run(&[&[1, 2], &[2, 3], &[3, 1]]);
}

/// A load that needs its own key two levels down, beside one that needs the inner one.
pub fn a_load_that_needs_itself() {
    run(&[&[1, 2, 1], &[2, 1]]);
}
