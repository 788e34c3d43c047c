//! What a reader gets while a write to its key is acknowledged and the database may not have it yet.
//!
//! Where the queue is part of the shared store, the store's entry shows it, and only what an entry can't show is asked of the queue. Any other queue is asked
//! before the store, and before a body runs.

use super::Call;
use crate::{
    behind::{Drained, Unadded},
    cache::Inner,
    entry::{Header, State},
    observe::Counter,
    store::{EntryKey, Shown},
    terms::Loaded,
    value::{Shape, View, forget},
};
use std::{future::Future, sync::Arc, time::Duration};

/// How long a reader that adds deltas waits for a flush of its key by another process, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(2);

/// What is pending for a key, as its reader can be shown it.
#[derive(Debug)]
pub(crate) enum Ahead<V> {
    Value(Arc<V>),
    /// The row is gone.
    Absent,
    /// What the database has, combined with what is pending.
    Deltas,
    /// It was written by another release, say: it has to be flushed, then loaded.
    Unshown,
    /// The queue doesn't say. What the cache or the database has is the answer, and is not kept: what is acknowledged may be newer.
    Unasked,
}

/// What is acknowledged for a key and not in the database, although it had time.
pub(crate) enum Undrained<R> {
    Nothing,
    Answer(R),
    /// Something that can't be the answer by itself; or nobody knows.
    Unshown,
}

impl<S: Shape> Call<'_, S> {
    /// What is pending, where the queue has to be asked first.
    pub(crate) async fn ahead(&self) -> Option<Ahead<S::Value>> {
        if self.inner.behind.is_beside(self.function.spec) { self.pending().await } else { None }
    }

    /// What is pending, asked of the queue.
    pub(crate) async fn pending(&self) -> Option<Ahead<S::Value>> {
        if !self.function.spec.has_deferred_writers() {
            return None;
        }
        let pending = match self.inner.behind.look(&self.entry_key()).await {
            Ok(pending) => pending?,
            Err(error) => {
                tracing::debug!(%error, function = self.function.spec.function, "the write-behind queue doesn't say what is pending");
                return Some(Ahead::Unasked);
            }
        };
        Some(match pending.shows {
            Shown::Value(entry) => {
                let decoded = Header::decode(&entry, self.function.fingerprint::<S::Value>());
                let value = decoded.ok().and_then(|(header, payload)| match header.state {
                    State::Pending | State::Value => header.codec.decode(payload),
                    State::Absent => None,
                });
                value.map_or(Ahead::Unshown, |value| Ahead::Value(Arc::new(value)))
            }
            Shown::Absent => Ahead::Absent,
            Shown::Deltas(_) => Ahead::Deltas,
            Shown::Other(_) => Ahead::Unshown,
        })
    }

    /// Writes out what was acknowledged for the key.
    pub(crate) async fn drain(&self) -> Drained {
        if !self.function.spec.has_deferred_writers() {
            return Drained::All;
        }
        // Where the queue doesn't say, something may be left.
        Box::pin(self.inner.behind.drain(&self.entry_key())).await.unwrap_or(Drained::Left(0))
    }

    /// Writes out what was acknowledged for the key; what the database doesn't take in time is the answer, if it is the answer by itself.
    pub(crate) async fn undrained(&self) -> Undrained<S::Return> {
        if self.drain().await == Drained::All {
            return Undrained::Nothing;
        }
        let shown = match self.pending().await {
            None => return Undrained::Nothing,
            Some(Ahead::Value(value)) => Some(S::hit(value)),
            Some(Ahead::Absent) => S::absent(),
            Some(Ahead::Deltas | Ahead::Unshown | Ahead::Unasked) => None,
        };
        shown.map_or(Undrained::Unshown, Undrained::Answer)
    }

    pub(crate) fn entry_key(&self) -> EntryKey {
        Inner::entry_key::<S::Value>(self.function, &self.key)
    }

    /// The answer to a call whose key has something pending.
    pub(crate) async fn answer_ahead<F>(&self, ahead: Ahead<S::Value>, body: F) -> S::Return
    where
        F: Future<Output = Loaded<S::Return>>,
    {
        match ahead {
            Ahead::Value(value) => {
                self.function.counters.hit();
                return S::hit(value);
            }
            Ahead::Absent => {
                if let Some(absent) = S::absent() {
                    self.function.counters.add(Counter::NegativeHit);
                    return absent;
                }
            }
            Ahead::Deltas => return self.combined(body).await,
            Ahead::Unasked => return self.bypass(body).await,
            Ahead::Unshown => {}
        }
        // What is not written in time is missing from what the body returns, as it is for readers of the database.
        let _ = Box::pin(self.inner.behind.drain(&self.entry_key())).await;
        self.bypass(body).await
    }

    /// What the body returns, combined with the pending deltas.
    ///
    /// This process flushes none of them meanwhile. Where another process does, just then, its batch may be missing, or count twice.
    async fn combined<F>(&self, body: F) -> S::Return
    where
        F: Future<Output = Loaded<S::Return>>,
    {
        let _not_flushed_here = self.inner.behind.pause().await;
        let key = self.entry_key();
        let settled = async {
            while matches!(self.inner.behind.look(&key).await, Ok(Some(pending)) if pending.moving) {
                tokio::time::sleep(LOOK).await;
            }
        };
        // What moves for longer than this may be counted once too little.
        let _ = tokio::time::timeout(PATIENCE, settled).await;
        self.function.counters.add(Counter::Bypass);
        let returned = self.run(body).await.returned;
        if let View::Failed = S::view(&returned) {
            return returned;
        }
        let base = S::keep(&returned).map(forget);
        let Ok(Some(pending)) = self.inner.behind.look(&key).await else { return returned };
        let Shown::Deltas(deltas) = pending.shows else { return returned };
        let sum = self.inner.behind.add(self.function.spec.family(), base, &deltas);
        let why = match sum.map(|sum| sum.map(Arc::downcast)) {
            Ok(Some(Ok(sum))) => return S::hit(sum),
            Ok(None) => return returned,
            Ok(Some(Err(_))) => Unadded::OtherType,
            Err(why) => why,
        };
        tracing::warn!(
            function = self.function.spec.function,
            "pending deltas are missing from what was read: {why}"
        );
        returned
    }
}
