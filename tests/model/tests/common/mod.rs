//! What the explorations share.
#![allow(dead_code)] // each test binary uses its own part of this

use protocol_model::{Config, Event, Level, Writing};

pub(crate) fn strict() -> Writing {
    Writing::new(Level::Strict)
}

pub(crate) fn lease() -> Writing {
    Writing::new(Level::Lease)
}

/// Writers and readers, each in a process of its own, and no faults.
pub(crate) fn page(name: &'static str, writers: &[Writing], reads: &[u8]) -> Config {
    Config { name, writers: writers.to_vec(), reads: reads.to_vec(), ..Config::default() }
}

/// What happens where readers share flights.
pub(crate) fn all_kinds_of_loads() -> [Event; 9] {
    [
        Event::Hit,
        Event::Granted,
        Event::Bypassed,
        Event::Found,
        Event::Filled,
        Event::Refused,
        Event::Kept,
        Event::Followed,
        Event::SentAway,
    ]
}
