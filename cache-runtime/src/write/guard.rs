//! How a write's effects reach the cache, however the write ends.

use super::{
    Held, Intent, Refusal, is_over,
    obstacle::{Obstacle, Overtaking},
    tail::{Tail, distinct},
};
use crate::{
    Cacheable, Error, ErrorKind,
    behind::{self, Drained, Paused},
    cache::{Function, Inner},
    clock::Moment,
    codec,
    edge::{Edge, EdgeName, Effects},
    flight::WriteEnd,
    key::{Key, KeyId},
    l1::L1Entry,
    level::Level,
    observe::Counter,
    shared::{HOLD, Making},
    spec::{Spec, Writes},
    store::{EntryKey, Kept, StoreError, Version},
    terms::Lives,
    value::{AnyArc, Outcome, View},
};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::Instant;
use tracing::Instrument;

/// How long a write that could not wait for what is pending waits until no flusher is writing it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A write under way. Dropped before its end, it leaves a tail behind that treats the outcome as unknown.
pub(super) struct Writing<'c> {
    inner: &'c Arc<Inner>,
    function: &'c Function,
    effects: Effects,
    own: Vec<Held>,
    /// The announcement in the shared store, where something that is known before the body is strict.
    intent: Option<Intent>,
    /// The body has begun: until then nothing can have been written.
    made: bool,
    /// It would rather not be made than not be announced.
    refusing: bool,
    /// Acknowledged writes to the same keys that the database did not take, and the guard that keeps them from being written after this one.
    undrained: Vec<(EntryKey, u64)>,
    /// Why what is pending for a key may be written over this write.
    obstacle: Option<Obstacle>,
    overtaking: Overtaking,
    paused: Option<Paused>,
    /// How long it waits for others' flushes.
    settled_by: Option<Instant>,
    ended: bool,
}

impl<'c> Writing<'c> {
    /// The write of a function that is called; none where the cache is disabled.
    pub(super) async fn called(
        inner: &'c Arc<Inner>,
        function: &'c Function,
        effects: Effects,
    ) -> Option<Self> {
        if !inner.enabled {
            function.counters.add(Counter::Bypass);
            return None;
        }
        Some(Self::begin(inner, function, effects, Overtaking::Allowed).await)
    }

    /// Takes what the write drops. What write-behind functions have acknowledged for the same keys is written out first.
    pub(super) async fn begin(
        inner: &'c Arc<Inner>,
        function: &'c Function,
        effects: Effects,
        overtaking: Overtaking,
    ) -> Self {
        let keys: Vec<EntryKey> = effects.edges().iter().filter_map(behind::queued_key).collect();
        let mut writing = Self::undrained(inner, function, effects);
        writing.overtaking = overtaking;
        for key in keys {
            writing.drain(key).await;
        }
        writing
    }

    /// The same for a write that may come before what is acknowledged.
    pub(super) fn undrained(inner: &'c Arc<Inner>, function: &'c Function, effects: Effects) -> Self {
        Self {
            inner,
            function,
            effects,
            own: Vec::new(),
            intent: None,
            made: false,
            refusing: false,
            undrained: Vec::new(),
            obstacle: None,
            overtaking: Overtaking::Allowed,
            paused: None,
            settled_by: None,
            ended: false,
        }
    }

    /// Writes out what is pending for a key. Once that was in vain it waits for no other key.
    async fn drain(&mut self, key: EntryKey) {
        let behind = &self.inner.behind;
        let in_vain = matches!(self.obstacle, Some(Obstacle::Flushing | Obstacle::Left));
        let waits = self.paused.is_none() && !in_vain;
        let drained = if waits { behind.drain(&key).await } else { behind.waiting(&key).await };
        let (left, obstacle) = match drained {
            Ok(Drained::All) => (0, None),
            Ok(Drained::Halted(version)) => (version, Some(Obstacle::Halted)),
            Ok(Drained::Left(version)) if self.overtaking == Overtaking::Refused => {
                (version, Some(Obstacle::Left))
            }
            Ok(Drained::Left(version)) if in_vain => (version, None),
            Ok(Drained::Left(version)) => (version, self.hold_back(&key).await),
            Err(error) => (0, Some(Obstacle::Unasked(error))),
        };
        self.obstacle = obstacle.or(self.obstacle.take());
        // Also if nothing is left: dead letters of the key are older than this write.
        self.undrained.push((key, left));
    }

