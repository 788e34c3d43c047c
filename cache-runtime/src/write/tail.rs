//! What is left to do when the body of a write is over, however it ended.
//!
//! It runs to its end whatever becomes of the caller. Inside a transaction it waits until that is decided.

use super::{Held, Intent, guard::apply};
use crate::{
    behind::Paused,
    cache::Inner,
    edge::{Edge, Effects},
    flight::WriteEnd,
    observe::{Counter, Counters},
    shared::Shared,
    spec::Spec,
    store::{Ended, EntryKey, Kept, Target, Version, Written},
};
use std::{collections::HashMap, future::Future, sync::Arc};
use tokio::{runtime::Handle, task::JoinHandle};

/// A write whose end is still to be told.
pub(crate) struct Tail {
    pub(super) spec: &'static Spec,
    pub(super) intent: Option<Intent>,
    pub(super) own: Vec<Held>,
    pub(super) effects: Effects,
    /// Acknowledged writes to the same keys that the database did not take before this one.
    pub(super) undrained: Vec<(EntryKey, u64)>,
    /// Keeps them from being written after this one, until it is known whether it has committed.
    pub(super) paused: Option<Paused>,
}

/// What became of it.
#[derive(Debug, Default)]
struct Told {
    kept: u64,
    lost: u64,
}

impl Told {
    fn count(&self, counters: &Counters) {
        counters.add_many(Counter::WriteKept, self.kept);
        counters.add_many(Counter::IntentLost, self.lost);
    }
}

impl Tail {
    /// Tells the shared store, then this process; the handle is done when both know. A single process knows at once.
    pub(crate) fn finish(mut self, inner: &Arc<Inner>, end: WriteEnd) -> Option<JoinHandle<()>> {
        let overtaking = self.overtake(inner, end);
        let Some(remote) = &inner.remote else {
            apply(inner, &self.effects, self.own, end);
            // Outside of a runtime nobody flushes in this process either.
            return overtaking.and_then(|overtaking| Some(Handle::try_current().ok()?.spawn(overtaking)));
        };
        let (shared, local) = (remote.shared.clone(), Arc::downgrade(inner));
        Some(remote.background.spawn(async move {
            if let Some(overtaking) = overtaking {
                overtaking.await;
            }
            let told = self.tell(&shared, end).await;
            // Only now: until the shared store knew, a reader could still have brought the old value back here.
            if let Some(inner) = local.upgrade() {
                if let Some(function) = inner.known_function(self.spec) {
                    told.count(&function.counters);
                }
                apply(&inner, &self.effects, self.own, end);
            }
        }))
    }

    /// The write has committed: what was acknowledged for its keys before it must not be written after it. Nothing is flushed here until that is done.
    fn overtake(
        &mut self,
        inner: &Arc<Inner>,
        end: WriteEnd,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        let (undrained, paused) = (std::mem::take(&mut self.undrained), self.paused.take());
        if undrained.is_empty() || end != WriteEnd::Committed {
            return None;
        }
        let behind = inner.behind.clone();
        Some(async move {
            for (key, version) in undrained {
                behind.overtaken(&key, version).await;
                behind.settled(&key).await;
            }
            drop(paused);
        })
    }

    /// Whether it is announced, or should be.
    pub(crate) fn is_strict(&self) -> bool {
        self.intent.is_some()
    }

    /// Makes sure that what should be announced is, and stays so for its whole length from now on.
    #[cfg(feature = "sqlx")]
    pub(crate) async fn confirm(&self) -> Result<(), crate::store::StoreError> {
        match &self.intent {
            Some(intent) => intent.confirm().await,
            None => Ok(()),
        }
    }

    /// Bounded by the fence deadline; what could not be told is repeated by the cache.
    async fn tell(&mut self, shared: &Shared, end: WriteEnd) -> Told {
        let targets = self.targets(end);
        if end == WriteEnd::Unknown {
            // It may still commit: everything is held from now on, and what is announced stays so until that is known to the store.
            let held = shared.invalidate(targets, Some(shared.intent)).await;
            if let Some(intent) = self.intent.take().filter(|_| !held) {
                let length = shared.intent;
                tokio::spawn(async move {
                    tokio::time::sleep(length).await;
                    drop(intent);
                });
            }
            return Told::default();
        }
        let Some(mut intent) = self.intent.take() else {
            shared.invalidate(targets, None).await;
            return Told::default();
        };
        intent.stop();
        let (announced, rest): (Vec<_>, Vec<_>) =
            targets.into_iter().partition(|target| intent.covers(target));
        // An announcement that was not confirmed, or was lost, proves nothing about what came in between.
        let in_order = end == WriteEnd::Committed && intent.is_intact();
        let mut kept: HashMap<Target, Kept> = HashMap::new();
        for own in self.own.iter_mut().filter(|_| in_order) {
            kept.extend(own.stored.take().map(|stored| (own.edge.target(), stored)));
        }
        let mut kept = |target: &Target| kept.remove(&target.clone().without_version());
        let written = announced.into_iter().map(|target| Written { kept: kept(&target), target }).collect();
        let (known, lost) = (intent.is_intact(), intent.is_lost());
        let (ended, ()) = tokio::join!(intent.end(written), async {
            if !rest.is_empty() {
                shared.invalidate(rest, None).await;
            }
        });
        let count = |what: fn(&Ended) -> bool| ended.iter().filter(|ended| what(ended)).count() as u64;
        let lost = lost || (known && count(|ended| !ended.intact) > 0);
        Told { kept: count(|ended| ended.stored), lost: u64::from(lost) }
    }

    /// Everything that the write made outdated; if it has committed, with the versions of its rows, as far as they are known.
    fn targets(&self, end: WriteEnd) -> Vec<Target> {
        let told = |version: Option<Version>| version.filter(|_| end == WriteEnd::Committed);
        let own = self.own.iter().map(|own| own.edge.target().with_version(told(own.version)));
        let named =
            self.effects.versioned().map(|(edge, version)| edge.target().with_version(told(Some(version))));
        distinct(own.chain(named).chain(self.effects.edges().iter().map(Edge::target)))
    }
}

/// Each key and group once, in the order in which they come first, with the newest version.
pub(super) fn distinct(targets: impl Iterator<Item = Target>) -> Vec<Target> {
    let mut places: HashMap<Target, usize> = HashMap::new();
    let mut distinct: Vec<Target> = Vec::new();
    for target in targets {
        let place = *places.entry(target.clone().without_version()).or_insert(distinct.len());
        match distinct.get_mut(place) {
            Some(known) if target.version() > known.version() => *known = target,
            Some(_) => {}
            None => distinct.push(target),
        }
    }
    distinct
}
