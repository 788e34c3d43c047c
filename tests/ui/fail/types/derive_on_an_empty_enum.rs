//! The enum has no values, so no key could ever be made from one.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
enum Never {}

fn main() {}
