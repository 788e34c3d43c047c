//! Several processes on one real Redis.

use crate::fixtures::{eventually, patient};
use behaviour_tests::Products;
use cache_runtime::{Cache, cached};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use test_servers::Redis;
use tokio::{sync::Barrier, task::JoinHandle};

fn process(redis: &Redis, callers: usize) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_one-process"))
        .args([&redis.url(), "fleet", &callers.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready");
    (child, output)
}

#[tokio::test]
async fn three_processes_with_ten_thousand_callers_run_a_cold_body_once() {
    let redis = Redis::start().await;
    let mut fleet: Vec<_> = (0..3).map(|_| process(&redis, 3_334)).collect();
    for (child, _) in &mut fleet {
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    let mut bodies = 0;
    for (mut child, mut output) in fleet {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        bodies += line.trim().parse::<u32>().unwrap();
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(bodies, 1);
}

/// Two caches that share a Redis and a database.
async fn two(redis: &Redis) -> (Products, Products) {
    let build = || Cache::builder().namespace("race").redis(redis.url()).deadlines(patient()).build();
    let a = Products::new(build().await.unwrap());
    let b = Products { db: a.db.clone(), cache: build().await.unwrap() };
    (a, b)
}

#[tokio::test]
async fn a_stale_fill_is_refused_and_not_handed_to_later_callers() {
    let redis = Redis::start().await;
    let (reading, writing) = two(&redis).await;
    reading.db.hold_reads();
    let read = |products: &Products| {
        let products = products.clone();
        tokio::spawn(async move { products.find(1).await })
    };
    let leader = read(&reading);
    reading.db.reads_reached(1).await;
    writing.reprice(1, 200).await.unwrap();
    let follower = read(&reading);
    tokio::task::yield_now().await;
    reading.db.gate.add_permits(1_000);
    assert_eq!(leader.await.unwrap().unwrap().unwrap().price, 100);
    assert_eq!(follower.await.unwrap().unwrap().unwrap().price, 200);
    assert_eq!(reading.find(1).await.unwrap().unwrap().price, 200);
    assert_eq!(writing.find(1).await.unwrap().unwrap().price, 200);
}

#[tokio::test]
async fn groups_are_dropped_for_every_process() {
    let redis = Redis::start().await;
    let (a, b) = two(&redis).await;
    for page in 1..=3 {
        a.browse("books", page).await.unwrap();
        b.browse("books", page).await.unwrap();
    }
    assert_eq!(a.db.queries(), 3);
    a.delete(2, "books").await.unwrap();
    for page in 1..=3 {
        assert!(b.browse("books", page).await.unwrap().iter().all(|p| p.id != 2));
    }
}

#[tokio::test]
async fn a_cancelled_leader_gives_its_lease_back() {
    let redis = Redis::start().await;
    let (a, b) = two(&redis).await;
    a.db.hold_reads();
    let leader = tokio::spawn({
        let a = a.clone();
        async move { a.find(1).await }
    });
    a.db.reads_reached(1).await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    a.cache.settle().await;
    a.db.gate.add_permits(1_000);
    b.find(1).await.unwrap();
    let queries = b.db.queries();
    b.find(1).await.unwrap();
    assert_eq!(b.db.queries(), queries, "the other process was granted the lease and stored the value");
}

#[tokio::test]
async fn a_static_cache_outlives_the_runtime_it_was_built_in() {
    let redis = Redis::start().await;
    let url = redis.url();
    let build = move || async move {
        Products::new(
            Cache::builder().namespace("static").redis(url).deadlines(patient()).build().await.unwrap(),
        )
    };
    let products =
        std::thread::spawn(move || tokio::runtime::Runtime::new().unwrap().block_on(build())).join().unwrap();
    // The connection had its driver there; the first call may be the one that finds it gone, and goes to the database.
    let end = Instant::now() + Duration::from_secs(20);
    while products.cache.stats().functions.iter().all(|find| find.shared_hits == 0) {
        assert!(Instant::now() < end, "never a hit: {:?}", products.cache.stats());
        assert!(products.find(1).await.unwrap().is_some());
    }
    let queries = products.db.queries();
    products.find(1).await.unwrap();
    assert_eq!(products.db.queries(), queries);
}

#[tokio::test(start_paused = true)]
async fn paused_time_does_not_fire_the_deadlines_of_the_store() {
    let redis = std::thread::spawn(|| tokio::runtime::Runtime::new().unwrap().block_on(Redis::start()))
        .join()
        .unwrap();
    let products = Products::new(
        Cache::builder().namespace("paused").redis(redis.url()).deadlines(patient()).build().await.unwrap(),
    );
    for _ in 0..20 {
        products.find(1).await.unwrap();
    }
    assert_eq!(products.db.queries(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_in_one_process_run_a_cold_body_once() {
    let redis = Redis::start().await;
    let (products, _) = two(&redis).await;
    products.db.hold_reads();
    let calls: Vec<_> = (0..10_000)
        .map(|_| {
            let products = products.clone();
            tokio::spawn(async move { products.find(1).await })
        })
        .collect();
    products.db.reads_reached(1).await;
    products.db.gate.add_permits(10_000);
    for call in calls {
        assert!(call.await.unwrap().unwrap().is_some());
    }
    assert_eq!(products.db.queries(), 1);
}

#[cached(strategy = "read_through", key = "panics:<id>", ttl = 60, skip(runs, met))]
async fn panics_once(cache: &Cache, id: u32, runs: Arc<AtomicUsize>, met: Arc<Barrier>) -> u32 {
    if runs.fetch_add(1, SeqCst) == 0 {
        met.wait().await;
        panic!("the first body panics");
    }
    id * 10
}

/// Callers of a body that panics when it runs for the first time.
struct Callers {
    runs: Arc<AtomicUsize>,
    met: Arc<Barrier>,
}

impl Callers {
    fn new() -> Self {
        Self { runs: Arc::default(), met: Arc::new(Barrier::new(2)) }
    }

    fn call(&self, cache: &Cache) -> JoinHandle<u32> {
        let (cache, runs, met) = (cache.clone(), self.runs.clone(), self.met.clone());
        tokio::spawn(async move { panics_once(&cache, 7, runs, met).await })
    }

    /// Somebody whose body has begun and will panic once it is met.
    async fn leader(&self, cache: &Cache) -> JoinHandle<u32> {
        let leader = self.call(cache);
        eventually("the leader's body", || self.runs.load(SeqCst) == 1).await;
        leader
    }

    async fn panic(&self, leader: JoinHandle<u32>) {
        self.met.wait().await;
        assert!(leader.await.unwrap_err().is_panic());
    }
}

#[tokio::test]
async fn exactly_one_follower_takes_over_when_a_leader_panics_and_its_value_is_stored() {
    let redis = Redis::start().await;
    let (a, b) = two(&redis).await;
    let callers = Callers::new();
    let leader = callers.leader(&a.cache).await;
    let followers: Vec<_> = (0..50).map(|_| callers.call(&a.cache)).collect();
    // Each asks Redis before it follows.
    eventually("the followers to have asked", || {
        let stats = a.cache.stats();
        stats.functions.iter().any(|f| f.function.ends_with("panics_once"))
    })
    .await;
    callers.panic(leader).await;
    for follower in followers {
        assert_eq!(follower.await.unwrap(), 70);
    }
    assert_eq!(callers.runs.load(SeqCst), 2, "one body for all fifty");
    a.cache.settle().await;
    assert_eq!(callers.call(&b.cache).await.unwrap(), 70);
    assert_eq!(callers.runs.load(SeqCst), 2, "the other process has it from Redis");
}

#[tokio::test]
async fn a_leader_that_panics_gives_its_lease_back() {
    let redis = Redis::start().await;
    let (a, b) = two(&redis).await;
    let callers = Callers::new();
    let leader = callers.leader(&a.cache).await;
    callers.panic(leader).await;
    a.cache.settle().await;
    let begun = Instant::now();
    assert_eq!(callers.call(&b.cache).await.unwrap(), 70);
    assert!(begun.elapsed() < Duration::from_secs(2), "a lease lasts three seconds: {:?}", begun.elapsed());
    b.cache.settle().await;
    assert_eq!(callers.call(&a.cache).await.unwrap(), 70);
    assert_eq!(callers.runs.load(SeqCst), 2, "the other process was granted the lease and stored the value");
}
