//! The layers that a return type can have around its value: `Result`, `Option`, `Arc`, each of them or not.

use std::{any::Any, marker::PhantomData, sync::Arc};

// ---- Result, or not

/// The return type is a `Result<_, E>`; `S` tells whether `E` can be shared.
#[derive(Clone, Copy, Debug)]
pub struct Fallible<E, S>(PhantomData<fn() -> (E, S)>);
/// The return type is no `Result`.
#[derive(Clone, Copy, Debug)]
pub struct Infallible;
/// The error can be cloned for everyone who waited.
#[derive(Clone, Copy, Debug)]
pub struct CloneError;
/// The error belongs to the caller whose body failed.
#[derive(Clone, Copy, Debug)]
pub struct OwnError;

/// Sharing of errors.
pub trait Sharing<E> {
    /// A shared copy, if possible.
    fn share(error: &E) -> Option<Arc<dyn Any + Send + Sync>>;
    /// The copy's copy.
    fn restore(shared: &(dyn Any + Send + Sync)) -> Option<E>;
}

impl<E: Clone + Send + Sync + 'static> Sharing<E> for CloneError {
    fn share(error: &E) -> Option<Arc<dyn Any + Send + Sync>> {
        Some(Arc::new(error.clone()))
    }

    fn restore(shared: &(dyn Any + Send + Sync)) -> Option<E> {
        shared.downcast_ref().cloned()
    }
}

impl<E> Sharing<E> for OwnError {
    fn share(_: &E) -> Option<Arc<dyn Any + Send + Sync>> {
        None
    }

    fn restore(_: &(dyn Any + Send + Sync)) -> Option<E> {
        None
    }
}

/// The outermost layer of a return type.
pub trait Outer<R> {
    /// What is inside.
    type Inner;
    /// The error beside it.
    type Error;
    /// Wraps it.
    fn wrap(inner: Self::Inner) -> R;
    /// Looks inside.
    fn peek(returned: &R) -> Result<&Self::Inner, &Self::Error>;
    /// Reaches inside.
    fn peek_mut(returned: &mut R) -> Option<&mut Self::Inner>;
    /// Wraps an error.
    fn fail(error: Self::Error) -> R;
    /// See [`Sharing`].
    fn share(error: &Self::Error) -> Option<Arc<dyn Any + Send + Sync>>;
    /// See [`Sharing`].
    fn restore(shared: &(dyn Any + Send + Sync)) -> Option<Self::Error>;
}

impl<T, E, S: Sharing<E>> Outer<Result<T, E>> for Fallible<E, S> {
    type Inner = T;
    type Error = E;

    #[inline]
    fn wrap(inner: T) -> Result<T, E> {
        Ok(inner)
    }

    fn peek(returned: &Result<T, E>) -> Result<&T, &E> {
        returned.as_ref()
    }

    fn peek_mut(returned: &mut Result<T, E>) -> Option<&mut T> {
        returned.as_mut().ok()
    }

    fn fail(error: E) -> Result<T, E> {
        Err(error)
    }

    fn share(error: &E) -> Option<Arc<dyn Any + Send + Sync>> {
        S::share(error)
    }

    fn restore(shared: &(dyn Any + Send + Sync)) -> Option<E> {
        S::restore(shared)
    }
}

impl<R> Outer<R> for Infallible {
    type Inner = R;
    type Error = std::convert::Infallible;

    #[inline]
    fn wrap(inner: R) -> R {
        inner
    }

    fn peek(returned: &R) -> Result<&R, &Self::Error> {
        Ok(returned)
    }

    fn peek_mut(returned: &mut R) -> Option<&mut R> {
        Some(returned)
    }

    fn fail(error: Self::Error) -> R {
        match error {}
    }

    fn share(_: &Self::Error) -> Option<Arc<dyn Any + Send + Sync>> {
        None
    }

    fn restore(_: &(dyn Any + Send + Sync)) -> Option<Self::Error> {
        None
    }
}

// ---- Option, or not

/// The value may be absent.
#[derive(Clone, Copy, Debug)]
pub struct Optional;
/// The value is always there.
#[derive(Clone, Copy, Debug)]
pub struct Always;

/// The middle layer of a return type.
pub trait Presence<T> {
    /// What is inside.
    type Inner;
    /// Wraps it.
    fn some(inner: Self::Inner) -> T;
    /// The absent value.
    fn none() -> Option<T>;
    /// Looks inside.
    fn peek(value: &T) -> Option<&Self::Inner>;
}

impl<T> Presence<Option<T>> for Optional {
    type Inner = T;

    #[inline]
    fn some(inner: T) -> Option<T> {
        Some(inner)
    }

    fn none() -> Option<Option<T>> {
        Some(None)
    }

    fn peek(value: &Option<T>) -> Option<&T> {
        value.as_ref()
    }
}

impl<T> Presence<T> for Always {
    type Inner = T;

    #[inline]
    fn some(inner: T) -> T {
        inner
    }

    fn none() -> Option<T> {
        None
    }

    fn peek(value: &T) -> Option<&T> {
        Some(value)
    }
}

// ---- Arc, or not

/// The value is handed out as `Arc`.
#[derive(Clone, Copy, Debug)]
pub struct Shared;
/// The value is handed out by value, cloned.
#[derive(Clone, Copy, Debug)]
pub struct Owned;

/// The type behind the innermost layer, whether or not it can be cached.
pub trait Holds<I> {
    /// The value itself.
    type Value;
}

impl<T> Holds<Arc<T>> for Shared {
    type Value = T;
}

impl<T> Holds<T> for Owned {
    type Value = T;
}

/// The innermost layer of a return type.
#[diagnostic::on_unimplemented(
    message = "`{I}` is handed out by value on a hit, so it must be `Clone`, and `Send + Sync + 'static`",
    label = "a copy is made of it for every hit",
    note = "derive `Clone` on `{I}`, or return `Arc<{I}>`, which is shared instead of copied; for `Send` and `Sync`, hold `Arc` and locks instead of `Rc` and cells"
)]
pub trait Handing<I> {
    /// The value itself.
    type Value: Send + Sync + 'static;
    /// What the caller gets on a hit.
    fn hand(value: Arc<Self::Value>) -> I;
    /// The value behind it.
    fn view(inner: &I) -> &Self::Value;
    /// The value to keep.
    fn keep(inner: &I) -> Arc<Self::Value>;
}

impl<T: Send + Sync + 'static> Handing<Arc<T>> for Shared {
    type Value = T;

    #[inline]
    fn hand(value: Arc<T>) -> Arc<T> {
        value
    }

    fn view(inner: &Arc<T>) -> &T {
        inner
    }

    fn keep(inner: &Arc<T>) -> Arc<T> {
        inner.clone()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> Handing<T> for Owned {
    type Value = T;

    #[inline]
    fn hand(value: Arc<T>) -> T {
        Arc::unwrap_or_clone(value)
    }

    fn view(inner: &T) -> &T {
        inner
    }

    fn keep(inner: &T) -> Arc<T> {
        Arc::new(inner.clone())
    }
}
