//! The consistency protocol, explored state by state, and broken on purpose.
//!
//! One key, one row, a few writers and readers that take the steps the cache takes, and everything that may happen to them. The store is
//! [`cache_runtime::store::Reference`]: the state machine that the memory store runs, and that the Redis scripts are compared with.
//! `docs/model.md` says what is modelled, what was found, and how to run it.

#[macro_use]
mod coverage;
#[macro_use]
mod mutant;

pub mod behind;
mod config;
mod explore;
mod faults;
mod flight;
mod reader;
mod shared;
mod steps;
mod world;
mod writer;

pub use config::{Config, Faults, Fence, Level, Writing};
pub use coverage::Event;
pub use explore::{Explored, Promise, explore};
pub use mutant::Mutant;
pub use steps::{Delivery, Step};
pub use world::World;
