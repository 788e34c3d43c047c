//! Level strict on a real Redis: what it costs, what it leaves, and what a broken link does to it.

use crate::{
    accounts::{Account, Accounts, INTENT},
    fixtures::{eventually, patient},
};
use cache_runtime::Cache;
use redis::aio::MultiplexedConnection;
use std::{sync::Arc, time::Duration};
use test_servers::{Mode, Proxy, Redis};

async fn accounts(url: String, intent: Duration) -> Accounts {
    let mut deadlines = patient();
    deadlines.fence = Duration::from_millis(150);
    let builder = Cache::builder().namespace("shop").redis(url).deadlines(deadlines).intent(intent);
    Accounts { table: Arc::default(), cache: builder.build().await.unwrap() }
}

/// The same rows through another process.
async fn through(accounts: &Accounts, url: String) -> Accounts {
    Accounts { table: accounts.table.clone(), ..self::accounts(url, INTENT).await }
}

async fn outside(redis: &Redis) -> MultiplexedConnection {
    redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
}

async fn ask<T: redis::FromRedisValue>(con: &mut MultiplexedConnection, words: &[&str]) -> T {
    let mut cmd = redis::Cmd::new();
    for word in words {
        cmd.arg(*word);
    }
    cmd.query_async(con).await.unwrap()
}

/// How many scripts were run.
async fn scripts(con: &mut MultiplexedConnection) -> u64 {
    let stats: String = ask(con, &["INFO", "commandstats"]).await;
    let line = stats.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
    line.map_or(0, |rest| rest.split(',').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn a_strict_write_is_two_scripts_and_leaves_its_value_and_nothing_else() {
    let redis = Redis::start().await;
    let (mut con, here) = (outside(&redis).await, accounts(redis.url(), INTENT).await);
    let elsewhere = through(&here, redis.url()).await;
    here.set(1, 5).await;
    let before = scripts(&mut con).await;
    for balance in 6..16 {
        here.set(1, balance).await;
    }
    assert_eq!(scripts(&mut con).await - before, 20);
    here.loads();
    let row = here.table.row(1);
    assert_eq!((elsewhere.find(1).await, here.loads()), (row, 0));
    let left: Vec<String> = ask(&mut con, &["KEYS", "shop:*account*"]).await;
    assert_eq!(left.len(), 1, "the entry: {left:?}");
    assert_eq!(scripts(&mut con).await - before, 20, "a hit runs none");
}

#[tokio::test]
async fn a_write_whose_announcement_nobody_answers_is_made_and_seen_by_its_own_process() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let here = accounts(proxy.url(), INTENT).await;
    let elsewhere = through(&here, redis.url()).await;
    here.set(1, 5).await;
    assert_eq!(elsewhere.find(1).await.map(|row| row.balance), Some(5));
    proxy.black_hole();
    here.set(1, 6).await;
    assert_eq!(here.find(1).await.map(|row| row.balance), Some(6), "it does not ask what it could not tell");
    // Another process may read the old value until it is told: the window that `proceed` admits.
    proxy.set(Mode::Pass);
    eventually("it is told", || here.cache.stats().unsent_invalidations == 0).await;
    assert_eq!(elsewhere.find(1).await.map(|row| row.balance), Some(6));
}

#[tokio::test]
async fn a_write_that_would_rather_not_be_made_is_not_made_without_redis() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let here = accounts(proxy.url(), INTENT).await;
    let elsewhere = through(&here, redis.url()).await;
    here.set_or_not(1, 5).await.unwrap();
    for mode in [Mode::Refuse, Mode::BlackHole] {
        proxy.set(mode);
        here.set_or_not(1, 6).await.unwrap_err();
        assert_eq!(elsewhere.find(1).await, here.table.row(1));
        assert_eq!(here.table.row(1).map(|row| row.balance), Some(5));
    }
    proxy.set(Mode::Pass);
    let begun = std::time::Instant::now();
    while here.set_or_not(1, 7).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the link is back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(elsewhere.find(1).await.map(|row| row.balance), Some(7));
}

#[tokio::test]
async fn an_announcement_that_was_carried_out_and_not_answered_ends_with_the_write() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let here = accounts(proxy.url(), INTENT).await;
    let elsewhere = through(&here, redis.url()).await;
    here.set(1, 5).await;
    proxy.set(Mode::CutOnce);
    here.set(1, 6).await;
    eventually("it is told", || here.cache.stats().unsent_invalidations == 0).await;
    assert_eq!(elsewhere.find(1).await, Some(Account { balance: 6, version: 2 }));
}

#[tokio::test]
async fn a_full_redis_still_takes_announcements_and_ends() {
    let redis = Redis::builder().arg("maxmemory-policy", "noeviction").start().await;
    let mut con = outside(&redis).await;
    let here = accounts(redis.url(), INTENT).await;
    here.set(1, 5).await;
    ask::<()>(&mut con, &["CONFIG", "SET", "maxmemory", "1"]).await;
    here.set_or_not(1, 6).await.expect("it is announced");
    here.set(2, 1).await;
    assert_eq!(here.find(1).await.map(|row| row.balance), Some(6));
    let stats = here.cache.stats();
    assert_eq!(stats.functions.iter().map(|f| f.failed_fences + f.lost_intents).sum::<u64>(), 0);
}

#[tokio::test]
async fn volatile_eviction_leaves_announcements_alone() {
    let redis = Redis::builder().arg("maxmemory-policy", "volatile-lru").start().await;
    let mut con = outside(&redis).await;
    let (here, elsewhere) = {
        let here = accounts(redis.url(), INTENT).await;
        let elsewhere = through(&here, redis.url()).await;
        (here, elsewhere)
    };
    crate::accounts::Table::close(&here.table.before);
    let writers: Vec<_> = (0..50)
        .map(|id| {
            let here = here.clone();
            tokio::spawn(async move { here.set(id, 1).await })
        })
        .collect();
    eventually("all are announced", || here.table.began.load(std::sync::atomic::Ordering::SeqCst) == 50)
        .await;
    for id in 1_000..2_000 {
        elsewhere.find(id).await;
    }
    let used: String = ask(&mut con, &["INFO", "memory"]).await;
    let used = used.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap().trim().to_owned();
    ask::<()>(&mut con, &["CONFIG", "SET", "maxmemory", &used]).await;
    for id in 2_000..4_000 {
        elsewhere.find(id).await;
    }
    let evicted: String = ask(&mut con, &["INFO", "stats"]).await;
    let evicted =
        evicted.lines().find_map(|line| line.strip_prefix("evicted_keys:")).unwrap().trim().to_owned();
    assert_ne!(evicted, "0");
    here.table.before.add_permits(50);
    for writer in writers {
        writer.await.unwrap();
    }
    let stats = here.cache.stats();
    assert_eq!(stats.functions.iter().map(|f| f.lost_intents).sum::<u64>(), 0);
}
