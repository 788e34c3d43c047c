#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
enum Sort {
    Name,
    By(String),
}

fn main() {}
