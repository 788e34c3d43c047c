//! What a hit costs Redis: its own statistics of commands, less what every cache sends once a second.

use crate::fixtures::patient;
use cache_runtime::{Cache, Error, repository};
use redis::aio::MultiplexedConnection;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use test_servers::Redis;

/// Enough that one heartbeat more or less can't look like a hit.
const HITS: u64 = 50;

#[derive(Clone)]
struct Shelves {
    cache: Cache,
    bodies: Arc<AtomicU64>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Shelves {
    #[cached(strategy = "read_through", key = "book:<id>")]
    async fn book(&self, id: u32) -> Result<u32, Error> {
        self.bodies.fetch_add(1, SeqCst);
        Ok(id)
    }

    #[cached(strategy = "read_through", key = "book:<id>", each(id in ids))]
    async fn books(&self, ids: &[u32]) -> Result<HashMap<u32, u32>, Error> {
        self.bodies.fetch_add(1, SeqCst);
        Ok(ids.iter().map(|id| (*id, *id)).collect())
    }

    #[cached(strategy = "read_through", key = "shelf:<category>:<page>")]
    async fn shelf(&self, category: &str, page: u32) -> Result<u32, Error> {
        let _ = category;
        self.bodies.fetch_add(1, SeqCst);
        Ok(page)
    }

    #[invalidates(shelf(category, ..))]
    async fn clear_shelf(&self, category: &str) -> Result<(), Error> {
        let _ = category;
        Ok(())
    }
}

/// How often Redis has run each command; scripts and the commands they run are listed, too.
async fn calls(redis: &mut MultiplexedConnection) -> BTreeMap<String, u64> {
    let text: String = redis::cmd("INFO").arg("commandstats").query_async(redis).await.unwrap();
    let of = |line: &str| {
        let (command, numbers) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        Some((command.to_owned(), numbers.split_once(',')?.0.parse().unwrap()))
    };
    // Our own question is the only INFO.
    text.lines().filter_map(of).filter(|(command, _)| command != "info").collect()
}

/// The statistics at a moment between two heartbeats, right after one.
async fn after_a_heartbeat(redis: &mut MultiplexedConnection) -> BTreeMap<String, u64> {
    let end = Instant::now() + Duration::from_secs(20);
    let mut last = calls(redis).await;
    let beats = last.get("time").copied().unwrap_or_default();
    loop {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = calls(redis).await;
        if now == last && now.get("time").copied().unwrap_or_default() > beats {
            return now;
        }
        assert!(Instant::now() < end, "the cache's heart stands still");
        last = now;
    }
}

/// What `HITS` hits send, heartbeats left out: those are as many MGETs as TIMEs, and ROLE.
async fn sent_by(
    redis: &mut MultiplexedConnection,
    shelves: &Shelves,
    hit: impl AsyncFn(),
) -> BTreeMap<String, u64> {
    hit().await;
    shelves.cache.settle().await;
    let bodies = shelves.bodies.load(SeqCst);
    let before = after_a_heartbeat(redis).await;
    for _ in 0..HITS {
        hit().await;
    }
    let after = after_a_heartbeat(redis).await;
    assert_eq!(shelves.bodies.load(SeqCst), bodies, "these were hits");
    let mut sent: BTreeMap<String, u64> = after
        .into_iter()
        .map(|(command, calls)| {
            let earlier = before.get(&command).copied().unwrap_or_default();
            (command, calls - earlier)
        })
        .collect();
    sent.remove("role");
    let beats = sent.remove("time").unwrap_or_default();
    if let Some(reads) = sent.get_mut("mget") {
        *reads -= beats;
    }
    sent.retain(|_, calls| *calls > 0);
    sent
}

fn only(command: &str) -> BTreeMap<String, u64> {
    BTreeMap::from([(command.to_owned(), HITS)])
}

#[tokio::test]
async fn a_hit_is_one_get_a_batch_or_grouped_hit_one_mget_and_none_runs_a_script() {
    let server = Redis::start().await;
    let cache =
        Cache::builder().namespace("count").redis(server.url()).deadlines(patient()).build().await.unwrap();
    let shelves = Shelves { cache, bodies: Arc::default() };
    let client = redis::Client::open(server.url()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();

    let ids: Vec<u32> = (1..=100).collect();
    assert_eq!(shelves.books(&ids).await.unwrap().len(), 100);
    shelves.shelf("books", 1).await.unwrap();
    shelves.clear_shelf("toys").await.unwrap();
    let before = calls(&mut redis).await;
    assert!(before.keys().any(|c| c.starts_with("fcall") || c.starts_with("eval")), "{before:?}");

    let one = sent_by(&mut redis, &shelves, async || assert_eq!(shelves.book(7).await.unwrap(), 7)).await;
    assert_eq!(one, only("get"), "one key");
    let batch = sent_by(&mut redis, &shelves, async || {
        assert_eq!(shelves.books(&ids).await.unwrap().len(), 100);
    })
    .await;
    assert_eq!(batch, only("mget"), "a hundred keys");
    let grouped = sent_by(&mut redis, &shelves, async || {
        assert_eq!(shelves.shelf("books", 1).await.unwrap(), 1);
    })
    .await;
    assert_eq!(grouped, only("mget"), "a key of a group");
}