    /// Sees to it that what is left is not written while this write runs; whether that can't be had.
    async fn hold_back(&mut self, key: &EntryKey) -> Option<Obstacle> {
        let behind = &self.inner.behind;
        if self.paused.is_none() {
            self.paused = behind.pause().await;
        }
        let deadline = *self.settled_by.get_or_insert_with(|| Instant::now() + PATIENCE);
        let still = self.paused.is_some() && behind.settled_by(key, deadline).await;
        (!still).then_some(Obstacle::Flushing)
    }

    /// Takes a key: nothing is stored under it until the write ends.
    pub(super) async fn own(&mut self, key: Key, spec: &'static Spec) {
        let inner = self.inner;
        let id = key.id(spec.family_number());
        let edge = Edge::of(spec, key);
        if let Some(key) = behind::queued_key(&edge) {
            self.drain(key).await;
            if !spec.coalesce || spec.writes == Writes::Deltas {
                // Events and deltas that were given up before are as good as ever.
                self.undrained.pop();
            }
        }
        let EdgeName::Key(_, key) = &edge.name else { return };
        let groups = inner.group_stamps(key);
        let seat = inner.flights.begin_write(id, HOLD, || inner.l1.remove(id));
        self.own.push(Held { id, edge, seat, groups, kept: None, stored: None, version: None });
    }

    /// What it drops besides its own keys and has to announce: what belongs to a strict template, or all if it says so itself.
    fn strict_edges(&self) -> impl Iterator<Item = &Edge> {
        let all_strict = self.function.spec.level == Some(Level::Strict);
        self.effects.edges().iter().filter(move |edge| all_strict || edge.is_strict())
    }

    /// Announces the write in the shared store, as far as what is known of it by now is strict.
    async fn announce(&mut self) -> Result<(), StoreError> {
        let Some(remote) = &self.inner.remote else { return Ok(()) };
        let own_strict = self.function.spec.level_in_force() == Level::Strict;
        let own = self.own.iter().map(|own| &own.edge).filter(|_| own_strict);
        let targets = distinct(own.chain(self.strict_edges()).map(Edge::target));
        if targets.is_empty() {
            return Ok(());
        }
        self.intent.insert(Intent::new(remote, targets)).begin().await?;
        // From here on nothing comes back into the memory of this process, and others have been told.
        for edge in self.strict_edges() {
            invalidate(self.inner, edge, WriteEnd::Committed);
        }
        Ok(())
    }

    /// The same; what can't be announced is made as at level lease.
    async fn announce_or_go_on(&mut self) {
        if let Err(error) = self.announce().await {
            self.function.counters.add(Counter::FenceFailed);
            let function = self.function.spec.function;
            tracing::warn!(%error, function, "a strict write could not be announced and is made as at level lease");
        }
    }

    /// The value of an owned key: to be kept if no other write overlapped this one.
    pub(super) fn keep<V: Cacheable>(
        &mut self,
        at: usize,
        value: &V,
        kept: impl FnOnce() -> AnyArc,
        lives: Lives,
        version: Option<Version>,
    ) {
        let Some(own) = self.own.get_mut(at) else { return };
        // Older rows are kept out even if this one isn't kept.
        own.version = version;
        // What a transaction has written is known to others only when it has committed.
        if self.function.conflicting() || !lives.is_stored() || self.effects.joined().is_some() {
            return;
        }
        match &self.inner.remote {
            None => {
                let now = self.inner.clock.now();
                let hard = lives.time().map_or(Moment::NEVER, |time| now.plus(time));
                own.kept = Some(L1Entry::new(Some(kept()), hard, codec::estimate(value), own.groups.clone()));
            }
            Some(remote) => {
                let announced = self.intent.as_ref().is_some_and(Intent::is_intact);
                let EdgeName::Key(_, key) = &own.edge.name else { return };
                // The generations of groups are not known here; the next load finds them.
                if !announced || !key.groups.is_empty() {
                    return;
                }
                let (shared, spec) = (&remote.shared, self.function.spec);
                let making = Making {
                    fingerprint: self.function.fingerprint::<V>(),
                    epoch: shared.epoch(key.partition),
                    stamps: Vec::new(),
                    version,
                    lives: lives.time(),
                    refresh_at: spec.refresh_at,
                    cost: Duration::ZERO,
                };
                let (fingerprint, epoch, ttl) = (making.fingerprint, making.epoch, making.lives);
                let entry = making.entry(shared, Some(value), spec.function, &self.function.counters);
                own.stored = entry.map(|entry| Kept { fingerprint, entry, ttl, epoch });
            }
        }
    }

