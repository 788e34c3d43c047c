//! Redis that is down at the start, dies later, or swallows everything: calls succeed, and soon.

use crate::fixtures::eventually;
use behaviour_tests::Products;
use cache_runtime::Cache;
use std::time::{Duration, Instant};
use test_servers::{Proxy, Redis};

/// Far more than a call may cost, far less than the seconds that a missing deadline costs.
const SOON: Duration = Duration::from_millis(900);

async fn products(url: String) -> Products {
    Products::new(Cache::builder().namespace("outage").redis(url).build().await.unwrap())
}

async fn every_call_succeeds_soon(products: &Products) {
    for id in 1..=20 {
        let begun = Instant::now();
        assert!(products.find(id).await.unwrap().is_some());
        assert!(begun.elapsed() < SOON, "a read took {:?}", begun.elapsed());
        let begun = Instant::now();
        products.reprice(id, 7).await.unwrap();
        assert!(begun.elapsed() < SOON, "a write took {:?}", begun.elapsed());
    }
}

async fn works_again(products: &Products) {
    eventually("hits", || {
        let reader = products.clone();
        tokio::spawn(async move { reader.find(3).await });
        let stats = products.cache.stats();
        stats.unsent_invalidations == 0 && stats.functions.iter().any(|f| f.shared_hits > 5)
    })
    .await;
}

#[tokio::test]
async fn redis_down_at_the_start_costs_no_call_and_heals() {
    let redis = Redis::start().await;
    let url = redis.url();
    redis.kill9();
    let products = products(url).await;
    every_call_succeeds_soon(&products).await;
    redis.restart_on_same_port().await;
    works_again(&products).await;
}

#[tokio::test]
async fn redis_that_dies_costs_no_call_and_heals() {
    let redis = Redis::start().await;
    let products = products(redis.url()).await;
    products.find(1).await.unwrap();
    redis.kill9();
    every_call_succeeds_soon(&products).await;
    redis.restart_on_same_port().await;
    works_again(&products).await;
}

#[tokio::test]
async fn a_black_hole_costs_no_call_and_heals() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let products = products(proxy.url()).await;
    products.find(1).await.unwrap();
    proxy.black_hole();
    every_call_succeeds_soon(&products).await;
    proxy.pass();
    works_again(&products).await;
}

#[tokio::test]
async fn a_write_during_an_outage_is_seen_here_at_once_and_elsewhere_after_it() {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    let cut_off = products(proxy.url()).await;
    let other = Products { db: cut_off.db.clone(), cache: products(redis.url()).await.cache };
    assert_eq!(other.find(1).await.unwrap().unwrap().price, 100);
    proxy.refuse();
    cut_off.reprice(1, 7).await.unwrap();
    assert_eq!(
        cut_off.find(1).await.unwrap().unwrap().price,
        7,
        "this process bypasses what it could not invalidate"
    );
    assert!(cut_off.cache.stats().unsent_invalidations > 0);
    proxy.pass();
    eventually("the invalidation to be delivered", || cut_off.cache.stats().unsent_invalidations == 0).await;
    assert_eq!(other.find(1).await.unwrap().unwrap().price, 7);
    assert_eq!(cut_off.find(1).await.unwrap().unwrap().price, 7);
}
