//! What does the Redis store do when Redis is down, dies, comes back or falls silent?

mod store;

use cache_runtime::store::{
    BreakerState, Deadlines, Guarded, RedisOptions, RedisStore, Store, StoreErrorKind,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use store::{MINUTE, eventually, key, load, read, target, unconnected};
use test_servers::{Proxy, Redis};
use tokio::runtime::{Builder, Handle, Runtime};

fn own_runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

#[tokio::test]
async fn redis_that_appears_later_is_used() {
    let redis = Redis::start().await;
    redis.kill9();
    let store = unconnected(&redis.url(), "shop");
    let error = read(&store, &key("product:1")).await.expect_err("nobody listens");
    assert_eq!(error.kind(), StoreErrorKind::Connection);
    assert!(!store.connected(Duration::from_millis(1)).await);
    redis.restart_on_same_port().await;
    assert!(store.connected(Duration::from_secs(20)).await);
    assert!(load(&store, &key("product:1"), "x").await.expect("redis is there"));
}

#[tokio::test]
async fn redis_that_dies_and_comes_back_is_used_again() {
    let redis = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    for _ in 0..3 {
        assert!(load(&store, &key("product:1"), "x").await.expect("redis is there"));
        redis.kill9();
        eventually(async || {
            let error = read(&store, &key("product:1")).await.err();
            error.is_some_and(|error| error.kind() == StoreErrorKind::Connection)
        })
        .await;
        redis.restart_on_same_port().await;
        eventually(async || read(&store, &key("product:1")).await.is_ok_and(|entry| entry.is_none())).await;
    }
}

#[tokio::test]
async fn loss_is_noticed_without_any_call() {
    let redis = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    redis.kill9();
    eventually(async || format!("{store:?}").contains("Down")).await;
    redis.restart_on_same_port().await;
    eventually(async || format!("{store:?}").contains("Up")).await;
}

#[tokio::test]
async fn silent_connection_is_replaced() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let store = Arc::new(store::store(&proxy.url(), "shop").await);
    proxy.black_hole();
    let unanswered = tokio::spawn({
        let store = store.clone();
        async move { read(&*store, &key("product:1")).await.map(drop).map_err(|error| error.kind()) }
    });
    eventually(async || format!("{store:?}").contains("Down")).await;
    let begin = Instant::now();
    let error = read(&*store, &key("product:1")).await.expect_err("nobody answers");
    assert_eq!(error.kind(), StoreErrorKind::Connection);
    assert!(begin.elapsed() < Duration::from_millis(500), "known to be down, it isn't waited for");
    proxy.pass();
    eventually(async || read(&*store, &key("product:1")).await.is_ok()).await;
    // Nobody sent it again; it may have been answered late on the old connection.
    unanswered.await.expect("it doesn't panic").ok();
}

#[tokio::test]
async fn lost_answer_is_not_asked_for_again() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let store = store::store(&proxy.url(), "shop").await;
    let mut con = store::outside(&redis.url()).await;
    let keys = [key("product:1"), key("product:2")];
    store::ask::<()>(&mut con, &["CONFIG", "RESETSTAT"]).await;
    proxy.delay(Duration::from_millis(100));
    let error = {
        // Two keys: scripts send GET too, but nothing else here sends MGET.
        let read = store.read(&keys);
        tokio::pin!(read);
        eventually(async || {
            futures_util::future::select(
                &mut read,
                std::pin::pin!(tokio::time::sleep(Duration::from_millis(1))),
            )
            .await;
            store::calls(&mut con).await.get("mget") == Some(&1)
        })
        .await;
        proxy.cut_all();
        read.await.expect_err("the answer is lost")
    };
    assert_eq!(error.kind(), StoreErrorKind::Connection);
    proxy.pass();
    eventually(async || read(&store, &keys[0]).await.is_ok()).await;
    assert_eq!(store::calls(&mut con).await.get("mget"), Some(&1));
}

