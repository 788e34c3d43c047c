//! The Redis that is measured, and what it counts.

use std::{collections::HashMap, env, process::Command};
use test_servers::Redis;
use tokio::runtime::Runtime;

/// `cached` looks for the address of its Redis here.
const VARIABLE: &str = "CACHED_REDIS_CONNECTION_STRING";

/// Tells that the address is that of a Redis which was started for this.
const STARTED: &str = "CACHE_BENCHES_REDIS_STARTED";

/// Where Redis is, once [`run_beside_one`] has started it.
pub(crate) fn address() -> Option<String> {
    env::var_os(STARTED)?;
    env::var(VARIABLE).ok()
}

/// Starts a Redis and runs this program again with its address in the environment.
pub(crate) fn run_beside_one() {
    let runtime = Runtime::new().expect("a runtime can be built");
    let redis = runtime.block_on(Redis::start());
    let own = env::current_exe().expect("a running program has a path");
    let status =
        Command::new(own).args(env::args_os().skip(1)).env(VARIABLE, redis.url()).env(STARTED, "1").status();
    assert!(status.is_ok_and(|status| status.success()), "the benchmark failed");
}

/// Calls of each command so far.
pub(crate) async fn commands(url: &str) -> HashMap<String, f64> {
    let client = redis::Client::open(url).expect("the server's own address is valid");
    let mut connection = client.get_multiplexed_async_connection().await.expect("the server answers");
    let info: String =
        redis::cmd("INFO").arg("commandstats").query_async(&mut connection).await.expect("INFO works");
    info.lines()
        .filter_map(|line| {
            let (name, figures) = line.strip_prefix("cmdstat_")?.split_once(':')?;
            let calls = figures.strip_prefix("calls=")?.split(',').next()?.parse().ok()?;
            Some((name.to_owned(), calls))
        })
        .collect()
}
