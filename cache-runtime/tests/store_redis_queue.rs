//! Does the write-behind queue in Redis keep what it has acknowledged, whatever happens to Redis?

mod store;

use bytes::Bytes;
use cache_runtime::store::{
    Claim, Dead, Durability, DurabilityFacts, DurabilityLevel, EntryKey, Kept, Lookup, NewWrite, Partition,
    Put, RedisStore, Replayed, Settled, Shown, Shows, Store, Token, WriteQueue, Written, refusal,
};
use redis::aio::MultiplexedConnection;
use std::{collections::BTreeMap, time::Duration};
use store::{MINUTE, ask, calls, eventually, key, load, outside, read, target, unconnected};
use test_servers::{Fsync, Redis};

/// An entry whose state is pending, or that is clean.
fn entry(content: &str, state: u8) -> Bytes {
    let mut entry = format!("mf?s the header and the payload {content}").into_bytes();
    entry[3] = state;
    entry.into()
}

fn write(key: &EntryKey, content: &str) -> NewWrite {
    NewWrite {
        token: Token::random(),
        key: key.clone(),
        function: "save".into(),
        payload: content.to_owned().into(),
        shows: Shows::Value(entry(content, 3)),
        ttl: Some(MINUTE),
        coalesce: true,
        drops: Vec::new(),
        most: 1_000_000,
    }
}

async fn enqueue(store: &RedisStore, write: &NewWrite) -> Put {
    store.enqueue(write).await.expect("redis is there")
}

async fn claims(store: &RedisStore) -> Vec<Claim> {
    store.claim(Token(1), MINUTE, &[]).await.expect("redis is there")
}

/// Settles all that waits as done, in batches of this many, and counts it.
async fn drain(store: &RedisStore, most: usize) -> usize {
    let mut drained = 0;
    for claim in claims(store).await {
        loop {
            let waiting = store.peek(claim.partition, 0, most).await.expect("redis is there");
            let ids: Vec<_> = waiting.iter().map(|waiting| waiting.id).collect();
            let taken = store.take(&claim, &ids).await.expect("redis is there").expect("the claim is held");
            let done = taken.writes.iter().map(|write| done(write.id, write.version)).collect::<Vec<_>>();
            assert!(store.settle(&claim, Some(taken.number), &done).await.expect("redis is there"));
            if done.is_empty() {
                break;
            }
            drained += done.len();
        }
    }
    drained
}

fn done(id: u64, version: u64) -> Settled {
    Settled::Done { id, version }
}

async fn waiting(store: &RedisStore) -> u64 {
    let depths = store.depths().await.expect("redis is there");
    depths.iter().map(|depth| depth.writes).sum()
}

/// Takes what waits in the partition of a key, and gives it up.
async fn give_up(store: &RedisStore, key: &EntryKey, halt: bool) -> Vec<Dead> {
    let claims = claims(store).await;
    let claim = claims.iter().find(|claim| claim.partition == key.partition).expect("a write waits");
    let waiting = store.peek(claim.partition, 0, 100).await.expect("redis is there");
    let ids: Vec<_> = waiting.iter().map(|waiting| waiting.id).collect();
    let taken = store.take(claim, &ids).await.expect("redis is there").expect("the claim is held");
    let dead = |write: &cache_runtime::store::QueuedWrite| Settled::Dead {
        id: write.id,
        version: write.version,
        error: "no".to_owned(),
        halt,
    };
    let settled: Vec<_> = taken.writes.iter().map(dead).collect();
    assert!(store.settle(claim, Some(taken.number), &settled).await.expect("redis is there"));
    store.dead().await.expect("redis is there")
}

/// Everything that Redis holds.
async fn everything(con: &mut MultiplexedConnection) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut all = BTreeMap::new();
    for name in redis::cmd("KEYS").arg("*").query_async::<Vec<Vec<u8>>>(con).await.expect("redis answers") {
        let dump = redis::cmd("DUMP").arg(&name).query_async(con).await.expect("redis answers");
        all.insert(name, dump);
    }
    all
}

fn is_down(store: &RedisStore) -> bool {
    format!("{store:?}").contains("Down")
}

