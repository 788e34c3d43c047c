//! Which deltas wait for a key, and do they still?
//!
//! Who adds deltas to a row asks before it reads the row and afterwards. Only if none was being written at either time, and what waited first waits still, is none of them
//! in the row; otherwise the row has to be read again. Nobody is kept from flushing for that.

use super::{
    scope,
    state::{Behind, LOOK},
};
use crate::store::{EntryKey, Pending, Shown};
use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

/// What waits for a key.
#[derive(Debug)]
pub(crate) enum Waiting {
    /// The database has all that was acknowledged.
    Nothing,
    Deltas(Deltas),
    /// Something that isn't a delta.
    Other,
    /// The queue doesn't say.
    Unknown,
}

/// Deltas that wait for a key.
#[derive(Debug)]
pub(crate) struct Deltas {
    /// Where the oldest stands, and the latest that was flushed before.
    oldest: u64,
    flushed: u64,
    /// The database may have some of them.
    moving: bool,
    pub(crate) payloads: Vec<Bytes>,
}

impl Deltas {
    /// What waited before waits still, and the database has had none of it meanwhile.
    pub(crate) fn follow(&self, before: &Self) -> bool {
        let moving = before.moving || self.moving;
        let same = (self.oldest, self.flushed) == (before.oldest, before.flushed);
        !moving && same && self.payloads.len() >= before.payloads.len()
    }
}

impl Waiting {
    fn of(pending: Option<Pending>) -> Self {
        let Some(Pending { flushed, oldest, moving, shows, .. }) = pending else { return Self::Nothing };
        match shows {
            Shown::Deltas(payloads) => Self::Deltas(Deltas { oldest, flushed, moving, payloads }),
            Shown::Value(_) | Shown::Absent | Shown::Other(_) => Self::Other,
        }
    }

    /// Whether a row can be read now so that all that waits can be added to it.
    pub(crate) fn is_at_rest(&self) -> bool {
        match self {
            Self::Nothing | Self::Unknown => true,
            Self::Deltas(deltas) => !deltas.moving,
            Self::Other => false,
        }
    }
}

impl Behind {
    /// What waits for a key now.
    pub(crate) async fn what_waits(&self, key: &EntryKey) -> Waiting {
        match self.look(key).await {
            Ok(pending) => Waiting::of(pending),
            Err(error) => {
                tracing::warn!(%error, "the write-behind queue doesn't say which deltas are pending; they are missing from what is read now");
                Waiting::Unknown
            }
        }
    }

    /// The same as soon as none of it is being written, or at this moment.
    pub(crate) async fn at_rest(&self, key: &EntryKey, deadline: Instant) -> Waiting {
        let Some(state) = self.state() else { return Waiting::Nothing };
        loop {
            let progress = state.progress.notified();
            let waiting = self.what_waits(key).await;
            let moving = matches!(&waiting, Waiting::Deltas(deltas) if deltas.moving);
            // What a batch function waits for may be its own batch.
            if !moving || scope::is_flushing() || Instant::now() >= deadline {
                return waiting;
            }
            let _ = timeout_at(deadline.min(Instant::now() + LOOK), progress).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deltas(oldest: u64, flushed: u64, moving: bool, payloads: usize) -> Deltas {
        Deltas { oldest, flushed, moving, payloads: vec![Bytes::new(); payloads] }
    }

    #[test]
    fn deltas_follow_each_other_until_one_of_them_may_be_in_the_database() {
        let before = deltas(7, 3, false, 2);
        assert!(deltas(7, 3, false, 2).follow(&before));
        assert!(deltas(7, 3, false, 3).follow(&before), "one was added");
        assert!(!deltas(8, 3, false, 2).follow(&before), "the oldest is flushed, and another was added");
        assert!(!deltas(7, 4, false, 2).follow(&before), "one is flushed");
        assert!(!deltas(7, 3, false, 1).follow(&before), "one was given up");
        assert!(!deltas(7, 3, true, 2).follow(&before), "they are being written");
        assert!(!deltas(7, 3, false, 2).follow(&deltas(7, 3, true, 2)), "they were");
    }
}
