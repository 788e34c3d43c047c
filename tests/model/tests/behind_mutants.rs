//! Is every broken variant of write-behind caught?
//!
//! Each is explored where write-behind itself keeps the promise that the variant breaks.

use protocol_model::behind::{
    Config, Direct, Faults, Mutant, Place,
    Promise::{
        self, AcknowledgedIsSeen as W4, InOrder as W2, NeverBack as W5, NothingIsLost as W1,
        NothingStaleStays as W6, Once as W3,
    },
    Showing, Writing, explore,
};

/// The variant breaks these promises, and without it they are kept.
fn caught(mutant: Mutant, config: Config, breaks: &[Promise]) {
    let sound = explore(&config);
    let name = config.name;
    let broken = explore(&config.broken_by(mutant));
    println!("{mutant:?} ({name}): {broken}");
    for (promise, steps) in &broken.broken {
        println!("    {}: {steps:?}", promise.name());
    }
    for promise in breaks {
        assert!(
            !sound.broken().contains(promise),
            "{promise:?} is broken without {mutant:?}: {:#?}",
            sound.broken
        );
        assert!(broken.broken().contains(promise), "{mutant:?} was not caught by {promise:?} in {name}");
    }
}

fn values() -> Config {
    Config::new("values", &[Writing::new(1), Writing::new(1)], &[1, 1])
}

fn one_value() -> Config {
    Config::new("one value", &[Writing::new(1)], &[2, 1])
}

fn one_by_one() -> Config {
    Config { coalesce: false, ..Config::new("one by one", &[Writing::new(1), Writing::new(1)], &[1]) }
}

fn two_functions() -> Config {
    Config::new("two functions", &[Writing::new(2), Writing::new(1).other()], &[])
}

fn deltas() -> Config {
    let delta = Writing::new(1).showing(Showing::Delta);
    Config::new("deltas", &[delta, delta], &[])
}

fn read_deltas() -> Config {
    Config { reads: vec![1, 1], ..deltas() }
}

fn beside() -> Config {
    Config { place: Place::Beside, ..Config::new("beside", &[Writing::new(1)], &[2, 1]) }
}

fn direct() -> Config {
    let direct = Direct { strict: true, gives_up: false, waits: true, crashes: false };
    Config { direct: Some(direct), ..Config::new("direct", &[Writing::new(1)], &[1, 1]) }
}

fn hidden() -> Config {
    let direct = Direct { strict: true, gives_up: false, waits: false, crashes: false };
    Config { direct: Some(direct), ..Config::new("direct, not waiting", &[Writing::new(1)], &[1, 1]) }
}

fn overtaking() -> Config {
    let direct = Direct { strict: true, gives_up: true, waits: true, crashes: false };
    Config { direct: Some(direct), ..Config::new("direct, overtaking", &[Writing::new(1)], &[1]) }
}

fn none() -> Faults {
    Faults::default()
}

fn crash() -> Faults {
    Faults { crashes: 1, ..none() }
}

fn lost_claim() -> Faults {
    Faults { lost_claims: 1, ..none() }
}

fn evicted() -> Faults {
    Faults { eviction: true, ..none() }
}

macro_rules! caught {
    ($($test:ident: $mutant:ident in $config:expr, breaks $promises:expr;)+) => {
        $(#[test]
        fn $test() {
            caught(Mutant::$mutant, $config, &$promises);
        })+

        const TESTED: &[Mutant] = &[$(Mutant::$mutant),+];
    };
}

