//! Does the current task want its readers answered from the cache?

use crate::scopes::Scopes;
use std::future::Future;

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

static SCOPES: Scopes = Scopes::new();

/// Runs a future whose readers are in this mode.
pub(crate) async fn scope<F: Future>(mode: Mode, future: F) -> F::Output {
    let _scope = SCOPES.begin();
    MODE.scope(mode, future).await
}

/// The mode of the task that asks.
#[inline]
pub(crate) fn current() -> Mode {
    if SCOPES.are_none() { Mode::Usual } else { of_task() }
}

#[cold]
fn of_task() -> Mode {
    MODE.try_with(|mode| *mode).unwrap_or(Mode::Usual)
}