#[tokio::test]
async fn pending_writes_survive_volatile_eviction_under_memory_pressure() {
    let redis = Redis::builder().arg("maxmemory-policy", "volatile-lru").start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let keys: Vec<_> = (0..2_000).map(|n| key(&format!("session:{n}"))).collect();
    for key in &keys {
        assert!(matches!(enqueue(&store, &write(key, &key.text)).await, Put::Queued(_)));
    }
    let used: String = ask(&mut con, &["INFO", "memory"]).await;
    let used = used.lines().find_map(|line| line.strip_prefix("used_memory:")).expect("it tells");
    let limit = used.trim().parse::<u64>().expect("a number") + 3_000_000;
    ask::<()>(&mut con, &["CONFIG", "SET", "maxmemory", &limit.to_string()]).await;
    let clean = "x".repeat(10_000);
    for n in 0..2_000 {
        load(&store, &store::key(&format!("product:{n}")), clean.clone()).await.expect("redis is there");
    }
    let stats: String = ask(&mut con, &["INFO", "stats"]).await;
    let evicted = stats.lines().find_map(|line| line.strip_prefix("evicted_keys:")).expect("it tells");
    assert!(evicted.trim().parse::<u64>().expect("a number") > 500, "{evicted}");

    assert_eq!(waiting(&store).await, 2_000);
    for key in &keys {
        let pending = store.look(key).await.expect("redis is there").expect("it is pending");
        assert_eq!(pending.shows, Shown::Value(entry(&key.text, 3)));
        assert_eq!(read(&store, key).await.expect("redis is there"), Some(entry(&key.text, 3)));
    }
    assert_eq!(drain(&store, 100).await, 2_000);
    assert_eq!(waiting(&store).await, 0);
}

#[tokio::test]
async fn full_redis_refuses_a_write_and_changes_nothing() {
    let redis = Redis::builder().arg("maxmemory-policy", "noeviction").start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    // All in one partition.
    let key = |n: u32| EntryKey { partition: Partition::of("a"), ..key(&format!("session:{n}")) };
    let accepted = write(&key(1), "one");
    let put = enqueue(&store, &accepted).await;
    enqueue(&store, &write(&key(2), "two")).await;
    assert!(load(&store, &key(4), "clean").await.expect("redis is there"));
    // Something that would be dropped, and tokens that could be forgotten.
    ask::<()>(&mut con, &["CONFIG", "SET", "maxmemory", "1"]).await;
    let before = everything(&mut con).await;
    for _ in 0..50 {
        for n in [1, 2, 3, 4] {
            assert_eq!(enqueue(&store, &write(&key(n), "more")).await, Put::Full);
            let other = NewWrite { coalesce: false, shows: Shows::Absent, ..write(&key(n), "more") };
            assert_eq!(enqueue(&store, &other).await, Put::Full);
        }
        assert_eq!(enqueue(&store, &accepted).await, put, "what was accepted stays so");
    }
    assert_eq!(everything(&mut con).await, before);

    // Whatever empties the queue goes on.
    let dead = give_up(&store, &key(1), false).await;
    assert_eq!(dead.len(), 2);
    let id = dead[0].write.id;
    assert_eq!(store.replay(key(1).partition, id).await.expect("redis is there"), Replayed::Queued);
    assert!(store.discard(key(1).partition, dead[1].write.id).await.expect("redis is there"));
    assert_eq!(store.overtake(&key(1), u64::MAX).await.expect("redis is there").len(), 1);
    let dead = store.dead().await.expect("redis is there");
    assert!(store.discard(key(1).partition, dead[0].write.id).await.expect("redis is there"));
    ask::<()>(&mut con, &["CONFIG", "SET", "maxmemory", "0"]).await;
    enqueue(&store, &write(&key(1), "again")).await;
    ask::<()>(&mut con, &["CONFIG", "SET", "maxmemory", "1"]).await;
    assert_eq!(drain(&store, 10).await, 1);
    assert_eq!(read(&store, &key(1)).await.expect("redis is there"), Some(entry("again", 1)));
}

