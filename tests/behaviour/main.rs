//! What the attributes promise, tried on real functions.
#![allow(missing_docs)]

mod behind;
mod conflicts;
mod fixtures;
mod fleet_redis;
mod flights;
mod handles;
mod keys;
mod outage_redis;
mod races;
mod reading;
mod hard_cases;
mod hard_races;
mod warming;
mod writing;
