//! Which locks and atomics the parts that threads share are made of.
//!
//! The standard library's. `tests/races` compiles those parts a second time with shuttle's in their place, which try the orders that threads
//! can run in.

pub(crate) use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, atomic};

/// Over how many locks the keys in motion are spread; fewer where each is one more step to try.
pub(crate) const FLIGHT_SHARDS: usize = 64;
