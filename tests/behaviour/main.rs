//! What the attributes promise, tried on real functions.
#![allow(missing_docs)]
// Batch functions are async by contract; these databases answer at once. `Option<Option<_>>` is what is tried.
#![allow(clippy::unused_async, clippy::option_option)]

mod behind;
mod conflicts;
mod each_writers;
mod fixtures;
mod fleet_redis;
mod flights;
mod groups;
mod handles;
mod hard_cases;
mod hard_races;
mod keys;
mod outage_redis;
mod races;
mod reading;
mod warming;
mod writing;
