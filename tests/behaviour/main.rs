//! What the attributes promise, tried on real functions.
#![allow(missing_docs)]
// Batch functions are async by contract; these databases answer at once. `Option<Option<_>>` is what is tried.
#![allow(clippy::unused_async, clippy::option_option)]

mod accounts;
mod around;
mod behind;
mod cancellation;
mod cancelled_writes;
mod coherence;
mod coherence_redis;
mod commands_redis;
mod conditions;
mod conflicts;
mod corners;
mod dead_letters;
mod each_writers;
mod fixtures;
mod fleet_redis;
mod flights;
mod groups;
mod handles;
mod inventory;
mod keys;
mod killed_redis;
mod ledger;
mod limits;
mod outage_redis;
mod races;
mod reading;
mod reconciling;
mod releases_redis;
mod repo;
mod reviewed;
mod schemas;
mod shelf;
mod slow_store;
mod stale;
mod strict;
mod strict_redis;
mod tenants;
mod transactions;
mod transactions_postgres;
mod verifying;
mod warming;
mod watched;
mod writing;
