//! Visits every state of a configuration, and says which promises held.

use crate::{Config, Event, Step, World, coverage::Coverage, steps::Protocol};
use stateright::{Checker, Model};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// What is promised of what readers see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// When everything is over, the entry is what the row holds, or there is none.
    NothingStaleStays,
    /// A read that begins after a write was acknowledged returns that write, or a later one.
    AcknowledgedIsSeen,
    /// A read that begins after another has returned doesn't return an older value.
    NeverBack,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NothingStaleStays, Self::AcknowledgedIsSeen, Self::NeverBack];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::NothingStaleStays => "P1",
            Self::AcknowledgedIsSeen => "P2",
            Self::NeverBack => "P3",
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
    /// How many steps the longest of the shortest ways has.
    pub depth: usize,
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
        write!(
            f,
            "{} states, {} steps, depth {}, {:.1?}",
            self.states, self.transitions, self.depth, self.took
        )?;
        for promise in Promise::ALL {
            let verdict = if self.broken().contains(&promise) { "broken" } else { "holds" };
            write!(f, ", {} {verdict}", promise.name())?;
        }
        Ok(())
    }
}

/// Visits every state that a configuration can reach. Where every promise is broken it stops.
pub fn explore(config: &Config) -> Explored {
    let coverage = Arc::<Coverage>::default();
    let begun = Instant::now();
    let protocol = Protocol { config: config.clone(), coverage: coverage.clone() };
    let checker = protocol.checker().spawn_bfs().join();
    let broken = Promise::ALL.into_iter().filter_map(|promise| {
        let path = checker.discovery(promise.name())?;
        let steps = path.into_vec().into_iter().filter_map(|(_, step): (World, Option<Step>)| step);
        Some((promise, steps.collect()))
    });
    Explored {
        broken: broken.collect(),
        states: checker.unique_state_count(),
        transitions: checker.state_count(),
        depth: checker.max_depth(),
        took: begun.elapsed(),
        events: coverage.seen(),
    }
}
