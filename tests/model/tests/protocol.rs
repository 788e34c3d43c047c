//! Which promises does the protocol keep, whatever happens?
//!
//! Each configuration is explored in full, and what it breaks must be what the contract admits, no less and no more.

mod common;

use common::{all_kinds_of_loads, lease, page, strict};
use protocol_model::{
    Config, Event, Explored, Faults, Fence,
    Promise::{self, AcknowledgedIsSeen as P2, NeverBack as P3, NothingStaleStays as P1},
    explore,
};

/// Explores, and compares what is broken with what may be.
fn breaks(config: &Config, admitted: &[Promise]) -> Explored {
    let explored = explore(config);
    println!("{}: {explored}", config.name);
    for (promise, steps) in &explored.broken {
        println!("    {}: {steps:?}", promise.name());
    }
    assert_eq!(explored.broken(), admitted, "{}: {:#?}", config.name, explored.broken);
    explored
}

fn keeps_all(config: &Config) -> Explored {
    breaks(config, &[])
}

fn assert_saw(explored: &Explored, events: &[Event]) {
    for event in events {
        assert!(explored.saw(*event), "{event:?} never happened: {:?}", explored.events);
    }
}

const STORE: Faults = Faults { eviction: true, lost_leases: true, lost_floors: false, ..NONE };
const NONE: Faults = Faults {
    eviction: false,
    lost_leases: false,
    lost_floors: false,
    lost_intents: false,
    crashes: false,
    cancelled_writes: false,
    short_holds: false,
    failed_writes: false,
    cancelled_loads: false,
    replica: false,
    repeated_begins: false,
    cut_off: false,
    late_calls: 0,
    flushes: 0,
};

#[test]
fn strict_writers_keep_every_promise() {
    let explored = keeps_all(&Config {
        faults: Faults { failed_writes: true, ..NONE },
        ..page("strict", &[strict(), strict()], &[2, 2, 1])
    });
    assert_saw(&explored, &[Event::Hit, Event::Granted, Event::GaveUp, Event::Bypassed, Event::Filled]);
    assert_saw(&explored, &[Event::Refused, Event::Kept, Event::Dropped]);
}

#[test]
fn strict_writers_keep_every_promise_to_readers_who_share_flights() {
    let explored = keeps_all(&Config {
        together: 2,
        ..page("strict, shared flights", &[strict().inside(), strict()], &[2, 2])
    });
    assert_saw(&explored, &all_kinds_of_loads());
    keeps_all(&Config {
        together: 2,
        faults: Faults { cancelled_loads: true, ..STORE },
        ..page("strict, shared flights, cancelled loads", &[strict().inside(), strict()], &[1, 1, 1])
    });
}

#[test]
fn strict_writers_keep_every_promise_however_often_the_store_forgets_entries_and_leases() {
    keeps_all(&Config { faults: STORE, ..page("strict, eviction", &[strict(), strict()], &[2, 2, 1]) });
}

#[test]
fn strict_writers_may_die_at_any_step() {
    keeps_all(&Config {
        faults: Faults { crashes: true, ..STORE },
        ..page("strict, eviction, crashes", &[strict(), strict()], &[2, 2])
    });
    keeps_all(&Config {
        together: 2,
        faults: Faults { crashes: true, ..NONE },
        ..page("strict, shared flights, crashes", &[strict().inside(), strict()], &[1, 1, 1])
    });
}

#[test]
fn strict_writers_may_be_dropped_while_their_statement_runs() {
    keeps_all(&Config {
        faults: Faults { cancelled_writes: true, crashes: true, failed_writes: true, ..STORE },
        ..page("strict, dropped writers, crashes", &[strict(), strict()], &[2, 2])
    });
}

#[test]
fn strict_writers_may_write_more_than_once() {
    keeps_all(&Config {
        faults: Faults { crashes: true, eviction: true, ..NONE },
        ..page("strict, three writes", &[strict().twice(), strict()], &[2, 1])
    });
}

