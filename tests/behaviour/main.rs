//! What the attributes promise, tried on real functions.
#![allow(missing_docs)]

mod behind;
mod conflicts;
mod fixtures;
mod flights;
mod fleet_redis;
mod handles;
mod outage_redis;
mod keys;
mod races;
mod reading;
mod warming;
mod writing;
