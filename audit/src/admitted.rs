//! Which broken promises does the design admit, and for how long?
//!
//! The table below is the one in the design (section 5, "promise | lease | strict"), row by row, with the names that the checker
//! gives to what it finds. Whatever is not in it is a violation.

use crate::words::{Fault, Fence, Level, Nanos, Promise, Via, nanos};
use std::time::Duration;

/// How long entries live; the attributes of the workers' repositories say the same.
pub(crate) const TTL: Duration = Duration::from_secs(20);

/// What the run was asked to do, as far as it decides what is admitted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) fence: Fence,
    /// For how long a worker's memory may answer by itself.
    pub(crate) l1_max_lag: Option<Duration>,
}

/// How long a stale value may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// As long as the state lasts that the promise names.
    Always,
    /// At worst until the entry's ttl, with its jitter.
    Ttl,
    /// For `l1_max_lag`.
    Lag,
    /// Both, one after the other.
    TtlAndLag,
}

/// One line of the table.
struct Line {
    promise: Promise,
    levels: &'static [Level],
    vias: &'static [Via],
    /// With which `on_fence_fail`.
    fences: &'static [Fence],
    faults: &'static [Fault],
    bound: Bound,
    why: &'static str,
}

const THROUGH_L2: &[Via] = &[Via::L2];
const THROUGH_L1: &[Via] = &[Via::L1];
const THROUGH_BOTH: &[Via] = &[Via::L2, Via::L1];
const LEASE: &[Level] = &[Level::Lease];
const STRICT: &[Level] = &[Level::Strict];

/// Faults that keep a writer's invalidation from Redis: until it is repeated, and for ever if the writer dies first.
const CUTTING: &[Fault] = &[
    Fault::Slow,
    Fault::Kill,
    Fault::Stop,
    Fault::RedisKill,
    Fault::RedisStop,
    Fault::Partition,
    Fault::Delay,
    Fault::BlackHole,
    Fault::Cut,
];
/// Faults that make Redis forget what it was told: holds, intents, leases.
const FORGETTING: &[Fault] = &[Fault::RedisKill, Fault::Flush, Fault::EvictAll];
/// Faults by which a live writer loses its intent: it stands still or is cut off for longer than the intent lasts, or Redis forgets it.
const INTENT_LOST: &[Fault] = &[
    Fault::Stop,
    Fault::RedisKill,
    Fault::RedisStop,
    Fault::Flush,
    Fault::EvictAll,
    Fault::Partition,
    Fault::BlackHole,
    Fault::Cut,
];

const TABLE: &[Line] = &[
    Line {
        promise: Promise::Order,
        levels: LEASE,
        vias: THROUGH_BOTH,
        fences: Fence::ALL,
        faults: Fault::ALL,
        bound: Bound::Always,
        why: "lease: between commit and invalidation readers may see new, then old",
    },
    Line {
        promise: Promise::CutOff,
        levels: LEASE,
        vias: THROUGH_L2,
        fences: Fence::ALL,
        faults: CUTTING,
        bound: Bound::Ttl,
        why: "lease: a writer cut off from Redis leaves the old value until it is repeated, at worst until the ttl",
    },
    Line {
        promise: Promise::CutOff,
        levels: LEASE,
        vias: THROUGH_L1,
        fences: Fence::ALL,
        faults: CUTTING,
        bound: Bound::TtlAndLag,
        why: "lease: the same through L1, and its lag",
    },
    Line {
        promise: Promise::Finished,
        levels: LEASE,
        vias: THROUGH_L2,
        fences: Fence::ALL,
        faults: CUTTING,
        bound: Bound::Ttl,
        why: "lease: a process killed between commit and invalidation, or one that gave a write up and is cut off, leaves the old value, at worst until the ttl",
    },
    Line {
        promise: Promise::Finished,
        levels: LEASE,
        vias: THROUGH_L2,
        fences: Fence::ALL,
        faults: FORGETTING,
        bound: Bound::Ttl,
        why: "lease: Redis forgot the hold of a write that was given up",
    },
    Line {
        promise: Promise::Finished,
        levels: LEASE,
        vias: THROUGH_L1,
        fences: Fence::ALL,
        faults: Fault::ALL,
        bound: Bound::TtlAndLag,
        why: "lease: the same through L1, and its lag",
    },
    Line {
        promise: Promise::Acknowledged,
        levels: Level::ALL,
        vias: THROUGH_L1,
        fences: Fence::ALL,
        faults: Fault::ALL,
        bound: Bound::Lag,
        why: "through L1 on another node: within `l1_max_lag`",
    },
    Line {
        promise: Promise::Finished,
        levels: STRICT,
        vias: THROUGH_L1,
        fences: Fence::ALL,
        faults: Fault::ALL,
        bound: Bound::Lag,
        why: "through L1 on another node: within `l1_max_lag`",
    },
    Line {
        promise: Promise::Order,
        levels: STRICT,
        vias: THROUGH_L1,
        fences: Fence::ALL,
        faults: Fault::ALL,
        bound: Bound::Lag,
        why: "through L1 on another node: within `l1_max_lag`",
    },
    Line {
        promise: Promise::Order,
        levels: STRICT,
        vias: THROUGH_BOTH,
        fences: Fence::ALL,
        faults: INTENT_LOST,
        bound: Bound::Always,
        why: "strict: a live writer lost its intent",
    },
    Line {
        promise: Promise::CutOff,
        levels: STRICT,
        vias: THROUGH_L2,
        fences: &[Fence::Proceed],
        faults: CUTTING,
        bound: Bound::Ttl,
        why: "strict with `proceed`: a writer cut off from Redis leaves the old value until it is repeated, at worst until the ttl",
    },
    Line {
        promise: Promise::CutOff,
        levels: STRICT,
        vias: THROUGH_L1,
        fences: &[Fence::Proceed],
        faults: CUTTING,
        bound: Bound::TtlAndLag,
        why: "strict with `proceed`: the same through L1, and its lag",
    },
    Line {
        promise: Promise::Finished,
        levels: STRICT,
        vias: THROUGH_L2,
        fences: &[Fence::Proceed],
        faults: CUTTING,
        bound: Bound::Ttl,
        why: "strict with `proceed`: a writer cut off from Redis was killed or gave up",
    },
];

