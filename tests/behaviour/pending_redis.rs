//! Pending writes in a real Redis that goes away and comes back.

use crate::fixtures::eventually;
use crate::fixtures::patient;
use cache_runtime::{Cache, Error, ErrorKind, Queue, repository};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use test_servers::{Fsync, Redis};

type Rows = Arc<Mutex<BTreeMap<u64, String>>>;

#[derive(Clone)]
struct Labels {
    rows: Rows,
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "10m")]
impl Labels {
    #[cached(strategy = "read_through", key = "pending-label:<id>")]
    async fn label(&self, id: u64) -> Result<Option<String>, Error> {
        Ok(self.rows.lock().unwrap().get(&id).cloned())
    }

    #[cached(strategy = "write_behind", key = "pending-label:<id>", value = text, unordered)]
    async fn relabel(&self, id: u64, text: String) -> Result<(), Error> {
        self.rows.lock().unwrap().insert(id, text);
        Ok(())
    }

    #[cached(strategy = "write_around", key = "pending-label:<id>")]
    async fn shout(&self, id: u64) -> Result<(), Error> {
        self.rows.lock().unwrap().entry(id).and_modify(|text| *text = text.to_uppercase());
        Ok(())
    }

    #[invalidates(label(id))]
    async fn erase(&self, id: u64) -> Result<(), Error> {
        self.rows.lock().unwrap().remove(&id);
        Ok(())
    }
}

async fn labels(redis: &Redis, rows: &Rows) -> Labels {
    let queue = Queue::redis_fsync().flush_every(Duration::from_mins(1));
    let builder = Cache::builder().namespace("labels").redis(redis.url()).deadlines(patient());
    let cache = builder.write_behind(queue).build().await.unwrap();
    Labels { rows: rows.clone(), cache }
}

/// Tries until Redis is in reach again.
async fn until_accepted(write: impl AsyncFn() -> Result<(), Error>) {
    let end = Instant::now() + Duration::from_secs(20);
    while let Err(error) = write().await {
        assert!(Instant::now() < end, "{error}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn direct_writes_are_refused_while_nobody_knows_what_is_pending() {
    let redis = Redis::builder().appendonly(Fsync::Always).start().await;
    let rows = Rows::default();
    let labels = labels(&redis, &rows).await;
    labels.relabel(1, "one".into()).await.unwrap();
    redis.kill9();
    let refused = labels.shout(1).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Undrained, "{refused}");
    let refused = labels.erase(1).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Undrained, "{refused}");
    assert!(rows.lock().unwrap().is_empty(), "neither was run");
    redis.restart_on_same_port().await;
    // What was acknowledged is there, is written first, and nothing comes over the direct write later.
    until_accepted(async || labels.shout(1).await).await;
    assert_eq!(rows.lock().unwrap().get(&1).map(String::as_str), Some("ONE"));
    labels.cache.flush_all().await.unwrap();
    assert_eq!(labels.label(1).await.unwrap().as_deref(), Some("ONE"));
}

#[tokio::test]
async fn a_redis_that_was_never_reached_is_out_of_reach_and_no_missing_queue() {
    let redis = Redis::builder().appendonly(Fsync::Always).start().await;
    redis.kill9();
    let rows = Rows::default();
    let out_of_reach = labels(&redis, &rows).await;
    let refused = out_of_reach.relabel(1, "one".into()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::QueueDown, "{refused}");
    let without = Labels { rows, cache: Cache::memory() };
    let refused = without.relabel(1, "one".into()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NoQueue, "{refused}");
    assert!(without.rows.lock().unwrap().is_empty());
}

#[tokio::test]
async fn writes_are_accepted_again_when_redis_is_back() {
    let redis = Redis::builder().appendonly(Fsync::Always).start().await;
    let rows = Rows::default();
    let labels = labels(&redis, &rows).await;
    labels.relabel(1, "one".into()).await.unwrap();
    redis.kill9();
    let refused = labels.relabel(1, "two".into()).await.unwrap_err();
    // What was on its way when the connection broke may have arrived.
    assert!(matches!(refused.kind(), ErrorKind::QueueDown | ErrorKind::Store), "{refused}");
    let refused = labels.relabel(1, "three".into()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::QueueDown, "{refused}");
    assert_eq!(Error::of(&refused).map(Error::kind), Some(ErrorKind::QueueDown));
    redis.restart_on_same_port().await;
    until_accepted(async || labels.relabel(2, "two".into()).await).await;
    labels.cache.flush_all().await.unwrap();
    assert_eq!(rows.lock().unwrap().get(&2).map(String::as_str), Some("two"));
}

