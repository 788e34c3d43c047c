#![allow(unused)]

use cache_runtime::uncached;

#[uncached]
async fn ping() {}

fn main() {}
