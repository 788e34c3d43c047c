//! A secret in a key is in no log line, no metrics label, no `Debug` output, no error, and nothing that Redis is told.
#![allow(missing_docs)]

use cache_runtime::{
    Cache, Error, KeyPart, Queue, Sensitive, repository,
    store::{StoreError, StoreErrorKind},
};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use std::{
    collections::HashMap,
    fmt,
    fmt::Write as _,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use test_servers::Redis;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tracing::{Event, Subscriber, field::Visit, span};

const SECRETS: [&str; 4] =
    ["sk-live-4eC39HqLyjWDarjtT1zdp7dc", "hunter2hunter2", "Grüße%20:/geheim", "0049-170-5550100"];

/// Everything that was said, by log or by metrics.
static SAID: Mutex<String> = Mutex::new(String::new());

struct Listener;

/// Listens to every level, once per process: the caches' own threads speak too.
fn listen() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        tracing::subscriber::set_global_default(Listener).expect("nobody else listens to the log");
        metrics::set_global_recorder(Listener).expect("nobody else listens to the metrics");
    });
}

fn said(what: impl fmt::Display) {
    let mut said = SAID.lock().unwrap();
    let _ = writeln!(said, "{what}");
}

struct Fields;

impl Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        said(format_args!("{field} = {value:?}"));
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        said(span.metadata().name());
        span.record(&mut Fields);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Fields);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        said(event.metadata().name());
        event.record(&mut Fields);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Recorder for Listener {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, about: SharedString) {
        said(format_args!("{} {about}", name.as_str()));
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, about: SharedString) {
        said(format_args!("{} {about}", name.as_str()));
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, about: SharedString) {
        said(format_args!("{} {about}", name.as_str()));
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        said(key);
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        said(key);
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        said(key);
        Histogram::noop()
    }
}

#[derive(Clone, KeyPart)]
#[key_part(sensitive)]
struct ApiToken(String);

#[derive(Clone)]
struct Accounts {
    cache: Cache,
    failing: Arc<AtomicBool>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Accounts {
    #[cached(strategy = "read_through", key = "borrowed:<token>", negative_ttl = 5, stale_if_error = "1h")]
    async fn borrowed(&self, token: Sensitive<&str>) -> Result<Option<usize>, Error> {
        self.answer().map(|()| Some(token.expose().len()))
    }

    #[cached(strategy = "read_through", key = "owned:<token>:<page>", group(token))]
    async fn owned(&self, token: Sensitive<String>, page: u8) -> Result<usize, Error> {
        let _ = page;
        self.answer().map(|()| token.expose().len())
    }

    #[cached(strategy = "read_through", key = "derived:<token>", timeout = "5s")]
    async fn derived(&self, token: &ApiToken) -> Result<usize, Error> {
        self.answer().map(|()| token.0.len())
    }

    #[cached(strategy = "read_through", key = "many:<token>", each(token in tokens))]
    async fn many(&self, tokens: &[Sensitive<String>]) -> Result<HashMap<Sensitive<String>, usize>, Error> {
        self.answer().map(|()| tokens.iter().map(|token| (token.clone(), token.expose().len())).collect())
    }

    #[cached(strategy = "write_through", key = "borrowed:<token>", invalidates(owned(Sensitive::new(token.expose().to_string()), ..)))]
    async fn resize(&self, token: Sensitive<&str>) -> Result<Option<usize>, Error> {
        self.answer().map(|()| Some(token.expose().len() + 1))
    }

    // What waits in a queue is written down, so a `Sensitive` can't; plain text is nobody's business all the same.
    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "seen:<id>", value = 1_u8, unordered)]
    async fn seen(&self, id: u64, token: String) -> Result<(), Error> {
        let _ = id;
        let _ = token;
        self.answer()
    }

    #[invalidates(derived(token), borrowed(Sensitive::new(token.0.as_str())))]
    async fn revoke(&self, token: &ApiToken) -> Result<(), Error> {
        let _ = token;
        self.answer()
    }
}

impl Accounts {
    fn answer(&self) -> Result<(), Error> {
        if self.failing.load(SeqCst) { Err(some_error()) } else { Ok(()) }
    }

    /// Every kind of call; errors and `Debug` output count as said.
    async fn use_everything(&self, secret: &str) {
        let (secrecy, token) = (Sensitive::new(secret), ApiToken(secret.to_owned()));
        for _ in 0..2 {
            said(format_args!("{:?}", self.borrowed(secrecy).await));
            said(format_args!("{:?}", self.owned(Sensitive::new(secret.to_owned()), 1).await));
            said(format_args!("{:?}", self.derived(&token).await));
            said(format_args!("{:?}", self.many(&[Sensitive::new(secret.to_owned())]).await));
        }
        let (borrowed, derived) = (self.borrowed_entry(secrecy), self.derived_entry(&token));
        said(format_args!("{borrowed:?} {} {derived:#?} {:?}", borrowed.key(), derived.physical_key()));
        said(format_args!("{:?} {:?}", borrowed.peek().await, derived.refresh().await));
        said(format_args!("{:?}", self.resize(secrecy).await));
        said(format_args!("{:?}", self.seen(1, secret.to_owned()).await));
        said(format_args!("{:?}", self.revoke(&token).await));
        said(format_args!("{secrecy:?} {:?} {:?}", self.cache, self.cache.stats()));
    }
}

