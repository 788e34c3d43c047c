//! Which fault was it?

use crate::words::{Fault, Nanos};

/// How long a fault is felt after it was mended: connections are made again, what was missed is repeated.
const TAIL: Nanos = 3_000_000_000;

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

    /// The latest fault that was felt between these moments.
    pub(super) fn felt(&self, from: Nanos, to: Nanos) -> Option<Fault> {
        let lasts = |w: &&Window| w.end.is_none_or(|end| end + TAIL >= from);
        self.0.iter().rev().take_while(lasts).find(|w| w.begin <= to).map(|w| w.fault)
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
        assert_eq!(windows.felt(0, 9 * second), None);
        assert_eq!(windows.felt(9 * second, 10 * second), Some(Fault::Kill));
        assert_eq!(windows.felt(13 * second, 19 * second), Some(Fault::Kill));
        assert_eq!(windows.felt(15 * second, 19 * second), None);
        assert_eq!(windows.felt(10 * second, 20 * second), Some(Fault::Cut), "the latest");
        assert_eq!(windows.felt(99 * second, 100 * second), Some(Fault::Cut), "still broken");
    }
}
