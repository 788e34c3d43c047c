//! Is a value stored, and for how long?
//!
//! A function declares it (`ttl`, `negative_ttl`) or has it decided call by call (`when`, `unless`, a computed `ttl`). Either way the
//! answer is a [`Lives`], made once when the body has returned.

use crate::{
    jitter::{jittered, shortened},
    spec::{DeclaredTtl, Spec},
    value::{BatchShape, Holding, Shape, View},
};
use std::{future::Future, num::NonZeroU64, time::Duration};

/// Time is kept in milliseconds.
const SHORTEST: Duration = Duration::from_millis(1);
/// A hundred years, as for `ttl = ".."`.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// How long an entry lives, jitter included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lives {
    /// It isn't stored.
    Not,
    Forever,
    For(Duration),
}

/// What a body returned, how long that may be kept, and the version of the row that it is.
#[derive(Debug)]
pub(crate) struct Loaded<R> {
    pub(crate) returned: R,
    pub(crate) lives: Lives,
    pub(crate) version: Option<NonZeroU64>,
}

/// What an expansion says about values of type `V` besides what the spec declares; `()` says nothing.
pub trait Terms<V> {
    /// Whether this call uses the cache at all.
    fn wanted(&self) -> bool {
        true
    }

    /// What is decided about this value.
    fn decide(&self, value: &V) -> Decision {
        let _ = value;
        Decision::AsDeclared
    }

    /// The version of the row that this value is, if it is known.
    fn version(&self, value: &V) -> Option<NonZeroU64> {
        let _ = value;
        None
    }
}

impl<V> Terms<V> for () {}

impl<V, T: Terms<V>> Terms<V> for &T {
    fn wanted(&self) -> bool {
        T::wanted(self)
    }

    fn decide(&self, value: &V) -> Decision {
        T::decide(self, value)
    }

    fn version(&self, value: &V) -> Option<NonZeroU64> {
        T::version(self, value)
    }
}

/// What was decided about one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It isn't stored.
    Leave,
    /// It lives as long as the spec says.
    AsDeclared,
    /// It lives about this long.
    About(Duration),
    /// It lives no longer than this.
    AtMost(Duration),
}

/// The `when`, `ttl` and `unless` of one call.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<T, U> {
    when: bool,
    ttl: T,
    unless: U,
}

impl<V, T, U> Terms<V> for Conditions<T, U>
where
    T: Fn(&V) -> Decision,
    U: Fn(&V) -> bool,
{
    fn wanted(&self) -> bool {
        self.when
    }

    fn decide(&self, value: &V) -> Decision {
        if (self.unless)(value) { Decision::Leave } else { (self.ttl)(value) }
    }
}

/// The conditions of a function whose value the slot tells.
#[inline]
pub fn terms<S, T, U>(_: S, when: bool, ttl: T, unless: U) -> Conditions<T, U>
where
    S: Holding,
    T: Fn(&S::Value) -> Decision,
    U: Fn(&S::Value) -> bool,
{
    Conditions { when, ttl, unless }
}

/// The same for each value of a batch.
#[inline]
pub fn terms_each<S, T, U>(_: S, when: bool, ttl: T, unless: U) -> Conditions<T, U>
where
    S: BatchShape,
    T: Fn(&S::Value) -> Decision,
    U: Fn(&S::Value) -> bool,
{
    Conditions { when, ttl, unless }
}

/// The same for a function that names its value.
#[inline]
pub fn terms_of<V, T, U>(_: &V, ttl: T, unless: U) -> Conditions<T, U>
where
    T: Fn(&V) -> Decision,
    U: Fn(&V) -> bool,
{
    Conditions { when: true, ttl, unless }
}

/// Terms with the `version` of a value.
#[derive(Clone, Copy, Debug)]
pub struct Versioned<T, N> {
    terms: T,
    version: N,
}

impl<V, T, N> Terms<V> for Versioned<T, N>
where
    T: Terms<V>,
    N: Fn(&V) -> Option<NonZeroU64>,
{
    fn wanted(&self) -> bool {
        self.terms.wanted()
    }

    fn decide(&self, value: &V) -> Decision {
        self.terms.decide(value)
    }

    fn version(&self, value: &V) -> Option<NonZeroU64> {
        (self.version)(value)
    }
}

/// The terms of a function whose value the slot tells, with the value's version.
#[inline]
pub fn versioned<S, T, N>(_: S, terms: T, version: N) -> Versioned<T, N>
where
    S: Holding,
    N: Fn(&S::Value) -> Option<NonZeroU64>,
{
    Versioned { terms, version }
}

/// The same for each value of a batch.
#[inline]
pub fn versioned_each<S, T, N>(_: S, terms: T, version: N) -> Versioned<T, N>
where
    S: BatchShape,
    N: Fn(&S::Value) -> Option<NonZeroU64>,
{
    Versioned { terms, version }
}

