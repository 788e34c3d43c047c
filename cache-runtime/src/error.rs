//! What can go wrong in the framework itself, as opposed to in a user's body.

use crate::{store::StoreError, value::Outcome};
use std::{fmt, sync::Arc};

/// A `Result` whose error is the framework's own.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the framework itself.
///
/// Cached functions return it only where an option can fail by its nature (`timeout`, `write_behind`); reads and
/// writes otherwise fall back to the body and count the failure. It is cheap to clone and never carries key
/// text or payload in its `Display`.
#[derive(Clone, Debug)]
pub struct Error(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    context: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A builder option, an environment variable or a combination of them can't be used.
    Config,
    /// The shared store did not answer as asked.
    Store,
    /// The body took longer than the function's `timeout`.
    Timeout,
    /// A write with `on_fence_fail = "reject"` could not be announced in the shared store, so it was not made.
    Fence,
    /// A write-behind function was called, and the cache has no queue for it, or one that can't be used as it is set up: it can't keep what it promises, or refuses the write.
    /// The write was not accepted, and won't be before somebody changes that.
    NoQueue,
    /// The write-behind queue is out of reach: the write was not accepted. It is worth trying again later.
    QueueDown,
    /// The write-behind queue is full, and what is pending for the key could not be written out: the write was not accepted.
    QueueFull,
    /// An earlier write-behind write to the key could not be flushed, so the key takes no more, and a direct write to it was not made.
    Halted,
    /// What write-behind functions have acknowledged for a key may still be written, so a direct write to it was not made: that would be written over it. Either the queue
    /// didn't say what is pending, or the database was being given it and didn't answer in time.
    Undrained,
    /// Acknowledged writes wait for functions that this process doesn't serve, and nobody else flushes them; the message has their names. They are kept.
    Unserved,
    /// The cache was shut down.
    Closed,
    /// A value could not be encoded.
    Encode,
    /// A batch function or deferred body failed for good.
    Flush,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self(Arc::new(Inner { kind, context: context.into(), source: None }))
    }

    pub(crate) fn with_source(
        kind: ErrorKind,
        context: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self(Arc::new(Inner { kind, context: context.into(), source: Some(source.into()) }))
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The failure of the cache that an error carries, if it is one: the error itself, or what is inside it.
    ///
    /// Functions that fail by themselves do it with the error type that they declare, such as `sqlx::Error`.
    ///
    /// ```
    /// use cache_runtime::{Error, ErrorKind};
    ///
    /// fn is_overloaded(error: &(dyn std::error::Error + 'static)) -> bool {
    ///     Error::of(error).is_some_and(|error| error.kind() == ErrorKind::Timeout)
    /// }
    /// assert!(!is_overloaded(&std::fmt::Error));
    /// ```
    pub fn of<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(own) = error.downcast_ref::<Self>() {
                return Some(own);
            }
            // An `io::Error` hides what it is made of, and names as its source the source of that.
            let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            next =
                inside.map(|inside| inside as &(dyn std::error::Error + 'static)).or_else(|| error.source());
        }
        None
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.context)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::with_source(ErrorKind::Store, error.to_string(), error)
    }
}

/// The error type of a function whose options can fail: every type that implements `From<Error>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't carry a failure of the cache, and this function needs an error that can",
    label = "no `From<cache_runtime::Error>`",
    note = "`timeout`, `write_behind` and `on_fence_fail = \"reject\"` fail by themselves: implement `From<cache_runtime::Error>` for `{Self}`, or for an error of yours around it; feature `sqlx` does it for `sqlx::Error`",
    note = "a function without `Result` shows as `Infallible`: return a `Result`, or remove the option"
)]
pub trait Carries {
    /// The function's error for it.
    fn carry(error: Error) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<Error>> Carries for E {
    fn carry(error: Error) -> Self {
        error.into()
    }
}

/// A slot, and how its error carries a failure of the cache. Whether it can is asked here alone: an `async fn` would ask once more at `.await`.
#[derive(Debug)]
pub struct Carrying<S, E>(pub(crate) S, pub(crate) fn(Error) -> E);

/// The slot of a function whose options can fail.
#[inline]
pub fn carrying<S: Outcome>(slot: S) -> Carrying<S, S::Error>
where
    S::Error: Carries,
{
    Carrying(slot, S::Error::carry)
}

#[cfg(feature = "sqlx")]
impl From<Error> for sqlx::Error {
    fn from(error: Error) -> Self {
        sqlx::Error::Io(std::io::Error::other(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_of_the_cache_is_found_inside_other_errors() {
        let own = Error::new(ErrorKind::Closed, "the cache was shut down");
        assert_eq!(Error::of(&own).map(Error::kind), Some(ErrorKind::Closed));
        let carried = std::io::Error::other(own);
        assert_eq!(Error::of(&carried).map(Error::kind), Some(ErrorKind::Closed));
        assert!(Error::of(&std::io::Error::other("broken")).is_none());
    }

    #[cfg(feature = "sqlx")]
    #[test]
    fn failure_of_the_cache_is_found_inside_an_error_of_sqlx() {
        let carried = sqlx::Error::from(Error::new(ErrorKind::NoQueue, "there is none"));
        assert_eq!(Error::of(&carried).map(Error::kind), Some(ErrorKind::NoQueue));
        assert!(Error::of(&sqlx::Error::RowNotFound).is_none());
    }
}