/// What the clock and the heartbeat may add to a bound.
const SLACK: Duration = Duration::from_millis(50);

/// Why this is admitted; `None` if it isn't.
pub(crate) fn admitted(
    terms: Terms,
    level: Level,
    via: Via,
    fault: Fault,
    promise: Promise,
    stale: Nanos,
) -> Option<&'static str> {
    let fits = |line: &&Line| {
        line.promise == promise
            && line.levels.contains(&level)
            && line.vias.contains(&via)
            && line.fences.contains(&terms.fence)
            && line.faults.contains(&fault)
    };
    TABLE.iter().filter(fits).find(|line| line.bound.holds(terms, stale)).map(|line| line.why)
}

impl Bound {
    fn holds(self, terms: Terms, stale: Nanos) -> bool {
        let ttl = TTL.mul_f64(1.1);
        let lag = terms.l1_max_lag.unwrap_or_default();
        let bound = match self {
            Self::Always => return true,
            Self::Ttl => ttl,
            Self::Lag => lag,
            Self::TtlAndLag => ttl + lag,
        };
        stale <= nanos(bound + SLACK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = 1_000_000_000;

    fn terms(fence: Fence) -> Terms {
        Terms { fence, l1_max_lag: Some(Duration::from_secs(1)) }
    }

    fn is(fence: Fence, level: Level, via: Via, fault: Fault, promise: Promise, stale: Nanos) -> bool {
        admitted(terms(fence), level, via, fault, promise, stale).is_some()
    }

    #[test]
    fn nothing_excuses_a_write_missed_after_its_invalidation_arrived() {
        for fault in Fault::ALL {
            for level in Level::ALL {
                let promise = Promise::Acknowledged;
                assert!(!is(Fence::Proceed, *level, Via::L2, *fault, promise, 1));
                assert!(is(Fence::Proceed, *level, Via::L1, *fault, promise, SECOND / 2));
                assert!(!is(Fence::Proceed, *level, Via::L1, *fault, promise, 2 * SECOND));
                assert!(!is(Fence::Proceed, *level, Via::L1, *fault, Promise::Own, 1));
                assert!(!is(Fence::Proceed, *level, Via::L2, *fault, Promise::Written, 0));
            }
        }
    }

    #[test]
    fn strict_with_reject_admits_nothing_but_lost_intents() {
        for fault in Fault::ALL {
            for promise in Promise::ALL {
                let admits = is(Fence::Reject, Level::Strict, Via::L2, *fault, *promise, 1);
                assert_eq!(
                    admits,
                    *promise == Promise::Order && INTENT_LOST.contains(fault),
                    "{promise} {fault}"
                );
            }
        }
    }

    #[test]
    fn a_writer_cut_off_is_admitted_until_the_ttl_and_not_without_a_fault() {
        let cut = |fault, stale| is(Fence::Proceed, Level::Lease, Via::L2, fault, Promise::CutOff, stale);
        assert!(cut(Fault::Partition, 5 * SECOND));
        assert!(!cut(Fault::Partition, 30 * SECOND));
        assert!(!cut(Fault::None, 1));
    }

    #[test]
    fn the_database_itself_has_no_excuse() {
        for promise in Promise::ALL {
            assert!(!is(Fence::Proceed, Level::Lease, Via::Database, Fault::Kill, *promise, 0));
        }
    }
}
