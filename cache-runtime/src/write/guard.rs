//! How a write's effects reach the cache, however the write ends.

use super::Held;
use crate::{
    behind::Paused,
    cache::{Function, Inner},
    clock::Moment,
    edge::{Edge, EdgeName, Effects},
    flight::WriteEnd,
    key::{Key, KeyId},
    l1::L1Entry,
    observe::{Counter, Counters},
    shared::HOLD,
    spec::Spec,
    terms::Lives,
    value::{AnyArc, Outcome},
};
use std::{any::Any, future::Future, sync::Arc};
use tracing::Instrument;

/// A write under way. Dropped before its end, it leaves a tail behind that treats the outcome as unknown.
pub(super) struct Writing<'c> {
    inner: &'c Arc<Inner>,
    counters: &'c Counters,
    function: &'static str,
    /// Others disagree about the entries: the value is not kept.
    conflicting: bool,
    effects: Effects,
    own: Vec<Held>,
    /// Acknowledged writes to the same keys that the database did not take, and the guard that keeps them from being written after this one.
    undrained: Vec<(KeyId, u64)>,
    paused: Option<Paused>,
    ended: bool,
}

impl<'c> Writing<'c> {
    /// Announces a write. What write-behind functions have acknowledged for the same keys is written out first.
    pub(super) async fn begin(inner: &'c Arc<Inner>, function: &'c Function, effects: Effects) -> Self {
        let (conflicting, counters) = (function.conflicting(), &function.counters);
        let ids: Vec<KeyId> = effects.edges().iter().filter_map(Edge::key_id).collect();
        let mut writing = Self {
            inner,
            counters,
            function: function.spec.function,
            conflicting,
            effects,
            own: Vec::new(),
            undrained: Vec::new(),
            paused: None,
            ended: false,
        };
        for id in ids {
            writing.drain(id).await;
        }
        writing
    }

    async fn drain(&mut self, id: KeyId) {
        let behind = &self.inner.behind;
        let left = if self.paused.is_some() { behind.waiting(id) } else { behind.drain(id).await };
        if let Some(version) = left {
            self.undrained.push((id, version));
            if self.paused.is_none() {
                self.paused = behind.pause().await;
            }
        }
    }

    /// Takes a key: nothing is stored under it until the write ends.
    pub(super) async fn own(&mut self, key: Key, spec: &'static Spec) {
        let inner = self.inner;
        let id = key.id(spec.family_number());
        self.drain(id).await;
        let groups = (!key.groups.is_empty()).then(|| {
            key.groups.iter().map(|group| inner.groups.stamp(KeyId::of_group(&group.text))).collect()
        });
        let seat = inner.flights.begin_write(id, HOLD, || inner.l1.remove(id));
        self.own.push(Held { id, edge: Edge::of(spec, key), seat, groups, kept: None });
    }

    pub(super) fn effects(&mut self) -> &mut Effects {
        &mut self.effects
    }

    /// The value of an owned key, to be kept if no other write overlapped this one.
    pub(super) fn keep(&mut self, at: usize, value: AnyArc, weight: u32, lives: Lives) {
        // Where other processes share the store, only a fence before the write could make storing safe.
        if self.inner.remote.is_some() || self.conflicting || !lives.is_stored() {
            return;
        }
        let now = self.inner.clock.now();
        let hard = lives.time().map_or(Moment::NEVER, |time| now.plus(time));
        if let Some(own) = self.own.get_mut(at) {
            own.kept = Some(L1Entry::new(Some(value), hard, weight, own.groups.clone()));
        }
    }

    /// Runs the body.
    pub(super) async fn run<S: Outcome, F: Future<Output = S::Return>>(&mut self, body: F) -> S::Return {
        self.counters.add(Counter::Write);
        let span =
            tracing::debug_span!("cache.write", function = self.function, edges = self.effects.edges().len());
        let returned = body.instrument(span).await;
        if S::error(&returned).is_some() {
            self.counters.add(Counter::WriteFailed);
        }
        returned
    }

