//! Memoized repositories: annotate async data-access functions and get a cache that the compiler checks, that is fast, and that
//! says what it promises.
//!
//! An attribute names a strategy and a key template; the body stays what it was. Entries live in this process or, for a whole
//! fleet, in Redis. Different arguments never share a key, a value read before a write is never stored after it, and a
//! Redis that is down costs milliseconds, not errors. [`Level`] says how much a write promises, and [`CacheTx`] takes transactions into it.
//!
//! ```
//! use cache_runtime::{Cache, repository};
//! use std::io;
//!
//! #[derive(Clone)]
//! struct Products {
//!     cache: Cache,
//! }
//!
//! #[repository(cache = self.cache, ttl = "5m")]
//! impl Products {
//!     #[cached(strategy = "read_through", key = "price:<id>", negative_ttl = 30)]
//!     async fn price(&self, id: i64) -> io::Result<Option<i64>> {
//!         Ok((id < 100).then_some(id * 10)) // a query
//!     }
//!
//!     #[invalidates(price(id))]
//!     async fn reprice(&self, id: i64, to: i64) -> io::Result<()> {
//!         println!("{id} now costs {to}"); // an update
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> io::Result<()> {
//! let products = Products { cache: Cache::memory() };
//! assert_eq!(products.price(7).await?, Some(70));
//! assert_eq!(products.price(7).await?, Some(70)); // a hit
//! products.reprice(7, 80).await?; // the entry is gone before this returns
//! assert_eq!(products.cache.stats().functions[0].hits, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Strategies
//!
//! | strategy | on read | on write | when Redis is down |
//! |---|---|---|---|
//! | `cache_aside` | a hit, or the body once per process; [`Entry`] steers entries by hand | – | bodies run |
//! | `read_through` | a hit, or the body once in the fleet | – | bodies run |
//! | `refresh_ahead` | as `read_through`; reloads in the background before the ttl ends | – | bodies run |
//! | `write_through` | – | announced, then made; the value is in the cache, or the entry is gone, before the call returns | the write succeeds, or is refused (`on_fence_fail`); the invalidation is repeated |
//! | `write_around` | – | the entry is gone before the call returns | as `write_through` |
//! | `write_behind` | readers of this process get the value from the acknowledgement on | written to the database later, in batches; see [`Queue`] | as before |
//!
//! The attributes, `repository`, `cached`, `invalidates` and the derive of `KeyPart`, list their options where they are documented.
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `macros` | yes | the attributes and the derive of `KeyPart` |
//! | `metrics` | yes | counters and histograms for the `metrics` facade |
//! | `redis` | | `CacheBuilder::redis`, `store::RedisStore` |
//! | `sqlx` | | `CacheTx`, what `sqlx::Error` means for writes, and a queue in SQLite or PostgreSQL (`schema_sql`) |
//! | `postcard` | | `Codec::Postcard` |
//! | `uuid` | | `uuid::Uuid` in keys |
//! | `conformance` | | `conformance`: what every [`store::Store`] promises, as a suite |
//!
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | building, flushing, clearing, statistics | [`Cache`], [`CacheBuilder`], [`Stats`] |
//! | what can be cached, and what can be in a key | [`Cacheable`], [`KeyPart`](trait@KeyPart), [`Sensitive`] |
//! | one entry by hand; loading entries early | [`Entry`], [`Warm`] |
//! | is the cache right? | [`Reconcile`], [`FunctionStats::inconsistent_per_million`] |
//! | acknowledged writes | [`Queue`], [`DeadLetter`] |
//! | every function of the program, and who invalidates whom | [`inventory()`], [`Inventory`], [`Cache::conflicts`] |
//! | reading what one has written, in every process | [`Session`] |
//! | time in tests | [`Clock`] |
//! | stores: the trait, one in memory, deadlines and breaker | [`store`] |
//!
//! The repository's `docs` folder says more: strategies, keys, consistency, failure, write-behind, architecture, decisions.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod again;
mod agree;
mod behind;
mod cache;
mod clock;
mod codec;
mod coherence;
#[cfg(feature = "conformance")]
pub mod conformance;
mod edge;
mod entry;
mod error;
mod flight;
#[cfg(test)]
mod golden;
mod handle;
mod inventory;
mod jitter;
mod joined;
mod key;
mod l1;
mod level;
mod limit;
mod mode;
#[cfg(not(feature = "sqlx"))]
mod no_tx;
mod observe;
mod read;
mod reconcile;
mod scopes;
mod session;
mod shared;
mod spec;
pub mod store;
mod sync;
mod tails;
mod terms;
#[cfg(feature = "sqlx")]
mod tx;
mod value;
mod warm;
mod write;

#[cfg(feature = "sqlx")]
pub use behind::sql::{SqlDatabase, SqlDialect, schema_sql};
pub use behind::{
    DeadLetter, FailedFunction, Fault, Flusher, Queue, Repository, RunningFlusher, WaitingFunction,
    WriteBehind, WriteBehindStatus,
};
pub use cache::{Cache, CacheBuilder, HasCache, ShutdownReport};
#[cfg(feature = "macros")]
pub use cache_macros::{KeyPart, cached, invalidates, repository, uncached};
pub use clock::{Clock, ClockHands};
pub use codec::Codec;
pub use error::{Error, ErrorKind, Result};
pub use handle::Entry;
pub use inventory::{CachedFunction, FunctionEdge, Inventory, Reader, inventory};
pub use joined::Transaction;
pub use key::{KeyPart, KeyWriter, Sensitive};
pub use level::Level;
pub use observe::{FunctionStats, Stats};
pub use reconcile::{Reconcile, Reconciled, Skipped};
pub use session::{Session, SessionError};
pub use spec::{DeclaredTtl, Strategy};
#[cfg(feature = "sqlx")]
pub use tx::CacheTx;
pub use value::{Cacheable, ValueType};
pub use warm::{Warm, Warmed};

/// Runs the examples in README.md and in the pages.
#[cfg(all(doctest, feature = "redis", feature = "sqlx"))]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../docs/conditions.md")]
#[doc = include_str!("../../docs/keys.md")]
#[doc = include_str!("../../docs/schema.md")]
#[doc = include_str!("../../docs/strategies.md")]
#[doc = include_str!("../../docs/verify.md")]
struct Readme;
