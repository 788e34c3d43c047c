//! Everything that expansions name; nobody else should.

pub use crate::{
    again::Again,
    behind::{
        Deferring, DeltaOf, Deltas, ElementOf, Lane, Merges, Merging, Payload, Progress, Served, Showing,
        Sum, Upcast, adds_to, adds_to_each, batch_of, deferring, deletes, delta, enqueue, flush_before,
        merges, merging, shows,
    },
    cache::HasCache,
    edge::{Edge, EdgeArg, Effects, Previous},
    error::{Carries, Carrying, carrying},
    joined::{Joined, MaybeTx, Transaction, joined},
    key::{Key, KeyBuilder, borrowed_secret, owned_secret, sensitive, split_joints, unescape},
    level::{Level, RowVersion, row_version},
    read::{
        Body, Copies, Sources, hit, hit_refreshing, hit_verified, ids, load, load_each, load_refreshing,
        load_refreshing_verified, load_verified, load_verified_within, load_within, repeated, verifying,
    },
    spec::{Spec, SpecEdge, Specs, Strategy},
    terms::{
        Condition, Ttl, about, always, apply, as_declared, at_most, holds, terms, terms_each, terms_of,
        versioned, versioned_each, versioned_of,
    },
    value::{BatchShape, Keys, Outcome, Shape, View, slot},
    write::{Refusal, invalidating, own_key, refusal, write_each, write_through, write_value},
};

pub use ::inventory::submit;

#[cfg(feature = "sqlx")]
pub use crate::behind::sql::{SqlQueue, SqlValue, advance, is_fenced, is_missing, last_batch, prepare};
#[cfg(not(feature = "sqlx"))]
pub use crate::no_tx::{begin, finish, of_database, progress};
#[cfg(feature = "sqlx")]
pub use crate::tx::{OfDatabase, begin, finish, of_database, progress};

/// Traits that find the shape of a return type; without names, so that importing all of them hides nothing.
pub mod probe {
    pub use crate::again::AgainProbe as _;
    pub use crate::edge::PreviousProbe as _;
    pub use crate::handle::UnsaidProbe as _;
    pub use crate::joined::TxProbe as _;
    pub use crate::value::{
        ErrorProbe as _, MapProbe as _, OptionProbe as _, ResultProbe as _, SharedProbe as _,
    };
}

use crate::{
    Cache, Cacheable,
    key::{KeyPart, KeyWriter},
};
use std::future::Future;

/// The cache behind the `cache` option.
#[inline]
pub fn cache<C: HasCache + ?Sized>(at: &C) -> &Cache {
    at.cache()
}

/// The slot of a reader or writer whose value can be cached; where it can't, nothing else is asked of the slot.
#[inline]
pub fn storable<S: Shape>(slot: S) -> S {
    slot
}

/// The same for a batch.
#[inline]
pub fn storable_each<S: BatchShape>(slot: S) -> S::Same {
    slot.checked()
}

/// Text of the template.
#[inline]
pub fn text(key: &mut KeyBuilder, text: &str) {
    key.literal(text);
}

/// The key that these parts make.
pub fn key(parts: impl Fn(&mut KeyBuilder)) -> Key {
    KeyBuilder::rendered(parts)
}

/// A placeholder's value.
#[inline]
pub fn part<T: KeyPart + ?Sized>(key: &mut KeyBuilder, part: &T) {
    part.write(&mut KeyWriter::new(key));
}

/// An edge's argument.
#[inline]
pub fn edge_part<T: ?Sized, A: EdgeArg<T>>(key: &mut KeyBuilder, part: &A) {
    part.write(&mut KeyWriter::new(key));
}

/// `{` in the template.
#[inline]
pub fn open_partition(key: &mut KeyBuilder) {
    key.open_partition();
}

/// `}` in the template.
#[inline]
pub fn close_partition(key: &mut KeyBuilder) {
    key.close_partition();
}

/// The end of a group's last part.
#[inline]
pub fn mark_group(key: &mut KeyBuilder) {
    key.mark_group();
}

/// The parts of a key, if it belongs to the template.
pub fn parse<'k>(spec: &'static Spec, key: &'k str) -> Option<std::vec::IntoIter<&'k str>> {
    crate::key::split_parts(spec.template, key).map(IntoIterator::into_iter)
}

/// Steps over a part that is no argument.
pub fn skipped(parts: &mut std::vec::IntoIter<&str>) -> Option<()> {
    parts.next().map(|_| ())
}

/// The work after the call, which runs on a copy of the repository.
#[derive(Debug)]
pub struct AfterTheCall;

/// Whether it can have its copy.
#[diagnostic::on_unimplemented(
    message = "the work after the call runs on a copy of `{T}`, so it must be `Clone`, and `Send + Sync + 'static`",
    label = "a copy is made of it",
    note = "derive `Clone` on `{T}`: a cache and a pool are cheap to clone"
)]
pub trait RunsOn<T> {
    /// The copy.
    fn copied(this: &T) -> T;
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> RunsOn<T> for AfterTheCall {
    #[inline]
    fn copied(this: &T) -> T {
        this.clone()
    }
}

/// The copy for the work after the call.
#[inline]
pub fn copied<T>(this: &T) -> T
where
    AfterTheCall: RunsOn<T>,
{
    AfterTheCall::copied(this)
}

/// The arguments of a deferred write: whether they can wait is asked here.
#[inline]
pub fn lasting<P: Payload>(arguments: P) -> P {
    arguments
}

/// The value of a deferred write: whether it can be shown is asked here.
#[inline]
pub fn showable<V: Cacheable>(value: V) -> V {
    value
}

/// How a deferred write is flushed: whether that can be done from any thread is asked here.
#[inline]
pub fn detached<R, P, F: Future + Send + 'static>(deferring: Deferring<R, P, F>) -> Deferring<R, P, F> {
    deferring
}

/// Stands where a type must be told and no value is wanted: it is never called.
pub fn never<R>() -> R {
    unreachable!("this stands behind `if false`")
}

/// An argument that outlives the call.
#[inline]
pub fn owned<T: ToOwned + ?Sized>(argument: &T) -> T::Owned {
    argument.to_owned()
}
