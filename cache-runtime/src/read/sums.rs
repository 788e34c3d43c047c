//! What a reader gets while deltas wait for its key: what its body returns, and each of them once.
//!
//! Nobody is kept from flushing while the body runs. If some of the deltas may have been written meanwhile the body runs again, where it can; in the end they are
//! flushed first. What the body returns then has all that was acknowledged before the call.

use super::{Call, body::Loads};
use crate::{
    behind::{self, Drained, Unadded, Waiting},
    observe::Counter,
    terms::{Lives, Loaded},
    value::{Shape, View, forget},
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long a reader waits until nobody writes the deltas of its key.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// How often a body runs before it is waited for a flush.
pub(super) const TRIES: u32 = 3;

/// Whether the deltas of a key were waited for until they were flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    NotYet,
    /// All that was acknowledged before is in the database.
    Flushed,
    /// Something is left that the database doesn't take.
    InVain,
}

impl From<Drained> for Waited {
    fn from(drained: Drained) -> Self {
        match drained {
            Drained::All => Self::Flushed,
            Drained::Left(_) | Drained::Halted(_) => Self::InVain,
        }
    }
}

/// What the deltas have to do with what a body has read.
pub(super) enum Base {
    /// Everything to be told is in it.
    Whole,
    /// These have to be added.
    Without(Vec<Bytes>),
    /// Nobody knows: it is to be read again. If that can't be, these may have to be added.
    Doubtful(Vec<Bytes>),
}

impl<S: Shape> Call<'_, S> {
    /// What the body returns, combined with the pending deltas.
    pub(super) async fn combined<L>(&self, mut body: L, waited: Waited) -> S::Return
    where
        L: Loads<S::Return>,
    {
        self.function.counters.add(Counter::Bypass);
        let patience = Instant::now() + PATIENCE;
        // A batch function can't wait for what may be its own batch.
        let mut waited = if behind::is_flushing() { Waited::InVain } else { waited };
        let before = self.before(&mut waited, patience, 0).await;
        let mut returned = self.run(&mut body).await.returned;
        let mut base = self.base(&returned, before, waited).await;
        for tries in 1.. {
            let may_be_missing = match base {
                Base::Whole => return returned,
                Base::Without(deltas) => return self.with_deltas(returned, &deltas),
                Base::Doubtful(deltas) => deltas,
            };
            let Some(again) = body.again() else {
                return self.with_deltas(returned, &may_be_missing);
            };
            let before = self.before(&mut waited, patience, tries).await;
            let again = async { Loaded { returned: again.await, lives: Lives::Not, version: None } };
            returned = self.run(again).await.returned;
            base = self.base(&returned, before, waited).await;
        }
        returned
    }

    /// What waits before the body runs; where it can't stay so for long enough it is flushed.
    async fn before(&self, waited: &mut Waited, patience: Instant, tries: u32) -> Waiting {
        let (behind, key) = (&self.inner.behind, self.entry_key());
        let waiting = behind.at_rest(&key, patience).await;
        if *waited != Waited::NotYet || (waiting.is_at_rest() && tries < TRIES) {
            return waiting;
        }
        *waited = self.drain().await.into();
        behind.what_waits(&key).await
    }

    async fn base(&self, returned: &S::Return, before: Waiting, waited: Waited) -> Base {
        if let (View::Failed, _) | (_, Waiting::Nothing | Waiting::Other | Waiting::Unknown) =
            (S::view(returned), &before)
        {
            return Base::Whole;
        }
        self.compared(before, waited).await
    }

    /// What a body has read that has run since this was waiting.
    pub(super) async fn compared(&self, before: Waiting, waited: Waited) -> Base {
        let Waiting::Deltas(before) = before else { return Base::Whole };
        let after = match self.inner.behind.what_waits(&self.entry_key()).await {
            Waiting::Deltas(after) if after.follow(&before) => return Base::Without(after.payloads),
            Waiting::Deltas(after) => after.payloads,
            Waiting::Unknown => return Base::Whole,
            Waiting::Nothing | Waiting::Other => Vec::new(),
        };
        match waited {
            Waited::NotYet => Base::Doubtful(after),
            Waited::Flushed => Base::Whole,
            // A batch under way counts as not written.
            Waited::InVain => Base::Without(after),
        }
    }

    fn with_deltas(&self, returned: S::Return, deltas: &[Bytes]) -> S::Return {
        self.sum(S::keep(&returned), deltas).map_or(returned, S::hit)
    }

    /// What the database has, and deltas; `None` if there is nothing to add, or that can't be done here.
    pub(super) fn sum(&self, base: Option<Arc<S::Value>>, deltas: &[Bytes]) -> Option<Arc<S::Value>> {
        if deltas.is_empty() {
            return None;
        }
        let sum = self.inner.behind.add(self.function.spec.family(), base.map(forget), deltas);
        let why = match sum.map(|sum| sum.map(Arc::downcast)) {
            Ok(Some(Ok(sum))) => return Some(sum),
            Ok(None) => return None,
            Ok(Some(Err(_))) => Unadded::OtherType,
            Err(why) => why,
        };
        tracing::warn!(
            function = self.function.spec.function,
            "pending deltas are missing from what was read: {why}"
        );
        None
    }
}
