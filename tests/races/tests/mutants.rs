//! Does the search see what is broken on purpose?
#![allow(missing_docs)]

use race_tests::{explore::failure_of, mutants::MUTANTS};

/// One test for each mutant, the scenario in which it must be seen, and as what.
macro_rules! every_mutant_is_caught {
    ($($name:ident: $file:ident::$scenario:ident, $words:literal,)*) => {
        $(#[test]
        fn $name() {
            let failure = failure_of(race_tests::$name::$file::$scenario).expect("an order that fails");
            assert!(failure.contains($words), "{failure}");
        })*

        #[test]
        fn every_mutant_has_a_test() {
            let tested = [$(stringify!($name)),*];
            let all: Vec<&str> = MUTANTS.iter().map(|mutant| mutant.name).collect();
            assert_eq!(all, tested);
        }
    };
}

every_mutant_is_caught! {
    lands_although_detached: landing::load_against_invalidation, "an outdated entry was left",
    lands_during_a_write: writing::an_unknown_write, "an outdated entry was left",
    lands_during_a_hold: writing::an_unknown_write, "an outdated entry was left",
    removes_before_detaching: landing::load_against_invalidation, "was acknowledged",
    invalidates_uncounted: landing::backfill_against_message, "an outdated entry was left",
    backfills_uncompared: landing::backfill_against_message, "an outdated entry was left",
    backfills_unlocked: landing::backfill_against_message, "an outdated entry was left",
    flushes_before_detaching: flushing::flush_against_loads, "was acknowledged",
    flushes_uncounted: flushing::flush_against_backfill, "an outdated entry was left",
    flushes_past_an_open_write: flushing::flush_against_an_open_write, "an outdated entry was left",
    keeps_although_contended: writing::two_overlapping_writers, "nobody knows which row is newer",
    forgets_an_edge_within_a_write: writing::an_edge_within_a_write, "nobody knows which row is newer",
    ends_a_write_without_detaching: writing::a_sole_writer, "an outdated entry was left",
    joins_an_outdated_group: grouped::pages_against_dropping, "was acknowledged",
    keeps_an_outdated_group: grouped::pages_against_dropping, "was acknowledged",
    holds_a_group_too_late: grouped::pages_against_an_unknown_write, "an outdated entry was left",
    shortens_a_hold: grouped::two_unknown_writes, "the longer hold",
    answers_whoever_joined: landing::fill_against_a_write_elsewhere, "was acknowledged",
    keeps_the_permit: leading::a_dropped_leader_of_a_detached_flight, "deadlock!",
    counts_references_for_seats: leading::everybody_leaves, "keys in motion were left",
    closes_circles: circles::two_loads_that_need_each_other, "deadlock!",
    looks_for_circles_unlocked: circles::two_loads_that_need_each_other, "deadlock!",
}
