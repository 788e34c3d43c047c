//! How the application steers one entry by hand.

use crate::{
    Cache,
    edge::Edge,
    key::Key,
    read::Call,
    spec::Spec,
    terms::{Terms, loading},
    value::{BatchShape, Shape, Slot, ValueType},
    write,
};
use std::{fmt, future::Future, marker::PhantomData, pin::Pin};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One entry of a cached reader, made by the method `<reader>_entry(..)` that `#[repository]` adds beside it.
///
/// Everything speaks the reader's return type `R`: what it would have returned.
#[must_use]
pub struct Entry<'a, R: 'static> {
    cache: &'a Cache,
    spec: &'static Spec,
    key: Key,
    body: Boxed<'a, R>,
    operations: Box<dyn Operations<R> + 'a>,
}

/// What else is made of a slot whose value can be cached.
impl<R, F, O, A> Slot<R, F, O, A>
where
    Self: Shape<Return = R>,
{
    /// The entry of a call.
    pub fn entry<'a, T>(
        self,
        cache: &'a Cache,
        spec: &'static Spec,
        key: Key,
        terms: T,
        body: impl Future<Output = R> + Send + 'a,
    ) -> Entry<'a, R>
    where
        R: Send,
        T: Terms<<Self as Shape>::Value> + Send + Sync + 'a,
    {
        // Attached now, so that invalidating before the first read is counted, too.
        cache.0.function_of::<<Self as Shape>::Value>(spec);
        let operations = Box::new(Typed { terms, slot: PhantomData::<fn() -> Self> });
        Entry { cache, spec, key, body: Box::pin(body), operations }
    }

    /// The type of a reader's or writer's values.
    pub fn value_type(self, schema: Option<u32>) -> ValueType {
        ValueType::of::<<Self as Shape>::Value>(schema)
    }
}

impl<R, F, O, A> Slot<R, F, O, A>
where
    Self: BatchShape<Return = R>,
{
    /// The type of a batch's values.
    pub fn value_type_each(self, schema: Option<u32>) -> ValueType {
        ValueType::of::<<Self as BatchShape>::Value>(schema)
    }
}

/// The same where the value can't be cached: the function itself says so, and one mistake is said once.
pub trait UnsaidProbe: Sized {
    /// No entry.
    fn entry<'a, T, R>(
        self,
        _: &'a Cache,
        _: &'static Spec,
        _: Key,
        _: T,
        _: impl Future<Output = R>,
    ) -> Entry<'a, R> {
        unreachable!("{UNSAID}")
    }

    /// No type.
    fn value_type(self, _: Option<u32>) -> ValueType {
        unreachable!("{UNSAID}")
    }

    /// No type.
    fn value_type_each(self, _: Option<u32>) -> ValueType {
        unreachable!("{UNSAID}")
    }
}

const UNSAID: &str = "the program doesn't compile: the function asks for a value that can be cached";

impl<R, F, O, A> UnsaidProbe for Slot<R, F, O, A> {}

impl<R: Send + 'static> Entry<'_, R> {
    /// The key's text, such as `product:42`.
    pub fn key(&self) -> &str {
        self.key.as_str()
    }

    /// The key under which Redis has the entry, such as `shop:d:{..}:product:42#1a2b`; `None` without Redis.
    #[cfg(feature = "redis")]
    pub fn physical_key(&self) -> Option<String> {
        let names = self.cache.0.remote.as_ref()?.names.as_ref()?;
        let fingerprint = self.operations.fingerprint(self.cache, self.spec);
        Some(names.data(&self.key.text, self.key.partition, fingerprint))
    }

    /// What the cache has, without loading: `None` when it has nothing.
    pub async fn peek(&self) -> Option<R> {
        self.operations.peek(self.cache, self.spec, &self.key).await
    }

    /// Drops the entry, here and in the shared store; loads in flight are not stored.
    pub async fn invalidate(&self) {
        self.write(async {}).await;
    }

    /// Runs the reader's body now and stores what it returns, unless the entry is invalidated meanwhile.
    pub async fn refresh(self) -> R {
        self.operations.load(self.cache, self.spec, self.key, self.body).await
    }

    /// Stores what `load` returns, unless the entry is invalidated meanwhile; for values that come from elsewhere than the reader's body.
    ///
    /// The load is part of the call because a value read earlier could be outdated by now.
    pub async fn prime(self, load: impl Future<Output = R> + Send) -> R {
        self.operations.load(self.cache, self.spec, self.key, Box::pin(load)).await
    }

    /// Runs a write that makes the entry outdated, and drops the entry.
    ///
    /// A `write` that returns, whatever it returns, is taken as over. One that is cancelled may still commit: the entry is dropped, and no load
    /// that begins within 10 s is stored under its key.
    pub async fn write<T>(&self, write: impl Future<Output = T>) -> T {
        let edge = Edge::of(self.spec, self.key.clone());
        write::around(self.cache, self.spec, edge, write).await
    }
}

impl<R: 'static> fmt::Debug for Entry<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("function", &self.spec.function).finish_non_exhaustive()
    }
}

/// What an entry can do, with the value's type forgotten.
trait Operations<R>: Send + Sync {
    #[cfg(feature = "redis")]
    fn fingerprint(&self, cache: &Cache, spec: &'static Spec) -> crate::store::Fingerprint;
    fn peek<'a>(&'a self, cache: &'a Cache, spec: &'static Spec, key: &'a Key) -> Boxed<'a, Option<R>>;
    fn load<'a>(
        &'a self,
        cache: &'a Cache,
        spec: &'static Spec,
        key: Key,
        body: Boxed<'a, R>,
    ) -> Boxed<'a, R>;
}

struct Typed<S, T> {
    terms: T,
    slot: PhantomData<fn() -> S>,
}

impl<S, T> Operations<S::Return> for Typed<S, T>
where
    S: Shape,
    S::Return: Send,
    T: Terms<S::Value> + Send + Sync,
{
    #[cfg(feature = "redis")]
    fn fingerprint(&self, cache: &Cache, spec: &'static Spec) -> crate::store::Fingerprint {
        cache.0.function_of::<S::Value>(spec).fingerprint::<S::Value>()
    }

    fn peek<'a>(
        &'a self,
        cache: &'a Cache,
        spec: &'static Spec,
        key: &'a Key,
    ) -> Boxed<'a, Option<S::Return>> {
        Box::pin(async move { Call::<S>::new(&cache.0, spec, key.clone()).look().await })
    }

    fn load<'a>(
        &'a self,
        cache: &'a Cache,
        spec: &'static Spec,
        key: Key,
        body: Boxed<'a, S::Return>,
    ) -> Boxed<'a, S::Return> {
        Box::pin(async move {
            let returned = loading::<S, _>(spec, &self.terms, body);
            Call::<S>::new(&cache.0, spec, key).reload(returned).await
        })
    }
}
