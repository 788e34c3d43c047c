//! Loading entries before they are asked for.

use crate::Cache;
use futures_util::stream::{self, StreamExt};
use std::{fmt, future::Future};

/// Loads entries before they are asked for, a few at a time; made by [`Cache::warm`].
///
/// ```
/// # async fn example(cache: cache_runtime::Cache) {
/// # async fn find(id: i64) -> Result<i64, std::io::Error> { Ok(id) }
/// let report = cache
///     .warm(1..=10_000)
///     .concurrency(16)
///     .progress(|warmed| if warmed.done % 1_000 == 0 { println!("{} loaded", warmed.done) })
///     .each(|id| find(id))
///     .await;
/// println!("{} loaded, {} failed", report.done - report.failed, report.failed);
/// # }
/// ```
///
/// Readers answer what is cached already without a load, so warming a warm cache costs little. Dropping the future stops it; what was loaded stays.
#[must_use = "warming begins with `each` or `batches`"]
pub struct Warm<'c, I> {
    cache: &'c Cache,
    ids: I,
    concurrency: usize,
    progress: Option<Box<dyn FnMut(Warmed) + Send + 'c>>,
}

/// How far warming has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warmed {
    /// Ids asked for so far.
    pub done: u64,
    /// Of those, ids whose load failed.
    pub failed: u64,
}

impl<'c, I> Warm<'c, I> {
    pub(crate) fn new(cache: &'c Cache, ids: I) -> Self {
        Self { cache, ids, concurrency: 8, progress: None }
    }

    /// How many loads run at once; 8 unless given.
    pub fn concurrency(mut self, loads: usize) -> Self {
        self.concurrency = loads.max(1);
        self
    }

    /// Calls this after every load.
    pub fn progress(mut self, progress: impl FnMut(Warmed) + Send + 'c) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }
}

impl<I: Iterator> Warm<'_, I> {
    /// Calls a reader with each id.
    pub async fn each<T, E, F>(self, mut read: impl FnMut(I::Item) -> F) -> Warmed
    where
        F: Future<Output = Result<T, E>>,
    {
        let loads = self.ids.map(|id| {
            let load = read(id);
            async move { (1, load.await.is_err()) }
        });
        run(self.cache, loads, self.concurrency, self.progress).await
    }

    /// Calls a batch reader with up to `size` ids at a time.
    pub async fn batches<T, E, F>(self, size: usize, mut read: impl FnMut(Vec<I::Item>) -> F) -> Warmed
    where
        F: Future<Output = Result<T, E>>,
    {
        let size = size.max(1);
        let mut ids = self.ids;
        let loads = std::iter::from_fn(|| {
            let batch: Vec<I::Item> = ids.by_ref().take(size).collect();
            if batch.is_empty() {
                return None;
            }
            let count = batch.len() as u64;
            let load = read(batch);
            Some(async move { (count, load.await.is_err()) })
        });
        run(self.cache, loads, self.concurrency, self.progress).await
    }
}

async fn run<F: Future<Output = (u64, bool)>>(
    cache: &Cache,
    loads: impl Iterator<Item = F>,
    concurrency: usize,
    mut progress: Option<Box<dyn FnMut(Warmed) + Send + '_>>,
) -> Warmed {
    let mut warmed = Warmed::default();
    let mut loads = std::pin::pin!(stream::iter(loads).buffer_unordered(concurrency));
    while let Some((count, failed)) = loads.next().await {
        warmed.done += count;
        warmed.failed += if failed { count } else { 0 };
        if let Some(progress) = &mut progress {
            progress(warmed);
        }
    }
    cache.settle().await;
    warmed
}

impl<I> fmt::Debug for Warm<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warm").field("concurrency", &self.concurrency).finish_non_exhaustive()
    }
}
