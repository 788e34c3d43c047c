//! How a return type wraps the value that is cached: `Result`, then `Option`, then `Arc`, each of them optional.

use super::probe::Slot;
use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, Hash},
    sync::Arc,
};

/// A value whose type only the function knows.
pub(crate) type AnyArc = Arc<dyn Any + Send + Sync>;

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
#[diagnostic::on_unimplemented(
    message = "a cached function cannot return this type",
    label = "values are handed out by value on a hit",
    note = "derive `Clone` on the value, or return `Arc<..>` of it, which is shared instead of cloned"
)]
pub trait Shape: Outcome {
    /// The cached value: what is inside `Result`, `Option` and `Arc`.
    type Value: Send + Sync + 'static;

    /// The return value for a hit.
    fn hit(value: Arc<Self::Value>) -> Self::Return;
    /// The return value for a cached absence, if the type has one.
    fn absent() -> Option<Self::Return>;
    /// What a body returned.
    fn view(returned: &Self::Return) -> View<'_, Self::Value>;
    /// The value to keep, shared where the type shares and cloned where it doesn't; `None` unless there is one.
    fn keep(returned: &Self::Return) -> Option<Arc<Self::Value>>;
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

// ---- Result, or not

/// The return type is a `Result<_, E>`; `S` tells whether `E` can be shared.
#[derive(Clone, Copy, Debug)]
pub struct Fallible<E, S>(std::marker::PhantomData<fn() -> (E, S)>);
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

/// The innermost layer of a return type.
#[diagnostic::on_unimplemented(
    message = "`{I}` is handed out by value on a hit, so it must be `Clone`",
    label = "not `Clone`",
    note = "derive `Clone` on `{I}`, or return `Arc<{I}>`, which is shared instead of cloned"
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

// ---- put together

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

impl<R: 'static, F, O, A> Shape for Slot<R, F, O, A>
where
    F: Outer<R> + 'static,
    O: Presence<F::Inner> + 'static,
    A: Handing<O::Inner> + 'static,
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

// ---- batches

/// The return type of a batch: a map from the ids to the values that exist.
#[diagnostic::on_unimplemented(
    message = "a batch function must return a map from its ids to its values",
    label = "not a map of values",
    note = "return `HashMap<K, V>` or `BTreeMap<K, V>`, inside `Result` if it can fail; ids without a value are left out"
)]
pub trait BatchShape: Outcome {
    /// The ids.
    type Id: Clone + Eq + Send + Sync + 'static;
    /// The cached values.
    type Value: Send + Sync + 'static;

    /// The return value for these.
    fn collect(found: impl Iterator<Item = (Self::Id, Arc<Self::Value>)>) -> Self::Return;
    /// One value of what a body returned.
    fn find<'r>(returned: &'r Self::Return, id: &Self::Id) -> Option<&'r Self::Value>;
    /// One value of what a body returned, to keep.
    fn keep(returned: &Self::Return, id: &Self::Id) -> Option<Arc<Self::Value>>;
    /// Adds values to what a body returned.
    fn extend(returned: &mut Self::Return, found: impl Iterator<Item = (Self::Id, Arc<Self::Value>)>);
    /// All ids that a body returned.
    fn ids(returned: &Self::Return) -> Vec<Self::Id>;
}

/// A map type.
pub trait Map<I>: Sized {
    /// Its keys.
    type Id: Clone + Eq + Send + Sync + 'static;
    /// Builds one.
    fn build(entries: impl Iterator<Item = (Self::Id, I)>) -> Self;
    /// Looks one up.
    fn find(&self, id: &Self::Id) -> Option<&I>;
    /// Adds entries.
    fn add(&mut self, entries: impl Iterator<Item = (Self::Id, I)>);
    /// All keys.
    fn ids(&self) -> Vec<Self::Id>;
}

impl<K, I, S> Map<I> for HashMap<K, I, S>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    S: BuildHasher + Default,
{
    type Id = K;

    fn build(entries: impl Iterator<Item = (K, I)>) -> Self {
        entries.collect()
    }

    fn find(&self, id: &K) -> Option<&I> {
        self.get(id)
    }

    fn add(&mut self, entries: impl Iterator<Item = (K, I)>) {
        self.extend(entries);
    }

    fn ids(&self) -> Vec<K> {
        self.keys().cloned().collect()
    }
}

impl<K, I> Map<I> for BTreeMap<K, I>
where
    K: Clone + Ord + Send + Sync + 'static,
{
    type Id = K;

    fn build(entries: impl Iterator<Item = (K, I)>) -> Self {
        entries.collect()
    }

    fn find(&self, id: &K) -> Option<&I> {
        self.get(id)
    }

    fn add(&mut self, entries: impl Iterator<Item = (K, I)>) {
        self.extend(entries);
    }

    fn ids(&self) -> Vec<K> {
        self.keys().cloned().collect()
    }
}

/// The middle layer of a batch: a map whose values are `I`.
#[derive(Clone, Copy, Debug)]
pub struct Mapped<I>(std::marker::PhantomData<fn() -> I>);

impl<T, I> Presence<T> for Mapped<I> {
    type Inner = T;

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

impl<R: 'static, F, I: 'static, A> BatchShape for Slot<R, F, Mapped<I>, A>
where
    F: Outer<R> + 'static,
    F::Inner: Map<I>,
    A: Handing<I> + 'static,
{
    type Id = <F::Inner as Map<I>>::Id;
    type Value = A::Value;

    fn collect(found: impl Iterator<Item = (Self::Id, Arc<A::Value>)>) -> R {
        F::wrap(Map::build(found.map(|(id, value)| (id, A::hand(value)))))
    }

    fn find<'r>(returned: &'r R, id: &Self::Id) -> Option<&'r A::Value> {
        F::peek(returned).ok()?.find(id).map(A::view)
    }

    fn keep(returned: &R, id: &Self::Id) -> Option<Arc<A::Value>> {
        F::peek(returned).ok()?.find(id).map(A::keep)
    }

    fn extend(returned: &mut R, found: impl Iterator<Item = (Self::Id, Arc<A::Value>)>) {
        if let Some(map) = F::peek_mut(returned) {
            map.add(found.map(|(id, value)| (id, A::hand(value))));
        }
    }

    fn ids(returned: &R) -> Vec<Self::Id> {
        F::peek(returned).map(Map::ids).unwrap_or_default()
    }
}

/// The shape of one id of a batch.
pub(crate) type One<V> = Slot<Option<Arc<V>>, Infallible, Optional, Shared>;
