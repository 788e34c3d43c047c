//! Which promises does write-behind keep, whatever happens?
//!
//! Each configuration is explored in full, and what it breaks must be what is admitted, no less and no more.

use protocol_model::behind::{
    Config, Direct, Event, Explored, Faults, Place,
    Promise::{self, AcknowledgedIsSeen as W4, NeverBack as W5},
    Showing, Writing, explore,
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

fn one() -> Writing {
    Writing::new(1)
}

fn two() -> Writing {
    Writing::new(2)
}

fn delta(writes: u8) -> Writing {
    Writing::new(writes).showing(Showing::Delta)
}

fn none() -> Faults {
    Faults::default()
}

fn flushers_fail() -> Faults {
    Faults { crashes: 1, lost_claims: 1, ..none() }
}

/// A writer and a direct one, which waits for what is pending before, and for what moves afterwards.
fn direct(strict: bool) -> Direct {
    Direct { strict, gives_up: false, waits: true, crashes: false }
}

#[test]
fn every_reader_sees_what_is_acknowledged_until_the_database_has_it() {
    let explored = keeps_all(&Config::new("coalesced", &[two(), one()], &[2, 1]));
    assert_saw(&explored, &[Event::Hit, Event::Ahead, Event::Filled, Event::Refused, Event::Coalesced]);
    assert_saw(&explored, &[Event::Replaced, Event::Committed, Event::Stayed]);
    keeps_all(&Config { stays: false, ..Config::new("coalesced, no ttl", &[one(), one()], &[2, 1]) });
    keeps_all(&Config { coalesce: false, ..Config::new("one by one", &[two(), one()], &[1, 1]) });
}

#[test]
fn eviction_invalidation_and_clearing_take_nothing_pending_away() {
    keeps_all(&Config::new("coalesced, eviction", &[one(), one()], &[2, 1]).with(Faults {
        eviction: true,
        invalidations: true,
        clears: 1,
        ..none()
    }));
}

#[test]
fn flushers_may_die_and_lose_their_claims_at_any_step() {
    let explored =
        keeps_all(&Config::new("coalesced, flushers fail", &[one(), one()], &[1]).with(flushers_fail()));
    assert_saw(&explored, &[Event::Fenced, Event::Outlived, Event::WasThere, Event::WasNot, Event::Late]);
    keeps_all(&Config {
        coalesce: false,
        ..Config::new("one by one, flushers fail", &[one(), one()], &[1]).with(flushers_fail())
    });
    keeps_all(&Config::new("coalesced, flushers fail twice", &[one(), one()], &[]).with(Faults {
        crashes: 2,
        lost_claims: 2,
        ..none()
    }));
}

#[test]
fn deltas_arrive_once() {
    keeps_all(&Config::new("deltas, flushers fail", &[delta(1), delta(1)], &[]).with(flushers_fail()));
    keeps_all(&Config::new("deltas, commits unanswered", &[delta(2), delta(1)], &[]).with(Faults {
        crashes: 1,
        doubts: 1,
        ..none()
    }));
}

#[test]
fn readers_add_deltas_exactly_whoever_flushes() {
    let read = |name, writers: &[Writing], reads: &[u8]| Config::new(name, writers, reads);
    let explored = keeps_all(&read("deltas, read", &[delta(1), delta(1)], &[2, 1]));
    assert_saw(&explored, &[Event::Added, Event::LoadedAgain, Event::Drained, Event::Filled]);
    let beside = read("deltas, read beside", &[delta(1), delta(1)], &[1, 1]);
    keeps_all(&Config { place: Place::Beside, ..beside });
    let fail = Faults { crashes: 1, doubts: 1, failures: 1, ..none() };
    keeps_all(&read("deltas, read, flushers fail", &[delta(1), delta(1)], &[1]).with(fail));
    let lose = Faults { lost_claims: 1, ..none() };
    keeps_all(&read("deltas, read, claims are lost", &[delta(1), delta(1)], &[1]).with(lose));
}

#[test]
fn enqueues_may_come_late_and_twice() {
    let explored = keeps_all(
        &Config::new("coalesced, late writes", &[two(), one()], &[1])
            .with(Faults { late_writes: 2, ..none() }),
    );
    assert_saw(&explored, &[Event::Repeated, Event::Late]);
}

/// It names its batch, so it does nothing to the next one.
#[test]
fn settlements_may_come_late_and_stay_unanswered() {
    let faults = Faults { crashes: 1, doubts: 1, unanswered_settlements: 1, ..none() };
    keeps_all(&Config::new("deltas, no answers", &[delta(1), delta(1)], &[]).with(faults));
    let faults = Faults { doubts: 1, unanswered_settlements: 1, lost_claims: 1, ..none() };
    keeps_all(&Config::new("coalesced, no answers", &[one(), one()], &[1]).with(faults));
    let faults = Faults { crashes: 1, late_settlements: 1, ..none() };
    keeps_all(&Config::new("deltas, late settlements", &[delta(1), delta(1)], &[]).with(faults));
}

#[test]
fn writes_of_two_functions_keep_their_order() {
    keeps_all(&Config::new("two functions", &[two(), one().other()], &[1]).with(Faults {
        failures: 1,
        crashes: 1,
        ..none()
    }));
}

#[test]
fn what_cannot_be_shown_is_flushed_first() {
    let absent = [one(), one().showing(Showing::Absent)];
    let explored = keeps_all(&Config::new("tombstones", &absent, &[2, 1]));
    assert_saw(&explored, &[Event::Absent]);
    let other = [one(), one().showing(Showing::Other)];
    let explored = keeps_all(&Config::new("two types", &other, &[2, 1]));
    assert_saw(&explored, &[Event::Drained]);
}

#[test]
fn what_the_database_refuses_becomes_a_dead_letter() {
    let refused = Config {
        coalesce: false,
        attempts: 2,
        ..Config::new("refused", &[one(), one()], &[1]).with(Faults { refusals: 3, replays: 1, ..none() })
    };
    let explored = keeps_all(&refused);
    assert_saw(&explored, &[Event::GivenUp, Event::Replayed]);
    keeps_all(&Config {
        attempts: 1,
        ..Config::new("refused, crashes", &[one(), one()], &[]).with(Faults {
            refusals: 2,
            replays: 1,
            ..flushers_fail()
        })
    });
}

#[test]
fn what_a_flusher_cannot_read_is_left_or_given_up() {
    keeps_all(&Config {
        coalesce: false,
        ..Config::new("unread", &[one(), one()], &[1]).with(Faults { unread: 1, crashes: 1, ..none() })
    });
}

#[test]
fn a_direct_writer_waits() {
    for (strict, name) in [(true, "direct, strict"), (false, "direct, lease")] {
        let explored = breaks(
            &Config { direct: Some(direct(strict)), ..Config::new(name, &[one(), one()], &[1, 1]) },
            &[W5],
        );
        assert_saw(&explored, &[Event::DirectWaited]);
    }
    let crashes = Some(Direct { crashes: true, ..direct(true) });
    breaks(&Config { direct: crashes, ..Config::new("direct, crashes", &[one()], &[2, 1]) }, &[W5]);
}

/// What was acknowledged after it had begun, and was committed before it, is shown until that is settled.
#[test]
fn a_direct_writer_that_does_not_wait_for_what_moves_is_hidden_for_a_moment() {
    let hidden = Some(Direct { waits: false, ..direct(true) });
    breaks(&Config { direct: hidden, ..Config::new("direct, not waiting", &[one()], &[2, 1]) }, &[W4, W5]);
}

#[test]
fn a_direct_writer_that_cannot_wait_overtakes() {
    let overtakes = Some(Direct { gives_up: true, ..direct(true) });
    let explored = breaks(
        &Config { direct: overtakes, ..Config::new("direct, overtaking", &[one(), one()], &[1, 1]) },
        &[W5],
    );
    assert_saw(&explored, &[Event::GivenUp]);
}

#[test]
fn a_queue_beside_the_store_is_asked_first() {
    keeps_all(&Config { place: Place::Beside, ..Config::new("beside", &[one(), one()], &[1, 1]) });
    keeps_all(&Config {
        place: Place::Beside,
        ..Config::new("beside, flushers fail", &[one()], &[1, 1])
            .with(Faults { eviction: true, ..flushers_fail() })
    });
}
