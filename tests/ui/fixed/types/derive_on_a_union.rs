#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
struct Either {
    left: u8,
    right: u8,
}

fn main() {}
