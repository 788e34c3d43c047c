//! Several instances over PostgreSQL and Redis.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use axum::http::{Method, StatusCode};
use serde_json::json;
use shop::{
    App,
    config::{Caching, DatabaseUrl, NAMESPACE},
    db::Db,
    keys,
};
use test_servers::{Postgres, Redis};

use crate::{
    TestResult,
    fixture::{self, Fixture, Visitor},
};

fn shared(redis: &Redis) -> Caching {
    Caching::Redis { url: redis.url(), namespace: "shop-test".to_owned() }
}

async fn two_instances(postgres: &Postgres, redis: &Redis) -> Result<[App; 2], Box<dyn std::error::Error>> {
    let database = DatabaseUrl::parse(&postgres.url())?;
    let (first, second) = tokio::join!(
        fixture::start(database.clone(), shared(redis)),
        fixture::start(database, shared(redis))
    );
    Ok([first, second])
}

#[tokio::test]
async fn pages_work_on_postgres_and_redis() -> TestResult {
    let (postgres, redis) = tokio::join!(Postgres::start(), Redis::start());
    let [app, other] = two_instances(&postgres, &redis).await?;
    let mut visitor = Visitor::of(&app).await;
    // Twice: from the database, then from the cache.
    for _ in 0..2 {
        for path in ["/", "/c/books", "/c/books?page=2", "/p/42", "/p/42/price", "/audit", "/stats"] {
            visitor.page(path).await?;
        }
    }
    let review = json!({ "author": "A", "stars": 3, "text": "x" });
    let reply = visitor.send(Method::POST, "/api/products/42/reviews", review).await?;
    assert_eq!(
        (reply.status, &fixture::json(&reply)),
        (StatusCode::CREATED, &visitor.json("/api/products/42/reviews").await?[0])
    );
    let list = json!([{ "id": 20_001, "name": "New", "category": "bikes", "price": 2 }]);
    assert_eq!(visitor.send(Method::POST, "/api/import", list).await?.status, StatusCode::OK);
    assert_eq!(visitor.price(20_001).await?, 2);
    assert_eq!(visitor.json("/api/products/20001/history").await?[0]["action"], "imported");

    // A restart has an empty memory, but not an empty database.
    app.shutdown().await;
    other.shutdown().await;
    redis.restart_on_same_port().await;
    let app = fixture::start(DatabaseUrl::parse(&postgres.url())?, shared(&redis)).await;
    visitor.goes_to(&app).await?;
    assert_eq!(visitor.json("/api/session").await?["viewed"], json!([42]));
    assert_eq!(visitor.json("/api/products/42/views").await?, json!({ "views": 2 }));
    app.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn instances_see_each_others_changes() -> TestResult {
    let (postgres, redis) = tokio::join!(Postgres::start(), Redis::start());
    let apps = two_instances(&postgres, &redis).await?;
    let [mut first, mut second] = [Visitor::of(&apps[0]).await, Visitor::of(&apps[1]).await];
    let listing = "/api/categories/toys/products?page=3";
    let id = first.json(listing).await?["products"][0]["id"].as_i64().expect("ids are numbers");
    for (round, price) in [101, 202, 303, 404].into_iter().enumerate() {
        // Both have it cached, then one of them changes it.
        for visitor in [&mut first, &mut second] {
            visitor.price(id).await?;
            visitor.json(listing).await?;
        }
        let writer = if round % 2 == 0 { &mut first } else { &mut second };
        let reply =
            writer.send(Method::PUT, &format!("/api/products/{id}/price"), json!({ "price": price })).await?;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        for visitor in [&mut first, &mut second] {
            assert_eq!(visitor.price(id).await?, price);
            assert_eq!(visitor.json(listing).await?["products"][0]["price"], price);
        }
    }
    for app in apps {
        app.shutdown().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_killed_redis_is_not_noticed_by_visitors() -> TestResult {
    let redis = Redis::start().await;
    let shop = Fixture::start_with(shared(&redis)).await;
    let mut visitor = shop.visitor().await;
    let paths =
        ["/", "/c/books", "/p/42", "/audit", "/api/products/1", "/api/products?ids=1,2,3", "/api/session"];
    for path in paths {
        assert_eq!(visitor.get(path).await?.status, StatusCode::OK, "{path}");
    }
    redis.kill9();
    for path in paths.into_iter().chain(["/p/43", "/c/toys"]) {
        let reply = visitor.get(path).await?;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
    }
    let reply = visitor.send(Method::PUT, "/api/products/42/price", json!({ "price": 4_242 })).await?;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(visitor.price(42).await?, 4_242);
    assert!(visitor.page("/p/42").await?.contains("€42.42"));
    shop.app.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn a_shop_opens_while_redis_is_down() -> TestResult {
    let redis = Redis::start().await;
    redis.kill9();
    let shop = Fixture::start_with(shared(&redis)).await;
    let mut visitor = shop.visitor().await;
    for path in ["/", "/c/books", "/p/42", "/p/42"] {
        visitor.page(path).await?;
    }
    shop.app.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn instances_that_start_at_once_seed_once() -> TestResult {
    let scratch = shop::load::Scratch::new()?;
    let postgres = Postgres::start().await;
    for database in [scratch.database(), DatabaseUrl::parse(&postgres.url())?] {
        let (a, b, c) = tokio::join!(Db::open(&database), Db::open(&database), Db::open(&database));
        let (a, b, c) = (a?, b?, c?);
        let products: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM products").fetch_one(a.pool()).await?;
        assert_eq!(products, 10_000, "{database}");
        for db in [a, b, c] {
            db.close().await;
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_printed_key_is_the_one_in_redis() -> TestResult {
    let redis = Redis::start().await;
    let caching = Caching::Redis { url: redis.url(), namespace: NAMESPACE.to_owned() };
    let shop = Fixture::start_with(caching).await;
    // Until the cache is connected, nothing is stored.
    let mut visitor = shop.visitor().await;
    let key = keys::physical("product:42").await.expect("nothing is asked").expect("products have keys");
    let stored = async {
        while exists(&redis, &key)? == 0 {
            visitor.price(42).await?;
            shop.app.shop().cache.settle().await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(30), stored).await??;
    shop.app.shop().products.find_entry(42).invalidate().await;
    assert_eq!(exists(&redis, &key)?, 0);
    Ok(())
}

/// Asks Redis itself, in the simplest words it understands.
fn exists(redis: &Redis, key: &str) -> Result<u8, Box<dyn std::error::Error>> {
    let mut connection = TcpStream::connect(redis.addr())?;
    connection.write_all(format!("EXISTS {key}\r\n").as_bytes())?;
    let mut answer = [0; 4];
    connection.read_exact(&mut answer)?;
    match &answer {
        b":0\r\n" => Ok(0),
        b":1\r\n" => Ok(1),
        other => Err(format!("Redis answers {other:?}").into()),
    }
}
