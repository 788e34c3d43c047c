//! One writer that says where it is, so that it can be killed there.
//!
//! `one-writer <redis url> <namespace> strict|lease <price>` writes row 1 of a file's worth of rows that somebody else holds: it says `began` when its body runs, commits when
//! a line arrives on its standard input and says `committed`, returns when another one does and says `acknowledged`.

use behaviour_tests::listing::{Listing, Prices};
use cache_runtime::Cache;
use std::time::Duration;

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, namespace, level, price] = args.as_slice() else {
        eprintln!("usage: one-writer <redis url> <namespace> strict|lease <price>");
        std::process::exit(2);
    };
    let price = price.parse().expect("a price");
    let cache = Cache::builder().namespace(namespace.as_str()).redis(url.as_str()).intent(INTENT);
    let listing =
        Listing { cache: cache.build().await.expect("a cache"), prices: Prices::of_another_process() };
    match level.as_str() {
        "strict" => listing.set_strictly(1, price).await,
        "lease" => listing.set(1, price).await,
        other => panic!("`{other}` is no level"),
    };
    println!("acknowledged");
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// Short, so that a test can wait for its end.
const INTENT: Duration = Duration::from_secs(2);
