mod store;
use cache_runtime::store::*;
use std::{sync::Arc, time::{Duration, Instant}};
use store::{key, load};
use test_servers::Redis;

async fn run<F, Fut>(callers: usize, f: F) -> f64 where F: Fn() -> Fut + Clone + Send + 'static, Fut: Future<Output=()> + Send {
    let end = Instant::now() + Duration::from_millis(250);
    let begin = Instant::now();
    let tasks: Vec<_> = (0..callers).map(|_| { let f = f.clone(); tokio::spawn(async move { let mut n = 0u64; while Instant::now() < end { for _ in 0..10 { f().await; n += 1; } } n }) }).collect();
    let mut n = 0; for t in tasks { n += t.await.unwrap(); }
    n as f64 / begin.elapsed().as_secs_f64()
}

#[test]
#[ignore]
fn cost() {
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (tx, rx) = std::sync::mpsc::channel();
    std::thread::spawn(move || { let own = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(); tx.send(own.handle().clone()).unwrap(); own.block_on(std::future::pending::<()>()); });
    let own = rx.recv().unwrap();
    rt.block_on(async {
        let redis = Redis::start().await;
        let k = Arc::new([key("product:1")]);
        let mk = |handle: tokio::runtime::Handle| { let o = RedisOptions::new(&redis.url(), "shop").unwrap(); Arc::new(RedisStore::new(o, handle)) };
        let same = mk(tokio::runtime::Handle::current());
        assert!(load(&*same, &k[0], vec![b'x'; 300]).await.unwrap());
        { let mut con = store::outside(&redis.url()).await; store::ask::<u64>(&mut con, &["PERSIST", &same.keys().data("product:1", k[0].partition, k[0].fingerprint)]).await; } let other = { let (o, h) = (own.clone(), redis.url()); std::thread::spawn(move || Arc::new(RedisStore::new(RedisOptions::new(&h, "shop").unwrap(), o))).join().unwrap() };
        let gsame = Arc::new(Guarded::new(same.clone(), Deadlines::default(), &tokio::runtime::Handle::current()));
        let gother = Arc::new(Guarded::new(other.clone(), Deadlines::default(), &own));
        let client = redis::Client::open(redis.url()).unwrap();
        let cm = client.get_connection_manager().await.unwrap();
        let physical: Arc<str> = same.keys().data("product:1", k[0].partition, k[0].fingerprint).into();
        for callers in [1, 16, 256] {
            let mut ratios: Vec<Vec<f64>> = vec![vec![]; 4];
            let mut bases = vec![];
            for _ in 0..9 {
            for (i, s) in [same.clone() as Arc<dyn Store>, gsame.clone(), other.clone(), gother.clone()].into_iter().enumerate() {
            let (c, p) = (cm.clone(), physical.clone());
            let base = run(callers, move || { let (mut c, p) = (c.clone(), p.clone()); async move { let v: Option<Vec<u8>> = redis::cmd("GET").arg(&*p).query_async(&mut c).await.unwrap(); assert!(v.is_some()); } }).await;
                let k = k.clone();
                let got = run(callers, move || { let (s, k) = (s.clone(), k.clone()); async move { let v = s.read(&*k).await.unwrap(); assert!(v[0].entry.is_some()); } }).await;
                ratios[i].push(got / base); bases.push(base);
            }}
            let med = |v: &mut Vec<f64>| { v.sort_by(f64::total_cmp); v[v.len()/2] };
            println!("{callers:4} hand {:8.0} same {:.3} guarded {:.3} thread {:.3} guarded thread {:.3}", med(&mut bases), med(&mut ratios[0]), med(&mut ratios[1]), med(&mut ratios[2]), med(&mut ratios[3]));
        }
    });
}
#[test]
#[ignore]
fn one_thread() {
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    rt.block_on(async {
        let redis = Redis::start().await;
        let k = Arc::new([key("product:1")]);
        let h = tokio::runtime::Handle::current();
        let same = Arc::new(RedisStore::new(RedisOptions::new(&redis.url(), "shop").unwrap(), h.clone()));
        assert!(load(&*same, &k[0], vec![b'x'; 300]).await.unwrap());
        { let mut con = store::outside(&redis.url()).await; store::ask::<u64>(&mut con, &["PERSIST", &same.keys().data("product:1", k[0].partition, k[0].fingerprint)]).await; }
        let gsame = Arc::new(Guarded::new(same.clone(), Deadlines::default(), &h));
        let cm = redis::Client::open(redis.url()).unwrap().get_connection_manager().await.unwrap();
        let physical: Arc<str> = same.keys().data("product:1", k[0].partition, k[0].fingerprint).into();
        for callers in [1, 16, 256] {
            let mut ratios: Vec<Vec<f64>> = vec![vec![]; 2];
            let mut bases = vec![];
            for _ in 0..15 {
            for (i, s) in [same.clone() as Arc<dyn Store>, gsame.clone()].into_iter().enumerate() {
            let (c, p) = (cm.clone(), physical.clone());
            let base = run(callers, move || { let (mut c, p) = (c.clone(), p.clone()); async move { let v: Option<Vec<u8>> = redis::cmd("GET").arg(&*p).query_async(&mut c).await.unwrap(); assert!(v.is_some()); } }).await;
                let k = k.clone();
                let got = run(callers, move || { let (s, k) = (s.clone(), k.clone()); async move { let v = s.read(&*k).await.unwrap(); assert!(v[0].entry.is_some()); } }).await;
                ratios[i].push(got / base); bases.push(base);
            }}
            let med = |v: &mut Vec<f64>| { v.sort_by(f64::total_cmp); v[v.len()/2] };
            println!("{callers:4} hand {:8.0} same {:.3} guarded {:.3}", med(&mut bases), med(&mut ratios[0]), med(&mut ratios[1]));
        }
    });
}
