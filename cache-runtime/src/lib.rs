//! Memoized repositories for Rust.

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod store;
