//! Visits every state of a configuration of write-behind, and says which promises held.

use super::{Config, Event, Step, World, coverage::Coverage, steps::Behind};
use stateright::{Checker, Model};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// What write-behind promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// When nothing is pending any more, every accepted write is in the database, or was replaced by one that is, or is a dead letter; and the
    /// database ends with the last.
    NothingIsLost,
    /// The row never goes back to an earlier write.
    InOrder,
    /// No write arrives twice.
    Once,
    /// A read that begins after a write was acknowledged returns that write, or a later one.
    AcknowledgedIsSeen,
    /// A read that begins after another has returned doesn't return an older value.
    NeverBack,
    /// The store shows what the database has, or what waits to be flushed.
    NothingStaleStays,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NothingIsLost,
        Self::InOrder,
        Self::Once,
        Self::AcknowledgedIsSeen,
        Self::NeverBack,
        Self::NothingStaleStays,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::NothingIsLost => "W1",
            Self::InOrder => "W2",
            Self::Once => "W3",
            Self::AcknowledgedIsSeen => "W4",
            Self::NeverBack => "W5",
            Self::NothingStaleStays => "W6",
        }
    }
}

/// What came of an exploration.
#[derive(Debug)]
pub struct Explored {
    /// Which promises are broken, and the shortest way to break each.
    pub broken: Vec<(Promise, Vec<Step>)>,
    /// How many different states there are.
    pub states: usize,
    /// How many steps lead to them.
    pub transitions: usize,
    /// How long it took.
    pub took: Duration,
    /// What happened, and how often.
    pub events: Vec<(Event, u64)>,
}

impl Explored {
    /// The promises that are broken.
    pub fn broken(&self) -> Vec<Promise> {
        self.broken.iter().map(|(promise, _)| *promise).collect()
    }

    /// Whether this happened at all.
    pub fn saw(&self, event: Event) -> bool {
        self.events.iter().any(|(seen, times)| *seen == event && *times > 0)
    }
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} states, {} steps, {:.1?}, broken:", self.states, self.transitions, self.took)?;
        for promise in self.broken() {
            write!(f, " {}", promise.name())?;
        }
        Ok(())
    }
}

/// Visits every state that a configuration can reach. Where every promise is broken it stops.
pub fn explore(config: &Config) -> Explored {
    let coverage = Arc::<Coverage>::default();
    let begun = Instant::now();
    let behind = Behind { config: config.clone(), coverage: coverage.clone() };
    let checker = behind.checker().spawn_bfs().join();
    let broken = Promise::ALL.into_iter().filter_map(|promise| {
        let path = checker.discovery(promise.name())?;
        let steps = path.into_vec().into_iter().filter_map(|(_, step): (World, Option<Step>)| step);
        Some((promise, steps.collect()))
    });
    Explored {
        broken: broken.collect(),
        states: checker.unique_state_count(),
        transitions: checker.state_count(),
        took: begun.elapsed(),
        events: coverage.seen(),
    }
}
