//! Is a parameter a transaction that the cache knows of, and what is left to it?

use crate::{cache::Inner, write::Tail};
#[cfg(feature = "sqlx")]
use crate::{
    error::{Error, ErrorKind, Result},
    flight::WriteEnd,
};
#[cfg(feature = "sqlx")]
use futures_util::future::join_all;
#[cfg(feature = "sqlx")]
use std::time::Duration;
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
#[cfg(feature = "sqlx")]
use tokio::task::JoinHandle;

/// A transaction that the cache knows of: [`CacheTx`](crate::CacheTx), with the feature `sqlx`.
///
/// A reader that takes one as `&mut` neither looks up nor fills while it is open, because its body may see rows that nobody else may see yet. A writer
/// that takes one leaves its effects to the transaction, until it has committed. A function that is generic over its transaction says so with a bound:
/// `T: Transaction`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` takes part in neither the key nor `skip(..)`, and is no transaction of the cache",
    label = "neither part of the key, nor skipped, nor a transaction",
    note = "begin transactions with `cache.begin(&pool)` and take `&mut CacheTx<'_, DB>` (feature `sqlx`), or a type with the bound `Transaction`; what doesn't change the value belongs into `skip(..)`"
)]
pub trait Transaction {
    /// The transaction, as the cache sees it; `None` where there is none.
    #[doc(hidden)]
    fn joined(&self) -> Option<Joined>;
}

#[diagnostic::do_not_recommend]
impl<T: Transaction + ?Sized> Transaction for &mut T {
    fn joined(&self) -> Option<Joined> {
        T::joined(self)
    }
}

/// An open transaction, as the writers inside it see it: they leave their effects here until it is decided.
#[derive(Clone, Default)]
pub struct Joined(Arc<Mutex<Left>>);

#[derive(Default)]
struct Left {
    tails: Vec<(Arc<Inner>, Tail)>,
    refusing: bool,
}

impl Joined {
    /// Leaves the end of a write to the transaction. With `refusing` the transaction must not commit what can't be announced.
    pub(crate) fn leave(&self, inner: Arc<Inner>, tail: Tail, refusing: bool) {
        let mut left = self.lock();
        left.refusing |= refusing && tail.is_strict();
        left.tails.push((inner, tail));
    }

    fn lock(&self) -> MutexGuard<'_, Left> {
        // A list is whole whatever panicked beside it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of a transaction. Dropped, it tells what it stands at: rolled back, until somebody has begun to commit.
#[cfg(feature = "sqlx")]
pub(crate) struct Ending {
    joined: Joined,
    end: WriteEnd,
}

#[cfg(feature = "sqlx")]
impl Ending {
    pub(crate) fn new() -> Self {
        Self { joined: Joined::default(), end: WriteEnd::Over }
    }

    pub(crate) fn joined(&self) -> &Joined {
        &self.joined
    }

    /// How long what is announced lasts at least, if anything is.
    pub(crate) fn shortest_intent(&self) -> Option<Duration> {
        let left = self.joined.lock();
        let strict = left.tails.iter().filter(|(_, tail)| tail.is_strict());
        strict.filter_map(|(inner, _)| Some(inner.remote.as_ref()?.shared.intent)).min()
    }

    /// Makes sure that everything strict is announced now. An error is one to stop at.
    pub(crate) async fn confirm(&self) -> Result<()> {
        let (tails, refusing) = {
            let mut left = self.joined.lock();
            (std::mem::take(&mut left.tails), left.refusing)
        };
        // Put back whatever becomes of this call.
        let confirming = Confirming { joined: &self.joined, tails };
        for confirmed in join_all(confirming.tails.iter().map(|(_, tail)| tail.confirm())).await {
            let Err(error) = confirmed else { continue };
            if refusing {
                let message = "the writes of a transaction could not be announced in the shared store, so it was rolled back";
                return Err(Error::with_source(ErrorKind::Fence, message, error));
            }
            tracing::warn!(%error, "a transaction could not be announced and commits as at level lease");
        }
        Ok(())
    }

    /// From here on it stands at this.
    pub(crate) fn stands_at(&mut self, end: WriteEnd) {
        self.end = end;
    }

    /// Tells everybody, and waits until they know.
    pub(crate) async fn tell(mut self) {
        for told in self.finish() {
            // Bounded by the fence deadline; what could not be sent is repeated by the cache.
            let _ = told.await;
        }
    }

    fn finish(&mut self) -> Vec<JoinHandle<()>> {
        let tails = std::mem::take(&mut self.joined.lock().tails);
        tails.into_iter().filter_map(|(inner, tail)| tail.finish(&inner, self.end)).collect()
    }
}

#[cfg(feature = "sqlx")]
impl Drop for Ending {
    fn drop(&mut self) {
        drop(self.finish());
    }
}

#[cfg(feature = "sqlx")]
struct Confirming<'j> {
    joined: &'j Joined,
    tails: Vec<(Arc<Inner>, Tail)>,
}

#[cfg(feature = "sqlx")]
impl Drop for Confirming<'_> {
    fn drop(&mut self) {
        self.joined.lock().tails.append(&mut self.tails);
    }
}

impl fmt::Debug for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined").field("writes", &self.lock().tails.len()).finish_non_exhaustive()
    }
}

/// A parameter that may be a transaction.
///
/// `joined()` is an inherent method where it is one, and a trait method for all other types: the compiler prefers the inherent one.
#[derive(Debug)]
pub struct MaybeTx<'p, T: ?Sized>(pub &'p T);

impl<T: Transaction + ?Sized> MaybeTx<'_, T> {
    /// The transaction.
    #[inline]
    pub fn joined(self) -> Option<Joined> {
        self.0.joined()
    }
}

/// It is certainly no transaction.
pub trait TxProbe: Sized {
    /// None.
    #[inline]
    fn joined(self) -> Option<Joined> {
        None
    }
}

impl<T: ?Sized> TxProbe for MaybeTx<'_, T> {}

/// The transaction that a parameter is, which takes part in neither the key nor `skip(..)`.
#[inline]
pub fn joined<T: Transaction + ?Sized>(parameter: &T) -> Option<Joined> {
    parameter.joined()
}
