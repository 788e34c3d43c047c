//! Does the Redis store keep the promises of a store, at the promised cost, on a real server?

mod store;

use cache_runtime::{
    conformance::{self, Subject},
    store::{
        Clear, Fill, FillOutcome, Fitness, Group, Lookup, Partition, Promise, Seen, Store, StoreErrorKind,
        Target, Token, WriteQueue as _,
    },
};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use store::{MINUTE, ask, calls, eventually, key, load, outside, read, target, unconnected};
use test_servers::Redis;

#[tokio::test]
async fn redis_store_keeps_every_promise() {
    let redis = Redis::start().await;
    let (url, made) = (redis.url(), AtomicUsize::new(0));
    conformance::all(async || {
        let namespace = format!("conformance:{}", made.fetch_add(1, Ordering::Relaxed));
        let subject = Subject::in_real_time(store::store(&url, &namespace).await);
        subject.beside(store::store(&url, &namespace).await)
    })
    .await;
    assert_eq!(made.into_inner(), conformance::PROMISES.len());
}

#[tokio::test]
async fn hit_is_one_get_and_batch_is_one_mget() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let keys: Vec<_> = (0..100).map(|n| key(&format!("product:{n}"))).collect();
    let mut grouped = key("browse:books:1");
    grouped.groups.push(Group { text: "browse:books".into(), partition: grouped.partition });
    for key in &keys {
        assert!(load(&store, key, "x").await.expect("redis is there"));
    }
    let cost = async |con: &mut _| {
        let mut calls = calls(con).await;
        calls.retain(|name, _| !matches!(name.as_str(), "role" | "info" | "config|resetstat"));
        ask::<()>(con, &["CONFIG", "RESETSTAT"]).await;
        calls.into_iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    };
    cost(&mut con).await;

    read(&store, &keys[0]).await.expect("redis is there");
    assert_eq!(cost(&mut con).await, "1 get");
    read(&store, &key("product:none")).await.expect("redis is there");
    assert_eq!(cost(&mut con).await, "1 get");
    store.read(&keys).await.expect("redis is there");
    assert_eq!(cost(&mut con).await, "1 mget");
    store.read(&[grouped]).await.expect("redis is there");
    assert_eq!(cost(&mut con).await, "1 mget");
    store.pulse().await.expect("redis is there");
    assert_eq!(cost(&mut con).await, "1 mget, 1 time");
}

#[tokio::test]
async fn physical_keys_are_the_promised_ones() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let mut key = key("product:42");
    key.groups.push(Group { text: "product:".into(), partition: key.partition });
    assert!(load(&store, &key, "x").await.expect("redis is there"));
    store.invalidate(&[target(&store::key("product:42x"))], Some(MINUTE)).await.expect("redis is there");
    let mut names: Vec<String> = ask(&mut con, &["KEYS", "*product*"]).await;
    names.sort();
    assert_eq!(
        names,
        [
            "shop:c:{frw}:g:product:",
            "shop:c:{frw}:k:product:42",
            "shop:c:{xw}:w:kproduct:42x",
            "shop:d:{frw}:product:42#beef"
        ]
    );
    assert_eq!(names[3], store.keys().data("product:42", key.partition, key.fingerprint));
    let meta: Vec<String> = ask(&mut con, &["HMGET", "shop:c:meta", "format", "partitions"]).await;
    assert_eq!(meta, ["2", "64"]);
}

