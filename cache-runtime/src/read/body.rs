//! A reader's body: what runs, and whether it can run once more.
//!
//! A body is a future, which ends once. Readers of templates whose deltas are merged bring a function that makes it again, where their arguments can be copied.

use super::within;
use crate::{Error, spec::Spec, terms::Loaded, value::Shape};
use std::{
    fmt,
    future::{Future, Ready},
    pin::Pin,
    task::{Context, Poll},
};

/// What an expansion has a reader run: a future, or [`repeated`].
pub trait Body<R> {
    /// What runs first.
    type First: Future<Output = R>;
    /// What makes it again.
    type Again: Repeats<R>;

    /// The two.
    fn parts(self) -> (Self::First, Self::Again);
}

/// Makes a body again.
pub trait Repeats<R> {
    /// The body once more; `None` if that can't be.
    fn again(&mut self) -> Option<impl Future<Output = R>>;
}

/// A body that runs once.
#[derive(Debug)]
pub struct Once;

impl<R> Repeats<R> for Once {
    fn again(&mut self) -> Option<impl Future<Output = R>> {
        None::<Ready<R>>
    }
}

/// A function that makes a body.
pub struct Repeater<M>(M);

impl<M> fmt::Debug for Repeater<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repeater").finish_non_exhaustive()
    }
}

impl<R, F: Future<Output = R>, M: FnMut() -> Option<F>> Repeats<R> for Repeater<M> {
    fn again(&mut self) -> Option<impl Future<Output = R>> {
        (self.0)()
    }
}

/// A body, and what makes it again.
pub struct Parts<F, A> {
    pub(super) first: F,
    pub(super) again: A,
}

impl<F, A> fmt::Debug for Parts<F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// A body that runs once more when that is needed, and its arguments can be copied.
pub fn repeated<F, G, M>(first: F, again: M) -> Parts<F, Repeater<M>>
where
    F: Future,
    G: Future<Output = F::Output>,
    M: FnMut() -> Option<G>,
{
    Parts { first, again: Repeater(again) }
}

impl<F: Future> Body<F::Output> for F {
    type First = F;
    type Again = Once;

    fn parts(self) -> (F, Once) {
        (self, Once)
    }
}

impl<R, F: Future<Output = R>, A: Repeats<R>> Body<R> for Parts<F, A> {
    type First = F;
    type Again = A;

    fn parts(self) -> (F, A) {
        (self.first, self.again)
    }
}

/// A body that may take only as long as the function's `timeout`, each time.
pub(super) fn limited<S: Shape, B: Body<S::Return>>(
    carry: fn(Error) -> S::Error,
    spec: &'static Spec,
    body: B,
) -> Parts<impl Future<Output = S::Return>, Limited<S, B::Again>> {
    let (first, again) = body.parts();
    Parts { first: within::<S>(carry, spec, first), again: Limited::<S, B::Again> { carry, spec, again } }
}

pub(super) struct Limited<S: Shape, A> {
    carry: fn(Error) -> S::Error,
    spec: &'static Spec,
    again: A,
}

impl<S: Shape, A: Repeats<S::Return>> Repeats<S::Return> for Limited<S, A> {
    fn again(&mut self) -> Option<impl Future<Output = S::Return>> {
        Some(within::<S>(self.carry, self.spec, self.again.again()?))
    }
}

/// A value of which a body that runs again needs one more.
pub struct Copies<T>(Option<Copied<T>>);

struct Copied<T> {
    value: T,
    copy: fn(&T) -> T,
}

impl<T> Copies<T> {
    pub(crate) fn of(value: &T) -> Self
    where
        T: Clone,
    {
        Self(Some(Copied { value: value.clone(), copy: T::clone }))
    }

    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// One more.
    pub fn one(&self) -> Option<T> {
        self.0.as_ref().map(|Copied { value, copy }| copy(value))
    }
}

impl<T> fmt::Debug for Copies<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Copies").field(&self.0.is_some()).finish()
    }
}

/// A body on its way through a call, with what its function says about what it returns.
pub(crate) trait Loads<R>: Future<Output = Loaded<R>> + Unpin {
    /// The body once more; `None` if that can't be.
    fn again(&mut self) -> Option<impl Future<Output = R>>;
}

/// See [`Loads`]. Boxed: every async fn it passes through would hold it twice, and nested loads multiply.
pub(super) struct Loader<F, A> {
    first: Pin<Box<F>>,
    again: Box<A>,
}

impl<F, A> Loader<F, A> {
    pub(super) fn new(first: F, again: A) -> Self {
        Self { first: Box::pin(first), again: Box::new(again) }
    }
}

impl<F: Future, A> Future for Loader<F, A> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.first.as_mut().poll(context)
    }
}

impl<R, F: Future<Output = Loaded<R>>, A: Repeats<R>> Loads<R> for Loader<F, A> {
    fn again(&mut self) -> Option<impl Future<Output = R>> {
        self.again.again()
    }
}