#[test]
fn a_live_strict_writer_that_loses_its_intent_may_show_new_then_old_and_nothing_worse() {
    breaks(
        &Config {
            faults: Faults { lost_intents: true, ..STORE },
            ..page("strict, lost intents", &[strict(), strict()], &[2, 2])
        },
        &[P3],
    );
}

#[test]
fn a_strict_writer_that_loses_its_intent_and_dies_leaves_an_old_entry() {
    breaks(
        &Config {
            faults: Faults { lost_intents: true, crashes: true, eviction: true, ..NONE },
            ..page("strict, lost intents, crashes", &[strict(), strict()], &[2, 2])
        },
        &[P1, P3],
    );
}

#[test]
fn a_store_that_loses_everything_costs_a_strict_writer_its_intent_and_nothing_worse() {
    breaks(
        &Config {
            faults: Faults { flushes: 1, ..STORE },
            ..page("strict, everything lost", &[strict(), strict()], &[2, 2])
        },
        &[P3],
    );
}

#[test]
fn calls_of_a_strict_writer_may_come_late_and_twice() {
    keeps_all(&Config {
        fence: Fence::Reject,
        faults: Faults { late_calls: 1, ..STORE },
        ..page("strict, reject, a late call", &[strict(), strict()], &[2, 2])
    });
}

#[test]
fn two_calls_of_strict_writers_may_come_late() {
    keeps_all(&Config {
        fence: Fence::Reject,
        faults: Faults { late_calls: 2, ..NONE },
        ..page("strict, reject, two late calls", &[strict(), strict()], &[2, 1])
    });
}

#[test]
fn an_announcement_may_be_repeated_where_its_end_is_not() {
    keeps_all(&Config {
        fence: Fence::Reject,
        faults: Faults { late_calls: 1, repeated_begins: true, ..NONE },
        ..page("strict, repeated announcement", &[strict(), strict()], &[2, 1])
    });
}

#[test]
fn a_writer_cut_off_at_its_end_is_seen_late_and_leaves_nothing_old() {
    keeps_all(&Config {
        faults: Faults { late_calls: 1, cut_off: true, ..NONE },
        fence: Fence::Reject,
        ..page("strict, reject, cut off", &[strict(), strict()], &[2, 1])
    });
    breaks(
        &Config {
            faults: Faults { late_calls: 1, cut_off: true, ..NONE },
            ..page("lease, cut off", &[lease(), lease()], &[2, 2])
        },
        &[P2, P3],
    );
}

#[test]
fn a_strict_writer_that_goes_on_without_an_answer_is_as_good_as_one_at_level_lease() {
    breaks(
        &Config {
            fence: Fence::Proceed,
            faults: Faults { late_calls: 1, eviction: true, ..NONE },
            ..page("strict, proceed, a late call", &[strict(), strict()], &[2, 2])
        },
        &[P3],
    );
    breaks(
        &Config {
            fence: Fence::Proceed,
            faults: Faults { late_calls: 1, crashes: true, ..NONE },
            ..page("strict, proceed, a late call, crashes", &[strict(), strict()], &[2, 1])
        },
        &[P1, P3],
    );
}

#[test]
fn overlapping_strict_writers_with_versions_keep_every_promise_and_store() {
    let writers = [strict().versioned(), strict().versioned()];
    let explored = keeps_all(&Config {
        versions: true,
        faults: Faults { crashes: true, failed_writes: true, cancelled_writes: true, ..STORE },
        ..page("strict, versions, crashes", &writers, &[2, 2])
    });
    assert_saw(&explored, &[Event::Kept, Event::KeptNewest, Event::Dropped]);
    keeps_all(&Config {
        versions: true,
        fence: Fence::Reject,
        faults: Faults { late_calls: 1, ..STORE },
        ..page("strict, versions, a late call", &writers, &[2, 1])
    });
}