#[tokio::test]
async fn only_what_may_be_lost_carries_a_ttl() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let mut key = key("product:42");
    let group = Group { text: "product:".into(), partition: key.partition };
    key.groups.push(group.clone());
    assert!(load(&store, &key, "x").await.expect("redis is there"));
    let held = store::key("product:1");
    store.invalidate(&[target(&held)], Some(MINUTE)).await.expect("redis is there");
    let keys = store.keys();
    let mut ttl = async |name: String| ask::<i64>(&mut con, &["PTTL", &name]).await;
    assert!(ttl(keys.lease(&key.text, key.partition)).await > 0);
    let entry = ttl(keys.data(&key.text, key.partition, key.fingerprint)).await;
    assert!((1..=60_000).contains(&entry), "{entry}");
    // At least twice the longest entry, or entries could outlive the stamp they are compared with for nothing.
    assert!(ttl(keys.generation(&group)).await > 100_000);
    let control = keys.lease("", held.partition);
    let holds = control.strip_suffix("k:").expect("leases end so").to_owned() + "h";
    assert_eq!(ttl(holds).await, -1);
    assert_eq!(ttl(control.strip_suffix("k:").expect("leases end so").to_owned() + "w:kproduct:1").await, -1);
}

#[tokio::test]
async fn entry_without_ttl_makes_its_generation_stay() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let mut key = key("product:42");
    let group = Group { text: "product:".into(), partition: key.partition };
    key.groups.push(group.clone());
    let token = Token::random();
    let Ok(Lookup::Granted { epoch, stamps }) = store.acquire(&key, token, MINUTE).await else {
        panic!("granted")
    };
    let fill =
        cache_runtime::store::Fill { token, entry: "x".into(), ttl: None, epoch, stamps, version: None };
    assert_eq!(store.fill(&key, fill).await.expect("redis is there"), FillOutcome::Stored);
    assert_eq!(ask::<i64>(&mut con, &["PTTL", &store.keys().generation(&group)]).await, -1);
}

#[tokio::test]
async fn holds_that_are_over_are_swept_by_whatever_comes_next() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let key = key("product:42");
    let others: Vec<_> = (0..2_000)
        .map(|n| store::key(&format!("product:{n}")))
        .filter(|other| other.partition == key.partition)
        .collect();
    assert!(others.len() > 10);
    let targets: Vec<_> = others.iter().map(target).collect();
    store.invalidate(&targets, Some(Duration::from_millis(1))).await.expect("redis is there");
    let holds = store.keys().lease("", key.partition).trim_end_matches("k:").to_owned() + "h";
    eventually(async || {
        store.release(&key, Token::random()).await.expect("redis is there");
        ask::<u64>(&mut con, &["ZCARD", &holds]).await == 0
    })
    .await;
}

#[tokio::test]
async fn lost_generation_only_causes_misses() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let mut key = key("product:42");
    let group = Group { text: "product:".into(), partition: key.partition };
    key.groups.push(group.clone());
    let token = Token::random();
    let Ok(Lookup::Granted { epoch, stamps }) = store.acquire(&key, token, MINUTE).await else {
        panic!("granted")
    };
    ask::<u64>(&mut con, &["DEL", &store.keys().generation(&group)]).await;
    let fill = cache_runtime::store::Fill {
        token,
        entry: "x".into(),
        ttl: None,
        epoch,
        stamps: stamps.clone(),
        version: None,
    };
    assert_eq!(store.fill(&key, fill).await.expect("redis is there"), FillOutcome::Refused);
    store.release(&key, token).await.expect("redis is there");
    let Ok(Lookup::Granted { stamps: later, .. }) = store.acquire(&key, token, MINUTE).await else {
        panic!("granted")
    };
    assert_ne!(stamps, later);
}

#[tokio::test]
async fn lost_list_of_variants_invalidates_the_partition() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let key = key("product:42");
    assert!(load(&store, &key, "x").await.expect("redis is there"));
    let before = store.pulse().await.expect("redis is there").epochs;
    let variants = store.keys().lease("", key.partition).trim_end_matches("k:").to_owned() + "v";
    assert_eq!(ask::<u64>(&mut con, &["DEL", &variants]).await, 1);
    store.invalidate(&[target(&key)], None).await.expect("redis is there");
    let after = store.pulse().await.expect("redis is there").epochs;
    assert!(before[key.partition.index()] < after[key.partition.index()]);
    assert_eq!(before.iter().zip(&after).filter(|(before, after)| before != after).count(), 1);
}

