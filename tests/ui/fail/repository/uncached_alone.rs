//! The word is an answer to the question of a strict repository. Outside, nobody asks.
#![allow(unused)]

use cache_runtime::uncached;

#[uncached]
async fn ping() {}

fn main() {}
