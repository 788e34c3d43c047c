//! The shared store as this process sees it: its clock, its epochs, and what it has not been told yet.

mod making;
mod unsent;

pub(crate) use making::Making;
pub(crate) use unsent::Unsent;

use crate::{
    clock,
    codec::Codec,
    store::{Ended, Guarded, Partition, Store, Target, Token, Written},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

/// How long a lease lasts unless it is renewed.
pub(crate) const LEASE: Duration = Duration::from_secs(3);
/// How long nothing is stored in this process under a key whose write may still commit; in the shared store for [`Shared::intent`].
pub(crate) const HOLD: Duration = Duration::from_secs(10);
/// How long an announced write counts as alive without a sign of life.
pub(crate) const INTENT: Duration = HOLD;
/// Larger payloads are not stored.
pub(crate) const MAX_PAYLOAD: usize = 1 << 20;
const PULSE_EVERY: Duration = Duration::from_secs(1);

/// A shared store and what is known about it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Guarded,
    pub(crate) codec: Codec,
    /// How long an announced write counts as alive without a sign of life, and how long nothing is stored after a write whose outcome is unknown.
    pub(crate) intent: Duration,
    pub(crate) unsent: Unsent,
    epochs: [AtomicU32; Partition::COUNT as usize],
    /// The store's clock minus ours, in milliseconds; `i64::MIN` while unknown.
    offset: AtomicI64,
}

impl Shared {
    pub(crate) fn new(store: Guarded, codec: Codec, intent: Duration) -> Arc<Self> {
        Arc::new(Self {
            store,
            codec,
            intent,
            unsent: Unsent::default(),
            epochs: std::array::from_fn(|_| AtomicU32::new(0)),
            offset: AtomicI64::new(i64::MIN),
        })
    }

    /// Milliseconds on the store's clock.
    pub(crate) fn now_ms(&self) -> u64 {
        match self.offset.load(Ordering::Relaxed) {
            i64::MIN => wall_ms(),
            offset => millis(clock::exact()).saturating_add_signed(offset),
        }
    }

    /// Whether that clock was ever asked for.
    pub(crate) fn knows_time(&self) -> bool {
        self.offset.load(Ordering::Relaxed) != i64::MIN
    }

    /// The lowest epoch in which entries of this partition are valid, as far as is known.
    pub(crate) fn epoch(&self, partition: Partition) -> u32 {
        self.epochs[partition.index()].load(Ordering::Relaxed)
    }

    /// Somebody saw this epoch.
    pub(crate) fn saw_epoch(&self, partition: Partition, epoch: u32) {
        if epoch > self.epoch(partition) {
            self.epochs[partition.index()].fetch_max(epoch, Ordering::Relaxed);
        }
    }

    /// Asks for the store's clock and epochs once.
    pub(crate) async fn pulse(&self) -> bool {
        let asked = clock::exact();
        let Ok(pulse) = self.store.pulse().await else {
            return false;
        };
        // The answer was made somewhere between asking and hearing.
        let ours = millis((asked + clock::exact()) / 2);
        let offset =
            i64::try_from(millis(pulse.time)).unwrap_or(i64::MAX) - i64::try_from(ours).unwrap_or(i64::MAX);
        self.offset.store(offset, Ordering::Relaxed);
        for (known, epoch) in self.epochs.iter().zip(&pulse.epochs) {
            // Epochs only grow; somebody may have seen a later one meanwhile.
            known.fetch_max(*epoch, Ordering::Relaxed);
        }
        true
    }

    /// Keeps clock and epochs current and delivers what could not be sent, until the cache is dropped.
    pub(crate) async fn keep_up(self: Arc<Self>) {
        loop {
            if self.pulse().await {
                self.deliver().await;
            }
            tokio::time::sleep(PULSE_EVERY).await;
        }
    }

    /// Tells the store what it missed.
    pub(crate) async fn deliver(&self) {
        self.unsent.deliver(&self.store).await;
    }

    /// Ends a write. What can't be told now is remembered, told later, and bypassed here until then; nothing is stored in that case.
    pub(crate) async fn end(&self, written: Vec<Written>, token: Token) -> Vec<Ended> {
        match self.store.end(&written, token).await {
            Ok((ended, _told)) => ended,
            Err(error) => {
                tracing::warn!(%error, "the end of a write could not be sent; its invalidations will be repeated");
                let unknown = vec![Ended { intact: true, stored: false }; written.len()];
                self.unsent.remember(written.into_iter().map(|written| written.target).collect(), None);
                unknown
            }
        }
    }

    /// Drops these in the store. What can't be sent now is remembered, sent later, and bypassed here until then.
    pub(crate) async fn invalidate(&self, targets: Vec<Target>, hold: Option<Duration>) -> bool {
        match self.store.invalidate(&targets, hold).await {
            Ok(_told) => true,
            Err(error) => {
                tracing::warn!(%error, "an invalidation could not be sent; it will be repeated");
                self.unsent.remember(targets, hold);
                false
            }
        }
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn wall_ms() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, millis)
}