/// An error of the framework's own, as a failing database would give.
fn some_error() -> Error {
    Error::from(StoreError::new(StoreErrorKind::Unavailable, "query"))
}

fn nothing_is_told(place: &str, text: &str) {
    assert!(!text.is_empty(), "nothing was listened to: {place}");
    let text = text.to_lowercase();
    for secret in SECRETS {
        let escaped: String = secret.bytes().fold(String::new(), |all, byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                all + char::from(byte).encode_utf8(&mut [0; 4])
            }
            _ => all + &format!("%{byte:02x}"),
        });
        for hidden in [secret.to_lowercase(), escaped.to_lowercase()] {
            assert!(!text.contains(&hidden), "{place} holds {hidden}:\n{text}");
        }
    }
}

/// What Redis is told, as `MONITOR` shows it.
async fn monitor(redis: &Redis) -> (TcpStream, Vec<u8>) {
    let mut stream = TcpStream::connect(redis.addr()).await.unwrap();
    stream.write_all(b"MONITOR\r\n").await.unwrap();
    let mut heard = vec![0; 5];
    stream.read_exact(&mut heard).await.unwrap();
    assert_eq!(heard, b"+OK\r\n");
    (stream, heard)
}

#[tokio::test]
async fn a_secret_in_a_key_is_told_nobody() {
    listen();
    let redis = Redis::start().await;
    let (mut commands, mut heard) = monitor(&redis).await;
    let memory = Cache::builder().write_behind(Queue::memory()).build().await.unwrap();
    let beside = Cache::builder()
        .namespace("accounts")
        .redis(redis.url())
        .write_behind(Queue::memory())
        .build()
        .await
        .unwrap();
    for cache in [memory, beside.clone()] {
        let accounts = Accounts { cache, failing: Arc::default() };
        for failing in [false, true] {
            accounts.failing.store(failing, SeqCst);
            for secret in SECRETS {
                accounts.use_everything(secret).await;
            }
        }
        accounts.failing.store(false, SeqCst);
        said(format_args!(
            "{:?} {:?}",
            accounts.cache.flush_all().await,
            accounts.cache.write_behind().dead_letters().await
        ));
    }

    let mut client =
        redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut client).await.unwrap();
    nothing_is_told("a key", &keys.join("\n"));
    assert!(keys.iter().any(|key| key.contains("borrowed:") || key.contains("many:")), "{keys:?}");
    let () = redis::cmd("ECHO").arg("the end").query_async(&mut client).await.unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while !heard.ends_with(b"\"ECHO\" \"the end\"\r\n") {
        assert!(Instant::now() < end, "MONITOR doesn't end: {}", String::from_utf8_lossy(&heard));
        commands.read_buf(&mut heard).await.unwrap();
    }
    nothing_is_told("a command", &String::from_utf8_lossy(&heard));

    // the log says most when things break
    redis.kill9();
    let accounts = Accounts { cache: beside, failing: Arc::default() };
    for secret in SECRETS {
        accounts.use_everything(secret).await;
    }
    accounts.cache.shutdown().await;
    let said = SAID.lock().unwrap().clone();
    nothing_is_told("a log line or a label", &said);
    for expected in ["cache.load", "cache_events_total", "Sensitive(..)", "borrowed:<token>"] {
        assert!(said.contains(expected), "{expected} is not said:\n{said}");
    }
}

#[tokio::test]
async fn different_secrets_have_different_entries() {
    let accounts = Accounts { cache: Cache::memory(), failing: Arc::default() };
    for (secret, size) in [("a", 1), ("bb", 2), ("ccc", 3)] {
        assert_eq!(accounts.borrowed(Sensitive::new(secret)).await.unwrap(), Some(size));
        assert_eq!(accounts.derived(&ApiToken(secret.into())).await.unwrap(), size);
    }
    for (secret, size) in [("a", 1), ("bb", 2), ("ccc", 3)] {
        assert_eq!(
            accounts.borrowed_entry(Sensitive::new(secret)).peek().await.unwrap().unwrap(),
            Some(size)
        );
    }
    accounts.revoke(&ApiToken("bb".into())).await.unwrap();
    assert!(accounts.borrowed_entry(Sensitive::new("bb")).peek().await.is_none());
    assert!(accounts.derived_entry(&ApiToken("bb".into())).peek().await.is_none());
    assert!(accounts.borrowed_entry(Sensitive::new("a")).peek().await.is_some());
}
