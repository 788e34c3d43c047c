//! A writer that is killed at every step, beside a reader that isn't, on a real Redis.

use crate::fixtures::patient;
use behaviour_tests::listing::{Listing, Prices};
use cache_runtime::Cache;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};
use test_servers::Redis;

/// How far the writer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Killed {
    BeforeItsCommit,
    AfterItsCommit,
    AfterItsAcknowledgement,
}

const EVERYWHERE: [Killed; 3] =
    [Killed::BeforeItsCommit, Killed::AfterItsCommit, Killed::AfterItsAcknowledgement];

struct Writer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Writer {
    fn start(redis: &Redis, namespace: &str, level: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_one-writer"))
            .args([&redis.url(), namespace, level, "200"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    fn says(&mut self, word: &str) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), word);
    }

    fn go_on(&mut self) {
        self.input.write_all(b"go on\n").unwrap();
    }

    fn kill9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn reader(redis: &Redis, namespace: &str) -> Listing {
    let cache = Cache::builder().namespace(namespace).redis(redis.url()).deadlines(patient()).build();
    Listing { cache: cache.await.unwrap(), prices: Prices::of_this_process(100) }
}

/// Runs the writer up to there and kills it.
fn write_until(redis: &Redis, namespace: &str, level: &str, killed: Killed, prices: &Prices) {
    let mut writer = Writer::start(redis, namespace, level);
    writer.says("began");
    if killed != Killed::BeforeItsCommit {
        prices.commit(200);
        writer.go_on();
        writer.says("committed");
    }
    if killed == Killed::AfterItsAcknowledgement {
        writer.go_on();
        writer.says("acknowledged");
    }
    writer.kill9();
}

#[tokio::test]
async fn a_strict_writer_killed_at_any_step_leaves_nothing_old() {
    let redis = Redis::start().await;
    for killed in EVERYWHERE {
        let namespace = format!("strict:{killed:?}");
        let listing = reader(&redis, &namespace).await;
        assert_eq!(listing.get_strictly(1).await, 100, "cached");
        write_until(&redis, &namespace, "strict", killed, &listing.prices);
        let row = if killed == Killed::BeforeItsCommit { 100 } else { 200 };
        for _ in 0..3 {
            assert_eq!(listing.get_strictly(1).await, row, "{killed:?}");
        }
        // The announcement of a dead writer runs out, and the key is cached again.
        let begun = Instant::now();
        loop {
            listing.prices.loads();
            assert_eq!(listing.get_strictly(1).await, row, "{killed:?}");
            if listing.prices.loads() == 0 {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{killed:?}: it is cached again");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_writer_at_level_lease_leaves_the_old_value_only_between_commit_and_invalidation() {
    let redis = Redis::start().await;
    for killed in EVERYWHERE {
        let namespace = format!("lease:{killed:?}");
        let listing = reader(&redis, &namespace).await;
        assert_eq!(listing.get(1).await, 100, "cached");
        write_until(&redis, &namespace, "lease", killed, &listing.prices);
        // The one window that level lease admits, and that strict closes.
        let read = if killed == Killed::AfterItsAcknowledgement { 200 } else { 100 };
        assert_eq!(listing.get(1).await, read, "{killed:?}");
    }
}