/// A Redis that doesn't bring its file to disk at once any more, and a process that has found out.
async fn misconfigured(settings: &[&str]) -> (Redis, Rows, Labels) {
    let redis = Redis::builder().appendonly(Fsync::Always).start().await;
    let rows = Rows::default();
    let labels = labels(&redis, &rows).await;
    labels.relabel(1, "one".into()).await.unwrap();
    for setting in settings {
        assert!(redis.ask(&format!("CONFIG SET {setting}")).unwrap().contains("OK"), "{setting}");
    }
    redis.ask("CLIENT KILL TYPE normal").unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while labels.relabel(1, "two".into()).await.err().map(|refused| refused.kind())
        != Some(ErrorKind::NoQueue)
    {
        assert!(Instant::now() < end, "it still accepts");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    (redis, rows, labels)
}

#[tokio::test]
async fn a_redis_that_was_mended_is_used_without_a_restart() {
    let wrong = ["appendfsync everysec", "maxmemory-policy allkeys-lru"];
    let (redis, rows, labels) = misconfigured(&wrong).await;
    let refused = labels.relabel(2, "two".into()).await.unwrap_err().to_string();
    assert!(refused.contains("appendfsync") && refused.contains("maxmemory-policy"), "{refused}");
    redis.ask("CONFIG SET maxmemory-policy noeviction").unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let refused = labels.relabel(2, "two".into()).await.expect_err("half of it is mended").to_string();
        assert!(refused.contains("appendfsync"), "{refused}");
        if !refused.contains("maxmemory-policy") {
            break;
        }
        assert!(Instant::now() < end, "{refused}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    redis.ask("CONFIG SET appendfsync always").unwrap();
    until_accepted(async || labels.relabel(2, "two".into()).await).await;
    labels.cache.flush_all().await.unwrap();
    assert_eq!(rows.lock().unwrap().get(&2).map(String::as_str), Some("two"));
}

/// How often Redis was asked for its configuration.
fn asked(redis: &Redis) -> u32 {
    let stats = redis.ask("INFO commandstats").unwrap();
    let asked = stats.lines().find_map(|line| line.strip_prefix("cmdstat_config|get:calls=")).unwrap_or("0,");
    asked.split(',').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_redis_that_was_mended_while_nobody_wrote_takes_the_next_write() {
    let (redis, _, labels) = misconfigured(&["appendfsync everysec"]).await;
    redis.ask("CONFIG SET appendfsync always").unwrap();
    redis.ask("CONFIG RESETSTAT").unwrap();
    eventually("redis is asked without a write", || asked(&redis) >= 1).await;
    let end = Instant::now() + Duration::from_secs(20);
    // The answer is on its way.
    while let Err(refused) = labels.relabel(2, "two".into()).await {
        assert!(Instant::now() < end && asked(&redis) < 2, "{refused}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_redis_that_is_refused_is_asked_once_a_second_at_most() {
    let (redis, _, labels) = misconfigured(&["appendfsync everysec"]).await;
    redis.ask("CONFIG RESETSTAT").unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(2_500) {
        labels.relabel(2, "two".into()).await.expect_err("nothing is mended");
    }
    let (asked, most) = (asked(&redis), u32::try_from(begun.elapsed().as_secs()).unwrap() + 1);
    assert!((1..=most).contains(&asked), "{asked} times");
}

#[tokio::test]
async fn a_file_that_was_turned_on_counts_once_it_holds_everything() {
    let (redis, rows, labels) = misconfigured(&["appendonly no"]).await;
    // The first rewrite of the file takes some seconds.
    redis.ask("CONFIG SET rdb-key-save-delay 6000").unwrap();
    for n in 0..500 {
        redis.ask(&format!("SET filler:{n} {n}")).unwrap();
    }
    redis.ask("CONFIG SET appendonly yes").unwrap();
    until_accepted(async || labels.relabel(2, "two".into()).await).await;
    let persistence = redis.ask("INFO persistence").unwrap();
    assert!(persistence.contains("aof_rewrite_in_progress:0"), "{persistence}");
    redis.kill9();
    redis.restart_on_same_port().await;
    until_accepted(async || labels.relabel(3, "three".into()).await).await;
    labels.cache.flush_all().await.unwrap();
    assert_eq!(rows.lock().unwrap().get(&2).map(String::as_str), Some("two"), "it was acknowledged");
}