    /// Ends the write as its body did, and waits for the effects.
    pub(super) async fn end<S>(mut self, returned: &S::Return)
    where
        S: Outcome,
        S::Error: 'static,
    {
        let end = match S::error(returned) {
            None => WriteEnd::Committed,
            Some(error) if is_over(error) => WriteEnd::Over,
            Some(_) => WriteEnd::Unknown,
        };
        if end == WriteEnd::Committed {
            for (id, version) in std::mem::take(&mut self.undrained) {
                self.inner.behind.overtaken(self.inner, id, version).await;
            }
            let ids =
                self.own.iter().map(|own| own.id).chain(self.effects.edges().iter().filter_map(Edge::key_id));
            ids.for_each(|id| self.inner.behind.supersede(id));
        }
        if let Some(tail) = self.finish(end) {
            // Bounded by the fence deadline; what could not be sent is repeated by the cache.
            let _ = tail.await;
        }
    }

    /// Ends a write whose outcome doesn't matter: it is over.
    pub(super) async fn over(mut self) {
        if let Some(tail) = self.finish(WriteEnd::Over) {
            let _ = tail.await;
        }
    }

    /// Applies the effects here, and hands them to the tail for the shared store.
    fn finish(&mut self, end: WriteEnd) -> Option<tokio::task::JoinHandle<()>> {
        if std::mem::replace(&mut self.ended, true) {
            return None;
        }
        let effects = std::mem::take(&mut self.effects);
        let own = std::mem::take(&mut self.own);
        self.counters.add_many(Counter::Invalidation, (effects.edges().len() + own.len()) as u64);
        let inner = self.inner;
        let Some(remote) = &inner.remote else {
            apply(inner, &effects, own, end);
            return None;
        };
        let hold = (end == WriteEnd::Unknown).then_some(HOLD);
        let targets = own.iter().map(|own| &own.edge).chain(effects.edges()).map(Edge::target).collect();
        let shared = remote.shared.clone();
        let local = Arc::downgrade(inner);
        Some(remote.background.spawn(async move {
            shared.invalidate(targets, hold).await;
            // Only now: until the shared store knew, a reader could still have brought the old value back here.
            if let Some(inner) = local.upgrade() {
                apply(&inner, &effects, own, end);
            }
        }))
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        // The caller left while the body ran: the statement may still commit.
        drop(self.finish(WriteEnd::Unknown));
    }
}

/// Drops what a write made outdated from this process.
fn apply(inner: &Inner, effects: &Effects, own: Vec<Held>, end: WriteEnd) {
    for own in own {
        let Held { id, seat, kept, .. } = own;
        match kept {
            Some(entry) => seat.end(end, || inner.l1.insert(id, entry), || inner.l1.remove(id)),
            None => seat.end(end, || inner.l1.remove(id), || inner.l1.remove(id)),
        }
    }
    for edge in effects.edges() {
        invalidate(inner, edge, end);
    }
}

/// Drops one key or group from this process.
pub(crate) fn invalidate(inner: &Inner, edge: &Edge, end: WriteEnd) {
    match &edge.name {
        EdgeName::Key(id, _) => {
            let id = *id;
            let hold = (end == WriteEnd::Unknown).then_some(HOLD);
            inner.flights.invalidate(id, hold, || inner.l1.remove(id));
        }
        EdgeName::Group(group) => {
            let id = KeyId::of_group(&group.text);
            let hold = (end == WriteEnd::Unknown).then(|| inner.clock.now().plus(HOLD));
            inner.groups.invalidate(id, hold);
        }
    }
}

/// Whether an error says that the statement won't commit later: the database answered, or it was never asked.
fn is_over<E: 'static>(error: &E) -> bool {
    let error: &dyn Any = error;
    #[cfg(feature = "sqlx")]
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return !matches!(
            error,
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed
        );
    }
    let _ = error;
    false
}
