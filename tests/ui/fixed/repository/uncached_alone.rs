#![allow(unused)]

use cache_runtime::uncached;

async fn ping() {}

fn main() {}
