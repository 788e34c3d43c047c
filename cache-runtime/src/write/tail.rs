//! What is left to do when the body of a write is over, however it ended.
//!
//! It runs to its end whatever becomes of the caller. Inside a transaction it waits until that is decided.

use super::{Held, Intent, guard::apply};
use crate::{
    cache::Inner,
    edge::{Edge, Effects},
    flight::WriteEnd,
    observe::{Counter, Counters},
    shared::Shared,
    spec::Spec,
    store::{Ended, Target, Written},
};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A write whose end is still to be told.
pub(crate) struct Tail {
    pub(super) spec: &'static Spec,
    pub(super) intent: Option<Intent>,
    pub(super) own: Vec<Held>,
    pub(super) effects: Effects,
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
        let Some(remote) = &inner.remote else {
            apply(inner, &self.effects, self.own, end);
            return None;
        };
        let (shared, local) = (remote.shared.clone(), Arc::downgrade(inner));
        Some(remote.background.spawn(async move {
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
        let targets = self.targets();
        let intent = self.intent.take().map(|mut intent| {
            intent.stop();
            intent
        });
        if end == WriteEnd::Unknown {
            // It may still commit: what is announced stays so until its deadline, and everything is held as long from now.
            shared.invalidate(targets, Some(shared.intent)).await;
            return Told::default();
        }
        let Some(intent) = intent else {
            shared.invalidate(targets, None).await;
            return Told::default();
        };
        let (announced, rest): (Vec<_>, Vec<_>) =
            targets.into_iter().partition(|target| intent.covers(target));
        // An announcement that was not confirmed, or was lost, proves nothing about what came in between.
        let in_order = end == WriteEnd::Committed && intent.is_intact();
        let mut kept = |target: &Target| {
            let own = self.own.iter_mut().find(|own| own.edge.names(target)).filter(|_| in_order);
            own.and_then(|own| own.stored.take())
        };
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

    /// Everything that the write made outdated, each with the row's version where it is known.
    fn targets(&self) -> Vec<Target> {
        let own = self.own.iter().map(|own| own.edge.target().with_version(own.version));
        let named = self.effects.versioned().map(|(edge, version)| edge.target().with_version(Some(version)));
        distinct(own.chain(named).chain(self.effects.edges().iter().map(Edge::target)))
    }
}

/// Each key and group once; what comes first counts.
pub(super) fn distinct(targets: impl Iterator<Item = Target>) -> Vec<Target> {
    let mut distinct: Vec<Target> = Vec::new();
    for target in targets {
        let bare = target.clone().without_version();
        if !distinct.iter().any(|other| other.clone().without_version() == bare) {
            distinct.push(target);
        }
    }
    distinct
}
