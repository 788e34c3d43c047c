//! What the program says of writes that were acknowledged and that the database refuses.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Output, Stdio},
    time::{Duration, Instant},
};

use axum::http::{Method, StatusCode};
use serde_json::json;
use shop::load::{Client, Scratch};
use test_servers::Redis;

use crate::{TestResult, program};

/// More than five attempts with their pauses take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends the program it holds.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `shop dead-letters ..`: whether it succeeded, and what it said.
fn letters(folder: &Scratch, words: &[&str], environment: &[(&str, &str)]) -> TestResult<(bool, String)> {
    let arguments: Vec<&str> = ["dead-letters"].iter().chain(words).copied().collect();
    let mut command = program::shop(folder, &arguments);
    let Output { status, stdout, stderr } = command.envs(environment.iter().copied()).output()?;
    let said = if status.success() { stdout } else { stderr };
    Ok((status.success(), String::from_utf8(said)?.trim().to_owned()))
}

#[test]
fn queue_that_is_not_there_is_named_and_not_made() -> TestResult {
    let folder = Scratch::new()?;
    let (done, said) = letters(&folder, &[], &[])?;
    assert!(!done && said.contains("there is no database sqlite:shop-data/shop.db"), "{said}");
    assert!(!folder.folder().join("shop-data").exists(), "it was made");

    std::fs::write(folder.folder().join("other.db"), "")?;
    let (done, said) = letters(&folder, &["list"], &[("DATABASE_URL", "sqlite:other.db")])?;
    assert!(!done && said.contains("sqlite:other.db has no queue") && said.contains("`QUEUE`"), "{said}");
    let file = std::fs::read(folder.folder().join("other.db"))?;
    assert!(!String::from_utf8_lossy(&file).contains("CREATE TABLE"), "tables were made");

    let (done, said) = letters(&folder, &[], &[("QUEUE", "memory")])?;
    assert!(!done && said.contains("`QUEUE` is `memory`"), "{said}");
    let (done, said) = letters(&folder, &[], &[("QUEUE", "redis")])?;
    assert!(!done && said.contains("`REDIS_URL`"), "{said}");
    Ok(())
}

#[tokio::test]
async fn redis_that_does_not_answer_is_named() -> TestResult {
    let folder = Scratch::new()?;
    std::fs::write(folder.folder().join("shop.db"), "")?;
    let redis = Redis::start().await;
    redis.kill9();
    let url = redis.url();
    let environment =
        [("DATABASE_URL", "sqlite:shop.db"), ("QUEUE", "redis_fsync"), ("REDIS_URL", url.as_str())];
    let (done, said) = letters(&folder, &[], &environment)?;
    let address = format!("the queue in {url}");
    assert!(
        !done && said.contains(address.trim_end_matches('/')) && said.contains("doesn't answer"),
        "{said}"
    );
    Ok(())
}

#[tokio::test]
async fn dead_letter_is_logged_listed_shown_replayed_and_discarded() -> TestResult {
    let folder = Scratch::new()?;
    let database = folder.database();
    let environment = [("DATABASE_URL", database.as_str())];
    let db = shop::db::Db::open(&database).await?;
    for statement in [
        "DROP TABLE views",
        "CREATE TABLE views (product_id BIGINT PRIMARY KEY CHECK (product_id <> 7), views BIGINT NOT NULL)",
    ] {
        sqlx::query(statement).execute(db.pool()).await?;
    }
    let mut command = program::shop(&folder, &[]);
    command.envs(environment).env("PORT", "0").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut shop = Running(command.spawn()?);
    let mut said = BufReader::new(shop.0.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let log = BufReader::new(shop.0.stderr.take().expect("it is piped"));
    let (sender, logged) = std::sync::mpsc::channel();
    std::thread::spawn(move || log.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let serving = said.find(|line| line.starts_with("serving:")).expect("it serves");
    let (_, address) = serving.split_once("http://").expect("it says where");
    let address = address.split([' ', '/']).next().unwrap_or_default().parse()?;
    let mut client = Client::connect(address).await?;
    for product in [7, 8] {
        let path = format!("/api/products/{product}/views");
        let reply = client.send(Method::POST, &path, Some(json!({}))).await?;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    }

    let begun = Instant::now();
    let line = loop {
        let line = logged.recv_timeout(PATIENCE.saturating_sub(begun.elapsed()))?;
        if line.contains("it is a dead letter") {
            break line;
        }
    };
    assert!(line.contains("ERROR") && line.contains("CHECK constraint failed"), "{line}");

    let (_, list) = letters(&folder, &[], &environment)?;
    let (letter, count) = list.split_once('\n').expect("a letter, and how many");
    assert!(letter.contains("views:7: ") && letter.contains("(tried 5 times, given up"), "{letter}");
    assert_eq!(count, "1 dead letter");
    let id = letter.split(' ').next().unwrap_or_default();
    let (_, shown) = letters(&folder, &["show", id], &environment)?;
    assert!(shown.contains("schema 1: ") && shown.contains('7'), "{shown}");
    let (done, missing) = letters(&folder, &["show", "0-1"], &environment)?;
    assert!(!done && missing.contains("there is no dead letter `0-1`"), "{missing}");

    let (done, replayed) = letters(&folder, &["replay", id], &environment)?;
    assert!(done && replayed.contains("is queued again"), "{replayed}");
    let begun = Instant::now();
    let again = loop {
        let (_, list) = letters(&folder, &[], &environment)?;
        if list.ends_with("1 dead letter") {
            break list;
        }
        assert!(begun.elapsed() < PATIENCE, "{list}");
    };
    let id = again.split(' ').next().unwrap_or_default();
    let (_, discarded) = letters(&folder, &["discard", id], &environment)?;
    assert!(discarded.contains("is forgotten"), "{discarded}");
    assert_eq!(letters(&folder, &[], &environment)?.1, "0 dead letters");
    assert_eq!(letters(&folder, &["discard", "--all"], &environment)?.1, "forgotten: 0 dead letters");
    db.close().await;
    Ok(())
}
