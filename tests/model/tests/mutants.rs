//! Is every broken variant of the protocol caught?
//!
//! Each is explored where the protocol itself keeps the promise that the variant breaks.

mod common;

use common::{lease, page, strict};
use protocol_model::{
    Config, Faults, Fence, Mutant,
    Promise::{self, AcknowledgedIsSeen as P2, NeverBack as P3, NothingStaleStays as P1},
    explore,
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

fn two_lease(name: &'static str) -> Config {
    page(name, &[lease(), lease()], &[2, 2])
}

fn two_strict(name: &'static str) -> Config {
    page(name, &[strict(), strict()], &[2, 2])
}

fn versions(config: Config) -> Config {
    let writers = config.writers.iter().map(|writer| writer.versioned()).collect();
    Config { writers, versions: true, ..config }
}

fn with(config: Config, faults: Faults) -> Config {
    Config { faults, ..config }
}

fn none() -> Faults {
    Faults::default()
}

fn crashes() -> Faults {
    Faults { crashes: true, ..none() }
}

fn dropped() -> Faults {
    Faults { cancelled_writes: true, ..none() }
}

/// Two readers of one process and a writer of another.
fn flights(name: &'static str) -> Config {
    Config { together: 2, ..page(name, &[lease()], &[2, 2, 1]) }
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
    deleting_after_the_commit_does_not_do_without_leases:
        DeleteWithoutLeases in two_lease("lease"), breaks [P1, P2];
    deleting_twice_does_not_do_without_leases:
        DelayedDoubleDelete in two_lease("lease"), breaks [P1, P2];
    writers_that_put_their_values_blindly_are_caught:
        BlindWriteThrough in two_lease("lease"), breaks [P1, P2];
    setting_what_is_newer_is_caught_when_the_newer_one_was_evicted:
        SetIfNewer in with(two_lease("lease, eviction"), Faults { eviction: true, ..none() }), breaks [P1, P2];
    a_strict_writer_that_announces_nothing_shows_new_then_old:
        StrictWithoutBegin in two_strict("strict"), breaks [P3];
    a_strict_writer_that_announces_nothing_leaves_an_old_entry_when_it_dies:
        StrictWithoutBegin in with(two_strict("strict, crashes"), crashes()), breaks [P1, P3];
    storing_after_a_lost_intent_is_caught:
        EndStoresAfterALostIntent in with(two_strict("strict, lost intents"), Faults { lost_intents: true, ..none() }), breaks [P1, P2];
    a_dropped_writer_that_ends_its_write_at_once_is_caught:
        DroppedWriterEndsAtOnce in with(two_strict("strict, dropped writers"), dropped()), breaks [P1];
    a_dropped_writer_that_holds_nothing_is_caught:
        DroppedWriterPlacesNoHold in with(two_lease("lease, dropped writers"), dropped()), breaks [P1];
    ending_the_writes_of_others_is_caught:
        EndTakesEveryIntent in two_strict("strict"), breaks [P3];
    a_writer_that_stores_although_it_was_not_alone_is_caught:
        OverlappingWriterStores in two_strict("strict"), breaks [P1, P2];
    trusting_a_version_among_writers_without_is_caught:
        VersionTrustedAmongUnversioned in Config { versions: true, ..page("strict, one with versions", &[strict().versioned(), strict()], &[2, 2]) },
        breaks [P1, P2];
    forgetting_a_write_that_ran_out_is_caught:
        ExpiredWriteIsForgotten in with(versions(two_strict("strict, versions, crashes")), crashes()), breaks [P1];
    a_fill_that_does_not_look_whose_lease_it_is_is_caught:
        AnyLeaseFills in two_lease("lease"), breaks [P1, P2];
    a_fill_while_a_write_is_open_is_caught:
        FillDuringAWrite in two_strict("strict"), breaks [P3];
    a_fill_while_a_dropped_statement_is_pending_is_caught:
        FillDuringAWrite in with(two_lease("lease, dropped writers"), dropped()), breaks [P1];
    a_lease_granted_while_a_write_is_open_is_caught:
        GrantedDuringAWrite in with(two_strict("strict, crashes"), crashes()), breaks [P1];
    an_invalidation_that_spares_the_lease_is_caught:
        InvalidationSparesTheLease in two_lease("lease"), breaks [P1, P2];
    an_announcement_that_spares_the_lease_is_caught:
        BeginSparesTheLease in with(two_strict("strict, crashes"), crashes()), breaks [P1];
    a_write_that_does_not_tell_its_version_is_caught:
        EndRaisesNoFloor in versions(two_strict("strict, versions")), breaks [P1, P2];
    an_invalidation_that_does_not_tell_its_version_is_caught:
        InvalidationRaisesNoFloor in with(versions(page("lease, replica, versions", &[lease()], &[2, 1])), Faults { replica: true, ..none() }), breaks [P1];
    a_fill_below_the_floor_is_caught:
        FillBelowTheFloor in with(versions(page("lease, replica, versions", &[lease()], &[2, 1])), Faults { replica: true, ..none() }), breaks [P1];
    a_follower_that_gets_a_refused_value_is_caught:
        FollowerServedARefusedFill in flights("lease, shared flights"), breaks [P2];
    a_follower_that_joined_after_the_body_began_is_caught:
        FollowerJoinedAfterTheBodyBegan in flights("lease, shared flights"), breaks [P2];
    a_follower_that_joined_after_the_fill_is_caught:
        FollowerJoinedAfterTheFill in flights("lease, shared flights"), breaks [P2];
    a_follower_that_gets_what_was_found_before_it_joined_is_caught:
        FollowerServedWhatWasFoundBefore in flights("lease, shared flights"), breaks [P2];
    a_writer_that_stores_without_an_answer_is_caught:
        UnansweredWriterStores in with(two_strict("strict, proceed, a late call"), Faults { late_calls: 1, ..none() }), breaks [P1, P2];
    a_writer_that_stores_after_announcing_again_is_caught:
        ReannouncedWriterStores in with(two_strict("strict, lost intents"), Faults { lost_intents: true, ..none() }), breaks [P1, P2];
    an_announcement_that_is_repeated_under_its_token_is_caught:
        AnnouncementIsRepeated in Config { fence: Fence::Reject, ..with(page("strict, reject, two late calls", &[strict(), strict()], &[2, 1]), Faults { late_calls: 2, ..none() }) },
        breaks [P1, P2];
    asking_again_for_a_lease_that_was_granted_is_caught:
        AcquireIsRepeated in with(two_lease("lease, a late call"), Faults { late_calls: 1, ..none() }), breaks [P1, P2];
}

#[test]
fn every_broken_variant_has_its_test() {
    for mutant in Mutant::ALL {
        assert!(TESTED.contains(mutant), "{mutant:?} is not tried");
    }
}
