//! What happens when thousands of tasks miss the same keys at once, and when the one that loads goes away.
#![allow(
    clippy::unused_async,
    clippy::too_many_lines,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unchecked_time_subtraction
)]

mod readers;

use cache_benches::{Foreign, Options, Samples, Table, interleave};
use readers::{Reader, loads};
use std::time::{Duration, Instant};
use tokio::{
    runtime::Runtime,
    time::{sleep, timeout},
};

/// How long a loader takes.
pub(crate) const LOADER: Duration = Duration::from_millis(20);

fn main() {
    let options = Options::from_args();
    let runtime = Runtime::new().expect("a runtime can be built");
    let readers = runtime.block_on(async { readers::all() });
    let tasks = options.pick(10_000, 1_000);
    for keys in [1, 1_000] {
        rush(&options, &runtime, &readers, tasks, keys);
    }
    dropped_leader(&options, &runtime, &readers);
}

/// All tasks ask at once for keys that nobody has asked for before.
fn rush(options: &Options, runtime: &Runtime, readers: &[Reader], tasks: u64, keys: u64) {
    let rounds = options.pick(9, 3);
    let title = format!("{tasks} tasks, {keys} missing key(s), a loader of {LOADER:?}");
    let foreign = Foreign::default();
    let mut samples = vec![Samples::default(); readers.len()];
    let mut runs = vec![0; readers.len()];
    interleave(&title, readers.len(), rounds, |turn| {
        let reader = &readers[if turn.base { 0 } else { turn.place }];
        // Contenders that let every task load, one key after the other, would take minutes.
        if turn.round >= 3 && samples[turn.place].median() > 2_000.0 {
            return;
        }
        let first = fresh();
        let before = loads();
        let took = runtime.block_on(async {
            let begun = Instant::now();
            let all: Vec<_> = (0..tasks).map(|task| tokio::spawn(reader.call(first + task % keys))).collect();
            for task in all {
                task.await.expect("no contender panics");
            }
            begun.elapsed()
        });
        samples[turn.place].push(turn.base, took.as_secs_f64() * 1e3);
        if !turn.base {
            runs[turn.place] = runs[turn.place].max(loads() - before);
        }
    });
    let title = format!("{title}; other programs used {:.0}% of the machine", foreign.percent());
    let mut table = Table::new(title, &["ms", "min", "ratio to the floor", "runs of the loader (most)"]);
    for (place, reader) in readers.iter().enumerate() {
        let own = &samples[place];
        table.row(reader.name, &[own.median(), own.min(), own.ratio(), runs[place] as f64]);
    }
    table.print();
}

/// A hundred tasks wait for a leader that is dropped half-way.
fn dropped_leader(options: &Options, runtime: &Runtime, readers: &[Reader]) {
    let rounds = options.pick(5, 1);
    let patience = Duration::from_secs(2);
    let title = format!("the leader is dropped after half of {LOADER:?}, 100 wait");
    let mut table = Table::new(
        title,
        &["ms until all are answered", "runs of the loader (most)", "stuck after 2 s (most)"],
    );
    for reader in &readers[1..] {
        let (mut millis, mut runs, mut stuck) = (Vec::new(), 0, 0);
        for _ in 0..rounds {
            let key = fresh();
            let before = loads();
            let (took, waiting) = runtime.block_on(async {
                let leader = tokio::spawn(reader.call(key));
                sleep(LOADER / 10).await;
                let waiters: Vec<_> =
                    (0..100).map(|_| tokio::spawn(timeout(patience, reader.call(key)))).collect();
                sleep(LOADER * 4 / 10).await;
                let begun = Instant::now();
                leader.abort();
                let mut waiting = 0;
                for waiter in waiters {
                    waiting += u64::from(!matches!(waiter.await, Ok(Ok(()))));
                }
                (begun.elapsed(), waiting)
            });
            millis.push(took.as_secs_f64() * 1e3);
            runs = runs.max(loads() - before);
            stuck = stuck.max(waiting);
        }
        table.row(reader.name, &[cache_benches::median(&millis), runs as f64, stuck as f64]);
    }
    table.print();
}

/// The first of a thousand numbers that nobody has used yet.
fn fresh() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1_000, Ordering::Relaxed)
}
