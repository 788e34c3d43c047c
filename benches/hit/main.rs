//! What a hit in this process costs, ours and the peers'.
#![allow(
    clippy::unused_async,
    clippy::too_many_lines,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unchecked_time_subtraction
)]

mod bursts;
mod ours;
mod peers;

use bursts::{Burst, Contender, allocations};
use cache_benches::{Foreign, Mix, Options, Samples, Table, interleave};
use std::{sync::Barrier, thread};

/// How many keys are hot, all of them cached.
pub(crate) const KEYS: u32 = 100_000;
/// How long everything lives: longer than the benchmark runs.
pub(crate) const TTL_SECS: u64 = 3_600;

const BASE: &str = "quick_cache u64 -> Arc";

fn main() {
    let options = Options::from_args();
    let mut contenders = peers::engines();
    contenders.extend(ours::all());
    contenders.extend(peers::macros());
    contenders.retain(|contender| contender.name == BASE || options.wants(contender.name));
    for contender in &contenders {
        eprintln!("filling {}", contender.name);
        contender.fill(KEYS);
    }
    for mix in [Mix::Uniform, Mix::Zipf(1.0)] {
        for threads in [1, 2] {
            compare(&options, &contenders, mix, threads);
        }
    }
}

fn compare(options: &Options, contenders: &[Contender], mix: Mix, threads: usize) {
    let (rounds, calls) = (options.pick(15, 3), options.pick(100_000, 50_000));
    let title = format!("L1 hit, {}, {threads} thread(s)", mix.name());
    let foreign = Foreign::default();
    let mut samples = vec![Samples::default(); contenders.len()];
    let mut missed = vec![0; contenders.len()];
    let mut keys = (usize::MAX, Vec::new());
    interleave(&title, contenders.len(), rounds, |turn| {
        if keys.0 != turn.round {
            let sequence = |thread| mix.sequence(KEYS, calls, (turn.round * 16 + thread) as u64);
            keys = (turn.round, (0..threads).map(sequence).collect());
        }
        let running = if turn.base { 0 } else { turn.place };
        let before = ours::loads() + peers::loads();
        samples[turn.place].push(turn.base, nanos(&contenders[running].burst, &keys.1));
        missed[turn.place] += ours::loads() + peers::loads() - before;
    });
    let mut table = Table::new(
        format!("{title}; other programs used {:.0}% of the machine", foreign.percent()),
        &["ns", "min", "p90", "ratio", "allocations", "bytes", "misses"],
    );
    for (place, contender) in contenders.iter().enumerate() {
        let own = &samples[place];
        let (count, bytes) = allocations(&contender.burst, &keys.1[0]);
        let (ns, min, p90, ratio) = (own.median(), own.min(), own.p90(), own.ratio());
        table.row(contender.name, &[ns, min, p90, ratio, count, bytes, missed[place] as f64]);
    }
    table.print();
}

/// Time per call, with one thread per sequence of keys.
fn nanos(burst: &Burst, sequences: &[Vec<u32>]) -> f64 {
    let start = Barrier::new(sequences.len());
    thread::scope(|scope| {
        let threads: Vec<_> = sequences
            .iter()
            .map(|keys| {
                let start = &start;
                scope.spawn(move || {
                    burst(&keys[..keys.len() / 2]);
                    start.wait();
                    burst(keys).as_secs_f64() * 1e9 / keys.len() as f64
                })
            })
            .collect();
        let times: Vec<f64> = threads.into_iter().map(|thread| thread.join().unwrap_or(f64::NAN)).collect();
        times.iter().sum::<f64>() / times.len() as f64
    })
}
