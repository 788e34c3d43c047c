//! How the bytes of an entry are made.

use super::{MAX_PAYLOAD, Shared, millis, wall_ms};
use crate::{
    Codec, Error,
    entry::{self, Header, State},
    error::ErrorKind,
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
        let state = if value.is_some() { State::Value } else { State::Absent };
        match self.bytes(state, shared.codec, shared.now_ms(), value) {
            Ok(entry) => Some(entry),
            Err(Unmade::TooLarge) => {
                counters.add(Counter::TooLarge);
                None
            }
            Err(Unmade::Unencoded(error)) => {
                tracing::error!(%error, function, "a value is not cached");
                counters.add(Counter::FillFailed);
                None
            }
        }
    }

    /// The entry for a value that the database may not have yet.
    pub(crate) fn pending<V: Cacheable>(self, shared: Option<&Shared>, value: &V) -> Result<Bytes, Error> {
        let (codec, now) =
            shared.map_or_else(|| (Codec::default(), wall_ms()), |shared| (shared.codec, shared.now_ms()));
        self.bytes(State::Pending, codec, now, Some(value)).map_err(|unmade| match unmade {
            Unmade::Unencoded(error) => error,
            Unmade::TooLarge => {
                Error::new(ErrorKind::Encode, format!("the value has more than {MAX_PAYLOAD} bytes"))
            }
        })
    }

    fn bytes<V: Cacheable>(
        self,
        state: State,
        codec: Codec,
        created_ms: u64,
        value: Option<&V>,
    ) -> Result<Bytes, Unmade> {
        let soft_ms = match (self.lives, self.refresh_at) {
            (Some(lives), Some(part)) => created_ms.saturating_add(millis(lives.mul_f64(part))),
            (Some(_) | None, _) => u64::MAX,
        };
        let header = Header {
            state,
            codec,
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
        if let Some(value) = value {
            codec.encode(value, &mut bytes).map_err(Unmade::Unencoded)?;
        }
        if bytes.len() - empty > MAX_PAYLOAD { Err(Unmade::TooLarge) } else { Ok(entry::seal(bytes)) }
    }
}

/// Why there is no entry.
enum Unmade {
    Unencoded(Error),
    TooLarge,
}
