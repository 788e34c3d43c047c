//! What the metrics recorder has been told of a function.
//!
//! Counting is a few atomic additions; the recorder is told the differences about once a second, by whichever call comes by then, and
//! whenever [`Cache::stats`](crate::Cache::stats) is read.

use super::{Counter, Counters};
use crate::clock;
use metrics::Histogram;
use std::sync::{
    Mutex, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

type Labels = [(&'static str, &'static str); 3];

pub(super) struct Published {
    labels: Labels,
    /// The second in which the recorder was told last; 0 for never.
    last: AtomicU64,
    told: Mutex<[u64; Counter::COUNT + 1]>,
    /// Handles of the recorder that was installed when it was told last.
    histograms: RwLock<Histograms>,
}

struct Histograms {
    load: Histogram,
    store: Histogram,
}

impl Published {
    pub(super) fn new(function: &'static str, template: &'static str, strategy: &'static str) -> Self {
        let labels = [("function", function), ("template", template), ("strategy", strategy)];
        Self {
            labels,
            last: AtomicU64::new(0),
            told: Mutex::new([0; Counter::COUNT + 1]),
            histograms: RwLock::new(Histograms { load: Histogram::noop(), store: Histogram::noop() }),
        }
    }

    pub(super) fn load_took(&self, seconds: f64) {
        self.histograms.read().unwrap_or_else(PoisonError::into_inner).load.record(seconds);
    }

    pub(super) fn store_took(&self, seconds: f64) {
        self.histograms.read().unwrap_or_else(PoisonError::into_inner).store.record(seconds);
    }

    /// Tells the recorder unless it was told within this second.
    pub(super) fn publish_if_due(&self, counters: &Counters) {
        let second = clock::coarse_second();
        if self.last.load(Ordering::Relaxed) != second && self.last.swap(second, Ordering::Relaxed) != second
        {
            self.publish(counters);
        }
    }

    pub(super) fn publish(&self, counters: &Counters) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let events = Counter::all().map(|(counter, name)| (name, counters.get(counter)));
        for ((name, now), told) in
            std::iter::once(("hit", counters.hits())).chain(events).zip(told.iter_mut())
        {
            if now > *told {
                let [function, template, strategy] = self.labels;
                metrics::counter!("cache_events_total", &[function, template, strategy, ("event", name)])
                    .increment(now - *told);
                *told = now;
            }
        }
        let fresh = Histograms {
            load: metrics::histogram!("cache_load_seconds", &self.labels),
            store: metrics::histogram!("cache_store_read_seconds", &self.labels),
        };
        *self.histograms.write().unwrap_or_else(PoisonError::into_inner) = fresh;
    }
}
