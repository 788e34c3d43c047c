//! The counters of one function: striped where every hit passes, plain elsewhere.

use std::{
    cell::Cell,
    fmt,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
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
    Invalidation,
    Enqueued,
    Coalesced,
    Flushed,
    DeadLetter,
}

impl Counter {
    const ALL: [(Self, &'static str); 21] = [
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
        (Self::Invalidation, "invalidation"),
        (Self::Enqueued, "enqueued"),
        (Self::Coalesced, "coalesced"),
        (Self::Flushed, "flushed"),
        (Self::DeadLetter, "dead_letter"),
    ];

    #[cfg_attr(not(feature = "metrics"), allow(dead_code))]
    const fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

const STRIPES: usize = 8;

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
    published_hits: AtomicU64,
    #[cfg(feature = "metrics")]
    labels: [(&'static str, &'static str); 3],
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counters").field("hits", &self.hits()).finish_non_exhaustive()
    }
}

/// Hits reach the metrics recorder this many at a time, and whenever something rarer is counted.
#[cfg(feature = "metrics")]
const PUBLISH_EVERY: u64 = 1_024;

impl Counters {
    #[cfg_attr(not(feature = "metrics"), allow(unused_variables))]
    pub(crate) fn new(function: &'static str, template: &'static str, strategy: &'static str) -> Self {
        Self {
            hits: (0..STRIPES).map(|_| Stripe::default()).collect(),
            others: std::array::from_fn(|_| AtomicU64::new(0)),
            #[cfg(feature = "metrics")]
            published_hits: AtomicU64::new(0),
            #[cfg(feature = "metrics")]
            labels: [("function", function), ("template", template), ("strategy", strategy)],
        }
    }

    /// One hit in this process.
    #[inline]
    pub(crate) fn hit(&self) {
        let count = self.hits[stripe()].hits.fetch_add(1, Ordering::Relaxed);
        #[cfg(feature = "metrics")]
        if count % PUBLISH_EVERY == PUBLISH_EVERY - 1 {
            self.publish_hits();
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
        {
            metrics::counter!("cache_events_total", &self.labels_with("event", counter.name()))
                .increment(count);
            self.publish_hits();
        }
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
        metrics::histogram!("cache_load_seconds", &self.labels).record(seconds);
    }

    /// How long the shared store took to answer a read.
    #[cfg_attr(not(feature = "metrics"), allow(unused_variables, clippy::unused_self))]
    pub(crate) fn store_took(&self, seconds: f64) {
        #[cfg(feature = "metrics")]
        metrics::histogram!("cache_store_read_seconds", &self.labels).record(seconds);
    }

    /// Hands the hits counted since the last time to the metrics recorder.
    #[cfg(feature = "metrics")]
    pub(crate) fn publish_hits(&self) {
        let hits = self.hits();
        let published = self.published_hits.swap(hits, Ordering::Relaxed);
        if hits > published {
            metrics::counter!("cache_events_total", &self.labels_with("event", "hit"))
                .increment(hits - published);
        }
    }

    #[cfg(feature = "metrics")]
    fn labels_with(&self, name: &'static str, value: &'static str) -> [(&'static str, &'static str); 4] {
        let [function, template, strategy] = self.labels;
        [function, template, strategy, (name, value)]
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