#[tokio::test]
async fn lost_epoch_comes_back_later_than_before() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let key = key("product:42");
    let before = store.pulse().await.expect("redis is there").epochs[key.partition.index()];
    ask::<u64>(
        &mut con,
        &["DEL", &(store.keys().lease("", key.partition).trim_end_matches("k:").to_owned() + "e")],
    )
    .await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let Ok(Lookup::Granted { epoch, .. }) = store.acquire(&key, Token::random(), MINUTE).await else {
        panic!("granted")
    };
    assert!(epoch > before);
}

#[tokio::test]
async fn namespace_of_another_format_is_refused_until_it_fits() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    ask::<u64>(&mut con, &["HSET", "shop:c:meta", "format", "1", "partitions", "256"]).await;
    let store = unconnected(&redis.url(), "shop");
    let error = read(&store, &key("product:1")).await.expect_err("the namespace has another format");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    let reason = store.refusal().expect("it was refused");
    assert!(reason.contains("256 partitions"), "{reason}");
    assert_eq!(store.fitness(Promise::OnDisk, false), Fitness::Unfit(reason));
    assert_eq!(ask::<Vec<String>>(&mut con, &["KEYS", "*"]).await, ["shop:c:meta"]);
    ask::<u64>(&mut con, &["DEL", "shop:c:meta"]).await;
    eventually(async || read(&store, &key("product:1")).await.is_ok()).await;
    assert_eq!(store.refusal(), None);
}

#[tokio::test]
async fn forgotten_scripts_are_loaded_again() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let keys: Vec<_> = (0..200).map(|n| key(&format!("product:{n}"))).collect();
    for key in &keys {
        ask::<()>(&mut con, &["SCRIPT", "FLUSH"]).await;
        assert!(load(&store, key, "x").await.expect("redis is there"));
        ask::<()>(&mut con, &["SCRIPT", "FLUSH"]).await;
        let token = Token::random();
        assert!(!store.renew(key, token, MINUTE).await.expect("redis is there"));
        store.release(key, token).await.expect("redis is there");
    }
    ask::<()>(&mut con, &["SCRIPT", "FLUSH"]).await;
    store.invalidate(&keys.iter().map(target).collect::<Vec<_>>(), None).await.expect("redis is there");
    ask::<()>(&mut con, &["SCRIPT", "FLUSH"]).await;
    assert_eq!(store.clear(&Clear::Namespace).await.expect("redis is there").0, 0);
}

/// Fills Redis up to its limit with keys nobody may evict.
async fn stuff(con: &mut redis::aio::MultiplexedConnection) {
    let block = "x".repeat(10_000);
    for n in 0..100_000 {
        let mut set = redis::cmd("SET");
        if let Err(error) = set.arg(format!("other:{n}")).arg(&block).query_async::<()>(con).await {
            assert_eq!(error.code(), Some("OOM"));
            return;
        }
    }
    panic!("redis should be full by now");
}

