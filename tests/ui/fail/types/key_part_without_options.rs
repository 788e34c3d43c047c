//! The attribute is there for its options. Without one it does nothing, which can't have been meant.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part]
struct ApiToken(String);

fn main() {}
