//! When to stop asking a store that fails, and when to ask again.

use std::time::Duration;

/// How many failures in a row open the breaker.
const IN_A_ROW: u8 = 5;
/// How many of the latest calls are remembered, and how many failures among them open the breaker.
const WINDOW: u32 = 20;
const HALF_OF_WINDOW: u32 = WINDOW / 2;
/// How long nothing is asked before one call may try; jittered by 30 % so that a fleet doesn't return as one.
const REST: Duration = Duration::from_secs(1);
const JITTER: f64 = 0.3;
/// How long after a recovery loads stay limited.
const RAMP: Duration = Duration::from_secs(5);

/// Whether a store is asked, as [`Guarded`](super::Guarded) sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BreakerState {
    /// Healthy: every call goes through.
    Closed,
    /// Recovered moments ago: every call goes through, but the cache is cold and loads should stay limited.
    Ramping,
    /// Failing: nothing is sent.
    Open,
    /// Failing, and one call is trying whether that is still so.
    HalfOpen,
}

impl BreakerState {
    /// Whether ordinary calls are sent.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Closed | Self::Ramping)
    }
}

/// Whether a call may be sent, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Pass,
    /// The one call whose outcome decides about a half-open breaker.
    Probe,
    Refuse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Closed,
    Ramping { until: Duration },
    Open { until: Duration },
    HalfOpen,
}

/// The state machine: no clock, no lock, no randomness of its own.
#[derive(Debug)]
pub(crate) struct Breaker {
    phase: Phase,
    /// The outcomes of the latest calls, one bit each, set for a failure; before the first call all went well.
    window: u32,
    in_a_row: u8,
}

impl Breaker {
    pub(crate) fn new() -> Self {
        Self { phase: Phase::Closed, window: 0, in_a_row: 0 }
    }

    /// Closed and without any failure in memory: a further success would change nothing.
    pub(crate) fn is_pristine(&self) -> bool {
        self.phase == Phase::Closed && self.window == 0 && self.in_a_row == 0
    }

    pub(crate) fn state(&self, now: Duration) -> BreakerState {
        match self.phase {
            Phase::Ramping { until } if now < until => BreakerState::Ramping,
            Phase::Closed | Phase::Ramping { .. } => BreakerState::Closed,
            Phase::Open { .. } => BreakerState::Open,
            Phase::HalfOpen => BreakerState::HalfOpen,
        }
    }

    pub(crate) fn admit(&mut self, now: Duration) -> Admission {
        match self.phase {
            Phase::Closed | Phase::Ramping { .. } => Admission::Pass,
            Phase::Open { until } if now < until => Admission::Refuse,
            Phase::Open { .. } => {
                self.phase = Phase::HalfOpen;
                Admission::Probe
            }
            Phase::HalfOpen => Admission::Refuse,
        }
    }

    pub(crate) fn succeeded(&mut self, as_what: Admission, now: Duration) {
        match (self.phase, as_what) {
            (Phase::HalfOpen, Admission::Probe) => {
                *self = Self { phase: Phase::Ramping { until: now + RAMP }, ..Self::new() }
            }
            (Phase::Closed | Phase::Ramping { .. }, _) => {
                self.remember(0);
                self.in_a_row = 0;
                if self.state(now) == BreakerState::Closed {
                    self.phase = Phase::Closed;
                }
            }
            // An answer to what was sent before the breaker opened decides nothing.
            (Phase::Open { .. } | Phase::HalfOpen, _) => {}
        }
    }

    /// `luck` lies between 0 and 1 and decides how long the breaker rests.
    pub(crate) fn failed(&mut self, as_what: Admission, now: Duration, luck: f64) {
        match (self.phase, as_what) {
            (Phase::HalfOpen, Admission::Probe) => self.open(now, luck),
            (Phase::Closed | Phase::Ramping { .. }, _) => {
                self.remember(1);
                self.in_a_row = self.in_a_row.saturating_add(1);
                if self.in_a_row >= IN_A_ROW || self.window.count_ones() >= HALF_OF_WINDOW {
                    self.open(now, luck);
                }
            }
            (Phase::Open { .. } | Phase::HalfOpen, _) => {}
        }
    }

    /// The caller went away before there was an outcome: the next call may try in place of an abandoned probe.
    pub(crate) fn abandoned(&mut self, as_what: Admission, now: Duration) {
        if self.phase == Phase::HalfOpen && as_what == Admission::Probe {
            self.phase = Phase::Open { until: now };
        }
    }

    fn open(&mut self, now: Duration, luck: f64) {
        *self = Self {
            phase: Phase::Open { until: now + REST.mul_f64(1.0 - JITTER + 2.0 * JITTER * luck) },
            ..Self::new()
        };
    }

