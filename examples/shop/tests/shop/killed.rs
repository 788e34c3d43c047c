//! What is still there after the shop was killed.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use axum::http::{Method, StatusCode};
use serde_json::json;
use shop::{
    Config, Shop,
    config::{Caching, NAMESPACE, Port, Queueing},
    load::{Client, Scratch},
};
use test_servers::{Fsync, Redis};

use crate::{TestResult, program};

/// Longer than a killed shop's claim on the queue.
const PATIENCE: Duration = Duration::from_secs(60);
const PRODUCTS: [i64; 3] = [5, 42, 43];

/// The shop's program, killed when this is dropped.
struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(scratch: &Scratch, queue: &str, redis: Option<&Redis>) -> TestResult<Self> {
        let mut command = program::shop(scratch, &[]);
        command.env("DATABASE_URL", scratch.database().as_str()).env("QUEUE", queue).env("PORT", "0");
        if let Some(redis) = redis {
            command.env("REDIS_URL", redis.url());
        }
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let mut said = lines.map_while(Result::ok);
        let serving = said.find(|line| line.starts_with("serving:")).expect("it serves");
        let (_, address) = serving.split_once("http://").expect("it says where");
        let address = address.split([' ', '/']).next().unwrap_or_default().parse()?;
        // A pipe that nobody reads any more must not hold it up.
        std::thread::spawn(move || said.count());
        Ok(Self { child, address })
    }

    fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill9();
    }
}

async fn views(client: &mut Client, product: i64) -> TestResult<i64> {
    let reply = client.send(Method::GET, &format!("/api/products/{product}/views"), None).await?;
    let views: serde_json::Value = serde_json::from_str(&reply.text)?;
    Ok(views["views"].as_i64().expect("a number"))
}

/// Kills the shop, again and again until that has met looks which the database did not have yet, and counts them in the end.
async fn views_survive(queue: &str, queueing: Queueing, redis: Option<&Redis>) -> TestResult {
    let scratch = Scratch::new()?;
    let caching = redis.map_or(Caching::Memory, |redis| Caching::Redis {
        url: redis.url(),
        namespace: NAMESPACE.to_owned(),
    });
    // Opened like this it sees what waits, and flushes nothing.
    let config = Config { database: scratch.database(), caching, queueing, port: Port::Exactly(0) };
    let begun = Instant::now();
    let mut acknowledged = 0;
    let mut caught = 0;
    while caught == 0 {
        assert!(begun.elapsed() < PATIENCE, "whenever it was killed, everything was flushed");
        let mut shop = Program::start(&scratch, queue, redis)?;
        let mut client = Client::connect(shop.address).await?;
        for _ in 0..7 {
            for product in PRODUCTS {
                let path = format!("/api/products/{product}/views");
                let reply = client.send(Method::POST, &path, Some(json!({}))).await?;
                assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
            }
            acknowledged += 1;
        }
        shop.kill9();
        let bystander = Shop::open(&config).await?;
        caught = bystander.cache.write_behind().status().await?.pending;
        bystander.db.close().await;
    }

    let shop = Program::start(&scratch, queue, redis)?;
    let mut client = Client::connect(shop.address).await?;
    let bystander = Shop::open(&config).await?;
    let begun = Instant::now();
    while bystander.cache.write_behind().status().await?.pending > 0 {
        assert!(begun.elapsed() < PATIENCE, "what the killed shop has left is not flushed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for product in PRODUCTS {
        // A copy that is older than the last batch is dropped just after that is settled.
        let mut seen = views(&mut client, product).await?;
        while seen < acknowledged && begun.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
            seen = views(&mut client, product).await?;
        }
        assert_eq!(seen, acknowledged, "what its readers get");
        let row = sqlx::query_scalar("SELECT views FROM views WHERE product_id = $1").bind(product);
        let row: i64 = row.fetch_one(bystander.db.pool()).await?;
        assert_eq!(row, acknowledged, "what the database has");
    }
    assert_eq!(bystander.cache.write_behind().status().await?.dead_letters, 0);
    Ok(())
}

#[tokio::test]
async fn view_counters_survive_the_death_of_the_shop_in_its_own_database() -> TestResult {
    views_survive("database", Queueing::Database, None).await
}

#[tokio::test]
async fn view_counters_survive_the_death_of_the_shop_in_redis() -> TestResult {
    let redis = Redis::builder().appendonly(Fsync::Always).start().await;
    views_survive("redis_fsync", Queueing::RedisFsync, Some(&redis)).await
}
