//! What a hit in Redis costs, ours, the peers', and written by hand.
#![allow(
    clippy::unused_async,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unchecked_time_subtraction
)]

mod callers;
mod readers;
mod server;

use cache_benches::{Foreign, Options, Samples, Table, interleave};
use callers::Contender;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How many keys there are, all of them in Redis.
pub(crate) const KEYS: u32 = 10_000;
/// How many keys a batch asks for.
pub(crate) const BATCH: usize = 100;

fn main() {
    let Some(url) = server::address() else {
        return server::run_beside_one();
    };
    let options = Options::from_args();
    let runtime = Runtime::new().expect("a runtime can be built");
    runtime.block_on(readers::fill(&url));

    let singles = runtime.block_on(readers::singles(&url));
    for contender in &singles {
        eprintln!("filling {}", contender.name);
        contender.fill(&runtime);
    }
    let batches = runtime.block_on(readers::batches(&url));
    for contender in &batches {
        contender.run(&runtime, 1, Duration::from_millis(200));
    }
    commands(&runtime, &url, &singles, "one hit", 1_000.0);
    commands(&runtime, &url, &batches, "one batch of 100", 100.0);

    for callers in [1, 16, 256] {
        let title = format!("Redis hit, {callers} caller(s)");
        if options.wants(&title) {
            compare(&options, &runtime, &title, &singles, callers, 1.0);
        }
    }
    for callers in [1, 16] {
        let title = format!("batch of {BATCH} from Redis, {callers} caller(s)");
        if options.wants(&title) {
            compare(&options, &runtime, &title, &batches, callers, BATCH as f64);
        }
    }
}

fn compare(
    options: &Options,
    runtime: &Runtime,
    title: &str,
    contenders: &[Contender],
    callers: usize,
    keys: f64,
) {
    let (rounds, span) = (options.pick(15, 3), Duration::from_millis(options.pick(200, 60)));
    let foreign = Foreign::default();
    let mut samples = vec![[(); 4].map(|()| Samples::default()); contenders.len()];
    interleave(title, contenders.len(), rounds, |turn| {
        let running = &contenders[if turn.base { 0 } else { turn.place }];
        let run = running.run(runtime, callers, span);
        for (samples, figure) in
            samples[turn.place].iter_mut().zip([run.per_second, run.busy, run.p50, run.p99])
        {
            samples.push(turn.base, figure);
        }
    });
    let mut table = Table::new(
        format!("{title}; other programs, Redis among them, used {:.0}% of the machine", foreign.percent()),
        &[
            "keys/s",
            "throughput ratio",
            "time ratio",
            "µs of processor per call",
            "ratio",
            "p50 µs",
            "p99 µs",
        ],
    );
    for (contender, [rate, busy, p50, p99]) in contenders.iter().zip(&samples) {
        let figures = [
            rate.median() * keys,
            rate.ratio(),
            1.0 / rate.ratio(),
            busy.median(),
            busy.ratio(),
            p50.median(),
            p99.median(),
        ];
        table.row(contender.name, &figures);
    }
    table.print();
}

/// Which commands the server sees.
fn commands(runtime: &Runtime, url: &str, contenders: &[Contender], unit: &str, times: f64) {
    let mut table = Table::new(format!("commands for {unit}, by `INFO commandstats`"), &["commands"]);
    for contender in contenders {
        let before = runtime.block_on(server::commands(url));
        runtime.block_on(contender.times(times));
        let after = runtime.block_on(server::commands(url));
        let mut words: Vec<String> = after
            .into_iter()
            .map(|(name, calls)| (calls - before.get(&name).copied().unwrap_or(0.0), name))
            // The heartbeat of a second and the like are not a call's.
            .filter(|(calls, name)| calls / times > 0.01 && name != "info")
            .map(|(calls, name)| format!("{:.2} {}", calls / times, name.to_uppercase()))
            .collect();
        words.sort();
        table.words(contender.name, vec![words.join(", ")]);
    }
    table.print();
}
