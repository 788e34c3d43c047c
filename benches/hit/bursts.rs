//! How one contender is called many times.

use cache_benches::thread_time;
use std::{future::Future, hint::black_box, time::Duration};
use tokio::runtime::{Builder, Runtime};

/// Asks for each of the keys once and tells how much processor time all of it took.
pub(crate) type Burst = Box<dyn Fn(&[u32]) -> Duration + Send + Sync>;

/// A way to get a value by its key.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) burst: Burst,
}

impl Contender {
    /// A function that must be awaited.
    pub(crate) fn of<F, Fut>(name: &'static str, call: F) -> Self
    where
        F: Fn(u32) -> Fut + Send + Sync + 'static,
        Fut: Future,
    {
        let burst = move |keys: &[u32]| {
            RUNTIME.with(|runtime| {
                runtime.block_on(async {
                    let begun = thread_time();
                    for &key in keys {
                        black_box(call(key).await);
                    }
                    thread_time() - begun
                })
            })
        };
        Self { name, burst: Box::new(burst) }
    }

    /// Asks for every key below `keys`, twice: what was not cached is then.
    pub(crate) fn fill(&self, keys: u32) {
        let mut all: Vec<u32> = (0..keys).collect();
        for seed in 0..2 {
            fastrand::Rng::with_seed(seed).shuffle(&mut all);
            (self.burst)(&all);
        }
    }
}

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_all().build().expect("a thread can have a runtime");
}

/// Allocations, and bytes allocated, per call.
pub(crate) fn allocations(burst: &Burst, keys: &[u32]) -> (f64, f64) {
    // What a thread does only once is not counted.
    burst(&keys[..keys.len() / 20]);
    let empty = allocation_counter::measure(|| {
        burst(&[]);
    });
    let counted = allocation_counter::measure(|| {
        burst(keys);
    });
    let per_call = |all: u64, empty: u64| all.saturating_sub(empty) as f64 / keys.len() as f64;
    (per_call(counted.count_total, empty.count_total), per_call(counted.bytes_total, empty.bytes_total))
}
