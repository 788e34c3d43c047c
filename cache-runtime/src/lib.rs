//! Memoized repositories for Rust.

pub mod store;
