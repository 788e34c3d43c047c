//! The proxy does to real connections what each mode promises.

use crate::{Client, ask};
use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};
use test_servers::{Mode, Proxy, Redis};

async fn proxied() -> (Redis, Proxy) {
    let redis = Redis::start().await;
    let proxy = Proxy::start(redis.addr()).await;
    (redis, proxy)
}

#[tokio::test]
async fn bytes_and_connections_are_counted() {
    let (_redis, proxy) = proxied().await;
    assert_eq!(ask(proxy.addr(), "PING").await.unwrap(), "+PONG\r\n");
    assert_eq!(ask(proxy.addr(), "PING").await.unwrap(), "+PONG\r\n");
    assert_eq!((proxy.connections(), proxy.bytes_up(), proxy.bytes_down()), (2, 12, 14));
    assert_eq!(proxy.url(), format!("redis://{}", proxy.addr()));
}

#[tokio::test]
async fn black_hole_holds_requests_and_lets_them_arrive_late() {
    let (redis, proxy) = proxied().await;
    let mut old = Client::connect(proxy.addr()).await.unwrap();
    old.ask("PING").await.unwrap();
    proxy.black_hole();
    let mut new = Client::connect(proxy.addr()).await.expect("new connections are accepted");
    old.send("SET old 1").await.unwrap();
    new.send("SET new 1").await.unwrap();
    let silence = tokio::time::timeout(Duration::from_millis(50), old.receive()).await;
    assert!(silence.is_err(), "a black hole answered {silence:?}");
    assert_eq!(ask(redis.addr(), "DBSIZE").await.unwrap(), ":0\r\n");
    proxy.pass();
    assert_eq!(old.receive().await.unwrap(), "+OK\r\n");
    assert_eq!(new.receive().await.unwrap(), "+OK\r\n");
    assert_eq!(ask(redis.addr(), "DBSIZE").await.unwrap(), ":2\r\n");
}

#[tokio::test]
async fn refusing_proxy_cuts_what_is_open_and_comes_back_on_its_port() {
    let (_redis, proxy) = proxied().await;
    let mut client = Client::connect(proxy.addr()).await.unwrap();
    client.ask("PING").await.unwrap();
    for _ in 0..3 {
        proxy.refuse();
        assert_eq!(client.receive().await.unwrap_or_default(), "");
        let refused = ask(proxy.addr(), "PING").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        proxy.pass();
        client = Client::connect(proxy.addr()).await.unwrap();
        assert_eq!(client.ask("PING").await.unwrap(), "+PONG\r\n");
    }
}

#[tokio::test]
async fn cut_comes_after_the_request_is_done_and_before_the_reply() {
    let (redis, proxy) = proxied().await;
    proxy.cut_after_request();
    for n in 1..=3 {
        assert_eq!(ask(proxy.addr(), "INCR n").await.unwrap_or_default(), "");
        assert_eq!(ask(redis.addr(), "GET n").await.unwrap(), format!("$1\r\n{n}\r\n"));
    }
    assert_eq!(proxy.cuts(), 3);
    proxy.cut_once();
    assert_eq!(ask(proxy.addr(), "INCR n").await.unwrap_or_default(), "");
    assert_eq!(proxy.mode(), Mode::Pass);
    assert_eq!(ask(proxy.addr(), "INCR n").await.unwrap(), ":5\r\n");
}

#[tokio::test]
async fn delayed_replies_come_late() {
    let (_redis, proxy) = proxied().await;
    let mut client = Client::connect(proxy.addr()).await.unwrap();
    client.ask("PING").await.unwrap();
    let delay = Duration::from_millis(60);
    proxy.delay(delay);
    let begin = Instant::now();
    assert_eq!(client.ask("PING").await.unwrap(), "+PONG\r\n");
    assert!(begin.elapsed() >= delay);
}

#[tokio::test]
async fn throttled_bytes_take_their_time() {
    let (_redis, proxy) = proxied().await;
    proxy.throttle(200);
    let begin = Instant::now();
    let request = format!("ECHO {}", "x".repeat(20));
    assert!(ask(proxy.addr(), &request).await.is_ok());
    // 27 bytes up at 200 a second; the last piece's rest comes after it.
    assert!(begin.elapsed() >= Duration::from_millis(80), "took {:?}", begin.elapsed());
}

#[tokio::test]
async fn open_connections_can_be_cut_without_a_change_of_mode() {
    let (_redis, proxy) = proxied().await;
    let mut client = Client::connect(proxy.addr()).await.unwrap();
    client.ask("PING").await.unwrap();
    proxy.cut_all();
    assert_eq!(client.receive().await.unwrap_or_default(), "");
    assert_eq!(ask(proxy.addr(), "PING").await.unwrap(), "+PONG\r\n");
}

#[tokio::test]
async fn proxy_may_start_before_its_server_does() {
    let redis = Redis::start().await;
    redis.kill9();
    let proxy = Proxy::start(redis.addr()).await;
    assert_eq!(ask(proxy.addr(), "PING").await.unwrap_or_default(), "");
    redis.restart_on_same_port().await;
    assert_eq!(ask(proxy.addr(), "PING").await.unwrap(), "+PONG\r\n");
}
