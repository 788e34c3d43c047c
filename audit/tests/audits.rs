//! Does the auditor find what is wrong, and nothing where nothing is?
#![allow(missing_docs)]

use std::process::{Command, Output};

/// Runs the auditor without faults, until a violation was found or the time is over.
fn audit(seconds: u32, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cache-audit"));
    command.args(["--seconds", &seconds.to_string(), "--faults", "none", "--patient"]).args(more);
    command.output().expect("the auditor starts")
}

fn text(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr].map(|part| String::from_utf8_lossy(part));
    parts.concat()
}

/// A minute is generous: a second or two are usual.
fn finds(bug: &str) {
    let output = audit(60, &["--until-violation", "--bug", bug]);
    assert_eq!(output.status.code(), Some(1), "{bug} was not found\n{}", text(&output));
    let text = text(&output);
    assert!(text.contains("VIOLATED") && text.contains("! "), "{text}");
}

#[test]
fn a_cache_that_skips_the_lease_check_is_found() {
    finds("skip-lease");
}

#[test]
fn a_cache_that_loses_invalidations_is_found() {
    finds("drop-invalidation");
}

#[test]
fn a_cache_that_acknowledges_before_it_invalidates_is_found() {
    finds("early-ack");
}

#[test]
fn a_cache_whose_fills_arrive_twice_is_found() {
    finds("late-fill");
}

#[test]
fn strict_writes_that_are_not_announced_are_found() {
    finds("skip-intent");
}

#[test]
fn without_a_bug_and_without_faults_nothing_is_found() {
    let output = audit(4, &["--l1", "off"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("kept"), "{}", text(&output));
}

#[test]
fn a_killed_and_restarted_worker_is_part_of_the_history() {
    let output = audit(5, &["--faults", "kill,flush", "--database", "sqlite", "--seed", "3"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let text = text(&output);
    assert!(text.contains("kill 1") || text.contains("flush 1"), "{text}");
}

#[test]
fn what_can_not_be_asked_for_is_refused_before_anything_starts() {
    let output = audit(1, &["--faults", "fire"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("`redis-kill`"), "{}", text(&output));
}
