//! What of a batch is there already, in this process and in the shared store?

use super::{Batch, Newer, Open};
use crate::{
    cache::Inner,
    key::{AlreadyHashed, KeyBuilder},
    mode::Mode,
    observe::Counter,
    read::{ahead::Ahead, remote::Found, sums::Waited},
    store::Seen,
    terms::Terms,
    value::BatchShape,
};
use futures_util::future::join_all;
use std::collections::HashSet;

/// What is to be done about an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Answered,
    /// Deltas are to be added to what is loaded.
    Added,
    Loaded,
}

impl<S, T> Batch<'_, S, T>
where
    S: BatchShape,
    T: Terms<S::Value>,
{
    /// Takes what this process has; each id once.
    pub(super) async fn in_process(
        &mut self,
        ids: Vec<S::Id>,
        key_of: impl Fn(&mut KeyBuilder, &S::Id),
    ) -> Vec<Open<S::Id>> {
        let mut names = HashSet::with_capacity_and_hasher(ids.len(), AlreadyHashed);
        let mut open = Vec::with_capacity(ids.len());
        for id in ids {
            let key = KeyBuilder::rendered(|key| key_of(key, &id));
            let name = key.id(self.function.spec.family_number());
            if names.insert(name) {
                open.push(Open {
                    id,
                    name,
                    key,
                    seen: None,
                    reachable: true,
                    leader: None,
                    alone: false,
                    newer: Newer::Nothing,
                    waited: Waited::NotYet,
                });
            }
        }
        if self.mode != Mode::Usual {
            // An acknowledged write is newer than what the body would read: what the database doesn't take in time is the answer.
            self.drain(open.iter_mut()).await;
        }
        let local = self.mode == Mode::Usual;
        let mut open = self.take_pending(open).await;
        open.retain(|here| !(local && self.take_local(here)));
        open
    }

    /// Takes what is pending, where the queue has to be asked; what can't be shown is flushed first, and loaded then.
    async fn take_pending(&mut self, open: Vec<Open<S::Id>>) -> Vec<Open<S::Id>> {
        let pending = self.pending(open.iter()).await;
        let mut left = Vec::with_capacity(open.len());
        for (mut here, ahead) in open.into_iter().zip(pending) {
            match self.take_ahead(&mut here, ahead) {
                Next::Answered => {}
                Next::Added => self.adding.push(here),
                Next::Loaded => left.push(here),
            }
        }
        self.flush(left.iter_mut()).await;
        left
    }

    /// What is pending for each, where the queue has to be asked.
    pub(super) async fn pending<'o>(
        &self,
        open: impl Iterator<Item = &'o Open<S::Id>>,
    ) -> Vec<Option<Ahead<S::Value>>>
    where
        S::Id: 'o,
    {
        let calls: Vec<_> = open.map(|here| self.call(here)).collect();
        if self.mode == Mode::Usual && !self.inner.behind.is_beside(self.function.spec) {
            return calls.iter().map(|_| None).collect();
        }
        join_all(calls.iter().map(super::super::Call::pending)).await
    }

    /// Takes what is pending for one id, and says what is to be done about it.
    pub(super) fn take_ahead(&mut self, here: &mut Open<S::Id>, ahead: Option<Ahead<S::Value>>) -> Next {
        here.newer = Newer::Nothing;
        match ahead {
            None => Next::Loaded,
            Some(Ahead::Value(value)) => {
                self.function.counters.hit();
                self.found.push((here.id.clone(), value));
                Next::Answered
            }
            Some(Ahead::Absent) => {
                self.function.counters.add(Counter::NegativeHit);
                Next::Answered
            }
            Some(Ahead::Deltas) => Next::Added,
            Some(Ahead::Unshown) => {
                here.newer = Newer::Unshown;
                Next::Loaded
            }
            Some(Ahead::Unasked) => {
                here.newer = Newer::Perhaps;
                Next::Loaded
            }
        }
    }

    /// Writes out what can't be shown; where that isn't done in time what is loaded is not kept.
    pub(super) async fn flush<'o>(&mut self, open: impl Iterator<Item = &'o mut Open<S::Id>>)
    where
        S::Id: 'o,
    {
        let mut unshown: Vec<_> = open.filter(|here| here.newer == Newer::Unshown).collect();
        self.drain(unshown.iter_mut().map(|here| &mut **here)).await;
        for here in unshown {
            here.newer = if here.waited == Waited::Flushed { Newer::Nothing } else { Newer::Perhaps };
        }
    }

    pub(super) fn take_local(&mut self, open: &Open<S::Id>) -> bool {
        match self.call(open).peek() {
            Some(entry) => match entry.value {
                Some(value) => match value.downcast() {
                    Ok(value) => {
                        self.function.counters.hit();
                        self.found.push((open.id.clone(), value));
                        true
                    }
                    Err(_) => false,
                },
                None => {
                    self.function.counters.add(Counter::NegativeHit);
                    true
                }
            },
            None => false,
        }
    }

    /// Takes what the shared store has: one read for all ids.
    pub(super) async fn in_store(&mut self, open: &mut Vec<Open<S::Id>>) {
        let Some(remote) = &self.inner.remote else {
            return;
        };
        let shared = &remote.shared;
        let template = self.function.spec.family();
        for here in open.iter_mut() {
            here.reachable = !shared.unsent.concerns(&here.key, template);
        }
        let asked: Vec<usize> = (0..open.len()).filter(|&at| open[at].reachable).collect();
        if asked.is_empty() {
            return;
        }
        let keys: Vec<_> =
            asked.iter().map(|&at| Inner::entry_key::<S::Value>(self.function, &open[at].key)).collect();
        let keeping: Vec<_> = match self.mode {
            Mode::Usual => asked.iter().map(|&at| self.call(&open[at]).keeping()).collect(),
            // What is found is replaced.
            Mode::Bypass | Mode::Refresh => Vec::new(),
        };
        let timing = self.function.counters.time_a_read();
        let reads = shared.store.reading(&keys).await;
        self.function.counters.store_took(timing);
        let reads = match reads {
            Ok(reads) => reads,
            Err(error) => {
                tracing::debug!(%error, function = self.function.spec.function, "the shared store was not read");
                self.function.counters.add(Counter::StoreError);
                asked.iter().for_each(|&at| open[at].reachable = false);
                return;
            }
        };
        let mut answered = vec![false; open.len()];
        self.found.reserve(asked.len());
        let (mut hits, mut absent) = (0, 0);
        let keeping = keeping.into_iter().chain(std::iter::repeat_with(|| None));
        for ((at, read), keeping) in asked.into_iter().zip(reads).zip(keeping) {
            let here = &mut open[at];
            let found = match self.mode {
                Mode::Usual | Mode::Bypass => self.call(here).understand_and_keep(shared, read, keeping),
                Mode::Refresh => Found::Nothing(read.entry.as_ref().map(Seen::new)),
            };
            match found {
                Found::Value(value, _) => {
                    hits += 1;
                    self.found.push((here.id.clone(), value));
                    answered[at] = true;
                }
                Found::Absent => {
                    absent += 1;
                    answered[at] = true;
                }
                Found::Nothing(seen) => here.seen = seen,
                Found::Unreachable => here.reachable = false,
            }
        }
        self.function.counters.add_many(Counter::SharedHit, hits);
        self.function.counters.add_many(Counter::NegativeHit, absent);
        let mut answered = answered.into_iter();
        open.retain(|_| !answered.next().unwrap_or_default());
    }
}
