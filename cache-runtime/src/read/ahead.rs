//! What a reader gets while a write to its key is acknowledged and the database may not have it yet.
//!
//! Where the queue is part of the shared store, the store's entry shows it, and only what an entry can't show is asked of the queue. Any other queue is asked
//! before the store, and before a body runs.

use super::{Call, body::Loads, sums::Waited};
use crate::{
    behind::Drained,
    cache::Inner,
    entry::{Header, State},
    observe::Counter,
    store::{EntryKey, Shown},
    value::Shape,
};
use std::sync::Arc;

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
    /// What the database has, combined with what is pending.
    Deltas,
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
            Some(Ahead::Deltas) => return Undrained::Deltas,
            Some(Ahead::Unshown | Ahead::Unasked) => None,
        };
        shown.map_or(Undrained::Unshown, Undrained::Answer)
    }

    pub(crate) fn entry_key(&self) -> EntryKey {
        Inner::entry_key::<S::Value>(self.function, &self.key)
    }

    /// The answer to a call whose key has something pending.
    pub(crate) async fn answer_ahead<F>(&self, ahead: Ahead<S::Value>, body: F) -> S::Return
    where
        F: Loads<S::Return>,
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
            Ahead::Deltas => return self.combined(body, Waited::NotYet).await,
            Ahead::Unasked => return self.bypass(body).await,
            Ahead::Unshown => {}
        }
        // What is not written in time is missing from what the body returns, as it is for readers of the database.
        let _ = Box::pin(self.inner.behind.drain(&self.entry_key())).await;
        self.bypass(body).await
    }
}
