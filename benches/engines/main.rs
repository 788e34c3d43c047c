//! Which engine keeps entries in the process best: time, memory, what stays under pressure, and whether budgets hold.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unchecked_time_subtraction
)]

mod contestants;

use cache_benches::{Foreign, Mix, Options, Product, Samples, Table, Zipf, interleave, thread_time};
use contestants::{ALL, Engine, Entry, key};
use std::{any::Any, hint::black_box, sync::Arc, thread};

const KEYS: u32 = 100_000;

fn main() {
    let options = Options::from_args();
    if options.wants("time") {
        for mix in [Mix::Uniform, Mix::Zipf(1.0)] {
            for threads in [1, 2] {
                hits(&options, mix, threads);
            }
        }
        inserts(&options);
    }
    if options.wants("memory") {
        memory(&options);
    }
    if options.wants("ratio") {
        ratios(&options);
    }
    if options.wants("weight") {
        weights();
    }
}

fn product(number: u32) -> Arc<dyn Any + Send + Sync> {
    Arc::new(Product::new(u64::from(number)))
}

/// Nanoseconds per get of an entry that is there.
fn hits(options: &Options, mix: Mix, threads: usize) {
    let (rounds, calls) = (options.pick(15, 3), options.pick(200_000, 50_000));
    let engines: Vec<Box<dyn Engine>> = ALL
        .iter()
        .map(|(_, make, _)| {
            let engine = make(4 * KEYS as usize, u64::from(4 * KEYS));
            (0..KEYS).for_each(|number| engine.insert(key(number), Entry::new(product(number), 1)));
            engine.settle();
            engine
        })
        .collect();
    let title = format!("get, {KEYS} entries, {}, {threads} thread(s)", mix.name());
    let foreign = Foreign::default();
    let mut samples = vec![Samples::default(); ALL.len()];
    let mut missed = vec![0_usize; ALL.len()];
    interleave(&title, ALL.len(), rounds, |turn| {
        let engine = &engines[if turn.base { 0 } else { turn.place }];
        let found = thread::scope(|scope| {
            let threads: Vec<_> = (0..threads)
                .map(|thread| {
                    let keys = mix.sequence(KEYS, calls, (turn.round * 16 + thread) as u64);
                    scope.spawn(move || {
                        let get = |keys: &[u32]| -> usize {
                            keys.iter()
                                .map(|&number| usize::from(black_box(engine.get(key(number))).is_some()))
                                .sum()
                        };
                        get(&keys[..calls / 2]);
                        let begun = thread_time();
                        let found = get(&keys);
                        ((thread_time() - begun).as_secs_f64() * 1e9 / calls as f64, found)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or((f64::NAN, 0))).collect::<Vec<_>>()
        });
        let ns = found.iter().map(|(ns, _)| ns).sum::<f64>() / found.len() as f64;
        samples[turn.place].push(turn.base, ns);
        missed[turn.place] += found.iter().map(|(_, found)| calls - found).sum::<usize>();
    });
    print(
        &format!("{title}; other programs used {:.0}% of the machine", foreign.percent()),
        &samples,
        Some(&missed),
    );
}

/// Nanoseconds per insert into an engine that is full.
fn inserts(options: &Options) {
    let (rounds, calls) = (options.pick(9, 3), options.pick(200_000, 50_000_u32));
    let mut samples = vec![Samples::default(); ALL.len()];
    let value = product(0);
    let foreign = Foreign::default();
    interleave("insert", ALL.len(), rounds, |turn| {
        let (_, make, _) = ALL[if turn.base { 0 } else { turn.place }];
        let engine = make(KEYS as usize, u64::from(KEYS));
        (0..KEYS).for_each(|number| engine.insert(key(number), Entry::new(value.clone(), 1)));
        engine.settle();
        let begun = thread_time();
        (KEYS..KEYS + calls).for_each(|number| engine.insert(key(number), Entry::new(value.clone(), 1)));
        engine.settle();
        samples[turn.place].push(turn.base, (thread_time() - begun).as_secs_f64() * 1e9 / f64::from(calls));
    });
    let title = format!(
        "insert of a new key into {KEYS} that fill the budget (the floors grow instead), 1 thread; other programs used {:.0}% of the machine",
        foreign.percent()
    );
    print(&title, &samples, None);
}

fn print(title: &str, samples: &[Samples], missed: Option<&[usize]>) {
    let mut table = Table::new(title, &["ns", "min", "p90", "ratio", "misses"]);
    for (place, (name, ..)) in ALL.iter().enumerate() {
        let own = &samples[place];
        let missed = missed.map_or(f64::NAN, |missed| missed[place] as f64);
        table.row(*name, &[own.median(), own.min(), own.p90(), own.ratio(), missed]);
    }
    table.print();
}

/// Bytes per entry beside the value.
fn memory(options: &Options) {
    let entries = options.pick(1_000_000, 100_000_u32);
    let value = product(0);
    let mut table = Table::new(
        format!(
            "memory at {entries} entries; the value itself is not counted, key (16 bytes) and entry ({} bytes) are",
            size_of::<Entry>()
        ),
        &["bytes per entry", "beyond key and entry", "allocations per entry"],
    );
    for (name, make, _) in ALL {
        let mut engine = None;
        let counted = allocation_counter::measure(|| {
            // As the cache builds it: with an estimate that is too low, so that tables grow.
            let made = make(1 << 16, u64::from(2 * entries));
            (0..entries).for_each(|number| made.insert(key(number), Entry::new(value.clone(), 1)));
            made.settle();
            engine = Some(made);
        });
        let bytes = counted.bytes_current as f64 / f64::from(entries);
        let own = (size_of::<contestants::Key>() + size_of::<Entry>()) as f64;
        table.row(*name, &[bytes, bytes - own, counted.count_current as f64 / f64::from(entries)]);
        drop(engine);
    }
    table.print();
}

/// How many requests find their entry when ten times more keys are asked for than fit.
fn ratios(options: &Options) {
    let (fits, requests) = (options.pick(10_000_u32, 2_000), options.pick(2_000_000_usize, 100_000));
    let mut table = Table::new(
        format!(
            "hits in percent; {fits} entries fit, {} keys, {requests} requests after a warm-up",
            10 * fits
        ),
        &["zipf(0.8)", "zipf(0.9)", "zipf(1.0)", "zipf(0.9) + scans", "hot set moves"],
    );
    for (name, make, evicts) in ALL {
        if !evicts {
            continue;
        }
        let plain = |exponent| hit_ratio(*make, fits, &Mix::Zipf(exponent).sequence(10 * fits, requests, 1));
        let figures = [
            plain(0.8),
            plain(0.9),
            plain(1.0),
            hit_ratio(*make, fits, &with_scans(fits, requests)),
            hit_ratio(*make, fits, &moving(fits, requests)),
        ];
        table.row(*name, &figures);
    }
    table.print();
}

/// Every tenth of the trace, keys that are never asked for again pass by, as many as fit twice.
fn with_scans(fits: u32, requests: usize) -> Vec<u32> {
    let (zipf, mut random) = (Zipf::new(10 * fits, 0.9), fastrand::Rng::with_seed(1));
    let (mut trace, mut next) = (Vec::with_capacity(requests), 10 * fits);
    while trace.len() < requests {
        trace.extend((0..requests / 10).map(|_| zipf.draw(&mut random)));
        trace.extend(next..next + 2 * fits);
        next += 2 * fits;
    }
    trace
}

/// What is popular changes ten times.
fn moving(fits: u32, requests: usize) -> Vec<u32> {
    let (zipf, mut random) = (Zipf::new(10 * fits, 0.9), fastrand::Rng::with_seed(1));
    (0..requests).map(|n| zipf.draw(&mut random) + 3 * fits * (n * 10 / requests) as u32).collect()
}

/// The first fifth warms up.
fn hit_ratio(make: contestants::Make, fits: u32, trace: &[u32]) -> f64 {
    let engine = make(fits as usize, u64::from(fits));
    let value = product(0);
    let warm = trace.len() / 5;
    let (mut hits, mut asked) = (0_u64, 0_u64);
    for (place, &number) in trace.iter().enumerate() {
        let found = engine.get(key(number)).is_some();
        if !found {
            engine.insert(key(number), Entry::new(value.clone(), 1));
        }
        if place >= warm {
            asked += 1;
            hits += u64::from(found);
        }
    }
    100.0 * hits as f64 / asked as f64
}

/// Whether the weights of the entries stay within the budget, and what becomes of heavy ones.
fn weights() {
    const BUDGET: u64 = 16 << 20;
    let mut table = Table::new(
        "weights: a budget of 16 MiB, entries of 100 to 8,000 bytes",
        &[
            "heaviest moment, % of the budget",
            "after settling, %",
            "largest single entry kept, % of the budget",
        ],
    );
    let value = product(0);
    for (name, make, evicts) in ALL {
        if !evicts {
            continue;
        }
        let engine = make(4_096, BUDGET);
        let (mut random, mut heaviest) = (fastrand::Rng::with_seed(3), 0);
        for number in 0..200_000 {
            engine.insert(key(number), Entry::new(value.clone(), random.u32(100..8_000)));
            heaviest = heaviest.max(engine.weight().unwrap_or_default());
        }
        engine.settle();
        let settled = engine.weight().unwrap_or_default();
        let percent = |bytes: u64| 100.0 * bytes as f64 / BUDGET as f64;
        let largest = (1..=1_000_u64)
            .rev()
            .map(|part| BUDGET * part / 1_000)
            .find(|&bytes| keeps(*make, BUDGET, bytes));
        table.row(*name, &[percent(heaviest), percent(settled), largest.map_or(0.0, percent)]);
    }
    table.print();
}

/// Whether an empty engine keeps an entry of this weight.
fn keeps(make: contestants::Make, budget: u64, bytes: u64) -> bool {
    let engine = make(4_096, budget);
    let entry = Entry::new(product(0), u32::try_from(bytes).unwrap_or(u32::MAX));
    engine.insert(key(1), entry);
    engine.settle();
    engine.get(key(1)).is_some()
}
