//! How the bytes of an entry are made.

use super::{MAX_PAYLOAD, Shared, millis};
use crate::{
    entry::{self, Header, State},
    observe::{Counter, Counters},
    store::{Fingerprint, Stamp, Version},
    value::Cacheable,
};
use bytes::Bytes;
use std::time::Duration;

/// What an entry says besides its value.
#[derive(Debug)]
pub(crate) struct Making {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) epoch: u32,
    pub(crate) stamps: Vec<Stamp>,
    pub(crate) version: Option<Version>,
    /// How long it lives; `None` for ever.
    pub(crate) lives: Option<Duration>,
    /// The part of its life after which it should be reloaded.
    pub(crate) refresh_at: Option<f64>,
    /// How long the load took.
    pub(crate) cost: Duration,
}

impl Making {
    /// The entry for a value, or for an absent row; `None`, and counted, if it can't be encoded or is too large.
    pub(crate) fn entry<V: Cacheable>(
        self,
        shared: &Shared,
        value: Option<&V>,
        function: &'static str,
        counters: &Counters,
    ) -> Option<Bytes> {
        let created_ms = shared.now_ms();
        let soft_ms = match (self.lives, self.refresh_at) {
            (Some(lives), Some(part)) => created_ms.saturating_add(millis(lives.mul_f64(part))),
            (Some(_) | None, _) => u64::MAX,
        };
        let header = Header {
            state: if value.is_some() { State::Value } else { State::Absent },
            codec: shared.codec,
            fingerprint: self.fingerprint,
            epoch: self.epoch,
            cost_ms: u32::try_from(self.cost.as_millis()).unwrap_or(u32::MAX),
            version: self.version,
            created_ms,
            soft_ms,
            hard_ms: self.lives.map_or(u64::MAX, |lives| created_ms.saturating_add(millis(lives))),
            stamps: self.stamps,
        };
        let mut bytes = header.encode();
        let empty = bytes.len();
        if let Some(value) = value
            && let Err(error) = shared.codec.encode(value, &mut bytes)
        {
            tracing::error!(%error, function, "a value is not cached");
            counters.add(Counter::FillFailed);
            return None;
        }
        if bytes.len() - empty > MAX_PAYLOAD {
            counters.add(Counter::TooLarge);
            return None;
        }
        Some(entry::seal(bytes))
    }
}
