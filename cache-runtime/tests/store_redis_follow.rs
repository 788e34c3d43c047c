//! What does a process hear of the changes of others, what does it cost, and when does it end?

mod store;

use cache_runtime::store::{
    Change, Ear, NewWrite, RedisOptions, RedisStore, Shows, Store, StoreError, StoreErrorKind, Token,
    WriteQueue, Written,
};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use store::{MINUTE, ask, calls, eventually, key, load, outside, target};
use test_servers::{Proxy, Redis};
use tokio::{runtime::Handle, sync::watch, task::JoinHandle};

struct Recorder {
    begun: Instant,
    changes: Mutex<Vec<Change>>,
    asked_at: watch::Sender<Option<Duration>>,
}

impl Ear for Recorder {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn every(&self) -> Duration {
        Duration::from_millis(5)
    }

    fn changed(&self, change: Change) {
        self.changes.lock().expect("nobody panics with it").push(change);
    }

    fn heard(&self, asked_at: Duration, _: Duration) {
        self.asked_at.send_replace(Some(asked_at));
    }
}

/// A process: its store, and what it hears.
struct Process {
    store: Arc<RedisStore>,
    ear: Arc<Recorder>,
    following: JoinHandle<Result<(), StoreError>>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl Process {
    async fn start(options: RedisOptions) -> Self {
        let millis = Duration::from_millis;
        let options = options.ping(millis(50), millis(300)).connect_timeout(millis(500));
        let store = Arc::new(RedisStore::new(options, Handle::current()));
        assert!(store.connected(Duration::from_secs(10)).await, "redis is there: {store:?}");
        let ear = Arc::new(Recorder {
            begun: Instant::now(),
            changes: Mutex::default(),
            asked_at: watch::Sender::new(None),
        });
        let following = tokio::spawn({
            let (store, ear) = (store.clone(), ear.clone());
            async move { store.follow(ear).await }
        });
        Self { store, ear, following }
    }

    async fn of(redis: &Redis) -> Self {
        let process = Self::start(RedisOptions::new(&redis.url(), "shop").expect("a good address")).await;
        process.told().await;
        process
    }

    async fn tracking(redis: &Redis) -> Self {
        let options = RedisOptions::new(&redis.url(), "shop").expect("a good address");
        let process = Self::start(options.track_foreign_writes()).await;
        process.told().await;
        process
    }

    /// What was told since the last time, up to now.
    async fn told(&self) -> Vec<Change> {
        let now = self.ear.now();
        let mut asked_at = self.ear.asked_at.subscribe();
        let heard = asked_at.wait_for(|asked_at| asked_at.is_some_and(|asked_at| asked_at >= now));
        tokio::time::timeout(Duration::from_secs(20), heard).await.expect("in time").expect("the ear lives");
        std::mem::take(&mut *self.ear.changes.lock().expect("nobody panics with it"))
    }

    /// Why it has ended.
    async fn ended(mut self) -> StoreErrorKind {
        let ended =
            tokio::time::timeout(Duration::from_secs(20), &mut self.following).await.expect("in time");
        ended.expect("it doesn't panic").expect_err("it never ends well").kind()
    }
}

/// Messages that Redis has sent for messages published since the last reset, to so many processes.
async fn delivered(con: &mut redis::aio::MultiplexedConnection, processes: u64) -> u64 {
    let published = calls(con).await.get("spublish").copied().unwrap_or_default();
    ask::<()>(con, &["CONFIG", "RESETSTAT"]).await;
    published * processes
}

#[tokio::test]
async fn messages_per_write_are_one_or_two_per_process_and_none_for_a_fill() {
    println!("processes | write_around, lease | strict write | fill | fill, tracked");
    for processes in [1, 4, 16] {
        let redis = Redis::start().await;
        let mut con = outside(&redis.url()).await;
        let mut fleet = Vec::new();
        for _ in 0..processes {
            fleet.push(Process::of(&redis).await);
        }
        let key = key("product:42");
        let channel = format!("{}m", fleet[0].store.keys().lease("", key.partition).trim_end_matches("k:"));
        let (_, listening): (String, u64) = ask(&mut con, &["PUBSUB", "SHARDNUMSUB", &channel]).await;
        assert_eq!(listening, processes);
        let writer = fleet[0].store.clone();
        delivered(&mut con, processes).await;

        writer.invalidate(&[target(&key)], None).await.expect("redis is there");
        let around = delivered(&mut con, listening).await;
        let token = Token::random();
        writer.begin(&[target(&key)], token, MINUTE).await.expect("redis is there");
        let written = [Written { target: target(&key), kept: None }];
        writer.end(&written, token).await.expect("redis is there");
        let strict = delivered(&mut con, listening).await;
        assert_eq!((around, strict), (processes, 2 * processes));
        for (number, process) in fleet.iter().enumerate() {
            // The writer's own messages come, too, and are passed over.
            let heard = if number == 0 { 0 } else { 3 };
            assert_eq!(process.told().await.len(), heard, "process {number}");
        }

        assert!(load(&*writer, &key, "x").await.expect("redis is there"));
        let fill = delivered(&mut con, listening).await;
        assert_eq!(fill, 0);
        for process in &fleet {
            assert_eq!(process.told().await, []);
        }
        drop(fleet);

        let mut fleet = Vec::new();
        for _ in 0..processes {
            fleet.push(Process::tracking(&redis).await);
        }
        let other = store::key("product:43");
        assert!(load(&*fleet[0].store, &other, "x").await.expect("redis is there"));
        let mut tracked = 0;
        for process in &fleet {
            tracked += process.told().await.len() as u64;
        }
        assert_eq!(tracked, processes);
        println!("{processes} | {around} | {strict} | {fill} | {tracked}");
    }
}

#[tokio::test]
async fn one_message_tells_all_that_one_write_changes_in_a_partition() {
    let redis = Redis::start().await;
    let (writer, reader) = (Process::of(&redis).await, Process::of(&redis).await);
    let mut con = outside(&redis.url()).await;
    let mut keys: Vec<_> = (0..100).map(|n| key(&format!("product:{n}"))).collect();
    let partition = keys[0].partition;
    keys.iter_mut().for_each(|key| key.partition = partition);
    ask::<()>(&mut con, &["CONFIG", "RESETSTAT"]).await;
    let targets: Vec<_> = keys.iter().map(target).collect();
    writer.store.invalidate(&targets, None).await.expect("redis is there");
    assert_eq!(delivered(&mut con, 1).await, 1);
    assert_eq!(reader.told().await.len(), 100);
}

#[tokio::test]
async fn foreign_writes_are_heard_of_only_by_those_who_track_them() {
    let redis = Redis::start().await;
    let (tracking, plain) = (Process::tracking(&redis).await, Process::of(&redis).await);
    let mut con = outside(&redis.url()).await;
    let key = key("product:42");
    let physical = plain.store.keys().data("product:42", key.partition, key.fingerprint);
    let changed = [Change::Key { text: key.text.clone(), partition: key.partition }];
    ask::<()>(&mut con, &["SET", &physical, "x"]).await;
    assert_eq!(tracking.told().await, changed);
    ask::<()>(&mut con, &["DEL", &physical]).await;
    assert_eq!(tracking.told().await, changed);
    ask::<()>(&mut con, &["SET", "another:key", "x"]).await;
    assert_eq!(tracking.told().await, []);
    ask::<()>(&mut con, &["FLUSHALL"]).await;
    assert_eq!(tracking.told().await, [Change::Everything]);
    assert_eq!(plain.told().await, []);
}

#[tokio::test]
async fn lost_link_ends_it() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let options = || RedisOptions::new(&proxy.url(), "shop").expect("a good address");
    let cut = Process::start(options()).await;
    cut.told().await;
    proxy.refuse();
    assert_eq!(cut.ended().await, StoreErrorKind::Connection);
    proxy.pass();
    let silent = Process::start(options()).await;
    silent.told().await;
    proxy.black_hole();
    assert_eq!(silent.ended().await, StoreErrorKind::Connection);
}

