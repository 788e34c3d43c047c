//! Redis starts, dies, freezes and comes back.

use crate::{Client, ask};
use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use test_servers::{Fsync, Redis};

#[tokio::test]
async fn two_servers_run_side_by_side_and_answer_on_their_own_ports() {
    let (one, other) = tokio::join!(Redis::start(), Redis::start());
    assert_ne!(one.port(), other.port());
    assert_eq!(one.url(), format!("redis://127.0.0.1:{}", one.port()));
    assert_eq!(ask(one.addr(), "SET name one").await.unwrap(), "+OK\r\n");
    assert_eq!(ask(other.addr(), "GET name").await.unwrap(), "$-1\r\n");
}

#[tokio::test]
async fn killed_server_refuses_and_comes_back_empty_on_its_port() {
    let redis = Redis::start().await;
    let (port, first) = (redis.port(), redis.pid());
    ask(redis.addr(), "SET a 1").await.unwrap();
    redis.kill9();
    assert_eq!(redis.pid(), None);
    let refused = ask(redis.addr(), "PING").await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    redis.restart_on_same_port().await;
    assert_eq!(redis.port(), port);
    assert_ne!(redis.pid(), first);
    assert_eq!(ask(redis.addr(), "GET a").await.unwrap(), "$-1\r\n");
}

#[tokio::test]
async fn append_only_file_survives_a_kill() {
    let redis = Redis::builder().appendonly(Fsync::Always).arg("maxmemory", "32mb").start().await;
    assert!(ask(redis.addr(), "CONFIG GET maxmemory").await.unwrap().contains("33554432"));
    ask(redis.addr(), "SET a 1").await.unwrap();
    redis.kill9();
    redis.restart_on_same_port().await;
    assert_eq!(ask(redis.addr(), "GET a").await.unwrap(), "$1\r\n1\r\n");
    redis.stop();
    assert_eq!(redis.pid(), None);
}

#[tokio::test]
async fn paused_server_answers_only_after_it_is_resumed() {
    let redis = Redis::start().await;
    let mut client = Client::connect(redis.addr()).await.unwrap();
    client.ask("PING").await.unwrap();
    redis.pause();
    client.send("PING").await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(50), client.receive()).await;
    assert!(early.is_err(), "a paused server answered {early:?}");
    redis.resume();
    assert_eq!(client.receive().await.unwrap(), "+PONG\r\n");
}

#[tokio::test(start_paused = true)]
async fn server_starts_under_a_paused_clock() {
    let redis = Redis::start().await;
    assert!(redis.pid().is_some());
}

#[tokio::test]
async fn dropped_server_takes_its_folder_along() {
    let redis = Redis::start().await;
    let (addr, dir) = (redis.addr(), redis.dir().to_owned());
    assert!(dir.join("log").exists());
    drop(redis);
    assert!(!dir.exists());
    assert!(ask(addr, "PING").await.is_err());
}

#[tokio::test]
async fn unknown_setting_is_reported_with_the_servers_own_words() {
    let error = Redis::builder().arg("no-such-setting", "1").try_start().await.unwrap_err();
    assert!(error.to_string().contains("no-such-setting"), "{error}");
}

#[tokio::test]
#[ignore = "killed by `server_ends_when_its_test_is_killed`, which starts it"]
async fn victim() {
    let redis = Redis::start().await;
    println!("\nserver {} {}", redis.addr(), redis.dir().display());
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn server_ends_when_its_test_is_killed() {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "redis::victim", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.find(|line| line.starts_with("server ")).expect("the victim starts a server");
    let mut words = line.split(' ').skip(1);
    let addr: SocketAddr = words.next().unwrap().parse().unwrap();
    let dir = Path::new(words.next().unwrap());
    assert_eq!(ask(addr, "PING").await.unwrap(), "+PONG\r\n");
    victim.kill().unwrap();
    victim.wait().unwrap();
    let begin = Instant::now();
    while ask(addr, "PING").await.is_ok() || dir.exists() {
        assert!(begin.elapsed() < Duration::from_secs(10), "the server outlived its test");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_command_can_be_sent_without_a_client() {
    let redis = Redis::start().await;
    assert_eq!(redis.ask("SET a 1").unwrap(), "OK");
    assert_eq!(redis.ask("GET a").unwrap(), "1");
    assert_eq!(redis.ask("GET b").unwrap(), "");
    assert!(redis.ask("FLY").unwrap().starts_with("ERR"));
    redis.kill9();
    redis.ask("PING").unwrap_err();
}
