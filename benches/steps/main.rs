//! What each step of a hit in this process costs: a ladder from the bare engine to the whole, and ways it could be built instead.
#![allow(
    clippy::unused_async,
    clippy::too_many_lines,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unchecked_time_subtraction
)]

mod hashes;
mod tables;

use cache_benches::{Foreign, Mix, Options, Product, Samples, Table, interleave, thread_time};
use std::{hint::black_box, sync::Arc};
use tables::{engines, entries, keys};

pub(crate) const KEYS: u32 = 100_000;

/// Adds something of every value that it gets, so that none is left out.
type Step = (&'static str, Box<dyn Fn(&[u32]) -> u64>);

fn step(name: &'static str, get: impl Fn(u32) -> Option<Arc<Product>> + 'static) -> Step {
    let burst = move |keys: &[u32]| {
        let mut found = 0;
        for &key in keys {
            if let Some(value) = black_box(get(black_box(key))) {
                found += 1;
                drop(value);
            }
        }
        found
    };
    (name, Box::new(burst))
}

fn main() {
    let options = Options::from_args();
    let mut steps = engines();
    steps.extend(keys());
    steps.extend(entries());
    steps.retain(|(name, _)| name.starts_with("quick_cache u64") || options.wants(name));
    for (universe, mix, name) in [
        (1_000, Mix::Uniform, "1,000 keys, uniform"),
        (KEYS, Mix::Uniform, "100,000 keys, uniform"),
        (KEYS, Mix::Zipf(1.0), "100,000 keys, zipf(1.0)"),
    ] {
        let (rounds, calls) = (options.pick(21, 5), options.pick(200_000, 50_000));
        let foreign = Foreign::default();
        let mut samples = vec![Samples::default(); steps.len()];
        let mut keys = (usize::MAX, Vec::new());
        interleave(name, steps.len(), rounds, |turn| {
            if keys.0 != turn.round {
                keys = (turn.round, mix.sequence(universe, calls, turn.round as u64));
            }
            let (name, burst) = &steps[if turn.base { 0 } else { turn.place }];
            burst(&keys.1[..calls / 2]);
            let begun = thread_time();
            let found = burst(&keys.1);
            samples[turn.place].push(turn.base, (thread_time() - begun).as_secs_f64() * 1e9 / calls as f64);
            assert!(name.starts_with("only") || found == calls as u64, "{name}");
        });
        let title = format!("{name}, 1 thread; other programs used {:.0}% of the machine", foreign.percent());
        let mut table = Table::new(title, &["ns", "min", "p90", "ratio"]);
        for (place, (name, _)) in steps.iter().enumerate() {
            let own = &samples[place];
            table.row(*name, &[own.median(), own.min(), own.p90(), own.ratio()]);
        }
        table.print();
    }
}
