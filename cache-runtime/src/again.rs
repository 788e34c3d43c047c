//! What is asked of the user's types once more beside the function that asks it first.
//!
//! The function says the mistake. Here a method of its own serves where the type is right, and one of a trait where it isn't: the compiler prefers
//! the first, and the second says nothing.

use crate::{
    Cache, Cacheable,
    behind::{Deferring, Deltas, Merging, Payload, Served, Showing, Sum, enqueue},
    edge::Effects,
    error::Carrying,
    key::{Key, KeyBuilder, KeyPart, KeyWriter},
    level::{RowVersion, row_version},
    read::Copies,
    spec::Spec,
    terms::{Condition, Decision, Terms, Ttl, about, at_most, holds},
    value::Outcome,
};
use std::{
    fmt,
    future::{Future, Ready},
    marker::PhantomData,
    num::NonZeroU64,
    vec::IntoIter,
};

/// Something that is asked again.
#[derive(Debug)]
pub struct Again<T>(pub T);

impl<T: KeyPart + ?Sized> Again<&T> {
    /// A placeholder's value.
    pub fn part(self, key: &mut KeyBuilder) {
        self.0.write(&mut KeyWriter::new(key));
    }
}

impl<T: KeyPart> Again<PhantomData<T>> {
    /// The next part as a value.
    pub fn parsed(self, parts: &mut IntoIter<&str>) -> Option<T> {
        T::parse(parts.next()?)
    }
}

impl<T: Condition> Again<T> {
    /// See [`holds`].
    pub fn holds(self) -> bool {
        holds(self.0)
    }
}

impl<T: Ttl> Again<T> {
    /// See [`about`].
    pub fn about(self) -> Decision {
        about(self.0)
    }

    /// See [`at_most`].
    pub fn at_most(self) -> Decision {
        at_most(self.0)
    }
}

impl<T: RowVersion + ?Sized> Again<&T> {
    /// See [`row_version`].
    pub fn row_version(self) -> Option<NonZeroU64> {
        row_version(self.0)
    }
}

impl<T: Clone + Send + Sync + 'static> Again<&T> {
    /// See [`copied`](crate::__private::copied).
    pub fn copied(self) -> T {
        self.0.clone()
    }
}

impl<T: Clone> Again<&T> {
    /// As many as a body that runs again needs.
    pub fn copies(self) -> Copies<T> {
        Copies::of(self.0)
    }
}

impl<S, T, V, R, P, F> Again<(Carrying<S, S::Error>, T, Showing<V>, P, Deferring<R, P, F>)>
where
    S: Outcome,
    V: Cacheable,
    R: Clone + Send + Sync + 'static,
    P: Payload,
    F: Future + Send + 'static,
{
    /// See [`enqueue`].
    pub fn enqueue(
        self,
        cache: &Cache,
        spec: &'static Spec,
        key: Key,
        effects: Effects,
    ) -> impl Future<Output = S::Return>
    where
        S: Outcome<Inner = (), Return = F::Output>,
        S::Return: Send,
        S::Error: fmt::Display + 'static,
        T: Terms<V>,
    {
        let (carrying, terms, showing, payload, deferring) = self.0;
        enqueue(carrying, cache, spec, key, terms, showing, payload, effects, deferring)
    }
}

impl<S, R, P, F> Again<(S, Deferring<R, P, F>)>
where
    S: Outcome,
    S::Return: Send,
    S::Error: fmt::Display + 'static,
    R: Clone + Send + Sync + 'static,
    P: Payload,
    F: Future<Output = S::Return> + Send + 'static,
{
    /// See [`Served::function`].
    pub fn hand_over(self, served: &mut Served, spec: &'static Spec) {
        let (slot, deferring) = self.0;
        served.function(slot, spec, deferring);
    }
}

impl<P: Payload> Again<(Deltas<'_>, Merging<P>)> {
    /// See [`Merging::sum`].
    pub fn sum(self) -> Sum {
        let (deltas, merging) = self.0;
        merging.sum(deltas)
    }
}

/// The type is wrong, and the program doesn't compile; but see [`copies`](AgainProbe::copies).
pub trait AgainProbe: Sized {
    /// No part.
    fn part(self, _: &mut KeyBuilder) {}

    /// No value.
    fn parsed<T>(self, _: &mut IntoIter<&str>) -> Option<T> {
        None
    }

    /// No version.
    fn row_version(self) -> Option<NonZeroU64> {
        None
    }

    /// No copy.
    fn copied<T>(self) -> T {
        unreachable!("the program doesn't compile")
    }

    /// No copies: that is no mistake.
    fn copies<T>(self) -> Copies<T> {
        Copies::none()
    }

    /// No write.
    fn enqueue<T>(self, _: &Cache, _: &'static Spec, _: Key, _: Effects) -> Ready<T> {
        unreachable!("the program doesn't compile")
    }

    /// No function.
    fn hand_over(self, _: &mut Served, _: &'static Spec) {}

    /// No sum.
    fn sum(self) -> Sum {
        unreachable!("the program doesn't compile")
    }

    /// No condition.
    fn holds(self) -> bool {
        false
    }

    /// No time.
    fn about(self) -> Decision {
        Decision::Leave
    }

    /// No time.
    fn at_most(self) -> Decision {
        Decision::Leave
    }
}

impl<T> AgainProbe for Again<T> {}
