//! Is any task of this process inside a scope of some kind? While none is, nobody looks for its own.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many scopes of one kind are under way.
pub(crate) struct Scopes(AtomicUsize);

/// Counts one scope as long as it lives.
pub(crate) struct Scope(&'static Scopes);

impl Scopes {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(crate) fn begin(&'static self) -> Scope {
        self.0.fetch_add(1, Ordering::Relaxed);
        Scope(self)
    }

    /// Whether no task is inside one: this is one load, which every hit pays.
    #[inline]
    pub(crate) fn are_none(&self) -> bool {
        // A task that is inside a scope has counted it itself, and takes the count along when it moves to another thread.
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
