//! Memoized repositories for Rust.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod behind;
mod cache;
mod clock;
mod codec;
#[cfg(feature = "conformance")]
pub mod conformance;
mod entry;
mod error;
mod flight;
mod handle;
mod key;
mod l1;
mod limit;
mod observe;
mod read;
mod shared;
mod spec;
pub mod store;
mod tails;
#[cfg(feature = "sqlx")]
mod tx;
mod value;
mod warm;
mod write;

pub use behind::{DeadLetter, Queue};
pub use cache::{Cache, CacheBuilder, HasCache, ShutdownReport};
#[cfg(feature = "macros")]
pub use cache_macros::{KeyPart, cached, invalidates, repository};
pub use clock::{Clock, ClockHands};
pub use codec::Codec;
pub use error::{Error, ErrorKind, Result};
pub use handle::Entry;
pub use key::{KeyPart, KeyWriter};
pub use observe::{FunctionStats, Stats};
pub use spec::Strategy;
#[cfg(feature = "sqlx")]
pub use tx::CacheTx;
pub use value::Cacheable;
pub use warm::{Warm, Warmed};

/// Runs the examples in README.md.
#[cfg(all(doctest, feature = "redis", feature = "sqlx"))]
#[doc = include_str!("../../README.md")]
struct Readme;
