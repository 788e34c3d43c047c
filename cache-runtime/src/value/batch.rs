//! How a batch's return type holds its values: a map from the ids to those that exist.

use super::{
    Cacheable,
    layers::{Handing, Outer, Presence},
    probe::Slot,
    shape::Outcome,
};
use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, Hash},
    marker::PhantomData,
    sync::Arc,
};

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
    type Value: Cacheable;
    /// Itself; unknown where it is no map, so that this is said once.
    type Same: BatchShape<Return = Self::Return, Error = Self::Error, Id = Self::Id, Value = Self::Value>;

    /// Itself.
    fn checked(self) -> Self::Same;

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

/// The keys of a batch's map, which are the elements of its collection.
#[diagnostic::on_unimplemented(
    message = "the elements of `each` are `{I}`, and the map has keys of type `{Self}`",
    label = "not a map from `{I}`",
    note = "the two have to be of one type: take a collection of `{Self}`, or return a map from `{I}`"
)]
pub trait Keys<I>: Sized {
    /// Elements, as keys of the map.
    fn of(elements: Vec<I>) -> Vec<Self>;
    /// Keys of the map, as elements.
    fn elements(keys: Vec<Self>) -> Vec<I>;
    /// One of them.
    fn element(&self) -> &I;
}

#[diagnostic::do_not_recommend]
impl<K> Keys<K> for K {
    fn of(elements: Vec<K>) -> Vec<K> {
        elements
    }

    fn elements(keys: Vec<K>) -> Vec<K> {
        keys
    }

    fn element(&self) -> &K {
        self
    }
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
pub struct Mapped<I>(PhantomData<fn() -> I>);

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
    A: Handing<I, Value: Cacheable> + 'static,
{
    type Id = <F::Inner as Map<I>>::Id;
    type Value = A::Value;
    type Same = Self;

    fn checked(self) -> Self {
        self
    }

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
