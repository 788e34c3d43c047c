//! Two functions that use one template for different types.

use cache_runtime::{Cache, cached};

#[cached(strategy = "read_through", key = "both:<id>", ttl = 60)]
async fn number(cache: &Cache, id: u32) -> u32 {
    id
}

#[cached(strategy = "read_through", key = "both:<id>", ttl = 60)]
async fn text(cache: &Cache, id: u32) -> String {
    id.to_string()
}

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
