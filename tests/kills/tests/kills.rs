//! What each queue promises when something dies: a small form of what `cache-kills` runs for longer; see `docs/kills.md`.
#![allow(missing_docs)]

use std::process::{Command, Output};

fn kills(args: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cache-kills"));
    command.args(args.split_whitespace()).output().expect("the harness starts")
}

fn text(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr].map(|part| String::from_utf8_lossy(part));
    parts.concat()
}

/// Nothing that was acknowledged is lost, doubled or overwritten by something older, and nothing waits at the end.
fn keeps_everything(args: &str) {
    let output = kills(args);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("kept"), "{text}");
}

/// Acknowledged writes are gone, as the queue's description says; those that arrive do so in order and once.
fn loses_some(args: &str) {
    let output = kills(args);
    let text = text(&output);
    if text.contains("SKIPPED") {
        eprintln!("{text}");
        return;
    }
    let all = text.lines().find(|line| line.starts_with("| all ")).expect("a sum");
    // A table's row begins with an empty column.
    let column = |place: usize| all.split('|').nth(place).map(str::trim).expect("a column").to_owned();
    let [lost, twice, back, ghosts] = [9, 10, 11, 12].map(column);
    assert_ne!(lost, "0", "nothing was lost\n{text}");
    assert_eq!([twice, back, ghosts], ["0", "0", "0"], "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
}

#[test]
fn no_acknowledged_write_is_lost_from_the_queue_in_sqlite_whatever_dies() {
    keeps_everything("--queue sql --database sqlite --rounds 77");
}

#[test]
fn no_acknowledged_write_is_lost_from_the_queue_in_postgres_whatever_dies() {
    keeps_everything("--queue sql --database postgres --rounds 48");
}

#[test]
fn no_acknowledged_write_is_lost_from_redis_on_disk_before_sqlite_whatever_dies() {
    keeps_everything("--queue redis_fsync --database sqlite --rounds 70");
}

#[test]
fn no_acknowledged_write_is_lost_from_redis_on_disk_before_postgres_whatever_dies() {
    keeps_everything("--queue redis_fsync --database postgres --rounds 68");
}

#[test]
fn no_acknowledged_write_is_lost_from_redis_in_memory_when_the_application_dies() {
    let faults = "calm,kill,kill-all,kill-acknowledged,kill-taken,kill-writing,kill-committed,\
                  stop,stop-taken,stop-writing,stop-committed";
    keeps_everything(&format!("--queue redis --database sqlite --rounds 22 --faults {faults}"));
}

#[test]
fn redis_in_memory_loses_acknowledged_writes_when_it_is_killed_on_a_slow_disk() {
    // A kill just after the disk was done finds nothing to lose.
    loses_some("--everysec-slow-fsync --rounds 4");
}

#[test]
fn redis_on_disk_loses_nothing_when_it_is_killed_on_a_slow_disk() {
    let output = kills("--always-slow-fsync --rounds 3");
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    if text.contains("SKIPPED") {
        eprintln!("{text}");
    }
}

#[test]
fn the_queue_in_the_process_loses_acknowledged_writes_when_the_process_is_killed() {
    loses_some("--queue memory --database sqlite --faults kill,kill-all,kill-acknowledged --rounds 6");
}

#[test]
fn the_queue_in_the_process_loses_nothing_while_the_process_lives() {
    keeps_everything(
        "--queue memory --database sqlite --faults calm,stop,stop-taken,stop-writing --rounds 8",
    );
}

#[test]
fn what_can_not_be_asked_for_is_refused_before_anything_starts() {
    let output = kills("--faults fire");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("kill-redis"), "{}", text(&output));
}
