//! What was found, counted by level, way, fault and promise.

use crate::{
    event::Outcome,
    words::{Fault, Level, Nanos, Promise, Via},
};
use std::collections::BTreeMap;

/// Where something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) level: Level,
    pub(crate) via: Via,
    pub(crate) fault: Fault,
}

/// A broken promise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Breach {
    pub(crate) promise: Promise,
    pub(crate) stale: Nanos,
    pub(crate) went_back: bool,
    pub(crate) admitted: Option<&'static str>,
}

/// All counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) places: BTreeMap<Place, Reads>,
    pub(crate) writes: BTreeMap<Level, Writes>,
    /// How often each fault was injected.
    pub(crate) faults: BTreeMap<Fault, u64>,
    /// Moments at which calls to the store were missed.
    pub(crate) missed: u64,
    /// Why breaches were admitted, and how often.
    pub(crate) reasons: BTreeMap<&'static str, u64>,
}

/// Reads of one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads {
    pub(crate) checked: u64,
    /// Reads that failed, or whose answer could be neither right nor wrong.
    pub(crate) unknown: u64,
    pub(crate) breaches: BTreeMap<Promise, Count>,
}

/// Breaches of one promise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) admitted: u64,
    pub(crate) violations: u64,
    /// Of both, those in which one reader went back by itself.
    pub(crate) went_back: u64,
    pub(crate) longest: Nanos,
}

/// Writes of one level.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Writes {
    pub(crate) acknowledged: u64,
    pub(crate) unknown: u64,
    pub(crate) refused: u64,
}

impl Tally {
    pub(crate) fn good(&mut self, place: Place) {
        self.places.entry(place).or_default().checked += 1;
    }

    pub(crate) fn unknown(&mut self, place: Place) {
        self.places.entry(place).or_default().unknown += 1;
    }

    pub(crate) fn broken(&mut self, place: Place, breach: &Breach) {
        let reads = self.places.entry(place).or_default();
        reads.checked += 1;
        let count = reads.breaches.entry(breach.promise).or_default();
        match breach.admitted {
            Some(why) => {
                count.admitted += 1;
                *self.reasons.entry(why).or_default() += 1;
            }
            None => count.violations += 1,
        }
        count.went_back += u64::from(breach.went_back);
        count.longest = count.longest.max(breach.stale);
    }

    pub(crate) fn write(&mut self, level: Level, outcome: Outcome) {
        let writes = self.writes.entry(level).or_default();
        match outcome {
            Outcome::Acknowledged { .. } => writes.acknowledged += 1,
            Outcome::Unknown => writes.unknown += 1,
            Outcome::Refused => writes.refused += 1,
        }
    }

    pub(crate) fn fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// Reads through caches that were checked.
    pub(crate) fn checked(&self) -> u64 {
        let cached = self.places.iter().filter(|(place, _)| place.via != Via::Database);
        cached.map(|(_, reads)| reads.checked).sum()
    }

    /// Breaches that nothing admits.
    pub(crate) fn violations(&self) -> u64 {
        self.breaches().map(|count| count.violations).sum()
    }

    /// Breaches that the design admits.
    pub(crate) fn admitted(&self) -> u64 {
        self.breaches().map(|count| count.admitted).sum()
    }

    fn breaches(&self) -> impl Iterator<Item = &Count> {
        self.places.values().flat_map(|reads| reads.breaches.values())
    }
}
