//! Does the current task want its readers answered from the cache?

use std::{
    future::Future,
    sync::atomic::{AtomicUsize, Ordering},
};

/// What readers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Answer from the cache.
    Usual,
    /// Run their bodies, look nowhere, store nothing.
    Bypass,
    /// Run their bodies and store what they return.
    Refresh,
}

tokio::task_local! {
    static MODE: Mode;
}

/// How many scopes are under way in this process: while there are none, a hit pays one load for asking.
static SCOPES: AtomicUsize = AtomicUsize::new(0);

/// Counts one scope as long as it lives.
struct Scope;

impl Scope {
    fn begin() -> Self {
        SCOPES.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        SCOPES.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs a future whose readers are in this mode.
pub(crate) async fn scope<F: Future>(mode: Mode, future: F) -> F::Output {
    let _scope = Scope::begin();
    MODE.scope(mode, future).await
}

/// The mode of the task that asks.
#[inline]
pub(crate) fn current() -> Mode {
    // A task that is inside a scope has counted it itself, and takes the count along when it moves to another thread.
    if SCOPES.load(Ordering::Relaxed) == 0 { Mode::Usual } else { of_task() }
}

#[cold]
fn of_task() -> Mode {
    MODE.try_with(|mode| *mode).unwrap_or(Mode::Usual)
}