caught! {
    pending_values_that_nobody_shows_are_missed:
        NothingPendingIsShown in one_value(), breaks [W4];
    a_queue_beside_the_store_that_nobody_asks_is_missed:
        NothingPendingIsShown in beside(), breaks [W4];
    a_pending_value_that_is_evicted_is_missed:
        PendingIsEvicted in one_value().with(evicted()), breaks [W4, W5];
    a_pending_value_that_ends_with_its_ttl_is_missed_and_leaves_an_old_one:
        PendingEndsWithItsTtl in one_value().with(evicted()), breaks [W4, W5, W6];
    a_fill_while_something_is_pending_is_caught:
        FillWhilePending in one_value(), breaks [W4, W5, W6];
    an_invalidation_that_drops_what_is_pending_is_caught:
        InvalidationDropsPending in one_value().with(Faults { invalidations: true, ..none() }), breaks [W4, W5];
    clearing_what_is_pending_is_caught:
        ClearDropsPending in one_value().with(Faults { clears: 1, ..none() }), breaks [W4, W5];
    a_repeated_enqueue_that_counts_twice_is_caught:
        TokensAreForgotten in deltas().with(Faults { late_writes: 1, ..none() }), breaks [W3];
    a_late_enqueue_that_comes_back_is_caught:
        TokensAreForgotten in one_by_one().with(Faults { late_writes: 1, ..none() }), breaks [W2, W3, W4];
    a_transaction_without_guard_writes_twice_and_back:
        NoGuard in values().with(lost_claim()), breaks [W1, W2, W3, W6];
    settling_without_comparing_loses_the_write_that_has_taken_the_place:
        SettledWithoutComparing in values(), breaks [W1, W6];
    settling_before_writing_loses_what_was_taken:
        SettledBeforeItIsWritten in one_value().with(crash()), breaks [W1, W6];
    settling_for_another_holder_is_caught:
        AnyClaimSettles in deltas().with(Faults { crashes: 1, lost_claims: 1, ..none() }), breaks [W3];
    a_late_settlement_that_ends_the_next_batch_is_caught:
        AnyBatchIsSettled in deltas().with(Faults { crashes: 1, late_settlements: 1, ..none() }), breaks [W3];
    deltas_that_are_written_again_without_asking_count_twice:
        LeftBatchesAreWrittenAgain in deltas().with(crash()), breaks [W3];
    asking_without_shutting_out_is_caught:
        AskedWithoutShuttingOut in deltas().with(lost_claim()), breaks [W3];
    a_doubtful_batch_that_is_written_again_counts_twice:
        DoubtIsWrittenAgain in deltas().with(Faults { doubts: 1, ..none() }), breaks [W3];
    an_unanswered_settlement_that_counts_as_settled_is_caught:
        UnansweredSettlementIsOver in deltas().with(Faults { unanswered_settlements: 1, ..none() }), breaks [W3];
    functions_that_overtake_each_other_are_caught:
        FunctionsOvertake in Config { coalesce: false, ..two_functions() }, breaks [W1, W2];
    the_next_function_must_not_go_on_when_one_has_failed:
        NextFunctionGoesOn in two_functions().with(Faults { failures: 1, ..none() }), breaks [W1, W2];
    the_second_half_must_not_go_on_when_the_first_has_failed:
        SecondHalfGoesOn in Config { attempts: 2, ..one_by_one().with(Faults { refusals: 2, ..none() }) }, breaks [W1, W2];
    what_was_left_out_of_a_transaction_is_lost_as_part_of_its_batch:
        UnreadIsPartOfTheBatch in one_by_one().with(Faults { unread: 1, crashes: 1, ..none() }), breaks [W1, W6];
    a_batch_that_is_over_before_it_is_written_is_written_twice:
        UnreadIsSettledFirst in one_by_one().with(Faults { unread: 1, crashes: 1, ..none() }), breaks [W3];
    a_direct_writer_that_does_not_drain_is_undone:
        DirectWriterDoesNotDrain in direct(), breaks [W1, W2, W4];
    a_direct_writer_that_overtakes_in_silence_is_undone:
        NothingIsOvertaken in overtaking(), breaks [W1, W2];
    what_stays_after_a_direct_write_is_old:
        StaysAfterADirectWrite in hidden(), breaks [W6];
    a_flush_that_drops_nothing_leaves_an_old_entry_beside:
        FlushDropsNothing in beside(), breaks [W4, W6];
    a_sum_whose_deltas_were_written_meanwhile_is_caught:
        SumsAreNotCompared in read_deltas(), breaks [W4, W5];
    deltas_that_only_look_like_those_before_are_missed:
        DeltasAreOnlyCounted in read_deltas(), breaks [W4];
}

#[test]
fn every_broken_variant_has_its_test() {
    for mutant in Mutant::ALL {
        assert!(TESTED.contains(mutant), "{mutant:?} is not tried");
    }
}