#[tokio::test]
async fn server_that_becomes_a_replica_ends_it() {
    let redis = Redis::start().await;
    let primary = Redis::start().await;
    let process = Process::of(&redis).await;
    let mut con = outside(&redis.url()).await;
    ask::<()>(&mut con, &["REPLICAOF", "127.0.0.1", &primary.port().to_string()]).await;
    assert_eq!(process.ended().await, StoreErrorKind::Unavailable);
}

#[tokio::test]
async fn user_without_the_channels_is_refused() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    let acl = |channels: &'static str| {
        ["ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "resetchannels", channels]
    };
    let url = format!("redis://app:pw@{}", redis.addr());
    let options = || RedisOptions::new(&url, "shop").expect("a good address");
    ask::<()>(&mut con, &acl("&other:*")).await;
    assert_eq!(Process::start(options()).await.ended().await, StoreErrorKind::Refused);
    ask::<()>(&mut con, &acl("&shop:c:*")).await;
    let allowed = Process::start(options()).await;
    assert_eq!(allowed.told().await, []);
    allowed.store.invalidate(&[target(&key("product:1"))], None).await.expect("it may publish, too");
}

#[tokio::test]
async fn following_leaves_no_connection_behind() {
    let redis = Redis::start().await;
    let mut con = outside(&redis.url()).await;
    for _ in 0..5 {
        drop(Process::of(&redis).await);
    }
    eventually(async || ask::<String>(&mut con, &["CLIENT", "LIST"]).await.lines().count() == 1).await;
}

#[tokio::test]
async fn accepted_write_is_told_and_so_is_one_that_is_given_up() {
    let redis = Redis::start().await;
    let (one, other) = (Process::of(&redis).await, Process::of(&redis).await);
    let key = key("session:1");
    let write = NewWrite {
        token: Token(1),
        key: key.clone(),
        function: "save".into(),
        payload: "x".into(),
        shows: Shows::Value("an entry that is pending".into()),
        ttl: Some(MINUTE),
        coalesce: true,
        drops: Vec::new(),
        most: 10,
    };
    let told = [Change::Key { text: key.text.clone(), partition: key.partition }];
    one.store.enqueue(&write).await.expect("redis is there");
    assert_eq!(other.told().await, told);
    assert_eq!(one.told().await, []);
    one.store.overtake(&key, u64::MAX).await.expect("redis is there");
    assert_eq!(other.told().await, told);
    assert_eq!(one.told().await, told, "whoever settles isn't who has written");
    let dead = one.store.dead().await.expect("redis is there").remove(0);
    one.store.discard(dead.partition, dead.write.id).await.expect("redis is there");
    assert_eq!(other.told().await, []);
}
