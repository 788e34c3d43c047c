//! What a process that answers from its memory knows of what others write, on a real Redis whose link breaks.

use crate::{fixtures::patient, shelf::Shelf};
use cache_runtime::{Cache, CacheBuilder};
use std::time::{Duration, Instant};
use test_servers::{Proxy, Redis};

const LONG: Duration = Duration::from_secs(20);

fn builder(url: String) -> CacheBuilder {
    Cache::builder().namespace("near").redis(url).deadlines(patient())
}

async fn near(url: String, lag: Duration) -> Cache {
    builder(url).l1_max_lag(lag).build().await.unwrap()
}

/// Reads until it is answered from this process.
async fn answered_from_here(shelf: &Shelf, id: u32) {
    let (end, before) = (Instant::now() + LONG, shelf.hits("item"));
    while shelf.hits("item") == before {
        shelf.item(id).await.unwrap();
        assert!(Instant::now() < end, "never answered from here");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Reads until it sees this value.
async fn sees(shelf: &Shelf, id: u32, value: u32) -> Duration {
    let begun = Instant::now();
    while shelf.item(id).await.unwrap() != value {
        assert!(begun.elapsed() < LONG, "never seen");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    begun.elapsed()
}

#[tokio::test]
async fn a_write_is_seen_elsewhere_long_before_the_lag_has_passed() {
    let redis = Redis::start().await;
    let a = Shelf::new(near(redis.url(), Duration::from_secs(60)).await);
    let b = a.beside(near(redis.url(), Duration::from_secs(60)).await);
    for value in 1..=50 {
        answered_from_here(&a, 1).await;
        b.put(1, value).await.unwrap();
        let took = sees(&a, 1, value).await;
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
    // A group, too.
    a.page(1, 2).await.unwrap();
    b.rewrite(1, 100).await.unwrap();
    let begun = Instant::now();
    while a.page(1, 2).await.unwrap() != 102 {
        assert!(begun.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_process_that_hears_nothing_stops_answering_when_the_lag_has_passed() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let lag = Duration::from_millis(500);
    let mut hurried = patient();
    hurried.read = Duration::from_millis(100);
    hurried.lease = Duration::from_millis(100);
    let cache = builder(proxy.url()).deadlines(hurried).l1_max_lag(lag).build().await.unwrap();
    let a = Shelf::new(cache);
    let b = a.beside(builder(redis.url()).build().await.unwrap());
    answered_from_here(&a, 1).await;
    proxy.black_hole();
    b.put(1, 7).await.unwrap();
    tokio::time::sleep(lag).await;
    let hits = a.hits("item");
    assert_eq!(a.item(1).await.unwrap(), 7, "the body, since nobody answers");
    assert_eq!(a.hits("item"), hits);
    proxy.pass();
    answered_from_here(&a, 1).await;
    assert_eq!(a.item(1).await.unwrap(), 7);
}

#[tokio::test]
async fn what_was_written_while_the_link_was_cut_is_seen() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let a = Shelf::new(near(proxy.url(), Duration::from_secs(60)).await);
    let b = a.beside(builder(redis.url()).build().await.unwrap());
    for value in 1..=10 {
        answered_from_here(&a, 1).await;
        proxy.refuse();
        b.put(1, value).await.unwrap();
        proxy.pass();
        // The link is closed from the other end, so this process learns of it at once, and then answers nothing old.
        sees(&a, 1, value).await;
        answered_from_here(&a, 1).await;
        for _ in 0..10 {
            assert_eq!(a.item(1).await.unwrap(), value);
        }
    }
}

#[tokio::test]
async fn a_redis_that_falls_silent_and_wakes_brings_nothing_old_back() {
    let redis = Redis::start().await;
    let lag = Duration::from_millis(200);
    let a = Shelf::new(near(redis.url(), lag).await);
    answered_from_here(&a, 1).await;
    redis.pause();
    tokio::time::sleep(2 * lag).await;
    let hits = a.hits("item");
    let reading = tokio::spawn({
        let a = a.clone();
        async move { a.item(1).await }
    });
    tokio::task::yield_now().await;
    assert_eq!(a.hits("item"), hits, "not from here");
    redis.resume();
    reading.await.unwrap().unwrap();
    answered_from_here(&a, 1).await;
}

#[tokio::test]
async fn many_writers_and_readers_end_with_what_was_written_last() {
    let redis = Redis::start().await;
    let a = Shelf::new(near(redis.url(), Duration::from_secs(60)).await);
    let b = a.beside(near(redis.url(), Duration::from_secs(60)).await);
    let work = |shelf: &Shelf, first: u32| {
        let shelf = shelf.clone();
        tokio::spawn(async move {
            for round in 0..300 {
                shelf.put(round % 5, first + round).await.unwrap();
                for id in 0..5 {
                    shelf.item(id).await.unwrap();
                }
            }
        })
    };
    let both = [work(&a, 1_000), work(&b, 2_000)];
    for one in both {
        one.await.unwrap();
    }
    for id in 0..5 {
        b.put(id, 5_000 + id).await.unwrap();
        sees(&a, id, 5_000 + id).await;
        assert_eq!(b.item(id).await.unwrap(), 5_000 + id);
    }
}

#[tokio::test]
async fn what_redis_cli_does_is_seen_where_it_is_asked_for() {
    let redis = Redis::start().await;
    let tracking = || builder(redis.url()).l1_max_lag(Duration::from_secs(60)).track_foreign_writes();
    let a = Shelf::new(tracking().build().await.unwrap());
    let physical = a.item_entry(1).physical_key().unwrap();
    let client = redis::Client::open(redis.url()).unwrap();
    let mut outside = client.get_multiplexed_async_connection().await.unwrap();
    for (value, command) in
        [(1, vec!["DEL", &physical]), (2, vec!["SET", &physical, "x"]), (3, vec!["FLUSHALL"])]
    {
        answered_from_here(&a, 1).await;
        a.set(1, value);
        let mut cmd = redis::cmd(command[0]);
        for word in &command[1..] {
            cmd.arg(word);
        }
        cmd.query_async::<redis::Value>(&mut outside).await.unwrap();
        let took = sees(&a, 1, value).await;
        assert!(took < Duration::from_secs(10), "{command:?}: {took:?}");
    }
}
