//! What is counted, and how it leaves the process.

mod counters;
#[cfg(feature = "metrics")]
mod published;
mod stats;

pub(crate) use counters::{Counter, Counters};
pub use stats::{FunctionStats, Stats};
