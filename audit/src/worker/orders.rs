//! What the auditor tells a worker when it starts it.

use super::Bug;
use crate::words::{Fence, Level, named};
use std::time::Duration;

/// The word that makes this program a worker; not for users.
pub(crate) const WORKER: &str = "worker";

/// A worker's orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Orders {
    pub(crate) process: u32,
    pub(crate) redis: String,
    pub(crate) database: String,
    pub(crate) levels: Vec<Level>,
    pub(crate) fence: Fence,
    pub(crate) l1: Option<Duration>,
    pub(crate) keys: u16,
    /// Reads per second.
    pub(crate) reads: u32,
    /// Writes per second.
    pub(crate) writes: u32,
    pub(crate) bug: Option<Bug>,
    pub(crate) skewed: bool,
    pub(crate) patient: bool,
}

impl Orders {
    /// As arguments of this program.
    pub(crate) fn to_args(&self) -> Vec<String> {
        let levels: Vec<_> = self.levels.iter().map(|level| level.word()).collect();
        let l1 = self.l1.map_or(0, |lag| lag.as_millis());
        vec![
            WORKER.to_owned(),
            self.process.to_string(),
            self.redis.clone(),
            self.database.clone(),
            levels.join(","),
            self.fence.to_string(),
            l1.to_string(),
            self.keys.to_string(),
            self.reads.to_string(),
            self.writes.to_string(),
            self.bug.map_or("none", Bug::word).to_owned(),
            self.skewed.to_string(),
            self.patient.to_string(),
        ]
    }

    /// From the arguments behind `worker`; `None` when somebody else wrote them.
    pub(crate) fn from_args(args: &[String]) -> Option<Self> {
        let [process, redis, database, levels, fence, l1, keys, reads, writes, bug, skewed, patient] = args
        else {
            return None;
        };
        let l1 = Duration::from_millis(l1.parse().ok()?);
        Some(Self {
            process: process.parse().ok()?,
            redis: redis.clone(),
            database: database.clone(),
            levels: levels.split(',').map(|level| named(Level::ALL, level)).collect::<Option<_>>()?,
            fence: named(Fence::ALL, fence)?,
            l1: (!l1.is_zero()).then_some(l1),
            keys: keys.parse().ok()?,
            reads: reads.parse().ok()?,
            writes: writes.parse().ok()?,
            bug: named(Bug::ALL, bug),
            skewed: skewed.parse().ok()?,
            patient: patient.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_arrive_as_they_were_given() {
        let orders = Orders {
            process: 9,
            redis: "redis://127.0.0.1:1".into(),
            database: "sqlite:///tmp/a b.db".into(),
            levels: Level::ALL.to_vec(),
            fence: Fence::Reject,
            l1: Some(Duration::from_millis(500)),
            keys: 16,
            reads: 100,
            writes: 10,
            bug: Some(Bug::EarlyAck),
            skewed: true,
            patient: false,
        };
        assert_eq!(Orders::from_args(&orders.to_args()[1..]), Some(orders.clone()));
        let plain = Orders { l1: None, bug: None, ..orders };
        assert_eq!(Orders::from_args(&plain.to_args()[1..]), Some(plain));
        assert_eq!(Orders::from_args(&["1".to_owned()]), None);
    }
}