#[tokio::test]
async fn scripts_that_redis_has_forgotten_are_loaded_again() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let mut forget = async || ask::<()>(&mut con, &["SCRIPT", "FLUSH"]).await;
    let key = key("session:1");
    forget().await;
    assert!(matches!(enqueue(&store, &write(&key, "one")).await, Put::Queued(_)));
    forget().await;
    assert!(store.look(&key).await.expect("it is loaded").is_some());
    forget().await;
    let claim = claims(&store).await.remove(0);
    forget().await;
    let ids = [store.peek(claim.partition, 0, 10).await.expect("it is loaded")[0].id];
    forget().await;
    let write = store.take(&claim, &ids).await.expect("it is loaded").expect("it is held").writes.remove(0);
    forget().await;
    let dead = Settled::Dead { id: write.id, version: write.version, error: "no".to_owned(), halt: false };
    assert!(store.settle(&claim, None, &[dead]).await.expect("it is loaded"));
    forget().await;
    assert_eq!(store.replay(key.partition, write.id).await.expect("it is loaded"), Replayed::Queued);
    forget().await;
    assert_eq!(store.overtake(&key, u64::MAX).await.expect("it is loaded").len(), 1);
    forget().await;
    let depths = store.depths().await.expect("it is loaded");
    assert_eq!((depths[0].writes, depths[0].dead), (0, 1));
    let id = store.dead().await.expect("redis is there")[0].write.id;
    forget().await;
    assert!(store.discard(key.partition, id).await.expect("it is loaded"));
    forget().await;
    store.yield_claims(Token(1)).await.expect("it is loaded");
    forget().await;
    assert_eq!(store.clear(&cache_runtime::store::Clear::Namespace).await.expect("it is loaded").0, 0);
}

#[tokio::test]
async fn acknowledged_writes_survive_the_death_of_redis() {
    let redis = Redis::builder().appendonly(Fsync::Always).start().await;
    let store = store::store(&redis.url(), "shop").await;
    let keys: Vec<_> = (0..200).map(|n| key(&format!("session:{n}"))).collect();
    for key in &keys {
        enqueue(&store, &write(key, "one")).await;
        enqueue(&store, &NewWrite { coalesce: false, ..write(key, "two") }).await;
    }
    let before = claims(&store).await;
    let claim = &before[0];
    let ids: Vec<_> =
        store.peek(claim.partition, 0, 10).await.expect("redis is there").iter().map(|w| w.id).collect();
    let taken = store.take(claim, &ids).await.expect("redis is there").expect("the claim is held");
    redis.kill9();
    eventually(async || is_down(&store)).await;
    redis.restart_on_same_port().await;
    assert!(store.connected(Duration::from_secs(20)).await);
    assert_eq!(waiting(&store).await, 400);
    for key in &keys {
        assert_eq!(read(&store, key).await.expect("redis is there"), Some(entry("two", 3)));
    }
    // Another flusher finds what the first has left, and gets a greater epoch.
    store.yield_claims(Token(1)).await.expect("redis is there");
    let after = store.claim(Token(2), MINUTE, &[]).await.expect("redis is there").remove(0);
    assert!(after.epoch > claim.epoch);
    let unfinished = after.unfinished.expect("a batch is left");
    assert_eq!((unfinished.number, unfinished.epoch), (taken.number, claim.epoch));
    let versions: Vec<_> = taken.writes.iter().map(|write| (write.id, write.version)).collect();
    assert_eq!((unfinished.writes, &*unfinished.function), (versions, "save"));
    assert_eq!(store.take(claim, &ids).await.expect("redis is there"), None, "the first has lost its claim");
}

