#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
struct Point {
    lat: i64,
    name: String,
}

fn main() {}
