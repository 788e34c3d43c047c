//! The type has one value. As a part of a key it would tell nothing apart, so it is a mistake more often than a wish.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
struct Unit;

fn main() {}
