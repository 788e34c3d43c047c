//! What a reader of many gets for the ids whose deltas wait: one body loads all of them, and each gets its own deltas.

use super::{Batch, Open};
use crate::{
    behind::{self, Waiting},
    observe::Counter,
    read::sums::{Base, PATIENCE, TRIES, Waited},
    terms::Terms,
    value::{BatchShape, Outcome},
};
use futures_util::future::join_all;
use std::{future::Future, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How long all ids of a call together wait for a flush.
const DRAIN: Duration = Duration::from_secs(5);

impl<S, T> Batch<'_, S, T>
where
    S: BatchShape,
    T: Terms<S::Value>,
{
    /// Writes out what is pending for these, all at once, each id once in a call.
    pub(super) async fn drain<'o>(&mut self, open: impl Iterator<Item = &'o mut Open<S::Id>>) {
        let mut open: Vec<_> = open.filter(|here| here.waited == Waited::NotYet).collect();
        if open.is_empty() {
            return;
        }
        let deadline = *self.drained_by.get_or_insert_with(|| Instant::now() + DRAIN);
        let calls: Vec<_> = open.iter().map(|here| self.call(here)).collect();
        let drained = calls.iter().map(|call| timeout_at(deadline, call.drain()));
        let drained = join_all(drained).await;
        for (here, drained) in open.iter_mut().zip(drained) {
            here.waited = drained.map_or(Waited::InVain, Waited::from);
        }
    }

    /// Loads the ids whose deltas wait, and adds these; what may have some of them already is loaded again.
    pub(super) async fn add_deltas<B, F>(&mut self, body: &B) -> Result<(), S::Return>
    where
        B: Fn(Vec<S::Id>) -> F,
        F: Future<Output = S::Return>,
    {
        let mut open = std::mem::take(&mut self.adding);
        if open.is_empty() {
            return Ok(());
        }
        self.function.counters.add(Counter::Bypass);
        if behind::is_flushing() {
            // A batch function can't wait for what may be its own batch.
            open.iter_mut().for_each(|here| here.waited = Waited::InVain);
        }
        let patience = Instant::now() + PATIENCE;
        for tries in 0.. {
            let before = self.before(&mut open, patience, tries).await;
            self.function.counters.add(Counter::Load);
            let returned = Box::pin(body(open.iter().map(|here| here.id.clone()).collect())).await;
            if <S as Outcome>::error(&returned).is_some() {
                self.function.counters.add(Counter::LoadFailed);
                return Err(returned);
            }
            let calls: Vec<_> = open.iter().map(|here| (self.call(here), here.waited)).collect();
            let compared = calls.iter().zip(before);
            let compared = compared.map(|((call, waited), before)| call.compared(before, *waited));
            let bases = join_all(compared).await;
            drop(calls);
            let mut again = Vec::new();
            for (here, base) in open.into_iter().zip(bases) {
                let row = S::keep(&returned, &here.id);
                let found = match base {
                    Base::Whole => row,
                    Base::Without(deltas) => self.call(&here).sum(row.clone(), &deltas).or(row),
                    Base::Doubtful(_) => {
                        again.push(here);
                        continue;
                    }
                };
                self.found.extend(found.map(|found| (here.id, found)));
            }
            if again.is_empty() {
                break;
            }
            open = again;
        }
        Ok(())
    }

    /// What waits before the body runs, of each id; where it can't stay so for long enough it is flushed.
    async fn before(&mut self, open: &mut [Open<S::Id>], patience: Instant, tries: u32) -> Vec<Waiting> {
        let keys: Vec<_> = open.iter().map(|here| self.call(here).entry_key()).collect();
        let behind = &self.inner.behind;
        let mut waiting = join_all(keys.iter().map(|key| behind.at_rest(key, patience))).await;
        let restless: Vec<usize> = (0..open.len())
            .filter(|&at| {
                let stays = waiting[at].is_at_rest() && tries < TRIES;
                open[at].waited == Waited::NotYet && !stays
            })
            .collect();
        let waits = |at: &usize| restless.binary_search(at).is_ok();
        self.drain(open.iter_mut().enumerate().filter(|(at, _)| waits(at)).map(|(_, here)| here)).await;
        let asked = join_all(restless.iter().map(|&at| behind.what_waits(&keys[at]))).await;
        for (at, now) in restless.iter().zip(asked) {
            waiting[*at] = now;
        }
        waiting
    }
}
