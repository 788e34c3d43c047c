//! Is a parameter a transaction that the cache knows of, and what is left to it?

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

impl<T: Transaction + ?Sized> Transaction for &mut T {
    fn joined(&self) -> Option<Joined> {
        T::joined(self)
    }
}

/// An open transaction, for those who leave something to it.
// STUB: knows nothing of the transaction yet.
#[derive(Clone, Debug)]
pub struct Joined(());

#[cfg_attr(
    not(feature = "sqlx"),
    expect(dead_code, reason = "without `sqlx` there is no transaction to join")
)]
impl Joined {
    pub(crate) fn new() -> Self {
        Self(())
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
