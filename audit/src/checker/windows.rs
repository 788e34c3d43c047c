//! Which fault was it?

use crate::words::{Fault, Nanos};

/// How long a fault may do harm after it was mended: connections are made again, the circuit breaker closes, what was missed is repeated.
const TAIL: Nanos = 5_000_000_000;

/// When what was broken. Faults come one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Windows(Vec<Window>);

#[derive(Clone, Copy, Debug)]
struct Window {
    fault: Fault,
    begin: Nanos,
    end: Option<Nanos>,
}

impl Windows {
    pub(super) fn broken(&mut self, fault: Fault, at: Nanos) {
        self.0.push(Window { fault, begin: at, end: None });
    }

    pub(super) fn mended(&mut self, fault: Fault, at: Nanos) {
        if let Some(window) = self.0.iter_mut().rev().find(|w| w.fault == fault && w.end.is_none()) {
            window.end = Some(at);
        }
    }

    /// Whatever was broken between these moments; the latest one.
    pub(super) fn during(&self, from: Nanos, to: Nanos) -> Option<Fault> {
        self.overlapping(from, to, 0).next()
    }

    /// Faults that did harm between these moments, the latest first.
    pub(super) fn felt(&self, from: Nanos, to: Nanos) -> impl Iterator<Item = Fault> {
        self.overlapping(from, to, TAIL)
    }

    fn overlapping(&self, from: Nanos, to: Nanos, tail: Nanos) -> impl Iterator<Item = Fault> {
        let lasts = move |w: &&Window| w.end.is_none_or(|end| end + tail >= from);
        self.0.iter().rev().take_while(lasts).filter(move |w| w.begin <= to).map(|w| w.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_felt_from_its_beginning_until_a_while_after_its_end() {
        let mut windows = Windows::default();
        let second = 1_000_000_000;
        windows.broken(Fault::Kill, 10 * second);
        windows.mended(Fault::Kill, 11 * second);
        windows.broken(Fault::Cut, 20 * second);
        let felt = |from, to| windows.felt(from * second, to * second).collect::<Vec<_>>();
        assert_eq!(felt(0, 9), []);
        assert_eq!(felt(9, 10), [Fault::Kill]);
        assert_eq!(felt(15, 19), [Fault::Kill]);
        assert_eq!(felt(17, 19), []);
        assert_eq!(felt(10, 20), [Fault::Cut, Fault::Kill], "the latest first");
        assert_eq!(felt(99, 100), [Fault::Cut], "still broken");
        assert_eq!(windows.during(11 * second, 12 * second), Some(Fault::Kill));
        assert_eq!(windows.during(12 * second, 13 * second), None);
    }
}
