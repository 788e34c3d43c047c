//! A hit on a shared value in this process allocates nothing.
#![allow(missing_docs)]

use allocation_counter::{AllocationInfo, measure};
use cache_runtime::{Cache, cached};
use futures_util::FutureExt;
use std::{hint::black_box, sync::Arc};

const HITS: u32 = 10_000;
const KEYS: u32 = 100;

#[cached(strategy = "read_through", key = "number:<id>", ttl = "1h")]
async fn by_number(cache: &Cache, id: u32) -> Arc<Vec<u32>> {
    Arc::new(vec![id; 10])
}

#[cached(strategy = "read_through", key = "page:<category>:<page>", ttl = "1h")]
async fn by_text(cache: &Cache, category: &str, page: u32) -> Arc<Vec<u32>> {
    Arc::new(vec![u32::try_from(category.len()).unwrap(), page])
}

/// Fills `KEYS` keys and counts what `HITS` hits on them allocate, in the best of a few rounds: once a second one hit also tells the
/// metrics recorder what was counted.
fn allocated(call: impl Fn(&Cache, u32) -> Arc<Vec<u32>>) -> AllocationInfo {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let cache = Cache::memory();
        // The second time also pays for what a thread does once.
        for key in (0..KEYS).chain(0..KEYS) {
            call(&cache, key);
        }
        let rounds: Vec<_> = (0..3)
            .map(|_| {
                let before = cache.stats().functions[0].hits;
                let counted = measure(|| {
                    for hit in 0..HITS {
                        black_box(call(&cache, hit % KEYS));
                    }
                });
                let after = cache.stats();
                assert_eq!(after.functions[0].hits - before, u64::from(HITS));
                assert_eq!(after.functions[0].loads, u64::from(KEYS));
                counted
            })
            .collect();
        rounds.into_iter().min_by_key(|counted| counted.count_total).unwrap()
    })
}

#[test]
fn allocations_are_counted() {
    assert_eq!(measure(|| drop(black_box(Box::new(1)))).count_total, 1);
}

#[test]
fn a_hit_under_a_number_allocates_nothing() {
    let counted = allocated(|cache, id| by_number(cache, id).now_or_never().unwrap());
    assert_eq!((counted.count_total, counted.bytes_total), (0, 0), "{counted:?}");
}

#[test]
fn a_hit_under_a_text_and_a_number_allocates_nothing() {
    let counted = allocated(|cache, page| by_text(cache, "books and more", page).now_or_never().unwrap());
    assert_eq!((counted.count_total, counted.bytes_total), (0, 0), "{counted:?}");
}
