//! What happens when a batch reader is called: what is there is taken from where it is, and one body loads the rest.

mod flights;
mod sources;
mod sums;

use super::{Call, sums::Waited};
use crate::{
    Cache,
    cache::{Function, Inner},
    flight::Leader,
    key::{Key, KeyBuilder, KeyId},
    mode::{self, Mode},
    observe::Counter,
    spec::Spec,
    store::Seen,
    terms::Terms,
    value::{BatchShape, Keys, One, Outcome, Shape},
};
use std::{future::Future, marker::PhantomData, sync::Arc};
use tokio::time::Instant;

/// The ids of a batch, owned.
pub fn ids<T: Clone>(ids: &[T]) -> Vec<T> {
    ids.to_vec()
}

/// Answers a batch, whose elements are the keys of the map. Cancelling it is harmless, as for a single load.
pub fn load_each<S, I, T, B, F>(
    _: S,
    cache: &Cache,
    spec: &'static Spec,
    elements: Vec<I>,
    key_of: impl Fn(&mut KeyBuilder, &I),
    terms: T,
    body: B,
) -> impl Future<Output = S::Return>
where
    S: BatchShape,
    S::Id: Keys<I>,
    S::Value: crate::Cacheable,
    T: Terms<S::Value>,
    B: Fn(Vec<I>) -> F,
    F: Future<Output = S::Return>,
{
    let key_of = move |key: &mut KeyBuilder, id: &S::Id| key_of(key, id.element());
    load_ids::<S, T, _, F>(cache, spec, S::Id::of(elements), key_of, terms, move |ids| {
        body(S::Id::elements(ids))
    })
}

/// Answers a batch. `body` gets the ids that nobody else has or is loading; it runs again only for those whose loader failed.
///
/// Cancelling it is harmless, as for a single load.
async fn load_ids<S, T, B, F>(
    cache: &Cache,
    spec: &'static Spec,
    ids: Vec<S::Id>,
    key_of: impl Fn(&mut KeyBuilder, &S::Id),
    terms: T,
    body: B,
) -> S::Return
where
    S: BatchShape,
    T: Terms<S::Value>,
    B: Fn(Vec<S::Id>) -> F,
    F: Future<Output = S::Return>,
{
    let inner = &*cache.0;
    let function = inner.function_of::<S::Value>(spec);
    let wanted = terms.wanted() && !function.conflicting();
    let mode = if wanted { mode::current() } else { Mode::Bypass };
    if !inner.enabled {
        function.counters.add(Counter::Bypass);
        function.counters.add(Counter::Load);
        return Box::pin(body(ids)).await;
    }
    let mut batch = Batch {
        inner,
        function,
        terms,
        mode,
        found: Vec::new(),
        adding: Vec::new(),
        drained_by: None,
        returned: None::<S::Return>,
        shape: PhantomData::<S>,
    };
    let mut open = batch.in_process(ids, key_of).await;
    if mode == Mode::Bypass {
        return batch.bypass(open, &body).await;
    }
    batch.in_store(&mut open).await;
    if mode == Mode::Usual {
        function.counters.add_many(Counter::Miss, open.len() as u64);
    }
    let mut followed = Vec::new();
    while !open.is_empty() || !followed.is_empty() {
        let mine = batch.join(open);
        followed.extend(mine.followed);
        // Loads come before waits: who leads and waits at once may be waited for in turn.
        if let Err(failed) = batch.load(mine.led, mine.direct, &body).await {
            return failed;
        }
        open = match batch.follow(&mut followed).await {
            Ok(open) => open,
            Err(failed) => return failed,
        };
    }
    match batch.add_deltas(&body).await {
        Ok(()) => batch.finish(),
        Err(failed) => failed,
    }
}

/// One batch under way.
struct Batch<'c, S: BatchShape, T> {
    inner: &'c Inner,
    function: &'c Function,
    terms: T,
    mode: Mode,
    found: Vec<(S::Id, Arc<S::Value>)>,
    /// Deltas wait for these: they are loaded by themselves.
    adding: Vec<Open<S::Id>>,
    /// Up to when what is pending is waited for, once something is.
    drained_by: Option<Instant>,
    /// What the first body returned; the rest is added to it.
    returned: Option<S::Return>,
    shape: PhantomData<S>,
}

/// One id that has still to be answered.
struct Open<I> {
    id: I,
    name: KeyId,
    key: Key,
    /// The entry of the shared store that could not be used.
    seen: Option<Seen>,
    /// Whether the shared store may be asked for leave.
    reachable: bool,
    /// Leadership that a follower was handed.
    leader: Option<Leader>,
    /// Its leader's error was its own: this caller finds out for itself.
    alone: bool,
    newer: Newer,
    waited: Waited,
}

/// What is acknowledged for an id that is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Newer {
    Nothing,
    /// It can't be shown: it has to be flushed first.
    Unshown,
    /// It may be that something is, and is not shown: what is loaded is not kept.
    Perhaps,
}

impl<I> Open<I> {
    fn open_alone(mut self, open: &mut Vec<Self>) {
        self.alone = true;
        open.push(self);
    }
}

impl<S, T> Batch<'_, S, T>
where
    S: BatchShape,
    T: Terms<S::Value>,
{
    /// Runs the body for what is open, and stores nothing.
    async fn bypass<B, F>(mut self, open: Vec<Open<S::Id>>, body: &B) -> S::Return
    where
        B: Fn(Vec<S::Id>) -> F,
        F: Future<Output = S::Return>,
    {
        self.function.counters.add(Counter::Bypass);
        if !open.is_empty() || (self.found.is_empty() && self.adding.is_empty()) {
            self.function.counters.add(Counter::Load);
            let returned = Box::pin(body(open.into_iter().map(|here| here.id).collect())).await;
            if <S as Outcome>::error(&returned).is_some() {
                self.function.counters.add(Counter::LoadFailed);
                return returned;
            }
            self.take(returned);
        }
        match self.add_deltas(body).await {
            Ok(()) => self.finish(),
            Err(failed) => failed,
        }
    }

    fn take(&mut self, returned: S::Return) {
        if self.returned.is_none() {
            self.returned = Some(returned);
            return;
        }
        for id in S::ids(&returned) {
            if let Some(value) = S::keep(&returned, &id) {
                self.found.push((id, value));
            }
        }
    }

    fn finish(self) -> S::Return {
        let found = self.found.into_iter();
        match self.returned {
            Some(mut returned) => {
                S::extend(&mut returned, found);
                returned
            }
            None => S::collect(found),
        }
    }

    /// One id, as a call that returns `Option<Arc<V>>`.
    fn call(&self, here: &Open<S::Id>) -> Call<'_, One<S::Value>> {
        Call {
            inner: self.inner,
            function: self.function,
            key: here.key.clone(),
            id: here.name,
            unasked: false,
            slot: PhantomData,
        }
    }
}

const _: fn() = || {
    fn is_shape<S: Shape>() {}
    is_shape::<One<u8>>();
};
