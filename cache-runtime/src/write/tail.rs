//! What the shared store is told when a write has ended, however it ended.

use super::{Held, Intent};
use crate::{
    edge::{Edge, Effects},
    flight::WriteEnd,
    observe::{Counter, Counters},
    shared::Shared,
    store::{Ended, Target, Written},
};

/// What is left to do when the body of a write is over. It runs to its end whatever becomes of the caller.
pub(super) struct Tail {
    pub(super) intent: Option<Intent>,
    pub(super) own: Vec<Held>,
    pub(super) effects: Effects,
}

/// What became of it.
#[derive(Debug, Default)]
pub(super) struct Told {
    kept: u64,
    lost: u64,
}

impl Told {
    pub(super) fn count(&self, counters: &Counters) {
        counters.add_many(Counter::WriteKept, self.kept);
        counters.add_many(Counter::IntentLost, self.lost);
    }
}

impl Tail {
    /// Tells the shared store; bounded by the fence deadline, and repeated by the cache if that isn't enough.
    pub(super) async fn tell(&mut self, shared: &Shared, end: WriteEnd) -> Told {
        let intent = self.intent.take().map(|mut intent| {
            intent.stop();
            intent
        });
        if end == WriteEnd::Unknown {
            // It may still commit: what is announced stays so until its deadline, and everything is held as long from now.
            shared.invalidate(distinct(self.edges().map(Edge::target)), Some(shared.intent)).await;
            return Told::default();
        }
        let Some(intent) = intent else {
            shared.invalidate(distinct(self.edges().map(Edge::target)), None).await;
            return Told::default();
        };
        let (announced, rest): (Vec<_>, Vec<_>) =
            distinct(self.edges().map(Edge::target)).into_iter().partition(|target| intent.covers(target));
        // An announcement that was not confirmed, or was lost, proves nothing about what came in between.
        let in_order = end == WriteEnd::Committed && intent.is_intact();
        let written: Vec<Written> = announced
            .into_iter()
            .map(|target| {
                let own = self.own.iter_mut().find(|own| own.edge.names(&target)).filter(|_| in_order);
                Written { kept: own.and_then(|own| own.stored.take()), target }
            })
            .collect();
        let (announced, lost) = (intent.is_intact(), intent.is_lost());
        let (ended, ()) = tokio::join!(intent.end(written), async {
            if !rest.is_empty() {
                shared.invalidate(rest, None).await;
            }
        });
        let count = |what: fn(&Ended) -> bool| ended.iter().filter(|ended| what(ended)).count() as u64;
        let lost = lost || (announced && count(|ended| !ended.intact) > 0);
        Told { kept: count(|ended| ended.stored), lost: u64::from(lost) }
    }

    fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.own.iter().map(|own| &own.edge).chain(self.effects.edges())
    }
}

/// Each key and group once.
pub(super) fn distinct(targets: impl Iterator<Item = Target>) -> Vec<Target> {
    let mut distinct: Vec<Target> = Vec::new();
    for target in targets {
        if !distinct.contains(&target) {
            distinct.push(target);
        }
    }
    distinct
}
