//! One number has several floats (0.0 and -0.0, rounding), so equal points would miss each other's entry.
//! How to round is yours to say.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
struct Point {
    lat: f64,
    name: String,
}

fn main() {}
