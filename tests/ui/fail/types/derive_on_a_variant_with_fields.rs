//! The derive renders an enum as the name of the variant. Fields left out of it would let different values share one entry.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
enum Sort {
    Name,
    By(String),
}

fn main() {}
