//! Up to when has this process heard of everything?

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tokio::sync::watch;

/// How far behind answers of one function may be; none for those that are not answered from this process beside a shared store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lag(u64);

impl Lag {
    pub(crate) const NONE: Self = Self(0);

    /// In nanoseconds; zero is none.
    pub(crate) fn of(lag: Option<Duration>) -> Self {
        Self(lag.map_or(0, nanos))
    }

    #[inline]
    pub(crate) fn is_some(self) -> bool {
        self.0 != 0
    }
}

/// When this process asked for what it has heard last. Both are zero while it hears nothing.
#[derive(Debug)]
pub(crate) struct Fresh {
    /// In nanoseconds of a clock that counts suspension.
    asked_at: AtomicU64,
    /// In microseconds of the store's clock.
    store_time: AtomicU64,
    once: watch::Sender<bool>,
}

impl Fresh {
    pub(crate) fn new() -> Self {
        Self { asked_at: AtomicU64::new(0), store_time: AtomicU64::new(0), once: watch::Sender::new(false) }
    }

    /// Whether an answer that is at most so far behind may be given now.
    #[inline]
    pub(crate) fn allows(&self, now: Duration, lag: Lag) -> bool {
        let asked_at = self.asked_at.load(Ordering::Acquire);
        asked_at != 0 && nanos(now).saturating_sub(asked_at) < lag.0
    }

    /// The store's clock, at a moment up to which everything was heard.
    pub(crate) fn store_time(&self) -> Duration {
        Duration::from_micros(self.store_time.load(Ordering::Acquire))
    }

    /// Everything that was changed up to then was heard of.
    pub(crate) fn heard(&self, asked_at: Duration, store_time: Duration) {
        let micros = u64::try_from(store_time.as_micros()).unwrap_or(u64::MAX);
        self.store_time.store(micros, Ordering::Release);
        self.asked_at.store(nanos(asked_at).max(1), Ordering::Release);
        self.once.send_if_modified(|once| !std::mem::replace(once, true));
    }

    /// Nothing is sure any more.
    pub(crate) fn lost(&self) {
        self.asked_at.store(0, Ordering::Release);
        self.store_time.store(0, Ordering::Release);
    }

    /// Waits for the first time that something was heard.
    pub(crate) async fn heard_once(&self) {
        // It can't end with an error: the sender is here.
        let _ = self.once.subscribe().wait_for(|once| *once).await;
    }
}

#[inline]
fn nanos(time: Duration) -> u64 {
    // Nearly six hundred years.
    time.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(time.subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(1_000_000 + millis)
    }

    fn lag(millis: u64) -> Lag {
        Lag::of(Some(Duration::from_millis(millis)))
    }

    #[test]
    fn nothing_is_answered_before_anything_was_heard() {
        let fresh = Fresh::new();
        assert!(!fresh.allows(at(0), lag(1_000)));
        assert!(!fresh.allows(Duration::ZERO, Lag::of(Some(Duration::MAX))));
    }

    #[test]
    fn answers_end_when_the_lag_has_passed_since_it_was_asked() {
        let fresh = Fresh::new();
        fresh.heard(at(0), Duration::ZERO);
        assert!(fresh.allows(at(999), lag(1_000)));
        assert!(!fresh.allows(at(1_000), lag(1_000)));
        assert!(fresh.allows(at(1_000), lag(5_000)), "each function by its own lag");
        assert!(!fresh.allows(at(0), Lag::NONE));
    }

    /// The clock goes on while a process is stopped, or its machine suspended.
    #[test]
    fn process_that_was_stopped_does_not_answer_before_it_has_heard_again() {
        let fresh = Fresh::new();
        fresh.heard(at(0), Duration::ZERO);
        let woken = at(3_600_000);
        assert!(!fresh.allows(woken, lag(1_000)));
        // An answer that had waited in the socket is as old as its question.
        fresh.heard(at(250), Duration::ZERO);
        assert!(!fresh.allows(woken, lag(1_000)));
        fresh.heard(woken, Duration::ZERO);
        assert!(fresh.allows(woken, lag(1_000)));
    }

    #[test]
    fn lost_link_ends_all_answers() {
        let fresh = Fresh::new();
        fresh.heard(at(0), at(7));
        assert_eq!(fresh.store_time(), at(7));
        fresh.lost();
        assert!(!fresh.allows(at(0), lag(1_000)));
        assert_eq!(fresh.store_time(), Duration::ZERO);
    }
}