#[tokio::test]
async fn full_redis_stores_nothing_and_still_invalidates() {
    let redis = Redis::builder().arg("maxmemory", "8mb").arg("maxmemory-policy", "noeviction").start().await;
    let mut con = outside(&redis.url()).await;
    let store = store::store(&redis.url(), "shop").await;
    let (stored, loading, fresh) = (key("product:1"), key("product:2"), key("product:3"));
    assert!(load(&store, &stored, "x".repeat(1_000)).await.expect("redis is there"));
    let token = Token::random();
    let Ok(Lookup::Granted { epoch, stamps }) = store.acquire(&loading, token, MINUTE).await else {
        panic!("granted")
    };
    stuff(&mut con).await;

    let large = "x".repeat(100_000);
    let fill = cache_runtime::store::Fill {
        token,
        entry: large.into(),
        ttl: Some(MINUTE),
        epoch,
        stamps,
        version: None,
    };
    assert_eq!(store.fill(&loading, fill).await.expect("redis is there"), FillOutcome::Refused);
    assert_eq!(store.acquire(&fresh, token, MINUTE).await.expect("redis is there"), Lookup::Bypass);
    assert!(read(&store, &stored).await.expect("redis is there").is_some());

    let group = Target::Group(Group { text: "browse:".into(), partition: Partition::of("browse:") });
    store.invalidate(&[target(&stored), group], Some(MINUTE)).await.expect("an invalidation passes");
    assert_eq!(read(&store, &stored).await.expect("redis is there"), None);
    assert_eq!(store.acquire(&stored, token, MINUTE).await.expect("redis is there"), Lookup::Bypass);
    store.clear(&Clear::Namespace).await.expect("clearing passes");
    // A process that starts now finds its way as well.
    let other = store::store(&redis.url(), "other").await;
    other.invalidate(&[target(&stored)], Some(MINUTE)).await.expect("an invalidation passes");
    assert_eq!(other.acquire(&stored, token, MINUTE).await.expect("redis is there"), Lookup::Bypass);
}

#[tokio::test]
async fn eviction_of_anything_never_serves_what_was_invalidated() {
    for policy in ["allkeys-lru", "allkeys-random", "volatile-ttl"] {
        let redis = Redis::builder().arg("maxmemory", "4mb").arg("maxmemory-policy", policy).start().await;
        let store = store::store(&redis.url(), "shop").await;
        let block = "x".repeat(2_000);
        for round in 0..4_000 {
            let key = key(&format!("product:{}", round % 3_000));
            let token = Token::random();
            let lookup = store.acquire(&key, token, MINUTE).await.expect("redis is there");
            if let Lookup::Granted { epoch, stamps } = lookup {
                let entry = format!("{epoch}:{block}").into();
                let fill = Fill { token, entry, ttl: Some(MINUTE), epoch, stamps, version: None };
                store.fill(&key, fill).await.expect("redis is there");
            }
            if round % 3 == 0 {
                let token = Token::random();
                let loading = store::key(&format!("loading:{round}"));
                let lookup = store.acquire(&loading, token, MINUTE).await.expect("redis is there");
                store.invalidate(&[target(&key), target(&loading)], None).await.expect("redis is there");
                if let Lookup::Granted { epoch, stamps } = lookup {
                    let fill = Fill { token, entry: "x".into(), ttl: None, epoch, stamps, version: None };
                    assert_eq!(
                        store.fill(&loading, fill).await.expect("redis is there"),
                        FillOutcome::Refused
                    );
                }
                // Had the list of variants been evicted, the entry may still lie there, but under an epoch that is over: readers take it for none. Any policy
                // may evict a list: Redis compares ages in whole seconds.
                if let Some(entry) = read(&store, &key).await.expect("redis is there") {
                    assert_ne!(policy, "volatile-ttl", "the lists have no ttl");
                    let digits = entry.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    let then: u32 =
                        str::from_utf8(&entry[..digits]).expect("digits").parse().expect("an epoch");
                    let (seen, token) = (Seen::new(&entry), Token::random());
                    let lookup =
                        store.acquire_over(&key, &seen, token, MINUTE).await.expect("redis is there");
                    let Lookup::Granted { epoch: now, .. } = lookup else { panic!("{policy}: {lookup:?}") };
                    assert!(
                        then < now,
                        "{policy}: an invalidated entry of epoch {then} is still good in {now}"
                    );
                    store.release(&key, token).await.expect("redis is there");
                }
            }
        }
    }
}