#[tokio::test]
async fn durability_is_asked_at_every_connection() {
    let redis = Redis::builder().appendonly(Fsync::Always).start().await;
    let mut con = outside(&redis.url()).await;
    let store = unconnected(&redis.url(), "shop");
    assert_eq!(store.durability(), Durability::Unverified);
    assert!(refusal(DurabilityLevel::Redis, &store.durability()).is_some());
    assert!(store.connected(Duration::from_secs(10)).await);
    let is = |fsync: &str, policy: &str| Durability::Known(DurabilityFacts::new(true, fsync, policy));
    assert_eq!(store.durability(), is("always", "noeviction"));
    assert_eq!(refusal(DurabilityLevel::RedisFsync, &store.durability()), None);

    ask::<()>(&mut con, &["CONFIG", "SET", "appendfsync", "everysec", "maxmemory-policy", "allkeys-lru"])
        .await;
    ask::<i64>(&mut con, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
    eventually(async || store.durability() == is("everysec", "allkeys-lru")).await;
    let refused = refusal(DurabilityLevel::RedisFsync, &store.durability()).expect("it is refused");
    assert!(refused.contains("`everysec`") && refused.contains("`allkeys-lru`"), "{refused}");

    let lax = [
        "CONFIG",
        "SET",
        "appendfsync",
        "always",
        "maxmemory-policy",
        "noeviction",
        "no-appendfsync-on-rewrite",
        "yes",
    ];
    ask::<()>(&mut con, &lax).await;
    ask::<i64>(&mut con, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
    let facts = DurabilityFacts::new(true, "always", "noeviction").pausing_for_rewrites();
    eventually(async || store.durability() == Durability::Known(facts.clone())).await;
    assert!(refusal(DurabilityLevel::RedisFsync, &store.durability()).is_some());

    redis.kill9();
    eventually(async || store.durability() == Durability::Unverified).await;
    redis.restart_on_same_port().await;
    eventually(async || store.durability() == is("always", "noeviction")).await;

    let mut con = outside(&redis.url()).await;
    ask::<()>(&mut con, &["ACL", "SETUSER", "default", "-config"]).await;
    ask::<i64>(&mut con, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
    eventually(async || store.durability() == Durability::Forbidden).await;
    assert!(store.connected(Duration::from_secs(10)).await, "a store that can't ask is a good store");
}

#[tokio::test]
async fn redis_without_a_file_is_no_queue() {
    let redis = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    let refused = refusal(DurabilityLevel::Redis, &store.durability()).expect("it is refused");
    assert!(refused.contains("set `appendonly yes`"), "{refused}");
}

#[tokio::test]
async fn nothing_that_is_pending_carries_a_ttl_and_what_was_flushed_does() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let [minute, never, none, cached] = ["s:minute", "s:never", "s:none", "s:cached"].map(key);
    // What was there with a ttl loses it.
    assert!(load(&store, &cached, "clean").await.expect("redis is there"));
    let writes = [
        write(&minute, "x"),
        NewWrite { ttl: None, ..write(&never, "x") },
        NewWrite { ttl: Some(Duration::ZERO), ..write(&none, "x") },
        write(&cached, "x"),
        NewWrite { coalesce: false, ..write(&cached, "y") },
    ];
    for write in &writes {
        enqueue(&store, write).await;
    }
    let claim = claims(&store).await.remove(0);
    let ids: Vec<_> =
        store.peek(claim.partition, 0, 10).await.expect("redis is there").iter().map(|w| w.id).collect();
    store.take(&claim, &ids).await.expect("redis is there");
    let names: Vec<String> = ask(&mut con, &["KEYS", "shop:[qd]:*"]).await;
    let pending: Vec<String> = ask(&mut con, &["KEYS", "shop:c:*:[po]:*"]).await;
    assert_eq!(pending.len(), 5, "{pending:?}");
    for name in names.iter().chain(&pending) {
        assert_eq!(ask::<i64>(&mut con, &["PTTL", name]).await, -1, "{name}");
    }
    store.yield_claims(Token(1)).await.expect("redis is there");
    assert_eq!(drain_after_crash(&store).await, 5);
    let name = |key: &EntryKey| store.keys().data(&key.text, key.partition, key.fingerprint);
    for (key, content) in [(&minute, "x"), (&cached, "y")] {
        let left: i64 = ask(&mut con, &["PTTL", &name(key)]).await;
        assert!((1..=60_000).contains(&left), "{left}");
        assert_eq!(read(&store, key).await.expect("redis is there"), Some(entry(content, 1)));
    }
    assert_eq!(ask::<i64>(&mut con, &["PTTL", &name(&never)]).await, -1);
    assert_eq!(read(&store, &never).await.expect("redis is there"), Some(entry("x", 1)));
    assert_eq!(read(&store, &none).await.expect("redis is there"), None);
    let pending: Vec<String> = ask(&mut con, &["KEYS", "shop:c:*:[po]:*"]).await;
    assert!(pending.is_empty(), "{pending:?}");
}

/// Finishes what an earlier holder has left, then the rest.
async fn drain_after_crash(store: &RedisStore) -> usize {
    let mut drained = 0;
    for claim in claims(store).await {
        let left = claim.unfinished.iter().flat_map(|batch| &batch.writes);
        let settled: Vec<_> = left.map(|(id, version)| done(*id, *version)).collect();
        let number = claim.unfinished.as_ref().map(|batch| batch.number);
        assert!(store.settle(&claim, number, &settled).await.expect("redis is there"));
        drained += settled.len();
    }
    drained + drain(store, 10).await
}

#[tokio::test]
async fn large_batch_is_settled_in_order_and_whole() {
    let redis = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    let partition = Partition::of("a");
    let keys: Vec<_> = (0..1_000).map(|n| EntryKey { partition, ..key(&format!("s:{n}")) }).collect();
    for key in &keys {
        enqueue(&store, &write(key, &key.text)).await;
    }
    let claim = claims(&store).await.remove(0);
    let waiting = store.peek(claim.partition, 0, 1_000).await.expect("redis is there");
    assert!(waiting.iter().map(|waiting| &waiting.key).eq(keys.iter().map(|key| &key.text)));
    assert!(waiting.iter().all(|waiting| waiting.bytes as usize == waiting.key.len()));
    let ids: Vec<_> = waiting.iter().map(|waiting| waiting.id).collect();
    let taken = store.take(&claim, &ids).await.expect("redis is there").expect("the claim is held");
    let pending = store.look(&keys[999]).await.expect("redis is there").expect("it is pending");
    assert!(pending.moving);
    // One is replaced meanwhile: it waits again, behind all others.
    assert!(matches!(enqueue(&store, &write(&keys[0], "newer")).await, Put::Coalesced(_)));
    let settled: Vec<_> = taken.writes.iter().map(|write| done(write.id, write.version)).collect();
    assert!(store.settle(&claim, Some(taken.number), &settled).await.expect("redis is there"));
    let left = store.peek(claim.partition, 0, 10).await.expect("redis is there");
    assert!(
        left.len() == 1 && left[0].id > *ids.last().expect("there are some") && left[0].key == keys[0].text
    );
    assert_eq!(read(&store, &keys[0]).await.expect("redis is there"), Some(entry("newer", 3)));
    assert_eq!(read(&store, &keys[1]).await.expect("redis is there"), Some(entry("s:1", 1)));
    assert_eq!(drain(&store, 10).await, 1);
}

#[tokio::test]
async fn write_is_one_call_of_a_script() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    enqueue(&store, &write(&key("s:1"), "one")).await;
    ask::<()>(&mut con, &["CONFIG", "RESETSTAT"]).await;
    enqueue(&store, &write(&key("s:2"), "one")).await;
    enqueue(&store, &write(&key("s:2"), "two")).await;
    let calls = calls(&mut con).await;
    assert_eq!(calls.get("evalsha"), Some(&2), "{calls:?}");
    assert_eq!(calls.get("xadd"), Some(&1), "the second takes the place of the first");
    let total: u64 = ["evalsha", "role", "info", "config|resetstat"]
        .iter()
        .fold(calls.values().sum(), |all, name| all - calls.get(*name).unwrap_or(&0));
    assert!(total <= 26, "each does little: {calls:?}");
}

#[tokio::test]
async fn tokens_are_forgotten_after_two_minutes() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let (old, young) = (write(&key("s:1"), "one"), write(&key("s:1"), "two"));
    let Put::Queued(version) = enqueue(&store, &old).await else { panic!("it waits") };
    enqueue(&store, &young).await;
    let tokens: Vec<String> = ask(&mut con, &["KEYS", "shop:q:*:t"]).await;
    let score = ((version - 121_000_000) * 2).to_string();
    let mut age = redis::cmd("ZADD");
    age.arg(&tokens[0]).arg(score).arg(&old.token.0.to_be_bytes());
    assert_eq!(age.query_async(&mut con).await, Ok(0));
    claims(&store).await;
    assert_eq!(ask::<i64>(&mut con, &["ZCARD", &tokens[0]]).await, 1);
    assert!(matches!(enqueue(&store, &old).await, Put::Coalesced(newer) if newer > version));
}

