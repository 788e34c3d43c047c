//! What the cache is worth: the same traffic with it and without it, over real connections.

mod client;
mod report;
mod scratch;
mod traffic;
mod zipf;

use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, IsTerminal as _, Write as _},
    net::SocketAddr,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use cache_runtime::FunctionStats;
pub use client::{Client, Reply};
pub use scratch::Scratch;
use tokio::{task::JoinSet, time};

use self::traffic::{Route, Visits};
use crate::{
    App, Config,
    config::{Caching, DatabaseUrl, Port, Queueing},
    db::Origin,
};

/// Without the cache every request costs the same, so one of so many tells as much.
const SAMPLE: u64 = 8;

/// What `shop load` was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// When each of the two runs ends.
    pub until: Until,
    /// How many visitors there are at a time.
    pub concurrency: u64,
    /// What they do.
    pub mix: Mix,
}

impl Default for Options {
    fn default() -> Self {
        Self { until: Until::Requests(40_000), concurrency: 16, mix: Mix::Default }
    }
}

/// When a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// After so many requests; the run without the cache sends only the first of them.
    Requests(u64),
    /// After so many seconds.
    Seconds(u64),
}

/// What visitors do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// They mostly look, sometimes write; somebody keeps the prices up to date.
    Default,
    /// They only look.
    Reads,
    /// Four of ten change something.
    Writes,
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "default" => Ok(Self::Default),
            "reads" => Ok(Self::Reads),
            "writes" => Ok(Self::Writes),
            other => Err(format!("there is no mix `{other}`: it is default, reads or writes")),
        }
    }
}

/// What one run showed.
#[derive(Debug)]
struct Run {
    /// How long each answer took, by route.
    latencies: BTreeMap<Route, Vec<Duration>>,
    /// How many answers were no success.
    failures: u64,
    elapsed: Duration,
    /// Counted where they are sent.
    statements: BTreeMap<Origin, u64>,
    /// Counted by the cache.
    functions: Vec<FunctionStats>,
}

/// Runs the traffic twice and prints the comparison.
pub async fn run(options: Options) -> Result<(), Box<dyn Error + Send + Sync>> {
    let configured = Config::from_env()?;
    let caching = match configured.caching {
        // Entries of an earlier run would flatter this one.
        Caching::Redis { url, .. } => {
            Caching::Redis { url, namespace: format!("shop-load-{}", std::process::id()) }
        }
        other => other,
    };
    println!(
        "database: {}",
        if configured.database == DatabaseUrl::default() {
            "a temporary SQLite file".to_owned()
        } else {
            configured.database.to_string()
        }
    );
    println!("cache:    {caching}");
    let with = measure("with the cache", options, &configured.database, caching).await?;
    let fewer = match options.until {
        Until::Requests(all) => Until::Requests(all.div_ceil(SAMPLE)),
        Until::Seconds(seconds) => Until::Seconds(seconds),
    };
    let without =
        measure("without it", Options { until: fewer, ..options }, &configured.database, Caching::Off)
            .await?;
    print!("{}", report::compare(&with, &without));
    Ok(())
}

async fn measure(
    name: &str,
    options: Options,
    database: &DatabaseUrl,
    caching: Caching,
) -> Result<Run, Box<dyn Error + Send + Sync>> {
    let scratch = Scratch::new()?;
    let database = if *database == DatabaseUrl::default() { scratch.database() } else { database.clone() };
    // What is measured is reading: the visitors of this shop are nobody, and may be lost.
    let queueing = Queueing::Memory;
    let app = App::start(&Config { database, caching, queueing, port: Port::Exactly(0) }).await?;
    let shop = app.shop().clone();

    let sent = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut visitors = JoinSet::new();
    for number in 0..options.concurrency {
        let until = match options.until {
            Until::Seconds(seconds) => End::At(begun + Duration::from_secs(seconds)),
            Until::Requests(all) => {
                End::After(all / options.concurrency + u64::from(number < all % options.concurrency))
            }
        };
        visitors.spawn(visit(app.address(), Visits::new(number, options.mix), until, Arc::clone(&sent)));
    }
    let progress = tokio::spawn(show_progress(name.to_owned(), options.until, begun, Arc::clone(&sent)));
    let mut latencies: BTreeMap<Route, Vec<Duration>> = BTreeMap::new();
    let mut failures = 0;
    while let Some(visited) = visitors.join_next().await {
        let (seen, failed) = visited??;
        failures += failed;
        for (route, latency) in seen {
            latencies.entry(route).or_default().push(latency);
        }
    }
    let elapsed = begun.elapsed();
    progress.abort();
    eprintln!(
        "{}{name}: {} requests in {:.1} s",
        line_start(),
        sent.load(Ordering::Relaxed),
        elapsed.as_secs_f64()
    );

    // Nobody else reads the entries of this run.
    if let Err(error) = shop.cache.clear().await {
        eprintln!("shop: entries stay in Redis until their ttl: {error}");
    }
    // Only now everything that write-behind held has reached the database, and is counted.
    app.shutdown().await;
    Ok(Run {
        latencies,
        failures,
        elapsed,
        statements: shop.db.statements_by_origin(),
        functions: shop.cache.stats().functions,
    })
}

#[derive(Clone, Copy)]
enum End {
    At(Instant),
    After(u64),
}

type Seen = (Vec<(Route, Duration)>, u64);

async fn visit(server: SocketAddr, mut visits: Visits, end: End, sent: Arc<AtomicU64>) -> io::Result<Seen> {
    let mut client = Client::connect(server).await?;
    let mut seen = Vec::new();
    let mut failures = 0;
    loop {
        let over = match end {
            End::At(instant) => Instant::now() >= instant,
            End::After(requests) => seen.len() as u64 >= requests,
        };
        if over {
            return Ok((seen, failures));
        }
        let request = visits.next();
        if request.as_somebody_new {
            client.forget();
        }
        let begun = Instant::now();
        let reply = client.send(request.method, &request.path, request.body).await?;
        seen.push((request.route, begun.elapsed()));
        if !reply.status.is_success() && !reply.status.is_redirection() {
            failures += 1;
        }
        sent.fetch_add(1, Ordering::Relaxed);
    }
}

async fn show_progress(name: String, until: Until, begun: Instant, sent: Arc<AtomicU64>) {
    let mut ticks = time::interval(Duration::from_secs(1));
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let sent = sent.load(Ordering::Relaxed);
        let elapsed = begun.elapsed();
        let goal = match until {
            Until::Requests(all) => format!("of {all} requests"),
            Until::Seconds(seconds) => format!("requests, {} of {seconds} s", elapsed.as_secs()),
        };
        #[expect(clippy::cast_precision_loss, reason = "nobody reads the sixteenth digit of a rate")]
        let rate = sent as f64 / elapsed.as_secs_f64();
        eprint!("{}{name}: {sent} {goal}, {rate:.0} a second", line_start());
        if !io::stderr().is_terminal() {
            eprintln!();
        }
        // Progress that can't be shown is no reason to stop.
        let _ = io::stderr().flush();
    }
}

/// On a terminal the next progress line replaces the last one.
fn line_start() -> &'static str {
    if io::stderr().is_terminal() { "\r\x1b[2K" } else { "" }
}
