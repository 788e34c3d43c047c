//! The counters of one function: striped where every hit passes, plain elsewhere.

use crate::clock;
use std::{
    cell::Cell,
    fmt,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

/// What is counted per function; the names are the labels in metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Counter {
    SharedHit,
    NegativeHit,
    StaleHit,
    Miss,
    Bypass,
    Follow,
    Load,
    LoadFailed,
    FillRefused,
    FillFailed,
    StoreError,
    Unreadable,
    TooLarge,
    Refresh,
    Write,
    WriteFailed,
    WriteKept,
    FenceFailed,
    IntentLost,
    Invalidation,
    Enqueued,
    Coalesced,
    Flushed,
    DeadLetter,
    Verified,
    VerifyFailed,
    VerifySkipped,
    Inconsistent,
    Inconsistent1s,
    Inconsistent10s,
    Inconsistent60s,
}

impl Counter {
    const ALL: [(Self, &'static str); 31] = [
        (Self::SharedHit, "shared_hit"),
        (Self::NegativeHit, "negative_hit"),
        (Self::StaleHit, "stale_hit"),
        (Self::Miss, "miss"),
        (Self::Bypass, "bypass"),
        (Self::Follow, "follow"),
        (Self::Load, "load"),
        (Self::LoadFailed, "load_failed"),
        (Self::FillRefused, "fill_refused"),
        (Self::FillFailed, "fill_failed"),
        (Self::StoreError, "store_error"),
        (Self::Unreadable, "unreadable"),
        (Self::TooLarge, "too_large"),
        (Self::Refresh, "refresh"),
        (Self::Write, "write"),
        (Self::WriteFailed, "write_failed"),
        (Self::WriteKept, "write_kept"),
        (Self::FenceFailed, "fence_failed"),
        (Self::IntentLost, "intent_lost"),
        (Self::Invalidation, "invalidation"),
        (Self::Enqueued, "enqueued"),
        (Self::Coalesced, "coalesced"),
        (Self::Flushed, "flushed"),
        (Self::DeadLetter, "dead_letter"),
        (Self::Verified, "verified"),
        (Self::VerifyFailed, "verify_failed"),
        (Self::VerifySkipped, "verify_skipped"),
        (Self::Inconsistent, "inconsistent"),
        (Self::Inconsistent1s, "inconsistent_1s"),
        (Self::Inconsistent10s, "inconsistent_10s"),
        (Self::Inconsistent60s, "inconsistent_60s"),
    ];

    /// Every counter with its name.
    #[cfg_attr(not(feature = "metrics"), allow(dead_code))]
    pub(super) fn all() -> impl Iterator<Item = (Self, &'static str)> {
        Self::ALL.into_iter()
    }

    /// How many there are.
    #[cfg_attr(not(feature = "metrics"), allow(dead_code))]
    pub(super) const COUNT: usize = Self::ALL.len();
}

const STRIPES: usize = 8;
/// One read of the shared store in so many is timed.
const TIMED: u64 = 16;

/// On a cache line of its own, so that threads don't fight for it.
#[repr(align(128))]
#[derive(Default)]
struct Stripe {
    hits: AtomicU64,
}

/// The counters of one function in one cache.
pub(crate) struct Counters {
    hits: Box<[Stripe]>,
    others: [AtomicU64; Counter::ALL.len()],
    #[cfg(feature = "metrics")]
    published: super::published::Published,
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counters").field("hits", &self.hits()).finish_non_exhaustive()
    }
}

/// Every so many hits it is seen whether the metrics recorder is due.
#[cfg(feature = "metrics")]
const LOOK_EVERY: u64 = 1_024;

impl Counters {
    #[cfg_attr(not(feature = "metrics"), allow(unused_variables))]
    pub(crate) fn new(function: &'static str, template: &'static str, strategy: &'static str) -> Self {
        Self {
            hits: (0..STRIPES).map(|_| Stripe::default()).collect(),
            others: std::array::from_fn(|_| AtomicU64::new(0)),
            #[cfg(feature = "metrics")]
            published: super::published::Published::new(function, template, strategy),
        }
    }

    /// One hit in this process.
    #[inline]
    pub(crate) fn hit(&self) {
        let count = self.hits[stripe()].hits.fetch_add(1, Ordering::Relaxed);
        #[cfg(feature = "metrics")]
        if count % LOOK_EVERY == LOOK_EVERY - 1 {
            self.published.publish_if_due(self);
        }
        #[cfg(not(feature = "metrics"))]
        let _ = count;
    }

    pub(crate) fn add(&self, counter: Counter) {
        self.add_many(counter, 1);
    }

    pub(crate) fn add_many(&self, counter: Counter, count: u64) {
        if count == 0 {
            return;
        }
        self.others[counter as usize].fetch_add(count, Ordering::Relaxed);
        #[cfg(feature = "metrics")]
        self.published.publish_if_due(self);
    }

    pub(crate) fn hits(&self) -> u64 {
        self.hits.iter().map(|stripe| stripe.hits.load(Ordering::Relaxed)).sum()
    }

    pub(crate) fn get(&self, counter: Counter) -> u64 {
        self.others[counter as usize].load(Ordering::Relaxed)
    }

    /// How long a body took.
    #[cfg_attr(not(feature = "metrics"), allow(unused_variables, clippy::unused_self))]
    pub(crate) fn load_took(&self, seconds: f64) {
        #[cfg(feature = "metrics")]
        self.published.load_took(seconds);
    }

    /// Begins to time a read of the shared store; one in [`TIMED`] is, because two looks at the exact clock cost as much as the counting.
    pub(crate) fn time_a_read(&self) -> Option<Duration> {
        let reads = self.get(Counter::SharedHit) + self.get(Counter::StoreError) + self.get(Counter::Miss);
        (cfg!(feature = "metrics") && reads.is_multiple_of(TIMED)).then(clock::exact)
    }

    /// How long the shared store took to answer, if it was timed.
    #[cfg_attr(not(feature = "metrics"), allow(unused_variables, clippy::unused_self))]
    pub(crate) fn store_took(&self, begun: Option<Duration>) {
        #[cfg(feature = "metrics")]
        if let Some(begun) = begun {
            self.published.store_took(clock::since(begun).as_secs_f64());
        }
    }

    /// Hands what was counted since the last time to the metrics recorder.
    pub(crate) fn publish(&self) {
        #[cfg(feature = "metrics")]
        self.published.publish(self);
    }
}

/// The stripe of this thread.
#[inline]
fn stripe() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);

    thread_local! {
        static STRIPE: Cell<usize> = const { Cell::new(usize::MAX) };
    }

    STRIPE.with(|stripe| {
        if stripe.get() == usize::MAX {
            stripe.set(NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES);
        }
        stripe.get()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_has_its_place() {
        for (place, (counter, _)) in Counter::ALL.iter().enumerate() {
            assert_eq!(*counter as usize, place);
        }
    }

    #[test]
    fn hits_of_all_threads_are_counted() {
        let counters = Counters::new("f", "t", "s");
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| (0..10_000).for_each(|_| counters.hit()));
            }
        });
        assert_eq!(counters.hits(), 160_000);
    }
}
