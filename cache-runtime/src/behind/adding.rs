//! What readers get while deltas are pending: the row, and every delta merged into it.

use super::{
    payload::{self, Payload, Unfit, Upcast},
    state::Behind,
};
use crate::{
    spec::{Spec, Writes, linked},
    value::{AnyArc, BatchShape, Holding},
};
use bytes::Bytes;
use std::{
    collections::HashMap,
    fmt,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
};

/// What the database has, and the deltas that wait for it.
pub struct Deltas<'d> {
    schema: u32,
    base: Option<AnyArc>,
    payloads: &'d [Bytes],
}

/// The row with all deltas.
#[derive(Debug)]
pub struct Sum(Result<Option<AnyArc>, Unadded>);

/// How the deltas of a function are added; it is part of the program, so every process that has the function knows it.
pub(crate) type Adding = fn(Deltas<'_>) -> Sum;

/// Why a reader can't show what is pending.
#[derive(Debug)]
pub(crate) enum Unadded {
    /// No function that merges is known here.
    Unknown,
    /// What is read is of another type than the deltas.
    OtherType,
    /// This release can't read one of them.
    Unread(Unfit),
    /// The function that makes one of two has panicked.
    Panicked,
}

impl fmt::Display for Unadded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str(
                "their function is in a generic `impl` block, whose types this process doesn't know before it has called or served it: serve its repository, `cache.flusher().serve(..)`",
            ),
            Self::OtherType => f.write_str(
                "they are of another type than what this function returns: return the type of the deltas, or read under another key",
            ),
            Self::Panicked => f.write_str("the function that adds them has panicked"),
            Self::Unread(Unfit::Newer) => f.write_str("a later release has written one of them"),
            Self::Unread(Unfit::Unreadable(why)) => write!(f, "one of them can't be read, {why}"),
        }
    }
}

/// How two deltas become one, and those of earlier releases are read.
pub struct Merging<P> {
    merge: fn(P, P) -> P,
    upcast: Option<Upcast<P>>,
}

/// Two deltas become one.
pub fn merging<P>(merge: fn(P, P) -> P) -> Merging<P> {
    Merging { merge, upcast: None }
}

impl<P> Merging<P> {
    /// Turns deltas of an earlier release into those of this one.
    #[must_use]
    pub fn upcast(mut self, upcast: Upcast<P>) -> Self {
        self.upcast = Some(upcast);
        self
    }

    pub(super) fn of(merge: fn(P, P) -> P, upcast: Option<Upcast<P>>) -> Self {
        Self { merge, upcast }
    }
}

impl<P: Payload> Merging<P> {
    /// Adds deltas to what the database has.
    pub fn sum(&self, deltas: Deltas<'_>) -> Sum {
        Sum(self.add(deltas))
    }

    fn add(&self, Deltas { schema, base, payloads }: Deltas<'_>) -> Result<Option<AnyArc>, Unadded> {
        let base = base.map(Arc::downcast::<P>).transpose().map_err(|_| Unadded::OtherType)?;
        let mut sum = base.map(Arc::unwrap_or_clone);
        for delta in payloads {
            let delta = payload::decode::<P>(schema, self.upcast, delta).map_err(Unadded::Unread)?;
            sum = Some(match sum {
                Some(sum) => {
                    let merged = catch_unwind(AssertUnwindSafe(|| (self.merge)(sum, delta)));
                    merged.map_err(|_| Unadded::Panicked)?
                }
                None => delta,
            });
        }
        Ok(sum.map(|sum| -> AnyArc { Arc::new(sum) }))
    }
}

impl<P> Clone for Merging<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Merging<P> {}

impl<P> fmt::Debug for Merging<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merging").finish_non_exhaustive()
    }
}

impl fmt::Debug for Deltas<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deltas").field("payloads", &self.payloads.len()).finish_non_exhaustive()
    }
}

impl Behind {
    /// Adds pending deltas to what the database has; `None` if there are neither.
    ///
    /// # Errors
    ///
    /// When that can't be done here.
    pub(crate) fn add(
        &self,
        family: &str,
        base: Option<AnyArc>,
        payloads: &[Bytes],
    ) -> Result<Option<AnyArc>, Unadded> {
        let deltas =
            |spec: &'static Spec| Deltas { schema: super::deferred::schema_of(spec), base, payloads };
        if let Some((spec, add)) = known(family) {
            return add(deltas(spec)).0;
        }
        let merging = self.state().and_then(|state| {
            let handlers = &state.flusher().handlers;
            let merges = |spec: &'static Spec| spec.writes == Writes::Deltas && spec.family() == family;
            handlers.values().find(|handler| merges(handler.spec)).cloned()
        });
        let handler = merging.ok_or(Unadded::Unknown)?;
        handler.add(deltas(handler.spec)).map_or(Err(Unadded::Unknown), |sum| sum.0)
    }
}

/// The function of the program that merges the deltas of this family. Those of generic blocks are missing: they have many types.
fn known(family: &str) -> Option<(&'static Spec, Adding)> {
    static KNOWN: OnceLock<HashMap<&'static str, (&'static Spec, Adding)>> = OnceLock::new();
    let all = || linked().filter_map(|spec| Some((spec.family(), (spec, spec.adding?)))).collect();
    KNOWN.get_or_init(all).get(family).copied()
}

/// A delta that is merged with what readers get.
#[diagnostic::on_unimplemented(
    message = "`merge` makes one `{Self}` of two, and readers of the same key get `{V}`",
    label = "not what is read",
    note = "readers get what the database has, merged with what is pending: let both be of one type, or give one of them another key"
)]
pub trait DeltaOf<V> {}

#[diagnostic::do_not_recommend]
impl<V> DeltaOf<V> for V {}

/// Whether the deltas can be added to what a reader returns is asked here.
pub fn adds_to<S: Holding, P: DeltaOf<S::Value>>(_: S, _: PhantomData<P>) {}

/// The same for a reader of many.
pub fn adds_to_each<S: BatchShape, P: DeltaOf<S::Value>>(_: S, _: PhantomData<P>) {}

/// A function that makes one delta of two.
#[diagnostic::on_unimplemented(
    message = "`merge` takes a `fn({P}, {P}) -> {P}`, which makes one delta of two",
    label = "not a `fn({P}, {P}) -> {P}`"
)]
pub trait Merges<P>: Fn(P, P) -> P {}

#[diagnostic::do_not_recommend]
impl<P, F: Fn(P, P) -> P> Merges<P> for F {}

/// Whether a function merges is asked here.
#[inline]
pub fn merges<P, F: Merges<P>>(merge: F, one: P, other: P) -> P {
    merge(one, other)
}
