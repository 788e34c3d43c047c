//! Are the promises kept in every order of threads that was tried?
#![allow(missing_docs)]

use race_tests::{
    explore::{explore, explore_all},
    sound::{circles, flushing, grouped, landing, leading, writing},
};

#[test]
fn what_was_read_before_an_invalidation_is_never_left_after_it() {
    explore(landing::load_against_invalidation);
}

#[test]
fn every_order_of_one_landing_and_one_invalidation_leaves_nothing() {
    explore_all(400_000, landing::one_landing_against_one_invalidation);
}

#[test]
fn nobody_who_joins_after_a_write_elsewhere_gets_the_older_value() {
    explore(landing::fill_against_a_write_elsewhere);
}

#[test]
fn a_message_that_comes_while_an_entry_is_fetched_keeps_the_older_value_out() {
    explore(landing::backfill_against_message);
}

#[test]
fn an_own_write_keeps_out_what_was_fetched_before() {
    explore(landing::backfill_against_own_write);
}

#[test]
fn a_flush_leaves_nothing_whose_load_began_before() {
    explore(flushing::flush_against_loads);
}

#[test]
fn a_flush_keeps_out_what_was_fetched_before() {
    explore(flushing::flush_against_backfill);
}

#[test]
fn a_flush_within_a_write_keeps_its_row_out() {
    explore(flushing::flush_against_an_open_write);
}

#[test]
fn a_page_loaded_before_its_group_was_dropped_never_answers_after() {
    explore(grouped::pages_against_dropping);
    explore(grouped::pages_against_two_writers);
}

#[test]
fn a_page_loaded_while_a_write_may_still_commit_is_not_kept() {
    explore(grouped::pages_against_an_unknown_write);
    explore(grouped::two_unknown_writes);
}

#[test]
fn two_overlapping_writers_leave_no_entry() {
    explore(writing::two_overlapping_writers);
    explore(writing::three_writers_and_a_reader);
}

#[test]
fn a_sole_writer_leaves_its_own_row() {
    explore(writing::a_sole_writer);
    explore(writing::a_failed_write);
}

#[test]
fn an_edge_within_a_write_leaves_no_entry() {
    explore(writing::an_edge_within_a_write);
}

#[test]
fn nothing_is_kept_while_a_dropped_writer_may_still_commit() {
    explore(writing::an_unknown_write);
}

#[test]
fn a_dropped_leader_hands_its_place_to_one_follower() {
    explore(leading::a_dropped_leader);
    explore(leading::a_dropped_leader_of_a_detached_flight);
}

#[test]
fn a_follower_that_gives_up_hands_its_turn_on() {
    explore(leading::a_follower_that_gives_up);
}

#[test]
fn nothing_stays_on_the_table_when_everybody_leaves_at_once() {
    explore(leading::everybody_leaves);
}

#[test]
fn loads_that_need_each_other_never_wait_for_themselves() {
    explore(circles::two_loads_that_need_each_other);
    explore(circles::three_loads_in_a_circle);
    explore(circles::a_load_that_needs_itself);
}
