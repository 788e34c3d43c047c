//! What the tests of the Redis store share.
#![allow(dead_code)] // each test binary uses its own part of this

pub(crate) mod held;

use bytes::Bytes;
use cache_runtime::store::{
    EntryKey, Fill, FillOutcome, Fingerprint, Lookup, Partition, RedisOptions, RedisStore, Store, StoreError,
    Target, Token,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::runtime::Handle;

pub(crate) const MINUTE: Duration = Duration::from_mins(1);

/// A store that is connected, on the runtime of the test.
pub(crate) async fn store(url: &str, namespace: &str) -> RedisStore {
    let store = unconnected(url, namespace);
    assert!(store.connected(Duration::from_secs(10)).await, "redis is there: {store:?}");
    store
}

/// A store that connects by itself, with short pauses.
pub(crate) fn unconnected(url: &str, namespace: &str) -> RedisStore {
    let millis = Duration::from_millis;
    let options = RedisOptions::new(url, namespace).expect("a good address and namespace");
    let options =
        options.retry(millis(10), millis(50)).ping(millis(50), millis(2_000)).connect_timeout(millis(1_000));
    RedisStore::new(options, Handle::current())
}

pub(crate) fn key(text: &str) -> EntryKey {
    EntryKey {
        text: text.into(),
        partition: Partition::of(text),
        template: "product:<id>".into(),
        fingerprint: Fingerprint(0xbeef),
        groups: Vec::new(),
    }
}

pub(crate) fn target(key: &EntryKey) -> Target {
    Target::Key {
        text: key.text.clone(),
        partition: key.partition,
        template: key.template.clone(),
        version: None,
    }
}

pub(crate) async fn read(store: &dyn Store, key: &EntryKey) -> Result<Option<Bytes>, StoreError> {
    Ok(store.read(std::slice::from_ref(key)).await?.remove(0).entry)
}

/// Loads and stores; tells whether it was stored.
pub(crate) async fn load(
    store: &dyn Store,
    key: &EntryKey,
    entry: impl Into<Bytes>,
) -> Result<bool, StoreError> {
    let token = Token::random();
    let Lookup::Granted { epoch, stamps } = store.acquire(key, token, MINUTE).await? else {
        return Ok(false);
    };
    let fill = Fill { token, entry: entry.into(), ttl: Some(MINUTE), epoch, stamps, version: None };
    Ok(store.fill(key, fill).await? == FillOutcome::Stored)
}

/// A plain connection, to look at Redis from outside.
pub(crate) async fn outside(url: &str) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(url).expect("a good address");
    client.get_multiplexed_async_connection().await.expect("redis is there")
}

pub(crate) async fn ask<T: redis::FromRedisValue>(
    con: &mut redis::aio::MultiplexedConnection,
    words: &[&str],
) -> T {
    let mut cmd = redis::Cmd::new();
    for word in words {
        cmd.arg(*word);
    }
    cmd.query_async(con).await.expect("redis answers")
}

/// How often each command was called since the last reset.
pub(crate) async fn calls(con: &mut redis::aio::MultiplexedConnection) -> BTreeMap<String, u64> {
    let stats: String = ask(con, &["INFO", "commandstats"]).await;
    stats
        .lines()
        .filter_map(|line| line.strip_prefix("cmdstat_")?.split_once(":calls="))
        .filter_map(|(name, rest)| Some((name.to_owned(), rest.split(',').next()?.parse().ok()?)))
        .collect()
}

/// Waits for something that is bound to happen.
pub(crate) async fn eventually<F: AsyncFnMut() -> bool>(mut happened: F) {
    let begin = std::time::Instant::now();
    while !happened().await {
        assert!(begin.elapsed() < Duration::from_secs(20), "it should have happened by now");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
