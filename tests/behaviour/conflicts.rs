//! Functions that disagree about their entries, when they meet in one cache.

use behaviour_tests::conflicting::{self, any, here::Here, number, text, there::There};
use cache_runtime::{Cache, Queue, cached};
use std::{
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

/// Two repositories over one row and one cache.
fn both(cache: &Cache) -> (Here, There) {
    let here = Here::new(cache);
    let there = There { row: here.row.clone() };
    (here, there)
}

/// The only conflict of a cache, which names both functions and where they stand.
fn sentence(cache: &Cache, later: &str, first: &str) -> String {
    let conflicts = cache.conflicts();
    let [only] = conflicts.as_slice() else { panic!("one conflict: {conflicts:?}") };
    for (function, at) in [(later, 0), (first, 1)] {
        let place = only.split('`').nth(2 * at + 2).expect("a place after the name");
        assert_eq!(only.split('`').nth(2 * at + 1), Some(function), "{only}");
        assert!(place.contains("conflicting.rs:"), "{only}");
        let mut numbers = place.split(['(', ')']).nth(1).expect("in brackets").split(':').skip(1);
        let line: usize = numbers.next().and_then(|line| line.parse().ok()).expect("a line");
        let column: usize = numbers.next().and_then(|column| column.parse().ok()).expect("a column");
        let name = function.rsplit("::").next().expect("a name");
        let source = include_str!("conflicting.rs").lines().nth(line - 1).expect("a line of the file");
        assert!(source[column - 1..].starts_with(name), "{only}: {source}");
    }
    only.clone()
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

#[tokio::test]
async fn instantiations_of_a_generic_function_never_answer_for_each_other() {
    let cache = Cache::memory();
    for _ in 0..2 {
        assert_eq!(any::<u64>(&cache, 1).await, 1);
        assert!((any::<f64>(&cache, 1).await - 1.0).abs() < f64::EPSILON);
    }
    assert_eq!(cache.conflicts(), [""; 0]);
}

#[tokio::test]
async fn two_templates_that_can_render_one_key_do_not_share_it() {
    let cache = Cache::memory();
    let (here, there) = both(&cache);
    assert_eq!(here.page("home").await, 1);
    here.row.value.store(2, SeqCst);
    assert_eq!(there.home().await, 2);
    here.row.value.store(3, SeqCst);
    assert_eq!((here.page("home").await, there.home().await), (1, 2), "each has an entry of its own");
    assert_eq!(cache.conflicts(), [""; 0]);
}

#[tokio::test]
async fn a_writer_that_only_invalidates_may_render_the_key_of_another_template() {
    let cache = Cache::memory();
    let (here, there) = both(&cache);
    here.page("about").await;
    there.write_about(2).await;
    assert_eq!(cache.conflicts(), [""; 0]);
}

#[tokio::test]
async fn a_reader_sees_writes_with_other_braces_that_come_later() {
    let cache = Cache::memory();
    let (here, there) = both(&cache);
    assert_eq!(here.cart(1, 1).await, 1);
    there.put(1, 1, 2).await;
    assert_eq!(here.cart(1, 1).await, 2, "the entry lies where the writer doesn't look for it");
    assert!(sentence(&cache, "There::put", "Here::cart").contains("different partitions"));
    there.put(1, 1, 3).await;
    assert_eq!(here.cart(1, 1).await, 3);
    assert_eq!(cache.conflicts().len(), 1, "it is reported once");
}

#[tokio::test]
async fn a_reader_sees_writes_with_other_braces_that_came_first() {
    let cache = Cache::memory();
    let (here, there) = both(&cache);
    there.put(1, 1, 2).await;
    assert_eq!(here.cart(1, 1).await, 2);
    there.put(1, 1, 3).await;
    assert_eq!(here.cart(1, 1).await, 3);
    sentence(&cache, "Here::cart", "There::put");
}

#[tokio::test]
async fn a_dropped_group_reaches_readers_that_know_no_groups() {
    let cache = Cache::memory();
    let (here, there) = both(&cache);
    assert_eq!(there.shelf("a", 1).await, 1);
    here.clear_shelf("a", 2).await;
    assert_eq!(here.shelf("a", 1).await, 2);
    assert_eq!(there.shelf("a", 1).await, 2);
    here.clear_shelf("a", 3).await;
    assert_eq!((here.shelf("a", 1).await, there.shelf("a", 1).await), (3, 3));
    let sentence = sentence(&cache, "Here::shelf", "There::shelf");
    assert!(sentence.contains("with different groups, `(category)` and none"), "{sentence}");
}

/// A cache whose write-behind functions wait until they are asked for.
fn deferring() -> Cache {
    let queue = Queue::memory().flush_every(Duration::from_hours(1));
    Cache::builder().write_behind(queue).build_memory()
}

#[tokio::test]
async fn a_direct_writer_elsewhere_waits_for_what_is_pending() {
    let cache = deferring();
    let (here, there) = both(&cache);
    here.see(1, 2).await.expect("it is accepted");
    assert_eq!((here.seen(1).await, here.value().load(SeqCst)), (2, 1));
    there.overwrite(1, 3).await;
    cache.flush_all().await.expect("nothing is left");
    assert_eq!((here.seen(1).await, here.value().load(SeqCst)), (3, 3));
    assert_eq!(cache.conflicts(), [""; 0]);
}

#[tokio::test]
async fn a_deferring_writer_in_conflict_writes_at_once() {
    let cache = deferring();
    let (here, there) = both(&cache);
    assert_eq!(there.heard(1).await, "1");
    here.hear(1, 2).await.expect("it is written");
    assert_eq!(here.value().load(SeqCst), 2);
    assert_eq!(there.heard(1).await, "2");
    sentence(&cache, "Here::hear", "There::heard");
}
