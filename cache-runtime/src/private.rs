//! Everything that expansions name; nobody else should.

pub use crate::{
    behind::enqueue,
    cache::HasCache,
    edge::{Edge, EdgeArg, Effects, Previous},
    error::Carries,
    handle::entry,
    key::{Key, KeyBuilder, borrowed_secret, owned_secret, sensitive, split_joints, unescape},
    read::{hit, hit_refreshing, ids, load, load_each, load_refreshing, load_within},
    spec::{Spec, SpecEdge, Specs, Strategy},
    terms::{Ttl, about, always, apply, as_declared, at_most, terms, terms_each, terms_of},
    value::{BatchShape, Outcome, Shape, View, slot},
    write::{invalidating, own_key, write_each, write_through, write_value},
};

pub use ::inventory::submit;

#[cfg(feature = "sqlx")]
pub use crate::tx::{begin, finish};

/// Traits that find the shape of a return type; without names, so that importing all of them hides nothing.
pub mod probe {
    pub use crate::edge::PreviousProbe as _;
    pub use crate::value::{
        ErrorProbe as _, MapProbe as _, OptionProbe as _, ResultProbe as _, SharedProbe as _,
    };
}

use crate::{
    Cache, Cacheable, ValueType,
    key::{KeyPart, KeyWriter},
};

/// The cache behind the `cache` option.
#[inline]
pub fn cache<C: HasCache + ?Sized>(at: &C) -> &Cache {
    at.cache()
}

/// Checks that the value of a reader or writer can be cached.
#[inline]
pub fn storable<S: Shape>(_: &S)
where
    S::Value: Cacheable,
{
}

/// Checks that the values of a batch can be cached.
#[inline]
pub fn storable_each<S: BatchShape>(_: &S)
where
    S::Value: Cacheable,
{
}

/// The type of a reader's or writer's values.
pub fn value_type<S: Shape>(_: S, schema: Option<u32>) -> ValueType
where
    S::Value: Cacheable,
{
    ValueType::of::<S::Value>(schema)
}

/// The type of a batch's values.
pub fn value_type_each<S: BatchShape>(_: S, schema: Option<u32>) -> ValueType
where
    S::Value: Cacheable,
{
    ValueType::of::<S::Value>(schema)
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

/// The next part as a value.
pub fn parsed<T: KeyPart>(parts: &mut std::vec::IntoIter<&str>) -> Option<T> {
    T::parse(parts.next()?)
}

/// Steps over a part that is no argument.
pub fn skipped(parts: &mut std::vec::IntoIter<&str>) -> Option<()> {
    parts.next().map(|_| ())
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
