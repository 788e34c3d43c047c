//! Two releases of one application, whose value types have one name and two schemas, on one Redis.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
};
use test_servers::Redis;

const READS: u64 = 24_000;
/// All writes of a run together.
const WRITES: u64 = 480;

/// What a release reports.
#[derive(Debug, serde::Deserialize)]
struct Report {
    reads: u64,
    writes: u64,
    wrong: u64,
    hits: u64,
    loads: u64,
    unreadable: u64,
    store_errors: u64,
}

#[allow(clippy::cast_precision_loss)]
impl Report {
    fn hit_ratio(&self) -> f64 {
        self.hits as f64 / self.reads as f64
    }
}

struct Running(Child, BufReader<ChildStdout>);

impl Running {
    fn start(program: &str, redis: &Redis, writes: u64) -> Self {
        let mut child = Command::new(program)
            .args([redis.url(), READS.to_string(), (READS / writes).to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self(child, output);
        assert_eq!(running.line(), "ready");
        running
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.1.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn go(&mut self) {
        self.0.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }

    fn report(mut self) -> Report {
        let report = serde_json::from_str(&self.line()).unwrap();
        assert!(self.0.wait().unwrap().success());
        report
    }
}

const PROGRAMS: [&str; 2] = [env!("CARGO_BIN_EXE_release-1"), env!("CARGO_BIN_EXE_release-2")];

/// Runs these releases beside each other on a Redis of their own; returns also the variants that they left there.
async fn run(programs: &[&str]) -> (Vec<Report>, BTreeSet<String>) {
    let redis = Redis::start().await;
    let writes = WRITES / programs.len() as u64;
    let mut running: Vec<_> =
        programs.iter().map(|program| Running::start(program, &redis, writes)).collect();
    running.iter_mut().for_each(Running::go);
    let reports = running.into_iter().map(Running::report).collect();
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("shop:d:*").query_async(&mut connection).await.unwrap();
    (reports, keys.iter().filter_map(|key| Some(key.rsplit_once('#')?.1.to_owned())).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_releases_side_by_side_read_no_wrong_value_and_keep_their_hit_ratios() {
    let mut alone = Vec::new();
    let mut variants = BTreeSet::new();
    for program in PROGRAMS {
        let (reports, variant) = run(&[program]).await;
        assert_eq!(variant.len(), 1);
        variants.extend(variant);
        alone.extend(reports);
    }
    let (together, both) = run(&PROGRAMS).await;
    assert_eq!(both, variants, "each release has the entries of its own schema");
    for report in alone.iter().chain(&together) {
        assert_eq!((report.wrong, report.unreadable, report.store_errors), (0, 0, 0), "{report:?}");
        assert!(report.loads < report.reads / 2, "{report:?}");
    }
    assert_eq!(together.iter().map(|report| report.writes).sum::<u64>(), WRITES);
    for (alone, together) in alone.iter().zip(&together) {
        assert_eq!(alone.writes, WRITES);
        let (before, after) = (alone.hit_ratio(), together.hit_ratio());
        assert!((before - after).abs() <= 0.02, "{before:.3} alone, {after:.3} together");
    }
}
