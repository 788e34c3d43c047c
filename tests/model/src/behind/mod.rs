//! Write-behind: one key, a row with its progress, writers that enqueue, readers, and flushers that die, fall asleep, and go on.
//!
//! The queue is that of [`cache_runtime::store::Reference`].

mod config;
mod coverage;
mod database;
mod explore;
mod flusher;
mod letters;
mod mutant;
mod queue;
mod reader;
mod steps;
mod world;
mod writer;

pub use config::{Config, Direct, Faults, Place, Showing, Writing};
pub use coverage::Event;
pub use explore::{Explored, Promise, explore};
pub use mutant::Mutant;
pub use steps::{Delivery, Step};
pub use world::World;
