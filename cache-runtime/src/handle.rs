//! How the application steers one entry by hand.

use crate::{
    Cache,
    behind::{self, Drained},
    cache::Remote,
    edge::Edge,
    key::Key,
    mode::{self, Mode},
    read::{Call, Compared},
    shared::Shared,
    spec::Spec,
    store::{EntryKey, Fingerprint, Read, Store},
    terms::{Terms, loading},
    value::{BatchShape, Shape, Slot, ValueType},
    write,
};
use bytes::Bytes;
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

/// What a look at a stored entry and at its source has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Equal,
    /// This entry was there before the source was read, and after it.
    Differs(Bytes),
    /// Another entry has come, or none is left.
    Moved,
    /// A write is open, not yet in the database, or not yet told to the store.
    Busy,
    /// There is no entry that would answer.
    Gone,
    /// The source failed, or both can't be compared.
    Failed,
    /// The store did not answer.
    Unread,
}

impl<R: Send + 'static> Entry<'_, R> {
    /// Whether the entry has this name, as a key of the family.
    pub(crate) fn is(&self, family: &str, text: &str) -> bool {
        self.spec.family() == family && self.key() == text
    }

    pub(crate) fn variant(&self) -> u16 {
        self.operations.fingerprint(self.cache, self.spec).short()
    }

    /// Writes out what write-behind functions have acknowledged for the entry so far; `false` if the database did not take it within five seconds, or the queue doesn't say what
    /// is pending.
    pub async fn flush(&self) -> bool {
        let inner = &self.cache.0;
        let (_, edge) = self.edge();
        match behind::queued_key(&edge) {
            Some(key) => matches!(inner.behind.drain(&key).await, Ok(Drained::All)),
            None => true,
        }
    }

    pub(crate) fn edge(&self) -> (&'static Spec, Edge) {
        (self.spec, Edge::of(self.spec, self.key.clone()))
    }

    /// Compares what is stored with what the reader's body returns now.
    pub(crate) async fn look(self, remote: &Remote) -> Look {
        let Self { cache, spec, key, body, operations } = self;
        let (inner, shared, id) = (&cache.0, &*remote.shared, key.id(spec.family_number()));
        let stored = [EntryKey {
            text: key.text.clone(),
            partition: key.partition,
            template: spec.family().into(),
            fingerprint: operations.fingerprint(cache, spec),
            groups: key.groups.clone(),
        }];
        let busy = async || {
            inner.flights.is_written(id)
                || shared.unsent.concerns(&key, spec.family())
                || (spec.has_deferred_writers() && !matches!(inner.behind.look(&stored[0]).await, Ok(None)))
        };
        if busy().await {
            return Look::Busy;
        }
        let Some(before) = read_one(shared, &stored).await else { return Look::Unread };
        let Some(entry) = before.entry.clone() else { return Look::Gone };
        let source = mode::scope(Mode::Bypass, body).await;
        match operations.compare(cache, spec, &key, (shared, before), &source) {
            Compared::Agrees => return Look::Equal,
            Compared::NoAnswer => return Look::Gone,
            Compared::Unknown => return Look::Failed,
            Compared::Differs => {}
        }
        if busy().await {
            return Look::Busy;
        }
        match read_one(shared, &stored).await {
            None => Look::Unread,
            Some(after) if after.entry.as_ref() == Some(&entry) => Look::Differs(entry),
            Some(_) => Look::Moved,
        }
    }
}

async fn read_one(shared: &Shared, key: &[EntryKey; 1]) -> Option<Read> {
    Some(shared.store.read(key).await.ok()?.into_iter().next().unwrap_or_default())
}

impl<R: 'static> fmt::Debug for Entry<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("function", &self.spec.function).finish_non_exhaustive()
    }
}

/// What an entry can do, with the value's type forgotten.
trait Operations<R>: Send + Sync {
    fn fingerprint(&self, cache: &Cache, spec: &'static Spec) -> Fingerprint;
    /// Whether a stored entry is what the source says.
    fn compare(
        &self,
        cache: &Cache,
        spec: &'static Spec,
        key: &Key,
        entry: (&Shared, Read),
        source: &R,
    ) -> Compared;
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
    fn fingerprint(&self, cache: &Cache, spec: &'static Spec) -> Fingerprint {
        cache.0.function_of::<S::Value>(spec).fingerprint::<S::Value>()
    }

    fn compare(
        &self,
        cache: &Cache,
        spec: &'static Spec,
        key: &Key,
        (shared, read): (&Shared, Read),
        source: &S::Return,
    ) -> Compared {
        Call::<S>::new(&cache.0, spec, key.clone()).compare(shared, read, source)
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
