//! How the shape of a return type is found, whatever aliases it hides behind.
//!
//! `slot::<R>().result().error().option().shared()` peels one layer a step. Each step is an inherent method on the types that have
//! the layer, and a trait method on all others: the compiler prefers the inherent one exactly where it applies.

use super::{
    batch::Mapped,
    layers::{Always, CloneError, Fallible, Infallible, Optional, OwnError, Owned, Shared},
    shape::Uncached,
};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    marker::PhantomData,
    sync::Arc,
};

type Carrier<R, F, O, A> = PhantomData<fn() -> (R, F, O, A)>;

/// The typed bridge from a function to the cache: its return type `R`, and the layers found in it.
pub struct Slot<R, F = (), O = (), A = ()>(Carrier<R, F, O, A>);

impl<R, F, O, A> Clone for Slot<R, F, O, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, F, O, A> Copy for Slot<R, F, O, A> {}

impl<R, F, O, A> fmt::Debug for Slot<R, F, O, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

/// The slot of a function that returns `R`.
#[inline]
pub fn slot<R>() -> Slot<R> {
    new()
}

#[inline]
fn new<R, F, O, A>() -> Slot<R, F, O, A> {
    Slot(PhantomData)
}

impl<T, E> Slot<Result<T, E>> {
    /// There is a `Result`.
    #[inline]
    pub fn result(self) -> Slot<Result<T, E>, Fallible<E, OwnError>> {
        new()
    }
}

/// There is no `Result`.
pub trait ResultProbe {
    /// The next step.
    type Next;
    /// Peels nothing.
    fn result(self) -> Self::Next;
}

impl<R> ResultProbe for Slot<R> {
    type Next = Slot<R, Infallible>;

    #[inline]
    fn result(self) -> Self::Next {
        new()
    }
}

impl<R, E: Clone + Send + Sync + 'static> Slot<R, Fallible<E, OwnError>> {
    /// The error can be shared.
    #[inline]
    pub fn error(self) -> Slot<R, Fallible<E, CloneError>> {
        new()
    }
}

/// The error can't be shared.
pub trait ErrorProbe {
    /// The next step.
    type Next;
    /// Changes nothing.
    fn error(self) -> Self::Next;
}

impl<R, F> ErrorProbe for Slot<R, F> {
    type Next = Self;

    #[inline]
    fn error(self) -> Self {
        self
    }
}

impl<T, E, S> Slot<Result<Option<T>, E>, Fallible<E, S>> {
    /// There is an `Option`.
    #[inline]
    pub fn option(self) -> Slot<Result<Option<T>, E>, Fallible<E, S>, Optional, Uncached> {
        new()
    }
}

impl<T> Slot<Option<T>, Infallible> {
    /// There is an `Option`.
    #[inline]
    pub fn option(self) -> Slot<Option<T>, Infallible, Optional, Uncached> {
        new()
    }
}

/// There is no `Option`.
pub trait OptionProbe {
    /// The next step.
    type Next;
    /// Peels nothing.
    fn option(self) -> Self::Next;
}

impl<R, F> OptionProbe for Slot<R, F> {
    type Next = Slot<R, F, Always, Uncached>;

    #[inline]
    fn option(self) -> Self::Next {
        new()
    }
}

macro_rules! shared {
    ($([$($generic:ident),*] $return:ty, $outer:ty, $presence:ty;)*) => {$(
        impl<$($generic),*> Slot<$return, $outer, $presence, Uncached> {
            /// There is an `Arc`.
            #[inline]
            pub fn shared(self) -> Slot<$return, $outer, $presence, Shared> {
                new()
            }
        }
    )*};
}

shared! {
    [T, E, S] Result<Option<Arc<T>>, E>, Fallible<E, S>, Optional;
    [T, E, S] Result<Arc<T>, E>, Fallible<E, S>, Always;
    [T] Option<Arc<T>>, Infallible, Optional;
    [T] Arc<T>, Infallible, Always;
}

/// There is no `Arc`.
pub trait SharedProbe {
    /// The last step.
    type Next;
    /// Peels nothing.
    fn shared(self) -> Self::Next;
}

impl<R, F, O> SharedProbe for Slot<R, F, O, Uncached> {
    type Next = Slot<R, F, O, Owned>;

    #[inline]
    fn shared(self) -> Self::Next {
        new()
    }
}

macro_rules! maps {
    ($([$($generic:ident),*] $map:ty;)*) => {$(
        impl<$($generic,)* E, S> Slot<Result<$map, E>, Fallible<E, S>> {
            /// There is a map.
            #[inline]
            pub fn map(self) -> Slot<Result<$map, E>, Fallible<E, S>, Mapped<V>, Uncached> {
                new()
            }
        }

        impl<$($generic),*> Slot<$map, Infallible> {
            /// There is a map.
            #[inline]
            pub fn map(self) -> Slot<$map, Infallible, Mapped<V>, Uncached> {
                new()
            }
        }
    )*};
}

maps! {
    [K, V, H] HashMap<K, V, H>;
    [K, V] BTreeMap<K, V>;
}

/// There is no map.
pub trait MapProbe {
    /// Not a batch.
    type Next;
    /// Peels nothing.
    fn map(self) -> Self::Next;
}

impl<R, F> MapProbe for Slot<R, F> {
    type Next = Slot<R, F, Always, Uncached>;

    #[inline]
    fn map(self) -> Self::Next {
        new()
    }
}

impl<R, F, T> Slot<R, F, Mapped<Arc<T>>, Uncached> {
    /// The values are `Arc`s.
    #[inline]
    pub fn shared(self) -> Slot<R, F, Mapped<Arc<T>>, Shared> {
        new()
    }
}
