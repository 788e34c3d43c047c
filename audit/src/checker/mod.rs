//! Did every read return what it had to?
//!
//! The checker eats events in the order of time and keeps what it needs: per row its writes and a few stairs, nothing per read. Each broken
//! promise is put down to a fault that was felt since the missed write was begun, and looked up in the table of what is admitted.

mod register;
mod stairs;
#[cfg(test)]
mod tests;
mod windows;

use crate::{
    admitted::{Terms, admitted},
    event::{Event, What},
    tally::{Breach, Place, Tally},
    words::{Fault, Level, Nanos, Via},
};
use register::{Finding, Reading, Register, Verdict};
use std::collections::HashMap;
use windows::Windows;

/// How long before a write was begun a missed call of its process still explains that its invalidation was not sent: the circuit breaker
/// may have opened.
const BEFORE: Nanos = 3_000_000_000;

/// Checks a history while it is made.
#[derive(Debug)]
pub(crate) struct Checker {
    terms: Terms,
    registers: HashMap<(Level, u16), Register>,
    windows: Windows,
    /// When calls to the store were missed, per process.
    missed: HashMap<u32, Vec<Nanos>>,
    counted: HashMap<u32, (u64, u64)>,
    tally: Tally,
}

impl Checker {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            terms,
            registers: HashMap::new(),
            windows: Windows::default(),
            missed: HashMap::new(),
            counted: HashMap::new(),
            tally: Tally::default(),
        }
    }

    /// Takes the next event.
    pub(crate) fn take(&mut self, event: &Event) {
        let Event { at, process, what } = *event;
        match what {
            What::Read { level, via, key, reader, begin, seen } => {
                let reading = Reading { process, reader, begin, end: at, seen };
                self.read(level, via, key, &reading);
            }
            What::Invoked { level, key, token, kind } => {
                self.register(level, key).invoked(at, process, token, kind);
            }
            What::Ended { level, key, token, outcome } => {
                self.tally.write(level, outcome);
                self.register(level, key).ended(at, token, outcome);
            }
            What::Delivered { level, key, begin } => self.register(level, key).delivered(at, process, begin),
            What::Missed => {
                self.tally.missed += 1;
                self.missed.entry(process).or_default().push(at);
            }
            What::Counted { hits, reads } => {
                self.counted.insert(process, (hits, reads));
            }
            What::Tick => {}
            What::Died(process) => {
                self.registers.values_mut().for_each(|register| register.died(at, process));
            }
            What::Broken(fault) => {
                self.tally.fault(fault);
                self.windows.broken(fault, at);
            }
            What::Mended(fault) => self.windows.mended(fault, at),
        }
    }

    /// What was found so far.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The part of reads through caches that needed no body; `None` without reads.
    pub(crate) fn hit_ratio(&self) -> Option<f64> {
        let (hits, reads) = self.counted.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        #[expect(clippy::cast_precision_loss, reason = "a ratio of counts far below 2^52")]
        (reads > 0).then(|| hits as f64 / reads as f64)
    }

    fn register(&mut self, level: Level, key: u16) -> &mut Register {
        self.registers.entry((level, key)).or_default()
    }

    fn read(&mut self, level: Level, via: Via, key: u16, reading: &Reading) {
        let verdict = self.register(level, key).read(reading);
        let during = self.windows.during(reading.begin, reading.end).unwrap_or(Fault::None);
        let place = Place { level, via, fault: during };
        match verdict {
            Verdict::Good => self.tally.good(place),
            Verdict::Unknown => self.tally.unknown(place),
            Verdict::Broken(finding) => {
                let Finding { promise, since, went_back, .. } = finding;
                let stale = reading.begin.saturating_sub(since);
                let faults = self.suspects(level, key, &finding, reading);
                let excuse = |fault| Some((fault, admitted(self.terms, level, via, fault, promise, stale)?));
                let excused = faults.iter().copied().find_map(excuse);
                let (fault, why) = match excused {
                    Some((fault, why)) => (fault, Some(why)),
                    None => (faults.first().copied().unwrap_or(Fault::None), None),
                };
                let breach = Breach { promise, stale, went_back, admitted: why };
                self.tally.broken(Place { level, via, fault }, &breach);
            }
        }
    }

    /// What may have been the cause: the faults that were felt while the missed write was made, the latest first, then those felt until it
    /// was missed, then that its process could not reach Redis, for whatever reason; nothing at all only if there is none of these.
    fn suspects(&self, level: Level, key: u16, finding: &Finding, reading: &Reading) -> Vec<Fault> {
        let write = self.registers.get(&(level, key)).and_then(|register| register.write(finding.token));
        let Some(write) = write else {
            return self.windows.felt(reading.begin, reading.end).collect();
        };
        let begin = write.invoked;
        let mut faults: Vec<Fault> = self.windows.felt(begin, write.ended.unwrap_or(reading.end)).collect();
        faults.extend(self.windows.felt(begin, reading.end));
        let missed = self.missed.get(&write.process).is_some_and(|times| {
            let first = times.partition_point(|at| *at + BEFORE < begin);
            times.get(first).is_some_and(|at| *at <= reading.end)
        });
        if missed {
            faults.push(Fault::Slow);
        }
        if faults.is_empty() {
            faults.push(Fault::None);
        }
        faults
    }
}
