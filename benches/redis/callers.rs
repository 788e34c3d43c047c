//! How several callers ask one contender at the same time.

use crate::KEYS;
use cache_benches::{process_time, quantile};
use std::{
    future::Future,
    hint::black_box,
    pin::Pin,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

type Flow<T> = Pin<Box<dyn Future<Output = T> + Send>>;
/// Lets so many callers ask for keys for so long.
type Drive = Box<dyn Fn(usize, Duration) -> Flow<Run>>;

/// A way to get values by their keys.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    drive: Drive,
    once: Box<dyn Fn(u32) -> Flow<()>>,
}

/// What callers saw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) per_second: f64,
    /// Processor time of this process for one call, in microseconds.
    pub(crate) busy: f64,
    /// In microseconds.
    pub(crate) p50: f64,
    /// In microseconds.
    pub(crate) p99: f64,
}

impl Contender {
    pub(crate) fn of<F, Fut, T>(name: &'static str, call: F) -> Self
    where
        F: Fn(u32) -> Fut + Copy + Send + Sync + 'static,
        Fut: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let drive = move |callers, span| -> Flow<Run> { Box::pin(drive(call, callers, span)) };
        let once = move |key| -> Flow<()> {
            Box::pin(async move {
                black_box(call(key).await);
            })
        };
        Self { name, drive: Box::new(drive), once: Box::new(once) }
    }

    /// Asks for every key once.
    pub(crate) fn fill(&self, runtime: &Runtime) {
        runtime.block_on(async {
            for key in 0..KEYS {
                (self.once)(key).await;
            }
        });
    }

    /// Asks one after the other, so often.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) async fn times(&self, times: f64) {
        for key in 0..times as u32 {
            (self.once)(key % KEYS).await;
        }
    }

    pub(crate) fn run(&self, runtime: &Runtime, callers: usize, span: Duration) -> Run {
        runtime.block_on((self.drive)(callers, span))
    }
}

async fn drive<F, Fut, T>(call: F, callers: usize, span: Duration) -> Run
where
    F: Fn(u32) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let used = process_time();
    let begun = Instant::now();
    let until = begun + span;
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            tokio::spawn(async move {
                let mut random = fastrand::Rng::with_seed(caller as u64);
                let mut micros = Vec::with_capacity(1 << 12);
                loop {
                    let asked = Instant::now();
                    if asked >= until {
                        return micros;
                    }
                    black_box(call(random.u32(..KEYS)).await);
                    micros.push(asked.elapsed().as_secs_f64() * 1e6);
                }
            })
        })
        .collect();
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await.expect("no contender panics"));
    }
    let (took, used) = (begun.elapsed(), process_time() - used);
    let calls = micros.len() as f64;
    let (per_second, busy) = (calls / took.as_secs_f64(), used.as_secs_f64() * 1e6 / calls);
    Run { per_second, busy, p50: quantile(&micros, 0.5), p99: quantile(&micros, 0.99) }
}