/// The same for a function that names its value.
#[inline]
pub fn versioned_of<V, T, N>(_: &V, terms: T, version: N) -> Versioned<T, N>
where
    N: Fn(&V) -> Option<NonZeroU64>,
{
    Versioned { terms, version }
}

/// No `ttl` is computed.
#[inline]
pub fn as_declared<V>(_: &V) -> Decision {
    Decision::AsDeclared
}

/// Nothing is left out.
#[inline]
pub fn always<V>(_: &V) -> bool {
    false
}

/// A `ttl` that doesn't depend on the value.
#[inline]
pub fn about(ttl: impl Ttl) -> Decision {
    Decision::About(ttl.duration())
}

/// A `ttl` computed from the value.
#[inline]
pub fn at_most(ttl: impl Ttl) -> Decision {
    Decision::AtMost(ttl.duration())
}

/// What `when` and `unless` say.
#[inline]
pub fn holds(condition: impl Condition) -> bool {
    condition.holds()
}

/// The type of a condition: `bool`.
#[diagnostic::on_unimplemented(
    message = "`when` and `unless` are conditions, and `{Self}` is no `bool`",
    label = "expected a `bool`",
    note = "compare it, as in `n > 0` or `!page.is_empty()`"
)]
pub trait Condition {
    /// Does it hold?
    fn holds(self) -> bool;
}

#[diagnostic::do_not_recommend]
impl Condition for bool {
    #[inline]
    fn holds(self) -> bool {
        self
    }
}

/// Calls a closure of the user's; the value comes first, so that the closure's parameter has a type.
#[inline]
pub fn apply<V, R>(value: &V, closure: impl FnOnce(&V) -> R) -> R {
    closure(value)
}

/// A computed `ttl`: a [`Duration`]. Less than a millisecond stores nothing; a hundred years or more, such as `Duration::MAX`, is forever.
#[diagnostic::on_unimplemented(
    message = "a computed `ttl` is a `Duration`, not `{Self}`",
    label = "expected a `Duration`",
    note = "write a literal, such as `ttl = 300` or `ttl = \"5m\"`, or compute a `std::time::Duration`, as with `std::time::Duration::from_secs(..)`"
)]
pub trait Ttl {
    /// The time.
    fn duration(self) -> Duration;
}

#[diagnostic::do_not_recommend]
impl Ttl for Duration {
    fn duration(self) -> Duration {
        self
    }
}

#[diagnostic::do_not_recommend]
impl Ttl for &Duration {
    fn duration(self) -> Duration {
        *self
    }
}

impl Lives {
    /// How long this value lives.
    pub(crate) fn of<V>(spec: &Spec, terms: &impl Terms<V>, value: &V) -> Self {
        match terms.decide(value) {
            Decision::Leave => Self::Not,
            Decision::AsDeclared => Self::declared(spec),
            Decision::About(ttl) => Self::computed(ttl, |ttl| jittered(ttl, spec.jitter)),
            Decision::AtMost(ttl) => Self::computed(ttl, |ttl| shortened(ttl, spec.jitter)),
        }
    }

    /// How long what a body returned lives.
    pub(crate) fn of_returned<S: Shape>(
        spec: &Spec,
        terms: &impl Terms<S::Value>,
        returned: &S::Return,
    ) -> Self {
        match S::view(returned) {
            View::Value(value) => Self::of(spec, terms, value),
            View::Absent => Self::absent(spec),
            View::Failed => Self::Not,
        }
    }

    /// How long the absence of a value is remembered.
    pub(crate) fn absent(spec: &Spec) -> Self {
        spec.negative_ttl.map_or(Self::Not, Self::For)
    }

    fn declared(spec: &Spec) -> Self {
        match spec.ttl {
            DeclaredTtl::Forever | DeclaredTtl::Computed => Self::Forever,
            DeclaredTtl::For(ttl) => Self::For(jittered(ttl, spec.jitter)),
        }
    }

    fn computed(ttl: Duration, jitter: impl Fn(Duration) -> Duration) -> Self {
        match ttl {
            ttl if ttl < SHORTEST => Self::Not,
            ttl if ttl >= LONGEST => Self::Forever,
            ttl => Self::For(jitter(ttl).max(SHORTEST)),
        }
    }

    /// Whether it is stored at all.
    pub(crate) fn is_stored(self) -> bool {
        self != Self::Not
    }

    /// The time, if it has an end.
    pub(crate) fn time(self) -> Option<Duration> {
        match self {
            Self::For(time) => Some(time),
            Self::Not | Self::Forever => None,
        }
    }
}

/// Runs a body, then decides.
pub(crate) async fn loading<S: Shape, T: Terms<S::Value>>(
    spec: &'static Spec,
    terms: T,
    body: impl Future<Output = S::Return>,
) -> Loaded<S::Return> {
    let returned = body.await;
    let lives = Lives::of_returned::<S>(spec, &terms, &returned);
    let version = match S::view(&returned) {
        View::Value(value) => terms.version(value),
        View::Absent | View::Failed => None,
    };
    Loaded { returned, lives, version }
}
