//! Two functions that use one template for different types.

use behaviour_tests::conflicting::{number, text};
use cache_runtime::{Cache, cached};

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
