//! Two functions that use one template for different types.

use behaviour_tests::conflicting::{self, number, text};
use cache_runtime::{Cache, cached};
use std::sync::atomic::AtomicU32;

#[tokio::test]
async fn the_later_one_runs_without_the_cache() {
    let cache = Cache::memory();
    assert_eq!(number(&cache, 1).await, 1);
    assert_eq!(text(&cache, 1).await, "1");
    assert_eq!(number(&cache, 1).await, 1);
    assert_eq!(text(&cache, 1).await, "1");
    let stats = cache.stats();
    assert_eq!(stats.functions[0].hits, 1);
    assert_eq!((stats.functions[1].hits, stats.functions[1].bypasses), (0, 2));
}

#[tokio::test]
async fn another_cache_has_another_first_one() {
    let cache = Cache::memory();
    assert_eq!(text(&cache, 1).await, "1");
    assert_eq!(text(&cache, 1).await, "1");
    assert_eq!(cache.stats().functions[0].hits, 1);
}

#[cached(strategy = "read_through", key = "in-tests:<id>", ttl = 60)]
async fn first(cache: &Cache, id: u32) -> u32 {
    id
}

#[cached(strategy = "read_through", key = "in-tests:<id>", ttl = 60)]
async fn second(cache: &Cache, id: u32) -> String {
    id.to_string()
}

#[tokio::test]
#[should_panic(expected = "give one of them another template")]
async fn in_a_test_target_the_conflict_stops_the_test() {
    let cache = Cache::memory();
    first(&cache, 1).await;
    second(&cache, 1).await;
}

#[tokio::test]
async fn a_conflicting_writer_still_invalidates() {
    let (cache, row) = (Cache::memory(), AtomicU32::new(1));
    assert_eq!(conflicting::read(&cache, 1, &row).await, 1);
    conflicting::write(&cache, 1, &row, 2).await;
    assert_eq!(conflicting::read(&cache, 1, &row).await, 2, "the bypassing writer left the old entry");
}