#[test]
fn a_forgotten_floor_breaks_nothing() {
    keeps_all(&Config {
        versions: true,
        faults: Faults { lost_floors: true, eviction: true, ..NONE },
        ..page("strict, versions, lost floors", &[strict().versioned(), strict().versioned()], &[2, 2])
    });
}

#[test]
fn a_writer_with_versions_and_one_without_may_overlap() {
    keeps_all(&Config {
        versions: true,
        faults: Faults { crashes: true, cancelled_writes: true, ..STORE },
        ..page("strict, one with versions", &[strict().versioned(), strict()], &[2, 2])
    });
    keeps_all(&Config {
        versions: true,
        faults: Faults { failed_writes: true, ..NONE },
        ..page(
            "strict, two with versions, one without",
            &[strict().versioned(), strict().versioned(), strict()],
            &[2, 1],
        )
    });
}

#[test]
fn a_statement_that_commits_after_its_hold_leaves_an_old_entry() {
    breaks(
        &Config {
            faults: Faults { short_holds: true, cancelled_writes: true, ..NONE },
            ..page("strict, hold too short", &[strict(), strict()], &[2, 2])
        },
        &[P1, P3],
    );
}

#[test]
fn lease_shows_new_then_old_between_commit_and_invalidation_and_nothing_worse() {
    breaks(
        &Config {
            faults: Faults { failed_writes: true, ..STORE },
            ..page("lease, eviction", &[lease(), lease()], &[2, 2, 1])
        },
        &[P3],
    );
    let explored = breaks(
        &Config {
            together: 2,
            faults: Faults { cancelled_loads: true, ..NONE },
            ..page("lease, shared flights", &[lease().inside(), lease()], &[2, 1, 1])
        },
        &[P3],
    );
    assert_saw(&explored, &[Event::TookOver, Event::Followed, Event::SentAway]);
}

#[test]
fn a_writer_at_lease_that_dies_before_its_invalidation_leaves_an_old_entry() {
    breaks(
        &Config {
            faults: Faults { crashes: true, ..STORE },
            ..page("lease, crashes", &[lease(), lease()], &[2, 2])
        },
        &[P1, P3],
    );
}

#[test]
fn a_writer_at_lease_may_be_dropped_while_its_statement_runs() {
    breaks(
        &Config {
            faults: Faults { cancelled_writes: true, failed_writes: true, ..STORE },
            ..page("lease, dropped writers", &[lease(), lease()], &[2, 2])
        },
        &[P3],
    );
}

#[test]
fn calls_of_a_writer_at_lease_may_come_late_and_twice() {
    breaks(
        &Config {
            faults: Faults { late_calls: 2, ..STORE },
            ..page("lease, two late calls", &[lease(), lease()], &[2, 1])
        },
        &[P3],
    );
}

#[test]
fn a_store_that_loses_everything_costs_level_lease_nothing() {
    breaks(
        &Config {
            faults: Faults { flushes: 1, ..STORE },
            ..page("lease, everything lost", &[lease(), lease()], &[2, 2])
        },
        &[P3],
    );
}

#[test]
fn writers_of_both_levels_give_what_lease_gives() {
    breaks(
        &Config {
            versions: true,
            faults: Faults { cancelled_writes: true, ..STORE },
            ..page("strict and lease", &[strict().versioned(), lease().versioned()], &[2, 2])
        },
        &[P3],
    );
}

#[test]
fn loads_from_a_replica_are_kept_out_by_versions_and_by_nothing_else() {
    let replica = Faults { replica: true, ..NONE };
    let versioned = page("lease, replica, versions", &[lease().versioned(), lease().versioned()], &[2, 1]);
    breaks(&Config { versions: true, faults: replica, ..versioned }, &[P2, P3]);
    breaks(
        &Config { faults: replica, ..page("lease, replica", &[lease(), lease()], &[2, 1]) },
        &[P1, P2, P3],
    );
}