#[tokio::test]
async fn pending_value_that_somebody_has_deleted_has_to_be_flushed() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let key = key("s:1");
    enqueue(&store, &write(&key, "one")).await;
    let name = store.keys().data(&key.text, key.partition, key.fingerprint);
    ask::<i64>(&mut con, &["DEL", &name]).await;
    let lookup = store.acquire(&key, Token(1), MINUTE).await.expect("redis is there");
    assert_eq!(lookup, Lookup::Pending { absent: false });
    let pending = store.look(&key).await.expect("redis is there").expect("it is pending");
    assert!(matches!(pending.shows, Shown::Other(_)), "{pending:?}");
    assert_eq!(drain(&store, 10).await, 1);
    assert_eq!(ask::<i64>(&mut con, &["EXISTS", &name]).await, 0, "nothing is made of nothing");
    assert!(load(&store, &key, "clean").await.expect("redis is there"));
}

#[tokio::test]
async fn dead_letter_is_shown_again_when_it_is_replayed() {
    let redis = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    let key = key("s:1");
    enqueue(&store, &write(&key, "one")).await;
    let dead = give_up(&store, &key, false).await;
    assert_eq!((dead.len(), &*dead[0].write.payload, dead[0].error.as_str()), (1, &b"one"[..], "no"));
    assert_eq!(read(&store, &key).await.expect("redis is there"), None);
    assert!(load(&store, &key, "of the database").await.expect("redis is there"));
    let replayed = store.replay(key.partition, dead[0].write.id).await.expect("redis is there");
    assert_eq!(replayed, Replayed::Queued);
    assert_eq!(read(&store, &key).await.expect("redis is there"), Some(entry("one", 3)));
    assert_eq!(drain(&store, 10).await, 1);
    assert_eq!(read(&store, &key).await.expect("redis is there"), Some(entry("one", 1)));
}