    fn remember(&mut self, failure: u32) {
        self.window = (self.window << 1 | failure) & ((1 << WINDOW) - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::{Admission::*, *};

    const T0: Duration = Duration::from_secs(100);

    fn millis(n: u64) -> Duration {
        T0 + Duration::from_millis(n)
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::new();
        (0..5).for_each(|_| breaker.failed(Pass, T0, 0.5));
        assert_eq!(breaker.state(T0), BreakerState::Open);
        breaker
    }

    #[test]
    fn five_failures_in_a_row_open_it() {
        let mut breaker = Breaker::new();
        for _ in 0..4 {
            breaker.failed(Pass, T0, 0.5);
        }
        assert_eq!(breaker.admit(T0), Pass);
        breaker.succeeded(Pass, T0);
        for _ in 0..4 {
            breaker.failed(Pass, T0, 0.5);
        }
        assert_eq!(breaker.admit(T0), Pass);
        breaker.failed(Pass, T0, 0.5);
        assert_eq!(breaker.admit(T0), Refuse);
    }

    #[test]
    fn half_of_the_last_twenty_opens_it() {
        let mut breaker = Breaker::new();
        for _ in 0..9 {
            breaker.failed(Pass, T0, 0.5);
            breaker.succeeded(Pass, T0);
        }
        assert_eq!(breaker.state(T0), BreakerState::Closed);
        breaker.failed(Pass, T0, 0.5);
        assert_eq!(breaker.state(T0), BreakerState::Open);
    }

    #[test]
    fn failures_older_than_twenty_calls_are_forgotten() {
        let mut breaker = Breaker::new();
        breaker.failed(Pass, T0, 0.5);
        (0..19).for_each(|_| breaker.succeeded(Pass, T0));
        assert!(!breaker.is_pristine());
        breaker.succeeded(Pass, T0);
        assert!(breaker.is_pristine());
    }

    #[test]
    fn it_rests_for_a_second_give_or_take_thirty_percent() {
        for (luck, rest) in [(0.0, 700), (0.5, 1000), (1.0, 1300)] {
            let mut breaker = Breaker::new();
            (0..5).for_each(|_| breaker.failed(Pass, T0, luck));
            assert_eq!(breaker.admit(millis(rest - 1)), Refuse);
            assert_eq!(breaker.admit(millis(rest)), Probe);
        }
    }

    #[test]
    fn one_probe_decides() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(millis(1000)), Probe);
        assert_eq!(breaker.state(millis(1000)), BreakerState::HalfOpen);
        assert_eq!(breaker.admit(millis(1000)), Refuse);
        breaker.failed(Probe, millis(1050), 0.5);
        assert_eq!(breaker.admit(millis(2049)), Refuse);
        assert_eq!(breaker.admit(millis(2050)), Probe);
        breaker.succeeded(Probe, millis(2060));
        assert_eq!(breaker.admit(millis(2060)), Pass);
    }

    #[test]
    fn answers_to_older_calls_do_not_decide() {
        let mut breaker = opened();
        breaker.succeeded(Pass, T0);
        assert_eq!(breaker.state(T0), BreakerState::Open);
        assert_eq!(breaker.admit(millis(1000)), Probe);
        breaker.succeeded(Pass, millis(1001));
        breaker.failed(Pass, millis(1001), 0.5);
        breaker.abandoned(Pass, millis(1001));
        assert_eq!(breaker.state(millis(1001)), BreakerState::HalfOpen);
    }

    #[test]
    fn abandoned_probe_leaves_its_place_to_the_next() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(millis(1000)), Probe);
        breaker.abandoned(Probe, millis(1010));
        assert_eq!(breaker.admit(millis(1010)), Probe);
    }

    #[test]
    fn it_ramps_for_five_seconds_after_a_recovery() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(millis(1000)), Probe);
        breaker.succeeded(Probe, millis(1000));
        assert_eq!(breaker.state(millis(5999)), BreakerState::Ramping);
        assert_eq!(breaker.state(millis(6000)), BreakerState::Closed);
        assert!(!breaker.is_pristine());
        breaker.succeeded(Pass, millis(6000));
        assert!(breaker.is_pristine());
    }

    #[test]
    fn failures_while_ramping_open_it_again() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(millis(1000)), Probe);
        breaker.succeeded(Probe, millis(1000));
        (0..5).for_each(|_| breaker.failed(Pass, millis(1001), 0.5));
        assert_eq!(breaker.state(millis(1001)), BreakerState::Open);
    }
}