#[tokio::test]
async fn clearing_goes_through_many_keys_and_leaves_other_namespaces_alone() {
    let redis = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    let others = ["shop:d", "sho", "shop2", "*"];
    let kept = key("product:1");
    for other in others {
        let other = store::store(&redis.url(), other).await;
        assert!(load(&other, &kept, "x").await.expect("redis is there"));
    }
    let keys: Vec<_> = (0..5_000).map(|n| key(&format!("product:{n}"))).collect();
    let put = || async {
        for chunk in keys.chunks(500) {
            let loads = chunk.iter().map(|key| load(&store, key, "x"));
            let stored = futures_util::future::try_join_all(loads).await.expect("redis is there");
            assert!(stored.iter().all(|stored| *stored));
        }
    };
    put().await;
    let scope = Clear::Prefix {
        prefix: "product:".into(),
        matches: |_, text| text.len() == "product:1234".len(),
        template: "product:<id>".into(),
    };
    assert_eq!(store.clear(&scope).await.expect("redis is there").0, 4_000);
    assert_eq!(store.clear(&Clear::Namespace).await.expect("redis is there").0, 1_000);
    put().await;
    assert_eq!(store.clear(&Clear::Namespace).await.expect("redis is there").0, 5_000);
    for other in others {
        let other = store::store(&redis.url(), other).await;
        assert!(read(&other, &kept).await.expect("redis is there").is_some());
    }
}

/// Loads go on all the time while the namespace is cleared: of those that began before, none may be stored after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_from_before_a_clear_survives_it() {
    let redis = Redis::start().await;
    let store = std::sync::Arc::new(store::store(&redis.url(), "shop").await);
    let generation = std::sync::Arc::new(AtomicUsize::new(0));
    let loaders: Vec<_> = (0..8)
        .map(|_| {
            let (store, generation) = (store.clone(), generation.clone());
            tokio::spawn(async move {
                for _ in 0..400 {
                    let key = key(&format!("product:{}", fastrand::u32(..50)));
                    let token = Token::random();
                    let lookup = store.acquire(&key, token, MINUTE).await.expect("redis is there");
                    if let Lookup::Granted { epoch, stamps } = lookup {
                        let value = generation.load(Ordering::SeqCst).to_string();
                        tokio::task::yield_now().await;
                        let fill = cache_runtime::store::Fill {
                            token,
                            entry: value.into(),
                            ttl: None,
                            epoch,
                            stamps,
                            version: None,
                        };
                        store.fill(&key, fill).await.expect("redis is there");
                    }
                }
            })
        })
        .collect();
    for round in 1..=40_usize {
        generation.store(round, Ordering::SeqCst);
        let scope = if round % 2 == 0 {
            Clear::Namespace
        } else {
            Clear::Prefix { prefix: "product:".into(), matches: |_, _| true, template: "product:<id>".into() }
        };
        store.clear(&scope).await.expect("redis is there");
        let keys: Vec<_> = (0..50).map(|n| key(&format!("product:{n}"))).collect();
        for read in store.read(&keys).await.expect("redis is there") {
            if let Some(entry) = read.entry {
                let loaded: usize = std::str::from_utf8(&entry).expect("text").parse().expect("a number");
                assert!(loaded >= round, "loaded in {loaded}, cleared in {round}");
            }
        }
    }
    for loader in loaders {
        loader.await.expect("it doesn't panic");
    }
}

#[tokio::test]
async fn entries_are_found_when_the_list_of_variants_was_evicted() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let (reads, writes) =
        (store::store(&redis.url(), "shop").await, store::store(&redis.url(), "shop").await);
    let key = key("product:42");
    assert!(load(&reads, &key, "old").await.expect("redis is there"));
    writes.invalidate(&[target(&key)], None).await.expect("redis is there");
    for store in [&reads, &writes] {
        assert!(load(&reads, &key, "old").await.expect("redis is there"));
        let list = reads.keys().lease("", key.partition).trim_end_matches("k:").to_owned() + "v";
        assert_eq!(ask::<u64>(&mut con, &["DEL", &list]).await, 1);
        store.invalidate(&[target(&key)], None).await.expect("redis is there");
        assert_eq!(read(&reads, &key).await.expect("redis is there"), None);
    }
}