#[tokio::test]
async fn dead_letter_that_a_later_write_had_hidden_is_shown_when_it_is_replayed() {
    let redis = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    let key = key("s:1");
    enqueue(&store, &write(&key, "one")).await;
    enqueue(&store, &NewWrite { function: "touch".into(), ..write(&key, "two") }).await;
    let dead = give_up(&store, &key, false).await;
    assert_eq!(dead.len(), 2);
    let replayed = store.replay(key.partition, dead[0].write.id).await.expect("redis is there");
    assert_eq!(replayed, Replayed::Queued);
    assert_eq!(read(&store, &key).await.expect("redis is there"), Some(entry("one", 3)));
}

#[tokio::test]
async fn direct_write_does_not_take_the_place_of_what_is_pending() {
    let redis = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    let key = key("s:1");
    enqueue(&store, &write(&key, "one")).await;
    let (target, writer) = (target(&key), Token(7));
    store.begin(std::slice::from_ref(&target), writer, MINUTE).await.expect("redis is there");
    let epoch = store.pulse().await.expect("redis is there").epochs[key.partition.index()];
    let kept = Kept { fingerprint: key.fingerprint, entry: entry("direct", 1), ttl: None, epoch };
    let written = [Written { target, kept: Some(kept) }];
    let (ended, _) = store.end(&written, writer).await.expect("redis is there");
    assert!(ended[0].intact && !ended[0].stored);
    assert_eq!(read(&store, &key).await.expect("redis is there"), Some(entry("one", 3)));
}

#[tokio::test]
async fn many_deltas_of_one_key_are_read_back_in_order() {
    let redis = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    let key = key("views:1");
    let deltas: Vec<Bytes> = (0..3_000).map(|n| Bytes::from(format!("{n}"))).collect();
    for delta in &deltas {
        let write = NewWrite { payload: delta.clone(), shows: Shows::Delta, ..write(&key, "") };
        assert!(matches!(enqueue(&store, &write).await, Put::Queued(_)));
    }
    let pending = store.look(&key).await.expect("redis is there").expect("it is pending");
    assert_eq!(pending.shows, Shown::Deltas(deltas));
    assert_eq!(drain(&store, 700).await, 3_000);
    assert_eq!(store.look(&key).await.expect("redis is there"), None);
}
