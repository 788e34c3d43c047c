//! Which order of threads breaks a promise of the flights, the memory or the groups.
//!
//! The runtime's own sources are compiled a second time, over shuttle's locks and atomics (see `build.rs`): once as they are, as [`sound`], and
//! once for each of [`mutants`], which say what is broken in them. The scenarios are compiled into every copy. Shuttle runs them one step at a
//! time and chooses who makes the next step. It orders all memory strictly, so orders that only weaker memory allows are not among them.
#![allow(clippy::duplicate_mod)] // every copy has the scenarios

#[allow(dead_code, unexpected_cfgs, unreachable_pub)] // the runtime makes more use of it
#[path = "../../../cache-runtime/src/clock.rs"]
mod clock;
pub mod explore;
mod key;
pub mod mutants;
mod shared;
mod store;
mod sync;
mod value;

/// The runtime's sources as they are.
#[path = "."]
pub mod sound {
    pub(crate) use crate::{clock, key, shared, store, sync, value};

    include!(concat!(env!("OUT_DIR"), "/sound.rs"));

    pub mod circles;
    pub mod flushing;
    pub mod grouped;
    pub mod landing;
    pub mod leading;
    mod world;
    pub mod writing;
}

macro_rules! broken {
    ($($name:ident)*) => {$(
        /// A copy that is broken on purpose.
        #[allow(unused)]
        #[path = "."]
        pub mod $name {
            pub(crate) use crate::{clock, key, shared, store, sync, value};

            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));

            pub mod circles;
            pub mod flushing;
            pub mod grouped;
            pub mod landing;
            pub mod leading;
            mod world;
            pub mod writing;
        }
    )*};
}

broken! {
    lands_although_detached
    lands_during_a_write
    lands_during_a_hold
    removes_before_detaching
    invalidates_uncounted
    backfills_uncompared
    backfills_unlocked
    flushes_before_detaching
    flushes_uncounted
    flushes_past_an_open_write
    keeps_although_contended
    forgets_an_edge_within_a_write
    ends_a_write_without_detaching
    joins_an_outdated_group
    keeps_an_outdated_group
    holds_a_group_too_late
    shortens_a_hold
    answers_whoever_joined
    keeps_the_permit
    counts_references_for_seats
    closes_circles
    looks_for_circles_unlocked
}