#[tokio::test]
async fn guard_ends_calls_and_opens_and_recovers() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let store = Arc::new(store::store(&proxy.url(), "shop").await);
    let guarded = Guarded::new(store, Deadlines::default(), &Handle::current());
    let changes = guarded.watch();
    let key = key("product:1");
    assert!(load(&guarded, &key, "x").await.expect("redis is there"));
    proxy.black_hole();
    let mut kinds = Vec::new();
    while guarded.state() == BreakerState::Closed {
        let begin = Instant::now();
        kinds.push(read(&guarded, &key).await.expect_err("nobody answers").kind());
        assert!(begin.elapsed() < Duration::from_secs(1));
    }
    assert_eq!(kinds.len(), 5);
    assert_eq!(kinds[0], StoreErrorKind::Timeout);
    assert_eq!(read(&guarded, &key).await.expect_err("it is open").kind(), StoreErrorKind::BreakerOpen);
    assert_eq!(*changes.borrow(), BreakerState::Open);
    let fence = guarded.invalidate(&[target(&key)], None).await.expect_err("it is open");
    assert_eq!(fence.kind(), StoreErrorKind::BreakerOpen);
    proxy.pass();
    eventually(async || read(&guarded, &key).await.is_ok()).await;
    assert_eq!(guarded.state(), BreakerState::Ramping);
    assert_eq!(*changes.borrow(), BreakerState::Ramping);
}

#[test]
fn connection_outlives_the_runtime_of_its_callers() {
    let own = own_runtime();
    let redis = own.block_on(Redis::start());
    let options = RedisOptions::new(&redis.url(), "shop").expect("a good address");
    let store = RedisStore::new(options, own.handle().clone());
    for round in 0..3 {
        let callers = Builder::new_current_thread().build().expect("a runtime without timers or sockets");
        let key = key(&format!("product:{round}"));
        callers.block_on(async {
            assert!(load(&store, &key, "x").await.expect("redis is there"));
            // Dropped under way, together with the runtime.
            let _ = futures_util::poll!(store.read(&[key]));
        });
    }
    own.block_on(async { assert!(read(&store, &key("product:2")).await.expect("redis is there").is_some()) });
}

#[test]
fn paused_clock_of_a_caller_fires_no_deadline() {
    let own = own_runtime();
    let redis = own.block_on(Redis::start());
    let options = RedisOptions::new(&redis.url(), "shop").expect("a good address");
    let store = RedisStore::new(options, own.handle().clone());
    assert!(own.block_on(store.connected(Duration::from_secs(10))));
    let guarded = Arc::new(Guarded::new(Arc::new(store), Deadlines::default(), own.handle()));
    let callers = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
    callers.block_on(async {
        let others = tokio::spawn(async {
            for _ in 0..1_000 {
                tokio::time::sleep(MINUTE).await;
            }
        });
        for n in 0..100 {
            assert!(
                load(&*guarded, &key(&format!("product:{n}")), "x").await.expect("no deadline has passed")
            );
        }
        others.await.expect("time flew");
    });
}

#[test]
fn connection_beside_its_callers_is_replaced_when_their_runtime_ends() {
    let own = own_runtime();
    let redis = own.block_on(Redis::start());
    let options = RedisOptions::new(&redis.url(), "shop").expect("a good address");
    // Far beyond the test: only the end of the runtime tells that the connection is lost.
    let options = options.ping(MINUTE, MINUTE);
    let callers = own_runtime();
    let store = callers.block_on(async { RedisStore::new(options, own.handle().clone()) });
    assert!(callers.block_on(load(&store, &key("product:1"), "x")).expect("redis is there"));
    drop(callers);
    own.block_on(eventually(async || {
        read(&store, &key("product:1")).await.is_ok_and(|entry| entry.is_some())
    }));
    let con = &mut own.block_on(store::outside(&redis.url()));
    own.block_on(async {
        read(&store, &key("product:1")).await.expect("redis is there");
        let clients: String = store::ask(con, &["CLIENT", "LIST"]).await;
        assert_eq!(clients.lines().count(), 2, "{clients}");
    });
}

#[tokio::test]
async fn replica_is_not_read() {
    let redis = Redis::start().await;
    let primary = Redis::start().await;
    let store = store::store(&redis.url(), "shop").await;
    let mut con = store::outside(&redis.url()).await;
    let port = primary.port().to_string();
    store::ask::<()>(&mut con, &["REPLICAOF", "127.0.0.1", &port]).await;
    eventually(async || {
        let error = read(&store, &key("product:1")).await.err();
        error.is_some_and(|error| error.kind() == StoreErrorKind::Unavailable)
    })
    .await;
    store::ask::<()>(&mut con, &["REPLICAOF", "NO", "ONE"]).await;
    eventually(async || read(&store, &key("product:1")).await.is_ok()).await;
}
