//! One process of a fleet: reads one cold key many times and says how often its body ran.
//!
//! `one-process <redis url> <namespace> <callers>`; begins when a line arrives on its standard input.

use behaviour_tests::Products;
use cache_runtime::{Cache, store::Deadlines};
use std::{io::BufRead, time::Duration};

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(url), Some(namespace), Some(callers)) = (args.next(), args.next(), args.next()) else {
        eprintln!("usage: one-process <redis url> <namespace> <callers>");
        std::process::exit(2);
    };
    let callers: usize = callers.parse().expect("the number of callers");
    // Thousands of reads at once on a busy machine take longer than a cache should wait; here only the count matters.
    let mut deadlines = Deadlines::default();
    deadlines.read = Duration::from_secs(10);
    deadlines.lease = Duration::from_secs(10);
    deadlines.fill = Duration::from_secs(10);
    let cache =
        Cache::builder().namespace(namespace).redis(url).deadlines(deadlines).build().await.expect("a cache");
    let products = Products::new(cache);
    println!("ready");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).expect("a line");
    let calls: Vec<_> = (0..callers)
        .map(|_| {
            let products = products.clone();
            tokio::spawn(async move { products.slow(7).await })
        })
        .collect();
    for call in calls {
        assert!(call.await.expect("no panic").expect("no error").is_some());
    }
    println!("{}", products.db.queries());
}
