#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
struct Point {
    lat: f64,
    name: String,
}

fn main() {}
