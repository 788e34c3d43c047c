//! How a return type wraps the value that is cached: `Result`, then `Option`, then `Arc`, each of them optional.

use super::{
    Cacheable,
    layers::{Handing, Holds, Infallible, Optional, Outer, Presence, Shared},
    probe::Slot,
};
use std::{any::Any, sync::Arc};

/// A value whose type only the function knows.
pub(crate) type AnyArc = Arc<dyn Any + Send + Sync>;

/// A value whose type is forgotten, to be kept beside others.
pub(crate) fn forget<V: Send + Sync + 'static>(value: Arc<V>) -> AnyArc {
    value
}

/// What a body returned, seen by the cache.
#[derive(Debug)]
pub enum View<'r, V> {
    /// A value, to be cached.
    Value(&'r V),
    /// `None`: the row does not exist.
    Absent,
    /// `Err`: never cached.
    Failed,
}

/// The parts of a return type that every cached function needs.
pub trait Shape: Outcome {
    /// The cached value: what is inside `Result`, `Option` and `Arc`.
    type Value: Cacheable;

    /// The return value for a hit.
    fn hit(value: Arc<Self::Value>) -> Self::Return;
    /// The return value for a cached absence, if the type has one.
    fn absent() -> Option<Self::Return>;
    /// What a body returned.
    fn view(returned: &Self::Return) -> View<'_, Self::Value>;
    /// The value to keep, shared where the type shares and cloned where it doesn't; `None` unless there is one.
    fn keep(returned: &Self::Return) -> Option<Arc<Self::Value>>;
}

/// The type of a value, whether or not it can be cached: what is decided about it asks no more.
pub trait Holding {
    /// What is inside `Result`, `Option` and `Arc`.
    type Value;
}

/// The parts of a return type that functions need whose value isn't cached.
pub trait Outcome: Copy + Send + Sync + 'static {
    /// The function's return type.
    type Return;
    /// What is inside `Result` and `Option`.
    type Inner;
    /// The error inside `Result`.
    type Error;

    /// The value inside.
    fn inner(returned: &Self::Return) -> View<'_, Self::Inner>;
    /// The error inside.
    fn error(returned: &Self::Return) -> Option<&Self::Error>;
    /// A copy of the error for those who waited, where it can be cloned.
    fn share_error(returned: &Self::Return) -> Option<Arc<dyn Any + Send + Sync>>;
    /// The return value for such a copy.
    fn shared_error(error: &(dyn Any + Send + Sync)) -> Option<Self::Return>;
    /// The return value for an error.
    fn fail(error: Self::Error) -> Self::Return;
    /// The return value for success.
    fn ok(inner: Self::Inner) -> Self::Return;
}

/// Stands for the last layer where nothing is cached.
#[derive(Clone, Copy, Debug)]
pub struct Uncached;

impl<R: 'static, F, O, A> Outcome for Slot<R, F, O, A>
where
    F: Outer<R> + 'static,
    O: Presence<F::Inner> + 'static,
    A: 'static,
{
    type Return = R;
    type Inner = O::Inner;
    type Error = F::Error;

    fn inner(returned: &R) -> View<'_, O::Inner> {
        match F::peek(returned) {
            Ok(value) => O::peek(value).map_or(View::Absent, View::Value),
            Err(_) => View::Failed,
        }
    }

    fn error(returned: &R) -> Option<&F::Error> {
        F::peek(returned).err()
    }

    fn share_error(returned: &R) -> Option<Arc<dyn Any + Send + Sync>> {
        F::peek(returned).err().and_then(F::share)
    }

    fn shared_error(error: &(dyn Any + Send + Sync)) -> Option<R> {
        F::restore(error).map(F::fail)
    }

    fn fail(error: F::Error) -> R {
        F::fail(error)
    }

    fn ok(inner: O::Inner) -> R {
        F::wrap(O::some(inner))
    }
}

impl<R, F, O, A> Holding for Slot<R, F, O, A>
where
    F: Outer<R>,
    O: Presence<F::Inner>,
    A: Holds<O::Inner>,
{
    type Value = A::Value;
}

impl<R: 'static, F, O, A> Shape for Slot<R, F, O, A>
where
    F: Outer<R> + 'static,
    O: Presence<F::Inner> + 'static,
    A: Handing<O::Inner, Value: Cacheable> + 'static,
{
    type Value = A::Value;

    #[inline]
    fn hit(value: Arc<A::Value>) -> R {
        F::wrap(O::some(A::hand(value)))
    }

    fn absent() -> Option<R> {
        O::none().map(F::wrap)
    }

    fn view(returned: &R) -> View<'_, A::Value> {
        match Self::inner(returned) {
            View::Value(inner) => View::Value(A::view(inner)),
            View::Absent => View::Absent,
            View::Failed => View::Failed,
        }
    }

    fn keep(returned: &R) -> Option<Arc<A::Value>> {
        match Self::inner(returned) {
            View::Value(inner) => Some(A::keep(inner)),
            View::Absent | View::Failed => None,
        }
    }
}

/// The shape of one id of a batch.
pub(crate) type One<V> = Slot<Option<Arc<V>>, Infallible, Optional, Shared>;
