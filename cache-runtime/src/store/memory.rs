//! A store in this process, with the semantics of the Redis one.

/// A store in this process, for tests and for simulating several processes that share one.
#[derive(Debug, Default)]
pub struct MemoryStore {}