    /// The error of a write that is not made, because something else would be written over it, or given up for it.
    pub(super) fn refused(&mut self) -> Option<Error> {
        Some(self.obstacle.take()?.refused(self.function.spec.function))
    }

    /// The write is made all the same.
    fn go_on(&mut self) {
        if let Some(obstacle) = self.obstacle.take() {
            obstacle.ignored(self.function.spec.function);
        }
    }

    /// Announces the write and runs it; nothing is known of what it returns.
    pub(super) async fn plain<T>(&mut self, body: impl Future<Output = T>) -> T {
        self.go_on();
        self.announce_or_go_on().await;
        self.made = true;
        body.await
    }

    /// Announces the write and runs its body; refuses it instead if it can't be announced, or what is pending may be written over it, and `refusal` says so. What it returned may
    /// have more effects.
    pub(super) async fn run<S: Outcome, F: Future<Output = S::Return>>(
        &mut self,
        body: F,
        refusal: Refusal<S::Error>,
        on_result: impl FnOnce(&S::Inner, &mut Effects),
    ) -> S::Return {
        self.refusing = refusal.is_some();
        match refusal {
            None => {
                self.go_on();
                self.announce_or_go_on().await;
            }
            Some(carry) => {
                if let Some(error) = self.refused() {
                    return S::fail(carry(error));
                }
                if let Err(error) = self.announce().await {
                    self.function.counters.add(Counter::FenceFailed);
                    let function = self.function.spec.function;
                    let message =
                        format!("`{function}` could not be announced in the shared store, so it was not run");
                    return S::fail(carry(Error::with_source(ErrorKind::Fence, message, error)));
                }
            }
        }
        self.made = true;
        self.function.counters.add(Counter::Write);
        let span = tracing::debug_span!(
            "cache.write",
            function = self.function.spec.function,
            edges = self.effects.edges().len()
        );
        let returned = body.instrument(span).await;
        if S::error(&returned).is_some() {
            self.function.counters.add(Counter::WriteFailed);
        }
        if let View::Value(result) = S::inner(&returned) {
            on_result(result, &mut self.effects);
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
            Some(_) if !self.made => WriteEnd::Over,
            Some(error) if is_over(error) => WriteEnd::Over,
            Some(_) => WriteEnd::Unknown,
        };
        let Some(tail) = self.tail() else { return };
        if let Some(told) = tail.finish(self.inner, end) {
            // Bounded by the fence deadline; what could not be sent is repeated by the cache.
            let _ = told.await;
        }
    }

    /// Ends a write whose outcome doesn't matter: it is over.
    pub(super) async fn over(mut self) {
        if let Some(told) = self.tail().and_then(|tail| tail.finish(self.inner, WriteEnd::Over)) {
            let _ = told.await;
        }
    }

    /// What is left to do, unless it waits for a transaction: that decides, whatever this statement came to.
    fn tail(&mut self) -> Option<Tail> {
        if std::mem::replace(&mut self.ended, true) {
            return None;
        }
        let effects = std::mem::take(&mut self.effects);
        let own = std::mem::take(&mut self.own);
        self.function.counters.add_many(Counter::Invalidation, (effects.edges().len() + own.len()) as u64);
        let joined = effects.joined().filter(|_| self.made).cloned();
        let tail = Tail {
            spec: self.function.spec,
            intent: self.intent.take(),
            own,
            effects,
            undrained: std::mem::take(&mut self.undrained),
            paused: self.paused.take(),
        };
        let Some(joined) = joined else { return Some(tail) };
        joined.leave(self.inner.clone(), tail, self.refusing);
        None
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        // The caller left. If the body had begun the statement may still commit.
        let end = if self.made { WriteEnd::Unknown } else { WriteEnd::Over };
        if let Some(tail) = self.tail() {
            drop(tail.finish(self.inner, end));
        }
    }
}

/// Keeps a written value in this process, if it may be kept.
pub(crate) fn keep(inner: &Inner, id: KeyId, kept: Option<L1Entry>) {
    match kept {
        Some(entry) => inner.l1.insert(id, entry),
        None => inner.l1.remove(id),
    }
}

/// Drops what a write made outdated from this process.
pub(super) fn apply(inner: &Inner, effects: &Effects, own: Vec<Held>, end: WriteEnd) {
    for own in own {
        own.seat.end(end, || keep(inner, own.id, own.kept), || inner.l1.remove(own.id));
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
